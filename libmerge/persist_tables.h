/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The entries of a slot's tables: formats, modules, symbols, strings. */
#ifndef MERGE_PERSIST_TABLES_H
#define MERGE_PERSIST_TABLES_H

#include "persist_header.h"

/* One entry; @data, @size: its payload */
struct persist_entry {
	uint32_t type, number, size;
	const uint8_t *data;
};

/*
 * struct persist_tables - what is in the tables
 * @bytes: all of them; @size: as far as they could be read
 * @entries: in the order they were written
 * @nr_bad: places where something is damaged; @bad: offset in the slot of the first
 * @cut: bytes that cannot be read
 * @outside: the header says that they lie outside of the slot
 */
struct persist_tables {
	uint8_t *bytes;
	size_t size;
	struct persist_entry *entries;
	size_t nr, room;
	size_t nr_bad;
	uint64_t bad;
	uint64_t cut;
	bool outside;
};

/* Return: 0; -ENOMEM; errno of reading. The caller deinits in every case. */
int persist_tables_load(const struct merge_region_io *io, const struct crc32c *crc,
			const struct persist_header *h, struct persist_tables *t);
void persist_tables_deinit(struct persist_tables *t);

/*
 * The text in @e from *@pos on, and *@pos behind its end; NULL when it does not end
 * inside of the entry
 */
const char *persist_entry_text(const struct persist_entry *e, uint32_t *pos);

#endif
