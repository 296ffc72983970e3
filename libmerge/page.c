// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Decoding one sub-buffer; page.h describes the encoding. What is read here is
 * untrusted until page_load() has walked it: that walk checks every length
 * against what remains, so that page_next() has to check none.
 *
 * The two byte orders are one set of functions with a constant @big, inlined
 * twice: no byte order is tested per event.
 */
#include <errno.h>

#include "cursor.h"
#include "page_walk.h"

/*
 * An absolute time stamp lacks the top 5 bits: they are those of the time
 * before, one more when the rest wrapped in between (rb_fix_abs_ts()).
 */
static uint64_t complete_stamp(uint64_t stamp, uint64_t before)
{
	uint64_t top = before >> PAGE_STAMP_BITS << PAGE_STAMP_BITS;

	if (!top)
		return stamp;
	stamp |= top;
	return stamp < before ? stamp + (1ull << PAGE_STAMP_BITS) : stamp;
}

/* Step over the valid record at @rec: its length, and its effect on the time. */
static always_inline uint32_t step(const uint8_t *rec, bool big, uint64_t *ts)
{
	uint32_t word = page_load32(rec, big);
	uint32_t type = page_type_of(word, big), delta = page_delta_of(word, big);
	uint32_t array;

	if (type && type <= PAGE_TYPE_DATA_MAX) {
		*ts += delta;
		return 4 + 4 * type;
	}
	array = page_load32(rec + 4, big);
	switch (type) {
	case PAGE_TYPE_EXTEND:
		*ts += (uint64_t)array << PAGE_DELTA_BITS | delta;
		return 8;
	case PAGE_TYPE_STAMP:
		*ts = complete_stamp((uint64_t)array << PAGE_DELTA_BITS | delta, *ts);
		return 8;
	case PAGE_TYPE_PADDING:
		/* 1 stands for 0, which would end the page: rb_event_discard() */
		*ts += delta > 1 ? delta : 0;
		return 4 + array;
	default:
		*ts += delta;
		return 4 + array;
	}
}

uint32_t page_record_type(const uint8_t *rec, bool big_endian)
{
	return page_type_of(page_load32(rec, big_endian), big_endian);
}

uint32_t page_step(const uint8_t *rec, bool big_endian, uint64_t *ts)
{
	return step(rec, big_endian, ts);
}

/*
 * An event follows, as page->commit is the end of one. Out of line: what
 * page_walk() mostly meets stays short.
 */
struct page_place page_skip_time(const uint8_t *area, struct page_place at, bool big_endian)
{
	while (page_record_type(area + at.pos, big_endian) > PAGE_TYPE_DATA_MAX)
		at.pos += step(area + at.pos, big_endian, &at.ts);
	return at;
}

int page_next(struct page *page, struct page_event *ev)
{
	return page->big_endian ? page_walk(page, true, ev) : page_walk(page, false, ev);
}

/*
 * The length of the record at @rec, @left bytes before the end of what was
 * committed or read. Return: NULL, or why the record is bad.
 */
static always_inline const char *check_record(const uint8_t *rec, uint32_t left,
					      bool big, uint32_t *len)
{
	uint32_t word, type, array;

	if (left < 4)
		return "event header cut off";
	word = page_load32(rec, big);
	type = page_type_of(word, big);
	if (type && type <= PAGE_TYPE_DATA_MAX) {
		*len = 4 + 4 * type;
		return *len <= left ? NULL : "event longer than what was committed";
	}
	if (type == PAGE_TYPE_PADDING && !page_delta_of(word, big)) {
		*len = left;
		return NULL;
	}
	if (left < 8)
		return type == 0 ? "event length cut off" :
		       type == PAGE_TYPE_PADDING ? "padding length cut off" :
		       type == PAGE_TYPE_EXTEND ? "time extend cut off" :
		       "time stamp cut off";
	*len = 8;
	if (type > PAGE_TYPE_PADDING)
		return NULL;
	array = page_load32(rec + 4, big);
	if (array % 4)
		return "event length not a multiple of 4";
	/* a data record holds at least one word behind its length */
	if (array < (type ? 4 : 8))
		return "event length too short";
	if (array > left - 4)
		return "event longer than what was committed";
	*len = 4 + array;
	return NULL;
}

