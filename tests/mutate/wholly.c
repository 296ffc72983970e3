// SPDX-License-Identifier: GPL-2.0-or-later
/* A source read wholly: see wholly.h. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "json_check.h"
#include "wholly.h"

#define LAST	5

/* Note what must not be; the first one stays. */
static void fail(struct wholly *w, const char *fmt, ...)
{
	va_list args;

	if (w->why[0])
		return;
	va_start(args, fmt);
	vsnprintf(w->why, sizeof(w->why), fmt, args);
	va_end(args);
}

/* ---- what comes out must make sense -------------------------------------- */

static void count_damage(void *arg, const struct merge_damage *damage)
{
	uint64_t *count = arg;
	volatile size_t len = strlen(damage->text) + strlen(damage->buffer->name);

	(void)len;
	++*count;
}

static void check_result(struct wholly *w, const char *what, int ret,
			 const struct merge_error *err, const struct merge_stats *stats,
			 uint64_t damage)
{
	if (ret < 0)
		fail(w, "%s ends with %s: %s", what, strerrorname_np(-ret), err->text);
	else if (ret == 0 && (stats->damaged || damage))
		fail(w, "%s says complete with %llu damaged sub-buffers", what,
		     (unsigned long long)stats->damaged);
	else if (damage != stats->damaged)
		fail(w, "%s tells of %llu damaged sub-buffers and counts %llu", what,
		     (unsigned long long)damage, (unsigned long long)stats->damaged);
	else if (stats->damaged > stats->subbufs)
		fail(w, "%s has more damaged sub-buffers than it read", what);
}

static void check_text(struct wholly *w, const char *text, size_t size,
		       const struct merge_stats *stats)
{
	uint64_t damaged = 0;

	if (size && text[size - 1] != '\n')
		fail(w, "the text ends amid a line");
	if (memchr(text, 0, size))
		fail(w, "the text has a NUL");
	for (const char *p = text; (p = strstr(p, "# damaged: ")); p++)
		damaged += p == text || p[-1] == '\n';
	/* an event's own text may look like that, too */
	if (damaged < stats->damaged)
		fail(w, "the text tells of %llu damaged sub-buffers of %llu",
		     (unsigned long long)damaged, (unsigned long long)stats->damaged);
}

static void check_json(struct wholly *w, const char *text, size_t size,
		       const struct merge_stats *stats)
{
	uint64_t damaged = 0, events = 0;
	const char *line = text, *end;

	for (; (end = memchr(line, '\n', text + size - line)); line = end + 1) {
		if (!json_check(line, end - line)) {
			fail(w, "no JSON: %.*s", (int)(end - line), line);
			return;
		}
		damaged += !strncmp(line, "{\"type\":\"damage\"", 16);
		events += !strncmp(line, "{\"type\":\"event\"", 15);
	}
	if (line != text + size)
		fail(w, "JSON Lines end amid a line");
	if (damaged != stats->damaged || events != stats->events)
		fail(w, "JSON Lines have %llu events and %llu damaged sub-buffers, not %llu and %llu",
		     (unsigned long long)events, (unsigned long long)damaged,
		     (unsigned long long)stats->events, (unsigned long long)stats->damaged);
}

/* ---- ways of reading ----------------------------------------------------- */

typedef int sink_fn(FILE *out, struct merge_error *err, struct merge_sink **sink);
typedef void check_fn(struct wholly *w, const char *text, size_t size,
		      const struct merge_stats *stats);

/* Events into a sink of lines, whose lines @check looks at */
static struct merge_stats read_lines(struct merge_source *src, const struct merge_select *sel,
				     sink_fn *create, check_fn *check, const char *what,
				     struct wholly *w)
{
	struct merge_stats stats = { 0 };
	struct merge_error err = { 0 };
	uint64_t damage = 0;
	struct merge_watch watch = { .damage = count_damage, .arg = &damage };
	struct merge_sink *sink;
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int ret = out ? create(out, &err, &sink) : -ENOMEM;

	if (!ret) {
		ret = merge_pump_events(src, sel, sink, &watch, &err, &stats);
		merge_sink_destroy(sink);
	}
	check_result(w, what, ret, &err, &stats, damage);
	if (out) {
		fclose(out);
		if (ret >= 0)
			check(w, text, size, &stats);
		free(text);
	}
	return stats;
}

/* A trace.dat file; of events where @sel selects some of them */
static struct merge_stats read_dat(struct merge_source *src, const struct merge_select *sel,
				   const char *what, struct wholly *w)
{
	bool events = sel && sel->events;
	struct merge_stats stats = { 0 };
	struct merge_error err = { 0 };
	uint64_t damage = 0;
	struct merge_watch watch = { .damage = count_damage, .arg = &damage };
	struct merge_sink *sink;
	int ret = merge_sink_tracedat_create(w->dat, w->version, &err, &sink);

	if (!ret) {
		ret = events ? merge_pump_events(src, sel, sink, &watch, &err, &stats) :
			       merge_pump_pages(src, sel, sink, &watch, &err, &stats);
		merge_sink_destroy(sink);
	}
	check_result(w, what, ret, &err, &stats, damage);
	unlink(w->dat);
	return stats;
}

/* Time of the first, or of the last event of a buffer */
static void read_edge(struct merge_source *src, unsigned int buffer, uint64_t last, uint64_t *ts,
		      struct wholly *w)
{
	struct merge_select sel = { .buffers = &buffer, .nr_buffers = 1, .last = last };
	struct merge_error err = { 0 };
	struct merge_iter *it;
	struct merge_event ev;
	int ret = merge_iter_create(src, &sel, NULL, NULL, &err, &it);

