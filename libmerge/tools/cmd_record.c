// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * pstore-rb record: a running kernel's events into a trace.dat.
 *
 * First into a directory FILE.raw.XXXXXX, sub-buffers as they come and what describes
 * them, then from there into FILE, where they lie by CPU. When that cannot be done, as
 * the disk is full, the directory stays as FILE.raw, which every command reads.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "notes.h"
#include "rec_session.h"
#include "stop.h"
#include "tool.h"

/*
 * struct run - one run
 * @path: the file; @raw: the directory's name, if it is kept
 * @stats: what went into the file
 * @damaged: sub-buffers told of
 */
struct run {
	const struct options *opt;
	const char *path;
	char *raw;
	struct rec_session rec;
	struct merge_sink *sink;
	struct merge_stats stats;
	struct merge_counters counted;
	unsigned int damaged;
	struct merge_error err;
};

static unsigned long long number(uint64_t n)
{
	return n;
}

/* ---- Into the file --------------------------------------------------------- */

static void show_damage(void *arg, const struct merge_damage *damage)
{
	tool_damage(&((struct run *)arg)->damaged, damage);
}

static void add_counters(struct run *run, const struct merge_source *src)
{
	const struct merge_buffer *buf = merge_source_buffer(src, 0);

	for (unsigned int i = 0; buf && i < buf->nr_cpus; i++) {
		const struct merge_counters *c = &buf->cpus[i].counters;

		run->counted.entries += c->entries;
		run->counted.read += c->read;
		run->counted.overrun += c->overrun;
		run->counted.dropped += c->dropped + c->commit_overrun;
	}
}

/* Return: as merge_pump_pages() */
static int convert(struct run *run)
{
	struct merge_watch watch = { .damage = show_damage, .arg = run };
	struct merge_source *src;
	int ret = merge_source_open(run->rec.capture.out.temp, "pages", &run->err, &src);

	if (ret)
		return ret;
	merge_source_on_interrupt(src, stop_asked, NULL);
	ret = merge_pump_pages(src, NULL, run->sink, &watch, &run->err, &run->stats);
	if (ret >= 0)
		tool_missing(src, run->opt);
	add_counters(run, src);
	merge_source_close(src);
	return ret;
}

/* Its name for good, since there is no file. Return: exit status */
static int keep_raw(struct run *run)
{
	struct merge_error err = { 0 };
	struct rec_sums sums = rec_session_sums(&run->rec);

	if (sums.unwritten)
		tool_complain("%llu sub-buffers could not be written, %llu were",
			      number(sums.unwritten), number(sums.kept));
	if (outdir_finish(&run->rec.capture.out, &err)) {
		tool_complain("%s", err.text);
		return TOOL_NOTHING;
	}
	tool_complain("what was recorded is kept in %s: \"pstore-rb report %s\" shows it, \"pstore-rb convert %s -o %s\" makes the file, when there is room",
		      run->raw, run->raw, run->raw, run->path);
	return TOOL_PARTIAL;
}

/* ---- What is said ----------------------------------------------------------- */

/* Which ways the rings were read, and how many CPUs each */
static void put_ways(FILE *out, const struct run *run)
{
	static const char *const names[] = { "batch", "mmap", "read", NULL };

	for (const char *const *name = names; *name; name++) {
		unsigned int count = 0;

		for (unsigned int i = 0; i < run->rec.nr_cpus; i++)
			count += run->rec.cpus[i].way && !strcmp(run->rec.cpus[i].way, *name);
		if (count)
			fprintf(out, ", %u CPU%s by %s", count, count > 1 ? "s" : "", *name);
	}
}

/* Where a gap's size did not fit behind its mark, the kernel's sum has it */
static uint64_t lost(const struct run *run)
{
	return run->stats.lost_unknown ? run->counted.overrun : run->stats.lost;
}

static void summarize(const struct run *run)
{
	struct rec_sums sums = rec_session_sums(&run->rec);
	const struct merge_stats *s = &run->stats;

	fprintf(stderr, "%s: %llu events, %llu lost, %llu bytes in %llu sub-buffers, %llu.%03llu s of processor time",
		run->path, number(s->events), number(lost(run)), number(s->bytes), number(sums.kept),
		number(run->rec.cpu_time / 1000000), number(run->rec.cpu_time / 1000 % 1000));
	put_ways(stderr, run);
	fputc('\n', stderr);
	if (s->lost_unknown)
		tool_complain("of %llu gaps the file does not say how large each is",
			      number(s->lost_unknown));
	if (sums.over)
		tool_complain("%llu older sub-buffers were written over, as --max-kb wants it",
			      number(sums.over));
}

