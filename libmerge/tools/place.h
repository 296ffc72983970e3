/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A directory in which a crash left files: that of pstore, and that of systemd-pstore. */
#ifndef PSTORE_RB_PLACE_H
#define PSTORE_RB_PLACE_H

#include <time.h>

#include "libmerge.h"

#define PLACE_PSTORE	"/sys/fs/pstore"
#define PLACE_SYSTEMD	"/var/lib/systemd/pstore"

/* What names the image of the tracer pstore's region */
#define PLACE_IMAGE	"trace-"

/*
 * struct place_file - one file
 * @name: below the place
 * @modified: in pstore: when the record was written, as far as that is known
 * @crc: crc32c of its bytes, once they were copied
 * @verified: there is a copy that was compared with it, byte by byte
 * @erased: it is not there any more
 * @harvest: of the harvest that has it the number in struct kept_list, or -1
 */
struct place_file {
	char *name;
	uint64_t size;
	struct timespec modified;
	uint32_t crc;
	bool verified, erased;
	long harvest;
};

/* @path: its whole name; @files: images first, then by name */
struct place {
	char *path;
	int fd;
	struct place_file *files;
	size_t nr;
};

/*
 * @path below @root, and what regular files are there. Return: 0; errno with @err set:
 * -ENOENT there is no such directory. The caller closes in every case.
 */
int place_open(struct place *p, const char *root, const char *path, struct merge_error *err);
void place_close(struct place *p);

/* Whether it is an image */
bool place_is_image(const struct place_file *f);

/* Whether pstore itself is there, and not only the directory it is to be mounted on */
bool place_is_pstore(const struct place *p);

/* Erase those that are verified. Return: how many; @err tells of the first that stays */
size_t place_erase(struct place *p, struct merge_error *err);

#endif
