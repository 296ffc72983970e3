// SPDX-License-Identifier: LGPL-2.1-or-later
/* Sub-buffers between the pump and their place in the file: see tracedat_spool.h. */
#include <errno.h>
#include <stdlib.h>

#include "error.h"
#include "tracedat_spool.h"
#include "tracedat_zip.h"

static int add_run(struct dat_cpu *cpu, uint64_t pos, uint32_t size)
{
	struct dat_run *runs = cpu->runs;
	struct dat_run *last = cpu->nr_runs ? &runs[cpu->nr_runs - 1] : NULL;

	if (last && last->pos + last->size == pos) {
		last->size += size;
		return 0;
	}
	runs = reallocarray(runs, cpu->nr_runs + 1, sizeof(*runs));
	if (!runs)
		return -ENOMEM;
	cpu->runs = runs;
	runs[cpu->nr_runs++] = (struct dat_run){ pos, size };
	return 0;
}

int spool_add(struct dat *dat, struct dat_cpu *cpu, const void *page, uint32_t size,
	      struct merge_error *err)
{
	int ret = dat->spool.path ? 0 : datfile_open_spool(&dat->spool, dat->file.path, err);

	if (ret)
		return ret;
	if (add_run(cpu, dat->spool.pos, size))
		return error_nomem(err);
	datfile_put(&dat->spool, page, size);
	return datfile_error(&dat->spool, err);
}

/* ---- Into the file ------------------------------------------------------- */

static void put_pack(struct dat *dat, struct page_pack *pack)
{
	if (page_pack_finish(pack))
		datfile_put(&dat->file, pack->data, pack->size);
}

/* The events of the sub-buffer at @data, of @size bytes */
static int repack(struct dat *dat, struct page_pack *pack, const void *data, uint32_t size)
{
	struct subbuf sb = { .data = data, .size = size };
	struct page page;
	struct page_event ev;
	uint64_t lost;
	int ret = 0;

	page_load(&page, &sb, size, pack->long_size, pack->big_endian);
	for (lost = page.lost; !ret && page_next(&page, &ev); lost = 0) {
		ret = page_pack_event(pack, ev.ts, lost, ev.data, ev.size);
		if (ret != -ENOSPC)
			continue;
		put_pack(dat, pack);
		ret = page_pack_event(pack, ev.ts, lost, ev.data, ev.size);
	}
	return ret;
}

/* A run of sub-buffers of @size bytes; @page has room for one */
static int write_run(struct dat *dat, struct page_pack *pack, const struct dat_run *run,
		     uint8_t *page, uint32_t size)
{
	int ret = 0;

	for (uint64_t at = 0; !ret && at < run->size; at += size) {
		if (source_interrupted(dat->src))
			return -EINTR;
		datfile_get(&dat->spool, run->pos + at, page, size);
		if (dat->zip)
			ret = dat->zip_ops->page(dat, page, size);
		else if (dat->version == 7)
			datfile_put(&dat->file, page, size);
		else
			ret = repack(dat, pack, page, size);
		ret = ret ? ret : dat->spool.err ? dat->spool.err : dat->file.err;
	}
	return ret;
}

static int write_cpu(struct dat *dat, const struct dat_buffer *b, struct dat_cpu *cpu,
		     uint32_t to_size)
{
	uint32_t from_size = b->buf->subbuf_size;
	uint8_t *page = malloc(from_size);
	struct page_pack pack;
	int ret = page ? 0 : -ENOMEM;

	page_pack_init(&pack, to_size, dat->src->long_size, dat->src->big_endian);
	cpu->offset = dat->file.pos;
	if (!ret && dat->zip && cpu->nr_runs)
		ret = dat->zip_ops->cpu_begin(dat, b, cpu, to_size);
	for (size_t i = 0; !ret && i < cpu->nr_runs; i++)
		ret = write_run(dat, &pack, &cpu->runs[i], page, from_size);
	put_pack(dat, &pack);
	if (!ret && dat->zip)
		ret = dat->zip_ops->cpu_end(dat);
	cpu->size = dat->file.pos - cpu->offset;
	page_pack_deinit(&pack);
	free(page);
	return ret;
}

int spool_write(struct dat *dat, struct dat_buffer *b, uint32_t subbuf_size,
		struct merge_error *err)
{
	int ret = 0;

	if (!dat->zip)
		datfile_align(&dat->file, subbuf_size);
	for (unsigned int i = 0; !ret && i < b->nr_cpus; i++)
		ret = write_cpu(dat, b, &b->cpus[i], subbuf_size);
	if (dat->spool.err)
		return datfile_error(&dat->spool, err);
	if (dat->file.err)
		return datfile_error(&dat->file, err);
	if (!ret)
		return 0;
	error_code(err, ret);
	return error_prepend(err, "buffer %s", b->buf->name);
}
