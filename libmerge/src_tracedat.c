// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A trace.dat file as a source, of version 6 or 7, compressed or not. dat_reader.c
 * reads the file, dat_layout.c finds what is in it, dat_chunks.c gives the bytes of
 * a CPU's sub-buffers; here they become buffers.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "dat_chunks.h"
#include "dat_stats.h"
#include "describe_tracedat.h"
#include "error.h"
#include "page.h"
#include "page_edit.h"
#include "source_open.h"

/* The kernel's are of 4 KiB to 128 pages; with the largest pages 8 MiB */
#define MIN_SUBBUF	64u
#define MAX_SUBBUF	(16u << 20)

/*
 * @chunks: of the CPUs of all buffers, one buffer after the other; @cache: over them
 * @first: by buffer, index in @chunks of its first CPU
 */
struct dat_source {
	struct dat_reader r;
	struct dat_layout layout;
	struct dat_chunks *chunks;
	size_t *first;
	struct dat_cache cache;
};

/* ---- Sub-buffers ---------------------------------------------------------- */

static struct dat_chunks *chunks_of(struct merge_source *src, const struct merge_buffer *buf,
				    unsigned int cpu_index)
{
	struct dat_source *ds = src->priv;

	return &ds->chunks[ds->first[buf->index] + cpu_index];
}

static int read_bytes(struct merge_source *src, const struct merge_buffer *buf,
		      unsigned int cpu_index, size_t i, void *data, uint32_t *size,
		      uint64_t *place)
{
	struct dat_chunks *c = chunks_of(src, buf, cpu_index);
	struct dat_source *ds = src->priv;
	uint64_t offset = (uint64_t)i * buf->subbuf_size;

	if (offset < c->size && c->size - offset < *size)
		*size = c->size - offset;
	return dat_chunks_read(c, &ds->r, &ds->cache, offset, data, *size, place);
}

static int read_subbuf(struct merge_source *src, const struct merge_buffer *buf,
		       unsigned int cpu_index, size_t i, void *data,
		       struct merge_error *err, struct subbuf *sb)
{
	struct dat_source *ds = src->priv;
	uint32_t size = buf->subbuf_size;
	int ret = read_bytes(src, buf, cpu_index, i, data, &size, &sb->address);

	if (ret)
		return error_set(err, ret, "%s", ret == -EBADMSG ?
				 "the compressed block it is in is damaged" :
				 ret == -ENODATA ? "the file ends before it" : strerror(-ret));
	if (ds->layout.time_offset)
		page_move(data, size, src->long_size, src->big_endian, ds->layout.time_offset);
	sb->data = data;
	sb->size = size;
	return 0;
}

static int read_time(struct merge_source *src, const struct merge_buffer *buf,
		     unsigned int cpu_index, size_t i, uint64_t *ts)
{
	struct dat_source *ds = src->priv;
	uint32_t size = 8 + src->long_size;
	uint8_t head[16];
	uint64_t place;
	int ret = read_bytes(src, buf, cpu_index, i, head, &size, &place);

	if (!ret)
		ret = source_head_time(src, head, size, ts);
	if (!ret)
		*ts += ds->layout.time_offset;
	return ret;
}

static void close_source(struct merge_source *src)
{
	struct dat_source *ds = src->priv;

	for (size_t i = 0; i < ds->cache.nr; i++)
		dat_chunks_deinit(&ds->chunks[i]);
	free(ds->chunks);
	free(ds->first);
	dat_layout_deinit(&ds->layout);
	dat_reader_close(&ds->r);
	free(ds);
}

static const struct source_ops tracedat_ops = {
	.name = "trace.dat",
	.read = read_subbuf,
	.time = read_time,
	.close = close_source,
};

/* ---- Buffers -------------------------------------------------------------- */

static bool has_data(const struct dat_in_buffer *in)
{
	for (size_t i = 0; i < in->nr_cpus; i++)
		if (in->cpus[i].size)
			return true;
	return false;
}

/* Version 6 has a table of the top-level ring, whether there is such a ring or not */
static bool is_only_a_table(const struct dat_layout *l, const struct dat_in_buffer *in)
{
	return l->r->version == 6 && !*in->name && l->nr_buffers > 1 && !has_data(in);
}

static bool is_usable(const struct dat_layout *l, const struct dat_in_buffer *in)
{
	uint32_t size = in->subbuf_size;

	if (is_only_a_table(l, in))
		return false;
	if (size >= MIN_SUBBUF && size <= MAX_SUBBUF && !(size & (size - 1)))
		return true;
	source_note(l->src, NULL, -1,
		    "buffer %s is left out: the file says that its sub-buffers are of %" PRIu32 " bytes",
		    source_instance_name(in->name), size);
	return false;
}

