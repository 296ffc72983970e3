// SPDX-License-Identifier: LGPL-2.1-or-later
/* A recording into a directory: see rec_session.h. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dat_headers.h"
#include "dir.h"
#include "rec_session.h"
#include "stop.h"
#include "tool.h"

#define MAX_HEADER	65536u
/* How often it is looked whether the user has ended it, in ms */
#define LOOK		100

static int fail(struct rec_session *r, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int fail(struct rec_session *r, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(r->err.text, sizeof(r->err.text), fmt, ap);
	va_end(ap);
	return r->err.code = code;
}

/* "per_cpu/cpu3/FILE" of the ring, below the tracefs and below the directory */
static void ring_path(const struct rec_session *r, char path[PATH_MAX], const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void ring_path(const struct rec_session *r, char path[PATH_MAX], const char *fmt, ...)
{
	const char *name = r->tracefs.name;
	int len = *name ? snprintf(path, PATH_MAX, "instances/%.200s/", name) : 0;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(path + len, PATH_MAX - (size_t)len, fmt, ap);
	va_end(ap);
}

/* ---- CPUs ----------------------------------------------------------------- */

static int make_folders(struct rec_session *r, const char *path)
{
	char part[PATH_MAX];

	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		snprintf(part, sizeof(part), "%.*s", (int)(slash - path), path);
		if (mkdirat(r->capture.out.fd, part, 0700) && errno != EEXIST)
			return -errno;
	}
	return 0;
}

/* As many as hold --max-kb; 0: all */
static uint64_t max_subbufs(const struct rec_session *r, const struct rec_cpu *c)
{
	uint32_t size = c->reader->subbuf_size;

	return (r->opt->max_kb * 1024 + size - 1) / size;
}

static int open_cpu(struct rec_session *r, struct rec_cpu *c, const struct dat_headers *h)
{
	struct merge_error why = { 0 };
	char path[PATH_MAX];
	uint64_t unused;
	int fd, ret;

	ring_path(r, path, "per_cpu/cpu%u/trace_pipe_raw", c->cpu);
	fd = dir_open_file(r->capture.tracefs, path, &unused);
	if (fd < 0)
		return fail(r, fd, "%s/%s: %s", r->capture.path, path, dir_strerror(fd));
	ret = live_open(fd, (uint32_t)h->subbuf_size, h->long_size,
			live_has_ring(fd) ? r->opt->way : "read", &why, &c->reader);
	if (ret)
		return fail(r, ret, "cpu %u: %.300s", c->cpu, why.text);
	c->way = c->reader->ops->name;
	ret = make_folders(r, path);
	if (!ret)
		ret = rec_file_open(&c->file, r->capture.out.fd, path, c->reader->subbuf_size,
				    max_subbufs(r, c));
	if (ret)
		return fail(r, ret, "%s/%s: %s", r->capture.out.path, path, strerror(-ret));
	if (r->opt->verbose)
		tool_complain("cpu %u: %s%s%s", c->cpu, c->reader->ops->name,
			      *c->reader->refused ? ", without " : "", c->reader->refused);
	return 0;
}

static int load_headers(struct rec_session *r, struct dat_headers *h)
{
	char path[PATH_MAX], *text;
	size_t size;
	int ret;

	ring_path(r, path, "events/header_page");
	ret = dir_read(r->capture.tracefs, path, MAX_HEADER, &text, &size);
	if (ret)
		return fail(r, ret, "%s/%s: %s", r->capture.path, path, dir_strerror(ret));
	ret = dat_headers_page(text, h, &r->err);
	free(text);
	if (!ret && (h->subbuf_size < 512 || h->subbuf_size > UINT32_MAX / 2))
		ret = fail(r, -ENOTSUP, "%s: sub-buffers of %llu bytes", path,
			   (unsigned long long)h->subbuf_size);
	return ret;
}

static int compare_cpus(const void *a, const void *b)
{
	const struct rec_cpu *x = a, *y = b;

	return x->cpu < y->cpu ? -1 : x->cpu > y->cpu;
}

/* All that have a directory */
static int find_cpus(struct rec_session *r)
{
	char path[PATH_MAX], **names;
	size_t nr;
	int ret;

	ring_path(r, path, "per_cpu");
	ret = dir_names(r->capture.tracefs, path, &names, &nr);
	if (ret)
		return fail(r, ret, "%s/%s: %s", r->capture.path, path, strerror(-ret));
	r->cpus = calloc(nr + 1, sizeof(*r->cpus));
	for (size_t i = 0; r->cpus && i < nr; i++) {
		struct rec_cpu *c = &r->cpus[r->nr_cpus];
		int end = 0;

		if (sscanf(names[i], "cpu%u%n", &c->cpu, &end) != 1 || names[i][end])
			continue;
		c->stop = r->stop;
		c->file.fd = -1;
		r->nr_cpus++;
	}
	dir_names_free(names, nr);
	if (!r->cpus)
		return fail(r, -ENOMEM, "out of memory");
	qsort(r->cpus, r->nr_cpus, sizeof(*r->cpus), compare_cpus);
	return r->nr_cpus ? 0 : fail(r, -ENODATA, "%s/%s: there is no CPU", r->capture.path, path);
}

static int open_cpus(struct rec_session *r)
{
	struct dat_headers h = { 0 };
	int ret = load_headers(r, &h);

	if (!ret)
		ret = find_cpus(r);
	for (unsigned int i = 0; !ret && i < r->nr_cpus; i++)
		ret = open_cpu(r, &r->cpus[i], &h);
	return ret;
}

/* ---- All ------------------------------------------------------------------ */

/* Formats of the events that are enabled */
static int capture_events(struct rec_session *r)
{
	char *lines = rec_tracefs_events(&r->tracefs), *rest = lines, *line;
	int ret = 0;

	while (!ret && (line = strsep(&rest, "\n")))
		ret = capture_event(&r->capture, line);
	free(lines);
	return ret;
}

static int describe(struct rec_session *r)
{
	int ret = capture_ring(&r->capture, r->tracefs.name);

	if (!ret)
		ret = capture_events(r);
	return ret ? fail(r, ret, "%s", r->capture.err.text) : 0;
}

static int prepare(struct rec_session *r, const char *dir)
{
	const struct options *opt = r->opt;
	int ret;

	r->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (r->stop < 0)
		return fail(r, -errno, "eventfd: %s", strerror(errno));
	ret = capture_open(&r->capture, opt->tracefs);
	if (!ret)
		ret = outdir_open(&r->capture.out, dir, &r->capture.err);
	if (ret)
		return fail(r, ret, "%s", r->capture.err.text);
	ret = rec_tracefs_open(&r->tracefs, r->capture.path, opt->instance ? opt->instance : "",
			       &r->err);
	if (!ret)
		ret = rec_tracefs_set(&r->tracefs, opt, &r->err);
	if (!ret)
		ret = open_cpus(r);
	if (!ret)
		ret = describe(r);
	if (ret || !opt->nr_operands)
		return ret;
	ret = rec_command_prepare(&r->command, opt->operands);
	return ret ? fail(r, ret, "%s: %s", opt->operands[0], strerror(-ret)) : 0;
}

/* The rings can be changed again, and all is as before */
static int settle(struct rec_session *r)
{
	struct merge_error err = { 0 };
	int ret;

	rec_command_drop(&r->command);
	for (unsigned int i = 0; i < r->nr_cpus; i++)
		rec_cpu_finish(&r->cpus[i]);
	ret = rec_tracefs_restore(&r->tracefs, &err);
	return ret ? fail(r, ret, "settings are not as before: %.400s", err.text) : 0;
}

/*
 * @step is done in any case. Of several failures the first stays, the others are told,
 * if their cause is another one: a disk stays full
 */
static int and_then(struct rec_session *r, int ret, int (*step)(struct rec_session *r))
{
	struct merge_error first = r->err;
	int now = step(r);

	if (!ret)
		return now;
	if (now && now != ret)
		tool_complain("%s", r->err.text);
	r->err = first;
	return ret;
}

int rec_session_open(struct rec_session *r, const struct options *opt, const char *dir)
{
	int ret;

	*r = (struct rec_session){ .opt = opt, .capture = CAPTURE_INIT, .stop = -1,
				 .tracefs.name = "", .command = REC_COMMAND_INIT };
	ret = prepare(r, dir);
	return ret ? and_then(r, ret, settle) : 0;
}

static uint64_t cpu_time(void)
{
	struct rusage use;

	getrusage(RUSAGE_SELF, &use);
	return (uint64_t)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) * 1000000 +
	       (uint64_t)(use.ru_utime.tv_usec + use.ru_stime.tv_usec);
}

