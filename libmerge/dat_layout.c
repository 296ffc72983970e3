// SPDX-License-Identifier: LGPL-2.1-or-later
/* The options of a trace.dat file, and the sections of version 7: dat_layout.h. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "dat_layout.h"
#include "error.h"

/* Sections with options follow each other; trace-cmd writes two or three */
#define MAX_OPTION_SECTIONS	100u

#define NSEC_PER_USEC	1000

struct dat_in_buffer *dat_layout_add(struct dat_layout *l)
{
	struct dat_in_buffer *b = reallocarray(l->buffers, l->nr_buffers + 1, sizeof(*b));

	if (!b)
		return NULL;
	l->buffers = b;
	b += l->nr_buffers++;
	*b = (struct dat_in_buffer){ .subbuf_size = l->r->page_size };
	return b;
}

bool dat_layout_clock(const char *text, char *clock, size_t size)
{
	const char *start = strchr(text, '['), *end = start ? strchr(start, ']') : NULL;

	if (!end || end == start + 1 || (size_t)(end - start) > size)
		return false;
	snprintf(clock, size, "%.*s", (int)(end - start - 1), start + 1);
	return true;
}

/* ---- BUFFER -------------------------------------------------------------- */

static char *take_text(struct cursor *c)
{
	const char *text = (const char *)c->data + c->pos;
	size_t len = strnlen(text, cursor_left(c));

	return cursor_bytes(c, len + 1) ? strdup(text) : NULL;
}

static int cpu_compare(const void *a, const void *b)
{
	const struct dat_in_cpu *x = a, *y = b;

	return x->cpu < y->cpu ? -1 : x->cpu > y->cpu;
}

/* By number, each once: of two the one that comes first in the file stays */
static void sort_cpus(struct dat_layout *l, struct dat_in_buffer *b)
{
	size_t kept = 0;

	qsort(b->cpus, b->nr_cpus, sizeof(*b->cpus), cpu_compare);
	for (size_t i = 0; i < b->nr_cpus; i++) {
		const struct dat_in_cpu *cpu = &b->cpus[i];

		if (cpu->cpu < DAT_MAX_CPUS && (!kept || cpu->cpu != b->cpus[kept - 1].cpu))
			b->cpus[kept++] = *cpu;
		else
			source_note(l->src, NULL, -1,
				    "buffer %s: no sub-buffers of CPU %" PRIu32 " at %" PRIu64
				    ": the file has %s", *b->name ? b->name : "top", cpu->cpu,
				    cpu->pos, cpu->cpu < DAT_MAX_CPUS ? "that CPU twice" :
				    "no such CPU");
	}
	b->nr_cpus = kept;
}

/* The CPUs of a BUFFER option of version 7; those that are cut off are noted */
static int take_cpus(struct dat_layout *l, struct dat_in_buffer *b, struct cursor *c)
{
	uint32_t claimed = cursor_u32(c);
	size_t fit = cursor_left(c) / 20, nr = claimed < fit ? claimed : fit;

	if (nr < claimed)
		source_note(l->src, NULL, -1,
			    "buffer %s: the file tells of %" PRIu32 " CPUs and has places of %zu",
			    *b->name ? b->name : "top", claimed, nr);
	b->cpus = calloc(nr + 1, sizeof(*b->cpus));
	if (!b->cpus)
		return -ENOMEM;
	for (b->nr_cpus = 0; b->nr_cpus < nr; b->nr_cpus++) {
		struct dat_in_cpu *cpu = &b->cpus[b->nr_cpus];

		cpu->cpu = cursor_u32(c);
		cpu->pos = cursor_u64(c);
		cpu->size = cursor_u64(c);
	}
	sort_cpus(l, b);
	return 0;
}

static int buffer_v7(struct dat_layout *l, struct dat_in_buffer *b, uint64_t section,
		     struct cursor *c)
{
	struct dat_in_section s;
	int ret;

	b->clock = take_text(c);
	b->subbuf_size = cursor_u32(c);
	ret = take_cpus(l, b, c);
	if (ret)
		return ret;
	if (!dat_reader_section(l->r, section, &s) && s.id == DAT_BUFFER)
		b->compressed = s.compressed;
	else
		source_note(l->src, NULL, -1,
			    "buffer %s: no section at %" PRIu64 ": its sub-buffers are taken for not compressed",
			    *b->name ? b->name : "top", section);
	return 0;
}

