// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What the kernel counted, in the text of options CPUSTAT: "CPU: 0" and a line for
 * each number; before those of an instance "Buffer: NAME".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dat_stats.h"

static const struct counter {
	const char *label;
	size_t offset;
} counters_of[] = {
	{ "entries: ", offsetof(struct merge_counters, entries) },
	{ "overrun: ", offsetof(struct merge_counters, overrun) },
	{ "commit overrun: ", offsetof(struct merge_counters, commit_overrun) },
	{ "dropped events: ", offsetof(struct merge_counters, dropped) },
	{ "read events: ", offsetof(struct merge_counters, read) },
	{ "bytes: ", offsetof(struct merge_counters, bytes) },
};

#define NR_COUNTERS	(sizeof(counters_of) / sizeof(*counters_of))

/* What stands behind @label at the start of @line, or NULL */
static const char *behind(const char *line, const char *label)
{
	size_t len = strlen(label);

	return strncmp(line, label, len) ? NULL : line + len;
}

/* Return: whether the line has one */
static bool take_counter(const char *line, struct merge_counters *counters)
{
	for (size_t i = 0; i < NR_COUNTERS; i++) {
		const char *value = behind(line, counters_of[i].label);

		if (!value)
			continue;
		*(uint64_t *)((char *)counters + counters_of[i].offset) =
			strtoull(value, NULL, 10);
		return true;
	}
	return false;
}

static const char *next_line(const char *line)
{
	line = strchrnul(line, '\n');
	return line + (*line == '\n');
}

static bool is_line(const char *text, const char *word)
{
	size_t len = strlen(word);

	return !strncmp(text, word, len) && (text[len] == '\n' || !text[len]);
}

bool dat_stats_find(const char *text, const char *name, unsigned int cpu,
		    struct merge_counters *counters)
{
	bool in_buffer = !*name, in_cpu = false, found = false;

	*counters = (struct merge_counters){ 0 };
	for (const char *line = text; *line; line = next_line(line)) {
		const char *value = behind(line, "Buffer: ");

		if (value) {
			in_buffer = is_line(value, name);
			in_cpu = false;
		}
		value = behind(line, "CPU: ");
		if (value) {
			in_cpu = in_buffer && strtoul(value, NULL, 10) == cpu;
			found |= in_cpu;
		}
		if (in_cpu)
			take_counter(line, counters);
	}
	return found;
}

bool dat_stats_cpu(const char *text, struct merge_counters *counters)
{
	size_t found = 0;

	*counters = (struct merge_counters){ 0 };
	for (const char *line = text; *line; line = next_line(line))
		found += take_counter(line, counters);
	return found >= NR_COUNTERS;
}
