/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The tasks there were when the kernel crashed. */
#ifndef MERGE_TASKS_VMCORE_H
#define MERGE_TASKS_VMCORE_H

#include "vmcore.h"

/*
 * Call @fn for every task, threads too, until it returns other than 0; not for
 * the idle tasks. What cannot be read is noted at @src.
 * Return: 0; what @fn returned; -EINTR.
 */
int vm_tasks_each(struct vmcore *vm, struct merge_source *src,
		  int (*fn)(void *arg, int pid, const char *comm), void *arg);

/*
 * Call @fn for every process with its struct task_struct until it returns other than
 * 0; not for the idle tasks; for one maybe twice where the list is broken.
 * Return: 0; what @fn returned; -ENOENT there is no list of tasks; -ENODATA some could
 * not be read; -EINTR.
 */
int vm_processes_each(struct vmcore *vm, int (*fn)(void *arg, int pid, uint64_t task),
		      void *arg);

#endif
