// SPDX-License-Identifier: LGPL-2.1-or-later
/* One CPU's events out of its sub-buffers: see stream.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "lost.h"
#include "stream.h"

int stream_init(struct stream *s, struct merge_source *src,
		const struct merge_buffer *buf, unsigned int cpu_index,
		struct merge_stats *stats, merge_damage_fn *damage, void *arg,
		struct merge_error *err)
{
	*s = (struct stream){
		.src = src, .buf = buf, .cpu = &buf->cpus[cpu_index],
		.cpu_index = cpu_index, .to = UINT64_MAX, .stats = stats,
		.damage = damage, .damage_arg = arg, .err = err,
	};
	s->data = malloc(buf->subbuf_size);
	return s->data ? 0 : -ENOMEM;
}

void stream_deinit(struct stream *s)
{
	free(s->data);
	free(s->ahead);
	s->data = s->ahead = NULL;
}

/* Errors that end the reading; all others are damage. */
static bool is_fatal(int ret)
{
	return ret == -EINTR || ret == -ENOMEM || ret == -EAGAIN;
}

static void report(struct stream *s, size_t subbuf, uint32_t offset, int code,
		   const char *text)
{
	struct merge_damage damage = {
		.buffer = s->buf, .cpu = s->cpu->cpu, .subbuf = subbuf,
		.address = s->address, .offset = offset, .code = code,
		.text = text,
	};

	s->stats->damaged++;
	if (s->damage)
		s->damage(s->damage_arg, &damage);
}

/*
 * Read and validate sub-buffer @i into @data.
 * Return: 0 when @page can be used, damaged or not; the read's errno.
 */
static int fetch_page(struct stream *s, size_t i, void *data, struct page *page,
		      struct subbuf *sb)
{
	int ret;

	if (source_interrupted(s->src))
		return -EINTR;
	s->err->text[0] = '\0';
	ret = s->src->ops->read(s->src, s->buf, s->cpu_index, i, data, s->err, sb);
	if (!ret)
		page_load(page, sb, s->buf->subbuf_size, s->src->long_size,
			  s->src->big_endian);
	return ret;
}

/* The same into s->data and s->page */
static int fetch(struct stream *s, size_t i)
{
	struct subbuf sb = { 0 };
	int ret = fetch_page(s, i, s->data, &s->page, &sb);

	s->address = sb.address;
	s->overrun = sb.overrun;
	return ret;
}

/* All events of the current sub-buffer were taken. */
static void leave(struct stream *s)
{
	if (s->loaded && s->page.why) {
		report(s, s->current, s->page.bad, -EBADMSG, s->page.why);
		s->lost = MERGE_LOST_UNKNOWN;
	}
	s->loaded = false;
}

int stream_load(struct stream *s)
{
	int ret;

	leave(s);
	while (s->next < s->cpu->nr_subbufs) {
		ret = fetch(s, s->next);
		if (is_fatal(ret))
			return ret;
		s->current = s->next++;
		s->stats->subbufs++;
		if (!ret) {
			s->loaded = true;
			s->stats->bytes += s->page.size;
			s->lost = lost_sum(s->lost, s->page.lost);
			if (s->overruns)
				s->lost = lost_sum(s->lost, s->overrun);
			return 1;
		}
		report(s, s->current, 0, ret,
		       s->err->text[0] ? s->err->text : strerror(-ret));
		s->lost = MERGE_LOST_UNKNOWN;
	}
	lost_count(s->stats, s->lost);
	s->lost = 0;
	return 0;
}

/* The end of what is wanted comes before the end of what there is. */
static int stop(struct stream *s)
{
	s->next = s->cpu->nr_subbufs;
	s->loaded = false;
	s->lost = 0;
	return 0;
}

int stream_peek(struct stream *s)
{
	if (s->has_head)
		return 1;
	while (!s->loaded || !page_next(&s->page, &s->head)) {
		int ret = stream_load(s);

		if (ret <= 0)
			return ret;
	}
	if (s->head.ts > s->to)
		return stop(s);
	s->has_head = true;
	return 1;
}

void stream_take(struct stream *s, struct merge_event *ev)
{
	ev->buffer = s->buf;
	ev->ts = s->head.ts;
	ev->lost = s->lost;
	ev->data = s->head.data;
	ev->size = s->head.size;
	ev->cpu = s->cpu->cpu;
	ev->flags = s->head.ts < s->last_ts ? MERGE_EVENT_BACKWARDS : 0;
	ev->offset = s->head.offset;
	ev->subbuf = s->current;
	ev->stream = s;
	s->last_ts = s->head.ts;
	s->lost = 0;
	s->has_head = false;
}

/* The first event behind s->current; as stream_ahead() */
static int ahead_of_page(struct stream *s, struct page_event *head, size_t *subbuf,
			 uint64_t *lost)
{
	struct page page;

	/* what is taken out of a live one is gone */
	if (s->src->live)
		return 0;
	if (!s->ahead)
		s->ahead = malloc(s->buf->subbuf_size);
	for (size_t i = s->next; s->ahead && i < s->cpu->nr_subbufs; i++) {
		struct subbuf sb = { 0 };

		if (fetch_page(s, i, s->ahead, &page, &sb))
			return 0;
		*lost = lost_sum(*lost, page.lost);
		if (s->overruns)
			*lost = lost_sum(*lost, sb.overrun);
		if (page_next(&page, head)) {
			*subbuf = i;
			return 1;
		}
		if (page.why)
			return 0;
	}
	return 0;
}

