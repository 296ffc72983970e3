// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * From a source into a page sink, sub-buffer by sub-buffer: each is read once,
 * validated, and cut to what is unread and whole. A sub-buffer of which nothing
 * is left is not handed on; what was lost before it is then told with the next
 * one of its CPU. A loss behind the last one is only counted.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "comms.h"
#include "error.h"
#include "lost.h"
#include "page_build.h"
#include "page_walk.h"
#include "pump.h"
#include "select.h"
#include "stream.h"

#define NR_IDS	65536

/*
 * @ids: a bit for every event id seen
 * @out: room for a sub-buffer
 * @stats: of the current CPU
 * @error: texts of failed reads
 */
struct page_pump {
	struct pump pump;
	uint8_t ids[NR_IDS / 8];
	void *out;
	struct merge_stats stats;
	struct merge_error error;
};

/* Walk the events of the stream's sub-buffer for what is counted of them. */
static always_inline void walk_events(struct page_pump *pp, struct stream *s, bool big)
{
	struct page page = s->page;
	struct page_event ev;
	uint64_t last = s->last_ts, events = 0, backwards = 0;
	uint32_t last_pid = 0;

	while (page_walk(&page, big, &ev)) {
		unsigned int id = page_record_id(ev.data, big);
		uint32_t pid = comms_raw_pid(ev.data, ev.size);

		pp->ids[id / 8] |= 1 << id % 8;
		/* most events follow one of the same task */
		if (pid != last_pid)
			comms_meet(s->buf, ev.data, ev.size);
		last_pid = pid;
		events++;
		backwards += ev.ts < last;
		last = ev.ts;
	}
	pp->stats.events += events;
	pp->stats.backwards += backwards;
	s->last_ts = last;
}

static void count_events(struct page_pump *pp, struct stream *s)
{
	if (s->page.big_endian)
		walk_events(pp, s, true);
	else
		walk_events(pp, s, false);
	lost_count(&pp->stats, s->lost);
}

/* The stream's sub-buffer to the sink */
static int hand_on(struct page_pump *pp, struct stream *s)
{
	struct pump *p = &pp->pump;
	void *out;
	int ret;

	if (s->page.pos >= s->page.commit)
		return 0;
	/* one of which nothing was read can stay where it is */
	out = s->page.data == s->data && !s->page.pos ? s->data : pp->out;
	page_trim(&s->page, s->lost, out, s->buf->subbuf_size);
	count_events(pp, s);
	ret = p->sink->ops->page(p->sink, out, s->buf->subbuf_size, s->lost, p->err);
	s->lost = 0;
	if (ret)
		error_prepend(p->err, "buffer %s, cpu %u, sub-buffer %zu", s->buf->name,
			      s->cpu->cpu, s->current);
	return ret;
}

static int drain_stream(struct page_pump *pp, struct stream *s)
{
	struct pump *p = &pp->pump;
	int ret;

	while ((ret = stream_load(s)) == 1) {
		if (!p->failed)
			p->failed = hand_on(pp, s);
		if (p->failed)
			return p->failed;
		pump_progress(p, &pp->stats);
	}
	if (p->failed)
		return p->failed;
	return ret ? error_code(p->err, ret) : 0;
}

static int pump_cpu(struct page_pump *pp, const struct merge_buffer *buf, unsigned int c)
{
	struct pump *p = &pp->pump;
	const struct sink_ops *ops = p->sink->ops;
	struct stream s;
	int ret = ops->cpu ? ops->cpu(p->sink, buf, &buf->cpus[c], p->err) : 0;

	if (ret)
		return ret;
	memset(&pp->stats, 0, sizeof(pp->stats));
	ret = stream_init(&s, p->src, buf, c, &pp->stats, pump_damage, p, &pp->error);
	if (ret)
		return error_nomem(p->err);
	s.overruns = p->sel->overruns;
	ret = drain_stream(pp, &s);
	stream_deinit(&s);
	pump_add_stats(p, &pp->stats);
	return ret;
}

static int pump_buffer(struct page_pump *pp, const struct merge_buffer *buf)
{
	struct pump *p = &pp->pump;
	int ret = pump_begin(p, &buf, 1);

	if (ret)
		return ret;
	pp->out = malloc(buf->subbuf_size);
	if (!pp->out)
		return error_nomem(p->err);
	for (unsigned int c = 0; !ret && c < buf->nr_cpus; c++)
		if (select_cpu(p->sel, buf->cpus[c].cpu))
			ret = pump_cpu(pp, buf, c);
	free(pp->out);
	return ret;
}

static int check_select(const struct merge_select *sel, const struct merge_sink *sink,
			struct merge_error *err)
{
	if (!sink->ops->page)
		return error_set(err, -EINVAL, "%s takes events, not sub-buffers",
				 sink->ops->name);
	if (sel && (sel->from || sel->to || sel->last || sel->events))
		return error_set(err, -EINVAL,
			"sub-buffers are taken whole: no events, time range or last N of them");
	return 0;
}

int merge_pump_pages(struct merge_source *src, const struct merge_select *sel,
		     struct merge_sink *sink, const struct merge_watch *watch,
		     struct merge_error *err, struct merge_stats *stats)
{
	struct page_pump *pp;
	int ret = check_select(sel, sink, err);

	if (ret)
		return ret;
	pp = calloc(1, sizeof(*pp));
	if (!pp)
		return error_nomem(err);
	ret = pump_init(&pp->pump, src, sel, sink, watch, err);
	for (unsigned int i = 0; !ret && i < src->nr_buffers; i++)
		if (select_buffer(pp->pump.sel, &src->buffers[i]))
			ret = pump_buffer(pp, &src->buffers[i]);
	ret = pump_end(&pp->pump, pp->ids, ret, stats);
	free(pp);
	return ret;
}
