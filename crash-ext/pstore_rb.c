// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pstore_rb.so: the command "pstore_rb" of the crash utility. Lists a crashed
 * kernel's trace buffers, shows their events in one order, writes trace.dat.
 *
 * Everything is looked up when a command runs, so that loading never fails and
 * a later "mod -s" is taken into account. crash leaves a command by longjmp()
 * when a pager is quit: what such a command held is freed when the next one
 * starts.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crash_api.h"
#include "crash_mem.h"
#include "list.h"
#include "options.h"

#define MAX_DAMAGE_LINES	10

/* crash calls commands without an argument: this is what a command holds */
static struct session {
	struct crash_mem cm;
	struct merge_source *src;
	struct merge_sink *sink;
	struct options opt;
	unsigned int damage_lines;
	bool progress_shown;
} session;

static void session_close(void)
{
	options_free(&session.opt);
	merge_sink_destroy(session.sink);
	merge_source_close(session.src);
	crash_mem_deinit(&session.cm);
	memset(&session, 0, sizeof(session));
}

static int session_open(struct merge_error *err)
{
	struct merge_mem mem;

	session_close();
	crash_mem_init(&session.cm, &mem);
	return merge_source_open_vmcore(&mem, err, &session.src);
}

/* @comment: among events, where a line that is none begins with "#" */
static void print_notices(bool comment)
{
	const struct merge_notice *notice;

	for (unsigned int i = 0; session.src && (notice = merge_source_notice(session.src, i)); i++) {
		if (comment)
			fprintf(fp, "# warning: %s\n", notice->text);
		else
			__error(CRASH_WARNING, "%s\n", notice->text);
	}
}

static void print_damage(void *arg, const struct merge_damage *damage)
{
	struct session *s = arg;

	if (s->damage_lines++ >= MAX_DAMAGE_LINES)
		return;
	__error(CRASH_WARNING, "buffer %s, cpu %u, sub-buffer %zu at 0x%llx, offset %u: %s\n",
		damage->buffer->name, damage->cpu, damage->subbuf,
		(unsigned long long)damage->address, damage->offset, damage->text);
}

static void print_progress(void *arg, const struct merge_stats *stats, uint64_t total)
{
	struct session *s = arg;

	s->progress_shown = true;
	fprintf(stderr, "\r%llu of %llu sub-buffers",
		(unsigned long long)stats->subbufs, (unsigned long long)total);
}

static void end_progress(void)
{
	if (session.progress_shown)
		fprintf(stderr, "\r%40s\r", "");
}

/* The last line of a command: what it saw and whether that is all there was */
static void print_outcome(int ret, const struct merge_stats *stats, const struct merge_error *err)
{
	if (session.damage_lines > MAX_DAMAGE_LINES)
		__error(CRASH_WARNING, "... and %u more damaged sub-buffers\n",
			session.damage_lines - MAX_DAMAGE_LINES);
	if (ret == -EINTR)
		fprintf(fp, "# interrupted after %llu events\n", (unsigned long long)stats->events);
	else if (ret < 0)
		__error(CRASH_INFO, "%s\n", err->text);
	else if (ret > 0)
		fprintf(fp, "# partial: %llu sub-buffers damaged, %llu events known to be lost between others\n",
			(unsigned long long)stats->damaged, (unsigned long long)stats->lost);
}

static int do_list(struct merge_error *err)
{
	int ret = options_parse(&session.opt, session.src, "", 0, err);

	if (!ret)
		ret = list_buffers(session.src, fp, err);
	print_notices(false);
	return ret;
}

static int do_stat(struct merge_error *err)
{
	struct merge_watch watch = { .damage = print_damage, .arg = &session };
	struct merge_stats stats = { 0 };
	int ret = options_parse(&session.opt, session.src, "b:c:", 0, err);

	if (ret)
		return ret;
	ret = list_stat(session.src, &session.opt.sel, &watch, fp, err, &stats);
	print_notices(false);
	print_outcome(ret, &stats, err);
	return 0;
}

static int do_show(struct merge_error *err)
{
	struct merge_stats stats = { 0 };
	int ret = options_parse(&session.opt, session.src, "b:c:e:f:t:n:", 0, err);

	if (!ret)
		ret = merge_sink_text_create(fp, err, &session.sink);
	if (ret)
		return ret;
	/* the text sink shows damage in its place */
	ret = merge_pump_events(session.src, &session.opt.sel, session.sink, NULL, err, &stats);
	print_notices(true);
	print_outcome(ret, &stats, err);
	return 0;
}

