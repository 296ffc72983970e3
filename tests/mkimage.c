// SPDX-License-Identifier: GPL-2.0-or-later
/* Trace buffers from a description in text: see mkimage.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mkimage.h"
#include "page_build.h"

/* The image while it is read; @page is NULL outside of a sub-buffer. */
struct maker {
	struct merge_source *src;
	struct image *image;
	char name[32];
	char clock[32];
	uint32_t size;
	struct merge_cpu *cpus;		/* of the current buffer */
	unsigned int nr_cpus;
	struct image_page *page;
	uint8_t *bytes;
	struct page_build build;
	uint64_t lost;
	uint32_t cut;
	uint32_t number;
	const char *line;
};

static _Noreturn void give_up(const struct maker *m)
{
	fprintf(stderr, "mkimage: this makes no sense: %s\n", m->line);
	abort();
}

/* " key=value" of the current line */
static uint64_t option(const struct maker *m, const char *key, uint64_t fallback)
{
	char label[32];
	const char *found;

	snprintf(label, sizeof(label), " %s=", key);
	found = strstr(m->line, label);
	return found ? strtoull(found + strlen(label), NULL, 0) : fallback;
}

static void text_option(const struct maker *m, const char *key, char *value, size_t size)
{
	char label[32];
	const char *found;

	snprintf(label, sizeof(label), " %s=", key);
	found = strstr(m->line, label);
	if (!found)
		return;
	found += strlen(label);
	snprintf(value, size, "%.*s", (int)strcspn(found, " "), found);
}

/* The number behind the line's word, or behind a " +" */
static uint64_t argument(const struct maker *m)
{
	const char *text = m->line + strcspn(m->line, " ");
	char *end;
	uint64_t value = strtoull(text + strspn(text, " +"), &end, 0);

	if (end == text)
		give_up(m);
	return value;
}

static void *grow(const void *array, size_t nr, size_t size)
{
	void *grown = realloc((void *)array, (nr + 1) * size);

	if (!grown)
		abort();
	memset((char *)grown + nr * size, 0, size);
	return grown;
}

/* ---- the parts of an image ----------------------------------------------- */

/* Write the commit of the current sub-buffer; more records cannot follow. */
static void finish_page(struct maker *m)
{
	if (m->build.data)
		page_build_finish(&m->build, m->lost);
	m->build.data = NULL;
}

static void end_page(struct maker *m)
{
	struct image_page *page = m->page;

	if (!page)
		return;
	finish_page(m);
	page->have = m->cut < m->size ? m->cut : m->size;
	page->data = malloc(page->have + !page->have);
	memcpy(page->data, m->bytes, page->have);
	m->page = NULL;
}

static void end_buffer(struct maker *m)
{
	struct merge_buffer buf = {
		.name = m->name, .instance = m->name, .clock = m->clock,
		.clock_in_ns = strcmp(m->clock, "counter"), .subbuf_size = m->size,
		.nr_cpus = m->nr_cpus, .cpus = m->cpus,
	};
	unsigned int index = m->src->nr_buffers;

	end_page(m);
	if (!m->name[0])
		return;
	m->image->first = grow(m->image->first, index, sizeof(*m->image->first));
	m->image->first[index] = m->image->nr_cpus - m->nr_cpus;
	if (source_add_buffer(m->src, &buf))
		abort();
	m->cpus = NULL;
	m->nr_cpus = 0;
	m->name[0] = '\0';
}

static void do_long(struct maker *m)
{
	m->src->long_size = argument(m);
}

static void do_big(struct maker *m)
{
	m->src->big_endian = true;
}

static void do_size(struct maker *m)
{
	end_buffer(m);
	m->size = argument(m);
	m->bytes = realloc(m->bytes, m->size);
	if (!m->bytes)
		abort();
}

static void do_format(struct maker *m)
{
	struct image *image = m->image;
	struct image_format *format;

	image->formats = grow(image->formats, image->nr_formats, sizeof(*format));
	format = &image->formats[image->nr_formats++];
	format->id = option(m, "id", 0);
	text_option(m, "system", format->system, sizeof(format->system));
	text_option(m, "name", format->name, sizeof(format->name));
	text_option(m, "fields", format->fields, sizeof(format->fields));
	text_option(m, "print", format->print, sizeof(format->print));
}

