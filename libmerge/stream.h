/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One CPU of one buffer as a sequence of events: reads sub-buffer after
 * sub-buffer, carries lost counts, marks time going backwards, steps over
 * damage and reports it. Can be positioned by time or to the last N.
 *
 * The stream counts sub-buffers, bytes, damage, and a loss that no event
 * follows; events with their lost and flags are counted by who delivers them.
 */
#ifndef MERGE_STREAM_H
#define MERGE_STREAM_H

#include "page.h"

/*
 * struct stream - one CPU's events
 * @overruns: tell of subbuf.overrun, too
 * @to: the stream ends before the first event later than this
 * @next: next sub-buffer to read
 * @current: the one in @page, when @loaded
 * @address: where @current lives
 * @data: room for a sub-buffer, owned
 * @ahead: the same for the one after @current, when it was looked at; or NULL
 * @head: the next event, when @has_head
 * @last_ts: time of the event before
 * @overrun: subbuf.overrun of @page
 * @lost: what is lost before the next event, as merge_event.lost
 * @stats: shared by all streams of an iterator
 * @err: takes the text of failed reads, which the damage callback gets
 */
struct stream {
	struct merge_source *src;
	const struct merge_buffer *buf;
	const struct merge_cpu *cpu;
	unsigned int cpu_index;
	bool overruns;
	uint64_t to;
	size_t next;
	size_t current;
	uint64_t address;
	struct page page;
	uint64_t overrun;
	bool loaded;
	bool has_head;
	struct page_event head;
	void *data;
	void *ahead;
	uint64_t last_ts;
	uint64_t lost;
	struct merge_stats *stats;
	merge_damage_fn *damage;
	void *damage_arg;
	struct merge_error *err;
};

/* @stats and @err must outlive the stream. Return: 0 or -ENOMEM. */
int stream_init(struct stream *s, struct merge_source *src,
		const struct merge_buffer *buf, unsigned int cpu_index,
		struct merge_stats *stats, merge_damage_fn *damage, void *arg,
		struct merge_error *err);
void stream_deinit(struct stream *s);

/*
 * The next readable sub-buffer into s->page, s->lost being what is lost before
 * it; who takes its events by himself resets s->lost. Unreadable sub-buffers
 * are reported at once, a damaged one when it is left: after its last event.
 * Return: 1, 0 the end, -EAGAIN (live), -EINTR, -ENOMEM.
 */
int stream_load(struct stream *s);

/*
 * Decode the next event into s->head, unless it is there. What stream_take()
 * gave before is gone. Return: 1, 0 the end, -EAGAIN (live), -EINTR, -ENOMEM.
 */
int stream_peek(struct stream *s);

/* What the next take and peek touch into the cache: of many streams it has fallen out */
static inline void stream_prefetch(const struct stream *s)
{
	__builtin_prefetch(&s->head);
	__builtin_prefetch(&s->last_ts);
	__builtin_prefetch(s->page.data + s->page.header + s->page.pos);
}

/* s->head as an event, after stream_peek() returned 1 */
void stream_take(struct stream *s, struct merge_event *ev);

/*
 * What follows the event that stream_take() gave last, without moving on: the
 * stream stays as it is. @ev, without flags, is valid until the next call on the
 * stream. Damage on the way is not reported: it will be when it is met.
 * Return: 1; 0 when nothing follows or it cannot be read.
 */
int stream_ahead(struct stream *s, struct merge_event *ev);

/*
 * Position so that the next event is the first one at or after @ts, by binary
 * search over sub-buffer time stamps (an unreadable sub-buffer is stepped
 * over), which are taken to ascend. Only before the first event was taken.
 * Return: 0 or -EINTR, -ENOMEM.
 */
int stream_seek_time(struct stream *s, uint64_t ts);

/*
 * Move on, from where the stream stands, so that the last @n of its events
 * follow, and no more sub-buffers than that needs. *@follow gets the number of
 * events that follow: less than @n when there are not that many. Damage met
 * while counting is not reported: it will be when it is met again.
 * Return: 0 or -EINTR, -ENOMEM.
 */
int stream_seek_last(struct stream *s, uint64_t n, uint64_t *follow);

#endif
