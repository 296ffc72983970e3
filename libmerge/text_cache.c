// SPDX-License-Identifier: LGPL-2.1-or-later
/* What sinks that print events keep from event to event: see text_cache.h. */
#include <errno.h>
#include <stdlib.h>

#include "error.h"
#include "source.h"
#include "text_cache.h"

/* common_type is a u16 */
#define NR_IDS	65536u

static void forget_events(struct text_cache *c)
{
	for (unsigned int id = 0; id < c->end; id++)
		text_event_destroy(c->events[id]);
	free(c->events);
	c->events = NULL;
	c->end = 0;
}

void text_cache_deinit(struct text_cache *c)
{
	forget_events(c);
	textbuf_deinit(&c->scratch);
}

int text_cache_begin(struct text_cache *c, struct merge_source *src, struct merge_error *err)
{
	if (c->desc != src->desc)
		forget_events(c);
	if (!c->events)
		c->events = calloc(NR_IDS, sizeof(*c->events));
	if (!c->events)
		return error_nomem(err);
	src->desc->no_memory = false;
	if (!desc_tep(src->desc))
		return source_interrupted(src) ? error_set(err, -EINTR, "interrupted") :
		       error_nomem(err);
	/* only now the description knows which flags this kernel has */
	c->desc = src->desc;
	text_flags_init(&c->flags, c->desc);
	return 0;
}

struct text_event *text_cache_event(struct text_cache *c, unsigned int id)
{
	if (!c->events[id])
		c->events[id] = text_event_create(c->desc, id);
	if (id >= c->end)
		c->end = id + 1;
	return c->events[id];
}

const uint8_t *text_cache_record(struct text_cache *c, const struct merge_event *ev)
{
	c->scratch.len = 0;
	if (!textbuf_room(&c->scratch, ev->size + RECORD_PAD))
		return NULL;
	memcpy(c->scratch.data, ev->data, ev->size);
	memset(c->scratch.data + ev->size, 0, RECORD_PAD);
	return (const uint8_t *)c->scratch.data;
}
