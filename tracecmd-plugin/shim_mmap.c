// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Preloaded into trace-cmd: the nine functions of libtracefs that it reads rings with
 * (3.1.6 to 3.4 alike), over a mapped ring. Where the kernel refuses the map, and for what
 * is no ring of this machine, libtracefs' own are called.
 *
 * A sub-buffer goes to the file, pipe or socket when it is full or trace-cmd flushes: the
 * one a writer is on waits here meanwhile, so that nothing is to be written twice.
 *
 * trace-cmd-mmap sets it up. Globals and a constructor: there is no other place.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <tracefs.h>
#include <unistd.h>

#include "dat_headers.h"
#include "live_stage.h"

#define PUBLIC		__attribute__((visibility("default")))
#define MAX_HEADER	4096u
/* With buffer_percent 0 poll() does not wait: little is asked for no more often, in ms */
#define PAUSE		10

/*
 * struct tracefs_cpu - what trace-cmd takes for libtracefs' handle
 * @stop: an eventfd; @stopped: it was written to
 */
struct tracefs_cpu {
	struct tracefs_cpu *next;
	struct live_reader *reader;
	int stop;
	volatile bool stopped;
	bool nonblock;
	struct live_stage stage;
};

/* Ours, to tell them from libtracefs' own */
static struct tracefs_cpu *handles;

#define REAL(name)	((typeof(&name))dlsym(RTLD_NEXT, #name))

static bool is_ours(const struct tracefs_cpu *t)
{
	const struct tracefs_cpu *each = handles;

	while (each && each != t)
		each = each->next;
	return each;
}

/* ---- Opening ---------------------------------------------------------------- */

static void say(int cpu, const char *way, const char *why)
{
	if (getenv("TRACE_CMD_MMAP_VERBOSE"))
		dprintf(STDERR_FILENO, "trace-cmd-mmap: cpu %d: %s%s%s\n", cpu, way,
			*why ? ": " : "", why);
}

static int open_file(struct tracefs_instance *instance, const char *name)
{
	char *path = tracefs_instance_get_file(instance, name);
	int fd = path ? open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC) : -1;

	tracefs_put_tracing_file(path);
	return fd;
}

static bool load_headers(struct tracefs_instance *instance, struct dat_headers *h)
{
	char text[MAX_HEADER];
	int fd = open_file(instance, "events/header_page");
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return false;
	text[n] = '\0';
	return !dat_headers_page(text, h, NULL) && h->subbuf_size <= INT32_MAX;
}

static void free_handle(struct tracefs_cpu *t)
{
	live_close(t->reader);
	if (t->stop >= 0)
		close(t->stop);
	live_stage_deinit(&t->stage);
	free(t);
}

/* Mapped, in the best way there is */
static int open_reader(int fd, const struct dat_headers *h, struct merge_error *err,
		       struct live_reader **reader)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	if (copy >= 0 && !live_open(copy, (uint32_t)h->subbuf_size, h->long_size, "batch", err,
				    reader)) {
		close(fd);
		return 0;
	}
	return live_open(fd, (uint32_t)h->subbuf_size, h->long_size, "mmap", err, reader);
}

static struct tracefs_cpu *make_handle(int fd, const struct dat_headers *h,
				       struct merge_error *err)
{
	struct tracefs_cpu *t = calloc(1, sizeof(*t));

	if (!t) {
		close(fd);
		return NULL;
	}
	t->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (open_reader(fd, h, err, &t->reader) ||
	    live_stage_init(&t->stage, t->reader) || t->stop < 0) {
		free_handle(t);
		return NULL;
	}
	return t;
}

static struct tracefs_cpu *open_mapped(struct tracefs_instance *instance, int cpu,
				       struct merge_error *err)
{
	struct dat_headers h = { 0 };
	char name[60];
	int fd;

	if (!load_headers(instance, &h))
		return NULL;
	snprintf(name, sizeof(name), "per_cpu/cpu%d/trace_pipe_raw", cpu);
	fd = open_file(instance, name);
	return fd < 0 ? NULL : make_handle(fd, &h, err);
}

PUBLIC struct tracefs_cpu *tracefs_cpu_open(struct tracefs_instance *instance, int cpu,
					    bool nonblock)
{
	struct merge_error err = { 0 };
	struct tracefs_cpu *t = open_mapped(instance, cpu, &err);

	if (!t) {
		say(cpu, "as trace-cmd does it", err.text);
		return REAL(tracefs_cpu_open)(instance, cpu, nonblock);
	}
	say(cpu, t->reader->ops->name, "");
	t->nonblock = nonblock;
	t->next = handles;
	handles = t;
	return t;
}

PUBLIC struct tracefs_cpu *tracefs_cpu_alloc_fd(int fd, int subbuf_size, bool nonblock)
{
	return REAL(tracefs_cpu_alloc_fd)(fd, subbuf_size, nonblock);
}

PUBLIC void tracefs_cpu_close(struct tracefs_cpu *t)
{
	struct tracefs_cpu **place = &handles;

	if (!is_ours(t)) {
		REAL(tracefs_cpu_close)(t);
		return;
	}
	while (*place != t)
		place = &(*place)->next;
	*place = t->next;
	free_handle(t);
}

