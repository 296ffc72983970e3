// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * From a source through the merge into an event sink; pump_pages.c is the way
 * past the merge. Buffers of one clock are a group, merged into one order, but
 * for those that are apart: select_same_order(); the groups follow each other in the order their first buffers have in the source.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "filter.h"
#include "lost.h"
#include "pump.h"
#include "select.h"

/* Sub-buffers between two reports of progress */
#define PROGRESS_SUBBUFS	64

static const struct merge_watch nobody;

static uint64_t count_subbufs(const struct merge_source *src, const struct merge_select *sel)
{
	uint64_t count = 0;

	for (unsigned int i = 0; i < src->nr_buffers; i++) {
		const struct merge_buffer *buf = &src->buffers[i];

		for (unsigned int c = 0; select_buffer(sel, buf) && c < buf->nr_cpus; c++)
			if (select_cpu(sel, buf->cpus[c].cpu))
				count += buf->cpus[c].nr_subbufs;
	}
	return count;
}

int pump_init(struct pump *p, struct merge_source *src,
	      const struct merge_select *sel, struct merge_sink *sink,
	      const struct merge_watch *watch, struct merge_error *err)
{
	*p = (struct pump){
		.src = src, .sel = sel ? sel : &select_all, .sink = sink,
		.watch = watch ? watch : &nobody, .err = err,
	};
	p->total = count_subbufs(src, p->sel);
	return select_check(p->sel, src, err);
}

void pump_damage(void *pump, const struct merge_damage *damage)
{
	struct pump *p = pump;

	if (p->watch->damage)
		p->watch->damage(p->watch->arg, damage);
	if (p->sink->ops->damage && !p->failed)
		p->failed = p->sink->ops->damage(p->sink, damage, p->err);
}

static struct merge_stats sum_stats(const struct merge_stats *a, const struct merge_stats *b)
{
	return (struct merge_stats){
		.events = a->events + b->events,
		.lost = a->lost + b->lost,
		.lost_unknown = a->lost_unknown + b->lost_unknown,
		.backwards = a->backwards + b->backwards,
		.subbufs = a->subbufs + b->subbufs,
		.damaged = a->damaged + b->damaged,
		.bytes = a->bytes + b->bytes,
	};
}

void pump_progress(struct pump *p, const struct merge_stats *now)
{
	struct merge_stats sum;

	if (p->done.subbufs + now->subbufs - p->shown < PROGRESS_SUBBUFS)
		return;
	sum = sum_stats(&p->done, now);
	p->shown = sum.subbufs;
	if (p->watch->progress)
		p->watch->progress(p->watch->arg, &sum, p->total);
}

void pump_add_stats(struct pump *p, const struct merge_stats *now)
{
	p->done = sum_stats(&p->done, now);
}

int pump_begin(struct pump *p, const struct merge_buffer *const *bufs, size_t nr)
{
	return p->sink->ops->begin ? p->sink->ops->begin(p->sink, bufs, nr, p->err) : 0;
}

int pump_end(struct pump *p, const uint8_t *ids, int ret, struct merge_stats *stats)
{
	const struct sink_ops *ops = p->sink->ops;

	if (!ret && ops->end)
		ret = ops->end(p->sink, p->src, &p->done, ids, p->err);
	else if (ret && ops->stop)
		ops->stop(p->sink, p->src, &p->done, ret, p->err);
	if (stats)
		*stats = p->done;
	if (ret)
		return ret;
	return p->done.damaged || p->done.backwards || select_has_notice(p->sel, p->src);
}

/* ---- events -------------------------------------------------------------- */

/* Create an iterator and count the events that @filter lets pass. */
static int count_wanted(struct pump *p, const struct merge_select *sel,
			struct filter *filter, uint64_t *seen, uint64_t *wanted)
{
	struct merge_iter *it;
	struct merge_event ev;
	int ret = merge_iter_create(p->src, sel, NULL, NULL, p->err, &it);

	if (ret)
		return ret;
	*wanted = 0;
	while ((ret = merge_iter_next(it, &ev)) == 1)
		*wanted += filter_event(filter, &ev);
	*seen = merge_iter_stats(it)->events;
	merge_iter_destroy(it);
	return ret ? error_code(p->err, ret) : 0;
}

/*
 * The last sel->last events that match are among the last so many of all:
 * widen sel->last until they are. *@skip: how many more than wanted match.
 */
static int widen_last(struct pump *p, struct merge_select *sel, uint64_t *skip)
{
	uint64_t want = sel->last, seen, wanted = 0;
	int ret;

	for (;;) {
		struct filter *filter = filter_create(p->src, sel->events, sel->nr_events);

		if (!filter)
			return error_nomem(p->err);
		ret = count_wanted(p, sel, filter, &seen, &wanted);
		filter_destroy(filter);
		if (ret || wanted >= want || seen < sel->last)
			break;
		sel->last *= 4;		/* no overflow: so many events were seen */
	}
	*skip = wanted > want ? wanted - want : 0;
	return ret;
}

