/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The names of files that tasks of a crashed kernel had open or mapped. */
#ifndef MERGE_PATH_VMCORE_H
#define MERGE_PATH_VMCORE_H

#include "vmcore.h"

/* Return: NULL, or the name of a member that this kernel lacks */
const char *vm_path_lacks(struct vmcore *vm);

/*
 * The path of the struct file at @file as d_path() of the kernel has it, with
 * " (deleted)" behind where it is. Return: 0; -ENOENT it has none that is known;
 * -ENAMETOOLONG; -EBADMSG; -ELOOP; as mem_read().
 */
int vm_path(struct vmcore *vm, uint64_t file, char *buf, size_t size);

#endif
