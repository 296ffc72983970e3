/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Damage to bytes, as failing memory, a torn write or an attacker does it: seeded,
 * so that a seed gives the same damage in every run.
 */
#ifndef MUTATE_BYTES_H
#define MUTATE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct random {
	uint64_t state;
};

uint64_t random_next(struct random *r);
/* 0 to @n - 1; @n is not 0 */
uint64_t random_below(struct random *r, uint64_t n);

/*
 * struct bytes - what is damaged
 * @data, @size: all of it; @size is made smaller where it is cut off
 * @block: bytes of a page or a sub-buffer, which are swapped whole
 * @word: of a pointer, 4 or 8
 * @big: byte order
 * @hot: offsets of words of 4 bytes that are not 0, ascending: other bytes are
 *	seldom of interest. Made by bytes_find_hot()
 */
struct bytes {
	uint8_t *data;
	size_t size;
	size_t block;
	unsigned int word;
	bool big;
	uint32_t *hot;
	size_t nr_hot;
};

void bytes_find_hot(struct bytes *b);

/* One to four kinds of damage to @b */
void bytes_damage(struct bytes *b, struct random *r);

#endif
