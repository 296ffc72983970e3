/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Changes to a sub-buffer in place, for one that goes into a trace with others:
 * other time stamps, other event ids. Its length and its events stay.
 */
#ifndef MERGE_PAGE_EDIT_H
#define MERGE_PAGE_EDIT_H

#include "page.h"

/* The id that stands for @id from now on */
typedef unsigned int page_id_fn(void *arg, unsigned int id);

/*
 * @page was loaded from @data, with no read mark, and is as page_load() left it.
 * Only what lies before its damage, if any, changes.
 */

/* Add @offset, which may be a negative number in two's complement, to all times. */
void page_edit_times(struct page page, void *data, uint64_t offset);

/* The same with a sub-buffer of @size bytes at @data that nobody loaded yet */
void page_move(void *data, uint32_t size, uint32_t long_size, bool big_endian, uint64_t offset);

/* Give every record the common_type that @fn says. */
void page_edit_ids(struct page page, void *data, page_id_fn *fn, void *arg);

#endif
