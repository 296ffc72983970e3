// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A trace.dat file. Sub-buffers are stored as they come, events
 * are packed into new ones.
 *
 * Version 7, in one pass: the sub-buffers, one section per buffer; behind them
 * what describes the traced boot; at the end the options, which point at all of
 * it. Where the options are is written into the file's head when all else is
 * there. What comes out of order, and all of version 6 (tracedat_v6.c), waits in
 * the spool.
 *
 * What readers want (trace-cmd 3.1.6 to 3.4, libkshark 2.2):
 * - a top-level ring is the buffer without a name, and only its pages are read
 *   with the page size of the file's head: that is its sub-buffer size
 * - data of each CPU begin at a multiple of the buffer's sub-buffer size
 * - when one buffer's data are compressed, all are
 * - without CPUCOUNT KernelShark shows nothing
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "comms.h"
#include "error.h"
#include "sink.h"
#include "source.h"
#include "tracedat.h"
#include "tracedat_spool.h"
#include "tracedat_zip.h"

/* Where in the head of version 7 the page size is */
#define HEAD_PAGE_SIZE	14u

/* Where in a section's header its flags are, and that it is compressed */
#define SECTION_FLAGS	2u
#define FLAG_COMPRESSED	1u

static void put_head_v7(struct dat *dat)
{
	/* the page size is known at the end */
	tracedat_put_magic(dat, 0);
	if (dat->zip) {
		dat->zip_ops->head(dat);
	} else {
		datfile_text(&dat->file, "none");
		datfile_text(&dat->file, "");
	}
	dat->head_options = dat->file.pos;
	datfile_number(&dat->file, 0, 8);
}

static void start(struct dat *dat, struct merge_source *src)
{
	if (dat->src)
		return;
	dat->src = src;
	dat->file.big_endian = src->big_endian;
	if (dat->version == 7)
		put_head_v7(dat);
}

/* ---- Buffers and CPUs ---------------------------------------------------- */

static struct dat_buffer *find_buffer(struct dat *dat, const struct merge_buffer *buf)
{
	size_t i = dat->nr_buffers;

	while (i-- && dat->buffers[i].buf != buf)
		;
	return &dat->buffers[i];
}

/* CPUs come by ascending number */
static struct dat_cpu *find_cpu(struct dat_buffer *b, unsigned int cpu)
{
	size_t lo = 0, hi = b->nr_cpus;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (b->cpus[mid].cpu->cpu < cpu)
			lo = mid + 1;
		else
			hi = mid;
	}
	return &b->cpus[lo];
}

/* Data at a multiple of their size are found by masking an offset */
static int check_buffer(const struct merge_buffer *buf, struct merge_error *err)
{
	uint32_t size = buf->subbuf_size;

	/* a file has one description: names and addresses of this boot */
	if (buf->previous_boot)
		return error_set(err, -ENOTSUP,
				 "buffer %s is of a previous boot: trace.dat would give its events the names and symbols of this one",
				 buf->name);
	if (size && !(size & (size - 1)))
		return 0;
	return error_set(err, -ENOTSUP, "buffer %s: trace.dat cannot hold sub-buffers of %u bytes",
			 buf->name, size);
}

/* @dat has room for it */
static int add_buffer(struct dat *dat, const struct merge_buffer *buf, struct merge_error *err)
{
	struct dat_buffer b = { .buf = buf };
	int ret = check_buffer(buf, err);

	if (ret)
		return ret;
	b.name = tracedat_name(dat, buf);
	if (!b.name)
		return error_nomem(err);
	dat->buffers[dat->nr_buffers++] = b;
	tracedat_hash(dat, buf->name, strlen(buf->name));
	return 0;
}

