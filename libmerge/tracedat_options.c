// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The options of a trace.dat file: where its parts are, and what is known of
 * the boot.
 */
#include <string.h>

#include "source.h"
#include "text_line.h"
#include "tracedat.h"

#define VERSION_TEXT	"libmerge"

#define HASH_PRIME	0x100000001b3u

void tracedat_hash(struct dat *dat, const void *data, size_t len)
{
	const uint8_t *p = data;

	while (len--)
		dat->trace_id = (dat->trace_id ^ *p++) * HASH_PRIME;
}

void tracedat_put_magic(struct dat *dat, uint32_t page_size)
{
	static const uint8_t magic[] = "\x17\x08\x44tracing";
	struct datfile *f = &dat->file;

	datfile_put(f, magic, sizeof(magic) - 1);
	datfile_text(f, dat->version == 6 ? "6" : "7");
	datfile_number(f, dat->src->big_endian, 1);
	datfile_number(f, dat->src->long_size, 1);
	datfile_number(f, page_size, 4);
}

static void put_number(struct dat *dat, uint64_t value, unsigned int size)
{
	uint8_t bytes[8];

	datfile_encode(&dat->file, value, size, bytes);
	textbuf_put(&dat->options, bytes, size);
}

static void option_begin(struct dat *dat, enum tracedat_id id, size_t size)
{
	put_number(dat, id, 2);
	put_number(dat, size, 4);
}

void tracedat_option_number(struct dat *dat, enum tracedat_id id, uint64_t value,
			    unsigned int size)
{
	option_begin(dat, id, size);
	put_number(dat, value, size);
}

static void option_text(struct dat *dat, enum tracedat_id id, const struct textbuf *text)
{
	option_begin(dat, id, text->len + 1);
	textbuf_put(&dat->options, text->data, text->len);
	textbuf_putc(&dat->options, '\0');
}

/* The top-level ring is the one without a name */
static bool is_top(const struct dat_buffer *b)
{
	return !*b->name;
}

struct dat_buffer *tracedat_top(const struct dat *dat)
{
	for (size_t i = 0; i < dat->nr_buffers; i++) {
		if (is_top(&dat->buffers[i]))
			return &dat->buffers[i];
	}
	return NULL;
}

static bool is_taken(const struct dat *dat, const char *name)
{
	for (size_t i = 0; i < dat->nr_buffers; i++)
		if (!strcmp(dat->buffers[i].name, name))
			return true;
	return false;
}

/*
 * "snap/snapshot" as "snap.snapshot", as trace-cmd report shows what follows a '/';
 * an instance may be called like that, too.
 */
char *tracedat_name(const struct dat *dat, const struct merge_buffer *buf)
{
	/* what the top-level instance recorded into, its snapshot not; a file has one such ring */
	bool top = !*buf->instance && !tracedat_top(dat) &&
		   (buf->kind == MERGE_LIVE || buf->kind == MERGE_PERSISTENT);
	struct textbuf text = { 0 };

	for (const char *p = top ? "" : buf->name; *p; p++)
		textbuf_putc(&text, *p == '/' ? '.' : *p);
	textbuf_putc(&text, '\0');
	while (!text.failed && is_taken(dat, text.data)) {
		text.len--;
		textbuf_put(&text, "~", 2);
	}
	if (!text.failed)
		return text.data;
	textbuf_deinit(&text);
	return NULL;
}

/* Version 6 has no more than this, and the top-level ring is not an option there */
static void option_buffer_v6(struct dat *dat, struct dat_buffer *b)
{
	if (is_top(b))
		return;
	option_begin(dat, DAT_BUFFER, 8 + strlen(b->name) + 1);
	b->option = dat->options.len;
	put_number(dat, 0, 8);
	textbuf_put(&dat->options, b->name, strlen(b->name) + 1);
}

static void option_buffer_v7(struct dat *dat, struct dat_buffer *b)
{
	unsigned int nr = 0;

	/* a CPU without data has no place to point at */
	for (unsigned int i = 0; i < b->nr_cpus; i++)
		nr += b->cpus[i].size != 0;

	option_begin(dat, DAT_BUFFER, 8 + strlen(b->name) + 1 + strlen(b->buf->clock) + 1 +
		     4 + 4 + 20 * (size_t)nr);
	put_number(dat, b->section, 8);
	textbuf_put(&dat->options, b->name, strlen(b->name) + 1);
	textbuf_put(&dat->options, b->buf->clock, strlen(b->buf->clock) + 1);
	put_number(dat, b->buf->subbuf_size, 4);
	put_number(dat, nr, 4);
	for (unsigned int i = 0; i < b->nr_cpus; i++) {
		if (!b->cpus[i].size)
			continue;
		put_number(dat, b->cpus[i].cpu->cpu, 4);
		put_number(dat, b->cpus[i].offset, 8);
		put_number(dat, b->cpus[i].size, 8);
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
	if (cpu->size || cpu->nr_runs) {
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
	if (!is_top(b)) {
		text->len = 0;
		textbuf_puts(text, "\nBuffer: ");
		textbuf_puts(text, b->name);
		textbuf_puts(text, "\n\n");
		option_text(dat, DAT_CPUSTAT, text);
	}
	for (unsigned int i = 0; i < b->nr_cpus; i++) {
		if (b->cpus[i].cpu->has_counters)
			option_cpustat(dat, b, &b->cpus[i], text);
	}
}

unsigned int tracedat_cpu_count(const struct dat *dat, const struct merge_desc *d)
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

const char *tracedat_clock(const struct dat *dat)
{
	const struct dat_buffer *top = tracedat_top(dat);

	if (!top && dat->nr_buffers)
		top = dat->buffers;
	return top ? top->buf->clock : NULL;
}

/* What is known of the boot and of the file as a whole */
static void option_identity(struct dat *dat, const struct merge_desc *d, struct textbuf *text)
{
	if (tracedat_clock(dat)) {
		text->len = 0;
		textbuf_printf(text, "[%s]", tracedat_clock(dat));
		option_text(dat, DAT_TRACECLOCK, text);
	}
	text->len = 0;
	textbuf_printf(text, "%s %s %s %s", d->sysname, d->nodename, d->release, d->machine);
	tracedat_hash(dat, text->data, text->len);
	option_text(dat, DAT_UNAME, text);
	text->len = 0;
	textbuf_puts(text, VERSION_TEXT);
	option_text(dat, DAT_VERSION, text);
	tracedat_option_number(dat, DAT_CPUCOUNT, tracedat_cpu_count(dat, d), 4);
	tracedat_option_number(dat, DAT_TRACEID, dat->trace_id, 8);
}

void tracedat_options(struct dat *dat, const struct merge_desc *d)
{
	struct textbuf text = { 0 };

	for (size_t i = 0; i < dat->nr_buffers; i++) {
		if (dat->version == 6)
			option_buffer_v6(dat, &dat->buffers[i]);
		else
			option_buffer_v7(dat, &dat->buffers[i]);
	}
	option_identity(dat, d, &text);
	for (size_t i = 0; i < dat->nr_buffers; i++)
		option_stats(dat, &dat->buffers[i], &text);
	dat->options.failed |= text.failed;
	textbuf_deinit(&text);
}
