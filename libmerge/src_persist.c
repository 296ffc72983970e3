// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What the kernel's tracer pstore left as a source (docs/format.md): the file in
 * pstore, or the image of a memory that has a region somewhere. persist_find.c finds
 * its slots, persist_tables.c and persist_ring.c what is in one; here it becomes
 * buffers, with what consumers had got in one of its own.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "describe_persist.h"
#include "error.h"
#include "file_io.h"
#include "source_open.h"
#include "src_persist.h"

#define ANY_SLOT	MERGE_REGION_NEWEST

/* ---- Sub-buffers ---------------------------------------------------------- */

static const struct persist_list *list_of(const struct persist_source *ps, const struct merge_buffer *buf,
				  unsigned int cpu_index)
{
	return &ps->lists[buf->index * ps->slot->h.nr_chunks + cpu_index];
}

/* @value into @size bytes in the traced kernel's byte order */
static void put_number(uint8_t *bytes, size_t size, bool big, uint64_t value)
{
	for (size_t i = 0; i < size; i++)
		bytes[big ? size - 1 - i : i] = (uint8_t)(value >> 8 * i);
}

static void restore(const struct persist_header *h, const struct persist_subbuf *at, uint8_t *data)
{
	bool big = h->flags & TRACE_PERSIST_BIG_ENDIAN;

	put_number(data, 8, big, at->time_stamp);
	put_number(data + 8, h->long_size, big, at->commit);
}

static int read_subbuf(struct merge_source *src, const struct merge_buffer *buf,
		       unsigned int cpu_index, size_t i, void *data,
		       struct merge_error *err, struct subbuf *sb)
{
	struct persist_source *ps = src->priv;
	const struct persist_subbuf *at = &list_of(ps, buf, cpu_index)->subbufs[i];
	int ret;

	sb->address = at->pos;
	if (at->state == PERSIST_MISSING)
		return error_set(err, -ENODATA,
				 "sub-buffers %" PRIu64 " to %" PRIu64 " were sealed, and %" PRIu64 " are nowhere",
				 at->sequence, at->sequence + at->nr_missing - 1, at->nr_missing);
	if (at->state == PERSIST_CORRUPT)
		return error_set(err, -EBADMSG, "sub-buffer %" PRIu32 " of the chunk: the crc is not its seal's",
				 at->index);
	ret = ps->io.read(ps->io.arg, at->pos, data, buf->subbuf_size);
	if (ret)
		return error_set(err, ret, "%s", ret == -ENODATA ? "it cannot be read any more" :
				 strerror(-ret));
	if (at->state == PERSIST_RESTORED)
		restore(&ps->slot->h, at, data);
	sb->data = data;
	sb->size = buf->subbuf_size;
	/* what was overwritten since a consumer came by is not known */
	if (!i && buf->kind == MERGE_PERSISTENT && !ps->rings[cpu_index].nr_consumed)
		sb->overrun = ps->rings[cpu_index].overrun;
	return 0;
}

static int read_time(struct merge_source *src, const struct merge_buffer *buf,
		     unsigned int cpu_index, size_t i, uint64_t *ts)
{
	const struct persist_subbuf *at = &list_of(src->priv, buf, cpu_index)->subbufs[i];

	if (at->state == PERSIST_MISSING || at->state == PERSIST_CORRUPT)
		return -ENODATA;
	*ts = at->time_stamp;
	return 0;
}

static void close_source(struct merge_source *src)
{
	struct persist_source *ps = src->priv;
	uint32_t nr = ps->slot ? ps->slot->h.nr_chunks : 0;

	for (uint32_t i = 0; ps->rings && i < nr; i++)
		persist_ring_deinit(&ps->rings[i]);
	for (uint32_t i = 0; ps->lists && i < 2 * nr; i++)
		free(ps->lists[i].subbufs);
	free(ps->rings);
	free(ps->lists);
	persist_tables_deinit(&ps->tables);
	persist_found_deinit(&ps->found);
	if (ps->fd >= 0)
		close(ps->fd);
	free(ps->owned);
	free(ps);
}

