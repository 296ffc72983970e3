/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The description of a crashed kernel, taken from its own memory. */
#ifndef MERGE_DESCRIBE_VMCORE_H
#define MERGE_DESCRIBE_VMCORE_H

#include "describe.h"
#include "vmcore.h"

/*
 * @vm is borrowed and must outlive the description. What cannot be read is
 * noted at @src. NULL when out of memory.
 */
struct merge_desc *desc_vmcore_create(struct vmcore *vm, struct merge_source *src);

#endif
