/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What %s of a print format stands for, compiled: see program.h. */
#ifndef MERGE_PROGRAM_STRING_H
#define MERGE_PROGRAM_STRING_H

#include "describe.h"
#include "program_value.h"

/*
 * struct layout - how printf() is to print one thing
 * @width: at least so many characters; @left: filled up behind it
 * @precision: of a string no more characters, of a number so many digits; -1: none
 * @zero, @prefix: the flags 0 and #
 */
struct layout {
	int width;
	int precision;
	bool left;
	bool zero;
	bool prefix;
};

struct program_string;

/* NULL: only libtraceevent can print it, or out of memory */
const struct program_string *string_compile(struct program_pool *pool, struct merge_desc *d,
					    const struct tep_print_arg *arg);

void string_put(const struct program_string *s, struct textbuf *b,
		const struct program_input *in, const struct layout *layout);

#endif
