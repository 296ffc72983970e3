// SPDX-License-Identifier: LGPL-2.1-or-later
/* Functions out of the kernel's lines: see ramoops_lines.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ramoops_lines.h"

#define MAX_CPU		65535u

/* @word, then a number up to @max in @base, at *@at, which is set behind it */
static bool take(const char **at, const char *word, int base, uint64_t max, uint64_t *value)
{
	const char *digits = base == 10 ? "0123456789" : "0123456789abcdef";
	size_t len = strlen(word), nr;

	if (strncmp(*at, word, len))
		return false;
	*at += len;
	nr = strspn(*at, digits);
	if (!nr || nr > 20)
		return false;
	errno = 0;
	*value = strtoull(*at, NULL, base);
	*at += nr;
	return !errno && *value <= max;
}

static bool parse(const char *line, struct ramoops_record *rec)
{
	uint64_t cpu;

	*rec = (struct ramoops_record){ 0 };
	if (!take(&line, "CPU:", 10, MAX_CPU, &cpu) ||
	    !take(&line, " ts:", 10, (1ull << 56) - 1, &rec->ts) ||
	    !take(&line, " ", 16, UINT64_MAX, &rec->ip) ||
	    !take(&line, "  ", 16, UINT64_MAX, &rec->parent_ip))
		return false;
	rec->cpu = rec->zone = (uint32_t)cpu;
	/* what follows are names: there must be some, up to the end */
	return *line == ' ' && strchr(line, '\n');
}

bool ramoops_lines_probe(const char *text, size_t size)
{
	char line[80];

	if (size > sizeof(line) - 2)
		size = sizeof(line) - 2;
	memcpy(line, text, size);
	/* it may be cut off within the names */
	strcpy(line + size, "\n");
	return parse(line, &(struct ramoops_record){ 0 });
}

int ramoops_lines_take(struct ramoops_ftrace *f, const char *text, uint64_t *nr_other)
{
	int ret = 0;

	*nr_other = 0;
	while (!ret && *text) {
		struct ramoops_record rec;
		const char *end = strchrnul(text, '\n');

		if (parse(text, &rec))
			ret = ramoops_ftrace_append(f, &rec);
		else
			++*nr_other;
		text = *end ? end + 1 : end;
	}
	return ret;
}

/* As they were written on each CPU: qsort() may change the order of those that are equal */
static int by_cpu(const void *a, const void *b)
{
	const struct ramoops_record *x = a, *y = b;

	if (x->cpu != y->cpu)
		return x->cpu < y->cpu ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

int ramoops_lines_finish(struct ramoops_ftrace *f)
{
	size_t end;

	f->long_size = 4;
	for (size_t i = 0; i < f->nr; i++) {
		f->records[i].number = (uint32_t)i;
		if ((f->records[i].ip | f->records[i].parent_ip) >> 32)
			f->long_size = 8;
	}
	if (f->nr)
		qsort(f->records, f->nr, sizeof(*f->records), by_cpu);
	for (size_t i = 0; i < f->nr; i = end) {
		for (end = i + 1; end < f->nr && f->records[end].cpu == f->records[i].cpu;)
			end++;
		ramoops_ftrace_number_boots(f, i, end);
	}
	return ramoops_ftrace_finish(f);
}
