/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sub-buffers that cannot be written in their place yet: those of version 6,
 * which stand behind descriptions that are made when all events are known, and
 * those made of events, which come from all CPUs in turn. They wait in a file
 * without a name.
 */
#ifndef MERGE_TRACEDAT_SPOOL_H
#define MERGE_TRACEDAT_SPOOL_H

#include "source.h"
#include "tracedat.h"

/* Keep a sub-buffer of @cpu. Return: 0 or a negative errno */
int spool_add(struct dat *dat, struct dat_cpu *cpu, const void *page, uint32_t size,
	      struct merge_error *err);

/*
 * All sub-buffers of @b to the end of the file, each CPU's aligned; of version 6
 * with their events packed anew into sub-buffers of @subbuf_size bytes. Offsets and
 * sizes of the CPUs are set. Return: 0, -EINTR, another negative errno
 */
int spool_write(struct dat *dat, struct dat_buffer *b, uint32_t subbuf_size,
		struct merge_error *err);

#endif
