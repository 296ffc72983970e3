// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Events as JSON Lines: an object a line, each with its "type". What the objects
 * hold: docs/json.md; a schema: docs/events.schema.json. Both, and the version in
 * json_about.c, change with what is written.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "comms.h"
#include "error.h"
#include "json.h"
#include "json_about.h"
#include "json_fields.h"
#include "sink.h"
#include "source.h"
#include "text_cache.h"

/* Lines are handed on in pieces of about this size */
#define CHUNK	(256u * 1024)

#define NR_IDS	65536u

/* Fewer bytes than this behind the last field are the end of a C struct */
#define STRUCT_ALIGN	8u

/*
 * struct json_event - what lines of events of one id have in common
 * @head: ,"id":1,"system":"ftrace","name":"function","fields": or as far as known
 * @fields: NULL without a format
 */
struct json_event {
	struct textbuf head;
	struct json_fields *fields;
};

/*
 * struct json - the sink
 * @file: where the lines go
 * @out: lines not handed on yet
 * @line: where in @out the line being written begins
 * @to: the text of one event
 * @events: by id, filled when first met; of @cache.desc; none at @events_end and behind
 * @header: the description a header line was written of
 * @shown: how many of its buffers that are not apart were begun; @apart: or others
 * @broken: a line may have been written in part: nothing must follow
 * @corrupt: records that contradict their format
 * @unknown: records without a format
 */
struct json {
	FILE *file;
	struct textbuf out;
	size_t line;
	struct text_target to;
	struct text_cache cache;
	struct json_event **events;
	unsigned int events_end;
	const struct merge_desc *header;
	unsigned int shown;
	bool apart;
	bool broken;
	uint64_t corrupt;
	uint64_t unknown;
};

static int flush(struct json *j, struct merge_error *err)
{
	size_t len = j->out.len;

	j->out.len = j->line = 0;
	if (len && fwrite(j->out.data, 1, len, j->file) != len) {
		j->broken = true;
		return error_set(err, errno ? -errno : -EIO, "writing JSON: %s",
				 strerror(errno ? errno : EIO));
	}
	return 0;
}

static int flush_all(struct json *j, struct merge_error *err)
{
	int ret = flush(j, err);

	if (!ret && fflush(j->file))
		ret = error_set(err, -errno, "writing JSON: %s", strerror(errno));
	return ret;
}

static int json_flush(struct merge_sink *sink, struct merge_error *err)
{
	return flush_all(sink->priv, err);
}

/* Without memory the lines before this one stay good, and an end may follow. */
static int drop_line(struct json *j, struct merge_error *err)
{
	j->out.len = j->line;
	j->out.failed = j->to.out.failed = false;
	return error_nomem(err);
}

static int end_line(struct json *j, struct merge_error *err)
{
	textbuf_putc(&j->out, '\n');
	if (j->out.failed || j->to.out.failed)
		return drop_line(j, err);
	j->line = j->out.len;
	return j->line >= CHUNK ? flush(j, err) : 0;
}

/* ---- Events of one id ---------------------------------------------------- */

static void event_destroy(struct json_event *e)
{
	if (!e)
		return;
	textbuf_deinit(&e->head);
	json_fields_destroy(e->fields);
	free(e);
}

static void forget_events(struct json *j)
{
	for (unsigned int id = 0; id < j->events_end; id++)
		event_destroy(j->events[id]);
	free(j->events);
	j->events = NULL;
	j->events_end = 0;
}

static struct json_event *event_create(const struct text_event *te, unsigned int id)
{
	struct json_event *e = calloc(1, sizeof(*e));

	if (!e)
		return NULL;
	json_member_number(&e->head, ",\"id\":", id);
	if (te->tep) {
		json_member_text(&e->head, ",\"system\":", te->tep->system);
		json_member_text(&e->head, ",\"name\":", te->name);
		e->fields = json_fields_create(te->tep);
	}
	if (e->head.failed || (te->tep && !e->fields)) {
		event_destroy(e);
		return NULL;
	}
	return e;
}

static struct json_event *find_event(struct json *j, const struct text_event *te,
				     unsigned int id)
{
	if (!j->events)
		j->events = calloc(NR_IDS, sizeof(*j->events));
	if (j->events && !j->events[id])
		j->events[id] = event_create(te, id);
	if (!j->events)
		return NULL;
	if (id >= j->events_end)
		j->events_end = id + 1;
	return j->events[id];
}

/* ---- What is no event ---------------------------------------------------- */

static int put_header(struct json *j, const struct merge_desc *d, struct merge_error *err)
{
	if (j->header == d)
		return 0;
	j->header = d;
	j->shown = 0;
	j->apart = false;
	json_about_header(&j->out, d);
	return end_line(j, err);
}

