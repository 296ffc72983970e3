// SPDX-License-Identifier: GPL-2.0-or-later
/* Mainline's persistent ring buffers in memory: see mkbootring.h. */
#include <stdlib.h>
#include <string.h>

#include "mkbootring.h"

#define MAGIC	0x0badfeedu
#define SCRATCH	1000u
#define READER	2u	/* the sub-buffer that the reader has */
#define HEAD	3u	/* place of the head in buffers[] */
#define FIRST	0xffff888012340000ull	/* where the writer had the first CPU's sub-buffers */

void bootring_put(struct bootring_made *m, size_t at, size_t size, uint64_t value)
{
	if (at + size > m->size)
		abort();
	for (size_t i = 0; i < size; i++)
		m->data[at + (m->big ? size - 1 - i : i)] = (uint8_t)(value >> 8 * i);
}

uint64_t bootring_get(const struct bootring_made *m, size_t at, size_t size)
{
	uint64_t value = 0;

	if (at + size > m->size)
		abort();
	for (size_t i = 0; i < size; i++)
		value |= (uint64_t)m->data[at + (m->big ? size - 1 - i : i)] << 8 * i;
	return value;
}

/* buffers[i], of which 0 is the reader's: all others in some order */
static uint32_t buffer_of(const struct bootring_made *m, uint32_t i)
{
	uint32_t other = m->nr_subbufs - i;	/* nr - 1 to 1 */

	return !i ? READER : other > READER ? other : other - 1;
}

static uint32_t place_of(const struct bootring_made *m, uint32_t k)
{
	return !k ? 0 : (HEAD - 1 + k - 1) % (m->nr_subbufs - 1) + 1;
}

uint32_t bootring_index(const struct bootring_made *m, uint32_t k)
{
	return buffer_of(m, place_of(m, k));
}

size_t bootring_first(const struct bootring_made *m, unsigned int cpu)
{
	uint32_t ls = m->long_size;

	return m->meta[cpu] + (bootring_get(m, m->meta[cpu], 4) == MAGIC ? 8 + 2 * ls : 0);
}

static size_t align(size_t n, size_t to)
{
	return (n + to - 1) / to * to;
}

static void lay_out(struct bootring_made *m, const struct merge_source *src,
		    const struct bootring_how *how)
{
	uint32_t ls = m->long_size, head = 8 + 2 * ls;
	size_t size = how->heads ? 3 * ls + 8 + 8 * how->more : 16 + 5 * ls;
	size_t at = how->at + (how->heads ? align(head + SCRATCH, ls) : 0);

	for (unsigned int i = 0; i < m->nr_cpus; i++)
		if (src->buffers[0].cpus[i].nr_subbufs + BOOTRING_SPARE > m->nr_subbufs)
			m->nr_subbufs = (uint32_t)src->buffers[0].cpus[i].nr_subbufs + BOOTRING_SPARE;
	for (unsigned int i = 0; i < m->nr_cpus; i++) {
		m->meta[i] = at;
		m->buffers[i] = at + size;
		m->subbufs[i] = how->at + align(at - how->at + size + 4 * m->nr_subbufs, m->subbuf_size);
		at = m->subbufs[i] + m->nr_subbufs * m->subbuf_size;
	}
	m->size = at;
	m->data = calloc(1, m->size);
	if (!m->data)
		abort();
}

static void put_head(struct bootring_made *m, const struct bootring_how *how)
{
	uint32_t ls = m->long_size, head = 8 + 2 * ls, meta = 3 * ls + 8 + 8 * how->more;

	bootring_put(m, m->at, 4, MAGIC);
	bootring_put(m, m->at + 4, 4, head << 16 | meta);
	bootring_put(m, m->at + 8, ls, m->size - m->at);
	bootring_put(m, m->at + 8 + ls, ls, m->meta[0] - m->at);
	bootring_put(m, m->at + head, 4, how->clock_id);
	bootring_put(m, m->at + head + ls, ls, how->text_addr ? how->text_addr : BOOTRING_TEXT);
}

static void put_cpu(struct bootring_made *m, struct merge_source *src, unsigned int cpu,
		    const struct bootring_how *how)
{
	const struct merge_buffer *buf = &src->buffers[0];
	size_t nr = buf->cpus[cpu].nr_subbufs, at = m->meta[cpu];
	uint32_t ls = m->long_size;
	uint64_t first = FIRST + m->subbufs[cpu] - m->at;
	struct merge_error err = { 0 };

	if (!how->heads) {
		bootring_put(m, at, 4, MAGIC);
		bootring_put(m, at + 4, 4, 16 + 5 * ls);
		bootring_put(m, at + 8, ls, how->text_addr ? how->text_addr : BOOTRING_TEXT);
		bootring_put(m, at + 8 + ls, ls, BOOTRING_TEXT + 0x1000000);
		at += 8 + 2 * ls;
	}
	bootring_put(m, at, ls, first);
	bootring_put(m, at + ls, ls, first + (uint64_t)buffer_of(m, HEAD) * m->subbuf_size);
	bootring_put(m, at + 2 * ls, ls,
		     first + (uint64_t)bootring_index(m, nr ? (uint32_t)nr - 1 : 0) * m->subbuf_size);
	bootring_put(m, at + 3 * ls, 4, m->subbuf_size);
	bootring_put(m, at + 3 * ls + 4, 4, m->nr_subbufs);
	for (uint32_t i = 0; i < m->nr_subbufs; i++)
		bootring_put(m, m->buffers[cpu] + 4 * i, 4, buffer_of(m, i));
	for (size_t k = 0; k < nr; k++) {
		uint8_t *room = calloc(1, m->subbuf_size);
		struct subbuf sb = { 0 };

		if (!room || src->ops->read(src, buf, cpu, k, room, &err, &sb))
			abort();
		memcpy(m->data + m->subbufs[cpu] +
		       (size_t)bootring_index(m, (uint32_t)k) * m->subbuf_size, sb.data, sb.size);
		free(room);
	}
}

void bootring_make(struct bootring_made *m, struct merge_source *src,
		   const struct bootring_how *how)
{
	const struct merge_buffer *buf = &src->buffers[0];

	*m = (struct bootring_made){
		.at = how->at, .big = src->big_endian, .long_size = src->long_size,
		.subbuf_size = buf->subbuf_size, .nr_cpus = buf->nr_cpus,
	};
	if (m->nr_cpus > BOOTRING_MAX_CPUS)
		abort();
	lay_out(m, src, how);
	if (how->heads)
		put_head(m, how);
	for (unsigned int i = 0; i < m->nr_cpus; i++)
		put_cpu(m, src, i, how);
}

void bootring_made_free(struct bootring_made *m)
{
	free(m->data);
	m->data = NULL;
}
