// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Parsing the options of pstore_rb's subcommands into a selection.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crash_api.h"
#include "options.h"

#define MAX_CPU	65535

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

	qsort(array, nr, sizeof(*array), compare_uint);
	for (size_t i = 0; i < nr; i++)
		if (!out || array[out - 1] != array[i])
			array[out++] = array[i];
	return out;
}

static int add_buffer(struct options *opt, struct merge_source *src, const char *name,
		      struct merge_error *err)
{
	const struct merge_buffer *buf;
	unsigned int *grown;

	for (unsigned int i = 0; (buf = merge_source_buffer(src, i)); i++)
		if (!strcmp(buf->name, name))
			break;
	if (!buf)
		return fail(err, "there is no buffer \"%s\": pstore_rb alone lists them", name);
	grown = grow(opt->buffers, opt->sel.nr_buffers, sizeof(*grown));
	if (!grown)
		return fail(err, "out of memory");
	opt->sel.buffers = opt->buffers = grown;
	grown[opt->sel.nr_buffers++] = buf->index;
	return 0;
}

static int parse_buffers(struct options *opt, struct merge_source *src, char *list,
			 struct merge_error *err)
{
	char *save, *name = strtok_r(list, ",", &save);
	int ret = name ? 0 : fail(err, "-b wants a buffer's name");

	for (; name && !ret; name = strtok_r(NULL, ",", &save))
		ret = add_buffer(opt, src, name, err);
	opt->sel.nr_buffers = sort_unique(opt->buffers, opt->sel.nr_buffers);
	return ret;
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
static int parse_cpus(struct options *opt, const char *list, struct merge_error *err)
{
	char *end = (char *)list;
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

static int add_event(struct options *opt, char *list, struct merge_error *err)
{
	char *save, *glob = strtok_r(list, ",", &save);

	if (!glob)
		return fail(err, "-e wants a system:event pattern");
	for (; glob; glob = strtok_r(NULL, ",", &save)) {
		const char **grown = grow(opt->events, opt->sel.nr_events, sizeof(*grown));

		if (!grown)
			return fail(err, "out of memory");
		opt->sel.events = opt->events = grown;
		grown[opt->sel.nr_events++] = glob;
	}
	return 0;
}

static int parse_last(struct options *opt, const char *text, struct merge_error *err)
{
	char *end;

	errno = 0;
	opt->sel.last = strtoull(text, &end, 10);
	if (errno || *end || end == text || *text == '-' || !opt->sel.last)
		return fail(err, "-n wants a number of events, not \"%s\"", text);
	return 0;
}

static int parse_option(struct options *opt, struct merge_source *src, int c,
			struct merge_error *err)
{
	switch (c) {
	case 'b':
		return parse_buffers(opt, src, optarg, err);
	case 'c':
		return parse_cpus(opt, optarg, err);
	case 'e':
		return add_event(opt, optarg, err);
	case 'f':
		opt->from = optarg;
		return 0;
	case 't':
		opt->to = optarg;
		return 0;
	case 'n':
		return parse_last(opt, optarg, err);
	default:
		return fail(err, "see \"help pstore_rb\"");
	}
}

/* The unit of times: that of the buffers selected, which must agree on it */
static const struct merge_buffer *time_unit(const struct options *opt, struct merge_source *src)
{
	const struct merge_buffer *unit = NULL, *buf;

	for (unsigned int i = 0; (buf = merge_source_buffer(src, i)); i++) {
		bool wanted = !opt->sel.nr_buffers ||
			bsearch(&i, opt->buffers, opt->sel.nr_buffers, sizeof(i), compare_uint);

		if (!wanted)
			continue;
		if (unit && unit->clock_in_ns != buf->clock_in_ns)
			return NULL;
		unit = buf;
	}
	return unit;
}

static int parse_times(struct options *opt, struct merge_source *src, struct merge_error *err)
{
	const struct merge_buffer *unit = time_unit(opt, src);

	if (!opt->from && !opt->to)
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

int options_parse(struct options *opt, struct merge_source *src, const char *allowed,
		  int operands, struct merge_error *err)
{
	int skip = argcnt > 1, argc, c, ret = 0;
	char **argv;

	memset(opt, 0, sizeof(*opt));
	/* args[0] is the command; a subcommand's name takes that place for getopt */
	argc = argcnt - skip;
	argv = args + skip;
	/* 0, not 1: glibc then also forgets where in the last command's words it was */
	optind = 0;
	while (!ret && (c = getopt(argc, argv, allowed)) != -1)
		ret = parse_option(opt, src, c, err);
	if (ret)
		return ret;
	if (argc - optind > operands)
		return fail(err, "\"%s\" is one argument too many", argv[optind + operands]);
	if (argc - optind < operands)
		return fail(err, "a file name is wanted: see \"help pstore_rb\"");
	opt->file = operands ? argv[optind] : NULL;
	return parse_times(opt, src, err);
}

void options_free(struct options *opt)
{
	free(opt->buffers);
	free(opt->cpus);
	free(opt->events);
	memset(opt, 0, sizeof(*opt));
}
