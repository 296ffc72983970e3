// SPDX-License-Identifier: GPL-2.0-or-later
/* Damage to bytes: see bytes.h. */
#include <stdlib.h>
#include <string.h>

#include "bytes.h"

#define LINE	64	/* of a cache, which is lost as a whole */

/* splitmix64: every seed is as good as another, 0 too */
uint64_t random_next(struct random *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

uint64_t random_below(struct random *r, uint64_t n)
{
	return random_next(r) % n;
}

void bytes_find_hot(struct bytes *b)
{
	static const uint8_t zeros[4];

	b->nr_hot = 0;
	b->hot = calloc(b->size / 4 + 1, sizeof(*b->hot));
	if (!b->hot)
		abort();
	for (size_t at = 0; at + 4 <= b->size; at += 4)
		if (memcmp(b->data + at, zeros, 4))
			b->hot[b->nr_hot++] = at;
}

/* The first of b->hot at or behind @at */
static size_t hot_from(const struct bytes *b, size_t at)
{
	size_t lo = 0, hi = b->nr_hot;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (b->hot[mid] < at)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/*
 * A place for @size bytes, a multiple of 4: all blocks are as likely, few of
 * them hold the structures that lead to all others.
 */
static uint8_t *place(const struct bytes *b, struct random *r, size_t size)
{
	size_t block = random_below(r, (b->size + b->block - 1) / b->block) * b->block;
	size_t first = hot_from(b, block), end = hot_from(b, block + b->block), at;

	if (first == end || random_below(r, 16) == 0)	/* an empty block, or anywhere */
		at = random_below(r, b->size) & ~(size_t)3;
	else
		at = b->hot[first + random_below(r, end - first)];
	if (size == 8 && random_below(r, 2))
		at &= ~(size_t)7;
	if (at + size > b->size)
		at = b->size > size ? b->size - size : 0;
	return b->data + at;
}

static uint64_t load(const struct bytes *b, const uint8_t *at, unsigned int size)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < size; i++)
		value |= (uint64_t)at[b->big ? size - 1 - i : i] << 8 * i;
	return value;
}

static void store(const struct bytes *b, uint8_t *at, unsigned int size, uint64_t value)
{
	for (unsigned int i = 0; i < size; i++)
		at[b->big ? size - 1 - i : i] = value >> 8 * i;
}

/* ---- kinds of damage ----------------------------------------------------- */

static void flip_bits(struct bytes *b, struct random *r)
{
	for (uint64_t n = 1 + random_below(r, 4); n; n--)
		place(b, r, 4)[random_below(r, 4)] ^= 1 << random_below(r, 8);
}

static void random_bytes(struct bytes *b, struct random *r)
{
	for (uint64_t n = 1 + random_below(r, 4); n; n--)
		place(b, r, 4)[random_below(r, 4)] = random_next(r);
}

/* Numbers at which checks end, and what is near to the one that was there */
static void edge_number(struct bytes *b, struct random *r)
{
	static const uint64_t edges[] = {
		0, 1, 2, 3, 4, 7, 8, 15, 16, 28, 29, 30, 31, 32, 0x7f, 0x80, 0xff, 0xffc, 0xfff,
		0x1000, 0x1001, 0x7fff, 0x8000, 0xffff, 0x10000, 0xfffff, 0x100000, 0x7fffffff,
		0x80000000, 0xfffffffc, 0xffffffff, 0x100000000, 0x7fffffffffffffff,
		0x8000000000000000, 0xfffffffffffffff8, 0xffffffffffffffff,
	};
	static const unsigned int sizes[] = { 1, 2, 4, 4, 8 };
	unsigned int size = sizes[random_below(r, 5)];
	uint8_t *at = place(b, r, 8);
	uint64_t value = edges[random_below(r, sizeof(edges) / sizeof(*edges))];

	if (b->size < 8)
		return;
	if (random_below(r, 2))
		value += load(b, at, size);
	store(b, at, size, value);
}

static void zero_line(struct bytes *b, struct random *r)
{
	size_t at = (place(b, r, 4) - b->data) & ~(size_t)(LINE - 1);

	memset(b->data + at, random_below(r, 4) ? 0 : 0xff,
	       b->size - at < LINE ? b->size - at : LINE);
}

static size_t block_of(struct bytes *b, struct random *r)
{
	return (place(b, r, 4) - b->data) / b->block * b->block;
}

static size_t block_size(const struct bytes *b, size_t at)
{
	return b->size - at < b->block ? b->size - at : b->block;
}

static void zero_block(struct bytes *b, struct random *r)
{
	size_t at = block_of(b, r);

	memset(b->data + at, random_below(r, 4) ? 0 : 0xff, block_size(b, at));
}

static void swap_blocks(struct bytes *b, struct random *r)
{
	size_t x = block_of(b, r), y = block_of(b, r);
	size_t size = block_size(b, x > y ? x : y);

	for (size_t i = 0; i < size; i++) {
		uint8_t byte = b->data[x + i];

		b->data[x + i] = b->data[y + i];
		b->data[y + i] = byte;
	}
}

static void copy_block(struct bytes *b, struct random *r)
{
	size_t from = block_of(b, r), to = block_of(b, r);

	memmove(b->data + to, b->data + from, block_size(b, from > to ? from : to));
}

/* One link leads where another one does, or a record holds another's word */
static void copy_word(struct bytes *b, struct random *r)
{
	const uint8_t *from = place(b, r, b->word);
	uint8_t *to = place(b, r, b->word);

	if (b->size >= b->word)
		memmove(to, from, b->word);
}

static void cut_off(struct bytes *b, struct random *r)
{
	size_t size = 1 + random_below(r, b->size);

	/* mostly near to the end: the rest is to be looked at */
	b->size = random_below(r, 4) ? b->size - random_below(r, b->size / 8 + 1) : size;
	while (b->nr_hot && b->hot[b->nr_hot - 1] + 4 > b->size)
		b->nr_hot--;
}

void bytes_damage(struct bytes *b, struct random *r)
{
	static void (*const kinds[])(struct bytes *, struct random *) = {
		flip_bits, flip_bits, flip_bits, random_bytes, edge_number, edge_number,
		edge_number, edge_number, zero_line, zero_block, swap_blocks, copy_block,
		copy_word, copy_word, cut_off,
	};

	for (uint64_t n = 1 + random_below(r, 4); n; n--)
		kinds[random_below(r, sizeof(kinds) / sizeof(*kinds))](b, r);
}
