// SPDX-License-Identifier: LGPL-2.1-or-later
/* Changing times and event ids of a sub-buffer in place: see page_edit.h. */
#include "page_edit.h"

static void store(uint8_t *at, uint64_t value, unsigned int size, bool big_endian)
{
	for (unsigned int i = 0; i < size; i++)
		at[big_endian ? size - 1 - i : i] = value >> 8 * i;
}

/* An absolute time stamp: two words, as page_build_stamp() writes them */
static void store_stamp(uint8_t *at, uint64_t ts, bool big_endian)
{
	uint32_t low = ts & ((1u << PAGE_DELTA_BITS) - 1);
	uint32_t word = big_endian ? PAGE_TYPE_STAMP << PAGE_DELTA_BITS | low :
				     low << 5 | PAGE_TYPE_STAMP;

	store(at, word, 4, big_endian);
	store(at + 4, (uint32_t)(ts >> PAGE_DELTA_BITS), 4, big_endian);
}

void page_edit_times(struct page page, void *data, uint64_t offset)
{
	uint8_t *area = (uint8_t *)data + page.header;
	const uint64_t mask = (1ull << PAGE_STAMP_BITS) - 1;

	if (page.size < 8)
		return;
	store(data, page.ts + offset, 8, page.big_endian);
	while (page.pos < page.commit) {
		uint8_t *at = area + page.pos;
		bool stamp = page_record_type(at, page.big_endian) == PAGE_TYPE_STAMP;

		page.pos += page_step(at, page.big_endian, &page.ts);
		if (stamp)
			store_stamp(at, (page.ts + offset) & mask, page.big_endian);
	}
}

void page_move(void *data, uint32_t size, uint32_t long_size, bool big_endian, uint64_t offset)
{
	struct subbuf sb = { .data = data, .size = size };
	struct page page;

	page_load(&page, &sb, size, long_size, big_endian);
	page_edit_times(page, data, offset);
}

void page_edit_ids(struct page page, void *data, page_id_fn *fn, void *arg)
{
	struct page_event ev;

	while (page_next(&page, &ev))
		store((uint8_t *)data + ev.offset,
		      fn(arg, page_record_id(ev.data, page.big_endian)), 2, page.big_endian);
}
