/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The Reed-Solomon code of ramoops zones (ram_core.c and lib/reed_solomon of the kernel):
 * symbols of 8 bits, polynomial 0x11d, first root alpha^0, primitive element 1.
 */
#ifndef MERGE_RAMOOPS_ECC_H
#define MERGE_RAMOOPS_ECC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A block and its parity are at most 255 bytes */
#define ECC_MAX	127u

struct ecc {
	uint8_t exp[512];
	uint8_t log[256];
};

void ecc_init(struct ecc *e);

/* Whether @parity, @nr bytes, is that of the @size bytes at @data */
bool ecc_is_right(const struct ecc *e, const uint8_t *data, size_t size, const uint8_t *parity,
		  unsigned int nr);

/*
 * Correct @data; @parity may be wrong as well, and is not changed.
 * Return: how many bytes were wrong, or -1: too many, nothing was changed
 */
int ecc_correct(const struct ecc *e, uint8_t *data, size_t size, const uint8_t *parity,
		unsigned int nr);

#endif
