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
#include "error.h"
#include "list.h"
#include "notes.h"
#include "options.h"
#include "texts.h"

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

static bool in_region(void)
{
	return session.opt.region || session.opt.earlier_region;
}

/* What the options name: the kernel's buffers, or with -R, -B or -Z others in their place */
static int session_open(struct merge_error *err)
{
	struct merge_mem mem;

	crash_mem_init(&session.cm, &mem);
	if (session.opt.zones)
		return merge_source_open_vmcore_ramoops(&mem, err, &session.src);
	return in_region() ?
		merge_source_open_vmcore_region(&mem, session.opt.earlier_region, err,
						&session.src) :
		merge_source_open_vmcore(&mem, err, &session.src);
}

/* What lists the names there are */
static const char *lister(void)
{
	return session.opt.zones ? "pstore_rb -Z" : session.opt.earlier_region ? "pstore_rb -B" :
	       session.opt.region ? "pstore_rb -R" : "pstore_rb alone";
}

/* Whose recording a region is, and where there is one */
static void print_remarks(void)
{
	const char *remark;

	for (unsigned int i = 0; (remark = merge_source_remark(session.src, i)); i++)
		fprintf(fp, "# %s%s\n", remark,
			in_region() || session.opt.zones ? "" : ": see -R and -B");
}

static void print_notices(void)
{
	const struct merge_notice *notice;

	for (unsigned int i = 0; session.src && (notice = merge_source_notice(session.src, i)); i++)
		__error(CRASH_WARNING, "%s\n", notice->text);
}

static bool is_subcommand_named(void)
{
	return argcnt > 1 && *args[1] != '-';
}

/* crash's args[]: the command, or a subcommand's name in its place for getopt */
static int parse(const char *letters, int operands, struct merge_error *err)
{
	const struct options_spec spec = {
		.letters = letters, .min = operands, .max = operands,
		.help = "\"help pstore_rb\"",
	};
	int skip = is_subcommand_named();

	return options_parse(&session.opt, &spec, argcnt - skip, args + skip, err);
}

/* The options, and the source with what they select */
static int prepare(const char *letters, int operands, struct merge_error *err)
{
	int ret = parse(letters, operands, err);

	if (!ret)
		ret = session_open(err);
	if (ret)
		return ret;
	return options_select(&session.opt, session.src, lister(), err);
}

/* -u or -p, and there is no such buffer */
static bool nothing_apart(void)
{
	if (!options_select_nothing(&session.opt))
		return false;
	notes_nothing(fp, &session.opt);
	return true;
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
	if (ret < 0 && ret != -EINTR)
		__error(CRASH_INFO, "%s\n", err->text);
	notes_outcome(fp, ret, stats);
}

static int do_list(struct merge_error *err)
{
	int ret = prepare("RBZ", 0, err);

	if (!ret)
		ret = list_buffers(session.src, false, fp, err);
	if (!ret)
		print_remarks();
	print_notices();
	return ret;
}

static int do_stat(struct merge_error *err)
{
	struct merge_watch watch = { .damage = print_damage, .arg = &session };
	struct merge_stats stats = { 0 };
	int ret = prepare("bcupCRBZ", 0, err);

	if (ret || nothing_apart())
		return ret;
	ret = list_stat(session.src, &session.opt.sel, &watch, fp, err, &stats);
	notes_apart(fp, session.src, &session.opt, "");
	print_notices();
	print_outcome(ret, &stats, err);
	return 0;
}

/* JSON Lines have notices, interruption and end in them: nothing else comes between */
static int show_json(struct merge_error *err)
{
	int ret = merge_sink_json_create(fp, err, &session.sink);

	if (ret)
		return ret;
	ret = merge_pump_events(session.src, &session.opt.sel, session.sink, NULL, err, NULL);
	if (ret >= 0 || ret == -EINTR)
		return 0;
	fflush(stdout);
	fprintf(stderr, "pstore_rb: %s\n", err->text);
	return 0;
}

