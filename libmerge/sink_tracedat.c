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
#include "text_line.h"
#include "tracedat_meta.h"

#define VERSION_TEXT	"libmerge"

/* Where in the head the page size and the offset of the options are */
#define HEAD_PAGE_SIZE	14u
#define HEAD_OPTIONS	24u

/* FNV-1a */
#define HASH_START	0xcbf29ce484222325u
#define HASH_PRIME	0x100000001b3u

/* @oldest: time stamp of its first sub-buffer */
struct dat_cpu {
	const struct merge_cpu *cpu;
	uint64_t offset;
	uint64_t size;
	uint64_t oldest;
};

struct dat_buffer {
	const struct merge_buffer *buf;
	uint64_t section;
	struct dat_cpu *cpus;
	unsigned int nr_cpus;
};

/*
 * struct dat - the sink
 * @buffers: all that were begun; the last one is open
 * @options: the options, encoded as they come
 * @trace_id: a hash over what the file is made from
 * @started: the head is written
 */
struct dat {
	struct datfile file;
	struct dat_buffer *buffers;
	size_t nr_buffers;
	struct textbuf options;
	uint64_t trace_id;
	bool started;
};

static void hash(struct dat *dat, const void *data, size_t len)
{
	const uint8_t *p = data;

	while (len--)
		dat->trace_id = (dat->trace_id ^ *p++) * HASH_PRIME;
}

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
	hash(dat, b->buf->name, strlen(b->buf->name));
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
	hash(dat, data, 16);
	datfile_put(&dat->file, data, size);
	cpu->size += size;
	return datfile_error(&dat->file, err);
}

/* ---- Options ------------------------------------------------------------ */

static void option_number(struct dat *dat, uint64_t value, unsigned int size)
{
	uint8_t bytes[8];

	datfile_encode(&dat->file, value, size, bytes);
	textbuf_put(&dat->options, bytes, size);
}

static void option_begin(struct dat *dat, enum tracedat_id id, size_t size)
{
	option_number(dat, id, 2);
	option_number(dat, size, 4);
}

static void option_value(struct dat *dat, enum tracedat_id id, uint64_t value,
			 unsigned int size)
{
	option_begin(dat, id, size);
	option_number(dat, value, size);
}

static void option_text(struct dat *dat, enum tracedat_id id, const struct textbuf *text)
{
	option_begin(dat, id, text->len + 1);
	textbuf_put(&dat->options, text->data, text->len);
	textbuf_putc(&dat->options, '\0');
}

static bool is_top(const struct merge_buffer *buf)
{
	return !*buf->instance && buf->kind != MERGE_SNAPSHOT;
}

static const struct dat_buffer *top_buffer(const struct dat *dat)
{
	for (size_t i = 0; i < dat->nr_buffers; i++) {
		if (is_top(dat->buffers[i].buf))
			return &dat->buffers[i];
	}
	return NULL;
}

/* "snap/snapshot" as "snap.snapshot": trace-cmd report shows what follows a '/' */
static void put_name(struct textbuf *text, const struct merge_buffer *buf)
{
	for (const char *p = is_top(buf) ? "" : buf->name; *p; p++)
		textbuf_putc(text, *p == '/' ? '.' : *p);
}

static void option_buffer(struct dat *dat, const struct dat_buffer *b)
{
	size_t name_len = is_top(b->buf) ? 0 : strlen(b->buf->name);
	unsigned int nr = 0;

	/* a CPU without data has no place to point at */
	for (unsigned int i = 0; i < b->nr_cpus; i++)
		nr += b->cpus[i].size != 0;

	option_begin(dat, DAT_BUFFER, 8 + name_len + 1 + strlen(b->buf->clock) + 1 +
		     4 + 4 + 20 * (size_t)nr);
	option_number(dat, b->section, 8);
	put_name(&dat->options, b->buf);
	textbuf_putc(&dat->options, '\0');
	textbuf_put(&dat->options, b->buf->clock, strlen(b->buf->clock) + 1);
	option_number(dat, b->buf->subbuf_size, 4);
	option_number(dat, nr, 4);
	for (unsigned int i = 0; i < b->nr_cpus; i++) {
		if (!b->cpus[i].size)
			continue;
		option_number(dat, b->cpus[i].cpu->cpu, 4);
		option_number(dat, b->cpus[i].offset, 8);
		option_number(dat, b->cpus[i].size, 8);
	}
}

static void stat_line(struct textbuf *text, const char *name, uint64_t value)
{
	textbuf_puts(text, name);
	textbuf_dec(text, value, 0, ' ');
	textbuf_putc(text, '\n');
}

