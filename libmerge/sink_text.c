// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Events as lines of text, as the kernel's own trace file has them.
 *
 * What still differs from the traced kernel's file (measured with all events of
 * a 6.1, a 6.12 and a 7.2 kernel):
 * - %p is the address; the kernel prints a hash of it, unless nohash-ptr is set
 * - what only the kernel can work out: "page=" of the mm events is the page
 *   frame number; functions in print formats (nvme, jbd2, xen, ras), which
 *   libtraceevent does not parse: "[FAILED TO PARSE]" and field by field; strings
 *   in the kernel's memory that are no tracepoint_string() (maple_tree) and
 *   strings a probe could not read: the address, and ""
 * - libtraceevent compares and divides numbers without their sign, and computes
 *   a - b - c as a - (b - c)
 * - libtraceevent before 1.8 prints __print_array() as "1 2" for "{0x1,0x2}" and
 *   %c as ">c<"
 * - mmiotrace events are printed by their print format, not in their tracer's
 *   columns; of the wakeup tracers' files, which are in the "latency" format, the
 *   columns before the event's text are those of all lines
 * - calls of the function_graph tracer: docs/text.md
 * - every event ends its line, also a trace_printk() without newline
 * - the kernel's reader ignores how much time a discarded event took: events
 *   behind one have a later time stamp here, as in trace-cmd report
 * Lines the kernel does not have begin with "#".
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "sink.h"
#include "source.h"
#include "text_cache.h"
#include "text_graph.h"

/* Lines are handed on in pieces of about this size */
#define CHUNK	(256u * 1024)

/*
 * struct text - the sink
 * @file: where the lines go
 * @to: lines not handed on yet
 * @graph: calls that are open
 * @prefix: lines begin with the buffer's name
 * @corrupt: records that contradict their format
 * @unknown: records without a format
 */
struct text {
	FILE *file;
	struct text_target to;
	struct text_cache cache;
	struct text_graph graph;
	bool prefix;
	uint64_t corrupt;
	uint64_t unknown;
};

static int flush(struct text *t, struct merge_error *err)
{
	size_t len = t->to.out.len;

	if (t->to.out.failed)
		return error_nomem(err);
	t->to.out.len = 0;
	if (len && fwrite(t->to.out.data, 1, len, t->file) != len)
		return error_set(err, errno ? -errno : -EIO, "writing text: %s",
				 strerror(errno ? errno : EIO));
	return 0;
}

static int flush_full(struct text *t, struct merge_error *err)
{
	return t->to.out.len >= CHUNK || t->to.out.failed ? flush(t, err) : 0;
}

static int flush_all(struct text *t, struct merge_error *err)
{
	int ret = flush(t, err);

	if (!ret && fflush(t->file))
		ret = error_set(err, -errno, "writing text: %s", strerror(errno));
	return ret;
}

/* ---- A group's header --------------------------------------------------- */

static const char *label_of(const struct merge_buffer *buf)
{
	return buf->kind == MERGE_UNCOMMITTED ? "not committed, " :
	       buf->kind == MERGE_CONSUMED ? "consumed by a reader, " :
	       buf->previous_boot ? "of a previous boot, " : "";
}

static void put_buffer(struct textbuf *b, const struct merge_buffer *buf)
{
	struct merge_counters sum = { 0 };
	unsigned int counted = 0;

	for (unsigned int i = 0; i < buf->nr_cpus; i++) {
		const struct merge_counters *c = &buf->cpus[i].counters;

		if (!buf->cpus[i].has_counters)
			continue;
		counted++;
		sum.entries += c->entries;
		sum.overrun += c->overrun;
		sum.dropped += c->dropped;
		sum.commit_overrun += c->commit_overrun;
		sum.read += c->read;
	}
	textbuf_printf(b, "# buffer: %s: %s%u CPUs, sub-buffers of %u bytes", buf->name,
		       label_of(buf), buf->nr_cpus, buf->subbuf_size);
	if (buf->kind == MERGE_UNCOMMITTED)
		counted = buf->nr_cpus;		/* the kernel counts what is committed */
	else if (counted)
		textbuf_printf(b, ", entries %llu, overrun %llu, dropped %llu, "
			       "commit overrun %llu, read %llu",
			       (unsigned long long)sum.entries,
			       (unsigned long long)sum.overrun,
			       (unsigned long long)sum.dropped,
			       (unsigned long long)sum.commit_overrun,
			       (unsigned long long)sum.read);
	if (counted < buf->nr_cpus)
		textbuf_printf(b, ", counters of %u CPUs unknown", buf->nr_cpus - counted);
	textbuf_putc(b, '\n');
}

