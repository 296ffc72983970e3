// SPDX-License-Identifier: LGPL-2.1-or-later
/* Filling sub-buffers with the events of a CPU: see page_pack.h. */
#include <errno.h>
#include <stdlib.h>

#include "page_pack.h"

void page_pack_init(struct page_pack *p, uint32_t size, uint32_t long_size, bool big_endian)
{
	*p = (struct page_pack){
		.size = size, .long_size = long_size, .big_endian = big_endian,
	};
}

void page_pack_deinit(struct page_pack *p)
{
	free(p->data);
	p->data = NULL;
}

/* The first event of a sub-buffer: the time is in the header. */
static int begin(struct page_pack *p, uint32_t size, uint64_t ts, const void *record,
		 uint32_t len)
{
	page_build_init(&p->build, p->data, size, p->long_size, p->big_endian, ts);
	return page_build_event(&p->build, 0, record, len);
}

static int append_first(struct page_pack *p, uint64_t ts, uint64_t lost, const void *record,
			uint32_t len)
{
	int ret = -ENOSPC;

	if (!p->data)
		p->data = malloc(p->size);
	if (!p->data)
		return -ENOMEM;
	/* the count of what is lost stands behind the events: keep room for it */
	if (lost)
		ret = begin(p, p->size - p->long_size, ts, record, len);
	if (ret)
		ret = begin(p, p->size, ts, record, len);
	if (ret)
		return -EMSGSIZE;
	p->open = true;
	p->lost = lost;
	p->ts = ts;
	return 0;
}

int page_pack_event(struct page_pack *p, uint64_t ts, uint64_t lost, const void *record,
		    uint32_t len)
{
	int ret;

	if (!p->open)
		return append_first(p, ts, lost, record, len);
	if (lost || ts < p->ts || (ts - p->ts) >> PAGE_STAMP_BITS)
		return -ENOSPC;
	ret = page_build_event(&p->build, ts - p->ts, record, len);
	if (!ret)
		p->ts = ts;
	return ret;
}

bool page_pack_finish(struct page_pack *p)
{
	if (!p->open)
		return false;
	p->build.size = p->size;
	page_build_finish(&p->build, p->lost);
	p->open = false;
	return true;
}
