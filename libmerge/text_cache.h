/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What sinks that print events keep from event to event: how events of an id
 * are printed, the flag characters, and room for a record with zero bytes behind.
 */
#ifndef MERGE_TEXT_CACHE_H
#define MERGE_TEXT_CACHE_H

#include "text_event.h"
#include "text_line.h"

/*
 * struct text_cache - see above; all zero is empty
 * @desc: the description the rest belongs to
 * @flags: its flag characters
 * @events: by id, filled when first met; none at @end and behind
 * @scratch: the copy of a record
 */
struct text_cache {
	struct merge_desc *desc;
	struct text_flags flags;
	struct text_event **events;
	unsigned int end;
	struct textbuf scratch;
};

void text_cache_deinit(struct text_cache *c);

/*
 * Events of @src follow: forget what belongs to another description, and make
 * @src's ready. Return: 0, -ENOMEM, -EINTR.
 */
int text_cache_begin(struct text_cache *c, struct merge_source *src, struct merge_error *err);

/* How events of @id are printed, owned by the cache. NULL: out of memory */
struct text_event *text_cache_event(struct text_cache *c, unsigned int id);

/*
 * The record of @ev with RECORD_PAD zero bytes behind, valid until the next
 * call. NULL: out of memory
 */
const uint8_t *text_cache_record(struct text_cache *c, const struct merge_event *ev);

#endif
