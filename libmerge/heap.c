// SPDX-License-Identifier: LGPL-2.1-or-later
/* A binary min-heap of (time stamp, rank): see heap.h. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "heap.h"

/*
 * Meant to be compiled without a branch, which would be mispredicted every other
 * time: as one comparison of 128 bits where the compiler has them.
 */
static bool before(const struct heap_entry *a, const struct heap_entry *b)
{
#ifdef __SIZEOF_INT128__
	return ((unsigned __int128)a->ts << 64 | a->rank) <
	       ((unsigned __int128)b->ts << 64 | b->rank);
#else
	return (a->ts < b->ts) | ((a->ts == b->ts) & (a->rank < b->rank));
#endif
}

/* Behind the last entry stands one that comes after all: every entry has a sibling */
static void end_entries(struct heap *h)
{
	h->entries[h->count] = (struct heap_entry){ .ts = UINT64_MAX, .rank = UINT64_MAX };
}

int heap_init(struct heap *h, size_t capacity)
{
	*h = (struct heap){ .capacity = capacity };
	h->entries = calloc(capacity + 1, sizeof(*h->entries));
	if (!h->entries)
		return -ENOMEM;
	end_entries(h);
	return 0;
}

void heap_deinit(struct heap *h)
{
	free(h->entries);
	*h = (struct heap){ 0 };
}

/* Put @entry where it belongs on the way down from the root, which is free. */
static void sift_down(struct heap *h, struct heap_entry entry)
{
	size_t hole = 0;

	for (;;) {
		size_t child = 2 * hole + 1;

		if (child >= h->count)
			break;
		child += before(&h->entries[child + 1], &h->entries[child]);
		if (!before(&h->entries[child], &entry))
			break;
		h->entries[hole] = h->entries[child];
		hole = child;
	}
	h->entries[hole] = entry;
}

void heap_push(struct heap *h, uint64_t ts, uint64_t rank)
{
	struct heap_entry entry = { .ts = ts, .rank = rank };
	size_t hole = h->count++;

	end_entries(h);
	while (hole && before(&entry, &h->entries[(hole - 1) / 2])) {
		h->entries[hole] = h->entries[(hole - 1) / 2];
		hole = (hole - 1) / 2;
	}
	h->entries[hole] = entry;
}

const struct heap_entry *heap_top(const struct heap *h)
{
	return h->count ? h->entries : NULL;
}

const struct heap_entry *heap_second(const struct heap *h)
{
	if (h->count < 2)
		return NULL;
	if (h->count > 2 && before(&h->entries[2], &h->entries[1]))
		return &h->entries[2];
	return &h->entries[1];
}

void heap_replace_top(struct heap *h, uint64_t ts)
{
	sift_down(h, (struct heap_entry){ .ts = ts, .rank = h->entries[0].rank });
}

void heap_pop(struct heap *h)
{
	struct heap_entry last = h->entries[--h->count];

	end_entries(h);
	if (h->count)
		sift_down(h, last);
}
