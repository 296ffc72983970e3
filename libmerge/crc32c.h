/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * crc32c (Castagnoli, as iSCSI's RFC 3720 has it): what the pieces of a persistent
 * region vouch for themselves with.
 */
#ifndef MERGE_CRC32C_H
#define MERGE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

struct crc32c {
	uint32_t table[8][256];
};

void crc32c_init(struct crc32c *t);

/* Of what had @crc, 0 for nothing, and @size bytes more */
uint32_t crc32c(const struct crc32c *t, uint32_t crc, const void *data, size_t size);

#endif
