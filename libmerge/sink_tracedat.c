// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A trace.dat file of version 7, not compressed, in one pass: the sub-buffers as
 * they come, one section per buffer; behind them what describes the traced
 * boot; at the end the options, which point at all of it. Where the options are
 * is written into the file's head when all else is there.
 *
 * What readers want (trace-cmd 3.1.6 to 3.4, libkshark 2.2):
 * - a top-level ring is the buffer without a name, and only its pages are read
 *   with the page size of the file's head: that is its sub-buffer size
 * - data of each CPU begin at a multiple of the buffer's sub-buffer size
 * - without CPUCOUNT KernelShark shows nothing
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "describe.h"
#include "error.h"
#include "sink.h"
#include "source.h"
#include "tracedat.h"
#include "tracedat_meta.h"

/* Where in the head the page size is */
#define HEAD_PAGE_SIZE	14u

static void put_head(struct dat *dat, const struct merge_source *src)
{
	static const uint8_t magic[] = "\x17\x08\x44tracing7";
	struct datfile *f = &dat->file;

	f->big_endian = src->big_endian;
	datfile_put(f, magic, sizeof(magic));
	datfile_number(f, src->big_endian, 1);
	datfile_number(f, src->long_size, 1);
	datfile_number(f, 0, 4);
	datfile_text(f, "none");
	datfile_text(f, "");
	datfile_number(f, 0, 8);
	dat->started = true;
}

/* ---- Sub-buffers -------------------------------------------------------- */

static struct dat_buffer *open_buffer(struct dat *dat)
{
	return &dat->buffers[dat->nr_buffers - 1];
}

static void end_buffer(struct dat *dat)
{
	if (dat->nr_buffers)
		datfile_section_end(&dat->file);
}

/* Data at a multiple of their size are found by masking an offset */
static int check_size(const struct merge_buffer *buf, struct merge_error *err)
{
	uint32_t size = buf->subbuf_size;

	if (size && !(size & (size - 1)))
		return 0;
	return error_set(err, -ENOTSUP, "trace.dat cannot hold sub-buffers of %u bytes", size);
}

static int dat_begin(struct merge_sink *sink, const struct merge_buffer *const *bufs,
		     size_t nr, struct merge_error *err)
{
	struct dat *dat = sink->priv;
	struct dat_buffer *b;
	int ret = check_size(bufs[0], err);

	(void)nr;
	if (ret)
		return ret;
	b = reallocarray(dat->buffers, dat->nr_buffers + 1, sizeof(*b));
	if (!b)
		return error_nomem(err);
	dat->buffers = b;

	if (!dat->started)
		put_head(dat, bufs[0]->source);
	end_buffer(dat);
	b += dat->nr_buffers++;
	*b = (struct dat_buffer){ .buf = bufs[0] };
	tracedat_hash(dat, b->buf->name, strlen(b->buf->name));
	b->section = datfile_section(&dat->file, DAT_BUFFER);
	datfile_align(&dat->file, b->buf->subbuf_size);
	return datfile_error(&dat->file, err);
}

static int dat_cpu(struct merge_sink *sink, const struct merge_buffer *buf,
		   const struct merge_cpu *cpu, struct merge_error *err)
{
	struct dat *dat = sink->priv;
	struct dat_buffer *b = open_buffer(dat);
	struct dat_cpu *cpus = reallocarray(b->cpus, b->nr_cpus + 1, sizeof(*cpus));

	(void)buf;
	if (!cpus)
		return error_nomem(err);
	b->cpus = cpus;
	cpus[b->nr_cpus++] = (struct dat_cpu){ .cpu = cpu, .offset = dat->file.pos };
	return 0;
}

static uint64_t page_start(const struct datfile *f, const uint8_t *data)
{
	uint64_t ts = 0;

	for (unsigned int i = 0; i < 8; i++)
		ts |= (uint64_t)data[f->big_endian ? 7 - i : i] << 8 * i;
	return ts;
}

static int dat_page(struct merge_sink *sink, const void *data, uint32_t size,
		    uint64_t lost, struct merge_error *err)
{
	struct dat *dat = sink->priv;
	struct dat_buffer *b = open_buffer(dat);
	struct dat_cpu *cpu = &b->cpus[b->nr_cpus - 1];

	(void)lost;	/* marked in the sub-buffer */
	if (!cpu->size)
		cpu->oldest = page_start(&dat->file, data);
	tracedat_hash(dat, data, 16);
	datfile_put(&dat->file, data, size);
	cpu->size += size;
	return datfile_error(&dat->file, err);
}

/* ---- The end ------------------------------------------------------------ */

static int put_sections(struct dat *dat, const struct dat_meta *meta, struct merge_error *err)
{
	const struct dat_meta_section *s;
	int ret = 0;

	for (s = dat_meta_sections; s->write && !ret; s++) {
		uint64_t start = datfile_section(&dat->file, s->id);

		ret = s->write(meta);
		datfile_section_end(&dat->file);
		tracedat_option_number(dat, s->id, start, 8);
	}
	if (dat->file.err)
		return datfile_error(&dat->file, err);
	return ret ? error_set(err, ret, "describing the traced boot: %s", strerror(-ret)) : 0;
}

static int dat_end(struct merge_sink *sink, struct merge_source *src,
		   const struct merge_stats *stats, const uint8_t *ids,
		   struct merge_error *err)
{
	struct dat *dat = sink->priv;
	struct dat_meta meta = { .file = &dat->file, .desc = src->desc, .ids = ids };
	const struct dat_buffer *top = tracedat_top(dat);
	int ret;

	(void)stats;
	if (!dat->started)
		put_head(dat, src);
	end_buffer(dat);
	meta.subbuf_size = top ? top->buf->subbuf_size : src->desc->page_size;
	datfile_patch(&dat->file, HEAD_PAGE_SIZE, meta.subbuf_size, 4);
	ret = put_sections(dat, &meta, err);
	if (!ret)
		ret = tracedat_put_options(dat, src->desc, err);
	return ret ? ret : datfile_finish(&dat->file, err);
}

static void dat_close(struct merge_sink *sink)
{
	struct dat *dat = sink->priv;

	if (!dat)
		return;
	datfile_close(&dat->file);
	for (size_t i = 0; i < dat->nr_buffers; i++)
		free(dat->buffers[i].cpus);
	free(dat->buffers);
	textbuf_deinit(&dat->options);
	free(dat);
}

static const struct sink_ops tracedat_ops = {
	.name = "trace.dat",
	.begin = dat_begin,
	.cpu = dat_cpu,
	.page = dat_page,
	.end = dat_end,
	.close = dat_close,
};

int merge_sink_tracedat_create(const char *path, struct merge_error *err,
			       struct merge_sink **out_sink)
{
	struct merge_sink *sink = calloc(1, sizeof(*sink));
	struct dat *dat;
	int ret;

	if (!sink)
		return error_nomem(err);
	sink->ops = &tracedat_ops;
	sink->priv = dat = calloc(1, sizeof(*dat));
	if (!dat) {
		merge_sink_destroy(sink);
		return error_nomem(err);
	}
	dat->trace_id = TRACEDAT_HASH_START;
	ret = datfile_open(&dat->file, path, err);
	if (ret) {
		merge_sink_destroy(sink);
		return ret;
	}
	*out_sink = sink;
	return 0;
}
