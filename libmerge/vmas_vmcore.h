/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the processes of a crashed kernel had mapped when it stopped. */
#ifndef MERGE_VMAS_VMCORE_H
#define MERGE_VMAS_VMCORE_H

#include "describe.h"
#include "maple.h"

/*
 * struct vm_vmas - processes by their ids, found when first asked for
 * @state: the list of processes was not asked for, is there, or cannot be had
 * @noted: that some memory map is unreadable
 */
struct vm_vmas {
	struct vmcore *vm;
	struct merge_source *src;
	struct maple maple;
	struct vm_process *processes;
	size_t nr, room;
	enum { VMAS_UNASKED, VMAS_THERE, VMAS_MISSING } state;
	bool noted;
};

/* @vm and @src are borrowed. What cannot be read is noted at @src, once. */
void vm_vmas_init(struct vm_vmas *v, struct vmcore *vm, struct merge_source *src);
void vm_vmas_deinit(struct vm_vmas *v);

/*
 * The file that process @tgid has mapped at @addr, if the process may be the one of
 * event @ev: see docs/text.md. object->path is valid until the next call.
 * Return: 0 or -ENOENT.
 */
int vm_vmas_find(struct vm_vmas *v, const struct merge_event *ev, int tgid, uint64_t addr,
		 struct desc_object *object);

#endif
