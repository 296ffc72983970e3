// SPDX-License-Identifier: LGPL-2.1-or-later
/* Finding mainline's persistent ring buffers: see bootring.h. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bootring.h"
#include "cursor.h"
#include "error.h"
#include "persist_header.h"

#define PAGE		4096u
#define WINDOW		(1u << 18)
#define MAGIC		0x0badfeedu
#define MAX_SUBBUFS	(1u << 22)
#define MAX_SUBBUF	(1u << 20)
#define MAX_CPUS	8192u
/* What is told of a CPU may be damaged where that of one of the next is not */
#define LOOK_AHEAD	8u
#define HEAD_SIZE	64u

/*
 * struct layout - how kernels lay it out
 * @sizes: struct_size, or struct_sizes
 * @head: bytes of what all CPUs share, 0: nothing
 * @meta: bytes of what a CPU has in front of buffers[]; @first: first_buffer in it
 */
struct layout {
	uint32_t sizes, long_size, head, meta, first;
};

static const struct layout layouts[] = {
	{ 56, 8, 0, 56, 24 }, { 36, 4, 0, 36, 16 },
	{ 24 << 16 | 32, 8, 24, 32, 0 }, { 24 << 16 | 40, 8, 24, 40, 0 },
	{ 16 << 16 | 20, 4, 16, 20, 0 }, { 16 << 16 | 28, 4, 16, 28, 0 },
};

/* What is told of a CPU; @head and @commit are numbers of sub-buffers */
struct meta {
	uint32_t subbuf_size, nr_subbufs;
	uint64_t head, commit;
	bool good;
};

struct reader {
	const struct merge_region_io *io;
	const struct layout *layout;
	struct bootring *ring;
	uint64_t first_meta, end;
};

/* ---- Heads ---------------------------------------------------------------- */

static const struct layout *layout_of(const uint8_t *bytes, size_t size, bool *big)
{
	for (int i = 0; i < 2; i++) {
		struct cursor c;
		uint32_t sizes;

		cursor_init(&c, bytes, size, i);
		if (cursor_u32(&c) != MAGIC)
			continue;
		*big = i;
		sizes = cursor_u32(&c);
		for (size_t k = 0; !c.bad && k < sizeof(layouts) / sizeof(*layouts); k++)
			if (layouts[k].sizes == sizes)
				return &layouts[k];
	}
	return NULL;
}

/* All of @size bytes. Return: 0; -ENODATA; -EINTR; -ENOMEM */
static int read_all(const struct merge_region_io *io, uint64_t pos, void *buf, uint64_t size)
{
	uint64_t lost;
	int ret;

	if (pos > io->size || size > io->size - pos)
		return -ENODATA;
	ret = persist_read(io, pos, buf, size, &lost);
	return ret ? ret : lost ? -ENODATA : 0;
}

/* ---- One CPU -------------------------------------------------------------- */

static uint64_t number_of(uint64_t addr, uint64_t first, const struct meta *m)
{
	uint64_t offset = addr - first;

	return addr < first || offset % m->subbuf_size ? UINT64_MAX : offset / m->subbuf_size;
}

/* Return: 0, with m->good when it is one; -EINTR; -ENOMEM */
static int read_meta(const struct reader *r, uint64_t pos, struct meta *m)
{
	uint32_t ls = r->layout->long_size;
	uint64_t first, head, commit;
	uint8_t bytes[HEAD_SIZE];
	bool big = r->ring->big_endian, its;
	struct cursor c;
	int ret = read_all(r->io, pos, bytes, r->layout->meta);

	*m = (struct meta){ 0 };
	if (ret)
		return ret == -ENODATA ? 0 : ret;
	if (!r->layout->head && (layout_of(bytes, r->layout->meta, &its) != r->layout || its != big))
		return 0;
	cursor_init(&c, bytes, r->layout->meta, big);
	cursor_seek(&c, r->layout->first);
	first = cursor_uint(&c, ls);
	head = cursor_uint(&c, ls);
	commit = cursor_uint(&c, ls);
	m->subbuf_size = cursor_u32(&c);
	m->nr_subbufs = cursor_u32(&c);
	m->good = m->subbuf_size >= PAGE && m->subbuf_size <= MAX_SUBBUF &&
		!(m->subbuf_size & (m->subbuf_size - 1)) && m->nr_subbufs >= 2 &&
		m->nr_subbufs <= MAX_SUBBUFS;
	if (!m->good)
		return 0;
	m->head = number_of(head, first, m);
	m->commit = number_of(commit, first, m);
	return 0;
}

