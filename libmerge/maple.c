// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Look-ups in maple trees, as mtree_load() of the kernel's lib/maple_tree.c does them.
 * A node is a list of ascending keys (pivots), each the last index of the slot
 * with its number; the slot behind the last key goes on to where the node ends. A
 * pointer to a node has its kind in its low bits, as nodes are aligned to 256 bytes.
 */
#include <errno.h>

#include "maple.h"

#define NODE_MASK	0xffull		/* MAPLE_NODE_MASK */
#define TYPE_SHIFT	3		/* MAPLE_NODE_TYPE_SHIFT */
#define TYPE_MASK	0xfu		/* MAPLE_NODE_TYPE_MASK */
#define MAX_HEIGHT	31		/* MAPLE_HEIGHT_MAX */

/* A root that is no node is the entry of index 0 itself: xa_is_node(). */
#define ROOT_TAG_MASK	3u
#define ROOT_TAG	2u
#define MIN_NODE	4096u

static bool kind_init(struct maple_kind *kind, struct vmcore *vm, enum vmcore_member pivot,
		      enum vmcore_member slot)
{
	size_t long_size = mem_kernel(vm->mem)->long_size;

	kind->pivot = vmcore_offset(vm, pivot);
	kind->slot = vmcore_offset(vm, slot);
	kind->nr_pivots = vmcore_size(vm, pivot) / long_size;
	return vmcore_size(vm, slot) / long_size > kind->nr_pivots;
}

const char *maple_init(struct maple *m, struct vmcore *vm)
{
	static const enum vmcore_member needed[] = {
		MAPLE_ROOT, MAPLE_PARENT, MAPLE_PIVOT, MAPLE_SLOT, MAPLE_ALLOC_PIVOT,
		MAPLE_ALLOC_SLOT,
	};

	*m = (struct maple){ .vm = vm };
	for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++)
		if (!vmcore_has(vm, needed[i]))
			return vmcore_member_name(needed[i]);
	/* the two behind it in enum maple_type have structs of their name: crash finds those */
	if (vmcore_enumerator(vm, "maple_leaf_64", &m->kinds[0].type))
		return "enum maple_type";
	m->kinds[1].type = m->kinds[0].type + 1;
	m->kinds[2].type = m->kinds[0].type + 2;
	m->kinds[0].leaf = true;
	if (!kind_init(&m->kinds[0], vm, MAPLE_PIVOT, MAPLE_SLOT) ||
	    !kind_init(&m->kinds[1], vm, MAPLE_PIVOT, MAPLE_SLOT) ||
	    !kind_init(&m->kinds[2], vm, MAPLE_ALLOC_PIVOT, MAPLE_ALLOC_SLOT))
		return "maple nodes with a slot more than keys";
	return NULL;
}

static const struct maple_kind *kind_of(const struct maple *m, uint64_t node)
{
	for (size_t i = 0; i < MAPLE_KINDS; i++)
		if (m->kinds[i].type == (int64_t)(node >> TYPE_SHIFT & TYPE_MASK))
			return &m->kinds[i];
	return NULL;
}

/* The kernel's mark of a node that is no longer in a tree: it is its own parent. */
static int check_alive(const struct maple *m, uint64_t at)
{
	uint64_t parent;
	int ret = vmcore_get(m->vm, at, MAPLE_PARENT, &parent);

	return ret ? ret : parent == at ? -EBADMSG : 0;
}

/* The slot of @index in the node at @at: *@entry becomes what is in it */
static int descend(const struct maple *m, const struct maple_kind *kind, uint64_t at,
		   uint64_t index, uint64_t *entry)
{
	size_t long_size = mem_kernel(m->vm->mem)->long_size, i;
	int ret = check_alive(m, at);

	for (i = 0; !ret && i < kind->nr_pivots; i++) {
		uint64_t pivot;

		ret = mem_pointer(m->vm->mem, at + kind->pivot + i * long_size, &pivot);
		/* 0 behind the first: not used, the slot goes on to the node's end */
		if (!ret && (pivot >= index || (i && !pivot)))
			break;
	}
	return ret ? ret : mem_pointer(m->vm->mem, at + kind->slot + i * long_size, entry);
}

int maple_find(const struct maple *m, uint64_t tree, uint64_t index, uint64_t *entry)
{
	const struct maple_kind *kind = NULL;
	uint64_t node;
	int ret = vmcore_get(m->vm, tree, MAPLE_ROOT, &node);

	if (ret)
		return ret;
	if ((node & ROOT_TAG_MASK) != ROOT_TAG || node <= MIN_NODE)
		return -ENOENT;
	for (unsigned int depth = 0; depth < MAX_HEIGHT && !(kind && kind->leaf); depth++) {
		kind = kind_of(m, node);
		if (!kind)
			return -EBADMSG;
		ret = descend(m, kind, node & ~NODE_MASK, index, &node);
		if (ret)
			return ret;
	}
	if (!kind->leaf)
		return -EBADMSG;
	if (!node)
		return -ENOENT;
	*entry = node;
	return 0;
}
