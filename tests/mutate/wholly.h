/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A source read wholly, in all the ways there are: first and last events as a list
 * shows them, text, JSON Lines, trace.dat by sub-buffers and by events, what is
 * apart, the last few, a range of time, all formats. What must hold whatever the
 * input is checked on the way.
 */
#ifndef MUTATE_WHOLLY_H
#define MUTATE_WHOLLY_H

#include "libmerge.h"

/*
 * struct wholly - how it went
 * @dat: a path where a trace.dat file can be made; NULL for none
 * @version: of that file
 * @turn: any number: by it one of the ways in which not all is read is chosen,
 *	since it is the opening and closing that takes time; ALL_WAYS for all
 * @events, @damaged: as the text sink was given them
 * @why: the first thing that must not be, "" when all is well
 */
struct wholly {
	const char *dat;
	unsigned int version;
	unsigned int turn;
	uint64_t events;
	uint64_t damaged;
	char why[600];
};

#define ALL_WAYS	~0u

/* Does not close @src. */
void read_wholly(struct merge_source *src, struct wholly *w);

#endif
