// SPDX-License-Identifier: LGPL-2.1-or-later
/* What is where in a machine's memory: see iomem.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "iomem.h"

/*
 * The kernel, its initrd and firmware's tables are mostly at the low end or at the high one;
 * so it begins some way from the start, and takes what comes first.
 */
#define STEP		(16u << 20)
#define FROM_START	(256u << 20)
#define FROM_ZERO	(512u << 20)

/* "  01000000-01ffffff : Kernel code" */
static bool parse_line(char *line, struct iomem_range *range)
{
	size_t blanks = strspn(line, " ");
	char *end;

	range->depth = (unsigned int)(blanks / 2);
	range->first = strtoull(line + blanks, &end, 16);
	if (end == line + blanks || *end != '-')
		return false;
	range->last = strtoull(end + 1, &end, 16);
	if (strncmp(end, " : ", 3) || range->last < range->first)
		return false;
	range->name = end + 3;
	return true;
}

int iomem_parse(struct iomem *m, char *text)
{
	size_t lines = 1;
	char *rest = text, *line;

	for (const char *p = text; *p; p++)
		lines += *p == '\n';
	*m = (struct iomem){ .text = text, .hidden = true };
	m->ranges = calloc(lines, sizeof(*m->ranges));
	if (!m->ranges) {
		iomem_free(m);
		return -ENOMEM;
	}
	while ((line = strsep(&rest, "\n"))) {
		struct iomem_range *range = &m->ranges[m->nr];

		if (!parse_line(line, range))
			continue;
		m->nr++;
		m->hidden = m->hidden && !range->last;
	}
	return 0;
}

void iomem_free(struct iomem *m)
{
	free(m->text);
	free(m->ranges);
	*m = (struct iomem){ 0 };
}

const struct iomem_range *iomem_at(const struct iomem *m, uint64_t address, uint64_t size)
{
	for (size_t i = 0; i < m->nr; i++) {
		const struct iomem_range *r = &m->ranges[i];

		if (!r->depth && r->first <= address && address <= r->last &&
		    size - 1 <= r->last - address)
			return r;
	}
	return NULL;
}

/* Whether something in a range of memory is there */
static bool is_used(const struct iomem *m, uint64_t address, uint64_t size)
{
	for (size_t i = 0; i < m->nr; i++) {
		const struct iomem_range *r = &m->ranges[i];

		if (r->depth && r->first < address + size && address <= r->last)
			return true;
	}
	return false;
}

uint64_t iomem_find(const struct iomem *m, uint64_t size)
{
	for (size_t i = 0; i < m->nr; i++) {
		const struct iomem_range *r = &m->ranges[i];
		uint64_t at = r->first + FROM_START < FROM_ZERO ? FROM_ZERO : r->first + FROM_START;

		if (r->depth || strcmp(r->name, IOMEM_RAM))
			continue;
		at = (at + STEP - 1) / STEP * STEP;
		for (; at <= r->last && size - 1 <= r->last - at; at += STEP)
			if (!is_used(m, at, size))
				return at;
	}
	return 0;
}
