/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Look-ups in the maple trees of a crashed kernel (include/linux/maple_tree.h). */
#ifndef MERGE_MAPLE_H
#define MERGE_MAPLE_H

#include "vmcore.h"

/* Kinds of nodes that maple_find() knows */
#define MAPLE_KINDS	3

/*
 * struct maple - how this kernel's nodes look
 * @kinds: the number in pointers to such nodes; where keys and entries are; how many keys
 */
struct maple {
	struct vmcore *vm;
	struct maple_kind {
		int64_t type;
		bool leaf;
		size_t pivot;
		size_t slot;
		size_t nr_pivots;
	} kinds[MAPLE_KINDS];
};

/* Return: NULL, or the name of what this kernel lacks */
const char *maple_init(struct maple *m, struct vmcore *vm);

/*
 * What the struct maple_tree at @tree has at @index. Return: 0; -ENOENT nothing;
 * -EBADMSG no tree; as mem_read().
 */
int maple_find(const struct maple *m, uint64_t tree, uint64_t index, uint64_t *entry);

#endif