static int dat_begin(struct merge_sink *sink, const struct merge_buffer *const *bufs,
		     size_t nr, struct merge_error *err)
{
	struct dat *dat = sink->priv;
	struct dat_buffer *b = reallocarray(dat->buffers, dat->nr_buffers + nr, sizeof(*b));
	int ret = 0;

	if (!b)
		return error_nomem(err);
	dat->buffers = b;
	start(dat, bufs[0]->source);
	for (size_t i = 0; !ret && i < nr; i++)
		ret = add_buffer(dat, bufs[i], err);
	return ret ? ret : datfile_error(&dat->file, err);
}

/* The one before; must come before @cpus moves */
static int end_cpu(struct dat *dat, struct merge_error *err)
{
	int ret = dat->zip ? dat->zip_ops->cpu_end(dat) : 0;

	return ret ? error_set(err, ret, "compressing sub-buffers: %s", strerror(-ret)) : 0;
}

static int dat_cpu(struct merge_sink *sink, const struct merge_buffer *buf,
		   const struct merge_cpu *cpu, struct merge_error *err)
{
	struct dat *dat = sink->priv;
	struct dat_buffer *b = find_buffer(dat, buf);
	struct dat_cpu *cpus;
	int ret = end_cpu(dat, err);

	if (ret)
		return ret;
	cpus = reallocarray(b->cpus, b->nr_cpus + 1, sizeof(*cpus));
	if (!cpus)
		return error_nomem(err);
	b->cpus = cpus;
	cpus += b->nr_cpus++;
	*cpus = (struct dat_cpu){ .cpu = cpu };
	page_pack_init(&cpus->pack, buf->subbuf_size, dat->src->long_size,
		       dat->src->big_endian);
	return 0;
}

/* ---- Sub-buffers and events ---------------------------------------------- */

static void open_section(struct dat *dat, struct dat_buffer *b)
{
	if (dat->open)
		datfile_section_end(&dat->file);
	dat->open = true;
	b->section = datfile_section(&dat->file, DAT_BUFFER);
	if (dat->zip)
		datfile_patch(&dat->file, b->section + SECTION_FLAGS, FLAG_COMPRESSED, 2);
	else
		datfile_align(&dat->file, b->buf->subbuf_size);
}

/* A new sub-buffer of @cpu */
static void note_page(struct dat *dat, struct dat_cpu *cpu, const void *data)
{
	if (!cpu->size && !cpu->nr_runs)
		cpu->oldest = page_time(data, dat->file.big_endian);
	tracedat_hash(dat, data, 16);
}

static int put_page(struct dat *dat, struct dat_buffer *b, struct dat_cpu *cpu,
		    const void *data, uint32_t size)
{
	int ret = 0;

	if (!dat->zip) {
		if (!cpu->size)
			cpu->offset = dat->file.pos;
		datfile_put(&dat->file, data, size);
		return 0;
	}
	if (!cpu->size)
		ret = dat->zip_ops->cpu_begin(dat, b, cpu, b->buf->subbuf_size);
	return ret ? ret : dat->zip_ops->page(dat, data, size);
}

static int dat_page(struct merge_sink *sink, const void *data, uint32_t size,
		    uint64_t lost, struct merge_error *err)
{
	struct dat *dat = sink->priv;
	struct dat_buffer *b = &dat->buffers[dat->nr_buffers - 1];
	struct dat_cpu *cpu = &b->cpus[b->nr_cpus - 1];
	int ret;

	(void)lost;	/* marked in the sub-buffer */
	note_page(dat, cpu, data);
	if (dat->version == 6)
		return spool_add(dat, cpu, data, size, err);
	if (!b->section)
		open_section(dat, b);
	ret = put_page(dat, b, cpu, data, size);
	cpu->size += size;
	return ret ? error_set(err, ret, "compressing sub-buffers: %s", strerror(-ret)) :
	       datfile_error(&dat->file, err);
}

static int flush_pack(struct dat *dat, struct dat_cpu *cpu, struct merge_error *err)
{
	if (!page_pack_finish(&cpu->pack))
		return 0;
	note_page(dat, cpu, cpu->pack.data);
	return spool_add(dat, cpu, cpu->pack.data, cpu->pack.size, err);
}

