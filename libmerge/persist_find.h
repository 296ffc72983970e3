/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where in a file or a memory the slots of persistent regions are. */
#ifndef MERGE_PERSIST_FIND_H
#define MERGE_PERSIST_FIND_H

#include "persist_header.h"

/*
 * struct persist_slot - a slot
 * @h: of the copies that are right the one that was written last
 * @copies: right copies
 */
struct persist_slot {
	struct persist_header h;
	unsigned int copies;
};

/*
 * struct persist_found - what there is
 * @slots: by where they begin
 * @nr_bad: copies that are not right
 * @bad_pos, @bad: where the first of these is, and why
 */
struct persist_found {
	struct persist_slot *slots;
	size_t nr;
	size_t nr_bad;
	uint64_t bad_pos;
	struct merge_error bad;
};

/*
 * Look at every multiple of TRACE_PERSIST_ALIGN from @from to before @to. @stop, with
 * @arg, is asked now and then, and may be NULL.
 * Return: 0, also with none; -EINTR; -ENOMEM; errno of reading. The caller deinits.
 */
int persist_find(const struct merge_region_io *io, const struct crc32c *crc, uint64_t from,
		 uint64_t to, bool (*stop)(void *arg), void *arg, struct persist_found *found);
void persist_found_deinit(struct persist_found *found);

/* Whether there is a magic anywhere in @io */
bool persist_find_any(const struct merge_region_io *io);

/* The slot recorded into last, which is not a scattered copy if another is not; NULL: none */
const struct persist_slot *persist_newest(const struct persist_found *found);

/*
 * Whether @other lies in the same memory as @slot, as its physical address has it: one
 * that does not is a copy somebody made of it, page by page.
 */
bool persist_is_beside(const struct persist_slot *slot, const struct persist_slot *other);

#endif