static int take_buffer(struct dat_layout *l, struct cursor *c, struct merge_error *err)
{
	uint64_t pos = cursor_u64(c);
	char *name = take_text(c);
	struct dat_in_buffer *b;
	int ret = 0;

	(void)err;
	if (c->bad) {
		source_note(l->src, NULL, -1, "a buffer is left out: what the file says of it is cut off");
		return 0;
	}
	b = name ? dat_layout_add(l) : NULL;
	if (!b) {
		free(name);
		return -ENOMEM;
	}
	b->name = name;
	b->table = pos;
	if (l->r->version == 7)
		ret = buffer_v7(l, b, pos, c);
	return ret;
}

/* ---- other options -------------------------------------------------------- */

static int take_stat(struct dat_layout *l, struct cursor *c, struct merge_error *err)
{
	(void)err;
	textbuf_put(&l->stats, c->data, strnlen((const char *)c->data, c->size));
	textbuf_putc(&l->stats, '\n');
	return l->stats.failed ? -ENOMEM : 0;
}

static int take_clock(struct dat_layout *l, struct cursor *c, struct merge_error *err)
{
	(void)err;
	l->has_clock = true;
	dat_layout_clock((const char *)c->data, l->clock, sizeof(l->clock));
	return 0;
}

static int take_uname(struct dat_layout *l, struct cursor *c, struct merge_error *err)
{
	(void)err;
	free(l->uname);
	l->uname = strdup((const char *)c->data);
	return l->uname ? 0 : -ENOMEM;
}

static int take_cpu_count(struct dat_layout *l, struct cursor *c, struct merge_error *err)
{
	uint32_t count = cursor_u32(c);

	(void)err;
	if (!c->bad)
		l->cpu_count = count < DAT_MAX_CPUS ? count : DAT_MAX_CPUS;
	return 0;
}

/* Microseconds, as trace-cmd record --date measured */
static int take_date(struct dat_layout *l, struct cursor *c, struct merge_error *err)
{
	(void)err;
	l->time_offset += strtoull((const char *)c->data, NULL, 0) * NSEC_PER_USEC;
	return 0;
}

static int take_offset(struct dat_layout *l, struct cursor *c, struct merge_error *err)
{
	(void)err;
	l->time_offset += strtoull((const char *)c->data, NULL, 0);
	return 0;
}

static int take_time_shift(struct dat_layout *l, struct cursor *c, struct merge_error *err)
{
	(void)c;
	(void)err;
	source_note(l->src, NULL, -1,
		    "the file tells how its clock went against that of its host: not applied, times are the guest's own");
	return 0;
}

static int take_tsc2nsec(struct dat_layout *l, struct cursor *c, struct merge_error *err)
{
	(void)err;
	if (cursor_u32(c) && !c->bad)
		source_note(l->src, NULL, -1,
			    "the file tells how many nanoseconds its time stamps are: not applied, times are the counter's own");
	return 0;
}

static int take_last_boot(struct dat_layout *l, struct cursor *c, struct merge_error *err)
{
	const char *text = (const char *)c->data;

	(void)err;
	source_note(l->src, NULL, -1,
		    "buffer %.*s is of an earlier boot: addresses in its events are shown as of the boot it was read in",
		    (int)strcspn(text, ":"), text);
	return 0;
}

static int refuse_text(struct dat_layout *l, struct cursor *c, struct merge_error *err)
{
	(void)l;
	(void)c;
	return error_set(err, -ENOTSUP,
			 "a latency trace: it holds the kernel's text and no events; trace-cmd report prints it");
}

static const struct option {
	unsigned int id;
	int (*take)(struct dat_layout *l, struct cursor *c, struct merge_error *err);
} options[] = {
	{ DAT_DATE, take_date },
	{ DAT_CPUSTAT, take_stat },
	{ DAT_BUFFER, take_buffer },
	{ DAT_TRACECLOCK, take_clock },
	{ DAT_UNAME, take_uname },
	{ DAT_OFFSET, take_offset },
	{ DAT_CPUCOUNT, take_cpu_count },
	{ DAT_TIME_SHIFT, take_time_shift },
	{ DAT_TSC2NSEC, take_tsc2nsec },
	{ DAT_BUFFER_TEXT, refuse_text },
	{ DAT_LAST_BOOT_INFO, take_last_boot },
};

/* Where a section is */
static void take_section(struct dat_layout *l, unsigned int id, struct cursor *c)
{
	uint64_t pos = cursor_u64(c);
	struct dat_in_section s;

	if (c->bad || dat_reader_section(l->r, pos, &s) || s.id != id) {
		/* trace-cmd convert 3.3 keeps the option of sections it does not copy */
		if (id > DAT_CMDLINES)
			return;
		source_note(l->src, NULL, -1, "no section %u at %" PRIu64 ": it is left out",
			    id, pos);
		return;
	}
	if (s.cut)
		source_note(l->src, NULL, -1, "the file ends within section %u at %" PRIu64,
			    id, pos);
	l->sections[id] = s;
}