	if (!ret) {
		ret = merge_iter_next(it, &ev);
		if (ret == 1)
			*ts = ev.ts;
		merge_iter_destroy(it);
	}
	if (ret < 0)
		fail(w, "an edge ends with %s", strerrorname_np(-ret));
}

static void read_list(struct merge_source *src, uint64_t *first, uint64_t *last, struct wholly *w)
{
	const struct merge_notice *notice;
	char time[24];

	for (unsigned int i = merge_source_nr_buffers(src); i--;) {
		const struct merge_buffer *buf = merge_source_buffer(src, i);

		read_edge(src, i, 0, first, w);
		read_edge(src, i, 1, last, w);
		merge_time_print(buf, *first, time, sizeof(time));
		if (strlen(buf->name) + strlen(buf->clock) + strlen(buf->instance) == 0)
			fail(w, "a buffer without a name");
		/* (a reader's buffer is that large) */
		if (buf->subbuf_size < 16)
			fail(w, "a sub-buffer of %u bytes", buf->subbuf_size);
	}
	for (unsigned int i = 0; (notice = merge_source_notice(src, i)); i++)
		if (!notice->text[0] || strchr(notice->text, '\n'))
			fail(w, "a notice that is no line");
}

/* merge_format_fn */
static int take_format(void *arg, const struct merge_format *format)
{
	size_t *size = arg;

	*size += strlen(format->text) + strlen(format->system) + strlen(format->name);
	return 0;
}

static void read_formats(struct merge_source *src, struct wholly *w)
{
	struct merge_error err = { 0 };
	size_t size = 0;
	int ret = merge_desc_formats(merge_source_desc(src), NULL, 0, take_format, &size, &err);

	if (ret < 0 && ret != -ENOTSUP)
		fail(w, "formats end with %s: %s", strerrorname_np(-ret), err.text);
}

/* What only comes when asked for: uncommitted events, those of an earlier boot */
static uint64_t read_apart(struct merge_source *src, struct wholly *w)
{
	uint64_t events = 0;

	for (unsigned int i = 0; i < merge_source_nr_buffers(src); i++) {
		struct merge_select sel = { .buffers = &i, .nr_buffers = 1 };

		if (!merge_buffer_is_apart(merge_source_buffer(src, i)))
			continue;
		if (w->turn % 2)
			events += read_lines(src, &sel, merge_sink_text_create, check_text,
					     "text of what is apart", w).events;
		else
			events += read_lines(src, &sel, merge_sink_json_create, check_json,
					     "JSON of what is apart", w).events;
	}
	return events;
}

/* ---- all of them --------------------------------------------------------- */

/* What was read of all, and between which times */
struct edges {
	uint64_t first, last;
	struct merge_stats text;
};

static void read_last(struct merge_source *src, const struct edges *e, struct wholly *w)
{
	const struct merge_select sel = { .last = LAST };
	struct merge_stats stats;

	(void)e;
	stats = read_lines(src, &sel, merge_sink_text_create, check_text, "text of the last", w);
	if (stats.events > LAST * merge_source_nr_buffers(src))
		fail(w, "%llu events are the last %u", (unsigned long long)stats.events, LAST);
}

static void read_range(struct merge_source *src, const struct edges *e, struct wholly *w)
{
	uint64_t quarter = (e->last - e->first) / 4;
	const struct merge_select sel = { .from = e->first + quarter, .to = e->last - quarter };

	read_lines(src, &sel, merge_sink_text_create, check_text, "text of a range", w);
}

static void read_some(struct merge_source *src, const struct edges *e, struct wholly *w)
{
	static const char *const events[] = { "sched:*", "ftrace:*" };
	const struct merge_select sel = { .events = events, .nr_events = 2 };

	(void)e;
	if (w->dat)
		read_dat(src, &sel, "trace.dat of some events", w);
}

static void read_pages(struct merge_source *src, const struct edges *e, struct wholly *w)
{
	struct merge_stats pages;

	if (!w->dat)
		return;
	pages = read_dat(src, NULL, "trace.dat", w);
	if (pages.events != e->text.events || pages.damaged != e->text.damaged)
		fail(w, "text has %llu events and %llu damaged sub-buffers, trace.dat %llu and %llu",
		     (unsigned long long)e->text.events, (unsigned long long)e->text.damaged,
		     (unsigned long long)pages.events, (unsigned long long)pages.damaged);
}

static void read_json(struct merge_source *src, const struct edges *e, struct wholly *w)
{
	struct merge_stats json = read_lines(src, NULL, merge_sink_json_create, check_json,
					     "JSON", w);

	if (json.events != e->text.events || json.damaged != e->text.damaged ||
	    json.lost != e->text.lost)
		fail(w, "text has %llu events, JSON %llu", (unsigned long long)e->text.events,
		     (unsigned long long)json.events);
}

static void read_all_formats(struct merge_source *src, const struct edges *e, struct wholly *w)
{
	(void)e;
	read_formats(src, w);
}

void read_wholly(struct merge_source *src, struct wholly *w)
{
	static void (*const ways[])(struct merge_source *, const struct edges *,
				    struct wholly *) = {
		read_json, read_pages, read_some, read_last, read_range, read_all_formats,
	};
	size_t nr = sizeof(ways) / sizeof(*ways);
	struct edges e = { 0 };

	read_list(src, &e.first, &e.last, w);
	e.text = read_lines(src, NULL, merge_sink_text_create, check_text, "text", w);
	w->events = e.text.events + read_apart(src, w);
	w->damaged = e.text.damaged;
	for (size_t i = 0; i < nr; i++)
		if (w->turn == ALL_WAYS || w->turn % nr == i)
			ways[i](src, &e, w);
}