static int dat_event(struct merge_sink *sink, const struct merge_event *ev,
		     struct merge_error *err)
{
	struct dat *dat = sink->priv;
	struct dat_cpu *cpu = find_cpu(find_buffer(dat, ev->buffer), ev->cpu);
	unsigned int id = page_record_id(ev->data, dat->file.big_endian);
	int ret = page_pack_event(&cpu->pack, ev->ts, ev->lost, ev->data, ev->size);

	dat->ids[id / 8] |= 1 << id % 8;
	comms_meet(ev->buffer, ev->data, ev->size);
	if (ret == -ENOSPC) {
		ret = flush_pack(dat, cpu, err);
		if (ret)
			return ret;
		ret = page_pack_event(&cpu->pack, ev->ts, ev->lost, ev->data, ev->size);
	}
	if (!ret)
		return 0;
	error_code(err, ret);
	return error_prepend(err, "buffer %s, cpu %u, an event of %u bytes", ev->buffer->name,
			     ev->cpu, ev->size);
}

/* ---- The end ------------------------------------------------------------ */

static int flush_packs(struct dat *dat, struct merge_error *err)
{
	int ret = 0;

	for (size_t i = 0; i < dat->nr_buffers; i++)
		for (unsigned int k = 0; !ret && k < dat->buffers[i].nr_cpus; k++)
			ret = flush_pack(dat, &dat->buffers[i].cpus[k], err);
	return ret;
}

/* Buffers without a section: their sub-buffers are in the spool, or there are none */
static int put_buffers(struct dat *dat, struct merge_error *err)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < dat->nr_buffers; i++) {
		struct dat_buffer *b = &dat->buffers[i];

		if (b->section)
			continue;
		open_section(dat, b);
		ret = spool_write(dat, b, b->buf->subbuf_size, err);
	}
	if (dat->open)
		datfile_section_end(&dat->file);
	return ret;
}

/* Written apart, where sizes can be filled in later, then compressed as a whole */
static int put_compressed(struct dat *dat, const struct dat_meta *meta,
			  const struct dat_meta_section *s, struct merge_error *err)
{
	struct dat_meta apart = *meta;
	uint64_t start;
	int ret = dat->plain.path ? 0 : datfile_open_spool(&dat->plain, dat->file.path, err);

	if (ret)
		return ret;
	apart.file = &dat->plain;
	dat->plain.big_endian = dat->file.big_endian;
	start = dat->plain.pos;
	ret = dat_meta_put(&apart, s, err);
	if (ret)
		return ret;
	ret = dat->zip_ops->section(dat, &dat->plain, start);
	return ret ? error_set(err, ret, "compressing what describes the traced boot: %s",
			       strerror(-ret)) : datfile_error(&dat->file, err);
}

static int put_sections(struct dat *dat, const struct dat_meta *meta, struct merge_error *err)
{
	const struct dat_meta_section *s;
	int ret = 0;

	for (s = dat_meta_sections; s->write && !ret; s++) {
		uint64_t at = datfile_section(&dat->file, s->id);

		if (dat->zip)
			datfile_patch(&dat->file, at + SECTION_FLAGS, FLAG_COMPRESSED, 2);
		ret = dat->zip ? put_compressed(dat, meta, s, err) : dat_meta_put(meta, s, err);
		datfile_section_end(&dat->file);
		tracedat_option_number(dat, s->id, at, 8);
	}
	return ret;
}

static int put_options(struct dat *dat, struct merge_error *err)
{
	uint64_t at;

	tracedat_options(dat, dat->src->desc);
	tracedat_option_number(dat, DAT_OPTIONS, 0, 8);
	at = datfile_section(&dat->file, DAT_OPTIONS);
	datfile_put(&dat->file, dat->options.data, dat->options.len);
	datfile_section_end(&dat->file);
	datfile_patch(&dat->file, dat->head_options, at, 8);
	return dat->options.failed ? error_nomem(err) : datfile_error(&dat->file, err);
}

