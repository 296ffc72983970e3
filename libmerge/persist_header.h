/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The header of a slot of a persistent region (docs/format.md, persist_format.h), out
 * of whatever holds the region, in the host's numbers.
 */
#ifndef MERGE_PERSIST_HEADER_H
#define MERGE_PERSIST_HEADER_H

#include "crc32c.h"
#include "libmerge.h"
#include "persist_format.h"

struct persist_anchor {
	uint64_t clock, monotonic, wall;
};

/* One CPU's sub-buffers and seals; offsets from the start of the slot */
struct persist_chunk {
	uint32_t cpu;
	uint32_t nr_subbufs;
	uint64_t subbufs, seals;
};

/*
 * struct persist_header - as struct trace_persist_header
 * @pos: where the copy is
 * @start: where the slot is
 * @chunks: malloc'ed: those that can be; @nr_bad_chunks cannot, @bad_chunk says why
 *	the first of them
 */
struct persist_header {
	uint64_t pos, start;
	uint64_t update, generation, slot_size, phys;
	uint64_t comms_offset, tables_offset, tables_size, text_base;
	uint32_t slot, nr_slots, arming, flags;
	uint32_t page_size, subbuf_size, long_size;
	uint32_t seal_size, comm_entry_size, nr_comms, nr_cpu_ids;
	struct persist_anchor anchor[2];
	char clock[33], instance[65];
	char release[73], kernel_version[73], machine[73], nodename[73];
	uint8_t build_id[20], boot_id[16];
	uint32_t build_id_size;
	struct persist_chunk *chunks;
	uint32_t nr_chunks, nr_bad_chunks;
	char bad_chunk[100];
};

/*
 * The copy at @pos, which has the magic. Return: 0, then persist_header_deinit();
 * -EBADMSG the crc is wrong, or a field cannot be; -ENOTSUP another version; -ENODATA
 * cut off; -ENOMEM; errno of reading.
 */
int persist_header_read(const struct merge_region_io *io, const struct crc32c *crc, uint64_t pos,
			struct merge_error *err, struct persist_header *h);
void persist_header_deinit(struct persist_header *h);

/*
 * @size bytes at @pos, as far as they can be read: page by page where not all can, zeros in
 * the place of others. *@lost: how many these are. Return: 0; -EINTR; -ENOMEM
 */
int persist_read(const struct merge_region_io *io, uint64_t pos, void *buf, uint64_t size,
		 uint64_t *lost);

/* Whether @size bytes at @offset lie inside of the slot */
bool persist_header_has(const struct persist_header *h, uint64_t offset, uint64_t size);

#endif
