/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A mapped ring in memory, as live_map.h has it, with a kernel that a test plays:
 * what it writes goes into the ring by sub-buffers, the ioctl takes them out.
 */
#ifndef FAKE_RING_H
#define FAKE_RING_H

#include "live_map.h"
#include "page_build.h"

#define FAKE_SIZE	1024u	/* of a sub-buffer */
#define FAKE_SUBBUFS	5u
#define FAKE_META	4096u

/*
 * @memory: the map, a block of exactly its size
 * @pages: sub-buffers by id; @ring: their ids, the oldest unread one first, the writer
 *	on the last; @nr: how many; @reader: that of the reader
 * @consumed: bytes of the reader's events that are marked as read
 * @late: what the writer puts when the ioctl has been done, amid the reader's reading
 * @old: a kernel before 6.12, whose sub-buffers have no flags
 * @calls: of the ioctl; @fails: what it returns
 */
struct fake_ring {
	uint8_t *memory;
	struct live_meta *meta;
	struct page_build pages[FAKE_SUBBUFS];
	uint32_t events[FAKE_SUBBUFS];
	uint32_t ring[FAKE_SUBBUFS];
	uint32_t nr, reader, free, spare;
	uint32_t consumed, consumed_events;
	uint64_t overrun_seen;
	uint32_t number;
	uint64_t ts;
	unsigned int late;
	bool old;
	unsigned int calls;
	int fails;
	struct live_map map;
};

void fake_ring_init(struct fake_ring *f);
void fake_ring_deinit(struct fake_ring *f);

/* Write @nr events, numbered from 1, 20 to a sub-buffer; the oldest go when it is full */
void fake_ring_write(struct fake_ring *f, unsigned int nr);

/* The numbers in a sub-buffer and what is lost before it: "21-25 lost=3 " */
void fake_ring_print(FILE *out, const uint8_t *data, bool again);

/*
 * What live_map_next() gives until it gives nothing, as text: "1-20 21-25+ lost=3", "+":
 * the same sub-buffer again, all of it; "." where it says nothing
 */
char *fake_ring_drain(struct fake_ring *f, bool resumed);

#endif