int dat_layout_option(struct dat_layout *l, unsigned int id, const void *data, size_t size,
		      struct merge_error *err)
{
	struct cursor c;

	cursor_init(&c, data, size, l->r->big_endian);
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		if (options[i].id == id)
			return options[i].take(l, &c, err);
	if (id >= DAT_HEADER_INFO && id < DAT_NR_SECTION_IDS && l->r->version == 7)
		take_section(l, id, &c);
	return 0;
}

/* ---- Version 7 ------------------------------------------------------------ */

/*
 * The options of one section, @size bytes at @data. *@next: where the next
 * section is, 0 behind the last.
 */
static int take_options(struct dat_layout *l, const uint8_t *data, size_t size,
			uint64_t *next, struct merge_error *err)
{
	struct cursor c;
	int ret = 0;

	*next = 0;
	cursor_init(&c, data, size, l->r->big_endian);
	while (!ret) {
		unsigned int id = cursor_u16(&c);
		uint32_t len = cursor_u32(&c);
		const void *option = cursor_bytes(&c, len);
		char *text;

		if (c.bad) {
			source_note(l->src, NULL, -1,
				    "the file's options end early: what is behind them is not known");
			return 0;
		}
		if (id == DAT_OPTIONS) {
			c.pos -= len;
			*next = len >= 8 ? cursor_u64(&c) : 0;
			return 0;
		}
		text = malloc(len + (size_t)1);
		if (!text)
			return -ENOMEM;
		memcpy(text, option, len);
		text[len] = '\0';
		ret = dat_layout_option(l, id, text, len, err);
		free(text);
	}
	return ret;
}

static int options_at(struct dat_layout *l, uint64_t *pos, struct merge_error *err)
{
	struct dat_in_section s;
	void *data;
	size_t size;
	int ret = dat_reader_section(l->r, *pos, &s);

	if (!ret)
		ret = s.id == DAT_OPTIONS ? dat_reader_load(l->r, &s, &data, &size) : -EBADMSG;
	if (ret)
		return ret;
	ret = take_options(l, data, size, pos, err);
	free(data);
	return ret;
}

/* Whether @pos is among the @nr places in @seen */
static bool was_there(const uint64_t *seen, unsigned int nr, uint64_t pos)
{
	for (unsigned int i = 0; i < nr; i++)
		if (seen[i] == pos)
			return true;
	return false;
}

static int layout_v7(struct dat_layout *l, struct merge_error *err)
{
	uint64_t seen[MAX_OPTION_SECTIONS], pos = l->r->start;
	unsigned int n;
	int ret = 0;

	for (n = 0; !ret && pos && n < MAX_OPTION_SECTIONS && !was_there(seen, n, pos); n++) {
		uint64_t at = pos;

		seen[n] = pos;
		ret = options_at(l, &pos, err);
		if (!ret || ret == -ENOMEM || ret == -ENOTSUP)
			continue;
		if (!n)
			return error_set(err, ret,
					 "the options should be at %" PRIu64 " of the file's %" PRIu64 " bytes: %s",
					 at, l->r->size, ret == -ENODATA ? "it is cut off" :
					 "they are not there, or damaged");
		source_note(l->src, NULL, -1,
			    "more options should be at %" PRIu64 " of the file's %" PRIu64 " bytes: %s",
			    at, l->r->size, ret == -ENODATA ? "it is cut off" :
			    "they are not there, or damaged");
		return 0;
	}
	if (!ret && pos)
		source_note(l->src, NULL, -1, "the file's options never end");
	return ret;
}

/* ---- both ----------------------------------------------------------------- */

int dat_layout_init(struct dat_layout *l, const struct dat_reader *r,
		    struct merge_source *src, struct merge_error *err)
{
	int ret;

	*l = (struct dat_layout){ .r = r, .src = src };
	ret = r->version == 7 ? layout_v7(l, err) : dat_layout_v6(l, err);
	textbuf_putc(&l->stats, '\0');
	if (!ret && l->stats.failed)
		ret = -ENOMEM;
	return ret == -ENOMEM ? error_nomem(err) : ret;
}

void dat_layout_deinit(struct dat_layout *l)
{
	for (size_t i = 0; i < l->nr_buffers; i++) {
		free(l->buffers[i].name);
		free(l->buffers[i].clock);
		free(l->buffers[i].cpus);
	}
	free(l->buffers);
	free(l->uname);
	textbuf_deinit(&l->stats);
}

int dat_layout_load(const struct dat_layout *l, enum tracedat_id id, void **data,
		    size_t *size)
{
	if (!l->sections[id].pos)
		return -ENOENT;
	return dat_reader_load(l->r, &l->sections[id], data, size);
}
