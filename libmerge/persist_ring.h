/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The sub-buffers of one CPU's chunk, held against their seals and put in order:
 * docs/format.md, "Sub-buffers and seals".
 */
#ifndef MERGE_PERSIST_RING_H
#define MERGE_PERSIST_RING_H

#include "persist_header.h"

/*
 * PERSIST_SEALED	as its seal says
 * PERSIST_RESTORED	sealed, but time stamp or commit word are others now: those of
 *			the seal hold, as its crc is right with them
 * PERSIST_UNSEALED	no seal is of it
 * PERSIST_CORRUPT	its seal's crc is wrong
 * PERSIST_MISSING	sub-buffers that were sealed are nowhere: @index is none's
 */
enum persist_state {
	PERSIST_SEALED, PERSIST_RESTORED, PERSIST_UNSEALED, PERSIST_CORRUPT, PERSIST_MISSING,
};

#define PERSIST_STATES	5

/*
 * struct persist_subbuf - one sub-buffer that is not empty
 * @sequence: of its seal; of an unsealed one that of the one it follows; of missing
 *	ones the first
 * @nr_missing: of PERSIST_MISSING
 * @pos: where it is
 * @time_stamp, @commit: its own; of PERSIST_RESTORED the seal's
 */
struct persist_subbuf {
	enum persist_state state;
	bool consumed;
	uint32_t index, commit;
	uint64_t sequence, nr_missing;
	uint64_t time_stamp, pos;
};

/*
 * struct persist_ring - one CPU
 * @subbufs: all that are not empty, in the order they were written in, consumed ones
 *	and missing ones among them
 * @counts: by state; PERSIST_MISSING counts sub-buffers, not entries
 * @nr_empty: nothing is in them; @nr_old: of an earlier arming; @nr_cut: not to be
 *	read: behind the end of what there is, or left out of it
 * @nr_consumed: of @subbufs
 * @overrun, @dropped: events, as the newest seal has them
 */
struct persist_ring {
	struct persist_subbuf *subbufs;
	size_t nr;
	uint64_t counts[PERSIST_STATES];
	uint64_t nr_empty, nr_old, nr_cut, nr_consumed;
	uint64_t overrun, dropped;
};

/* Return: 0; -ENOMEM; errno of reading. The caller deinits in every case. */
int persist_ring_load(const struct merge_region_io *io, const struct crc32c *crc,
		      const struct persist_header *h, const struct persist_chunk *chunk,
		      struct persist_ring *ring);
void persist_ring_deinit(struct persist_ring *ring);

#endif
