/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether a persistent instance holds what an earlier boot recorded */
#ifndef MERGE_PREVIOUS_VMCORE_H
#define MERGE_PREVIOUS_VMCORE_H

#include "shift.h"
#include "vmcore.h"

/*
 * The persistent struct trace_array at @tr, whose rings are not empty.
 * @touched: this boot wrote into its rings, or that is unknown.
 * *@shift: how addresses have moved, if the events are of an earlier boot; NULL
 * if they are of this one.
 * Return: 0 or -ENOMEM. *@partial tells that where modules lie now is unreadable.
 */
int previous_boot_load(struct vmcore *vm, uint64_t tr, bool touched,
		       struct merge_shift **shift, bool *partial);

#endif