static void end_all(struct rec_session *r)
{
	const uint64_t one = 1;
	ssize_t n = write(r->stop, &one, sizeof(one));

	(void)n;
}

static void wait_for_end(struct rec_session *r)
{
	struct pollfd fds[] = {
		{ .fd = r->stop, .events = POLLIN },
		/* (without one the command's end is seen a moment later) */
		{ .fd = r->command.pid ? pidfd_open(r->command.pid, 0) : -1, .events = POLLIN },
	};

	while (!stop_asked(NULL) && !rec_command_ended(&r->command, false)) {
		poll(fds, 2, LOOK);
		if (fds[0].revents)
			break;
	}
	r->stopped = stop_asked(NULL);
	stop_forget();
	if (fds[1].fd >= 0)
		close(fds[1].fd);
}

static int start_all(struct rec_session *r)
{
	int ret = 0;

	for (unsigned int i = 0; !ret && i < r->nr_cpus; i++)
		ret = rec_cpu_start(&r->cpus[i]);
	if (ret)
		return fail(r, ret, "a thread: %s", strerror(-ret));
	return rec_tracefs_on(&r->tracefs, true, &r->err);
}

/* The first CPU that failed speaks for all */
static int cpu_error(struct rec_session *r)
{
	for (unsigned int i = 0; i < r->nr_cpus; i++) {
		const struct rec_cpu *c = &r->cpus[i];

		if (c->error)
			return fail(r, c->error, "cpu %u: %s: %s", c->cpu, c->doing,
				    c->error == -EBADMSG ? "the kernel's word makes no sense" :
				    strerror(-c->error));
	}
	return 0;
}

