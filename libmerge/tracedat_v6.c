// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A trace.dat file of version 6 (trace-cmd's Documentation/trace-cmd/
 * trace-cmd.dat.v6.5.txt): blocks in a fixed order, the descriptions before the
 * sub-buffers, which wait in the spool. CPUs have no numbers: each buffer has a
 * table of all CPUs there can be, with empty entries for those without data.
 *
 * There is one size of sub-buffers: readers take the page size of the file's
 * head for all buffers. It is the largest that a buffer has, so that every event
 * fits. All events are packed anew into sub-buffers of that size: without absolute
 * time stamps, which kernels write since 5.10 and trace-cmd 2.8 stumbles over.
 */
#include <errno.h>
#include <string.h>

#include "error.h"
#include "source.h"
#include "tracedat.h"
#include "tracedat_spool.h"

/* "flyrecord\0" and "options  \0" */
#define TAG_SIZE	10u

static bool has_data(const struct dat_buffer *b)
{
	for (unsigned int i = 0; i < b->nr_cpus; i++)
		if (b->cpus[i].nr_runs)
			return true;
	return false;
}

/* Of all buffers that hold something; without any, what the kernel has at first */
static uint32_t common_size(const struct dat *dat)
{
	uint32_t size = 0;

	for (size_t i = 0; i < dat->nr_buffers; i++) {
		const struct dat_buffer *b = &dat->buffers[i];

		if (has_data(b) && b->buf->subbuf_size > size)
			size = b->buf->subbuf_size;
	}
	return size ? size : dat->src->desc->page_size;
}

static int put_descriptions(const struct dat_meta *meta, struct merge_error *err)
{
	const struct dat_meta_section *s;
	int ret = 0;

	for (s = dat_meta_sections; s->write && !ret; s++)
		ret = dat_meta_put(meta, s, err);
	return ret;
}

/* Return: where in the file the options are */
static uint64_t put_options(struct dat *dat, unsigned int nr_cpus)
{
	uint64_t start;

	datfile_number(&dat->file, nr_cpus, 4);
	datfile_text(&dat->file, "options  ");
	start = dat->file.pos;
	datfile_put(&dat->file, dat->options.data, dat->options.len);
	datfile_number(&dat->file, DAT_OPTIONS, 2);
	return start;
}

/* A table of CPUs, empty so far. Return: where it is */
static uint64_t put_table(struct dat *dat, unsigned int nr_cpus)
{
	uint64_t start = dat->file.pos;

	datfile_text(&dat->file, "flyrecord");
	for (unsigned int i = 0; i < nr_cpus; i++) {
		datfile_number(&dat->file, 0, 8);
		datfile_number(&dat->file, 0, 8);
	}
	return start;
}

static void put_clock(struct dat *dat, const char *clock)
{
	datfile_number(&dat->file, strlen(clock) + 2, 8);
	datfile_put(&dat->file, "[", 1);
	datfile_put(&dat->file, clock, strlen(clock));
	datfile_put(&dat->file, "]", 1);
}

/*
 * The top-level ring's table comes first and is there without one, too. A clock
 * follows each: of the first one all readers use it, when the option TRACECLOCK is
 * there; of the others trace-cmd dump shows it.
 */
static void put_tables(struct dat *dat, uint64_t options, unsigned int nr_cpus)
{
	struct dat_buffer *top = tracedat_top(dat);
	uint64_t at = put_table(dat, nr_cpus);

	if (top)
		top->section = at;
	if (dat->nr_buffers)
		put_clock(dat, tracedat_clock(dat));
	for (size_t i = 0; i < dat->nr_buffers; i++) {
		struct dat_buffer *b = &dat->buffers[i];

		if (b == top)
			continue;
		b->section = put_table(dat, nr_cpus);
		put_clock(dat, b->buf->clock);
		datfile_patch(&dat->file, options + b->option, b->section, 8);
	}
}

static int put_data(struct dat *dat, struct dat_buffer *b, uint32_t size,
		    struct merge_error *err)
{
	int ret = has_data(b) ? spool_write(dat, b, size, err) : 0;

	for (unsigned int i = 0; !ret && i < b->nr_cpus; i++) {
		const struct dat_cpu *cpu = &b->cpus[i];
		uint64_t at = b->section + TAG_SIZE + 16 * (uint64_t)cpu->cpu->cpu;

		if (!cpu->size)
			continue;
		datfile_patch(&dat->file, at, cpu->offset, 8);
		datfile_patch(&dat->file, at + 8, cpu->size, 8);
	}
	return ret;
}

int tracedat_put_v6(struct dat *dat, const uint8_t *ids, struct merge_error *err)
{
	struct dat_meta meta = {
		.file = &dat->file, .src = dat->src, .desc = dat->src->desc, .ids = ids,
	};
	unsigned int nr_cpus = tracedat_cpu_count(dat, meta.desc);
	int ret;

	meta.subbuf_size = common_size(dat);
	tracedat_put_magic(dat, meta.subbuf_size);
	ret = put_descriptions(&meta, err);
	if (ret)
		return ret;
	tracedat_options(dat, meta.desc);
	if (dat->options.failed)
		return error_nomem(err);
	put_tables(dat, put_options(dat, nr_cpus), nr_cpus);
	for (size_t i = 0; !ret && i < dat->nr_buffers; i++)
		ret = put_data(dat, &dat->buffers[i], meta.subbuf_size, err);
	return ret ? ret : datfile_error(&dat->file, err);
}
