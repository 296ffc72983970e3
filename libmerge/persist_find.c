// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Finding slots by the magic of their headers: see persist_find.h. A memory's image has
 * headers besides that are copies of old ones, as of the file in pstore that was read.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "persist_find.h"

#define WINDOW		(1u << 20)
/* More than any memory has copies of headers */
#define MAX_SLOTS	4096u

/* Called for each place with the magic */
typedef int place_fn(void *arg, uint64_t pos);

static bool has_magic(const uint8_t *bytes)
{
	return !memcmp(bytes, TRACE_PERSIST_MAGIC, TRACE_PERSIST_MAGIC_SIZE);
}

/* @io is read in windows; at its end in pieces, down to a magic's size */
static int each_place(const struct merge_region_io *io, uint64_t from, uint64_t to,
		      bool (*stop)(void *arg), void *stop_arg, place_fn *fn, void *arg)
{
	uint8_t *window = malloc(WINDOW);
	uint64_t lost;
	int ret = window ? 0 : -ENOMEM;

	to = to < io->size ? to : io->size;
	for (uint64_t pos = from; !ret && pos < to; pos += WINDOW) {
		size_t len = to - pos < WINDOW ? (size_t)(to - pos) : WINDOW;

		if (stop && stop(stop_arg))
			ret = -EINTR;
		if (!ret)
			ret = persist_read(io, pos, window, len, &lost);
		for (size_t at = 0; !ret && at + TRACE_PERSIST_MAGIC_SIZE <= len;
		     at += TRACE_PERSIST_ALIGN)
			if (has_magic(window + at))
				ret = fn(arg, pos + at);
	}
	free(window);
	return ret;
}

static int stop_here(void *arg, uint64_t pos)
{
	(void)arg;
	(void)pos;
	return 1;
}

bool persist_find_any(const struct merge_region_io *io)
{
	return each_place(io, 0, io->size, NULL, NULL, stop_here, NULL) == 1;
}

struct search {
	const struct merge_region_io *io;
	const struct crc32c *crc;
	struct persist_found *found;
};

static int add_slot(struct persist_found *found, const struct persist_header *h)
{
	struct persist_slot *grown;

	for (size_t i = 0; i < found->nr; i++) {
		struct persist_slot *slot = &found->slots[i];

		if (slot->h.start != h->start)
			continue;
		slot->copies++;
		if (h->update <= slot->h.update)
			return 1;
		persist_header_deinit(&slot->h);
		slot->h = *h;
		return 0;
	}
	if (found->nr == MAX_SLOTS)
		return 1;
	grown = reallocarray(found->slots, found->nr + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	found->slots = grown;
	grown[found->nr++] = (struct persist_slot){ .h = *h, .copies = 1 };
	return 0;
}

static int take_copy(void *arg, uint64_t pos)
{
	struct merge_error err = { 0 };
	struct search *s = arg;
	struct persist_header h;
	int ret = persist_header_read(s->io, s->crc, pos, &err, &h);

	if (ret == -ENOMEM)
		return ret;
	if (ret) {
		if (!s->found->nr_bad++) {
			s->found->bad = err;
			s->found->bad_pos = pos;
		}
		return 0;
	}
	ret = add_slot(s->found, &h);
	if (ret)
		persist_header_deinit(&h);
	return ret < 0 ? ret : 0;
}

static int compare_slots(const void *a, const void *b)
{
	const struct persist_slot *x = a, *y = b;

	return x->h.start < y->h.start ? -1 : x->h.start > y->h.start;
}

int persist_find(const struct merge_region_io *io, const struct crc32c *crc, uint64_t from,
		 uint64_t to, bool (*stop)(void *arg), void *arg, struct persist_found *found)
{
	struct search s = { .io = io, .crc = crc, .found = found };
	int ret;

	*found = (struct persist_found){ 0 };
	ret = each_place(io, from, to, stop, arg, take_copy, &s);
	if (found->nr)
		qsort(found->slots, found->nr, sizeof(*found->slots), compare_slots);
	return ret;
}

void persist_found_deinit(struct persist_found *found)
{
	for (size_t i = 0; i < found->nr; i++)
		persist_header_deinit(&found->slots[i].h);
	free(found->slots);
	found->slots = NULL;
	found->nr = 0;
}

/* In the image of a memory, that is where its own header says that it lies */
static bool is_at_home(const struct persist_slot *slot)
{
	return slot->h.start == slot->h.phys;
}

/* Of a copy that was made page by page both headers may lie as they should, and no more */
static bool is_better(const struct persist_slot *a, const struct persist_slot *b)
{
	if (a->h.generation != b->h.generation)
		return a->h.generation > b->h.generation;
	if (is_at_home(a) != is_at_home(b))
		return is_at_home(a);
	return a->copies > b->copies;
}

const struct persist_slot *persist_newest(const struct persist_found *found)
{
	const struct persist_slot *newest = NULL;

	for (size_t i = 0; i < found->nr; i++)
		if (!newest || is_better(&found->slots[i], newest))
			newest = &found->slots[i];
	return newest;
}

bool persist_is_beside(const struct persist_slot *slot, const struct persist_slot *other)
{
	return slot->h.start - slot->h.phys == other->h.start - other->h.phys;
}
