/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading a crashed kernel's memory: a hashed page cache over struct
 * merge_mem's read, and typed reads on top. The only cache there is: adapters
 * need none.
 */
#ifndef MERGE_MEM_H
#define MERGE_MEM_H

#include "libmerge.h"

struct mem;

struct mem *mem_create(const struct merge_mem *mem);	/* NULL: out of memory */
void mem_destroy(struct mem *m);

/* Through the page cache; all or nothing. 0 or the adapter's errno. */
int mem_read(struct mem *m, uint64_t addr, void *buf, size_t len);
/* Past the cache: for data that is read once. */
int mem_read_once(struct mem *m, uint64_t addr, void *buf, size_t len);
/* A NUL-terminated string of at most @size - 1 bytes; 0, -EBADMSG when it does not end */
int mem_string(struct mem *m, uint64_t addr, char *buf, size_t size);
/*
 * The same of a string that is never empty: -ENODATA when it is, or ends where a page
 * of zeros begins, as one does that the dump left out
 */
int mem_text(struct mem *m, uint64_t addr, char *buf, size_t size);
/* Unsigned numbers of the crashed kernel's byte order */
int mem_uint(struct mem *m, uint64_t addr, size_t size, uint64_t *value);
int mem_pointer(struct mem *m, uint64_t addr, uint64_t *value);

const struct merge_mem *mem_kernel(const struct mem *m);
bool mem_interrupted(struct mem *m);

/* A number of @size bytes (1, 2, 4, 8) at @data in the kernel's byte order */
uint64_t mem_decode(const struct mem *m, const void *data, size_t size);
void mem_encode(const struct mem *m, void *data, size_t size, uint64_t value);

#endif
