/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A trace.dat file that is read: its head, numbers and bytes at any place, and
 * the sections of version 7. Every offset and size is held against the file's
 * size.
 */
#ifndef MERGE_DAT_READER_H
#define MERGE_DAT_READER_H

#include "cursor.h"
#include "dat_zip.h"
#include "libmerge.h"

/* A section's header and, when it is compressed, what stands before its data */
#define DAT_SECTION_HEAD	16u
#define DAT_ZIP_HEAD		8u

/* What a file begins with, followed by the version */
#define DAT_MAGIC	"\x17\x08\x44tracing"
#define DAT_MAGIC_SIZE	10u

/*
 * @size: of the file
 * @version: 6 or 7
 * @long_size: of the head; that of the kernel is told by HEADER_INFO
 * @page_size: sub-buffer size of the top-level ring; of version 6, of all
 * @start: what follows the head: of version 7 the first options, of version 6
 *	the first block
 */
struct dat_reader {
	int fd;
	uint64_t size;
	unsigned int version;
	bool big_endian;
	uint32_t long_size;
	uint32_t page_size;
	const struct dat_zip *zip;
	uint64_t start;
};

/*
 * A section of version 7
 * @pos, @size: of its data in the file, compressed or not; what is behind the end
 *	of the file is not counted
 * @cut: some of it is behind the end of the file
 */
struct dat_in_section {
	unsigned int id;
	bool compressed;
	bool cut;
	uint64_t pos;
	uint64_t size;
};

/*
 * Read the head. Return: 0; -EBADMSG no trace.dat or a broken head; -ENOTSUP a
 * version or compression that is not known; the errno of opening
 */
int dat_reader_open(struct dat_reader *r, const char *path, struct merge_error *err);
void dat_reader_close(struct dat_reader *r);	/* a zeroed @r with fd -1 is allowed */

/* @len bytes at @pos. Return: 0, -ENODATA behind the end of the file, an errno */
int dat_reader_get(const struct dat_reader *r, uint64_t pos, void *data, size_t len);
int dat_reader_number(const struct dat_reader *r, uint64_t pos, unsigned int size,
		      uint64_t *value);

/* @len bytes at @pos, or what there is, malloc'ed with a NUL behind: *@got of them */
int dat_reader_bytes(const struct dat_reader *r, uint64_t pos, uint64_t len,
		     void **data, size_t *got);

/* The section at @pos. Return: 0, -ENODATA behind the end of the file */
int dat_reader_section(const struct dat_reader *r, uint64_t pos, struct dat_in_section *s);

/*
 * The data of @s, expanded, malloc'ed with a NUL behind.
 * Return: 0, -EBADMSG, -ENODATA behind the end of the file, -ENOMEM
 */
int dat_reader_load(const struct dat_reader *r, const struct dat_in_section *s,
		    void **data, size_t *size);

#endif
