/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A binary min-heap of 16-byte entries: a time stamp and the rank of the stream
 * it belongs to, which breaks ties. The heap never repairs or filters data.
 */
#ifndef MERGE_HEAP_H
#define MERGE_HEAP_H

#include <stddef.h>
#include <stdint.h>

struct heap_entry {
	uint64_t ts;
	uint64_t rank;
};

struct heap {
	struct heap_entry *entries;	/* owned; behind the last one, one after all */
	size_t count;
	size_t capacity;
};

int heap_init(struct heap *h, size_t capacity);	/* 0 or -ENOMEM */
void heap_deinit(struct heap *h);
void heap_push(struct heap *h, uint64_t ts, uint64_t rank);	/* count < capacity */
const struct heap_entry *heap_top(const struct heap *h);	/* NULL when empty */
const struct heap_entry *heap_second(const struct heap *h); /* next after the top, or NULL */
void heap_replace_top(struct heap *h, uint64_t ts);	/* same rank, new time */
void heap_pop(struct heap *h);

#endif
