/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The description in a directory that looks like a copied tracefs: docs/pages.md. */
#ifndef MERGE_DESCRIBE_DIR_H
#define MERGE_DESCRIBE_DIR_H

#include "describe.h"
#include "source.h"

/*
 * @fd, the directory, is borrowed and must outlive the description, whose sizes and
 * byte order the caller sets. What is missing is noted at @src. NULL: out of memory.
 */
struct merge_desc *desc_dir_create(int fd, struct merge_source *src);

#endif
