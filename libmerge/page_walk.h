/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Decoding events where millions follow one another: inlined, and twice, with a
 * constant @big, so that no byte order is tested per event. Everywhere else
 * page_next() does.
 */
#ifndef MERGE_PAGE_WALK_H
#define MERGE_PAGE_WALK_H

#include <endian.h>
#include <string.h>

#include "page.h"

#define always_inline	inline __attribute__((always_inline))

static always_inline uint32_t page_load32(const uint8_t *bytes, bool big)
{
	uint32_t word;

	memcpy(&word, bytes, sizeof(word));
	return big ? be32toh(word) : le32toh(word);
}

static always_inline uint32_t page_type_of(uint32_t word, bool big)
{
	return big ? word >> PAGE_DELTA_BITS : word & 0x1f;
}

static always_inline uint32_t page_delta_of(uint32_t word, bool big)
{
	return big ? word & ((1u << PAGE_DELTA_BITS) - 1) : word >> 5;
}

/* page->ts and page->pos: by value, so that who walks keeps them in registers */
struct page_place {
	uint64_t ts;
	uint32_t pos;
};

/* Step over time records and padding in front of an event, in the event area @area */
struct page_place page_skip_time(const uint8_t *area, struct page_place at, bool big_endian);

/* page_next(); @big is page->big_endian */
static always_inline int page_walk(struct page *page, bool big, struct page_event *ev)
{
	const uint8_t *area = page->data + page->header;
	struct page_place at = { page->ts, page->pos };
	uint32_t word, type, size;

	if (at.pos >= page->commit)
		return 0;
	word = page_load32(area + at.pos, big);
	type = page_type_of(word, big);
	if (type > PAGE_TYPE_DATA_MAX) {
		at = page_skip_time(area, at, big);
		word = page_load32(area + at.pos, big);
		type = page_type_of(word, big);
	}
	at.pos += 4;
	size = 4 * type;
	if (!type) {
		size = page_load32(area + at.pos, big) - 4;
		at.pos += 4;
	}
	ev->ts = at.ts + page_delta_of(word, big);
	ev->data = area + at.pos;
	ev->size = size;
	ev->offset = page->header + at.pos;
	page->ts = ev->ts;
	page->pos = at.pos + size;
	return 1;
}

#endif
