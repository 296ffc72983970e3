/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The events of one CPU into new sub-buffers, one after the other: for what is
 * left when some events are not wanted, and for readers that want sub-buffers of
 * another size. Time stamps and losses stay as they are: where a time record
 * cannot say how time went on (back, or by 2^59 and more) and where events are
 * lost, a new sub-buffer begins, whose header can.
 */
#ifndef MERGE_PAGE_PACK_H
#define MERGE_PAGE_PACK_H

#include "page_build.h"

/*
 * struct page_pack - a sub-buffer that is being filled
 * @data: @size bytes, owned; NULL before the first event
 * @lost: what is lost before its first event, as merge_event.lost
 * @ts: time stamp of its last event
 * @open: it has events
 */
struct page_pack {
	struct page_build build;
	uint8_t *data;
	uint32_t size;
	uint32_t long_size;
	bool big_endian;
	bool open;
	uint64_t lost;
	uint64_t ts;
};

/* @size: of the sub-buffers, more than a header and a long */
void page_pack_init(struct page_pack *p, uint32_t size, uint32_t long_size, bool big_endian);
void page_pack_deinit(struct page_pack *p);	/* a zeroed @p is allowed */

/*
 * Append an event. Return: 0; -ENOSPC, with nothing appended: it belongs into the
 * next sub-buffer, so finish this one and call again; -EMSGSIZE: no sub-buffer of
 * this size holds it; -ENOMEM
 */
int page_pack_event(struct page_pack *p, uint64_t ts, uint64_t lost, const void *record,
		    uint32_t len);

/* Whether there is a sub-buffer: it is in p->data until the next event is appended */
bool page_pack_finish(struct page_pack *p);

#endif