/* Find where the CPUs' sub-buffers are */
static int add_cpus(struct dat_source *ds, const struct dat_in_buffer *in,
		    struct merge_cpu *cpus)
{
	for (size_t i = 0; i < in->nr_cpus; i++) {
		const struct dat_in_cpu *cpu = &in->cpus[i];
		struct dat_chunks *c = &ds->chunks[ds->cache.nr];
		int ret = dat_chunks_init(c, &ds->r, cpu->pos, cpu->size, in->compressed);

		ds->cache.nr++;
		if (ret)
			return ret;
		cpus[i].cpu = cpu->cpu;
		cpus[i].nr_subbufs = c->size / in->subbuf_size + !!(c->size % in->subbuf_size);
		cpus[i].has_counters = dat_stats_find(ds->layout.stats.data, in->name,
						      cpu->cpu, &cpus[i].counters);
	}
	return 0;
}

static int add_buffer(struct dat_source *ds, const struct dat_in_buffer *in)
{
	struct merge_source *src = ds->layout.src;
	const char *clock = in->clock && *in->clock ? in->clock :
		*ds->layout.clock ? ds->layout.clock : "local";
	struct merge_buffer buf = {
		.name = source_instance_name(in->name), .instance = in->name, .kind = MERGE_LIVE,
		.clock = clock, .clock_in_ns = source_clock_in_ns(clock), .counted_reading = true,
		.subbuf_size = in->subbuf_size, .nr_cpus = in->nr_cpus,
		.cpus = calloc(in->nr_cpus + 1, sizeof(*buf.cpus)),
	};
	int ret;

	if (!buf.cpus)
		return -ENOMEM;
	ds->first[src->nr_buffers] = ds->cache.nr;
	ret = add_cpus(ds, in, buf.cpus);
	if (ret) {
		free(buf.cpus);
		return ret;
	}
	return source_add_buffer(src, &buf);
}

static int add_buffers(struct dat_source *ds)
{
	const struct dat_layout *l = &ds->layout;
	size_t nr_cpus = 0;
	int ret = 0;

	for (size_t i = 0; i < l->nr_buffers; i++)
		nr_cpus += l->buffers[i].nr_cpus;
	ds->chunks = calloc(nr_cpus + 1, sizeof(*ds->chunks));
	ds->first = calloc(l->nr_buffers + 1, sizeof(*ds->first));
	if (!ds->chunks || !ds->first)
		return -ENOMEM;
	ds->cache.all = ds->chunks;
	for (size_t i = 0; !ret && i < l->nr_buffers; i++)
		if (is_usable(l, &l->buffers[i]))
			ret = add_buffer(ds, &l->buffers[i]);
	return ret;
}

/* What of the CPUs' sub-buffers is not in the file */
static void note_missing(struct dat_source *ds, const struct merge_buffer *buf)
{
	struct merge_source *src = ds->layout.src;

	for (unsigned int i = 0; i < buf->nr_cpus; i++) {
		const struct dat_chunks *c = chunks_of(src, buf, i);

		if (!c->bad)
			continue;
		source_note(src, buf, (int)buf->cpus[i].cpu,
			    "buffer %s, cpu %u: %s at %" PRIu64 ": what is behind sub-buffer %zu is missing",
			    buf->name, buf->cpus[i].cpu, c->bad >= ds->r.size ?
			    "the file ends before the sub-buffers do," :
			    "the compressed sub-buffers break off", c->bad,
			    buf->cpus[i].nr_subbufs);
	}
}

static int load(struct dat_source *ds, struct merge_source *src, struct merge_error *err)
{
	int ret = dat_layout_init(&ds->layout, &ds->r, src, err);

	if (ret)
		return ret;
	ret = desc_tracedat_create(&ds->layout, err, &src->desc);
	if (ret)
		return ret;
	src->long_size = src->desc->long_size;
	src->big_endian = ds->r.big_endian;
	ret = add_buffers(ds);
	if (ret)
		return error_code(err, ret);
	for (unsigned int i = 0; i < src->nr_buffers; i++)
		note_missing(ds, &src->buffers[i]);
	src->desc->page_size = source_page_size(src);
	return 0;
}

bool tracedat_probe(const struct source_look *look)
{
	return look->size >= DAT_MAGIC_SIZE && !memcmp(look->head, DAT_MAGIC, DAT_MAGIC_SIZE);
}

int tracedat_open(const char *path, struct merge_error *err, struct merge_source **out)
{
	struct dat_source *ds = calloc(1, sizeof(*ds));
	struct merge_source *src = ds ? source_create(&tracedat_ops, ds, 8, false) : NULL;
	int ret;

	if (!src) {
		free(ds);
		return error_nomem(err);
	}
	ret = dat_reader_open(&ds->r, path, err);
	if (!ret) {
		ret = load(ds, src, err);
		if (ret)
			error_prepend(err, "%s", path);
	}
	if (ret) {
		merge_source_close(src);
		return ret;
	}
	*out = src;
	return 0;
}