/* The next event; a live source is waited for. Return: as merge_iter_next() */
static int next_event(struct pump *p, struct merge_iter *it, struct merge_event *ev)
{
	int ret;

	while ((ret = merge_iter_next(it, ev)) == -EAGAIN && p->watch->wait) {
		if (p->sink->ops->flush)
			p->failed = p->sink->ops->flush(p->sink, p->err);
		if (p->failed)
			break;
		p->watch->wait(p->watch->arg);
	}
	return ret;
}

/* All events of @it that @filter lets pass, but the first @skip, to the sink */
static int drain(struct pump *p, struct merge_iter *it, struct filter *filter,
		 uint64_t skip, uint64_t *delivered)
{
	const struct sink_ops *ops = p->sink->ops;
	struct merge_event ev;
	int ret;

	while ((ret = next_event(p, it, &ev)) == 1 && !p->failed) {
		pump_progress(p, merge_iter_stats(it));
		if (filter && !filter_event(filter, &ev))
			continue;
		if (skip) {
			skip--;
			continue;
		}
		ret = ops->event(p->sink, &ev, p->err);
		if (ret)
			return ret;
		++*delivered;
	}
	if (p->failed)
		return p->failed;
	return ret ? error_code(p->err, ret) : 0;
}

static int drain_group(struct pump *p, const struct merge_select *sel,
		       struct filter *filter, uint64_t skip)
{
	struct merge_stats stats;
	uint64_t delivered = 0;
	struct merge_iter *it;
	int ret = merge_iter_create(p->src, sel, pump_damage, p, p->err, &it);

	if (ret)
		return ret;
	ret = drain(p, it, filter, skip, &delivered);
	stats = *merge_iter_stats(it);
	stats.events = delivered;
	pump_add_stats(p, &stats);
	merge_iter_destroy(it);
	return ret;
}

/* The buffers of @group, indices in the source, as one order into the sink */
static int pump_group(struct pump *p, const unsigned int *group, size_t nr)
{
	struct merge_select sel = *p->sel;
	struct filter *filter = NULL;
	uint64_t skip = 0;
	int ret = 0;

	sel.buffers = group;
	sel.nr_buffers = nr;
	if (sel.events) {
		filter = filter_create(p->src, sel.events, sel.nr_events);
		if (!filter)
			return error_nomem(p->err);
		if (sel.last)
			ret = widen_last(p, &sel, &skip);
	}
	if (!ret)
		ret = drain_group(p, &sel, filter, skip);
	filter_destroy(filter);
	return ret;
}

/*
 * The group of buffer @first: it and the later ones in its order; none when
 * it belongs to the group of an earlier one. Return: how many.
 */
static size_t find_group(const struct pump *p, unsigned int first, unsigned int *group,
			 const struct merge_buffer **bufs)
{
	const struct merge_buffer *all = p->src->buffers;
	size_t nr = 0;

	if (!select_buffer(p->sel, &all[first]))
		return 0;
	for (unsigned int i = 0; i < p->src->nr_buffers; i++) {
		if (!select_buffer(p->sel, &all[i]) || !select_same_order(&all[i], &all[first]))
			continue;
		if (i < first)
			return 0;
		bufs[nr] = &all[i];
		group[nr++] = i;
	}
	return nr;
}

/* Tell the sink which CPUs of @buf are wanted */
static int announce_cpus(struct pump *p, const struct merge_buffer *buf)
{
	const struct sink_ops *ops = p->sink->ops;
	int ret = 0;

	for (unsigned int c = 0; ops->cpu && !ret && c < buf->nr_cpus; c++)
		if (select_cpu(p->sel, buf->cpus[c].cpu))
			ret = ops->cpu(p->sink, buf, &buf->cpus[c], p->err);
	return ret;
}

static int begin_group(struct pump *p, const struct merge_buffer *const *bufs, size_t nr)
{
	int ret = pump_begin(p, bufs, nr);

	for (size_t i = 0; !ret && i < nr; i++)
		ret = announce_cpus(p, bufs[i]);
	return ret;
}

static int pump_groups(struct pump *p)
{
	unsigned int count = p->src->nr_buffers;
	const struct merge_buffer **bufs = calloc(count + 1, sizeof(*bufs));
	unsigned int *group = calloc(count + 1, sizeof(*group));
	int ret = bufs && group ? 0 : error_nomem(p->err);

	for (unsigned int i = 0; !ret && i < count; i++) {
		size_t nr = find_group(p, i, group, bufs);

		if (nr)
			ret = begin_group(p, bufs, nr);
		if (nr && !ret)
			ret = pump_group(p, group, nr);
	}
	free(group);
	free(bufs);
	return ret;
}

int merge_pump_events(struct merge_source *src, const struct merge_select *sel,
		      struct merge_sink *sink, const struct merge_watch *watch,
		      struct merge_error *err, struct merge_stats *stats)
{
	struct pump p;
	int ret;

	if (!sink->ops->event)
		return error_set(err, -EINVAL, "%s takes sub-buffers, not events",
				 sink->ops->name);
	ret = pump_init(&p, src, sel, sink, watch, err);
	if (!ret)
		ret = pump_groups(&p);
	return pump_end(&p, NULL, ret, stats);
}
