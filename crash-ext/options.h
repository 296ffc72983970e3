/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options of pstore_rb's subcommands, and what they select. */
#ifndef PSTORE_RB_OPTIONS_H
#define PSTORE_RB_OPTIONS_H

#include "libmerge.h"

/*
 * struct options - what the user asked for
 * @sel: the selection; its arrays are owned by this struct
 * @file: the operand, or NULL; crash's memory
 */
struct options {
	struct merge_select sel;
	unsigned int *buffers;
	unsigned int *cpus;
	const char **events;
	const char *from, *to;
	const char *file;
};

/*
 * Parse crash's args[] behind the subcommand. @allowed are getopt letters;
 * @operands is how many operands there must be, 0 or 1.
 * Return: 0; -EINVAL with @err set; the caller frees @opt in both cases.
 */
int options_parse(struct options *opt, struct merge_source *src, const char *allowed,
		  int operands, struct merge_error *err);
void options_free(struct options *opt);

#endif
