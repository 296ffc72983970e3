/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A trace.dat file while it is written: bytes, numbers in the traced kernel's
 * byte order, sections, and a name that appears only when all is there.
 */
#ifndef MERGE_TRACEDAT_FILE_H
#define MERGE_TRACEDAT_FILE_H

#include "libmerge.h"

/* Ids of sections and options: TRACECMD_OPTION_* of trace-cmd */
enum tracedat_id {
	DAT_OPTIONS		= 0,
	DAT_CPUSTAT		= 2,
	DAT_BUFFER		= 3,
	DAT_TRACECLOCK		= 4,
	DAT_UNAME		= 5,
	DAT_CPUCOUNT		= 8,
	DAT_VERSION		= 9,
	DAT_TRACEID		= 11,
	DAT_STRINGS		= 15,
	DAT_HEADER_INFO		= 16,
	DAT_FTRACE_EVENTS	= 17,
	DAT_EVENT_FORMATS	= 18,
	DAT_KALLSYMS		= 19,
	DAT_PRINTK		= 20,
	DAT_CMDLINES		= 21,
};

/*
 * struct datfile - the file
 * @path: the name it will have
 * @temp: the name it has
 * @pos: bytes written so far, those in @buf included
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
	uint64_t section;
	int err;
};

/* Beside @path, mode 0600. Return: 0 or a negative errno, @err filled */
int datfile_open(struct datfile *f, const char *path, struct merge_error *err);
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
int datfile_error(const struct datfile *f, struct merge_error *err);

/* Sections follow each other without a gap. Return: where the section starts */
uint64_t datfile_section(struct datfile *f, enum tracedat_id id);
void datfile_section_end(struct datfile *f);

/* A number's bytes in the byte order of the file */
void datfile_encode(const struct datfile *f, uint64_t value, unsigned int size, uint8_t *out);

#endif
