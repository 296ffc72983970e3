// SPDX-License-Identifier: LGPL-2.1-or-later
/* One CPU while it is recorded: see rec_cpu.h. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "rec_cpu.h"

/*
 * What came is written down at least so often, also when it is little; and little is
 * not asked for more often than that (buffer_percent may be 0), in milliseconds.
 */
#define AT_LEAST	1000
#define AT_MOST		10

/* Tell all others, too: a full disk is full for all */
static void give_up(struct rec_cpu *c, int code, const char *doing)
{
	const uint64_t one = 1;
	ssize_t n;

	c->error = code;
	c->doing = doing;
	n = write(c->stop, &one, sizeof(one));
	(void)n;
}

/* The first @nr of the stage */
static void write_stage(struct rec_cpu *c, unsigned int nr)
{
	uint64_t before = c->file.count;
	int ret = c->error ? c->error : rec_file_put(&c->file, c->stage.data, nr);

	if (ret && !c->error)
		give_up(c, ret, "writing");
	c->unwritten += nr - (c->file.count - before);
	live_stage_forget(&c->stage, nr);
}

/* Return: how often something was there */
static int drain(struct rec_cpu *c, bool all)
{
	struct live_stage *stage = &c->stage;
	int count = 0, ret;

	while ((ret = live_stage_fill(stage, all, stage->slots)) > 0) {
		count += ret;
		if (stage->used < stage->slots)
			break;
		write_stage(c, live_stage_finished(stage));
	}
	/* a CPU that was never up has no ring */
	if (ret < 0 && ret != -ENODEV && !c->error)
		give_up(c, ret, "reading");
	return count;
}

static void pause_ms(long ms)
{
	struct timespec ts = { .tv_nsec = ms * 1000000 };

	nanosleep(&ts, NULL);
}

static void *record(void *arg)
{
	struct rec_cpu *c = arg;
	struct pollfd fds[] = {
		{ .fd = c->stop, .events = POLLIN }, { .fd = c->reader->fd, .events = POLLIN },
	};

	while (!c->error) {
		int ret = poll(fds, 2, AT_LEAST);

		if (fds[0].revents || (ret < 0 && errno != EINTR))
			break;
		/* no ring, or none any more: there is only the stop to wait for */
		if (fds[1].revents & (POLLERR | POLLHUP | POLLNVAL))
			fds[1].fd = -1;
		if (drain(c, false) < 2)
			pause_ms(AT_MOST);
	}
	if (c->error != -EBADMSG)
		drain(c, true);
	write_stage(c, c->stage.used);
	return NULL;
}

/* Signals are for the main thread */
static int start_thread(struct rec_cpu *c)
{
	sigset_t all, old;
	int ret;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	ret = pthread_create(&c->thread, NULL, record, c);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return -ret;
}

int rec_cpu_start(struct rec_cpu *c)
{
	int ret = live_stage_init(&c->stage, c->reader);

	if (!ret)
		ret = start_thread(c);
	c->running = !ret;
	return ret;
}

void rec_cpu_finish(struct rec_cpu *c)
{
	int ret;

	if (c->running)
		pthread_join(c->thread, NULL);
	c->running = false;
	ret = rec_file_finish(&c->file);
	if (ret && !c->error) {
		c->error = ret;
		c->doing = "writing";
	}
	live_stage_deinit(&c->stage);
	live_close(c->reader);
	c->reader = NULL;
}
