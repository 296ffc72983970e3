// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Version 6 of trace.dat: blocks in a fixed order, options, and for each buffer
 * a table of all CPUs. The blocks hold what the sections of version 7 hold.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "dat_layout.h"
#include "error.h"

/* "options  \0", "flyrecord\0" */
#define TAG_SIZE	10u

/* The longest name of a system of events there is */
#define MAX_NAME	256u

/* Names of clocks have up to 8 letters */
#define MAX_CLOCK	64u

/* Where the walk through the file is; @bad: it went beyond the end */
struct walk {
	const struct dat_reader *r;
	uint64_t pos;
	bool bad;
};

static uint64_t walk_number(struct walk *w, unsigned int size)
{
	uint64_t value = 0;

	if (w->bad || dat_reader_number(w->r, w->pos, size, &value))
		w->bad = true;
	w->pos += w->bad ? 0 : size;
	return value;
}

static void walk_skip(struct walk *w, uint64_t len)
{
	if (len > w->r->size - w->pos)
		w->bad = true;
	w->pos += w->bad ? 0 : len;
}

/* A size of @width bytes, and as much */
static void walk_sized(struct walk *w, unsigned int width)
{
	walk_skip(w, walk_number(w, width));
}

static void walk_name(struct walk *w)
{
	char name[MAX_NAME];
	uint64_t left = w->r->size - w->pos;
	size_t size = left < sizeof(name) ? left : sizeof(name), len;

	if (w->bad || dat_reader_get(w->r, w->pos, name, size)) {
		w->bad = true;
		return;
	}
	len = strnlen(name, size);
	w->bad = len == size;
	w->pos += w->bad ? 0 : len + 1;
}

/* ---- Blocks --------------------------------------------------------------- */

static void walk_headers(struct walk *w)
{
	for (int i = 0; i < 2; i++) {
		walk_name(w);
		walk_sized(w, 8);
	}
}

static void walk_formats(struct walk *w)
{
	for (uint64_t n = walk_number(w, 4); n && !w->bad; n--)
		walk_sized(w, 8);
}

static void walk_systems(struct walk *w)
{
	for (uint64_t n = walk_number(w, 4); n && !w->bad; n--) {
		walk_name(w);
		walk_formats(w);
	}
}

static void walk_text4(struct walk *w)
{
	walk_sized(w, 4);
}

static void walk_text8(struct walk *w)
{
	walk_sized(w, 8);
}

static const struct block {
	enum tracedat_id id;
	const char *name;
	void (*walk)(struct walk *w);
} blocks[] = {
	{ DAT_HEADER_INFO, "description of sub-buffers", walk_headers },
	{ DAT_FTRACE_EVENTS, "formats of ftrace's events", walk_formats },
	{ DAT_EVENT_FORMATS, "formats of events", walk_systems },
	{ DAT_KALLSYMS, "symbols", walk_text4 },
	{ DAT_PRINTK, "printk formats", walk_text4 },
	{ DAT_CMDLINES, "command names", walk_text8 },
};

static int walk_blocks(struct dat_layout *l, struct walk *w, struct merge_error *err)
{
	for (size_t i = 0; i < sizeof(blocks) / sizeof(*blocks); i++) {
		uint64_t start = w->pos;

		blocks[i].walk(w);
		if (w->bad)
			return error_set(err, -EBADMSG,
					 "the file ends within its %s, which begin at %" PRIu64 ": there are no sub-buffers behind",
					 blocks[i].name, start);
		l->sections[blocks[i].id] = (struct dat_in_section){
			.id = blocks[i].id, .pos = start, .size = w->pos - start };
	}
	return 0;
}

/* ---- Options -------------------------------------------------------------- */

/* A count of CPUs behind a buffer is that buffer's */
static void take_count(struct dat_layout *l, unsigned int before, uint32_t file_count)
{
	if (before != DAT_BUFFER || !l->nr_buffers)
		return;
	l->buffers[l->nr_buffers - 1].cpu_count = l->cpu_count;
	l->cpu_count = file_count;
}

static int walk_options(struct dat_layout *l, struct walk *w, struct merge_error *err)
{
	unsigned int before = 0, id;
	int ret = 0;

	while (!ret && (id = walk_number(w, 2))) {
		uint64_t len = walk_number(w, 4), pos = w->pos;
		uint32_t count = l->cpu_count;
		void *data;
		size_t got;

		walk_skip(w, len);
		if (w->bad)
			break;
		ret = dat_reader_bytes(l->r, pos, len, &data, &got);
		if (ret)
			break;
		ret = dat_layout_option(l, id, data, got, err);
		free(data);
		if (id == DAT_CPUCOUNT)
			take_count(l, before, count);
		before = id;
	}
	return ret;
}

