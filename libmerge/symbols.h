/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Addresses to names: a sorted table that gives the traced kernel's own answer
 * (kernel/kallsyms.c, kernel/module/kallsyms.c): the nearest symbol at or below,
 * inside the image or a module, the first one where several share an address.
 */
#ifndef MERGE_SYMBOLS_H
#define MERGE_SYMBOLS_H

#include "describe.h"

struct desc_symbols *symbols_create(uint32_t page_size);	/* NULL: out of memory */
void symbols_destroy(struct desc_symbols *s);

/*
 * Append; @module is NULL for the kernel image. Where @name is NULL a part of the
 * module's memory ends. 0 or -ENOMEM
 */
int symbols_add(struct desc_symbols *s, uint64_t addr, const char *name,
		const char *module);

/* Once, when all are there and before the first symbols_find() */
void symbols_sort(struct desc_symbols *s);

/* 0 or -ENOENT; the strings are owned by @s */
int symbols_find(const struct desc_symbols *s, uint64_t addr, struct desc_place *place);

#endif