static bool has_data(const struct dat_buffer *b)
{
	for (unsigned int i = 0; b && i < b->nr_cpus; i++)
		if (b->cpus[i].size)
			return true;
	return false;
}

static int put_v7(struct dat *dat, const uint8_t *ids, struct merge_error *err)
{
	struct dat_meta meta = {
		.file = &dat->file, .src = dat->src, .desc = dat->src->desc, .ids = ids,
	};
	const struct dat_buffer *top = tracedat_top(dat);
	int ret = put_buffers(dat, err);

	meta.subbuf_size = top ? top->buf->subbuf_size : meta.desc->page_size;
	/* readers count offsets from here on: see tracedat_zip.c */
	if (dat->zip && !has_data(top))
		meta.subbuf_size = dat->zip_ops->largest(dat);
	datfile_patch(&dat->file, HEAD_PAGE_SIZE, meta.subbuf_size, 4);
	if (!ret)
		ret = put_sections(dat, &meta, err);
	return ret ? ret : put_options(dat, err);
}

static int dat_end(struct merge_sink *sink, struct merge_source *src,
		   const struct merge_stats *stats, const uint8_t *ids,
		   struct merge_error *err)
{
	struct dat *dat = sink->priv;
	int ret = end_cpu(dat, err);

	if (!ret)
		ret = flush_packs(dat, err);
	(void)stats;
	start(dat, src);
	ids = ids ? ids : dat->ids;
	if (!ret)
		ret = dat->version == 6 ? tracedat_put_v6(dat, ids, err) : put_v7(dat, ids, err);
	return ret ? ret : datfile_finish(&dat->file, err);
}

static void buffer_free(struct dat_buffer *b)
{
	for (unsigned int i = 0; i < b->nr_cpus; i++) {
		free(b->cpus[i].runs);
		page_pack_deinit(&b->cpus[i].pack);
	}
	free(b->cpus);
	free(b->name);
}

static void dat_close(struct merge_sink *sink)
{
	struct dat *dat = sink->priv;

	if (!dat)
		return;
	datfile_close(&dat->file);
	datfile_close(&dat->spool);
	datfile_close(&dat->plain);
	if (dat->zip)
		dat->zip_ops->free(dat);
	for (size_t i = 0; i < dat->nr_buffers; i++)
		buffer_free(&dat->buffers[i]);
	free(dat->buffers);
	textbuf_deinit(&dat->options);
	free(dat);
}

static const struct sink_ops tracedat_ops = {
	.name = "trace.dat",
	.begin = dat_begin,
	.event = dat_event,
	.cpu = dat_cpu,
	.page = dat_page,
	.end = dat_end,
	.close = dat_close,
};

struct dat *tracedat_of(const struct merge_sink *sink)
{
	return sink->ops == &tracedat_ops ? sink->priv : NULL;
}

int merge_sink_tracedat_create(const char *path, unsigned int version,
			       struct merge_error *err, struct merge_sink **out_sink)
{
	struct merge_sink *sink;
	struct dat *dat;
	int ret;

	if (version != 6 && version != 7)
		return error_set(err, -EINVAL, "trace.dat has versions 6 and 7, not %u", version);
	sink = calloc(1, sizeof(*sink));
	if (!sink)
		return error_nomem(err);
	sink->ops = &tracedat_ops;
	sink->priv = dat = calloc(1, sizeof(*dat));
	if (!dat) {
		merge_sink_destroy(sink);
		return error_nomem(err);
	}
	dat->version = version;
	dat->trace_id = TRACEDAT_HASH_START;
	ret = datfile_open(&dat->file, path, err);
	if (ret) {
		merge_sink_destroy(sink);
		return ret;
	}
	*out_sink = sink;
	return 0;
}