/* What can only be said now. A full disk has no room for it: what was said stays */
static int describe_end(struct rec_session *r)
{
	int ret = capture_events(r);

	if (!ret)
		ret = capture_end(&r->capture, r->tracefs.name);
	return ret ? fail(r, ret, "%s", r->capture.err.text) : 0;
}

/* Until it is over */
static int record(struct rec_session *r)
{
	int ret = start_all(r);

	if (ret)
		return ret;
	rec_command_begin(&r->command);
	wait_for_end(r);
	return rec_tracefs_on(&r->tracefs, false, &r->err);
}

/* Recording is off: what is left in the rings */
static int drain_all(struct rec_session *r)
{
	end_all(r);
	for (unsigned int i = 0; i < r->nr_cpus; i++)
		rec_cpu_finish(&r->cpus[i]);
	return cpu_error(r);
}

int rec_session_run(struct rec_session *r)
{
	uint64_t before = cpu_time();
	int ret = record(r);

	ret = and_then(r, ret, drain_all);
	r->cpu_time = cpu_time() - before;
	ret = and_then(r, ret, describe_end);
	return and_then(r, ret, settle);
}

struct rec_sums rec_session_sums(const struct rec_session *r)
{
	struct rec_sums sums = { 0 };

	for (unsigned int i = 0; i < r->nr_cpus; i++) {
		sums.kept += rec_file_kept(&r->cpus[i].file);
		sums.over += rec_file_over(&r->cpus[i].file);
		sums.unwritten += r->cpus[i].unwritten;
	}
	return sums;
}

void rec_session_close(struct rec_session *r)
{
	/* who calls us waits for his command, not for a record of it */
	if (r->command.pid && !r->stopped) {
		tool_complain("the command goes on, without being recorded");
		rec_command_ended(&r->command, true);
	}
	rec_tracefs_close(&r->tracefs);
	capture_close(&r->capture);
	free(r->cpus);
	if (r->stop >= 0)
		close(r->stop);
}
