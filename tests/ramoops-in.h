/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memories with ramoops in files, and what the source makes of them, for tests. */
#ifndef RAMOOPS_IN_H
#define RAMOOPS_IN_H

#include "libmerge.h"
#include "mkramoops.h"

/* @m as a file that is a source of kind @type; NULL with @err filled when it is refused */
struct merge_source *ramoops_in_open(const struct ramoops_mem *m, const char *type,
				     struct merge_error *err);

/* The same; the test ends when it is refused. Frees @m */
struct merge_source *ramoops_in_source(struct ramoops_mem *m, const char *type);

/* Its memory as what may hold a region */
struct merge_region_io ramoops_in_io(const struct ramoops_mem *m);

/*
 * Texts as "NAME: TEXT", events of each buffer as image_render(), notices behind "# ";
 * closes @src
 */
char *ramoops_in_all(struct merge_source *src);

#endif