/* Offsets are from the start of all, which is on a page of its kernel */
static uint64_t subbufs_of(const struct reader *r, uint64_t meta)
{
	uint64_t size = r->ring->subbuf_size;
	uint64_t end = meta - r->ring->start + r->layout->meta + 4ull * r->ring->nr_subbufs;

	return r->ring->start + (end + size - 1) / size * size;
}

static uint64_t next_meta(const struct reader *r, uint64_t meta)
{
	return subbufs_of(r, meta) + (uint64_t)r->ring->nr_subbufs * r->ring->subbuf_size;
}

static uint64_t meta_of(const struct reader *r, unsigned int cpu)
{
	uint64_t second;

	if (!cpu)
		return r->first_meta;
	second = next_meta(r, r->first_meta);
	return second + (cpu - 1) * (next_meta(r, second) - second);
}

/* ---- Order ---------------------------------------------------------------- */

/*
 * buffers[] names each sub-buffer once. Two stores change it when the reader gets another
 * one: between them one is named twice, and the one that the reader had is not.
 */
static const char *check_buffers(uint32_t *buffers, uint32_t nr, bool *repaired)
{
	uint32_t twice = UINT32_MAX, missing = UINT32_MAX;
	uint8_t *named = calloc(nr, 1);
	const char *why = NULL;

	if (!named)
		return "out of memory";
	for (uint32_t i = 0; !why && i < nr; i++) {
		if (buffers[i] >= nr)
			why = "it names a sub-buffer there is not";
		else if (!named[buffers[i]]++)
			continue;
		else if (twice == UINT32_MAX && buffers[i] == buffers[0])
			twice = i;
		else
			why = "it names sub-buffers twice";
	}
	for (uint32_t i = 0; i < nr && missing == UINT32_MAX; i++)
		if (!named[i])
			missing = i;
	if (!why && twice != UINT32_MAX) {
		buffers[twice] = missing;
		*repaired = true;
	}
	free(named);
	return why;
}

/* The reader's first, then from the head on up to what was committed last */
static const char *follow(const uint32_t *buffers, const struct meta *m, struct bootring_cpu *cpu)
{
	uint32_t nr = m->nr_subbufs, at = 1;

	if (m->head >= nr)
		return "its head is no sub-buffer";
	if (m->commit >= nr)
		return "what was committed last is no sub-buffer";
	cpu->order[cpu->nr++] = buffers[0];
	if (m->commit == buffers[0])
		return NULL;
	while (at < nr && buffers[at] != m->head)
		at++;
	if (at == nr)
		return "its head is not in the ring";
	for (uint32_t i = 1; i < nr; i++, at = at + 1 < nr ? at + 1 : 1) {
		cpu->order[cpu->nr++] = buffers[at];
		if (buffers[at] == m->commit)
			return NULL;
	}
	return "what was committed last is not in the ring";
}

struct timed {
	uint64_t ts;
	uint32_t index;
};

