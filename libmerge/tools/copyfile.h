/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bytes from one file to another, and whether they have arrived. */
#ifndef PSTORE_RB_COPYFILE_H
#define PSTORE_RB_COPYFILE_H

#include <stdbool.h>

#include "crc32c.h"

/*
 * All of @from, from its start, to @to; @size and @crc tell what it was.
 * Return: 0; errno, with *@reading when it was @from that failed; -EINTR: a signal came
 */
int copy_file(int from, int to, const struct crc32c *table, uint64_t *size, uint32_t *crc,
	      bool *reading);

/* Return: 1 the same bytes, 0 others, errno; -EINTR: a signal came */
int copy_is_same(int a, int b);

/* To the disk, and read from there, not from memory, next time. Return: 0 or errno */
int copy_settle(int fd);

#endif