/* What is missing of what the kernel says there was. Return: whether anything is */
static bool tell_missing(const struct run *run, int ret)
{
	const struct merge_counters *c = &run->counted;
	struct rec_sums sums = rec_session_sums(&run->rec);
	uint64_t wanted = c->entries + c->read;
	bool partial = ret > 0 || run->stats.lost || run->stats.lost_unknown ||
		       run->rec.capture.unread;

	if (ret > 0)
		notes_partial(stderr, "pstore-rb: ", &run->stats);
	if (c->dropped) {
		tool_complain("the kernel could not record %llu events", number(c->dropped));
		partial = true;
	}
	if (sums.unwritten) {
		tool_complain("%llu sub-buffers could not be written", number(sums.unwritten));
		partial = true;
	}
	if (!sums.over && wanted != run->stats.events) {
		tool_complain("the kernel counted %llu events, in the file are %llu",
			      number(wanted), number(run->stats.events));
		partial = true;
	}
	return partial;
}

static void tell_status(int status)
{
	if (WIFEXITED(status) && WEXITSTATUS(status))
		tool_complain("the command's exit status was %d", WEXITSTATUS(status));
	else if (WIFSIGNALED(status))
		tool_complain("the command was ended by signal %d", WTERMSIG(status));
}

/* ---- The command ------------------------------------------------------------ */

static const char *wrong_options(const struct options *opt)
{
	return !opt->sel.nr_events && !opt->tracer ?
	       "nothing is to be recorded: -e EVENTS or -p TRACER is wanted" :
	       opt->output && !strcmp(opt->output, "-") ?
	       "a trace.dat is not written in one go: it needs a file, not standard output" : NULL;
}

/* Into the file or the directory. @failed: how recording ended */
static int finish(struct run *run, int failed)
{
	int ret, status;

	if (failed && failed != -EINTR)
		tool_complain("%s", run->rec.err.text);
	/* a second Ctrl-C may end this; a disk that is full has no room for it either */
	ret = convert(run);
	if (ret < 0) {
		if (ret != -EINTR)
			tool_complain("%s", run->err.text);
		merge_sink_destroy(run->sink);
		run->sink = NULL;
		return keep_raw(run);
	}
	summarize(run);
	status = tell_missing(run, ret) || failed ? TOOL_PARTIAL : TOOL_COMPLETE;
	tell_status(run->rec.command.status);
	return status;
}

static int record(struct run *run)
{
	const struct options *opt = run->opt;
	int ret = merge_sink_tracedat_create(run->path, 7, &run->err, &run->sink);

	if (ret)
		return tool_fail(ret, &run->err);
	ret = rec_session_open(&run->rec, opt, run->raw);
	if (ret == -EINVAL) {
		tool_complain("%s", run->rec.err.text);
		return TOOL_USAGE;
	}
	if (ret)
		return tool_fail(ret, &run->rec.err);
	if (!opt->nr_operands && isatty(STDERR_FILENO))
		fprintf(stderr, "recording: Ctrl-C ends it\n");
	return finish(run, rec_session_run(&run->rec));
}

static int run(const struct command *cmd, struct options *opt)
{
	struct run run = {
		.opt = opt,
		.rec = { .capture = CAPTURE_INIT, .stop = -1, .command = REC_COMMAND_INIT },
	};
	const char *wrong = wrong_options(opt);
	int status;

	if (wrong) {
		tool_complain("%s: see %s", wrong, cmd->spec.help);
		return TOOL_USAGE;
	}
	run.path = opt->output ? opt->output : "trace.dat";
	if (asprintf(&run.raw, "%s.raw", run.path) < 0) {
		tool_complain("out of memory");
		return TOOL_NOTHING;
	}
	stop_catch();
	status = record(&run);
	merge_sink_destroy(run.sink);
	rec_session_close(&run.rec);
	free(run.raw);
	return status;
}

const struct command cmd_record = {
	.name = "record",
	.synopsis = "[-e EVENTS]... [-p TRACER] [-o FILE] [-b KB] [-B INSTANCE] [-m N] [-w HOW] [-v] [-T DIR] [--] [COMMAND...]",
	.summary = "record the running kernel's events into a trace.dat, its rings mapped",
	.examples =
		"  pstore-rb record -e sched:* -e irq -o sched.dat -- make\n"
		"  pstore-rb record -p function -B mine -b 8192	# until Ctrl-C\n"
		"  pstore-rb record -e all --max-kb 4096 -o last.dat	# the last 4 MiB of each CPU\n"
		"  pstore-rb report sched.dat\n",
	.spec = { .letters = "epobBmwvTh", .rows = option_rows_record, .command = true,
		  .max = INT_MAX, .long_names = true, .help = "pstore-rb record --help" },
	.run = run,
};
