/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where ramoops of a crashed kernel has its zones. */
#ifndef MERGE_RAMOOPS_VMCORE_H
#define MERGE_RAMOOPS_VMCORE_H

#include "ramoops_find.h"
#include "vmcore.h"

/*
 * By the parameters of ramoops, built in or a module. Return: 0; -ENOTSUP this kernel has
 * none, or a member is not known; -ENODATA it has no memory, or what tells is unreadable;
 * -EBADMSG it cannot be there; -EINTR
 */
int ramoops_vmcore_find(struct vmcore *vm, struct merge_error *err, struct ramoops_how *how);

#endif
