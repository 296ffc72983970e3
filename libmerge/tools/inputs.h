/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Several files as one source: their names, and how far apart their clocks are. */
#ifndef PSTORE_RB_INPUTS_H
#define PSTORE_RB_INPUTS_H

#include "options.h"

/*
 * struct input - an operand [NAME=]FILE
 * @path: FILE
 * @name: NAME, or FILE's without directory and ".dat"; owned
 */
struct input {
	const char *path;
	char *name;
};

/* Of opt->operands. Return: malloc'ed, opt->nr_operands entries; NULL: out of memory */
struct input *inputs_parse(const struct options *opt);
void inputs_free(struct input *inputs, int nr);

/*
 * Join the @sources opened from @inputs, with the offsets of @opt. On success they
 * belong to *@out, on failure they stay the caller's. Return: 0 or a negative errno.
 */
int inputs_join(const struct options *opt, const struct input *inputs,
		struct merge_source *const *sources, struct merge_error *err,
		struct merge_source **out);

#endif
