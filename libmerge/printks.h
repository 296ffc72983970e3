/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Strings of the kernel by their address: printk formats and what tracepoints
 * point to, as libtraceevent keeps them.
 */
#ifndef MERGE_PRINTKS_H
#define MERGE_PRINTKS_H

#include <stddef.h>
#include <stdint.h>

/* All zero is empty */
struct printks {
	struct printk *array;
	size_t nr, room;
};

void printks_deinit(struct printks *p);

/* Append; the @len bytes at @text are copied. 0 or -ENOMEM */
int printks_add(struct printks *p, uint64_t addr, const char *text, size_t len);

/* Once, when all are there and before the first printks_find() */
void printks_sort(struct printks *p);

/* Owned by @p; NULL: nothing at @addr. Of several the one that came last */
const char *printks_find(const struct printks *p, uint64_t addr);

#endif
