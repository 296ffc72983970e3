/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Mainline's persistent ring buffer (trace_instance=NAME@..., kernel/trace/ring_buffer.c)
 * in a memory. 6.12 to 6.14 have, for each CPU:
 *
 *	int magic, struct_size
 *	unsigned long text_addr, data_addr	of two things in the kernel that wrote
 *	unsigned long first_buffer, head_buffer, commit_buffer
 *	u32 subbuf_size, nr_subbufs
 *	int buffers[nr_subbufs]			first the reader's, then the ring's order
 *	sub-buffers, from the next multiple of their size on
 *
 * Later kernels have one head for all, then room for notes, then for each CPU the same from
 * first_buffer on; and at times two numbers more in front of buffers[]:
 *
 *	int magic, struct_sizes
 *	unsigned long total_size, buffers_offset
 *	u32 clock_id; unsigned long text_addr, nr_modules; ...
 */
#ifndef MERGE_BOOTRING_H
#define MERGE_BOOTRING_H

#include "libmerge.h"

#define BOOTRING_NO_CLOCK	UINT32_MAX

/*
 * struct bootring_cpu - one CPU's ring
 * @meta: where what is told of it is; @subbufs: where its first sub-buffer is
 * @order: sub-buffers by their number in memory, in the order they were written; malloc'ed
 * @why: not NULL: what tells the order is damaged, and they are ordered by their times
 * @repaired: the kernel stopped while it gave the reader another one
 */
struct bootring_cpu {
	uint32_t cpu;
	uint64_t meta, subbufs;
	uint32_t *order;
	size_t nr;
	const char *why;
	bool repaired;
};

/*
 * struct bootring - a persistent ring buffer
 * @heads: one head for all, and notes
 * @text_addr: an address in the kernel that wrote, 0: not told
 * @clock_id: the clock's number, BOOTRING_NO_CLOCK: not told
 * @others: further ones; the first is at @other
 */
struct bootring {
	uint64_t start;
	uint32_t long_size, subbuf_size, nr_subbufs, clock_id;
	bool big_endian, heads;
	uint64_t text_addr;
	struct bootring_cpu *cpus;
	unsigned int nr_cpus;
	size_t others;
	uint64_t other;
};

#define BOOTRING_FIRST	UINT64_MAX

/*
 * The one that begins at @start, or the first in @io. @stop, with @arg, is asked now and
 * then, and may be NULL. Return: 0, then bootring_deinit(); -ENOTSUP none; -EBADMSG none that
 * can be used; -EINTR; -ENOMEM
 */
int bootring_find(const struct merge_region_io *io, uint64_t start, bool (*stop)(void *arg),
		  void *arg, struct merge_error *err, struct bootring *ring);
void bootring_deinit(struct bootring *ring);

/* Whether there is the head of one anywhere in @io */
bool bootring_find_any(const struct merge_region_io *io);

#endif