static int compare_times(const void *a, const void *b)
{
	const struct timed *x = a, *y = b;

	if (x->ts != y->ts)
		return x->ts < y->ts ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

/* All that have a time: what a reader had got may be among them */
static int order_by_time(const struct reader *r, struct bootring_cpu *cpu)
{
	const struct bootring *ring = r->ring;
	struct timed *all = calloc(ring->nr_subbufs, sizeof(*all));
	size_t nr = 0;
	int ret = all ? 0 : -ENOMEM;

	for (uint32_t i = 0; !ret && i < ring->nr_subbufs; i++) {
		uint8_t head[16];
		struct cursor c;

		ret = read_all(r->io, cpu->subbufs + (uint64_t)i * ring->subbuf_size, head,
			       8 + ring->long_size);
		if (ret == -ENODATA) {
			ret = 0;
			continue;
		}
		cursor_init(&c, head, 8 + ring->long_size, ring->big_endian);
		all[nr] = (struct timed){ .ts = cursor_u64(&c), .index = i };
		nr += all[nr].ts && cursor_uint(&c, ring->long_size);
	}
	if (nr)
		qsort(all, nr, sizeof(*all), compare_times);
	for (size_t i = 0; i < nr; i++)
		cpu->order[i] = all[i].index;
	cpu->nr = nr;
	free(all);
	return ret;
}

static int read_buffers(const struct reader *r, uint64_t meta, uint32_t *buffers)
{
	size_t size = 4ul * r->ring->nr_subbufs;
	uint8_t *bytes = malloc(size);
	struct cursor c;
	int ret = bytes ? read_all(r->io, meta + r->layout->meta, bytes, size) : -ENOMEM;

	cursor_init(&c, bytes, ret ? 0 : size, r->ring->big_endian);
	for (uint32_t i = 0; !ret && i < r->ring->nr_subbufs; i++)
		buffers[i] = cursor_u32(&c);
	free(bytes);
	return ret;
}

static int find_order(const struct reader *r, const struct meta *m, struct bootring_cpu *cpu)
{
	uint32_t *buffers = calloc(r->ring->nr_subbufs, sizeof(*buffers));
	int ret;

	cpu->order = calloc(r->ring->nr_subbufs, sizeof(*cpu->order));
	ret = buffers && cpu->order ? 0 : -ENOMEM;
	if (!ret && !m->good)
		cpu->why = "what is told of it is damaged";
	else if (!ret)
		ret = read_buffers(r, cpu->meta, buffers);
	if (ret == -ENODATA) {
		cpu->why = "its list of sub-buffers cannot be read";
		ret = 0;
	}
	if (!ret && !cpu->why)
		cpu->why = check_buffers(buffers, r->ring->nr_subbufs, &cpu->repaired);
	if (!ret && !cpu->why)
		cpu->why = follow(buffers, m, cpu);
	free(buffers);
	return ret || !cpu->why ? ret : order_by_time(r, cpu);
}

static int add_cpu(const struct reader *r, unsigned int number, const struct meta *m)
{
	struct bootring *ring = r->ring;
	struct bootring_cpu *grown = reallocarray(ring->cpus, ring->nr_cpus + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	ring->cpus = grown;
	grown += ring->nr_cpus++;
	*grown = (struct bootring_cpu){ .cpu = number, .meta = meta_of(r, number) };
	grown->subbufs = subbufs_of(r, grown->meta);
	return find_order(r, m, grown);
}

/* One that is not as the first counts only where one behind it is. Return: 1, 0, errno */
static int meta_at(const struct reader *r, unsigned int cpu, struct meta *m)
{
	int ret = 0;

	*m = (struct meta){ 0 };
	if (meta_of(r, cpu) < r->end)
		ret = read_meta(r, meta_of(r, cpu), m);
	m->good = m->good && m->subbuf_size == r->ring->subbuf_size &&
		m->nr_subbufs == r->ring->nr_subbufs;
	return ret ? ret : m->good;
}

static int is_last(const struct reader *r, unsigned int cpu)
{
	struct meta m;
	int ret = 0;

	for (unsigned int i = 1; !ret && i <= LOOK_AHEAD; i++)
		ret = meta_at(r, cpu + i, &m);
	return ret < 0 ? ret : !ret;
}

static int read_cpus(const struct reader *r)
{
	int ret = 0;

	for (unsigned int cpu = 0; !ret && cpu < MAX_CPUS; cpu++) {
		struct meta m;

		ret = meta_at(r, cpu, &m);
		if (!ret)
			ret = is_last(r, cpu);
		else if (ret > 0)
			ret = 0;
		if (!ret)
			ret = add_cpu(r, cpu, &m);
	}
	return ret < 0 ? ret : 0;
}

/* ---- One ring buffer ------------------------------------------------------ */

/* What is told of the kernel that wrote; r->first_meta, r->end */
static int read_head(struct reader *r)
{
	struct bootring *ring = r->ring;
	uint32_t ls = r->layout->long_size;
	uint8_t bytes[HEAD_SIZE] = { 0 };
	uint64_t total, offset;
	struct cursor c;
	int ret = read_all(r->io, ring->start, bytes, HEAD_SIZE);

	if (ret)
		return ret;
	cursor_init(&c, bytes, sizeof(bytes), ring->big_endian);
	cursor_seek(&c, 8);
	r->first_meta = ring->start;
	r->end = r->io->size;
	if (!r->layout->head) {
		ring->text_addr = cursor_uint(&c, ls);
		return 0;
	}
	total = cursor_uint(&c, ls);
	offset = cursor_uint(&c, ls);
	if (offset < r->layout->head || offset > total || total > r->io->size - ring->start)
		return -EBADMSG;
	r->first_meta = ring->start + offset;
	r->end = ring->start + total;
	if (offset < r->layout->head + 3 * ls)
		return 0;
	ring->clock_id = cursor_u32(&c);
	cursor_seek(&c, r->layout->head + ls);
	ring->text_addr = cursor_uint(&c, ls);
	return 0;
}

/* @ring->start and the layout are known. Return: 0; -EBADMSG; -EINTR; -ENOMEM */
static int load(const struct merge_region_io *io, const struct layout *layout,
		struct bootring *ring)
{
	struct reader r = { .io = io, .layout = layout, .ring = ring };
	struct meta m = { 0 };
	int ret;

	ring->long_size = layout->long_size;
	ring->heads = layout->head;
	ring->clock_id = BOOTRING_NO_CLOCK;
	ret = read_head(&r);
	if (!ret)
		ret = read_meta(&r, r.first_meta, &m);
	if (ret)
		return ret == -ENODATA ? -EBADMSG : ret;
	if (!m.good || r.first_meta >= r.end ||
	    (uint64_t)m.nr_subbufs * m.subbuf_size > r.end - r.first_meta)
		return -EBADMSG;
	ring->subbuf_size = m.subbuf_size;
	ring->nr_subbufs = m.nr_subbufs;
	return read_cpus(&r);
}

void bootring_deinit(struct bootring *ring)
{
	for (unsigned int i = 0; i < ring->nr_cpus; i++)
		free(ring->cpus[i].order);
	free(ring->cpus);
	*ring = (struct bootring){ 0 };
}

/* ---- Looking for them ----------------------------------------------------- */

struct search {
	const struct merge_region_io *io;
	bool (*stop)(void *arg);
	void *arg;
	struct bootring *ring;	/* NULL: whether there is any */
	size_t nr_bad;
	uint64_t behind;	/* the end of the last one */
};

static uint64_t end_of(const struct bootring *ring)
{
	const struct bootring_cpu *last = &ring->cpus[ring->nr_cpus - 1];

	return last->subbufs + (uint64_t)ring->nr_subbufs * ring->subbuf_size;
}

/* Return: 1 found, and no more is wanted; 0; -EINTR; -ENOMEM */
static int take(struct search *s, uint64_t pos, const struct layout *layout, bool big)
{
	struct bootring ring = { .start = pos, .big_endian = big };
	int ret;

	if (!s->ring)
		return 1;
	ret = load(s->io, layout, &ring);
	if (!ret && ring.nr_cpus) {
		s->behind = end_of(&ring);
		if (!s->ring->nr_cpus) {
			*s->ring = ring;
			return 0;
		}
		if (!s->ring->others++)
			s->ring->other = pos;
	} else if (!ret || ret == -EBADMSG) {
		s->nr_bad++;
		ret = 0;
	}
	bootring_deinit(&ring);
	return ret;
}

static int search_window(struct search *s, uint64_t pos, const uint8_t *window, size_t len)
{
	int ret = 0;

	for (size_t at = 0; !ret && at + 8 <= len; at += PAGE) {
		const struct layout *layout;
		bool big;

		if (pos + at < s->behind)
			continue;
		layout = layout_of(window + at, len - at, &big);
		if (layout)
			ret = take(s, pos + at, layout, big);
	}
	return ret;
}

static int search(struct search *s, uint64_t from, uint64_t to)
{
	uint8_t *window = malloc(WINDOW);
	uint64_t lost;
	int ret = window ? 0 : -ENOMEM;

	for (uint64_t pos = from; !ret && pos < to; pos += WINDOW) {
		size_t len = to - pos < WINDOW ? (size_t)(to - pos) : WINDOW;

		if (s->stop && s->stop(s->arg))
			ret = -EINTR;
		if (!ret)
			ret = persist_read(s->io, pos, window, len, &lost);
		if (!ret)
			ret = search_window(s, pos, window, len);
	}
	free(window);
	return ret;
}

bool bootring_find_any(const struct merge_region_io *io)
{
	struct search s = { .io = io };

	return search(&s, 0, io->size) == 1;
}

int bootring_find(const struct merge_region_io *io, uint64_t start, bool (*stop)(void *arg),
		  void *arg, struct merge_error *err, struct bootring *ring)
{
	struct search s = { .io = io, .stop = stop, .arg = arg, .ring = ring };
	bool any = start == BOOTRING_FIRST;
	int ret;

	*ring = (struct bootring){ 0 };
	ret = any ? search(&s, 0, io->size) : start >= io->size ? 0 :
		search(&s, start, io->size - start > 8 ? start + 8 : io->size);
	if (ret) {
		bootring_deinit(ring);
		return error_code(err, ret);
	}
	if (ring->nr_cpus)
		return 0;
	if (s.nr_bad)
		return error_set(err, -EBADMSG,
				 "what %zu persistent ring buffers tell of themselves is damaged", s.nr_bad);
	if (any)
		return error_set(err, -ENOTSUP, "there is no persistent ring buffer in it");
	return error_set(err, -ENOTSUP, "no persistent ring buffer begins at 0x%" PRIx64, start);
}