/* As print_func_help_header_irq() of the kernel's trace.c has it */
static const char legend[] =
	"#\n"
	"#                                _-----=> irqs-off/BH-disabled\n"
	"#                               / _----=> need-resched\n"
	"#                              | / _---=> hardirq/softirq\n"
	"#                              || / _--=> preempt-depth\n"
	"#                              ||| / _-=> migrate-disable\n"
	"#                              |||| /     delay\n"
	"#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION\n"
	"#              | |         |   |||||     |         |\n";

static int text_begin(struct merge_sink *sink, const struct merge_buffer *const *bufs,
		      size_t nr, struct merge_error *err)
{
	struct text *t = sink->priv;
	int ret = text_cache_begin(&t->cache, bufs[0]->source, err);

	if (ret)
		return ret;
	t->to.desc = t->cache.desc;
	text_graph_reset(&t->graph);
	t->prefix = nr > 1;
	textbuf_printf(&t->to.out, "# clock: %s\n", bufs[0]->clock);
	for (size_t i = 0; i < nr; i++)
		put_buffer(&t->to.out, bufs[i]);
	textbuf_puts(&t->to.out, legend);
	return flush_full(t, err);
}

/* ---- Events ------------------------------------------------------------- */

/* As trace-cmd report: the top-level ring goes without a name */
static void put_prefix(struct text *t, const struct merge_buffer *buf)
{
	if (!t->prefix || (!*buf->instance && buf->kind == MERGE_LIVE))
		return;
	textbuf_puts(&t->to.out, buf->name);
	textbuf_put(&t->to.out, ": ", 2);
}

static void put_lost(struct text *t, const struct merge_event *ev)
{
	put_prefix(t, ev->buffer);
	if (ev->lost == MERGE_LOST_UNKNOWN)
		textbuf_printf(&t->to.out, "CPU:%u [LOST EVENTS]\n", ev->cpu);
	else
		textbuf_printf(&t->to.out, "CPU:%u [LOST %llu EVENTS]\n", ev->cpu,
			       (unsigned long long)ev->lost);
}

/* "name: [CORRUPT: what field] bytes" */
static void put_fault(struct text *t, const struct text_event *te,
		      const struct record_fault *fault, const struct merge_event *ev)
{
	textbuf_printf(&t->to.out, "%s: [CORRUPT: %s%s%s] ", te->name, fault->text,
		       *fault->field ? " " : "", fault->field);
	textbuf_dump(&t->to.out, ev->data, ev->size);
	t->corrupt++;
}

static void put_unknown(struct text *t, unsigned int id, const struct merge_event *ev)
{
	textbuf_printf(&t->to.out, "Unknown type %u ", id);
	textbuf_dump(&t->to.out, ev->data, ev->size);
	t->unknown++;
}

/* Too short to have a type and a pid */
static void put_short(struct text *t, const struct merge_event *ev)
{
	textbuf_printf(&t->to.out, "%16s-%-7s [%03u] .....", "<...>", "?", ev->cpu);
	text_time(&t->to.out, ev->buffer, ev->ts);
	textbuf_printf(&t->to.out, ": [CORRUPT: a record of %u bytes] ", ev->size);
	textbuf_dump(&t->to.out, ev->data, ev->size);
	t->corrupt++;
}

static int put_event(struct text *t, const struct merge_event *ev, struct merge_error *err)
{
	const uint8_t *record = text_cache_record(&t->cache, ev);
	struct record_fault fault;
	struct text_event *te;
	unsigned int id;

	if (!record)
		return error_nomem(err);
	if (ev->size < TEXT_ENTRY_SIZE) {
		put_short(t, ev);
		return 0;
	}
	text_context(&t->to.out, t->to.desc, &t->cache.flags, ev, record);
	id = desc_record_id(t->to.desc, record);
	te = text_cache_event(&t->cache, id);
	if (!te)
		return error_nomem(err);
	if (!te->tep)
		put_unknown(t, id, ev);
	else if (text_event_print(te, &t->to, ev, record, &fault))
		put_fault(t, te, &fault, ev);
	else if (!te->printer)
		/* the kernel does so, also behind a newline of the print format */
		textbuf_putc(&t->to.out, '\n');
	return 0;
}

