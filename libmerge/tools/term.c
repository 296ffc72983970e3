// SPDX-License-Identifier: LGPL-2.1-or-later
/* Manners where a person reads along: see term.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "colour.h"
#include "term.h"

#define DEFAULT_PAGER	"less"
/* as git has it: leave if it is one screen, colours, and leave it there */
#define LESS_OPTIONS	"FRX"

#define SHOW_EVERY	100000000u	/* ns */

static bool is_set(const char *name)
{
	const char *value = getenv(name);

	return value && *value;
}

static const char *pager_command(void)
{
	const char *pager = getenv("PAGER");

	if (!pager)
		return DEFAULT_PAGER;
	return *pager && strcmp(pager, "cat") ? pager : NULL;
}

/* In the child; it ends here. */
static void run_pager(const char *command, const int *ends)
{
	dup2(ends[0], STDIN_FILENO);
	close(ends[0]);
	close(ends[1]);
	setenv("LESS", LESS_OPTIONS, 0);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

/* Without a pager when there can be none */
static void start_pager(struct term *t)
{
	const char *command = pager_command();
	int ends[2];

	if (!command || pipe(ends))
		return;
	t->pager = fork();
	if (!t->pager)
		run_pager(command, ends);
	close(ends[0]);
	if (t->pager > 0) {
		t->saved = dup(STDOUT_FILENO);
		dup2(ends[1], STDOUT_FILENO);
	} else {
		t->pager = 0;
	}
	close(ends[1]);
}

void term_open(struct term *t, bool paged, bool coloured)
{
	const char *kind = getenv("TERM");
	bool terminal = isatty(STDOUT_FILENO);

	*t = (struct term){ .out = stdout };
	if (!terminal)
		return;
	if (paged)
		start_pager(t);
	if (coloured && !is_set("NO_COLOR") && kind && strcmp(kind, "dumb"))
		t->out = colour_open(stdout);
	if (!t->out)
		t->out = stdout;
}

static void wait_pager(struct term *t)
{
	int status;

	/* so that the pager sees the end */
	dup2(t->saved, STDOUT_FILENO);
	close(t->saved);
	while (waitpid(t->pager, &status, 0) < 0 && errno == EINTR)
		;
}

int term_close(struct term *t)
{
	int ret = 0;

	errno = 0;
	if (t->out != stdout && fclose(t->out))
		ret = errno ? -errno : -EIO;
	if ((fflush(stdout) || ferror(stdout)) && !ret)
		ret = errno ? -errno : -EIO;
	if (!t->pager)
		return ret;
	wait_pager(t);
	/* the user has seen enough */
	return ret == -EPIPE ? 0 : ret;
}

/* ---- Progress ------------------------------------------------------------ */

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

void progress_init(struct progress *p, bool to_stdout)
{
	*p = (struct progress){
		.wanted = isatty(STDERR_FILENO) && !(to_stdout && isatty(STDOUT_FILENO)),
	};
}

bool progress_due(struct progress *p)
{
	uint64_t time;

	if (!p->wanted)
		return false;
	time = now();
	if (!p->start)
		p->start = time;
	if (p->shown && time - p->shown < SHOW_EVERY)
		return false;
	p->shown = time;
	return true;
}

void progress_show(void *progress, const struct merge_stats *stats, uint64_t total)
{
	struct progress *p = progress;
	double seconds;

	if (!progress_due(p))
		return;
	seconds = (double)(p->shown - p->start) / 1e9;
	fprintf(stderr, "\r%llu of %llu sub-buffers", (unsigned long long)stats->subbufs,
		(unsigned long long)total);
	if (seconds > 0.5 && stats->subbufs && stats->subbufs <= total)
		fprintf(stderr, ", %.1f MB/s, %.0f s left", (double)stats->bytes / seconds / 1e6,
			seconds * (double)(total - stats->subbufs) / (double)stats->subbufs);
	fputs("\033[K", stderr);
}

void progress_end(struct progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->shown = 0;
}