/* ---- Tables --------------------------------------------------------------- */

static void walk_tag(struct walk *w, char *tag)
{
	memset(tag, 0, TAG_SIZE);
	if (w->bad || dat_reader_get(w->r, w->pos, tag, TAG_SIZE))
		w->bad = true;
	w->pos += w->bad ? 0 : TAG_SIZE;
}

/* "[local]" behind a table */
static void take_clock(struct walk *w, struct dat_in_buffer *b)
{
	uint64_t len = walk_number(w, 8);
	char text[MAX_CLOCK + 1] = "", clock[MAX_CLOCK];

	/* trace-cmd once wrote it wrong, and took local then */
	if (w->bad || len > MAX_CLOCK || dat_reader_get(w->r, w->pos, text, len))
		return;
	if (dat_layout_clock(text, clock, sizeof(clock)))
		b->clock = strdup(clock);
}

/*
 * The table of buffer @index, whose tag was passed. CPUs without data are there
 * too, as in the file.
 */
static int take_table(struct dat_layout *l, struct walk *w, size_t index)
{
	struct dat_in_buffer *b = &l->buffers[index];
	uint32_t claimed = b->cpu_count ? b->cpu_count : l->cpu_count;
	uint64_t fit = (w->r->size - w->pos) / 16;
	uint32_t nr = claimed < fit ? claimed : fit;

	if (nr < claimed)
		source_note(l->src, NULL, -1,
			    "buffer %s: the file ends in its table of %" PRIu32 " CPUs, behind %" PRIu32,
			    *b->name ? b->name : "top", claimed, nr);
	b->cpus = calloc(nr + (size_t)1, sizeof(*b->cpus));
	if (!b->cpus)
		return -ENOMEM;
	for (b->nr_cpus = 0; b->nr_cpus < nr; b->nr_cpus++) {
		struct dat_in_cpu *cpu = &b->cpus[b->nr_cpus];

		cpu->cpu = b->nr_cpus;
		cpu->pos = walk_number(w, 8);
		cpu->size = walk_number(w, 8);
	}
	if (l->has_clock)
		take_clock(w, b);
	return 0;
}

/* Of an instance: its option says where its table is */
static int take_instance(struct dat_layout *l, size_t index)
{
	struct dat_in_buffer *b = &l->buffers[index];
	struct walk w = { .r = l->r, .pos = b->table };
	char tag[TAG_SIZE];

	if (w.pos <= l->r->size) {
		walk_tag(&w, tag);
		if (!w.bad && !strncmp(tag, "flyrecord", TAG_SIZE))
			return take_table(l, &w, index);
	}
	source_note(l->src, NULL, -1, "buffer %s: its table of CPUs is not at %" PRIu64
		    " of the file's %" PRIu64 " bytes: none of its events are known",
		    b->name, b->table, l->r->size);
	return 0;
}

/* The top-level one, with the tag that says what follows; put first */
static int take_top(struct dat_layout *l, struct walk *w, const char *tag,
		    struct merge_error *err)
{
	struct dat_in_buffer *b, top;

	if (!strncmp(tag, "latency", 7))
		return dat_layout_option(l, DAT_BUFFER_TEXT, "", 0, err);
	if (strncmp(tag, "flyrecord", TAG_SIZE))
		return error_set(err, -EBADMSG,
				 "there should be a table of CPUs at %" PRIu64 " of the file's %" PRIu64 " bytes: %s",
				 w->pos - (w->bad ? 0 : TAG_SIZE), l->r->size,
				 w->bad ? "it is cut off" : "it is not there");
	b = dat_layout_add(l);
	if (!b)
		return -ENOMEM;
	b->name = strdup("");
	top = *b;
	memmove(l->buffers + 1, l->buffers, (l->nr_buffers - 1) * sizeof(*b));
	l->buffers[0] = top;
	return top.name ? take_table(l, w, 0) : -ENOMEM;
}

int dat_layout_v6(struct dat_layout *l, struct merge_error *err)
{
	struct walk w = { .r = l->r, .pos = l->r->start };
	char tag[TAG_SIZE];
	uint64_t count;
	int ret = walk_blocks(l, &w, err);

	if (ret)
		return ret;
	count = walk_number(&w, 4);
	l->cpu_count = count < DAT_MAX_CPUS ? count : DAT_MAX_CPUS;
	walk_tag(&w, tag);
	if (!strncmp(tag, "options", 7)) {
		ret = walk_options(l, &w, err);
		walk_tag(&w, tag);
	}
	if (!ret)
		ret = take_top(l, &w, tag, err);
	for (size_t i = 1; !ret && i < l->nr_buffers; i++)
		ret = take_instance(l, i);
	return ret;
}
