/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where things are in a trace.dat file, and what its options say: the same for
 * both versions. dat_layout.c reads the options and sections of version 7,
 * dat_layout_v6.c the blocks and tables of version 6.
 */
#ifndef MERGE_DAT_LAYOUT_H
#define MERGE_DAT_LAYOUT_H

#include "dat_ids.h"
#include "dat_reader.h"
#include "source.h"
#include "textbuf.h"

/* No kernel has CPU numbers so large */
#define DAT_MAX_CPUS	65536u

/* One CPU's sub-buffers, @size bytes in the file */
struct dat_in_cpu {
	uint32_t cpu;
	uint64_t pos;
	uint64_t size;
};

/*
 * @name: "" the top-level one; owned, as @clock and @cpus, which ascend by number
 * @clock: NULL when the file does not say
 * @compressed: the sub-buffers are compressed in chunks
 * @cpu_count: of version 6, when the buffer has a count of its own; else 0
 * @table: of version 6, where its table is
 */
struct dat_in_buffer {
	char *name;
	char *clock;
	uint32_t subbuf_size;
	bool compressed;
	uint32_t cpu_count;
	uint64_t table;
	struct dat_in_cpu *cpus;
	size_t nr_cpus;
};

/*
 * @src: what cannot be had is noted there
 * @sections: by id; pos 0 for those that are not there. Of version 6 a block
 * @cpu_count: of the option CPUCOUNT or, of version 6, of the file; 0 unknown
 * @time_offset: nanoseconds to add to all time stamps
 * @has_clock: there is an option TRACECLOCK; @clock: what it says is the clock
 * @stats: all options CPUSTAT, NUL-terminated
 */
struct dat_layout {
	const struct dat_reader *r;
	struct merge_source *src;
	struct dat_in_section sections[DAT_NR_SECTION_IDS];
	struct dat_in_buffer *buffers;
	size_t nr_buffers;
	uint32_t cpu_count;
	uint64_t time_offset;
	bool has_clock;
	char clock[32];
	char *uname;
	struct textbuf stats;
};

/* Return: 0; -EBADMSG, -ENODATA, -ENOTSUP, -ENOMEM with @err set */
int dat_layout_init(struct dat_layout *l, const struct dat_reader *r,
		    struct merge_source *src, struct merge_error *err);
void dat_layout_deinit(struct dat_layout *l);

/* The data of section @id, as dat_reader_load(). -ENOENT when there is none */
int dat_layout_load(const struct dat_layout *l, enum tracedat_id id, void **data,
		    size_t *size);

/* ---- what the two versions share ------------------------------------------ */

/*
 * An option of @size bytes at @data, behind which there is a NUL.
 * Return: 0, -ENOMEM; -ENOTSUP with @err set. One that makes no sense is noted.
 */
int dat_layout_option(struct dat_layout *l, unsigned int id, const void *data, size_t size,
		      struct merge_error *err);

/* Room for a buffer more, zeroed; NULL: out of memory */
struct dat_in_buffer *dat_layout_add(struct dat_layout *l);

/* "[local] global": the clock in brackets. Return: whether there is one */
bool dat_layout_clock(const char *text, char *clock, size_t size);

/* dat_layout_v6.c: as dat_layout_init() */
int dat_layout_v6(struct dat_layout *l, struct merge_error *err);

#endif
