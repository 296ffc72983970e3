// SPDX-License-Identifier: LGPL-2.1-or-later
/* Strings of the kernel by their address: see printks.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "printks.h"

/* @rank: order of arrival */
struct printk {
	uint64_t addr;
	size_t rank;
	char *text;
};

void printks_deinit(struct printks *p)
{
	for (size_t i = 0; i < p->nr; i++)
		free(p->array[i].text);
	free(p->array);
	*p = (struct printks){ 0 };
}

int printks_add(struct printks *p, uint64_t addr, const char *text, size_t len)
{
	struct printk printk = { .addr = addr, .rank = p->nr };

	if (p->nr == p->room) {
		size_t room = p->room ? 2 * p->room : 256;
		struct printk *array = reallocarray(p->array, room, sizeof(*array));

		if (!array)
			return -ENOMEM;
		p->array = array;
		p->room = room;
	}
	printk.text = strndup(text, len);
	if (!printk.text)
		return -ENOMEM;
	p->array[p->nr++] = printk;
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct printk *x = a, *y = b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	return x->rank < y->rank ? -1 : x->rank > y->rank;
}

void printks_sort(struct printks *p)
{
	if (p->nr)
		qsort(p->array, p->nr, sizeof(*p->array), compare);
}

const char *printks_find(const struct printks *p, uint64_t addr)
{
	size_t low = 0, high = p->nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (p->array[mid].addr <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low && p->array[low - 1].addr == addr ? p->array[low - 1].text : NULL;
}