/*
 * Walk all records within @limit bytes. Sets page->commit to the end of the
 * last event; *@pos is where the walk ended. Return: NULL, or why it ended.
 */
static always_inline const char *check_records(struct page *page, uint32_t limit,
					       bool big, uint32_t *pos)
{
	const uint8_t *area = page->data + page->header;
	uint32_t at = 0, end = 0, len = 0;
	const char *why = NULL;

	while (at < limit) {
		why = check_record(area + at, limit - at, big, &len);
		if (why)
			break;
		if (page_type_of(page_load32(area + at, big), big) <= PAGE_TYPE_DATA_MAX)
			end = at + len;
		at += len;
	}
	page->commit = end;
	*pos = at;
	return why;
}

/* Note the first damage. */
static void spoil(struct page *page, uint32_t offset, const char *why)
{
	if (page->why)
		return;
	page->bad = offset;
	page->why = why;
}

static void load_events(struct page *page, uint32_t commit)
{
	uint32_t room = page->size - page->header, pos;
	uint32_t limit = commit < room ? commit : room;
	const char *why;

	why = page->big_endian ? check_records(page, limit, true, &pos) :
				 check_records(page, limit, false, &pos);
	if (limit < commit)	/* what was cut off is no fault of the record */
		why = "rest of the sub-buffer missing";
	if (why)
		spoil(page, page->header + pos, why);
}

/* The loss flagged in the commit word @word; its count stands behind the events. */
static void load_lost(struct page *page, struct cursor *c, uint32_t word,
		      uint32_t long_size)
{
	uint32_t commit = word & PAGE_COMMIT_MASK;
	uint64_t count;

	if (!(word & (PAGE_MISSED_EVENTS | PAGE_MISSED_STORED)))
		return;
	page->lost = MERGE_LOST_UNKNOWN;
	if (!(word & PAGE_MISSED_STORED))
		return;
	cursor_seek(c, page->header + commit);
	count = cursor_uint(c, long_size);
	if (c->bad)
		spoil(page, page->header + commit, "missed count cut off");
	else if (count)
		page->lost = count;
}

/* Move to @start, the read mark, with the time of the events before it. */
static void skip_read(struct page *page, uint32_t start, uint32_t commit)
{
	const uint8_t *area = page->data + page->header;
	uint64_t ts = page->ts;
	uint32_t pos = 0;

	while (pos < start && pos < page->commit)
		pos += step(area + pos, page->big_endian, &ts);
	/* what lies between the last event and the commit is padding */
	if (start > commit || pos > start) {
		spoil(page, page->header + (start < commit ? start : commit),
		      "read mark not at an event, ignored");
		return;
	}
	page->pos = pos;
	page->ts = ts;
	page->lost = 0;
}

int page_load(struct page *page, const struct subbuf *sb, uint32_t subbuf_size,
	      uint32_t long_size, bool big_endian)
{
	uint64_t word;
	uint32_t commit;
	struct cursor c;

	*page = (struct page){
		.data = sb->data,
		.size = sb->size < subbuf_size ? sb->size : subbuf_size,
		.header = 8 + long_size,
		.big_endian = big_endian,
	};
	cursor_init(&c, page->data, page->size, big_endian);
	page->ts = cursor_u64(&c);
	word = cursor_uint(&c, long_size);
	commit = word & PAGE_COMMIT_MASK;
	if (c.bad) {
		spoil(page, page->size, "header cut off");
	} else if ((word >> 32 && word >> 32 != UINT32_MAX) ||
		   commit > subbuf_size - page->header) {
		/*
		 * All ones on top are no damage: ring_buffer_map_get_reader()
		 * adds RB_MISSED_EVENTS, a negative int, to the long.
		 */
		spoil(page, 8, "commit larger than the sub-buffer");
	} else {
		load_events(page, commit);
		load_lost(page, &c, word, long_size);
		if (sb->start)
			skip_read(page, sb->start, commit);
	}
	return page->why ? -EBADMSG : 0;
}

uint64_t page_time(const void *data, bool big_endian)
{
	struct cursor c;

	cursor_init(&c, data, 8, big_endian);
	return cursor_u64(&c);
}