static const struct source_ops persist_ops = {
	.name = "region",
	.read = read_subbuf,
	.time = read_time,
	.close = close_source,
};

/* ---- Buffers -------------------------------------------------------------- */

/* Those of @ring that are @consumed, or those that are not; moves nothing */
static int pick(const struct persist_ring *ring, bool consumed, struct persist_list *list)
{
	list->subbufs = calloc(ring->nr + 1, sizeof(*list->subbufs));
	if (!list->subbufs)
		return -ENOMEM;
	for (size_t i = 0; i < ring->nr; i++)
		if (ring->subbufs[i].consumed == consumed)
			list->subbufs[list->nr++] = ring->subbufs[i];
	return 0;
}

/* The live ring, or what consumers had got, whose CPUs are all there as well */
static int add_buffer(struct merge_source *src, bool consumed)
{
	struct persist_source *ps = src->priv;
	const struct persist_header *h = &ps->slot->h;
	const char *name = source_instance_name(h->instance);
	char full[80];
	struct merge_buffer buf = {
		.name = full, .instance = h->instance, .subbuf_size = h->subbuf_size,
		.kind = consumed ? MERGE_CONSUMED : MERGE_PERSISTENT,
		.clock = *h->clock ? h->clock : "unknown",
		.clock_in_ns = source_clock_in_ns(h->clock), .uncounted = true,
		.nr_cpus = h->nr_chunks,
	};

	snprintf(full, sizeof(full), "%s%s", name, consumed ? "/consumed" : "");
	buf.cpus = calloc(h->nr_chunks + 1, sizeof(*buf.cpus));
	if (!buf.cpus)
		return -ENOMEM;
	for (uint32_t i = 0; i < h->nr_chunks; i++) {
		struct persist_list *list = &ps->lists[consumed * h->nr_chunks + i];

		if (pick(&ps->rings[i], consumed, list)) {
			free(buf.cpus);
			return -ENOMEM;
		}
		buf.cpus[i] = (struct merge_cpu){ .cpu = h->chunks[i].cpu,
						  .nr_subbufs = list->nr };
		/* not all counts are there, but these */
		if (consumed)
			continue;
		buf.cpus[i].counters.overrun = ps->rings[i].overrun;
		buf.cpus[i].counters.dropped = ps->rings[i].dropped;
	}
	return source_add_buffer(src, &buf);
}

static int load_rings(struct persist_source *ps)
{
	const struct persist_header *h = &ps->slot->h;
	int ret = 0;

	ps->rings = calloc(h->nr_chunks + 1, sizeof(*ps->rings));
	ps->lists = calloc(2 * h->nr_chunks + 1, sizeof(*ps->lists));
	if (!ps->rings || !ps->lists)
		return -ENOMEM;
	for (uint32_t i = 0; !ret && i < h->nr_chunks; i++)
		ret = persist_ring_load(&ps->io, &ps->crc, h, &h->chunks[i], &ps->rings[i]);
	return ret;
}

static int add_buffers(struct merge_source *src)
{
	struct persist_source *ps = src->priv;
	uint64_t consumed = 0;
	int ret = load_rings(ps);

	for (uint32_t i = 0; !ret && i < ps->slot->h.nr_chunks; i++)
		consumed += ps->rings[i].nr_consumed;
	if (!ret)
		ret = add_buffer(src, false);
	return !ret && consumed ? add_buffer(src, true) : ret;
}

/* ---- Opening -------------------------------------------------------------- */

static const struct persist_slot *slot_at(const struct persist_found *found, uint64_t start)
{
	for (size_t i = 0; i < found->nr; i++)
		if (found->slots[i].h.start == start)
			return &found->slots[i];
	return NULL;
}

/* Both copies of a header are within so many bytes; of a dump no more need be read */
#define NEIGHBOURHOOD	(16u << 20)

