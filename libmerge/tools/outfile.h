/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A file of text that is complete or not there; "-" is standard output. */
#ifndef PSTORE_RB_OUTFILE_H
#define PSTORE_RB_OUTFILE_H

#include "libmerge.h"

/* @temp: the name it has while it is written; NULL: standard output, or done */
struct outfile {
	const char *path;
	char *temp;
	FILE *out;
};

/* Beside @path, mode 0600; what is no regular file is not replaced */
int outfile_open(struct outfile *f, const char *path, struct merge_error *err);
/* All of it is there now: give it its name */
int outfile_finish(struct outfile *f, struct merge_error *err);
/* Remove what is half made; nothing behind outfile_finish() */
void outfile_close(struct outfile *f);

#endif
