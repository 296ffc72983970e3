// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A crashed kernel's memory behind a hashed page cache.
 *
 * Structures, lists and strings lie scattered over few pages that are visited
 * again and again; dump readers below keep 16 pages at most, searched one by
 * one. 256 pages with least-recently-used replacement are within 1 % of a
 * perfect cache on the walk of a ring of 33,000 pages; more is of no use.
 * Trace data is read once, by mem_read_once(), and never enters the cache.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cursor.h"
#include "mem.h"

#define CACHE_PAGES	256
#define CACHE_BUCKETS	512
#define NIL		UINT16_MAX

/* One cached page; failures are cached too, as @status. */
struct slot {
	uint64_t addr;
	int status;
	uint16_t hash_next;
	uint16_t newer, older;
};

struct mem {
	struct merge_mem kernel;
	uint8_t *pages;
	struct slot slots[CACHE_PAGES];
	uint16_t buckets[CACHE_BUCKETS];
	uint16_t newest, oldest;
	uint16_t used;
};

struct mem *mem_create(const struct merge_mem *kernel)
{
	struct mem *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->kernel = *kernel;
	m->newest = m->oldest = NIL;
	memset(m->buckets, 0xff, sizeof(m->buckets));
	m->pages = malloc((size_t)kernel->page_size * CACHE_PAGES);
	if (!m->pages) {
		mem_destroy(m);
		return NULL;
	}
	return m;
}

void mem_destroy(struct mem *m)
{
	if (!m)
		return;
	free(m->pages);
	free(m);
}

static uint16_t *bucket_of(struct mem *m, uint64_t page_addr)
{
	uint64_t key = page_addr / m->kernel.page_size * 0x9e3779b97f4a7c15ull;

	return &m->buckets[key >> (64 - 9)];
}

static void lru_unlink(struct mem *m, uint16_t i)
{
	struct slot *s = &m->slots[i];

	if (s->newer != NIL)
		m->slots[s->newer].older = s->older;
	else
		m->newest = s->older;
	if (s->older != NIL)
		m->slots[s->older].newer = s->newer;
	else
		m->oldest = s->newer;
}

static void lru_push(struct mem *m, uint16_t i)
{
	struct slot *s = &m->slots[i];

	s->newer = NIL;
	s->older = m->newest;
	if (m->newest != NIL)
		m->slots[m->newest].newer = i;
	else
		m->oldest = i;
	m->newest = i;
}

static void hash_unlink(struct mem *m, uint16_t i)
{
	uint16_t *link = bucket_of(m, m->slots[i].addr);

	while (*link != i)
		link = &m->slots[*link].hash_next;
	*link = m->slots[i].hash_next;
}

/* A slot to fill: an unused one, else the least recently used. */
static uint16_t slot_take(struct mem *m)
{
	uint16_t i;

	if (m->used < CACHE_PAGES)
		return m->used++;
	i = m->oldest;
	lru_unlink(m, i);
	hash_unlink(m, i);
	return i;
}

static uint16_t slot_fill(struct mem *m, uint64_t page_addr)
{
	uint16_t i = slot_take(m);
	struct slot *s = &m->slots[i];
	uint16_t *bucket = bucket_of(m, page_addr);

	s->addr = page_addr;
	s->status = m->kernel.ops->read(m->kernel.arg, page_addr,
					m->pages + (size_t)i * m->kernel.page_size,
					m->kernel.page_size);
	s->hash_next = *bucket;
	*bucket = i;
	lru_push(m, i);
	return i;
}

/* The cached page at @page_addr, read when it is not there; its status in *@status. */
static const uint8_t *page_get(struct mem *m, uint64_t page_addr, int *status)
{
	uint16_t i = *bucket_of(m, page_addr);

	while (i != NIL && m->slots[i].addr != page_addr)
		i = m->slots[i].hash_next;
	if (i == NIL) {
		i = slot_fill(m, page_addr);
	} else if (i != m->newest) {
		lru_unlink(m, i);
		lru_push(m, i);
	}
	*status = m->slots[i].status;
	return m->pages + (size_t)i * m->kernel.page_size;
}

int mem_read(struct mem *m, uint64_t addr, void *buf, size_t len)
{
	uint32_t page_size = m->kernel.page_size;

	while (len) {
		size_t in = addr % page_size;
		size_t n = page_size - in < len ? page_size - in : len;
		int status;
		const uint8_t *page = page_get(m, addr - in, &status);

		if (status)
			return status;
		memcpy(buf, page + in, n);
		buf = (uint8_t *)buf + n;
		addr += n;
		len -= n;
	}
	return 0;
}

int mem_read_once(struct mem *m, uint64_t addr, void *buf, size_t len)
{
	return m->kernel.ops->read(m->kernel.arg, addr, buf, len);
}

int mem_string(struct mem *m, uint64_t addr, char *buf, size_t size)
{
	size_t done = 0;

	while (done < size) {
		size_t left = m->kernel.page_size - addr % m->kernel.page_size;
		size_t n = left < size - done ? left : size - done;
		int ret = mem_read(m, addr, buf + done, n);

		if (ret)
			return ret;
		if (memchr(buf + done, 0, n))
			return 0;
		done += n;
		addr += n;
	}
	return -EBADMSG;
}

static bool is_zero_page(struct mem *m, uint64_t addr)
{
	uint32_t page_size = m->kernel.page_size;
	int status;
	const uint8_t *page = page_get(m, addr - addr % page_size, &status);

	return !status && !page[0] && !memcmp(page, page + 1, page_size - 1);
}

int mem_text(struct mem *m, uint64_t addr, char *buf, size_t size)
{
	int ret = mem_string(m, addr, buf, size);

	if (ret)
		return ret;
	addr += strlen(buf);
	if (!*buf || (addr % m->kernel.page_size == 0 && is_zero_page(m, addr)))
		return -ENODATA;
	return 0;
}

int mem_uint(struct mem *m, uint64_t addr, size_t size, uint64_t *value)
{
	uint8_t raw[8];
	int ret;

	if (size > sizeof(raw))
		return -EINVAL;
	ret = mem_read(m, addr, raw, size);
	if (!ret)
		*value = mem_decode(m, raw, size);
	return ret;
}

int mem_pointer(struct mem *m, uint64_t addr, uint64_t *value)
{
	return mem_uint(m, addr, m->kernel.long_size, value);
}

const struct merge_mem *mem_kernel(const struct mem *m)
{
	return &m->kernel;
}

bool mem_interrupted(struct mem *m)
{
	return m->kernel.ops->interrupted && m->kernel.ops->interrupted(m->kernel.arg);
}

uint64_t mem_decode(const struct mem *m, const void *data, size_t size)
{
	struct cursor c;

	cursor_init(&c, data, size, m->kernel.big_endian);
	return cursor_uint(&c, size);
}

void mem_encode(const struct mem *m, void *data, size_t size, uint64_t value)
{
	uint8_t *bytes = data;

	for (size_t i = 0; i < size; i++)
		bytes[m->kernel.big_endian ? size - 1 - i : i] = value >> 8 * i;
}
