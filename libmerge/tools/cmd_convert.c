// SPDX-License-Identifier: LGPL-2.1-or-later
/* pstore-rb convert: events into a file of another kind. */
#include <errno.h>
#include <string.h>

#include "notes.h"
#include "outfile.h"
#include "term.h"
#include "tool.h"

/*
 * struct run - one run
 * @stats: what it saw
 * @damaged: sub-buffers told of
 */
struct run {
	struct merge_source *src;
	const struct options *opt;
	struct progress progress;
	struct merge_error err;
	struct merge_stats stats;
	unsigned int damaged;
};

static void show_damage(void *arg, const struct merge_damage *damage)
{
	struct run *run = arg;

	progress_end(&run->progress);
	tool_damage(&run->damaged, damage);
}

static void show_progress(void *arg, const struct merge_stats *stats, uint64_t total)
{
	progress_show(&((struct run *)arg)->progress, stats, total);
}

static int pump(struct run *run, struct merge_sink *sink, bool pages)
{
	struct merge_watch watch = {
		.damage = show_damage, .progress = show_progress, .arg = run,
	};
	struct merge_select sel = run->opt->sel;
	int ret;

	/* as trace-cmd extract marks them */
	sel.overruns = !strcmp(run->opt->format, "trace.dat");
	ret = pages ? merge_pump_pages(run->src, &sel, sink, &watch, &run->err, &run->stats) :
		      merge_pump_events(run->src, &sel, sink, &watch, &run->err, &run->stats);
	progress_end(&run->progress);
	return ret;
}

static int to_tracedat(struct run *run)
{
	const struct options *opt = run->opt;
	struct merge_sink *sink;
	int ret = merge_sink_tracedat_create(opt->output, opt->version, &run->err, &sink);

	if (ret)
		return ret;
	if (opt->compress)
		ret = merge_sink_tracedat_compress(sink, opt->compress, &run->err);
	if (!ret)
		ret = pump(run, sink, !options_filter(&opt->sel));
	merge_sink_destroy(sink);
	return ret;
}

static int write_lines(struct run *run, FILE *out)
{
	bool json = !strcmp(run->opt->format, "json");
	struct merge_sink *sink;
	int ret = json ? merge_sink_json_create(out, &run->err, &sink) :
			 merge_sink_text_create(out, &run->err, &sink);

	if (ret)
		return ret;
	ret = pump(run, sink, false);
	merge_sink_destroy(sink);
	if (json || ret < 0)
		return ret;
	notes_apart(out, run->src, run->opt, "# ");
	notes_missing(out, run->src);
	notes_outcome(out, ret, &run->stats);
	return ret;
}

static int to_lines(struct run *run)
{
	struct merge_error *err = &run->err;
	struct outfile file;
	char why[sizeof(err->text)];
	int ret = outfile_open(&file, run->opt->output, err), done;

	if (ret)
		return ret;
	ret = write_lines(run, file.out);
	if (ret < 0) {
		memcpy(why, err->text, sizeof(why));
		snprintf(err->text, sizeof(err->text), "%s: %.400s", file.path, why);
	} else {
		done = outfile_finish(&file, err);
		ret = done ? done : ret;
	}
	outfile_close(&file);
	return ret;
}

static int convert(struct run *run)
{
	const struct options *opt = run->opt;
	bool lines = strcmp(opt->format, "trace.dat");
	int ret;

	progress_init(&run->progress, !strcmp(opt->output, "-"));
	ret = lines ? to_lines(run) : to_tracedat(run);
	tool_missing(run->src, opt);
	if (ret < 0)
		return tool_fail(ret, &run->err);
	if (strcmp(opt->output, "-"))
		printf("%s: %llu events\n", opt->output, (unsigned long long)run->stats.events);
	fflush(stdout);
	if (ret)
		notes_partial(stderr, "pstore-rb: ", &run->stats);
	return ret ? TOOL_PARTIAL : TOOL_COMPLETE;
}

static const char *wrong_options(const struct options *opt)
{
	bool lines = strcmp(opt->format, "trace.dat");

	return !opt->output ? "-o FILE is wanted: the file to write" :
	       lines && (opt->compress || opt->version != 7) ?
	       "--compress and --file-version are for a trace.dat" :
	       !lines && !strcmp(opt->output, "-") ?
	       "a trace.dat is not written in one go: it needs a file, not standard output" :
	       opt->version == 6 && opt->compress && strcmp(opt->compress, "none") ?
	       "version 6 of trace.dat knows no compression" : NULL;
}

int tool_convert(const struct command *cmd, struct options *opt)
{
	struct run run = { .opt = opt };
	const char *wrong;
	int status;

	opt->format = opt->format ? opt->format : "trace.dat";
	wrong = wrong_options(opt);
	if (wrong) {
		tool_complain("%s: see %s", wrong, cmd->spec.help);
		return TOOL_USAGE;
	}
	status = tool_open_all(cmd, opt, &run.src);
	if (status)
		return status;
	status = convert(&run);
	merge_source_close(run.src);
	return status;
}

const struct command cmd_convert = {
	.name = "convert",
	.synopsis = "-o OUT [-F KIND] [-V N] [-z HOW] [-b NAMES] [-uC] [-c CPUS] [-e PATTERNS] [-f TIME] [-t TIME] [-n N] [-O NAME=TIME] [-N] [-D PATH] [NAME=]FILE...",
	.summary = "write a trace.dat of another version or compression, text, or JSON Lines",
	.examples =
		"  pstore-rb convert trace.dat -o small.dat --compress zstd\n"
		"  pstore-rb convert trace.dat -o old.dat --file-version 6\n"
		"  pstore-rb convert trace.dat -o sched.dat -e 'sched:*' -c 0-3\n"
		"  pstore-rb convert trace.dat -o trace.txt --format text\n"
		"  pstore-rb convert trace.dat -o - --format json | jq .type\n",
	.spec = { .letters = "oFVzbceftnupCONSDh", .min = 1, .max = 1000, .long_names = true,
		  .help = "pstore-rb convert --help" },
	.run = tool_convert,
};
