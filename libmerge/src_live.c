// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The ring of a running kernel as a source that goes on: a directory that describes it
 * (src_pages.c), and sub-buffers as live_reader.h gives them. Each is given once, what
 * came to it later as another one.
 *
 * While a CPU has nothing, the others' events can be shown only up to a time before which
 * it will not have any: that of its ring's own clock ("now ts" of per_cpu/cpuN/stats) before
 * it was seen empty. What an interrupted writer has yet to commit may be earlier than that;
 * for this there is SLACK.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "describe.h"
#include "dir.h"
#include "error.h"
#include "live_reader.h"
#include "source.h"
#include "source_open.h"

#define SLACK		10000000u	/* 10 ms, for clocks in nanoseconds */
#define STATS_SIZE	1024u

/*
 * struct live_cpu - one CPU
 * @reader: NULL: it has no ring
 * @stats: its stats, -1: not there
 * @horizon: nothing comes that is earlier
 */
struct live_cpu {
	struct live_reader *reader;
	int stats;
	uint64_t horizon;
};

/*
 * struct live_source - in place of the private part of the directory's source
 * @under, @priv: the operations of that, and its private part
 * @live: what the caller gave, its strings not kept
 * @buf: index of the ring's buffer
 */
struct live_source {
	const struct source_ops *under;
	void *priv;
	struct merge_live live;
	unsigned int buf;
	struct live_cpu *cpus;
	bool ended;
};

/* No CPU is asked any more, but for what was taken out of its ring already */
static void end_all(struct live_source *l, struct merge_buffer *buf)
{
	l->ended = true;
	for (unsigned int i = 0; i < buf->nr_cpus; i++)
		if (!l->cpus[i].reader || !live_holds(l->cpus[i].reader))
			buf->cpus[i].nr_subbufs = 0;
}

/* The time of the ring's clock, 0: not known */
static uint64_t now(const struct live_cpu *c, bool in_ns)
{
	char text[STATS_SIZE], *at;
	ssize_t n = c->stats < 0 ? -1 : pread(c->stats, text, sizeof(text) - 1, 0);
	unsigned long long whole, part = 0;

	if (n <= 0)
		return 0;
	text[n] = '\0';
	at = strstr(text, "now ts:");
	if (!at || sscanf(at, "now ts: %llu.%6llu", &whole, &part) < 1)
		return 0;
	if (!in_ns)
		return whole;
	whole = whole * 1000000000 + part * 1000;
	return whole > SLACK ? whole - SLACK : 0;
}

/* Return: as live_next(); at 0 @c->horizon is set */
static int next_page(struct live_cpu *c, bool in_ns, struct live_page *page)
{
	bool looked = !c->reader->tail;
	int ret = live_next(c->reader, false, page);
	uint64_t ts;

	if (ret || !looked)
		return ret;
	ts = now(c, in_ns);
	ret = live_next(c->reader, false, page);
	if (!ret && !c->reader->unsure && ts > c->horizon)
		c->horizon = ts;
	return ret;
}

static int read_live(struct merge_source *src, const struct merge_buffer *buf,
		     unsigned int cpu_index, size_t i, void *data, struct merge_error *err,
		     struct subbuf *sb)
{
	struct live_source *l = src->priv;
	struct live_cpu *c = &l->cpus[cpu_index];
	struct live_page page;
	int ret;

	if (l->live.stop && l->live.stop(l->live.arg))
		end_all(l, &src->buffers[l->buf]);
	if (l->ended && !live_holds(c->reader))
		return -EAGAIN;
	ret = next_page(c, buf->clock_in_ns, &page);
	if (!ret)
		return -EAGAIN;
	if (ret < 0) {
		/* once: it will not become better */
		buf->cpus[cpu_index].nr_subbufs = i + 1;
		return error_set(err, ret == -EAGAIN || ret == -EINTR ? -EIO : ret,
				 "the ring cannot be read any more: %s", strerror(-ret));
	}
	if (page.again) {
		page.base = page.start;
		page.lost = 0;
	}
	live_copy(c->reader, &page, data);
	*sb = (struct subbuf){ .data = data, .size = c->reader->subbuf_size };
	return 0;
}

/* Positions are of what is over */
static int read_time(struct merge_source *src, const struct merge_buffer *buf,
		     unsigned int cpu_index, size_t i, uint64_t *ts)
{
	(void)src;
	(void)buf;
	(void)cpu_index;
	(void)i;
	(void)ts;
	return -ENODATA;
}

