// SPDX-License-Identifier: LGPL-2.1-or-later
/* Compressing what goes into a trace.dat: see tracedat_zip.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "error.h"
#include "sink.h"
#include "source.h"
#include "tracedat_zip.h"

/* Readers take whole chunks for one sub-buffer of it: trace-cmd has 40 KiB */
#define CHUNK	(64u * 1024)

/*
 * @name: in the head of the file
 * @version: of what compresses, which readers look at
 * @bound: bytes that @size can become at most
 * @pack: Return: bytes at @out, 0 on failure
 */
struct method {
	const char *name;
	const char *(*version)(void);
	size_t (*bound)(size_t size);
	size_t (*pack)(const void *in, size_t in_size, void *out, size_t out_size);
};

/*
 * struct tracedat_zip - the state
 * @cpu: whose sub-buffers come, NULL: nobody's
 * @chunk: sub-buffers not compressed yet, @used of @room bytes
 * @packed: room for what becomes of them
 * @count: chunks of this CPU
 * @plain: bytes of this CPU so far, not compressed
 * @size: bytes per sub-buffer of it
 * @align: what @plain is to become a multiple of; 0: whatever it is
 * @top_begun: there was a CPU of the top-level ring
 */
struct tracedat_zip {
	const struct method *method;
	struct dat_cpu *cpu;
	uint8_t *chunk, *packed;
	size_t used, room;
	uint32_t count;
	uint64_t plain;
	uint32_t size, align;
	bool top_begun;
};

static size_t zlib_bound(size_t size)
{
	return compressBound(size);
}

static size_t zlib_pack(const void *in, size_t in_size, void *out, size_t out_size)
{
	uLongf size = out_size;

	return compress(out, &size, in, in_size) == Z_OK ? size : 0;
}

static size_t zstd_pack(const void *in, size_t in_size, void *out, size_t out_size)
{
	size_t size = ZSTD_compress(out, out_size, in, in_size, ZSTD_CLEVEL_DEFAULT);

	return ZSTD_isError(size) ? 0 : size;
}

static const struct method methods[] = {
	{ "none", NULL, NULL, NULL },
	{ "zlib", zlibVersion, zlib_bound, zlib_pack },
	{ "zstd", ZSTD_versionString, ZSTD_compressBound, zstd_pack },
};

static void zip_head(struct dat *dat)
{
	datfile_text(&dat->file, dat->zip->method->name);
	datfile_text(&dat->file, dat->zip->method->version());
}

/* @packed has room for it */
static int put_block(struct dat *dat, const void *data, size_t size, uint8_t *packed)
{
	const struct method *m = dat->zip->method;
	size_t len = m->pack(data, size, packed, m->bound(size));

	if (!len)
		return -ENOMEM;
	datfile_number(&dat->file, len, 4);
	datfile_number(&dat->file, size, 4);
	datfile_put(&dat->file, packed, len);
	return 0;
}

static int zip_section(struct dat *dat, struct datfile *from, uint64_t start)
{
	size_t size = from->pos - start;
	uint8_t *data = malloc(size + 1);
	uint8_t *packed = malloc(dat->zip->method->bound(size));
	int ret = data && packed ? 0 : -ENOMEM;

	if (!ret) {
		datfile_get(from, start, data, size);
		ret = from->err ? from->err : put_block(dat, data, size, packed);
	}
	free(data);
	free(packed);
	return ret;
}

static int flush_chunk(struct dat *dat)
{
	struct tracedat_zip *zip = dat->zip;
	int ret = zip->used ? put_block(dat, zip->chunk, zip->used, zip->packed) : 0;

	zip->count += zip->used != 0;
	zip->used = 0;
	return ret;
}

static uint32_t largest(const struct dat *dat)
{
	uint32_t size = 0;

	for (unsigned int i = 0; i < dat->src->nr_buffers; i++)
		if (dat->src->buffers[i].subbuf_size > size)
			size = dat->src->buffers[i].subbuf_size;
	return size;
}

