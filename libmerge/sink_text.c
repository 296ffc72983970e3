// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Events as lines of text, as the kernel's own trace file has them.
 *
 * What still differs from the traced kernel's file (measured with all events of
 * a 6.12 kernel):
 * - %p is the address; the kernel prints a hash of it, unless nohash-ptr is set
 * - what only the kernel can work out: "page=" of the mm events is the page
 *   frame number; functions in print formats (nvme, jbd2, xen, ras), which
 *   libtraceevent does not parse: "[FAILED TO PARSE]" and field by field; strings
 *   in the kernel's memory that are no tracepoint_string() (maple_tree) and
 *   strings a probe could not read: the address, and ""
 * - libtraceevent compares and divides numbers without their sign
 * - libtraceevent before 1.8 prints __print_array() as "1 2" for "{0x1,0x2}" and
 *   %c as ">c<"; __get_cpumask() is a list of CPUs for a mask
 * - hwlat, osnoise, timerlat, context_switch, wakeup and function graph events
 *   are printed by their print format, not in their tracer's columns
 * - kernels after 6.12 print some system calls' arguments in other ways
 * - every event ends its line, also a trace_printk() without newline
 * - the kernel's reader ignores how much time a discarded event took: events
 *   behind one have a later time stamp here, as in trace-cmd report
 * Lines the kernel does not have begin with "#".
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "record.h"
#include "sink.h"
#include "source.h"
#include "text_event.h"
#include "text_line.h"

/* Lines are handed on in pieces of about this size */
#define CHUNK	(256u * 1024)

#define NR_IDS	65536u

/*
 * struct text - the sink
 * @file: where the lines go
 * @to: lines not handed on yet; the description @events belong to
 * @flags: its flag characters
 * @events: by id, filled when first met; 65536 entries
 * @scratch: a copy of the record with RECORD_PAD zero bytes behind
 * @prefix: lines begin with the buffer's name
 * @corrupt: records that contradict their format
 * @unknown: records without a format
 */
struct text {
	FILE *file;
	struct text_target to;
	struct text_flags flags;
	struct text_event **events;
	struct textbuf scratch;
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

static void forget_events(struct text *t)
{
	for (unsigned int id = 0; t->events && id < NR_IDS; id++)
		text_event_destroy(t->events[id]);
	free(t->events);
	t->events = NULL;
}

/* ---- A group's header --------------------------------------------------- */

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
	textbuf_printf(b, "# buffer: %s: %u CPUs, sub-buffers of %u bytes", buf->name,
		       buf->nr_cpus, buf->subbuf_size);
	if (counted)
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
	struct merge_source *src = bufs[0]->source;

	if (t->to.desc != src->desc) {
		forget_events(t);
		t->to.desc = src->desc;
		text_flags_init(&t->flags, t->to.desc);
	}
	if (!t->events)
		t->events = calloc(NR_IDS, sizeof(*t->events));
	if (!t->events)
		return error_nomem(err);
	if (!desc_tep(t->to.desc))
		return source_interrupted(src) ? error_set(err, -EINTR, "interrupted") :
		       error_nomem(err);

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
	if (!t->prefix || (!*buf->instance && buf->kind != MERGE_SNAPSHOT))
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

/* The record with RECORD_PAD zero bytes behind; NULL: out of memory */
static const uint8_t *copy_record(struct text *t, const struct merge_event *ev)
{
	t->scratch.len = 0;
	if (!textbuf_room(&t->scratch, ev->size + RECORD_PAD))
		return NULL;
	memcpy(t->scratch.data, ev->data, ev->size);
	memset(t->scratch.data + ev->size, 0, RECORD_PAD);
	return (const uint8_t *)t->scratch.data;
}

static struct text_event *find_event(struct text *t, unsigned int id)
{
	if (!t->events[id])
		t->events[id] = text_event_create(t->to.desc, id);
	return t->events[id];
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
	const uint8_t *record = copy_record(t, ev);
	struct record_fault fault;
	struct text_event *te;
	unsigned int id;

	if (!record)
		return error_nomem(err);
	if (ev->size < TEXT_ENTRY_SIZE) {
		put_short(t, ev);
		return 0;
	}
	text_context(&t->to.out, t->to.desc, &t->flags, ev, record);
	id = desc_record_id(t->to.desc, record);
	te = find_event(t, id);
	if (!te)
		return error_nomem(err);
	if (!te->tep)
		put_unknown(t, id, ev);
	else if (text_event_print(te, &t->to, ev, record, &fault))
		put_fault(t, te, &fault, ev);
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
	int ret;

	if (ev->lost)
		put_lost(t, ev);
	if (ev->flags & MERGE_EVENT_BACKWARDS)
		textbuf_printf(&t->to.out, "# time goes backwards: buffer %s cpu %u\n",
			       ev->buffer->name, ev->cpu);
	put_prefix(t, ev->buffer);
	ret = put_event(t, ev, err);
	if (ret)
		return ret;
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
	int ret;

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
	ret = flush(t, err);
	if (!ret && fflush(t->file))
		ret = error_set(err, -errno, "writing text: %s", strerror(errno));
	return ret;
}

static void text_close(struct merge_sink *sink)
{
	struct text *t = sink->priv;

	if (!t)
		return;
	forget_events(t);
	textbuf_deinit(&t->to.out);
	trace_seq_destroy(&t->to.seq);
	textbuf_deinit(&t->scratch);
	free(t);
}

static const struct sink_ops text_ops = {
	.name = "text",
	.begin = text_begin,
	.event = text_event,
	.damage = text_damage,
	.end = text_end,
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
	*out_sink = sink;
	return 0;
}