/* One line ends where the next one begins, whatever the event printed */
static void end_line(struct textbuf *b)
{
	if (b->len && b->data[b->len - 1] != '\n')
		textbuf_putc(b, '\n');
}

static int text_event(struct merge_sink *sink, const struct merge_event *ev,
		      struct merge_error *err)
{
	struct text *t = sink->priv;
	size_t line;
	int ret;

	if (ev->lost)
		put_lost(t, ev);
	if (ev->flags & MERGE_EVENT_BACKWARDS)
		textbuf_printf(&t->to.out, "# time goes backwards: buffer %s cpu %u\n",
			       ev->buffer->name, ev->cpu);
	if (text_graph_took(&t->graph, ev))
		return flush_full(t, err);
	line = t->to.out.len;
	put_prefix(t, ev->buffer);
	ret = put_event(t, ev, err);
	if (!ret && t->to.desc->no_memory)
		ret = error_nomem(err);
	if (ret) {
		t->to.out.len = line;
		return ret;
	}
	end_line(&t->to.out);
	return flush_full(t, err);
}

static int text_damage(struct merge_sink *sink, const struct merge_damage *damage,
		       struct merge_error *err)
{
	struct text *t = sink->priv;

	textbuf_printf(&t->to.out, "# damaged: buffer %s cpu %u sub-buffer %zu offset %u "
		       "address 0x%llx: %s\n", damage->buffer->name, damage->cpu,
		       damage->subbuf, damage->offset,
		       (unsigned long long)damage->address, damage->text);
	return flush_full(t, err);
}

static int text_end(struct merge_sink *sink, struct merge_source *src,
		    const struct merge_stats *stats, const uint8_t *ids,
		    struct merge_error *err)
{
	struct text *t = sink->priv;

	(void)src;
	(void)ids;
	textbuf_printf(&t->to.out, "# events: %llu, lost: %llu, gaps of unknown size: %llu, "
		       "damaged sub-buffers: %llu, backwards: %llu, corrupt records: %llu, "
		       "unknown types: %llu\n",
		       (unsigned long long)stats->events, (unsigned long long)stats->lost,
		       (unsigned long long)stats->lost_unknown,
		       (unsigned long long)stats->damaged,
		       (unsigned long long)stats->backwards,
		       (unsigned long long)t->corrupt, (unsigned long long)t->unknown);
	return flush_all(t, err);
}

static int text_flush(struct merge_sink *sink, struct merge_error *err)
{
	return flush_all(sink->priv, err);
}

/* The lines up to where it stopped */
static void text_stop(struct merge_sink *sink, struct merge_source *src,
		      const struct merge_stats *stats, int code, const struct merge_error *err)
{
	(void)src;
	(void)stats;
	(void)code;
	(void)err;
	if (!flush(sink->priv, NULL))
		fflush(((struct text *)sink->priv)->file);
}

static void text_close(struct merge_sink *sink)
{
	struct text *t = sink->priv;

	if (!t)
		return;
	text_cache_deinit(&t->cache);
	text_graph_deinit(&t->graph);
	textbuf_deinit(&t->to.out);
	trace_seq_destroy(&t->to.seq);
	free(t);
}

static const struct sink_ops text_ops = {
	.name = "text",
	.begin = text_begin,
	.event = text_event,
	.damage = text_damage,
	.flush = text_flush,
	.end = text_end,
	.stop = text_stop,
	.close = text_close,
};

int merge_sink_text_create(FILE *out, struct merge_error *err,
			   struct merge_sink **out_sink)
{
	struct merge_sink *sink = calloc(1, sizeof(*sink));
	struct text *t;

	if (!sink)
		return error_nomem(err);
	sink->ops = &text_ops;
	sink->priv = t = calloc(1, sizeof(*t));
	if (!t || !textbuf_grow(&t->to.out, 2 * CHUNK)) {
		merge_sink_destroy(sink);
		return error_nomem(err);
	}
	trace_seq_init(&t->to.seq);
	t->file = out;
	t->to.graph = &t->graph;
	*out_sink = sink;
	return 0;
}
