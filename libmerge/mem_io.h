/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A crashed kernel's memory as what may hold a region: physical, or by its own addresses. */
#ifndef MERGE_MEM_IO_H
#define MERGE_MEM_IO_H

#include "libmerge.h"

/* struct mem_io - the arg of struct merge_region_io. @read: of mem.ops */
struct mem_io {
	struct merge_mem mem;
	int (*read)(void *arg, uint64_t addr, void *buf, size_t len);
};

/* Of @mem, malloc'ed, as @io->arg; NULL: out of memory. @io->size is the caller's to set */
struct mem_io *mem_io_create(const struct merge_mem *mem, bool physical,
			     struct merge_region_io *io);

#endif