PUBLIC int tracefs_cpu_read_size(struct tracefs_cpu *t)
{
	return is_ours(t) ? (int)t->reader->subbuf_size : REAL(tracefs_cpu_read_size)(t);
}

/* From a signal handler */
PUBLIC int tracefs_cpu_stop(struct tracefs_cpu *t)
{
	const uint64_t one = 1;
	int saved = errno;
	ssize_t n;

	if (!is_ours(t))
		return REAL(tracefs_cpu_stop)(t);
	t->stopped = true;
	n = write(t->stop, &one, sizeof(one));
	(void)n;
	errno = saved;
	return 1;
}

/* ---- Reading ----------------------------------------------------------------- */

/* Wait until there is enough, or it is stopped. Return: 0; -1 a signal came */
static int wait_for_events(struct tracefs_cpu *t, bool nonblock)
{
	struct pollfd fds[] = {
		{ .fd = t->reader->fd, .events = POLLIN }, { .fd = t->stop, .events = POLLIN },
	};

	return nonblock || t->nonblock || t->stopped || poll(fds, 2, -1) >= 0 ? 0 : -1;
}

static void pause_a_little(struct tracefs_cpu *t)
{
	struct pollfd fd = { .fd = t->stop, .events = POLLIN };

	if (!t->stopped)
		poll(&fd, 1, PAUSE);
}

/* Return: how often something came; -1 with errno */
static int fill(struct tracefs_cpu *t, bool all, unsigned int most)
{
	int ret = live_stage_fill(&t->stage, all, most);

	if (ret >= 0)
		return ret;
	errno = -ret;
	return -1;
}

/* All of it, also where it has to wait for room. Return: 0; -1 with errno */
static int write_all(int fd, const uint8_t *data, size_t len)
{
	struct pollfd room = { .fd = fd, .events = POLLOUT };

	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EAGAIN)
			poll(&room, 1, -1);
		else if (n < 0 && errno != EINTR)
			return -1;
		data += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
	return 0;
}

/* Return: how much one write() takes: who reads datagrams takes them for sub-buffers */
static size_t piece_for(int wfd, size_t subbuf_size, size_t len)
{
	struct stat st;

	return fstat(wfd, &st) || S_ISREG(st.st_mode) ? len : subbuf_size;
}

/* The first @nr of the stage. Return: bytes; -1 with errno */
static int write_stage(struct tracefs_cpu *t, int wfd, unsigned int nr)
{
	size_t len = (size_t)nr * t->reader->subbuf_size;
	size_t piece = piece_for(wfd, t->reader->subbuf_size, len);

	for (size_t done = 0; done < len; done += piece)
		if (write_all(wfd, t->stage.data + done, piece))
			return -1;
	live_stage_forget(&t->stage, nr);
	return (int)len;
}

PUBLIC int tracefs_cpu_write(struct tracefs_cpu *t, int wfd, bool nonblock)
{
	int count;

	if (!is_ours(t))
		return REAL(tracefs_cpu_write)(t, wfd, nonblock);
	if (wait_for_events(t, nonblock))
		return -1;
	count = fill(t, false, t->stage.slots);
	if (count < 0)
		return -1;
	if (count < 2 && !nonblock)
		pause_a_little(t);
	return write_stage(t, wfd, live_stage_finished(&t->stage));
}

PUBLIC int tracefs_cpu_pipe(struct tracefs_cpu *t, int wfd, bool nonblock)
{
	return is_ours(t) ? tracefs_cpu_write(t, wfd, nonblock) :
			    REAL(tracefs_cpu_pipe)(t, wfd, nonblock);
}

PUBLIC int tracefs_cpu_flush_write(struct tracefs_cpu *t, int wfd)
{
	if (!is_ours(t))
		return REAL(tracefs_cpu_flush_write)(t, wfd);
	return fill(t, true, t->stage.slots) < 0 ? -1 : write_stage(t, wfd, t->stage.used);
}

PUBLIC int tracefs_cpu_read(struct tracefs_cpu *t, void *buffer, bool nonblock)
{
	int count = 0;

	if (!is_ours(t))
		return REAL(tracefs_cpu_read)(t, buffer, nonblock);
	if (!live_stage_finished(&t->stage)) {
		if (wait_for_events(t, nonblock))
			return -1;
		count = fill(t, false, 2);
	}
	if (count < 0)
		return -1;
	if (!live_stage_finished(&t->stage)) {
		pause_a_little(t);
		return 0;
	}
	memcpy(buffer, t->stage.data, t->reader->subbuf_size);
	live_stage_forget(&t->stage, 1);
	return (int)t->reader->subbuf_size;
}

/* ---- The environment ----------------------------------------------------------- */

/* What trace-cmd starts is to have what the user had, not us */
__attribute__((constructor)) static void restore_preload(void)
{
	const char *before = getenv("TRACE_CMD_MMAP_PRELOAD");

	if (before && *before)
		setenv("LD_PRELOAD", before, 1);
	else
		unsetenv("LD_PRELOAD");
	unsetenv("TRACE_CMD_MMAP_PRELOAD");
}
