/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The symbols of a crashed kernel and its modules from its own kallsyms tables
 * (kernel/kallsyms.c, scripts/kallsyms.c): what its /proc/kallsyms had shown,
 * without any debug data.
 */
#ifndef MERGE_KALLSYMS_H
#define MERGE_KALLSYMS_H

#include "describe.h"
#include "vmcore.h"

/*
 * Call @fn for every symbol, the kernel image's first.
 * Return: 0; -ENODATA when the image's tables are absent; -ENOTSUP when addresses
 * are stored in a way not known here; -ENOMEM; -EINTR; @fn's value; another
 * negative errno when the tables, or those behind some symbol, are unreadable.
 */
int kallsyms_image(struct vmcore *vm, desc_symbol_fn *fn, void *arg);

/*
 * The same for all loaded modules, and for where the parts of their memory end;
 * those with something unreadable are counted in *@skipped. A negative errno when their list breaks off.
 */
int kallsyms_modules(struct vmcore *vm, desc_symbol_fn *fn, void *arg,
		     unsigned int *skipped);

/*
 * The same for functions of modules' init sections, gone by now, that ftrace
 * remembers. What is unreadable is left out. Return: 0, -EINTR, -ENOMEM, @fn's value.
 */
int kallsyms_freed(struct vmcore *vm, desc_symbol_fn *fn, void *arg);

#endif
