// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The streams of many CPUs as one, in a total order:
 *
 *	(time stamp, buffer, CPU, position)
 *
 * ascending, where position is the place in the CPU's stream. An event that is
 * earlier than one before it in its stream sorts with the latest time stamp
 * before it: so it comes at once after that one, and no stream is reordered.
 * Ranks stand for (buffer, CPU); streams keep their positions by themselves.
 *
 * The event handed out last is borrowed from its stream. So that stream moves
 * on only with the next call. While its next event comes before the first
 * events of all other streams, the heap is not touched.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "heap.h"
#include "lost.h"
#include "select.h"
#include "stream.h"

/* How many events between two looks at whether the user asked to stop */
#define POLL_EVENTS	4096

/*
 * @streams: by rank
 * @heap: the streams that have a next event
 * @last: the stream whose event was handed out last, on top of the heap; NULL
 *	at first and at the end
 * @second: the first key of all others
 * @error: texts of failed reads
 * @waits: live sources: by rank, whether there is nothing of the stream for now
 * @nr_waiting: how many those are
 * @horizon: when the first event of one of them may be; UINT64_MAX while none waits
 */
struct merge_iter {
	struct merge_source *src;
	struct stream *streams;
	size_t nr;
	struct heap heap;
	struct stream *last;
	struct heap_entry second;
	struct merge_stats stats;
	struct merge_error error;
	unsigned int polled;
	bool *waits;
	size_t nr_waiting;
	uint64_t horizon;
};

static void count_event(struct merge_stats *stats, const struct merge_event *ev)
{
	stats->events++;
	if (ev->lost)
		lost_count(stats, ev->lost);
	stats->backwards += ev->flags & MERGE_EVENT_BACKWARDS;
}

static void uncount_event(struct merge_stats *stats, const struct merge_event *ev)
{
	stats->events--;
	if (ev->lost == MERGE_LOST_UNKNOWN)
		stats->lost_unknown--;
	else
		stats->lost -= ev->lost;
	stats->backwards -= ev->flags & MERGE_EVENT_BACKWARDS;
}

/* Whether an event of @rank at @ts comes before those of all other streams */
static bool is_first(const struct merge_iter *it, uint64_t ts, uint64_t rank)
{
	return ts < it->second.ts || (ts == it->second.ts && rank < it->second.rank);
}

static int deliver(struct merge_iter *it, struct merge_event *ev)
{
	stream_take(it->last, ev);
	count_event(&it->stats, ev);
	return 1;
}

/* The stream on top of the heap gives the next event. */
static int take_top(struct merge_iter *it, struct merge_event *ev)
{
	const struct heap_entry *top = heap_top(&it->heap);
	const struct heap_entry *second = heap_second(&it->heap);

	it->last = NULL;
	if (it->nr_waiting && (!top || top->ts >= it->horizon))
		return -EAGAIN;
	if (!top)
		return 0;
	it->last = &it->streams[top->rank];
	if (second)
		stream_prefetch(&it->streams[second->rank]);
	it->second = second ? *second :
		     (struct heap_entry){ .ts = UINT64_MAX, .rank = UINT64_MAX };
	if (it->second.ts >= it->horizon)
		it->second = (struct heap_entry){ .ts = it->horizon };
	return deliver(it, ev);
}

/* ---- Live sources --------------------------------------------------------- */

/* Whether @ret, of stream_peek(), is "nothing for now", and not an error of the input */
static bool is_for_now(const struct merge_iter *it, int ret)
{
	return ret == -EAGAIN && it->src->ops->horizon;
}

/* There is nothing of stream @i, which is not in the heap, for now. */
static void wait_for(struct merge_iter *it, size_t i)
{
	const struct stream *s = &it->streams[i];
	uint64_t ts = it->src->ops->horizon(it->src, s->buf, s->cpu_index);

	if (ts < s->last_ts)
		ts = s->last_ts;
	it->waits[i] = true;
	it->nr_waiting++;
	if (ts < it->horizon)
		it->horizon = ts;
}

/* The latest time of what was handed out */
static uint64_t handed_out(const struct merge_iter *it)
{
	uint64_t ts = 0;

	for (size_t i = 0; i < it->nr; i++)
		if (it->streams[i].last_ts > ts)
			ts = it->streams[i].last_ts;
	return ts;
}

/* See whether there is something now of those that wait. Return: 0, -EINTR, -ENOMEM */
static int look_again(struct merge_iter *it)
{
	uint64_t latest = handed_out(it);

	it->nr_waiting = 0;
	it->horizon = UINT64_MAX;
	for (size_t i = 0; i < it->nr; i++) {
		struct stream *s = &it->streams[i];
		int ret = it->waits[i] ? stream_peek(s) : 0;

		if (ret < 0 && !is_for_now(it, ret))
			return ret;
		if (ret < 0)
			wait_for(it, i);
		else
			it->waits[i] = false;
		if (ret == 1) {
			/* a writer that was interrupted for long: later ones are out already */
			s->last_ts = latest;
			heap_push(&it->heap, s->head.ts, i);
		}
	}
	return 0;
}

/* ---- Iteration ------------------------------------------------------------ */

int merge_iter_next(struct merge_iter *it, struct merge_event *ev)
{
	struct stream *s = it->last;
	int ret;

	if (++it->polled % POLL_EVENTS == 0 && source_interrupted(it->src))
		return -EINTR;
	if (!s) {
		ret = it->nr_waiting ? look_again(it) : 0;
		return ret ? ret : take_top(it, ev);
	}
	ret = stream_peek(s);
	if (ret < 0 && !is_for_now(it, ret))
		return ret;
	if (ret == 1 && is_first(it, s->head.ts, s - it->streams))
		return deliver(it, ev);
	if (ret == 1)
		heap_replace_top(&it->heap, s->head.ts);
	else
		heap_pop(&it->heap);
	if (ret < 0)
		wait_for(it, s - it->streams);
	return take_top(it, ev);
}