static void do_buffer(struct maker *m)
{
	end_buffer(m);
	if (sscanf(m->line, "buffer %31s", m->name) != 1)
		give_up(m);
	snprintf(m->clock, sizeof(m->clock), "local");
	text_option(m, "clock", m->clock, sizeof(m->clock));
}

static void do_cpu(struct maker *m)
{
	struct image *image = m->image;

	end_page(m);
	if (!m->name[0])
		snprintf(m->name, sizeof(m->name), "top");
	m->cpus = grow(m->cpus, m->nr_cpus, sizeof(*m->cpus));
	m->cpus[m->nr_cpus++].cpu = argument(m);
	image->cpus = grow(image->cpus, image->nr_cpus, sizeof(*image->cpus));
	image->nr_cpus++;
}

static void do_page(struct maker *m)
{
	struct image_cpu *cpu;

	end_page(m);
	if (!m->nr_cpus)
		give_up(m);
	cpu = &m->image->cpus[m->image->nr_cpus - 1];
	cpu->pages = grow(cpu->pages, cpu->nr, sizeof(*cpu->pages));
	m->page = &cpu->pages[cpu->nr++];
	m->page->start = option(m, "start", 0);
	m->page->overrun = option(m, "overrun", 0);
	m->page->error = -(int)option(m, "error", 0);
	m->cut = option(m, "cut", UINT32_MAX);
	m->lost = strstr(m->line, "missed=?") ? MERGE_LOST_UNKNOWN : option(m, "missed", 0);
	m->cpus[m->nr_cpus - 1].nr_subbufs++;
	page_build_init(&m->build, m->bytes, m->size, m->src->long_size,
			m->src->big_endian, option(m, "ts", 0));
}

static void add_event(struct maker *m)
{
	uint8_t record[1000] = { 0 };
	unsigned int id = option(m, "id", 1);
	uint32_t number = ++m->number;

	for (int i = 0; i < 2; i++)
		record[m->src->big_endian ? 1 - i : i] = id >> 8 * i;
	memcpy(record + 4, &number, sizeof(number));
	if (page_build_event(&m->build, argument(m), record, option(m, "len", 8)))
		give_up(m);
}

static void do_event(struct maker *m)
{
	for (uint64_t count = option(m, "count", 1); count; count--)
		add_event(m);
}

static void do_extend(struct maker *m)
{
	if (page_build_extend(&m->build, argument(m)))
		give_up(m);
}

static void do_stamp(struct maker *m)
{
	if (page_build_stamp(&m->build, argument(m)))
		give_up(m);
}

static void do_discard(struct maker *m)
{
	if (page_build_discard(&m->build, argument(m), option(m, "len", 8)))
		give_up(m);
}

static void do_pad(struct maker *m)
{
	if (page_build_padding(&m->build))
		give_up(m);
}

static void add_word(struct maker *m, uint32_t value)
{
	uint8_t bytes[4];

	for (int i = 0; i < 4; i++)
		bytes[m->src->big_endian ? 3 - i : i] = value >> 8 * i;
	if (page_build_raw(&m->build, bytes, sizeof(bytes)))
		give_up(m);
}

static void do_head(struct maker *m)
{
	uint32_t type = option(m, "type", 0), delta = option(m, "delta", 0);

	add_word(m, m->src->big_endian ? type << 27 | delta : delta << 5 | type);
}

static void do_word(struct maker *m)
{
	add_word(m, argument(m));
}

/* Bytes from hexadecimal digits at @text; at most 64 */
static uint32_t parse_hex(const struct maker *m, const char *text, uint8_t *bytes)
{
	uint32_t len = 0;
	unsigned int byte;

	for (; sscanf(text, "%2x", &byte) == 1; text += 2) {
		if (len == 64)
			give_up(m);
		bytes[len++] = byte;
	}
	return len;
}

