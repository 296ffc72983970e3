/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Directories of raw sub-buffers, as docs/pages.md describes them, made of what any
 * source has: as somebody would have copied them who has that kernel running.
 */
#ifndef MKPAGES_H
#define MKPAGES_H

#include "describe.h"
#include "source.h"

/*
 * Fill @dir, which exists, with all buffers of @src and its whole description. A buffer
 * NAME/snapshot is the snapshot of the instance NAME; what is apart is left out. Aborts
 * where that does not work.
 */
void pages_make(const char *dir, struct merge_source *src);

/* One file below @dir, with the directories on its way; @size bytes */
void pages_put(const char *dir, const char *path, const void *bytes, size_t size);

/* Remove @dir and everything in it */
void pages_remove(const char *dir);

#endif