/* The kernel's per_cpu/cpuN/stats, without "now ts": that moment is gone */
static void option_cpustat(struct dat *dat, const struct dat_buffer *b,
			   const struct dat_cpu *cpu, struct textbuf *text)
{
	const struct merge_counters *c = &cpu->cpu->counters;

	text->len = 0;
	stat_line(text, "CPU: ", cpu->cpu->cpu);
	stat_line(text, "entries: ", c->entries);
	stat_line(text, "overrun: ", c->overrun);
	stat_line(text, "commit overrun: ", c->commit_overrun);
	stat_line(text, "bytes: ", c->bytes);
	if (cpu->size) {
		textbuf_puts(text, "oldest event ts:");
		text_time(text, b->buf, cpu->oldest);
		textbuf_putc(text, '\n');
	}
	stat_line(text, "dropped events: ", c->dropped);
	stat_line(text, "read events: ", c->read);
	option_text(dat, DAT_CPUSTAT, text);
}

static void option_stats(struct dat *dat, const struct dat_buffer *b, struct textbuf *text)
{
	if (!is_top(b->buf)) {
		text->len = 0;
		textbuf_puts(text, "\nBuffer: ");
		put_name(text, b->buf);
		textbuf_puts(text, "\n\n");
		option_text(dat, DAT_CPUSTAT, text);
	}
	for (unsigned int i = 0; i < b->nr_cpus; i++) {
		if (b->cpus[i].cpu->has_counters)
			option_cpustat(dat, b, &b->cpus[i], text);
	}
}

static unsigned int cpu_count(const struct dat *dat, const struct merge_desc *d)
{
	unsigned int count = d->nr_cpu_ids;

	for (size_t i = 0; i < dat->nr_buffers; i++) {
		const struct dat_buffer *b = &dat->buffers[i];

		for (unsigned int k = 0; k < b->nr_cpus; k++) {
			if (b->cpus[k].cpu->cpu >= count)
				count = b->cpus[k].cpu->cpu + 1;
		}
	}
	return count;
}

/* What is known of the boot and of the file as a whole */
static void option_identity(struct dat *dat, const struct merge_desc *d, struct textbuf *text)
{
	const struct dat_buffer *clocked = top_buffer(dat);

	if (!clocked && dat->nr_buffers)
		clocked = dat->buffers;
	if (clocked) {
		text->len = 0;
		textbuf_printf(text, "[%s]", clocked->buf->clock);
		option_text(dat, DAT_TRACECLOCK, text);
	}
	text->len = 0;
	textbuf_printf(text, "%s %s %s %s", d->sysname, d->nodename, d->release, d->machine);
	hash(dat, text->data, text->len);
	option_text(dat, DAT_UNAME, text);
	text->len = 0;
	textbuf_puts(text, VERSION_TEXT);
	option_text(dat, DAT_VERSION, text);
	option_value(dat, DAT_CPUCOUNT, cpu_count(dat, d), 4);
	option_value(dat, DAT_TRACEID, dat->trace_id, 8);
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
		option_value(dat, s->id, start, 8);
	}
	if (dat->file.err)
		return datfile_error(&dat->file, err);
	return ret ? error_set(err, ret, "describing the traced boot: %s", strerror(-ret)) : 0;
}

static int put_options(struct dat *dat, const struct merge_desc *d, struct merge_error *err)
{
	struct textbuf text = { 0 };
	uint64_t start;

	for (size_t i = 0; i < dat->nr_buffers; i++)
		option_buffer(dat, &dat->buffers[i]);
	option_identity(dat, d, &text);
	for (size_t i = 0; i < dat->nr_buffers; i++)
		option_stats(dat, &dat->buffers[i], &text);
	option_value(dat, DAT_OPTIONS, 0, 8);

	start = datfile_section(&dat->file, DAT_OPTIONS);
	datfile_put(&dat->file, dat->options.data, dat->options.len);
	datfile_section_end(&dat->file);
	datfile_patch(&dat->file, HEAD_OPTIONS, start, 8);

	dat->options.failed |= text.failed;
	textbuf_deinit(&text);
	return dat->options.failed ? error_nomem(err) : datfile_error(&dat->file, err);
}

static int dat_end(struct merge_sink *sink, struct merge_source *src,
		   const struct merge_stats *stats, const uint8_t *ids,
		   struct merge_error *err)
{
	struct dat *dat = sink->priv;
	struct dat_meta meta = { .file = &dat->file, .desc = src->desc, .ids = ids };
	const struct dat_buffer *top = top_buffer(dat);
	int ret;

	(void)stats;
	if (!dat->started)
		put_head(dat, src);
	end_buffer(dat);
	meta.subbuf_size = top ? top->buf->subbuf_size : src->desc->page_size;
	datfile_patch(&dat->file, HEAD_PAGE_SIZE, meta.subbuf_size, 4);
	ret = put_sections(dat, &meta, err);
	if (!ret)
		ret = put_options(dat, src->desc, err);
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
	dat->trace_id = HASH_START;
	ret = datfile_open(&dat->file, path, err);
	if (ret) {
		merge_sink_destroy(sink);
		return ret;
	}
	*out_sink = sink;
	return 0;
}