static int find_slot(struct persist_source *ps, uint64_t start, struct merge_error *err)
{
	bool near = ps->fd < 0 && start != ANY_SLOT;
	uint64_t end = near && ps->io.size > NEIGHBOURHOOD &&
		start < ps->io.size - NEIGHBOURHOOD ? start + NEIGHBOURHOOD : ps->io.size;
	int ret = persist_find(&ps->io, &ps->crc, near ? start : ps->io.from, end, NULL, NULL, &ps->found);

	if (ret)
		return error_code(err, ret);
	ps->slot = start == ANY_SLOT ? persist_newest(&ps->found) : slot_at(&ps->found, start);
	if (ps->slot)
		return 0;
	if (ps->found.nr)
		return error_set(err, -ENODATA, "no region's slot begins at 0x%" PRIx64, start);
	if (!ps->found.nr_bad)
		return error_set(err, -ENOTSUP, "there is no persistent trace region in it");
	return error_set(err, ps->found.bad.code,
			 "%zu headers of persistent trace regions, none of which can be used; at 0x%" PRIx64 ": %s",
			 ps->found.nr_bad, ps->found.bad_pos, ps->found.bad.text);
}

static int load(struct persist_source *ps, struct merge_source *src, uint64_t start,
		struct merge_error *err)
{
	const struct persist_header *h;
	int ret = find_slot(ps, start, err);

	if (ret)
		return ret;
	h = &ps->slot->h;
	src->long_size = h->long_size;
	src->big_endian = h->flags & TRACE_PERSIST_BIG_ENDIAN;
	ret = persist_tables_load(&ps->io, &ps->crc, h, &ps->tables);
	if (ret)
		return error_code(err, ret);
	src->desc = desc_persist_create(&ps->io, &ps->crc, h, &ps->tables, src);
	if (!src->desc)
		return error_nomem(err);
	ret = add_buffers(src);
	if (ret)
		return error_code(err, ret);
	persist_tell(src);
	return 0;
}

bool region_probe(const struct source_look *look)
{
	struct persist_source ps = { .fd = -1 };
	bool found = false;

	if (S_ISREG(look->st.st_mode) && !file_io_open(look->path, &ps.fd, &ps.io))
		found = persist_find_any(&ps.io);
	if (ps.fd >= 0)
		close(ps.fd);
	return found;
}

static struct merge_source *create(void)
{
	struct persist_source *ps = calloc(1, sizeof(*ps));
	struct merge_source *src = ps ? source_create(&persist_ops, ps, 8, false) : NULL;

	if (!src) {
		free(ps);
		return NULL;
	}
	ps->fd = -1;
	crc32c_init(&ps->crc);
	return src;
}

int merge_source_open_region(const struct merge_region_io *io, uint64_t start,
			     struct merge_error *err, struct merge_source **out)
{
	struct merge_source *src = create();
	struct persist_source *ps;
	int ret;

	if (!src)
		return error_nomem(err);
	ps = src->priv;
	ps->io = *io;
	ret = load(ps, src, start, err);
	if (ret)
		merge_source_close(src);
	else
		*out = src;
	return ret;
}

int region_open_io(const struct merge_region_io *io, struct merge_error *err,
		   struct merge_source **out)
{
	struct persist_source *ps;
	int ret = merge_source_open_region(io, ANY_SLOT, err, out);

	if (ret)
		return ret;
	ps = (*out)->priv;
	ps->owned = io->arg;
	return 0;
}

int region_open_at(const char *path, uint64_t start, struct merge_error *err,
		   struct merge_source **out)
{
	struct merge_source *src = create();
	struct persist_source *ps;
	int ret;

	if (!src)
		return error_nomem(err);
	ps = src->priv;
	ret = file_io_open(path, &ps->fd, &ps->io);
	ret = ret ? error_code(err, ret) : load(ps, src, start, err);
	if (ret) {
		error_prepend(err, "%s", path);
		merge_source_close(src);
		return ret;
	}
	*out = src;
	return 0;
}

int region_open(const char *path, struct merge_error *err, struct merge_source **out)
{
	return region_open_at(path, ANY_SLOT, err, out);
}
