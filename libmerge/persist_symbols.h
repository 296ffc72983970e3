/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Symbols out of a slot's tables: of the kernel and of its modules. */
#ifndef MERGE_PERSIST_SYMBOLS_H
#define MERGE_PERSIST_SYMBOLS_H

#include "describe.h"
#include "persist_tables.h"

/*
 * Of the kernel, whose compressed kallsyms tables are decoded as those of a vmcore are.
 * Return: 0; -ENODATA there are none; -EBADMSG they are not whole; -ENOTSUP of an unknown
 * form; -ENOMEM; @fn's value.
 */
int persist_symbols_image(const struct persist_header *h, const struct persist_tables *t,
			  desc_symbol_fn *fn, void *arg);

/*
 * Of modules, and where the parts of their memory end. One without symbols has "[NAME]" at
 * the start of each part. Those whose memory a later one took are left out: *@gone.
 * Return: 0; -ENOMEM; @fn's value.
 */
int persist_symbols_modules(const struct persist_tables *t, desc_symbol_fn *fn, void *arg,
			    unsigned int *gone);

#endif