const struct merge_stats *merge_iter_stats(const struct merge_iter *it)
{
	return &it->stats;
}

void merge_iter_destroy(struct merge_iter *it)
{
	if (!it)
		return;
	for (size_t i = 0; i < it->nr; i++)
		stream_deinit(&it->streams[i]);
	free(it->streams);
	free(it->waits);
	heap_deinit(&it->heap);
	free(it);
}

/* ---- beginning ----------------------------------------------------------- */

static int check_order(const struct merge_source *src, const struct merge_select *sel,
			struct merge_error *err)
{
	const struct merge_buffer *first = NULL;

	for (unsigned int i = 0; i < src->nr_buffers; i++) {
		const struct merge_buffer *buf = &src->buffers[i];

		if (!select_buffer(sel, buf))
			continue;
		if (!first)
			first = buf;
		if (strcmp(first->clock, buf->clock))
			return error_set(err, -EINVAL,
				"buffers %s and %s have the clocks %s and %s: no common order",
				first->name, buf->name, first->clock, buf->clock);
		if (!select_same_order(first, buf))
			return error_set(err, -EINVAL,
				"events of %s and %s are kept apart: no common order",
				first->name, buf->name);
	}
	return 0;
}

static size_t count_streams(const struct merge_source *src)
{
	size_t count = 0;

	for (unsigned int i = 0; i < src->nr_buffers; i++)
		count += src->buffers[i].nr_cpus;
	return count;
}

/* The streams wanted, in the order of their ranks */
static int open_streams(struct merge_iter *it, const struct merge_select *sel,
		     merge_damage_fn *damage, void *arg)
{
	size_t most = count_streams(it->src);

	it->streams = calloc(most + !most, sizeof(*it->streams));
	it->waits = calloc(most + !most, sizeof(*it->waits));
	it->horizon = UINT64_MAX;
	if (!it->streams || !it->waits || heap_init(&it->heap, most))
		return -ENOMEM;
	for (unsigned int i = 0; i < it->src->nr_buffers; i++) {
		const struct merge_buffer *buf = &it->src->buffers[i];

		for (unsigned int c = 0; select_buffer(sel, buf) && c < buf->nr_cpus; c++) {
			struct stream *s = &it->streams[it->nr];

			if (!select_cpu(sel, buf->cpus[c].cpu))
				continue;
			if (stream_init(s, it->src, buf, c, &it->stats, damage,
					arg, &it->error))
				return -ENOMEM;
			if (sel->to)
				s->to = sel->to;
			s->overruns = sel->overruns;
			it->nr++;
		}
	}
	return 0;
}

/*
 * Position all streams. *@skip: how many of their events to pass over, so that
 * the last sel->last ones follow: the last N of all are among the last N of each.
 */
static int position(struct merge_iter *it, const struct merge_select *sel, uint64_t *skip)
{
	uint64_t follow = 0, sum = 0;
	int ret = 0;

	for (size_t i = 0; !ret && i < it->nr; i++) {
		struct stream *s = &it->streams[i];

		if (sel->from)
			ret = stream_seek_time(s, sel->from);
		if (!ret && sel->last)
			ret = stream_seek_last(s, sel->last, &follow);
		sum += follow;
	}
	*skip = sum > sel->last ? sum - sel->last : 0;
	return ret;
}

/* The first event of every stream into the heap */
static int fill_heap(struct merge_iter *it)
{
	for (size_t i = 0; i < it->nr; i++) {
		struct stream *s = &it->streams[i];
		int ret = stream_peek(s);

		if (is_for_now(it, ret))
			wait_for(it, i);
		else if (ret < 0)
			return ret;
		if (ret == 1)
			heap_push(&it->heap, s->head.ts, i);
	}
	return 0;
}

/* Pass over @skip events: they count as not delivered. */
static int pass_over(struct merge_iter *it, uint64_t skip)
{
	for (; skip; skip--) {
		struct merge_event ev;
		int ret = merge_iter_next(it, &ev);

		if (ret <= 0)
			return ret;
		uncount_event(&it->stats, &ev);
	}
	return 0;
}

static int start(struct merge_iter *it, const struct merge_select *sel,
		 merge_damage_fn *damage, void *arg)
{
	uint64_t skip = 0;
	int ret = open_streams(it, sel, damage, arg);

	if (!ret)
		ret = position(it, sel, &skip);
	if (!ret)
		ret = fill_heap(it);
	if (!ret && skip)
		ret = pass_over(it, skip);
	return ret;
}

int merge_iter_create(struct merge_source *src, const struct merge_select *sel,
		      merge_damage_fn *damage, void *arg,
		      struct merge_error *err, struct merge_iter **out)
{
	struct merge_iter *it;
	int ret;

	if (!sel)
		sel = &select_all;
	ret = select_check(sel, src, err);
	if (!ret)
		ret = check_order(src, sel, err);
	if (ret)
		return ret;
	it = calloc(1, sizeof(*it));
	if (!it)
		return error_nomem(err);
	it->src = src;
	ret = start(it, sel, damage, arg);
	if (ret) {
		merge_iter_destroy(it);
		return error_code(err, ret);
	}
	*out = it;
	return 0;
}
