/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Mainline's ramoops as a source: what src_ramoops.c reads and ramoops_notes.c tells of. */
#ifndef MERGE_SRC_RAMOOPS_H
#define MERGE_SRC_RAMOOPS_H

#include "ramoops_ftrace.h"
#include "source.h"

/*
 * struct ramoops_source - the private part of the source
 * @fd: -1 when it is no file
 * @owned: freed with the source, or NULL
 * @ftrace: its lists are those of the buffers' CPUs, one buffer after the other
 * @first: by buffer, index of its first list
 * @nr_logs: zones for functions, with @functions bytes written in them
 */
struct ramoops_source {
	int fd;
	void *owned;
	struct merge_region_io io;
	struct ramoops_how how;
	struct ramoops_area area;
	struct ramoops_ftrace ftrace;
	size_t first[RAMOOPS_MAX_BOOTS];
	size_t nr_logs;
	uint64_t functions;
};

/* One in which nothing is yet; NULL: out of memory */
struct merge_source *ramoops_create(const struct ramoops_how *how);

/* A buffer for each boot in ->ftrace, and what describes them. Return: 0 or -ENOMEM */
int ramoops_add_buffers(struct merge_source *src, uint32_t long_size, bool big_endian);

/*
 * The zones in @io, whose arg, malloc'ed, the source takes over when it is there.
 * Return: as merge_source_open()
 */
int ramoops_open_io(const struct merge_region_io *io, const struct ramoops_how *how,
		    struct merge_error *err, struct merge_source **out);

/* Note at @src what is missing in zone @z, of which @log was read */
void ramoops_tell_zone(struct merge_source *src, const struct ramoops_zone *z,
		       const struct ramoops_log *log);

/* "dmesg-0", "console"; of any zone */
void ramoops_zone_name(const struct ramoops_zone *z, char name[32]);

/* Remark that records are of several boots */
void ramoops_tell_boots(struct merge_source *src);

/* Note and remark what the whole is; once, when all is loaded */
void ramoops_tell(struct merge_source *src);

#endif
