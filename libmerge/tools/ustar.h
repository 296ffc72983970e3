/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The header of a file in a tar archive: POSIX.1-1988's ustar. */
#ifndef PSTORE_RB_USTAR_H
#define PSTORE_RB_USTAR_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define USTAR_BLOCK	512u

/*
 * Of a regular file, mode 0600, of user and group 0. Sizes of 8 GiB and more as GNU tar has
 * them. Return: 0; -ENAMETOOLONG when @name does not fit
 */
int ustar_header(uint8_t block[USTAR_BLOCK], const char *name, uint64_t size, time_t modified);

/* Zeros behind @size bytes, up to the next block; two blocks of them end an archive */
size_t ustar_padding(uint64_t size);

#endif
