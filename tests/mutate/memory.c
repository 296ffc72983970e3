// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The memory of crashed kernels (world.h), damaged. All its pages lie one after
 * the other in a copy, which a mutant damages; some it finds missing.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kinds.h"
#include "world.h"

#define MAX_WORLDS	4

/*
 * struct memory - one kernel's
 * @mem: what the library gets
 * @whole: as it was; @now: as it is now
 * @addrs: of the pages, ascending; @status: what reading them gives
 */
struct memory {
	struct kernel *k;
	struct merge_mem mem;
	struct bytes whole, now;
	uint64_t *addrs;
	int *status;
	size_t nr;
};

struct memories {
	struct memory all[MAX_WORLDS];
	size_t nr;
	size_t next;
};

/* ---- what the library gets ----------------------------------------------- */

static size_t page_of(const struct memory *m, uint64_t addr)
{
	uint64_t start = addr & ~(uint64_t)(m->mem.page_size - 1);
	size_t lo = 0, hi = m->nr;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (m->addrs[mid] < start)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < m->nr && m->addrs[lo] == start ? lo : m->nr;
}

static int op_read(void *arg, uint64_t addr, void *buf, size_t len)
{
	struct memory *m = arg;
	uint8_t *out = buf;

	while (len) {
		size_t page = page_of(m, addr), in = addr % m->mem.page_size;
		size_t n = m->mem.page_size - in < len ? m->mem.page_size - in : len;

		if (page == m->nr || page * m->mem.page_size + in + n > m->now.size)
			return -EFAULT;
		if (m->status[page])
			return m->status[page];
		memcpy(out, m->now.data + page * m->mem.page_size + in, n);
		out += n;
		addr += n;
		len -= n;
	}
	return 0;
}

static int op_symbol(void *arg, const char *name, uint64_t *addr)
{
	struct memory *m = arg;

	return kernel_ops.symbol(m->k, name, addr);
}

static int op_member(void *arg, const char *type, const char *member, size_t *offset, size_t *size)
{
	struct memory *m = arg;

	return kernel_ops.member(m->k, type, member, offset, size);
}

static int op_enumerator(void *arg, const char *name, int64_t *value)
{
	struct memory *m = arg;

	return kernel_ops.enumerator(m->k, name, value);
}

static const struct merge_mem_ops ops = {
	.read = op_read, .symbol = op_symbol, .member = op_member, .enumerator = op_enumerator,
};

/* ---- making it ----------------------------------------------------------- */

static int by_address(const void *a, const void *b)
{
	const struct kernel_page *x = a, *y = b;

	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

static void make(struct memory *m, const struct world *world)
{
	struct kernel *k = world_kernel(world);
	size_t page_size = k->mem.page_size;

	m->k = k;
	m->mem = k->mem;
	m->mem.ops = &ops;
	m->mem.arg = m;
	m->nr = k->nr_pages;
	m->whole.size = m->nr * page_size;
	m->whole.data = malloc(m->whole.size);
	m->now.data = malloc(m->whole.size);
	m->addrs = calloc(m->nr, sizeof(*m->addrs));
	m->status = calloc(m->nr, sizeof(*m->status));
	if (!m->whole.data || !m->now.data || !m->addrs || !m->status)
		abort();
	qsort(k->pages, k->nr_pages, sizeof(*k->pages), by_address);
	for (size_t i = 0; i < m->nr; i++) {
		m->addrs[i] = k->pages[i].addr;
		memcpy(m->whole.data + i * page_size, k->pages[i].bytes, page_size);
	}
	m->whole.block = page_size;
	m->whole.word = m->mem.long_size;
	m->whole.big = m->mem.big_endian;
	bytes_find_hot(&m->whole);
}

static void *prepare(const char *dir)
{
	struct memories *all = calloc(1, sizeof(*all));

	(void)dir;
	if (!all)
		abort();
	for (; worlds[all->nr].name; all->nr++)
		make(&all->all[all->nr], &worlds[all->nr]);
	return all;
}

static void release(void *input)
{
	struct memories *all = input;

	for (size_t i = 0; i < all->nr; i++) {
		struct memory *m = &all->all[i];

		kernel_close(m->k);
		free(m->whole.data);
		free(m->whole.hot);
		free(m->now.data);
		free(m->addrs);
		free(m->status);
	}
	free(all);
}

/* ---- damaging it --------------------------------------------------------- */

/* Pages that are not in the dump, as makedumpfile and a cut off file leave them */
static void take_pages(struct memory *m, struct random *r)
{
	for (uint64_t n = 1 + random_below(r, 8); n; n--)
		m->status[random_below(r, m->nr)] = random_below(r, 2) ? -ENODATA : -EFAULT;
}

static int open_memory(void *input, struct random *r, struct merge_error *err,
		       struct merge_source **src)
{
	struct memories *all = input;
	struct memory *m = &all->all[r ? random_below(r, all->nr) : all->next++ % all->nr];
	uint8_t *data = m->now.data;

	m->now = m->whole;
	m->now.data = data;
	memcpy(data, m->whole.data, m->whole.size);
	memset(m->status, 0, m->nr * sizeof(*m->status));
	if (r && random_below(r, 6) == 0)
		take_pages(m, r);
	else if (r)
		bytes_damage(&m->now, r);
	return merge_source_open_vmcore(&m->mem, err, src);
}

const struct kind kind_memory = {
	.name = "memory", .share = 50, .prepare = prepare, .open = open_memory,
	.release = release,
};
