/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sub-buffers out of a ring on their way to a file: whole ones, one behind the other,
 * as read() would give them. The last one may yet grow: it waits here until the next
 * one comes, so that nothing is to be written twice.
 */
#ifndef MERGE_LIVE_STAGE_H
#define MERGE_LIVE_STAGE_H

#include "live_reader.h"

/*
 * struct live_stage - what waits
 * @data: room for @slots sub-buffers, @used are in it; owned
 * @open: the last of them may grow; it begins behind @base of what the ring has
 */
struct live_stage {
	struct live_reader *reader;
	uint8_t *data;
	unsigned int slots, used;
	bool open;
	uint32_t base;
};

/* @reader stays the caller's. Return: 0 or -ENOMEM */
int live_stage_init(struct live_stage *s, struct live_reader *reader);
void live_stage_deinit(struct live_stage *s);	/* a zeroed @s is allowed */

/*
 * Until @most sub-buffers are in it, or nothing is there for now. @all as live_next().
 * Return: how often something came; a negative errno
 */
int live_stage_fill(struct live_stage *s, bool all, unsigned int most);

/* How many of them do not change any more */
unsigned int live_stage_finished(const struct live_stage *s);

/* The first @nr are written. One that grows after it was written goes on as another one. */
void live_stage_forget(struct live_stage *s, unsigned int nr);

#endif
