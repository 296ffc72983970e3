/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Manners where a person reads along: pager, colour, progress. None elsewhere. */
#ifndef PSTORE_RB_TERM_H
#define PSTORE_RB_TERM_H

#include <sys/types.h>

#include "libmerge.h"

/*
 * struct term - standard output for a person or a program
 * @out: where text goes
 * @pager: process id, 0 without
 * @saved: the terminal itself, while the pager has it
 */
struct term {
	FILE *out;
	pid_t pager;
	int saved;
};

/*
 * On a terminal through a pager, if @paged, and coloured, unless NO_COLOR is set;
 * else plain stdout.
 */
void term_open(struct term *t, bool paged, bool coloured);

/* All out; wait for the pager. Return: 0 or the negative errno of writing */
int term_close(struct term *t);

/*
 * struct progress - on stderr, when that is a terminal
 * @start, @shown: when it began, and was last shown, in ns; 0: not yet
 */
struct progress {
	bool wanted;
	uint64_t start;
	uint64_t shown;
};

/* @to_stdout: what is made goes there; then there is none when that is a terminal, too */
void progress_init(struct progress *p, bool to_stdout);
/* Whether it is wanted, and time to say something again */
bool progress_due(struct progress *p);
/* merge_watch.progress */
void progress_show(void *progress, const struct merge_stats *stats, uint64_t total);
/* Take it away again */
void progress_end(struct progress *p);

#endif
