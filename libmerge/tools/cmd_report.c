// SPDX-License-Identifier: LGPL-2.1-or-later
/* pstore-rb report: events as text, or as JSON Lines. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "follow.h"
#include "list.h"
#include "notes.h"
#include "stop.h"
#include "term.h"
#include "tool.h"

/* The table of CPUs, as lines that are no events */
static int print_stat(struct merge_source *src, const struct options *opt, FILE *out,
		      const char *mark, struct merge_error *err)
{
	struct merge_stats stats = { 0 };
	struct merge_watch nobody = { 0 };
	char *text = NULL, *rest, *line;
	size_t size;
	FILE *table = open_memstream(&text, &size);
	int ret;

	if (!table)
		return -ENOMEM;
	ret = list_stat(src, &opt->sel, &nobody, table, err, &stats);
	fclose(table);
	for (rest = text; ret >= 0 && (line = strsep(&rest, "\n")) && *line; )
		fprintf(out, "%s%s\n", mark, line);
	free(text);
	return ret < 0 ? ret : 0;
}

static int report_json(struct merge_source *src, const struct options *opt, FILE *out,
		       const struct merge_watch *watch, struct merge_error *err)
{
	struct merge_sink *sink;
	int ret = merge_sink_json_create(out, err, &sink), stat = 0;

	if (ret)
		return ret;
	ret = merge_pump_events(src, &opt->sel, sink, watch, err, NULL);
	merge_sink_destroy(sink);
	if (ret >= 0 && opt->stat)
		stat = print_stat(src, opt, stderr, "", err);
	return stat ? stat : ret;
}

/* What crash's "pstore_rb show" prints */
static int report_text(struct merge_source *src, const struct options *opt, FILE *out,
		       const struct merge_watch *watch, struct merge_error *err)
{
	struct merge_stats stats = { 0 };
	struct merge_sink *sink;
	int ret = merge_sink_text_create(out, err, &sink), stat = 0;

	if (ret)
		return ret;
	ret = merge_pump_events(src, &opt->sel, sink, watch, err, &stats);
	merge_sink_destroy(sink);
	if (ret < 0 && ret != -EINTR)
		return ret;
	notes_apart(out, src, opt, "# ");
	notes_missing(out, src);
	notes_outcome(out, ret, &stats);
	if (ret >= 0 && opt->stat)
		stat = print_stat(src, opt, out, "# ", err);
	return stat ? stat : ret;
}

static int print(struct merge_source *src, const struct options *opt, FILE *out,
		 const struct merge_watch *watch, struct merge_error *err)
{
	return opt->json ? report_json(src, opt, out, watch, err) :
			   report_text(src, opt, out, watch, err);
}

/* As they come. Who ends it knows that he did: it is no failure */
static int print_coming(struct follow *follow, const struct options *opt, FILE *out,
			struct merge_error *err)
{
	struct merge_watch watch = { .wait = follow_wait, .arg = follow };
	int ret;

	ret = print(follow->src, opt, out, &watch, err);
	stop_forget();
	return ret;
}

/* @follow: in place of @src, and closed; else NULL */
static int report(struct merge_source *src, struct follow *follow, const struct options *opt)
{
	struct merge_error err = { 0 };
	struct progress progress;
	struct merge_watch watch = { .progress = progress_show, .arg = &progress };
	struct term term;
	int ret, written;

	progress_init(&progress, true);
	term_open(&term, !opt->no_pager && !follow, !opt->json);
	ret = follow ? print_coming(follow, opt, term.out, &err) :
		       print(src, opt, term.out, &watch, &err);
	progress_end(&progress);
	written = term_close(&term);
	/* what is said of it next may end the process */
	if (follow)
		follow_close(follow);
	if (ret == -EPIPE && term.pager)
		return TOOL_COMPLETE;
	if (written && ret != -EINTR) {
		ret = ret < 0 ? ret : written;
		snprintf(err.text, sizeof(err.text), "standard output: %s", strerror(-ret));
	}
	return ret < 0 ? tool_fail(ret, &err) : ret ? TOOL_PARTIAL : TOOL_COMPLETE;
}

static int run_follow(struct options *opt)
{
	struct follow follow = FOLLOW_INIT;
	int status = follow_open(&follow, opt);

	return status ? status : report(NULL, &follow, opt);
}

static int run(const struct command *cmd, struct options *opt)
{
	struct merge_source *src;
	int status;

	if (opt->follow)
		return run_follow(opt);
	status = tool_open_all(cmd, opt, &src);
	if (status)
		return status;
	status = report(src, NULL, opt);
	merge_source_close(src);
	return status;
}

const struct command cmd_report = {
	.name = "report",
	.synopsis = "[-j] [-b NAMES] [-upC] [-c CPUS] [-e PATTERNS] [-f TIME] [-t TIME] [-n N] [-s] [-P] [-O NAME=TIME] [-N] [-D PATH] [-W [-T DIR] | [NAME=]FILE...]",
	.summary = "the events of all CPUs in one order, as text or JSON Lines",
	.examples =
		"  pstore-rb report trace.dat\n"
		"  pstore-rb report -b top -n 20 trace.dat\n"
		"  pstore-rb report -c 2 -e 'sched:*' --from 120 --to 121 trace.dat >sched.txt\n"
		"  pstore-rb report host=a.dat guest=b.dat --offset guest=+12.5\n"
		"  pstore-rb report --follow -e 'sched:*'	# the running kernel's, as root\n"
		"  pstore-rb report --json -e sched:sched_switch trace.dat |\n"
		"    jq -r 'select(.type==\"event\").fields.next_comm' | sort | uniq -c\n",
	.spec = { .letters = "bceftnupCjsPWTONSDh", .min = 1, .max = 1000, .long_names = true,
		  .help = "pstore-rb report --help" },
	.run = run,
};