static int json_begin(struct merge_sink *sink, const struct merge_buffer *const *bufs,
		      size_t nr, struct merge_error *err)
{
	struct merge_source *src = bufs[0]->source;
	struct json *j = sink->priv;
	int ret;

	if (j->cache.desc != src->desc)
		forget_events(j);
	ret = put_header(j, src->desc, err);
	if (!ret)
		ret = text_cache_begin(&j->cache, src, err);
	if (ret)
		return ret;
	j->to.desc = j->cache.desc;
	for (size_t i = 0; i < nr; i++) {
		j->apart |= merge_buffer_is_apart(bufs[i]);
		j->shown += !merge_buffer_is_apart(bufs[i]);
	}
	json_about_group(&j->out, bufs, nr);
	return end_line(j, err);
}

static int json_damage(struct merge_sink *sink, const struct merge_damage *damage,
		       struct merge_error *err)
{
	struct json *j = sink->priv;

	json_about_damage(&j->out, damage);
	return end_line(j, err);
}

/* Where everything was asked for, what is only given when it is named */
static int put_left_out(struct json *j, const struct merge_source *src, struct merge_error *err)
{
	struct merge_notice notice = { .cpu = -1 };
	unsigned int others = 0;
	int ret = 0;

	for (unsigned int i = 0; i < src->nr_buffers; i++)
		others += !merge_buffer_is_apart(&src->buffers[i]);
	if (j->apart || j->shown != others)
		return 0;
	for (unsigned int i = 0; !ret && i < src->nr_buffers; i++) {
		notice.buffer = &src->buffers[i];
		if (!merge_buffer_is_apart(notice.buffer))
			continue;
		notice.text = notice.buffer->kind == MERGE_UNCOMMITTED ?
			"left out: was being written when the kernel stopped" :
			notice.buffer->kind == MERGE_CONSUMED ?
			"left out: a reader had consumed it" :
			"left out: is of a previous boot";
		json_about_notice(&j->out, &notice);
		ret = end_line(j, err);
	}
	return ret;
}

/* The last lines. @stopped: why it stopped, or NULL at the end */
static int put_end(struct json *j, const struct merge_source *src,
		   const struct merge_stats *stats, const char *stopped,
		   struct merge_error *err)
{
	const struct merge_notice *notice;
	int ret = put_header(j, src->desc, err);

	for (unsigned int i = 0; !ret && (notice = merge_source_notice(src, i)); i++) {
		json_about_notice(&j->out, notice);
		ret = end_line(j, err);
	}
	if (!ret)
		ret = put_left_out(j, src, err);
	if (ret)
		return ret;
	json_about_end(&j->out, stats, j->corrupt, j->unknown, stopped);
	ret = end_line(j, err);
	return ret ? ret : flush_all(j, err);
}

/* ---- Events -------------------------------------------------------------- */

/* Seconds with nine decimals, or the clock's number: exact, as text */
static void put_time(struct textbuf *b, const struct merge_event *ev)
{
	textbuf_puts(b, ",\"time\":\"");
	if (ev->buffer->clock_in_ns) {
		textbuf_dec(b, ev->ts / 1000000000, 0, ' ');
		textbuf_putc(b, '.');
		textbuf_dec(b, ev->ts % 1000000000, 9, '0');
	} else {
		textbuf_dec(b, ev->ts, 0, ' ');
	}
	textbuf_putc(b, '"');
}

/* What does not need the record */
static void put_place(struct textbuf *b, const struct merge_event *ev)
{
	json_member_text(b, "{\"type\":\"event\",\"buffer\":", ev->buffer->name);
	json_member_number(b, ",\"cpu\":", ev->cpu);
	json_member_number(b, ",\"ts\":", ev->ts);
	put_time(b, ev);
	if (ev->lost == MERGE_LOST_UNKNOWN)
		textbuf_puts(b, ",\"lost\":\"unknown\"");
	else if (ev->lost)
		json_member_number(b, ",\"lost\":", ev->lost);
	if (ev->flags & MERGE_EVENT_BACKWARDS)
		textbuf_puts(b, ",\"backwards\":true");
}

/* What every record begins with */
static void put_context(struct json *j, const struct merge_event *ev, const uint8_t *record)
{
	struct textbuf *b = &j->out;
	int pid = text_pid(j->cache.desc, record);
	char columns[TEXT_COLUMNS];

	textbuf_puts(b, ",\"pid\":");
	json_signed(b, pid);
	json_member_text(b, ",\"comm\":", comms_find(ev->buffer, pid));
	text_columns(&j->cache.flags, record, columns);
	textbuf_puts(b, ",\"flags\":");
	json_text(b, columns, sizeof(columns));
	json_member_number(b, ",\"common_flags\":", record[2]);
	json_member_number(b, ",\"common_preempt_count\":", record[3]);
}

/* What is wrong with it, and the record as it is */
static void put_fault(struct json *j, const struct record_fault *fault,
		      const struct merge_event *ev)
{
	struct textbuf *text = &j->to.out;

	text->len = 0;
	textbuf_printf(text, "%s%s%s", fault->text, *fault->field ? " " : "", fault->field);
	textbuf_puts(&j->out, ",\"fault\":");
	json_text(&j->out, text->data, text->len);
	textbuf_puts(&j->out, ",\"raw\":");
	json_bytes(&j->out, ev->data, ev->size);
}

