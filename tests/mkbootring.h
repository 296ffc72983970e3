/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mainline's persistent ring buffers made in memory of what any source has, as the
 * kernel's kernel/trace/ring_buffer.c lays them out, by code of its own.
 */
#ifndef MKBOOTRING_H
#define MKBOOTRING_H

#include "source.h"

#define BOOTRING_MAX_CPUS	4
#define BOOTRING_TEXT		0xffffffff81234560ull
#define BOOTRING_SPARE		3u	/* sub-buffers nothing was written in */

/*
 * struct bootring_how - what is wanted
 * @heads: as later kernels lay it out; @more: with two numbers more for each CPU
 * @at: bytes in front of it
 * @clock_id: of later kernels
 * @text_addr: 0: BOOTRING_TEXT
 */
struct bootring_how {
	bool heads, more;
	size_t at;
	uint32_t clock_id;
	uint64_t text_addr;
};

/* @meta: where what is told of a CPU is; @buffers: its list; @subbufs: sub-buffer 0 */
struct bootring_made {
	uint8_t *data;
	size_t size, at;
	bool big;
	uint32_t long_size, subbuf_size, nr_subbufs;
	unsigned int nr_cpus;
	size_t meta[BOOTRING_MAX_CPUS], buffers[BOOTRING_MAX_CPUS], subbufs[BOOTRING_MAX_CPUS];
};

/* Of the first buffer of @src, whose CPUs are 0, 1 and so on. Aborts on failure */
void bootring_make(struct bootring_made *m, struct merge_source *src,
		   const struct bootring_how *how);
void bootring_made_free(struct bootring_made *m);
void bootring_put(struct bootring_made *m, size_t at, size_t size, uint64_t value);
uint64_t bootring_get(const struct bootring_made *m, size_t at, size_t size);

/* Which sub-buffer has the @k-th in time of a CPU; 0 is the reader's */
uint32_t bootring_index(const struct bootring_made *m, uint32_t k);

/* Where first_buffer, head_buffer and commit_buffer of @cpu are */
size_t bootring_first(const struct bootring_made *m, unsigned int cpu);

#endif
