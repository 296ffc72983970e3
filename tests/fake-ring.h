/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A mapped ring in memory, as live_map.h has it, with a kernel that a test plays:
 * what it writes goes into the ring by sub-buffers, the ioctl takes them out.
 */
#ifndef FAKE_RING_H
#define FAKE_RING_H

#include "live_batch.h"
#include "page_build.h"

#define FAKE_SIZE	4096u	/* of a sub-buffer */
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
 * @seq, @index: of sub-buffers by id, as PEEK lists them; @last_seq: of the newest
 * @reader_lost: before the reader's sub-buffer; @generation: as PEEK gives it
 * @once: @late is for one call only
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
	uint64_t seq[FAKE_SUBBUFS];
	uint64_t index[FAKE_SUBBUFS];
	uint64_t last_seq;
	uint64_t reader_lost;
	uint64_t generation;
	bool once;
	struct live_map map;
};

void fake_ring_init(struct fake_ring *f);
void fake_ring_deinit(struct fake_ring *f);

/* PEEK and ADVANCE: live_batch.ioctl, of a ring that is @old */
int fake_ring_batch(void *arg, unsigned int request, void *data);

/* Write @nr events, numbered from 1, 20 to a sub-buffer; the oldest go when it is full */
void fake_ring_write(struct fake_ring *f, unsigned int nr);

/* The numbers in a sub-buffer and what is lost before it: "21-25 lost=3 " */
void fake_ring_print(FILE *out, const uint8_t *data, bool again);

/* A sub-buffer as it was given, by fake_ring_print() */
void fake_ring_print_page(FILE *out, const struct live_page *page);

/*
 * What live_map_next() gives until it gives nothing, as text: "1-20 21-25+ lost=3", "+":
 * the same sub-buffer again, all of it; "." where it says nothing
 */
char *fake_ring_drain(struct fake_ring *f, bool resumed);

#endif