static int do_dump(struct merge_error *err)
{
	struct merge_watch watch = {
		.damage = print_damage,
		.progress = isatty(STDERR_FILENO) ? print_progress : NULL,
		.arg = &session,
	};
	struct merge_stats stats = { 0 };
	int ret = options_parse(&session.opt, session.src, "b:c:", 1, err);

	if (!ret)
		ret = merge_sink_tracedat_create(session.opt.file, err, &session.sink);
	if (ret)
		return ret;
	ret = merge_pump_pages(session.src, &session.opt.sel, session.sink, &watch, err, &stats);
	end_progress();
	print_notices(false);
	print_outcome(ret, &stats, err);
	if (ret >= 0)
		fprintf(fp, "%s: %llu events, %llu sub-buffers; read it with: trace-cmd report %s\n",
			session.opt.file, (unsigned long long)stats.events,
			(unsigned long long)stats.subbufs, session.opt.file);
	return 0;
}

static const struct subcommand {
	const char *name;
	int (*run)(struct merge_error *err);
} subcommands[] = {
	{ "list", do_list },
	{ "show", do_show },
	{ "dump", do_dump },
	{ "stat", do_stat },
};

static const struct subcommand *find_subcommand(void)
{
	if (argcnt < 2)
		return &subcommands[0];
	for (size_t i = 0; i < sizeof(subcommands) / sizeof(*subcommands); i++)
		if (!strcmp(args[1], subcommands[i].name))
			return &subcommands[i];
	return NULL;
}

static void cmd_pstore_rb(void)
{
	const struct subcommand *sub = find_subcommand();
	struct merge_error err = { 0 };
	int ret;

	if (!sub)
		cmd_usage(args[0], CRASH_SYNOPSIS);	/* does not return */
	ret = session_open(&err);
	if (!ret)
		ret = sub->run(&err);
	if (ret == -EINTR)
		fprintf(fp, "# interrupted\n");
	else if (ret)
		__error(CRASH_INFO, "%s\n", err.text);
	session_close();
}

/* crash uses every line as a printf format: no percent signs */
static char *help_pstore_rb[] = {
	"pstore_rb",
	"ftrace buffers as one ordered trace",
	"[list]\n"
	"  pstore_rb show [-b buffers] [-c cpus] [-e events] [-f from] [-t to] [-n last]\n"
	"  pstore_rb dump [-b buffers] [-c cpus] FILE\n"
	"  pstore_rb stat [-b buffers] [-c cpus]",
	"  Finds the kernel's trace buffers: the top-level one, those of all instances,",
	"  their snapshots, and persistent ones. Nothing is read from the running system.",
	" ",
	"  list   every buffer with its kind (live, snapshot, persistent), CPUs, size of a",
	"         sub-buffer in KiB, events present, events overwritten (OVERRUN), events",
	"         lost otherwise (LOST), first and last time stamp, and trace clock.",
	"         This is what pstore_rb does without a subcommand.",
	"  show   the events of all CPUs in one order, as lines of text. Buffers with",
	"         different clocks follow one another, each with a header.",
	"  dump   a trace.dat file for trace-cmd and KernelShark, with every buffer.",
	"  stat   per CPU: what was decoded, beside what the kernel itself counted, and",
	"         what is damaged or missing.",
	" ",
	"    -b buffers  names as listed, joined by commas; \"top\" is the top-level buffer",
	"    -c cpus     numbers and ranges, such as 0-3,7",
	"    -e events   system:event patterns, joined by commas, such as sched:*,irq:*",
	"    -f from     first time stamp, in seconds as shown (or the clock's units)",
	"    -t to       last time stamp",
	"    -n last     only the last so many of the events selected",
	" ",
	"  What cannot be read is named, with buffer, CPU, sub-buffer and address; the rest",
	"  is shown. Ctrl-C stops. Lines that begin with # are not events.",
	"\nEXAMPLE",
	"  The last 20 events before the crash, of the top-level buffer:\n",
	"    crash> pstore_rb show -b top -n 20",
	" ",
	"  Scheduling on CPU 2 in one second, into a file:\n",
	"    crash> pstore_rb show -c 2 -e sched:* -f 120 -t 121 > sched.txt",
	" ",
	"  Everything, for KernelShark:\n",
	"    crash> pstore_rb dump trace.dat",
	"    $ kernelshark trace.dat",
	NULL
};

static struct command_table_entry command_table[] = {
	{ "pstore_rb", cmd_pstore_rb, help_pstore_rb, 0 },
	{ NULL, NULL, NULL, 0 }
};

static void __attribute__((constructor)) pstore_rb_load(void)
{
	register_extension(command_table);
}

/* "extend -u": what a command that was left by longjmp() still held */
static void __attribute__((destructor)) pstore_rb_unload(void)
{
	session_close();
	crash_mem_forget();
}
