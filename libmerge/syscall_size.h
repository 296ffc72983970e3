/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a kernel knows of its system calls' events and no file of it tells, as far as
 * their formats give it away: see desc_ops.syscall_size.
 */
#ifndef MERGE_SYSCALL_SIZE_H
#define MERGE_SYSCALL_SIZE_H

#include <stdbool.h>
#include <stddef.h>

/* Whether the event of this format, which need not be terminated, has what a pointer to user memory points to */
bool syscall_has_copy(const char *format, size_t len);

/* Which argument has the size of it; -1: none, or it is a string */
int syscall_size_argument(const char *format);

#endif
