// SPDX-License-Identifier: LGPL-2.1-or-later
/* Sub-buffers out of a ring on their way to a file: see live_stage.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "live_stage.h"

/* larger writes are no faster */
#define SIZE	(64u * 1024)

int live_stage_init(struct live_stage *s, struct live_reader *reader)
{
	unsigned int slots = SIZE / reader->subbuf_size;

	*s = (struct live_stage){ .reader = reader, .slots = slots > 2 ? slots : 2 };
	s->data = malloc((size_t)s->slots * reader->subbuf_size);
	return s->data ? 0 : -ENOMEM;
}

void live_stage_deinit(struct live_stage *s)
{
	free(s->data);
	*s = (struct live_stage){ 0 };
}

/* @page, for which there is room */
static void take(struct live_stage *s, struct live_page *page)
{
	if (!page->again || !s->open) {
		s->base = page->again ? page->start : page->base;
		s->used++;
	}
	page->base = s->base;
	/* who has what was before it was told of that loss */
	page->lost = s->base ? 0 : page->lost;
	s->open = true;
	live_copy(s->reader, page, s->data + (size_t)(s->used - 1) * s->reader->subbuf_size);
}

int live_stage_fill(struct live_stage *s, bool all, unsigned int most)
{
	struct live_page page;
	int count = 0, ret = 0;

	while (s->used < most && (ret = live_next(s->reader, all, &page)) == 1) {
		take(s, &page);
		count++;
	}
	return ret < 0 ? ret : count;
}

unsigned int live_stage_finished(const struct live_stage *s)
{
	return s->used - s->open;
}

void live_stage_forget(struct live_stage *s, unsigned int nr)
{
	size_t size = s->reader->subbuf_size;

	s->used -= nr;
	s->open = s->open && s->used;
	memmove(s->data, s->data + nr * size, s->used * size);
}
