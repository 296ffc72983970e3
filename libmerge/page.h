/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The event encoding of one sub-buffer (struct buffer_data_page of the kernel's
 * kernel/trace/ring_buffer.c): the only file that knows it, with page_build.c
 * which writes it. page_load() validates the whole sub-buffer; page_next() then
 * decodes without further checks.
 *
 *	u64 time_stamp			the time the deltas start from
 *	long commit			bytes of events; two flags on top
 *	events, each a u32 with type_len:5 and time_delta:27, the bitfield's
 *	first member in the low bits of a little-endian, the high bits of a
 *	big-endian word:
 *	 0	data; the next word is the length, itself included
 *	 1-28	data of type_len * 4 bytes
 *	 29	time_delta 0: nothing follows; else a discarded event, the
 *		next word is its length, itself included
 *	 30	the time goes on by next word << 27 | time_delta
 *	 31	the time is next word << 27 | time_delta, without its top 5 bits
 *
 * The kernel writes lengths that are multiples of 4 only (RB_ALIGNMENT, or 8
 * with RB_FORCE_8BYTE_ALIGNMENT, where data is always type 0).
 */
#ifndef MERGE_PAGE_H
#define MERGE_PAGE_H

#include "source.h"

/* commit word: the size below two flags (RB_MISSED_* of ring_buffer.c) */
#define PAGE_COMMIT_MASK	0x3fffffffu
#define PAGE_MISSED_EVENTS	(1u << 31)
#define PAGE_MISSED_STORED	(1u << 30)

/* type_len */
#define PAGE_TYPE_DATA_MAX	28u
#define PAGE_TYPE_PADDING	29u
#define PAGE_TYPE_EXTEND	30u
#define PAGE_TYPE_STAMP		31u

#define PAGE_DELTA_BITS		27
/* an absolute time stamp has this many bits */
#define PAGE_STAMP_BITS		59

/*
 * struct page - a validated sub-buffer
 * @data, @size: the sub-buffer, or the part of it that could be read
 * @header: bytes before the event area: 8 + long_size
 * @commit: end of the last event in the event area, before any damage; 0 when
 *	there is no event
 * @pos: next byte of the event area
 * @ts: running time stamp
 * @lost: events missed just before @pos, MERGE_LOST_UNKNOWN when uncounted, 0
 *	when none
 * @bad: offset from the start of the sub-buffer of the first bad byte, 0 when
 *	the sub-buffer is whole
 * @why: the reason, a constant string, NULL when whole
 */
struct page {
	const uint8_t *data;
	uint32_t size;
	uint32_t header;
	uint32_t commit;
	uint32_t pos;
	uint64_t ts;
	uint64_t lost;
	uint32_t bad;
	const char *why;
	bool big_endian;
};

/* One decoded event: @offset from the start of the sub-buffer; @size is at least 4. */
struct page_event {
	uint64_t ts;
	const void *data;
	uint32_t size;
	uint32_t offset;
};

/*
 * Validate @sb, a sub-buffer of @subbuf_size bytes of which sb->size could be
 * read, and get ready to decode from sb->start on. The time stamps of events
 * before sb->start are taken into account; a loss before them is not told, it
 * was their reader's. A read mark that is not at an event is damage and
 * ignored: everything is decoded.
 * Return: 0 whole, -EBADMSG when some of it is corrupt: @page is usable in
 * both cases and yields the events before the damage.
 */
int page_load(struct page *page, const struct subbuf *sb, uint32_t subbuf_size,
	      uint32_t long_size, bool big_endian);

/* Return: 1 an event, 0 the end. Padding and time records are stepped over. */
int page_next(struct page *page, struct page_event *ev);

/*
 * Records one by one, between pos 0 and page->commit, for who changes them. The
 * type_len of the record at @rec; and its length, with its effect on the time.
 */
uint32_t page_record_type(const uint8_t *rec, bool big_endian);
uint32_t page_step(const uint8_t *rec, bool big_endian, uint64_t *ts);

/* Only the header's time stamp. @data has at least 8 bytes. */
uint64_t page_time(const void *data, bool big_endian);

/* common_type of the record of an event, which has at least 4 bytes */
static inline unsigned int page_record_id(const void *record, bool big_endian)
{
	const uint8_t *bytes = record;

	return big_endian ? bytes[0] << 8 | bytes[1] : bytes[1] << 8 | bytes[0];
}

#endif
