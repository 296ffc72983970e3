/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writing one sub-buffer, record by record: the other half of page.h. Used for
 * what is trimmed or salvaged, and to build the sub-buffers of the tests.
 */
#ifndef MERGE_PAGE_BUILD_H
#define MERGE_PAGE_BUILD_H

#include "page.h"

/*
 * struct page_build - a sub-buffer being written
 * @data, @size: the caller's memory
 * @header: bytes before the event area
 * @pos: bytes of the event area written
 */
struct page_build {
	uint8_t *data;
	uint32_t size;
	uint32_t header;
	uint32_t pos;
	uint32_t long_size;
	bool big_endian;
};

/* Begin at @data, which has room for @size bytes, more than a header. */
void page_build_init(struct page_build *b, void *data, uint32_t size,
		     uint32_t long_size, bool big_endian, uint64_t ts);

/*
 * Append. All return 0, or -ENOSPC with nothing written. @page_build_event
 * puts a time extend before the event where @delta needs one, and zeroes behind
 * @len up to the next multiple of 4; @len is at least 1. @page_build_discard
 * is a discarded event of @len bytes, a multiple of 4 from 4 on.
 */
int page_build_event(struct page_build *b, uint64_t delta, const void *record,
		     uint32_t len);
int page_build_extend(struct page_build *b, uint64_t delta);
int page_build_stamp(struct page_build *b, uint64_t ts);
int page_build_discard(struct page_build *b, uint32_t delta, uint32_t len);
int page_build_raw(struct page_build *b, const void *bytes, uint32_t len);

/* The rest of the page is empty; the commit covers it. */
int page_build_padding(struct page_build *b);

/*
 * Write the commit word, flags and count of @lost (as merge_event.lost) as the
 * kernel's ring_buffer_read_page() does, and zero the rest.
 */
void page_build_finish(struct page_build *b, uint64_t lost);

/*
 * The part of @page, as page_load() left it, that is unread and whole, as a
 * sub-buffer of its own of @size bytes at @out, with @lost before it. Where nothing
 * of @page was read @out may be where it is.
 */
void page_trim(const struct page *page, uint64_t lost, void *out, uint32_t size);

#endif
