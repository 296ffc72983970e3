/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Addresses to names in memory that was freed, and perhaps used again: functions of
 * modules' init sections. Several may have been at an address in turn. As the kernel
 * does it (ftrace_mod_address_lookup() in kernel/trace/ftrace.c) the first one that
 * covers the address has it, those of the newest module standing first.
 */
#ifndef MERGE_SYMBOLS_FREED_H
#define MERGE_SYMBOLS_FREED_H

#include "describe.h"

struct symbols_freed *symbols_freed_create(uint32_t page_size);	/* NULL: out of memory */
void symbols_freed_destroy(struct symbols_freed *s);

/*
 * Append a function of @module; where @name is NULL the one before ends at @addr. One
 * whose end is not told takes what is left of its page. 0 or -ENOMEM
 */
int symbols_freed_add(struct symbols_freed *s, uint64_t addr, const char *name,
		      const char *module);

/* 0 or -ENOENT; the strings are owned by @s */
int symbols_freed_find(const struct symbols_freed *s, uint64_t addr, struct desc_place *place);

#endif
