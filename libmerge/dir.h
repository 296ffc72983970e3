/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Files in a directory that others filled. Nothing but regular files and
 * directories is opened, no symbolic link is followed on the way, and nothing waits.
 */
#ifndef MERGE_DIR_H
#define MERGE_DIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* @path below directory @at, or negative errno: -EINVAL when it is no regular file */
int dir_open_file(int at, const char *path, uint64_t *size);
/* The same of a directory */
int dir_open_dir(int at, const char *path);

/* Whether there is anything at @path. It is not opened: that of a kernel's file may do much */
bool dir_has(int at, const char *path);

/* Why one of the above or below failed */
const char *dir_strerror(int code);

/*
 * The whole of a file, NUL-terminated, malloc'ed. Read to its end, as files of a
 * kernel have no size. Return: 0; -EFBIG for more than @max bytes; the errno.
 */
int dir_read(int at, const char *path, size_t max, char **text, size_t *size);

/*
 * The names in a directory, without "." and "..", in order of their bytes,
 * malloc'ed; free them with dir_names_free(). Return: 0; errno
 */
int dir_names(int at, const char *path, char ***names, size_t *nr);
void dir_names_free(char **names, size_t nr);

#endif
