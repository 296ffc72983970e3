/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What print formats consist of. */
#ifndef MERGE_FORMAT_TOKENS_H
#define MERGE_FORMAT_TOKENS_H

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>

static inline bool format_is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* Length of the string at @p, its quotes with it; to the end of the text without a second */
size_t format_string_length(const char *p);

/* How loose an operator binds, from *, which binds tightest */
#define FORMAT_LOOSEST	11

/*
 * struct format_operator - one with two operands, or "?"
 * @sign: as it is written
 * @looseness: of the tightest 1, of "?" FORMAT_LOOSEST
 * @folds: format_fold() works it out
 */
struct format_operator {
	const char *sign;
	int looseness;
	bool folds;
};

/* The one whose sign is at @p; NULL: there is none */
const struct format_operator *format_operator_at(const char *p);

#endif
