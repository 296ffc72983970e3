/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kinds of input there are, each as it is damaged and opened. */
#ifndef MUTATE_KINDS_H
#define MUTATE_KINDS_H

#include "bytes.h"
#include "libmerge.h"

/*
 * struct kind - one kind of input
 * @share: of all shares
 * @prepare: make the whole input, before all mutants. @dir: a directory of its own
 * @open: damage it with @r (NULL: not at all) and open it; 0 or a negative errno.
 *	What was damaged stays so until the next call, or @release.
 */
struct kind {
	const char *name;
	unsigned int share;
	void *(*prepare)(const char *dir);
	int (*open)(void *input, struct random *r, struct merge_error *err,
		    struct merge_source **src);
	void (*release)(void *input);
};

extern const struct kind kind_memory, kind_tracedat, kind_pages, kind_region, kind_ramoops, kind_bootring,
	kind_pstore;

#endif
