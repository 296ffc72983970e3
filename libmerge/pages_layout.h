/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is where in a directory of raw sub-buffers (docs/pages.md): buffers and CPUs
 * with the files of their sub-buffers, clocks, sizes, counts. Sub-buffers are not read.
 */
#ifndef MERGE_PAGES_LAYOUT_H
#define MERGE_PAGES_LAYOUT_H

#include "source.h"

/* The sub-buffers of a CPU; of one without any @path may be a file that is not there */
struct pages_file {
	char *path;
	uint64_t size;
};

/*
 * @fd: the directory
 * @src: gets the buffers, and what is missing as notices
 * @files: of all CPUs of all buffers, one buffer after the other
 * @first: by buffer, index in @files of its first CPU
 * @nr_cpu_ids: possible CPU numbers
 */
struct pages_layout {
	int fd;
	struct merge_source *src;
	struct pages_file *files;
	size_t nr_files;
	size_t *first;
	unsigned int nr_cpu_ids;
};

/* @layout has @fd and @src. Return: 0 or -ENOMEM */
int pages_layout_load(struct pages_layout *l);
void pages_layout_deinit(struct pages_layout *l);

/* Whether directory @fd has a file of raw sub-buffers, without opening it */
bool pages_layout_probe(int fd);

#endif
