/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A trace.dat file while it is written: bytes, numbers in the traced kernel's
 * byte order, sections, and a name that appears only when all is there.
 */
#ifndef MERGE_TRACEDAT_FILE_H
#define MERGE_TRACEDAT_FILE_H

#include "dat_ids.h"
#include "libmerge.h"

/*
 * struct datfile - the file
 * @path: the name it will have
 * @temp: the name it has
 * @pos: bytes written so far, those in @buf included
 * @written: bytes handed to the kernel
 * @started: those of them whose way to the disk has begun
 * @section: where the open section's data starts
 * @err: the first failure, which ends all writing; 0 while all is well
 */
struct datfile {
	char *path;
	char *temp;
	int fd;
	bool big_endian;
	uint8_t *buf;
	size_t used;
	uint64_t pos;
	uint64_t written, started;
	uint64_t section;
	int err;
};

/* Beside @path, mode 0600. Return: 0 or a negative errno, @err filled */
int datfile_open(struct datfile *f, const char *path, struct merge_error *err);
/* The same without a name: a place for what cannot be written in order */
int datfile_open_spool(struct datfile *f, const char *path, struct merge_error *err);
/* Write out, fsync, rename; afterwards datfile_close() removes nothing */
int datfile_finish(struct datfile *f, struct merge_error *err);
/* Closes, and removes what was not finished; a zeroed @f is allowed */
void datfile_close(struct datfile *f);

/* Failures are latched: ask datfile_error() once in a while */
void datfile_put(struct datfile *f, const void *data, size_t len);
void datfile_number(struct datfile *f, uint64_t value, unsigned int size);
void datfile_text(struct datfile *f, const char *text);	/* with its NUL */
void datfile_align(struct datfile *f, uint32_t size);	/* zeros up to a multiple */
/* Overwrite a number written before */
void datfile_patch(struct datfile *f, uint64_t pos, uint64_t value, unsigned int size);
/* Read back. A failure is latched, and zeros are read */
void datfile_get(struct datfile *f, uint64_t pos, void *data, size_t len);
int datfile_error(const struct datfile *f, struct merge_error *err);

/* Sections follow each other without a gap. Return: where the section starts */
uint64_t datfile_section(struct datfile *f, enum tracedat_id id);
void datfile_section_end(struct datfile *f);

/* A number's bytes in the byte order of the file */
void datfile_encode(const struct datfile *f, uint64_t value, unsigned int size, uint8_t *out);

#endif
