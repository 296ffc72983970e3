// SPDX-License-Identifier: LGPL-2.1-or-later
/* crc32c eight bytes at a time, by tables: 64 MiB take some 50 ms. See crc32c.h. */
#include "crc32c.h"

/* x^32 + x^28 + x^27 + ... + 1, lowest power first */
#define POLYNOMIAL	0x82f63b78u

void crc32c_init(struct crc32c *t)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t crc = i;

		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? POLYNOMIAL : 0);
		t->table[0][i] = crc;
	}
	for (uint32_t i = 0; i < 256; i++)
		for (int n = 1; n < 8; n++)
			t->table[n][i] = t->table[n - 1][i] >> 8 ^
				t->table[0][t->table[n - 1][i] & 0xff];
}

uint32_t crc32c(const struct crc32c *t, uint32_t crc, const void *data, size_t size)
{
	const uint8_t *p = data;

	crc = ~crc;
	for (; size >= 8; p += 8, size -= 8)
		crc = t->table[7][p[0] ^ (crc & 0xff)] ^
			t->table[6][p[1] ^ (crc >> 8 & 0xff)] ^
			t->table[5][p[2] ^ (crc >> 16 & 0xff)] ^
			t->table[4][p[3] ^ crc >> 24] ^
			t->table[3][p[4]] ^ t->table[2][p[5]] ^
			t->table[1][p[6]] ^ t->table[0][p[7]];
	while (size--)
		crc = crc >> 8 ^ t->table[0][(crc ^ *p++) & 0xff];
	return ~crc;
}