/* What no field covers; the zeros that synthetic events end in do not count */
static void put_rest(struct json *j, const uint8_t *data, size_t size)
{
	size_t len = size;

	while (len && !data[len - 1])
		len--;
	if (size < STRUCT_ALIGN || !len)
		return;
	textbuf_puts(&j->out, ",\"rest\":");
	json_bytes(&j->out, data, size);
}

/* Return: as json_fields_put() */
static int put_fields(struct json *j, const struct json_event *e, const uint8_t *record,
		      size_t size, struct record_fault *fault)
{
	size_t before = j->out.len, end;
	int ret;

	textbuf_puts(&j->out, ",\"fields\":");
	ret = json_fields_put(e->fields, &j->out, record, size, &end, fault);
	if (ret) {
		j->out.len = before;
		return ret;
	}
	if (end < TEXT_ENTRY_SIZE)
		end = TEXT_ENTRY_SIZE;
	put_rest(j, record + end, size - end);
	return 0;
}

/* As the text sink prints it behind the event's name. Return: as text_event_print() */
static int put_event_text(struct json *j, const struct text_event *te,
			  const struct merge_event *ev, const uint8_t *record,
			  struct record_fault *fault)
{
	size_t name = strlen(te->name), len;
	const char *text;
	int ret;

	j->to.out.len = 0;
	ret = text_event_print(te, &j->to, ev, record, fault);
	if (ret)
		return ret;
	text = j->to.out.data;
	len = j->to.out.len;
	if (len >= name + 2 && !te->printer && !memcmp(text, te->name, name)) {
		text += name + 2;
		len -= name + 2;
	}
	/* the newline that ends the line belongs to what its own printer prints */
	if (te->printer && len && text[len - 1] == '\n')
		len--;
	textbuf_puts(&j->out, ",\"text\":");
	json_text(&j->out, text, len);
	return 0;
}

/* Return: 0 or -ENOMEM */
static int put_record(struct json *j, const struct merge_event *ev, const uint8_t *record)
{
	unsigned int id = desc_record_id(j->cache.desc, record);
	const struct text_event *te = text_cache_event(&j->cache, id);
	const struct json_event *e = te ? find_event(j, te, id) : NULL;
	struct record_fault fault = { "no format of this event", "" };
	int bad;

	if (!e)
		return -ENOMEM;
	put_context(j, ev, record);
	textbuf_put(&j->out, e->head.data, e->head.len);
	if (!te->tep) {
		j->unknown++;
		put_fault(j, &fault, ev);
		return 0;
	}
	bad = put_fields(j, e, record, ev->size, &fault);
	if (put_event_text(j, te, ev, record, &fault) || bad) {
		j->corrupt++;
		put_fault(j, &fault, ev);
	}
	return 0;
}

static int json_event(struct merge_sink *sink, const struct merge_event *ev,
		      struct merge_error *err)
{
	struct json *j = sink->priv;
	const uint8_t *record = text_cache_record(&j->cache, ev);

	if (!record)
		return error_nomem(err);
	put_place(&j->out, ev);
	if (ev->size < TEXT_ENTRY_SIZE) {
		j->corrupt++;
		put_fault(j, &(struct record_fault){ "a record too short for its type", "" }, ev);
	} else if (put_record(j, ev, record) || j->cache.desc->no_memory) {
		return drop_line(j, err);
	}
	textbuf_putc(&j->out, '}');
	return end_line(j, err);
}

/* ---- The sink ------------------------------------------------------------ */

static int json_end(struct merge_sink *sink, struct merge_source *src,
		    const struct merge_stats *stats, const uint8_t *ids, struct merge_error *err)
{
	(void)ids;
	return put_end(sink->priv, src, stats, NULL, err);
}

static void json_stop(struct merge_sink *sink, struct merge_source *src,
		      const struct merge_stats *stats, int code, const struct merge_error *err)
{
	struct json *j = sink->priv;

	if (j->broken)
		return;
	put_end(j, src, stats, code == -EINTR ? "interrupted" : err->text, NULL);
}

static void json_close(struct merge_sink *sink)
{
	struct json *j = sink->priv;

	if (!j)
		return;
	forget_events(j);
	text_cache_deinit(&j->cache);
	textbuf_deinit(&j->out);
	textbuf_deinit(&j->to.out);
	trace_seq_destroy(&j->to.seq);
	free(j);
}

static const struct sink_ops json_ops = {
	.name = "JSON",
	.begin = json_begin,
	.event = json_event,
	.damage = json_damage,
	.flush = json_flush,
	.end = json_end,
	.stop = json_stop,
	.close = json_close,
};

int merge_sink_json_create(FILE *out, struct merge_error *err, struct merge_sink **out_sink)
{
	struct merge_sink *sink = calloc(1, sizeof(*sink));
	struct json *j;

	if (!sink)
		return error_nomem(err);
	sink->ops = &json_ops;
	sink->priv = j = calloc(1, sizeof(*j));
	if (!j || !textbuf_grow(&j->out, 2 * CHUNK) || !textbuf_grow(&j->to.out, 1)) {
		merge_sink_destroy(sink);
		return error_nomem(err);
	}
	trace_seq_init(&j->to.seq);
	j->file = out;
	*out_sink = sink;
	return 0;
}
