// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Options into a selection: see options.h. Names of buffers and times wait until
 * there is a source, as only that knows them.
 */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "options_field.h"

#define MAX_CPU		65535
#define MAX_OPTIONS	40
#define MAX_KB		(1ul << 40)

static int fail(struct merge_error *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static int fail(struct merge_error *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return err->code = -EINVAL;
}

/* Grow @array by one element of @size; NULL when out of memory, @array stays. */
static void *grow(void *array, size_t nr, size_t size)
{
	return realloc(array, (nr + 1) * size);
}

static int compare_uint(const void *a, const void *b)
{
	unsigned int x = *(const unsigned int *)a, y = *(const unsigned int *)b;

	return x < y ? -1 : x > y;
}

/* Sort @array and drop duplicates; returns how many are left. */
static size_t sort_unique(unsigned int *array, size_t nr)
{
	size_t out = 0;

	if (nr)
		qsort(array, nr, sizeof(*array), compare_uint);
	for (size_t i = 0; i < nr; i++)
		if (!out || array[out - 1] != array[i])
			array[out++] = array[i];
	return out;
}

/* ---- Values -------------------------------------------------------------- */

/* Append the pieces of @list between commas to @strings */
static int split(char *list, const char ***strings, size_t *nr, struct merge_error *err)
{
	char *save;

	for (char *p = strtok_r(list, ",", &save); p; p = strtok_r(NULL, ",", &save)) {
		const char **grown = grow(*strings, *nr, sizeof(*grown));

		if (!grown)
			return fail(err, "out of memory");
		*strings = grown;
		grown[(*nr)++] = p;
	}
	return 0;
}

static int set_buffers(struct options *opt, char *value, struct merge_error *err)
{
	size_t before = opt->nr_names;
	int ret = split(value, &opt->names, &opt->nr_names, err);

	if (ret || opt->nr_names > before)
		return ret;
	return fail(err, "-b wants a buffer's name");
}

static int add_cpu(struct options *opt, unsigned long cpu, struct merge_error *err)
{
	unsigned int *grown = grow(opt->cpus, opt->sel.nr_cpus, sizeof(*grown));

	if (!grown)
		return fail(err, "out of memory");
	opt->sel.cpus = opt->cpus = grown;
	grown[opt->sel.nr_cpus++] = cpu;
	return 0;
}

/* "0-3,7" */
static int set_cpus(struct options *opt, char *list, struct merge_error *err)
{
	char *end = list;
	int ret = 0;

	do {
		const char *start = list == end ? end : end + 1;
		unsigned long first = strtoul(start, &end, 10), last = first;

		if (end != start && *end == '-') {
			start = end + 1;
			last = strtoul(start, &end, 10);
		}
		if (end == start || last < first || last > MAX_CPU || (*end && *end != ','))
			return fail(err, "-c wants CPU numbers such as 0-3,7, not \"%s\"", list);
		for (; first <= last && !ret; first++)
			ret = add_cpu(opt, first, err);
	} while (!ret && *end);
	opt->sel.nr_cpus = sort_unique(opt->cpus, opt->sel.nr_cpus);
	return ret;
}

static int set_events(struct options *opt, char *value, struct merge_error *err)
{
	size_t before = opt->sel.nr_events;
	int ret = split(value, &opt->events, &opt->sel.nr_events, err);

	opt->sel.events = opt->events;
	if (ret || opt->sel.nr_events > before)
		return ret;
	return fail(err, "-e wants a system:event pattern");
}

static int set_last(struct options *opt, char *value, struct merge_error *err)
{
	char *end;

	errno = 0;
	opt->sel.last = strtoull(value, &end, 10);
	if (errno || *end || end == value || *value == '-' || !opt->sel.last)
		return fail(err, "-n wants a number of events, not \"%s\"", value);
	return 0;
}

static int set_version_6(struct options *opt, char *value, struct merge_error *err)
{
	(void)value;
	(void)err;
	opt->version = 6;
	return 0;
}

/* @words ends with NULL */
static int set_word(const char **to, const char *value, const char *const *words,
		    const char *option, struct merge_error *err)
{
	size_t i = 0;

	while (words[i] && strcmp(words[i], value))
		i++;
	if (!words[i])
		return fail(err, "%s knows no \"%s\"", option, value);
	*to = words[i];
	return 0;
}

static int set_format(struct options *opt, char *value, struct merge_error *err)
{
	static const char *const words[] = { "trace.dat", "text", "json", NULL };

	return set_word(&opt->format, value, words, "--format", err);
}

static int set_compress(struct options *opt, char *value, struct merge_error *err)
{
	static const char *const words[] = { "none", "zlib", "zstd", NULL };

	return set_word(&opt->compress, value, words, "--compress", err);
}

static int set_file_version(struct options *opt, char *value, struct merge_error *err)
{
	static const char *const words[] = { "6", "7", NULL };
	const char *word = "7";
	int ret = set_word(&word, value, words, "--file-version", err);

	if (!ret)
		opt->version = (unsigned int)(*word - '0');
	return ret;
}

static int set_output(struct options *opt, char *value, struct merge_error *err)
{
	opt->output = value;
	return *value ? 0 : fail(err, "-o wants a file's name");
}

static int set_offset(struct options *opt, char *value, struct merge_error *err)
{
	const char **grown = grow(opt->offsets, opt->nr_offsets, sizeof(*grown));

	if (!grown)
		return fail(err, "out of memory");
	opt->offsets = grown;
	grown[opt->nr_offsets++] = value;
	return 0;
}

static int set_kb(unsigned long *kb, const char *value, const char *option,
		  struct merge_error *err)
{
	char *end;

	errno = 0;
	*kb = strtoul(value, &end, 10);
	if (errno || *end || end == value || *value == '-' || !*kb || *kb > MAX_KB)
		return fail(err, "%s wants a number of KiB, not \"%s\"", option, value);
	return 0;
}

static int set_buffer_kb(struct options *opt, char *value, struct merge_error *err)
{
	return set_kb(&opt->buffer_kb, value, "-b", err);
}

static int set_max_kb(struct options *opt, char *value, struct merge_error *err)
{
	return set_kb(&opt->max_kb, value, "--max-kb", err);
}

static int set_instance(struct options *opt, char *value, struct merge_error *err)
{
	opt->instance = value;
	return *value && *value != '.' && !strchr(value, '/') ? 0 :
	       fail(err, "-B wants an instance's name, not \"%s\"", value);
}

static int set_way(struct options *opt, char *value, struct merge_error *err)
{
	static const char *const words[] = { "batch", "mmap", "read", NULL };

	return set_word(&opt->way, value, words, "--way", err);
}

static int set_end(struct options *opt, char *value, struct merge_error *err)
{
	static const char *const words[] = { "reset", "panic", NULL };

	return set_word(&opt->way, value, words, "--end", err);
}

#define FLAG(member)	.flag = offsetof(struct options, member)
#define TEXT(member)	.text = offsetof(struct options, member)

const struct option_row option_rows[] = {
	{ 'b', "buffer", "NAMES", "only these buffers, joined by commas", .set = set_buffers },
	{ 'c', "cpu", "CPUS", "only these CPUs, such as 0-3,7", .set = set_cpus },
	{ 'e', "event", "PATTERNS", "only events such as sched:*,irq:*", .set = set_events },
	{ 'f', "from", "TIME", "first time stamp, as shown", TEXT(from) },
	{ 't', "to", "TIME", "last time stamp", TEXT(to) },
	{ 'n', "last", "N", "only the last N of the events selected", .set = set_last },
	{ 'u', "uncommitted", NULL, "events that were being written when the kernel stopped",
	  FLAG(uncommitted) },
	{ 'p', "previous-boot", NULL, "what an earlier boot left in persistent buffers",
	  FLAG(previous_boot) },
	{ 'C', "consumed", NULL, "what a reader had already taken out of a persistent buffer",
	  FLAG(consumed) },
	{ 'j', "json", NULL, "JSON, for other programs", FLAG(json) },
	{ 'y', "user-symbols", NULL, "user stacks by the files that were mapped", FLAG(user_symbols) },
	{ 's', "stat", NULL, "then a table: by CPU what was decoded, counted, damaged", FLAG(stat) },
	{ 'P', "no-pager", NULL, "no pager, also on a terminal", FLAG(no_pager) },
	{ 'W', "follow", NULL, "the running kernel's events, as they come, until Ctrl-C", FLAG(follow) },
	{ 'o', "output", "FILE", "the file to write; - for standard output", .set = set_output },
	{ 'F', "format", "KIND", "trace.dat (as without it), text or json", .set = set_format },
	{ 'V', "file-version", "N", "of the trace.dat: 7 (as without it), or 6 for old readers",
	  .set = set_file_version },
	{ 'z', "compress", "HOW", "the trace.dat: zstd, zlib or none (as without it)",
	  .set = set_compress },
	{ 'O', "offset", "NAME=TIME", "of several inputs: add TIME to the times of that one",
	  .set = set_offset },
	{ 'N', "no-symbols", NULL, "of several inputs: addresses stay numbers", FLAG(no_symbols) },
	{ 'S', "source", "KIND", "what FILE is, trace.dat, pages, pstore, region, ramoops or bootring, whatever it looks like",
	  TEXT(source) },
	{ 'D', "described-by", "PATH", "a trace.dat or captured metadata that describes FILE, which does not itself",
	  TEXT(described_by) },
	{ 'T', "tracefs", "DIR", "where the tracefs is, or a copy of one", TEXT(tracefs) },
	{ 'E', "erase", NULL, "erase what was copied and compared", FLAG(erase) },
	{ 'a', "bundle", "FILE", "then make one file to send of the newest harvest, a .tar.zst",
	  TEXT(bundle) },
	{ 'x', "redact", NULL, "in the bundle: text only, without names of tasks, hosts, files, and pointers",
	  FLAG(redact) },
	{ 'k', "keep", "N", "remove all but the newest N crashes and N ordered stops", .set = options_set_keep },
	{ 'H', "history", "TIME", "how far back the trace is to go, such as 10s or 2m",
	  .set = options_set_history },
	{ 'm', "cpus", "N", "how many CPUs there may be", .set = options_set_nr_cpus },
	{ 'w', "rate", "N", "events a second on the busiest CPU", .set = options_set_rate },
	{ 'g', "generations", "N", "keep the last trace (1), or that before it, too (2)",
	  .set = options_set_generations },
	{ 'A', "at", "ADDRESS", "where in memory, such as 0x20000000", .set = options_set_at },
	{ 'r', "root", "DIR", "where the machine's / is, or a copy of parts of it", TEXT(root) },
	{ 'h', "help", NULL, "this", FLAG(help) },
	{ 'R', NULL, NULL, NULL, FLAG(region) },
	{ 'B', NULL, NULL, NULL, FLAG(earlier_region) },
	{ 'Z', NULL, NULL, NULL, FLAG(zones) },
	{ '6', NULL, NULL, NULL, .set = set_version_6 },
	{ 0 },
};

const struct option_row option_rows_record[] = {
	{ 'e', "event", "EVENTS", "record these, such as sched:*,irq; all for all", .set = set_events },
	{ 'p', "tracer", "TRACER", "with this tracer, such as function", TEXT(tracer) },
	{ 'o', "output", "FILE", "the file to write, without it trace.dat", .set = set_output },
	{ 'b', "buffer-size", "KB", "size of each CPU's ring", .set = set_buffer_kb },
	{ 'B', "instance", "NAME", "record in this instance, made if need be", .set = set_instance },
	{ 'm', "max-kb", "N", "keep only the last N KiB of each CPU", .set = set_max_kb },
	{ 'w', "way", "HOW", "read rings by batch, mmap or read, not the best there is", .set = set_way },
	{ 'v', "verbose", NULL, "say how each CPU's ring is read", FLAG(verbose) },
	{ 'T', "tracefs", "DIR", "where the tracefs is", TEXT(tracefs) },
	{ 'h', "help", NULL, "this", FLAG(help) },
	{ 0 },
};

const struct option_row option_rows_selftest[] = {
	{ 'y', "yes", NULL, "do not ask before the machine is reset", FLAG(yes) },
	{ 'e', "end", "HOW", "by reset (as without it), or panic", .set = set_end },
	{ 'v', "verify", NULL, "in the next boot: whether the marks came through", FLAG(verify) },
	{ 'j', "json", NULL, "JSON, for other programs", FLAG(json) },
	{ 'r', "root", "DIR", "where the machine's / is, or a copy of parts of it", TEXT(root) },
	{ 'h', "help", NULL, "this", FLAG(help) },
	{ 0 },
};

/* ---- Against a source ---------------------------------------------------- */

static int add_buffer(struct options *opt, const struct merge_buffer *buf,
		      struct merge_error *err)
{
	unsigned int *grown = grow(opt->buffers, opt->sel.nr_buffers, sizeof(*grown));

	if (!grown)
		return fail(err, "out of memory");
	opt->sel.buffers = opt->buffers = grown;
	grown[opt->sel.nr_buffers++] = buf->index;
	return 0;
}

static int add_named(struct options *opt, struct merge_source *src, const char *name,
		     const char *lister, struct merge_error *err)
{
	const struct merge_buffer *buf;

	for (unsigned int i = 0; (buf = merge_source_buffer(src, i)); i++)
		if (!strcmp(buf->name, name))
			break;
	if (!buf)
		return fail(err, "there is no buffer \"%s\": %s lists them", name, lister);
	return add_buffer(opt, buf, err);
}

/* With -b or without, in the order of their indices; a list of none selects none. */
static int select_buffers(struct options *opt, struct merge_source *src, const char *lister,
			  struct merge_error *err)
{
	static const unsigned int none;
	const struct merge_buffer *buf;
	int ret = 0;

	for (size_t i = 0; !ret && i < opt->nr_names; i++)
		ret = add_named(opt, src, opt->names[i], lister, err);
	for (unsigned int i = 0; !ret && (buf = merge_source_buffer(src, i)); i++)
		if ((buf->kind == MERGE_UNCOMMITTED && opt->uncommitted) ||
		    (buf->kind == MERGE_PREVIOUS_BOOT && opt->previous_boot) ||
		    (buf->kind == MERGE_CONSUMED && opt->consumed))
			ret = add_buffer(opt, buf, err);
	opt->sel.nr_buffers = sort_unique(opt->buffers, opt->sel.nr_buffers);
	if (!opt->sel.buffers && (opt->uncommitted || opt->previous_boot || opt->consumed))
		opt->sel.buffers = &none;
	return ret;
}

/* The unit of times: that of the buffers selected, which must agree on it */
static const struct merge_buffer *time_unit(const struct options *opt, struct merge_source *src)
{
	const struct merge_buffer *unit = NULL, *buf;

	for (unsigned int i = 0; (buf = merge_source_buffer(src, i)); i++) {
		bool wanted = opt->sel.buffers ?
			bsearch(&i, opt->sel.buffers, opt->sel.nr_buffers, sizeof(i),
				compare_uint) != NULL : !merge_buffer_is_apart(buf);

		if (!wanted)
			continue;
		if (unit && unit->clock_in_ns != buf->clock_in_ns)
			return NULL;
		unit = buf;
	}
	return unit;
}

static int select_times(struct options *opt, struct merge_source *src, struct merge_error *err)
{
	const struct merge_buffer *unit = time_unit(opt, src);

	if ((!opt->from && !opt->to) || (opt->sel.buffers && !opt->sel.nr_buffers))
		return 0;
	if (!unit)
		return fail(err, "these buffers' clocks count in different units: choose some with -b");
	if (opt->from && merge_time_parse(unit, opt->from, &opt->sel.from))
		return fail(err, "-f wants a time such as %s, not \"%s\"",
			    unit->clock_in_ns ? "12.345678" : "123456", opt->from);
	if (opt->to && merge_time_parse(unit, opt->to, &opt->sel.to))
		return fail(err, "-t wants a time such as %s, not \"%s\"",
			    unit->clock_in_ns ? "12.345678" : "123456", opt->to);
	if (opt->to && opt->sel.to < opt->sel.from)
		return fail(err, "-t %s lies before -f %s", opt->to, opt->from);
	return 0;
}

int options_select(struct options *opt, struct merge_source *src, const char *lister,
		   struct merge_error *err)
{
	int ret = select_buffers(opt, src, lister, err);

	return ret ? ret : select_times(opt, src, err);
}

bool options_select_nothing(const struct options *opt)
{
	return opt->sel.buffers && !opt->sel.nr_buffers;
}

bool options_filter(const struct merge_select *sel)
{
	return sel->events || sel->from || sel->to || sel->last;
}

/* ---- The command line ---------------------------------------------------- */

/* What getopt_long() wants, of the rows whose letters are in @spec */
struct getopt_tables {
	char letters[2 * MAX_OPTIONS + 2];
	struct option names[MAX_OPTIONS + 1];
};

static void make_tables(struct getopt_tables *t, const struct options_spec *spec)
{
	size_t len = 0, nr = 0;

	memset(t, 0, sizeof(*t));
	/* what follows the first operand is the command's */
	if (spec->command)
		t->letters[len++] = '+';
	for (const struct option_row *row = options_rows(spec); row->letter && nr < MAX_OPTIONS; row++) {
		if (!strchr(spec->letters, row->letter))
			continue;
		t->letters[len++] = row->letter;
		if (row->arg)
			t->letters[len++] = ':';
		if (row->name && spec->long_names)
			t->names[nr++] = (struct option){
				.name = row->name, .val = row->letter,
				.has_arg = row->arg ? required_argument : no_argument,
			};
	}
}

const struct option_row *options_rows(const struct options_spec *spec)
{
	return spec->rows ? spec->rows : option_rows;
}

static const struct option_row *find_row(const struct options_spec *spec, int letter)
{
	const struct option_row *row = options_rows(spec);

	while (row->letter && row->letter != letter)
		row++;
	return row->letter ? row : NULL;
}

static int take(struct options *opt, const struct option_row *row, char *value,
		struct merge_error *err)
{
	if (row->flag)
		*(bool *)((char *)opt + row->flag) = true;
	if (row->text)
		*(const char **)((char *)opt + row->text) = value;
	return row->set ? row->set(opt, value, err) : 0;
}

static int parse_options(struct options *opt, const struct options_spec *spec, int argc,
			 char **argv, struct merge_error *err)
{
	struct getopt_tables tables;
	int c, ret = 0;

	make_tables(&tables, spec);
	/* 0, not 1: glibc then also forgets where in the last command's words it was */
	optind = 0;
	while (!ret && (c = getopt_long(argc, argv, tables.letters, tables.names, NULL)) != -1) {
		const struct option_row *row = find_row(spec, c);

		ret = row ? take(opt, row, optarg, err) : fail(err, "see %s", spec->help);
	}
	return ret;
}

int options_parse(struct options *opt, const struct options_spec *spec, int argc,
		  char **argv, struct merge_error *err)
{
	int ret;

	*opt = (struct options){ .version = 7, .root = "" };
	ret = parse_options(opt, spec, argc, argv, err);
	if (ret)
		return ret;
	opt->operands = argv + optind;
	opt->nr_operands = argc - optind;
	if (opt->help)
		return 0;
	if (opt->nr_operands > spec->max)
		return fail(err, "\"%s\" is one argument too many", opt->operands[spec->max]);
	if (opt->nr_operands < spec->min && !opt->follow)
		return fail(err, "a file name is wanted: see %s", spec->help);
	return 0;
}

void options_free(struct options *opt)
{
	free(opt->buffers);
	free(opt->cpus);
	free(opt->events);
	free(opt->names);
	free(opt->offsets);
	memset(opt, 0, sizeof(*opt));
}
