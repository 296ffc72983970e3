/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The description of a source that has none, or only a part: what it lacks is another
 * source's, of the same kernel, that was given for it.
 */
#ifndef MERGE_DESCRIBE_BY_H
#define MERGE_DESCRIBE_BY_H

#include "describe.h"
#include "source.h"

/*
 * Of @src, of which only the event ftrace:function is known with @function, else none.
 * NULL: out of memory
 */
struct merge_desc *desc_by_create(struct merge_source *src, bool function);

/* No address of the one is one of the other */
#define DESC_BY_NOTHING	UINT64_MAX

/*
 * From now on @by, which @d takes over, describes the rest. Its kernel lies @delta behind
 * where that of @d lay, modulo the size of an address; unless 0, modules have no symbols.
 * Names of tasks are not taken: they are of another time, and may be of another boot.
 */
void desc_by_take(struct merge_desc *d, struct merge_source *by, uint64_t delta);

/* Where the kernel image's symbol @name is by @by. Return: 0, -ENOENT, -EINTR, -ENOMEM */
int desc_by_symbol(struct merge_source *by, const char *name, uint64_t *addr);

#endif
