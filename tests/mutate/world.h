/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A crashed kernel (mkkernel.h) that has all there is to be read: the formats of
 * boot.h, symbols, names, live, snapshot, persistent and uncommitted buffers of
 * several CPUs, with records of all events.
 */
#ifndef MUTATE_WORLD_H
#define MUTATE_WORLD_H

#include "boot.h"
#include "bytes.h"
#include "mkkernel.h"

/*
 * struct world - what kind of kernel
 * @head: the first words: version, long, big, pagesize
 * @subbuf: bytes of a sub-buffer
 * @pages: of every ring
 */
struct world {
	const char *name;
	const char *head;
	uint32_t subbuf;
	unsigned int pages;
	uint64_t stext;
};

extern const struct world worlds[];	/* the last has no name */
extern const struct world world_of_pages;	/* of 4096 bytes */

struct kernel *world_kernel(const struct world *world);

/*
 * A record of event @id with values of its fields that make sense; @printk: the
 * address of a trace_printk() format.
 */
void world_record(const struct merge_desc *d, unsigned int id, uint64_t stext, uint64_t printk,
		  struct random *r, struct record_bytes *record);

/* The ids of the events of boot.h that world_record() knows, @nr of them */
extern const unsigned int world_ids[];
extern const size_t world_nr_ids;

/* Sub-buffers of @size bytes as words of mkimage.h: @pages with records of all events */
void world_pages(const struct merge_desc *d, uint32_t size, unsigned int pages, uint64_t stext,
		 uint64_t printk, struct random *r, FILE *out);

#endif
