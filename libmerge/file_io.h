/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A regular file as what may hold a region: struct merge_region_io. */
#ifndef MERGE_FILE_IO_H
#define MERGE_FILE_IO_H

#include "libmerge.h"

/*
 * Open @path. *@fd is -1 where that fails, else the caller closes it, also when it is no
 * regular file; it must stay where it is while @io is in use. Return: 0 or negative errno
 */
int file_io_open(const char *path, int *fd, struct merge_region_io *io);

#endif