static void do_raw(struct maker *m)
{
	uint8_t bytes[64];
	uint32_t len = parse_hex(m, m->line + strlen("raw "), bytes);

	if (page_build_raw(&m->build, bytes, len))
		give_up(m);
}

static void do_commit(struct maker *m)
{
	uint64_t word = argument(m);
	uint32_t size = m->src->long_size;

	finish_page(m);
	for (uint32_t i = 0; i < size; i++)
		m->bytes[8 + (m->src->big_endian ? size - 1 - i : i)] = word >> 8 * i;
}

static void do_poke(struct maker *m)
{
	uint8_t bytes[64];
	const char *hex = strchr(m->line + strlen("poke "), ' ');
	uint32_t offset = argument(m), len;

	if (!hex)
		give_up(m);
	len = parse_hex(m, hex + 1, bytes);
	finish_page(m);
	memcpy(m->bytes + offset, bytes, len);
}

static void add_saying(struct maker *m, enum image_what what)
{
	struct image_saying saying = { .what = what, .number = argument(m) };
	struct image *image = m->image;

	text_option(m, "name", saying.text, sizeof(saying.text));
	text_option(m, "module", saying.module, sizeof(saying.module));
	image->sayings = grow(image->sayings, image->nr_sayings, sizeof(saying));
	image->sayings[image->nr_sayings++] = saying;
}

static void do_symbol(struct maker *m)
{
	add_saying(m, IMAGE_SYMBOL);
}

static void do_comm(struct maker *m)
{
	add_saying(m, IMAGE_COMM);
}

static void do_printk(struct maker *m)
{
	add_saying(m, IMAGE_PRINTK);
}

static void do_release(struct maker *m)
{
	snprintf(m->src->desc->release, sizeof(m->src->desc->release), "%s",
		 m->line + strlen("release "));
}

static void do_notice(struct maker *m)
{
	uint64_t index = option(m, "buffer", UINT64_MAX);

	end_buffer(m);
	source_note(m->src, merge_source_buffer(m->src, index),
		    (int)option(m, "cpu", -1), "noticed: %s", m->line);
}

static const struct word {
	const char *name;
	bool in_page;
	void (*run)(struct maker *m);
} words[] = {
	{ "long", false, do_long }, { "big", false, do_big }, { "size", false, do_size },
	{ "format", false, do_format }, { "buffer", false, do_buffer },
	{ "cpu", false, do_cpu }, { "page", false, do_page },
	{ "notice", false, do_notice }, { "symbol", false, do_symbol },
	{ "comm", false, do_comm }, { "printk", false, do_printk },
	{ "release", false, do_release },
	{ "event", true, do_event }, { "extend", true, do_extend },
	{ "stamp", true, do_stamp }, { "discard", true, do_discard },
	{ "pad", true, do_pad }, { "head", true, do_head },
	{ "word", true, do_word }, { "raw", true, do_raw },
	{ "commit", true, do_commit }, { "poke", true, do_poke },
};

static void run_line(struct maker *m)
{
	size_t len = strcspn(m->line, " ");

	if (!len)
		return;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strlen(words[i].name) == len && !strncmp(m->line, words[i].name, len)) {
			if (words[i].in_page && !m->page)
				give_up(m);
			words[i].run(m);
			return;
		}
	give_up(m);
}

struct merge_source *image_open(const char *text)
{
	struct image *image = calloc(1, sizeof(*image));
	struct maker m = {
		.src = source_create(&image_ops, image, 8, false),
		.image = image, .clock = "local", .size = 256, .bytes = malloc(256),
	};
	char *copy = strdup(text), *rest = copy;

	if (!image || !m.src || !m.bytes || !copy)
		abort();
	m.src->desc = calloc(1, sizeof(*m.src->desc));
	if (!m.src->desc)
		abort();
	desc_init(m.src->desc, &image_desc_ops, image);
	m.src->desc->page_size = 4096;
	while ((m.line = strsep(&rest, "\n"))) {
		m.line += strspn(m.line, "\t ");
		run_line(&m);
	}
	end_buffer(&m);
	free(m.bytes);
	free(copy);
	return m.src;
}