int stream_ahead(struct stream *s, struct merge_event *ev)
{
	struct page page = s->page;
	struct page_event head;
	size_t subbuf = s->current;
	uint64_t lost = 0;

	if (!s->loaded || s->has_head)
		return 0;
	if (!page_next(&page, &head) &&
	    (page.why || !ahead_of_page(s, &head, &subbuf, &lost)))
		return 0;
	*ev = (struct merge_event){
		.buffer = s->buf, .ts = head.ts, .lost = lost, .data = head.data,
		.size = head.size, .cpu = s->cpu->cpu, .offset = head.offset,
		.subbuf = subbuf,
	};
	return 1;
}

/* ---- positioning --------------------------------------------------------- */

static int read_time(struct stream *s, size_t i, uint64_t *ts)
{
	if (source_interrupted(s->src))
		return -EINTR;
	return s->src->ops->time(s->src, s->buf, s->cpu_index, i, ts);
}

/*
 * The first sub-buffer from @lo on that begins at or after @ts; unreadable
 * ones go with the next readable one. The one before it is always readable.
 */
static int search(struct stream *s, size_t lo, uint64_t ts, size_t *found)
{
	size_t hi = s->cpu->nr_subbufs;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2, i = mid;
		uint64_t time;
		int ret = 0;

		for (; i < hi; i++) {
			ret = read_time(s, i, &time);
			if (!ret)
				break;
			if (is_fatal(ret))
				return ret;
		}
		if (i < hi && time < ts)
			lo = i + 1;
		else
			hi = mid;
	}
	*found = lo;
	return 0;
}

/*
 * A sub-buffer that begins before its predecessor says nothing about the
 * predecessor's events: an empty last one has a stale time stamp. Step back.
 */
static int step_back(struct stream *s, size_t lowest, size_t *at)
{
	uint64_t time, before;
	int ret = 0;

	while (*at > lowest) {
		ret = read_time(s, *at, &time);
		if (!ret)
			ret = read_time(s, *at - 1, &before);
		if (ret || before <= time)
			break;
		(*at)--;
	}
	return is_fatal(ret) ? ret : 0;
}

/* Take events until the next one is at or after @ts. */
static int skip_until(struct stream *s, uint64_t ts)
{
	struct merge_event unwanted;
	int ret;

	while ((ret = stream_peek(s)) == 1 && s->head.ts < ts)
		stream_take(s, &unwanted);
	return ret < 0 ? ret : 0;
}

int stream_seek_time(struct stream *s, uint64_t ts)
{
	size_t lowest = s->next, at;
	int ret = search(s, lowest, ts, &at);

	if (ret)
		return ret;
	/* the sub-buffer before the first that begins at @ts may reach into it */
	if (at > lowest)
		at--;
	ret = step_back(s, lowest, &at);
	if (ret)
		return ret;
	s->next = at;
	return skip_until(s, ts);
}

/* Begin anew with sub-buffer @i. */
static void move(struct stream *s, size_t i)
{
	s->next = i;
	s->loaded = false;
	s->has_head = false;
	s->lost = 0;
	s->last_ts = 0;
}

/*
 * Count what is left in s->page. *@cut: the stream ends in it, so that nothing
 * counted behind it will come.
 */
static uint64_t count_page(const struct stream *s, bool *cut)
{
	struct page page = s->page;
	struct page_event ev;
	uint64_t count = 0;

	while (page_next(&page, &ev)) {
		*cut = ev.ts > s->to;
		if (*cut)
			break;
		count++;
	}
	return count;
}

/* Add what follows in sub-buffer @i, which is in s->page afterwards. */
static int count_subbuf(struct stream *s, size_t i, uint64_t *count)
{
	bool cut = false;
	uint64_t more;
	int ret = fetch(s, i);

	if (ret)
		return is_fatal(ret) ? ret : 0;
	more = count_page(s, &cut);
	*count = cut ? more : *count + more;
	return 0;
}

/* The same for the sub-buffer the stream stands in, as @here says. */
static int count_here(struct stream *s, const struct stream *here, uint64_t *count)
{
	bool cut = false;
	uint64_t more;
	int ret = fetch(s, here->current);

	if (is_fatal(ret))
		return ret;
	if (ret) {	/* it was readable before: let it be met again */
		move(s, here->current);
		return 0;
	}
	s->page.pos = here->page.pos;
	s->page.ts = here->page.ts;
	s->head.data = s->page.data + s->head.offset;
	more = here->has_head + count_page(s, &cut);
	*count = cut ? more : *count + more;
	return 0;
}

int stream_seek_last(struct stream *s, uint64_t n, uint64_t *follow)
{
	struct stream here = *s;
	size_t at = s->cpu->nr_subbufs;
	uint64_t count = 0;
	int ret = 0;

	if (s->to < UINT64_MAX)
		ret = search(s, s->next, s->to + 1, &at);
	while (!ret && at > here.next && count < n)
		ret = count_subbuf(s, --at, &count);
	if (!ret && count >= n)
		move(s, at);
	else if (!ret && here.loaded)
		ret = count_here(s, &here, &count);
	if (!ret)
		*follow = count;
	return ret;
}
