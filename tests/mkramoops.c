// SPDX-License-Identifier: GPL-2.0-or-later
/* Mainline's ramoops in memory: see mkramoops.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "mkramoops.h"

#define HEADER	12u
#define BLOCK	128u

void ramoops_mem_init(struct ramoops_mem *m, size_t size)
{
	m->size = size;
	m->data = calloc(1, size);
	if (!m->long_size)
		m->long_size = 8;
	if (!m->data)
		abort();
}

void ramoops_mem_free(struct ramoops_mem *m)
{
	free(m->data);
	m->data = NULL;
}

void ramoops_put(struct ramoops_mem *m, size_t at, size_t size, uint64_t value)
{
	if (at + size > m->size)
		abort();
	for (size_t i = 0; i < size; i++)
		m->data[at + (m->big ? size - 1 - i : i)] = (uint8_t)(value >> 8 * i);
}

uint64_t ramoops_get(const struct ramoops_mem *m, size_t at, size_t size)
{
	uint64_t value = 0;

	if (at + size > m->size)
		abort();
	for (size_t i = 0; i < size; i++)
		value |= (uint64_t)m->data[at + (m->big ? size - 1 - i : i)] << 8 * i;
	return value;
}

/* ---- Parity --------------------------------------------------------------- */

/* Bit by bit */
static uint8_t times(uint8_t a, uint8_t b)
{
	uint8_t product = 0;

	for (; b; b >>= 1, a = (uint8_t)(a << 1 ^ (a & 0x80 ? 0x1d : 0)))
		if (b & 1)
			product ^= a;
	return product;
}

/* The product of (x - alpha^i), highest power first, without the leading 1 */
static void make_generator(uint8_t *g, unsigned int nr)
{
	uint8_t root = 1;

	memset(g, 0, nr);
	for (unsigned int i = 0; i < nr; i++, root = times(root, 2)) {
		uint8_t before = 1;

		for (unsigned int k = 0; k <= i; k++) {
			uint8_t old = g[k];

			g[k] = old ^ times(before, root);
			before = old;
		}
	}
}

void ramoops_parity(const uint8_t *data, size_t size, uint8_t *parity, unsigned int nr)
{
	uint8_t g[255];

	make_generator(g, nr);
	memset(parity, 0, nr);
	for (size_t i = 0; i < size; i++) {
		uint8_t by = data[i] ^ parity[0];

		memmove(parity, parity + 1, nr - 1);
		parity[nr - 1] = 0;
		for (unsigned int k = 0; by && k < nr; k++)
			parity[k] ^= times(by, g[k]);
	}
}

void ramoops_sign(struct ramoops_made *z)
{
	uint32_t ecc = z->mem->ecc;
	uint8_t *data = z->mem->data + z->pos + HEADER, *parity = data + z->room;

	if (!ecc)
		return;
	for (uint32_t at = 0; at < z->room; at += BLOCK, parity += ecc)
		ramoops_parity(data + at, z->room - at < BLOCK ? z->room - at : BLOCK, parity, ecc);
	ramoops_parity(data - HEADER, HEADER, parity, ecc);
}

/* ---- Zones ---------------------------------------------------------------- */

void ramoops_zone_make(struct ramoops_made *z, struct ramoops_mem *m, size_t pos, size_t size,
		       uint32_t version)
{
	size_t room = size - HEADER, blocks = 0;

	if (m->ecc) {
		blocks = (room - m->ecc + BLOCK + m->ecc - 1) / (BLOCK + m->ecc);
		room -= (blocks + 1) * m->ecc;
	}
	*z = (struct ramoops_made){ .mem = m, .pos = pos, .size = size, .room = (uint32_t)room };
	ramoops_put(m, pos, 4, 0x43474244 ^ version);
	ramoops_put(m, pos + 4, 8, 0);
	ramoops_sign(z);
}

void ramoops_write(struct ramoops_made *z, const void *bytes, size_t size)
{
	struct ramoops_mem *m = z->mem;
	const uint8_t *from = bytes;

	for (size_t i = 0; i < size; i++) {
		uint32_t start = (uint32_t)ramoops_get(m, z->pos + 4, 4);
		uint32_t used = (uint32_t)ramoops_get(m, z->pos + 8, 4);

		m->data[z->pos + HEADER + start] = from[i];
		ramoops_put(m, z->pos + 4, 4, start + 1 == z->room ? 0 : start + 1);
		ramoops_put(m, z->pos + 8, 4, used < z->room ? used + 1 : used);
	}
	ramoops_sign(z);
}

void ramoops_call(struct ramoops_made *z, uint64_t ip, uint64_t counter, unsigned int cpu)
{
	struct ramoops_mem *m = z->mem, rec = { .big = m->big };
	uint32_t size = m->long_size;
	uint8_t bytes[24];

	rec.data = bytes;
	rec.size = 2 * size + 8;
	ramoops_put(&rec, 0, size, m->cpu_in_ip ? ip | cpu : ip);
	ramoops_put(&rec, size, size, RAMOOPS_PARENT);
	ramoops_put(&rec, 2 * size, 8, m->cpu_in_ip ? counter : counter << 8 | (cpu & 0xff));
	ramoops_write(z, bytes, rec.size);
}

void ramoops_dump(struct ramoops_made *z, int64_t seconds, bool compressed, const char *text)
{
	size_t size = strlen(text), room = size + 1000;
	uint8_t *packed = malloc(room);
	z_stream s = { .next_in = (Bytef *)text, .avail_in = (uInt)size };
	char heading[60];

	if (!packed || deflateInit2(&s, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		abort();
	s.next_out = packed;
	s.avail_out = (uInt)room;
	if (deflate(&s, Z_FINISH) != Z_STREAM_END)
		abort();
	snprintf(heading, sizeof(heading), "====%lld.%06u-%c\n", (long long)seconds, 123456,
		 compressed ? 'C' : 'D');
	ramoops_put(z->mem, z->pos + 4, 8, 0);
	ramoops_write(z, heading, strlen(heading));
	ramoops_write(z, compressed ? (const void *)packed : text, compressed ? s.total_out : size);
	deflateEnd(&s);
	free(packed);
}

void ramoops_small(struct ramoops_mem *m, size_t at)
{
	struct ramoops_made dumps[2], console, pmsg, functions[2];

	ramoops_mem_init(m, at + RAMOOPS_SMALL);
	for (unsigned int i = 0; i < 2; i++)
		ramoops_zone_make(&dumps[i], m, at + 0x1000 * i, 0x1000, 0);
	ramoops_zone_make(&console, m, at + 0x2000, 0x1000, 0);
	ramoops_zone_make(&pmsg, m, at + 0x3000, 0x1000, 0);
	for (unsigned int i = 0; i < 2; i++)
		ramoops_zone_make(&functions[i], m, at + 0x4000 + 0x1000 * i, 0x1000,
				  RAMOOPS_VERSION);
	ramoops_dump(&dumps[0], 1732795200, true, "Panic#1 Part1\n<4>[    1.000000] it ends\n");
	ramoops_write(&console, "[    0.500000] hello\n", 21);
	ramoops_write(&pmsg, "a message\n", 10);
	for (unsigned int i = 0; i < 6; i++)
		ramoops_call(&functions[i % 2], 0xffffffff81000000 + 16 * i, i, i % 2);
}
