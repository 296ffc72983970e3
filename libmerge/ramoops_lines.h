/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Functions as the kernel itself decodes them, in /sys/fs/pstore/ftrace-ramoops-0
 * (pstore_ftrace_seq_show() of fs/pstore/inode.c):
 *
 *	CPU:1 ts:5 ffffffff81000050  ffffffff81000200  vfs_read <- ksys_read+0x6b/0xe0
 *
 * in the order of ts, whatever boots they are of. The names are of the kernel that prints
 * them, which may lie elsewhere than the one that recorded: they are not taken.
 */
#ifndef MERGE_RAMOOPS_LINES_H
#define MERGE_RAMOOPS_LINES_H

#include "ramoops_ftrace.h"

/* Whether @text begins with such a line, or may, as far as @size goes */
bool ramoops_lines_probe(const char *text, size_t size);

/*
 * Take the records of @text, which is followed by a 0; *@nr_other lines are none, the last one
 * without its end included. Return: 0 or -ENOMEM
 */
int ramoops_lines_take(struct ramoops_ftrace *f, const char *text, uint64_t *nr_other);

/* All are taken: f->long_size, and which boot each is of. Return: 0 or -ENOMEM */
int ramoops_lines_finish(struct ramoops_ftrace *f);

#endif
