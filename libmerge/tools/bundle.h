/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A harvest as one file, to be sent: a tar archive, compressed with zstd. */
#ifndef PSTORE_RB_BUNDLE_H
#define PSTORE_RB_BUNDLE_H

#include <stdbool.h>

#include "libmerge.h"

/*
 * All files of the harvest @name in @path into the new file @to. @redact: without names and
 * pointers, and without the files that have them in other forms than text.
 * @files: how many are in it; @left_out: how many are not
 * Return: 0; errno with @err set; -EINTR: a signal came
 */
int bundle_make(const char *path, const char *name, const char *to, bool redact,
		unsigned int *files, unsigned int *left_out, struct merge_error *err);

#endif