static int zip_cpu_begin(struct dat *dat, const struct dat_buffer *b, struct dat_cpu *cpu,
			 uint32_t size)
{
	struct tracedat_zip *zip = dat->zip;
	bool top = tracedat_top(dat) == b;
	size_t room = size < CHUNK ? CHUNK / size * size : size;

	if (room > zip->room) {
		free(zip->chunk);
		free(zip->packed);
		zip->chunk = malloc(room);
		zip->packed = malloc(zip->method->bound(room));
		zip->room = room;
		if (!zip->chunk || !zip->packed)
			return -ENOMEM;
	}
	zip->cpu = cpu;
	zip->count = 0;
	zip->used = 0;
	zip->size = size;
	zip->align = top ? largest(dat) : 0;
	/* readers begin to count at the size of one of its sub-buffers */
	zip->plain = top && !zip->top_begun ? size : 0;
	zip->top_begun = zip->top_begun || top;
	cpu->offset = dat->file.pos;
	datfile_number(&dat->file, 0, 4);
	return 0;
}

static int zip_page(struct dat *dat, const void *data, uint32_t size)
{
	struct tracedat_zip *zip = dat->zip;
	int ret = 0;

	if (zip->used + size > zip->room)
		ret = flush_chunk(dat);
	memcpy(zip->chunk + zip->used, data, size);
	zip->used += size;
	zip->plain += size;
	return ret;
}

/*
 * trace-cmd (3.1.6 to 3.4) gives the data of each CPU an offset where they would be
 * without compression, and finds sub-buffers by masking it. Those of the
 * top-level ring come first: empty sub-buffers behind them make offsets of larger
 * ones fit the mask.
 */
static int pad(struct dat *dat)
{
	struct tracedat_zip *zip = dat->zip;
	int ret = 0;

	while (!ret && zip->align && zip->plain % zip->align) {
		if (zip->used + zip->size > zip->room)
			ret = flush_chunk(dat);
		memset(zip->chunk + zip->used, 0, zip->size);
		zip->used += zip->size;
		zip->plain += zip->size;
	}
	return ret;
}

static int zip_cpu_end(struct dat *dat)
{
	struct tracedat_zip *zip = dat->zip;
	struct dat_cpu *cpu = zip->cpu;
	int ret;

	if (!cpu)
		return 0;
	ret = pad(dat);
	if (!ret)
		ret = flush_chunk(dat);
	datfile_patch(&dat->file, cpu->offset, zip->count, 4);
	cpu->size = dat->file.pos - cpu->offset;
	zip->cpu = NULL;
	return ret;
}

static void zip_free(struct dat *dat)
{
	free(dat->zip->chunk);
	free(dat->zip->packed);
	free(dat->zip);
}

static const struct tracedat_zip_ops zip_ops = {
	.head = zip_head,
	.section = zip_section,
	.cpu_begin = zip_cpu_begin,
	.page = zip_page,
	.cpu_end = zip_cpu_end,
	.largest = largest,
	.free = zip_free,
};

int merge_sink_tracedat_compress(struct merge_sink *sink, const char *method,
				 struct merge_error *err)
{
	struct dat *dat = tracedat_of(sink);
	size_t i = 0;

	while (i < sizeof(methods) / sizeof(*methods) && strcmp(methods[i].name, method))
		i++;
	if (!dat || dat->src || dat->zip)
		return error_set(err, -EINVAL, "no trace.dat that is still to be written");
	if (i == sizeof(methods) / sizeof(*methods))
		return error_set(err, -EINVAL, "trace.dat files are not compressed with %s",
				 method);
	if (!methods[i].pack)
		return 0;
	if (dat->version != 7)
		return error_set(err, -EINVAL, "version %u of trace.dat knows no compression",
				 dat->version);
	dat->zip = calloc(1, sizeof(*dat->zip));
	if (!dat->zip)
		return error_nomem(err);
	dat->zip->method = &methods[i];
	dat->zip_ops = &zip_ops;
	return 0;
}
