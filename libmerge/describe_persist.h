/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The description in a slot of a persistent region: docs/format.md. */
#ifndef MERGE_DESCRIBE_PERSIST_H
#define MERGE_DESCRIBE_PERSIST_H

#include "describe.h"
#include "persist_tables.h"
#include "source.h"

/*
 * All is borrowed and must outlive the description. What cannot be had is noted at
 * @src. NULL: out of memory.
 */
struct merge_desc *desc_persist_create(const struct merge_region_io *io, const struct crc32c *crc,
				       const struct persist_header *h,
				       const struct persist_tables *t, struct merge_source *src);

#endif