static uint64_t horizon(struct merge_source *src, const struct merge_buffer *buf,
			unsigned int cpu_index)
{
	struct live_source *l = src->priv;

	(void)buf;
	return l->ended ? UINT64_MAX : l->cpus[cpu_index].horizon;
}

static void close_live(struct merge_source *src)
{
	struct live_source *l = src->priv;
	unsigned int nr = l->cpus ? src->buffers[l->buf].nr_cpus : 0;

	for (unsigned int i = 0; i < nr; i++) {
		live_close(l->cpus[i].reader);
		if (l->cpus[i].stats >= 0)
			close(l->cpus[i].stats);
	}
	src->priv = l->priv;
	l->under->close(src);
	free(l->cpus);
	free(l);
}

static const struct source_ops live_ops = {
	.name = "live",
	.read = read_live,
	.time = read_time,
	.horizon = horizon,
	.close = close_live,
};

/* ---- Opening --------------------------------------------------------------- */

static int open_file(const struct live_source *l, unsigned int cpu, const char *name)
{
	char path[PATH_MAX];
	uint64_t unused;

	snprintf(path, sizeof(path), "%s%.200s%sper_cpu/cpu%u/%s",
		 *l->live.ring ? "instances/" : "", l->live.ring, *l->live.ring ? "/" : "", cpu,
		 name);
	return dir_open_file(l->live.tracefs, path, &unused);
}

static int open_cpu(struct merge_source *src, struct merge_cpu *cpu, struct live_cpu *c,
		    struct merge_error *err)
{
	struct live_source *l = src->priv;
	int fd = open_file(l, cpu->cpu, "trace_pipe_raw"), ret;

	if (fd < 0)
		return error_set(err, fd, "cpu %u: trace_pipe_raw: %s", cpu->cpu, dir_strerror(fd));
	cpu->nr_subbufs = 0;
	if (!live_has_ring(fd)) {
		close(fd);
		return 0;
	}
	ret = live_open(fd, src->buffers[l->buf].subbuf_size, src->long_size, l->live.way, err,
			&c->reader);
	if (ret)
		return error_prepend(err, "cpu %u", cpu->cpu);
	c->stats = open_file(l, cpu->cpu, "stats");
	cpu->nr_subbufs = SIZE_MAX;
	cpu->has_counters = false;
	source_remark(src, "cpu %u: read by %s%s%s", cpu->cpu, c->reader->ops->name,
		      *c->reader->refused ? ", without " : "", c->reader->refused);
	return 0;
}

/* The directory has no sub-buffers: what is said of that is not so */
static void forget_notices(struct merge_source *src)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < src->nr_notices; i++) {
		if (src->notices[i].cpu < 0)
			src->notices[kept++] = src->notices[i];
		else
			free((char *)src->notices[i].text);
	}
	src->nr_notices = kept;
}

static int find_ring(const struct merge_source *src, const char *ring, struct merge_error *err)
{
	for (unsigned int i = 0; i < src->nr_buffers; i++)
		if (src->buffers[i].kind == MERGE_LIVE && !strcmp(src->buffers[i].instance, ring))
			return (int)i;
	return error_set(err, -ENOENT, "there is no ring %s", *ring ? ring : "top");
}

static int open_cpus(struct merge_source *src, struct merge_error *err)
{
	struct live_source *l = src->priv;
	int found = find_ring(src, l->live.ring, err), ret = 0;
	struct merge_buffer *buf;

	if (found < 0)
		return found;
	l->buf = (unsigned int)found;
	buf = &src->buffers[l->buf];
	l->cpus = calloc(buf->nr_cpus + 1, sizeof(*l->cpus));
	if (!l->cpus)
		return error_nomem(err);
	for (unsigned int i = 0; i < buf->nr_cpus; i++)
		l->cpus[i].stats = -1;
	for (unsigned int i = 0; !ret && i < buf->nr_cpus; i++)
		ret = open_cpu(src, &buf->cpus[i], &l->cpus[i], err);
	return ret;
}

int merge_source_open_live(const struct merge_live *live, struct merge_error *err,
			   struct merge_source **out)
{
	struct live_source *l = calloc(1, sizeof(*l));
	struct merge_source *src;
	int ret = l ? pages_open(live->dir, err, &src) : error_nomem(err);

	if (ret) {
		free(l);
		return ret;
	}
	*l = (struct live_source){ .under = src->ops, .priv = src->priv, .live = *live };
	src->ops = &live_ops;
	src->priv = l;
	src->live = true;
	src->big_endian = src->desc->big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
	forget_notices(src);
	ret = open_cpus(src, err);
	if (ret) {
		merge_source_close(src);
		return ret;
	}
	*out = src;
	return 0;
}
