/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One per-CPU ring of a crashed kernel: which sub-buffers hold unread events,
 * in time order. Only links and counters are read here, and one commit word.
 */
#ifndef MERGE_RING_H
#define MERGE_RING_H

#include "vmcore.h"

/*
 * One sub-buffer: where its data lives, from where it is unread, and how many events
 * were overwritten before it since a reader last came by. @written: it has
 * unread bytes, whatever it reads as. Of an uncommitted one @read is what was committed, @write how far it was
 * written.
 */
struct ring_subbuf {
	uint64_t data;
	uint32_t read;
	uint32_t write;
	uint64_t overrun;
	bool written;
};

/*
 * struct ring - the sub-buffers of one CPU
 * @subbufs: in time order, the reader page first; owned
 * @nr: entries of @subbufs
 * @uncommitted: what lies behind the last commit, as far as the tail page;
 *	owned, NULL when there is nothing
 * @nr_uncommitted: entries of @uncommitted
 * @damage: what was wrong with the ring's links, "" when nothing
 */
struct ring {
	struct ring_subbuf *subbufs;
	size_t nr;
	struct ring_subbuf *uncommitted;
	size_t nr_uncommitted;
	char damage[200];
};

/*
 * Walk the struct ring_buffer_per_cpu at @cpu_buffer.
 * Return: 0, also with damage, when @ring holds what could be reached; -ENOMEM;
 * -EINTR; another negative errno when nothing could be read.
 */
int ring_walk(struct vmcore *vm, uint64_t cpu_buffer, struct ring *ring);
void ring_deinit(struct ring *ring);

#endif
