/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where the tracer pstore of a crashed kernel has its region. */
#ifndef MERGE_REGION_VMCORE_H
#define MERGE_REGION_VMCORE_H

#include "vmcore.h"

/*
 * struct region_place - where it is
 * @phys: its physical address
 * @size: bytes of it
 * @copy: virtual address of the copy that this kernel made, when it started, of what an
 *	earlier one had left there; 0: none
 */
struct region_place {
	uint64_t phys, size, copy;
};

/*
 * Return: 0; -ENOTSUP this kernel has no such tracer, or a member is not known;
 * -ENODATA it has no region, or where that is is unreadable; -EBADMSG it cannot be there.
 */
int region_vmcore_find(struct vmcore *vm, struct merge_error *err, struct region_place *place);

#endif