static int show_text(struct merge_error *err)
{
	struct merge_stats stats = { 0 };
	int ret = merge_sink_text_create(fp, err, &session.sink);

	if (ret)
		return ret;
	/* the text sink shows damage in its place */
	ret = merge_pump_events(session.src, &session.opt.sel, session.sink, NULL, err, &stats);
	notes_apart(fp, session.src, &session.opt, "# ");
	notes_missing(fp, session.src);
	print_outcome(ret, &stats, err);
	return 0;
}

static int do_show(struct merge_error *err)
{
	int ret = prepare("bceftnjupyCRBZ", 0, err);

	if (ret)
		return ret;
	merge_desc_user_symbols(merge_source_desc(session.src), session.opt.user_symbols);
	if (session.opt.json)
		return show_json(err);
	return nothing_apart() ? 0 : show_text(err);
}

static void print_dumped(const struct options *opt, const struct merge_stats *stats)
{
	fprintf(fp, "%s: %llu events", opt->operands[0], (unsigned long long)stats->events);
	if (!options_filter(&opt->sel))
		fprintf(fp, ", %llu sub-buffers", (unsigned long long)stats->subbufs);
	fprintf(fp, "; read it with: trace-cmd report %s\n", opt->operands[0]);
}

static int do_dump(struct merge_error *err)
{
	struct merge_watch watch = {
		.damage = print_damage,
		.progress = isatty(STDERR_FILENO) ? print_progress : NULL,
		.arg = &session,
	};
	struct merge_stats stats = { 0 };
	const struct options *opt = &session.opt;
	int ret = prepare("bceftnupC6RBZ", 1, err);

	if (ret || nothing_apart())
		return ret;
	ret = merge_sink_tracedat_create(opt->operands[0], opt->version, err, &session.sink);
	if (ret)
		return ret;
	/* as trace-cmd extract marks them */
	session.opt.sel.overruns = true;
	ret = options_filter(&opt->sel) ?
		merge_pump_events(session.src, &opt->sel, session.sink, &watch, err, &stats) :
		merge_pump_pages(session.src, &opt->sel, session.sink, &watch, err, &stats);
	end_progress();
	notes_apart(fp, session.src, &session.opt, "");
	print_notices();
	print_outcome(ret, &stats, err);
	if (ret >= 0)
		print_dumped(opt, &stats);
	return 0;
}

/* merge_format_fn */
static int print_format(void *arg, const struct merge_format *format)
{
	(void)arg;
	fprintf(fp, "# events/%s/%s/format\n%s", format->system, format->name, format->text);
	return 0;
}

static int do_formats(struct merge_error *err)
{
	struct options *opt = &session.opt;
	int ret = prepare("eRBZ", 0, err);

	if (!ret)
		ret = merge_desc_formats(merge_source_desc(session.src), opt->sel.events,
					 opt->sel.nr_events, print_format, NULL, err);
	if (session.src)
		notes_missing(fp, session.src);
	return ret < 0 ? ret : 0;
}

/* Only zones of ramoops have any */
static int do_text(struct merge_error *err)
{
	const char *unknown;
	int ret = parse("bZ", 0, err);

	session.opt.zones = true;
	if (!ret)
		ret = session_open(err);
	if (ret)
		return ret;
	unknown = texts_unknown(session.src, &session.opt);
	if (unknown)
		return error_set(err, -EINVAL, "there is no text \"%s\": pstore_rb -Z lists them", unknown);
	print_notices();
	if (!merge_source_text(session.src, 0))
		fprintf(fp, "# nothing is written in a zone for text\n");
	texts_print(session.src, &session.opt, fp);
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
	{ "formats", do_formats },
	{ "text", do_text },
};

