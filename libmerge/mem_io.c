// SPDX-License-Identifier: LGPL-2.1-or-later
/* A crashed kernel's memory as what may hold a region: see mem_io.h. */
#include <errno.h>
#include <stdlib.h>

#include "mem_io.h"

static int read_memory(void *arg, uint64_t pos, void *buf, size_t len)
{
	const struct mem_io *m = arg;
	int ret;

	if (m->mem.ops->interrupted && m->mem.ops->interrupted(m->mem.arg))
		return -EINTR;
	ret = m->read(m->mem.arg, pos, buf, len);
	return ret && ret != -EINTR && ret != -ENOMEM ? -ENODATA : ret;
}

struct mem_io *mem_io_create(const struct merge_mem *mem, bool physical,
			     struct merge_region_io *io)
{
	struct mem_io *m = malloc(sizeof(*m));

	if (!m)
		return NULL;
	m->mem = *mem;
	m->read = physical ? mem->ops->read_physical : mem->ops->read;
	io->read = read_memory;
	io->arg = m;
	return m;
}
