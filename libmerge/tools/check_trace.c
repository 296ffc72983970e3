// SPDX-License-Identifier: LGPL-2.1-or-later
/* pstore-rb check: the tracer, and how far back its trace goes. */
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "dir.h"
#include "tracer.h"

/* With less than that a trace shows little of what led to a crash, in seconds */
#define LITTLE		1.0

static char *read_traced(const struct check *c, const char *instance, const char *name)
{
	return tracer_read(c->root, c->tracefs, instance, name);
}

/* Whether @word is one of those in @text */
static bool has_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	for (; *text; text += strspn(text, " ")) {
		size_t this = strcspn(text, " ");

		if (this == len && !strncmp(text, word, len))
			return true;
		text += this;
	}
	return false;
}

void check_tracer(struct check *c)
{
	char *tracers = c->tracefs ? read_traced(c, "", "available_tracers") : NULL;

	if (!tracers)
		check_say(c, CHECK_MISSING, "tracer",
			  "run it as root, with a tracefs: mount -t tracefs tracefs /sys/kernel/tracing",
			  "available_tracers cannot be read");
	else if (has_word(tracers, TRACER))
		check_say(c, CHECK_OK, "tracer", NULL, "the kernel has the tracer " TRACER);
	else
		check_say(c, CHECK_MISSING, "tracer",
			  "start a kernel with the series of kernel/ and CONFIG_PSTORE_TRACER",
			  "the kernel has no tracer " TRACER);
	free(tracers);
}

/* ---- Who records ---------------------------------------------------------- */

void check_recording(struct check *c)
{
	char *on;

	if (!c->tracefs)
		return;
	c->instance = tracer_instance(c->root, c->tracefs);
	if (!c->instance) {
		check_say(c, CHECK_MISSING, "recording",
			  "echo pstore >/sys/kernel/tracing/current_tracer, at each boot by pstore-rb-tracer.service or ramoops.trace_start=1",
			  "no instance uses the tracer " TRACER);
		return;
	}
	on = read_traced(c, c->instance, "tracing_on");
	if (on && *on == '0')
		check_say(c, CHECK_MISSING, "recording", "echo 1 into its tracing_on",
			  "%s uses it, and is switched off",
			  tracer_instance_name(c->instance));
	else
		check_say(c, CHECK_OK, "recording", NULL, "%s uses it",
			  tracer_instance_name(c->instance));
	free(on);
}

/* ---- How far back --------------------------------------------------------- */

/* Of one CPU: its stats, and the seconds that its events are of */
struct stats {
	uint64_t entries, overrun, bytes;
	double seconds;
};

static bool find_value(const char *text, const char *name, const char **value)
{
	const char *line = text;
	size_t len = strlen(name);

	for (; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, name, len) && line[len] == ':') {
			*value = line + len + 1;
			return true;
		}
	}
	return false;
}

static uint64_t count(const char *text, const char *name)
{
	const char *value;

	return find_value(text, name, &value) ? strtoull(value, NULL, 10) : 0;
}

/* Times have a point where the clock counts nanoseconds; others are of a unit nobody knows */
static bool read_stats(const struct check *c, const char *cpu, struct stats *s)
{
	char path[300], *text;
	const char *oldest, *now;
	bool good;

	if (snprintf(path, sizeof(path), "per_cpu/%s/stats", cpu) >= (int)sizeof(path))
		return false;
	text = read_traced(c, c->instance, path);
	good = text && find_value(text, "oldest event ts", &oldest) &&
		find_value(text, "now ts", &now) && memchr(now, '.', strcspn(now, "\n"));
	if (good)
		*s = (struct stats){
			.entries = count(text, "entries"), .overrun = count(text, "overrun"),
			.bytes = count(text, "bytes"), .seconds = strtod(now, NULL) - strtod(oldest, NULL),
		};
	free(text);
	return good;
}

/*
 * A ring that has overwritten events is full: what it has is how far it goes back. One that
 * is not will, once it is, at this rate.
 */
static double history_of(const struct check *c, const struct stats *s)
{
	if (s->overrun)
		return s->seconds;
	return c->divided ? (double)c->sizes.data / ((double)s->bytes / s->seconds) : 0;
}

/* @least: of all CPUs; @which of them; 0 as long as none has events */
static void find_least(struct check *c, double *least, char which[20])
{
	char path[PATH_MAX], **names;
	struct stats s;
	size_t nr;

	*least = 0;
	snprintf(path, sizeof(path), "%s%s/per_cpu", c->tracefs, c->instance);
	if (dir_names(c->root, path, &names, &nr))
		return;
	for (size_t i = 0; i < nr; i++) {
		double history, rate;

		if (!read_stats(c, names[i], &s) || !s.entries || !s.bytes || s.seconds <= 0)
			continue;
		rate = (double)s.bytes / s.seconds;
		if (rate > c->bytes_per_second)
			c->bytes_per_second = rate;
		history = history_of(c, &s);
		if (history > 0 && (!*least || history < *least)) {
			*least = history;
			snprintf(which, 20, "%.19s", names[i]);
		}
	}
	dir_names_free(names, nr);
}

void check_history(struct check *c)
{
	double wanted = (double)c->opt->history / 1e9, least;
	char which[20];

	if (!c->instance)
		return;
	find_least(c, &least, which);
	c->short_history = least && least < (wanted ? wanted : LITTLE);
	if (!least)
		check_say(c, CHECK_WARNING, "history", "enable events, let it run under its usual load, and check again",
			  "there are no events whose clock counts nanoseconds, so nothing tells how far back it goes");
	else if (c->short_history && wanted)
		check_say(c, CHECK_MISSING, "history", "give the trace more memory, as below, or record less",
			  "%s goes back %.1f s at the present rate, %.1f s are wanted", which, least, wanted);
	else if (c->short_history)
		check_say(c, CHECK_WARNING, "history", "give the trace more memory, as below, or record less",
			  "%s goes back only %.3f s at the present rate", which, least);
	else
		check_say(c, CHECK_OK, "history", NULL, "%.1f s at the present rate, of %s, which has the least",
			  least, which);
}

void check_symbols(struct check *c)
{
	if (!c->region.size)
		return;
	if (!c->region.symbols)
		check_say(c, CHECK_WARNING, "symbols", "remove ramoops.trace_symbols=0",
			  "those of the kernel are not stored: addresses will stay numbers; formats are");
	else if (c->divided && !c->sizes.symbols)
		check_say(c, CHECK_WARNING, "symbols", "give the trace more memory: see pstore-rb setup",
			  "there is no room for those of the kernel: addresses will stay numbers; formats are stored");
	else
		check_say(c, CHECK_OK, "symbols", NULL, "they are stored, as formats are");
}
