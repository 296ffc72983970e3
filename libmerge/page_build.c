// SPDX-License-Identifier: LGPL-2.1-or-later
/* Writing one sub-buffer; page.h describes the encoding. */
#include <errno.h>
#include <string.h>

#include "page_build.h"

static const uint8_t zeros[3];

static void store(const struct page_build *b, uint32_t offset, uint64_t value,
		  uint32_t size)
{
	for (uint32_t i = 0; i < size; i++)
		b->data[offset + (b->big_endian ? size - 1 - i : i)] = value >> 8 * i;
}

void page_build_init(struct page_build *b, void *data, uint32_t size,
		     uint32_t long_size, bool big_endian, uint64_t ts)
{
	*b = (struct page_build){
		.data = data, .size = size, .header = 8 + long_size,
		.long_size = long_size, .big_endian = big_endian,
	};
	store(b, 0, ts, 8);
}

static uint32_t room(const struct page_build *b)
{
	return b->size - b->header - b->pos;
}

static void put32(struct page_build *b, uint32_t value)
{
	store(b, b->header + b->pos, value, 4);
	b->pos += 4;
}

static void put_head(struct page_build *b, uint32_t type, uint32_t delta)
{
	put32(b, b->big_endian ? type << PAGE_DELTA_BITS | delta : delta << 5 | type);
}

static void put_bytes(struct page_build *b, const void *bytes, uint32_t len)
{
	memcpy(b->data + b->header + b->pos, bytes, len);
	b->pos += len;
}

/* A time record: @value in time_delta and the next word */
static int put_time(struct page_build *b, uint32_t type, uint64_t value)
{
	if (room(b) < 8)
		return -ENOSPC;
	put_head(b, type, value & ((1u << PAGE_DELTA_BITS) - 1));
	put32(b, value >> PAGE_DELTA_BITS);
	return 0;
}

int page_build_extend(struct page_build *b, uint64_t delta)
{
	return put_time(b, PAGE_TYPE_EXTEND, delta);
}

int page_build_stamp(struct page_build *b, uint64_t ts)
{
	return put_time(b, PAGE_TYPE_STAMP, ts & ((1ull << PAGE_STAMP_BITS) - 1));
}

int page_build_event(struct page_build *b, uint64_t delta, const void *record,
		     uint32_t len)
{
	bool extend = delta >> PAGE_DELTA_BITS;
	uint64_t fill = -len & 3, words = (len + fill) / 4;
	bool is_long = words > PAGE_TYPE_DATA_MAX;

	if (room(b) < 8 * extend + 4 + 4 * is_long + 4 * words)
		return -ENOSPC;
	if (extend) {
		page_build_extend(b, delta);
		delta = 0;
	}
	put_head(b, is_long ? 0 : words, delta);
	if (is_long)
		put32(b, 4 + 4 * words);
	put_bytes(b, record, len);
	put_bytes(b, zeros, fill);
	return 0;
}

int page_build_discard(struct page_build *b, uint32_t delta, uint32_t len)
{
	if (room(b) < 4 || room(b) - 4 < len)
		return -ENOSPC;
	put_head(b, PAGE_TYPE_PADDING, delta ? delta : 1);
	put32(b, len);
	memset(b->data + b->header + b->pos, 0, len - 4);
	b->pos += len - 4;
	return 0;
}

int page_build_raw(struct page_build *b, const void *bytes, uint32_t len)
{
	if (room(b) < len)
		return -ENOSPC;
	put_bytes(b, bytes, len);
	return 0;
}

int page_build_padding(struct page_build *b)
{
	if (room(b) < 4)
		return -ENOSPC;
	put_head(b, PAGE_TYPE_PADDING, 0);
	memset(b->data + b->header + b->pos, 0, room(b));
	b->pos = b->size - b->header;
	return 0;
}

void page_build_finish(struct page_build *b, uint64_t lost)
{
	uint64_t word = b->pos;
	uint64_t most = b->long_size == 8 ? UINT64_MAX : UINT32_MAX;

	memset(b->data + b->header + b->pos, 0, room(b));
	if (lost)
		word |= PAGE_MISSED_EVENTS;
	/* the largest count stands for an unknown one */
	if (lost && lost < most && room(b) >= b->long_size) {
		word |= PAGE_MISSED_STORED;
		store(b, b->header + b->pos, lost, b->long_size);
	}
	store(b, 8, word, b->long_size);
}

void page_trim(const struct page *page, uint64_t lost, void *out, uint32_t size)
{
	struct page_build b;

	/*
	 * page->ts is the time the next record's delta counts from: with it in
	 * the header the records can stay as they are.
	 */
	page_build_init(&b, out, size, page->header - 8, page->big_endian, page->ts);
	if (out == page->data && !page->pos)
		b.pos = page->commit;
	else
		put_bytes(&b, page->data + page->header + page->pos,
			  page->commit - page->pos);
	page_build_finish(&b, lost);
}
