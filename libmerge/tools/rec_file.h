/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A file of sub-buffers, one behind the other, while a CPU is recorded: all of them,
 * or the last so many, the oldest being written over. Whole sub-buffers stay in it
 * when the disk is full.
 */
#ifndef PSTORE_RB_REC_FILE_H
#define PSTORE_RB_REC_FILE_H

#include <stdint.h>

/*
 * @size: of a sub-buffer
 * @max: how many are kept; 0: all
 * @count: how many were put
 */
struct rec_file {
	int fd;
	uint32_t size;
	uint64_t max;
	uint64_t count;
};

/* @name below directory @dir, mode 0600. Return: 0 or a negative errno */
int rec_file_open(struct rec_file *f, int dir, const char *name, uint32_t size, uint64_t max);

/* @nr sub-buffers. Return: 0 or a negative errno; those that are whole are there then */
int rec_file_put(struct rec_file *f, const void *data, uint64_t nr);

/* Oldest first. Return: 0 or a negative errno. The file is closed in any case */
int rec_file_finish(struct rec_file *f);

/* How many are in it, and how many were written over */
uint64_t rec_file_kept(const struct rec_file *f);
uint64_t rec_file_over(const struct rec_file *f);

#endif