static const struct subcommand *find_subcommand(void)
{
	if (!is_subcommand_named())
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
	session_close();
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
	"[list] [-RBZ]\n"
	"  pstore_rb show [-RBZjy] [-b buffers] [-upC] [-c cpus] [-e events] [-f from]\n"
	"                 [-t to] [-n last]\n"
	"  pstore_rb dump [-RBZ6] [-b buffers] [-uC] [-c cpus] [-e events] [-f from]\n"
	"                 [-t to] [-n last] FILE\n"
	"  pstore_rb stat [-RBZ] [-b buffers] [-upC] [-c cpus]\n"
	"  pstore_rb formats [-RBZ] [-e events]\n"
	"  pstore_rb text [-b texts]",
	"  Finds the kernel's trace buffers: the top-level one, those of all instances,",
	"  their snapshots, and persistent ones. Nothing is read from the running system.",
	" ",
	"  list   every buffer with its kind (live, snapshot, persistent, uncommitted,",
	"         previous-boot), CPUs, size of a sub-buffer in KiB, events present, events",
	"         overwritten (OVERRUN), events lost otherwise (LOST), first and last time",
	"         stamp, and trace clock.",
	"         This is what pstore_rb does without a subcommand. Behind the table: whether",
	"         there is a persistent region, for -R and -B, and with these whose it is;",
	"         with -Z the texts there are.",
	"  show   the events of all CPUs in one order, as lines of text. Buffers with",
	"         different clocks follow one another, each with a header.",
	"  dump   a trace.dat file for trace-cmd and KernelShark, with every buffer; with",
	"         -e, -f, -t or -n the events that show would print.",
	"  stat   per CPU: what was decoded, beside what the kernel itself counted, and",
	"         what is damaged or missing.",
	"  formats",
	"         the format files of all events the kernel had, byte for byte, each behind",
	"         a line with its name below /sys/kernel/tracing.",
	"  text   the texts in mainline's zones of ramoops: dumps of the kernel's log (dmesg-0),",
	"         its console and messages of user space (pmsg), as far as there are such.",
	" ",
	"    -6          (dump) version 6 of the format, for trace-cmd before 3.0",
	"    -b buffers  names as listed, joined by commas; \"top\" is the top-level buffer",
	"    -u          events that were being written when the kernel stopped, as far as",
	"                they can be read: the buffers NAME/uncommitted, if there are any",
	"    -p          what an earlier boot left in persistent buffers (not for dump: a",
	"                trace.dat has room for the names and symbols of one boot)",
	"    -R          in place of the kernel's buffers the memory that the tracer pstore",
	"                records to, as pstore-rb reads it from /sys/fs/pstore after a reset:",
	"                only what tells where that is must be whole. The instance that the",
	"                tracer runs in has the same events without -R",
	"    -B          as -R, but what the boot before had left there: the copy that the kernel",
	"                made when it started, if trace-ramoops-0 was not removed since",
	"    -Z          in place of the kernel's buffers the zones of ramoops, without \"mod -s\"",
	"                when it is a module: the functions that record_ftrace recorded, which",
	"                have a number that counts up in place of a time. -p is for earlier boots",
	"    -C          what readers had taken out of it already (with -R or -B)",
	"    -c cpus     numbers and ranges, such as 0-3,7",
	"    -e events   system:event patterns, joined by commas, such as sched:*,irq:*",
	"    -f from     first time stamp, in seconds as shown (or the clock's units)",
	"    -t to       last time stamp",
	"    -n last     only the last so many of the events selected",
	"    -j          JSON Lines: an object a line, with the events' fields and their text;",
	"                a header, damage, what is missing, and the end are objects too",
	"    -y          user stacks by the files that were mapped, /path[+0xoffset], of processes",
	"                that were there when the kernel stopped; without it they are addresses",
	" ",
	"  What -u, -p and -C give is left out otherwise, and never mixed with the rest.",
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
	"  The tasks that were switched to most, with jq:\n",
	"    crash> pstore_rb show -j -e sched:sched_switch > switches.json",
	"    $ jq -r 'select(.type==\"event\").fields.next_comm' switches.json | sort | uniq -c | sort -n",
	" ",
	"  What the tracer pstore recorded, though the kernel's buffers are broken; and what it",
	"  had recorded when the machine crashed before:\n",
	"    crash> pstore_rb show -R -n 20",
	"    crash> pstore_rb show -B -n 20",
	" ",
	"  What the kernel's console said last, and all that ramoops keeps:\n",
	"    crash> pstore_rb text -b console | tail",
	"    crash> pstore_rb -Z",
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
