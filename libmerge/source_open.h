/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What can be opened by its path: one row of the table in source_open.c each. */
#ifndef MERGE_SOURCE_OPEN_H
#define MERGE_SOURCE_OPEN_H

#include <sys/stat.h>

#include "libmerge.h"

#define LOOK_SIZE	64u

/*
 * struct source_look - what a probe sees of a path
 * @head, @size: the first bytes of a regular file; of anything else none
 */
struct source_look {
	const char *path;
	struct stat st;
	uint8_t head[LOOK_SIZE];
	size_t size;
};

/*
 * @name: what a user forces it by
 * @probe: whether the path looks like one
 * @open: as merge_source_open(), with the path before all error texts
 * @open_at: the same of the one of several in it that is at @place; NULL: there is but one
 * @open_how: the same with parameters, what follows the name and a colon; NULL: it has none
 */
struct source_type {
	const char *name;
	bool (*probe)(const struct source_look *look);
	int (*open)(const char *path, struct merge_error *err, struct merge_source **out);
	int (*open_at)(const char *path, uint64_t place, struct merge_error *err,
		       struct merge_source **out);
	int (*open_how)(const char *path, const char *how, struct merge_error *err,
			struct merge_source **out);
};

/* src_tracedat.c */
bool tracedat_probe(const struct source_look *look);
int tracedat_open(const char *path, struct merge_error *err, struct merge_source **out);

/* src_pages.c */
bool pages_probe(const struct source_look *look);
int pages_open(const char *path, struct merge_error *err, struct merge_source **out);

/* src_pstore.c */
bool pstore_probe(const struct source_look *look);
int pstore_open(const char *path, struct merge_error *err, struct merge_source **out);

/* src_persist.c; the probe looks through the whole file */
bool region_probe(const struct source_look *look);
int region_open(const char *path, struct merge_error *err, struct merge_source **out);
int region_open_at(const char *path, uint64_t start, struct merge_error *err,
		   struct merge_source **out);

/* src_ramoops.c; the probe looks through the whole file */
bool ramoops_probe(const struct source_look *look);
int ramoops_open(const char *path, struct merge_error *err, struct merge_source **out);
int ramoops_open_at(const char *path, uint64_t start, struct merge_error *err,
		    struct merge_source **out);
int ramoops_open_how(const char *path, const char *how, struct merge_error *err,
		     struct merge_source **out);

/* src_bootring.c; the probe looks through the whole file */
bool bootring_probe(const struct source_look *look);
int bootring_open(const char *path, struct merge_error *err, struct merge_source **out);
int bootring_open_at(const char *path, uint64_t start, struct merge_error *err,
		     struct merge_source **out);

#endif
