/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A directory of files that is complete or not there. */
#ifndef PSTORE_RB_OUTDIR_H
#define PSTORE_RB_OUTDIR_H

#include "libmerge.h"

/*
 * @path: its name, without slashes at the end
 * @temp: the name it has while it is filled; NULL: done
 * @fd: the directory
 */
struct outdir {
	char *path;
	char *temp;
	int fd;
};

/* Beside @path, mode 0700. What exists is not replaced: -EEXIST */
int outdir_open(struct outdir *d, const char *path, struct merge_error *err);
/* A file in it, mode 0600; @name may have slashes: what is before them is made */
int outdir_write(struct outdir *d, const char *name, const void *data, size_t size,
		 struct merge_error *err);
/* The same, empty, to be written: a descriptor, or negative errno with @err set */
int outdir_create(struct outdir *d, const char *name, struct merge_error *err);
/* Take a file out of it again; what is not there is not there */
void outdir_drop(struct outdir *d, const char *name);
/* The same where there may be one already, which stays until all of this one is there */
int outdir_replace(struct outdir *d, const char *name, const void *data, size_t size,
		   struct merge_error *err);
/* All of it is there now: give it its name */
int outdir_finish(struct outdir *d, struct merge_error *err);
/* Remove what is half made; of what is finished only free @d. */
void outdir_close(struct outdir *d);

/* Remove a directory with all that is in it */
int outdir_remove(const char *path, struct merge_error *err);

#endif
