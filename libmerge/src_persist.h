/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A persistent region as a source: what src_persist.c reads and persist_notes.c tells of. */
#ifndef MERGE_SRC_PERSIST_H
#define MERGE_SRC_PERSIST_H

#include "persist_find.h"
#include "persist_ring.h"
#include "persist_tables.h"
#include "source.h"

/* Sub-buffers of one CPU of one buffer, in order */
struct persist_list {
	struct persist_subbuf *subbufs;
	size_t nr;
};

/*
 * @fd: -1 when it is no file
 * @owned: freed with the source
 * @slot: of those found the one that is read
 * @rings: by chunk; @lists: of the buffers' CPUs, one buffer after the other, the live
 *	one first
 */
struct persist_source {
	int fd;
	void *owned;
	struct merge_region_io io;
	struct crc32c crc;
	struct persist_found found;
	const struct persist_slot *slot;
	struct persist_tables tables;
	struct persist_ring *rings;
	struct persist_list *lists;
};

/*
 * As merge_source_open_region() the newest in @io; on success the source frees io->arg
 * when it is closed.
 */
int region_open_io(const struct merge_region_io *io, struct merge_error *err,
		   struct merge_source **out);

/* Note at @src what is missing, and remark what it is; once, when all is loaded */
void persist_tell(struct merge_source *src);

#endif
