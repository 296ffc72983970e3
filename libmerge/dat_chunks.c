// SPDX-License-Identifier: LGPL-2.1-or-later
/* One CPU's sub-buffers in a trace.dat file: see dat_chunks.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dat_chunks.h"

#define COUNT_SIZE	4u

/* Places of chunks that are kept; an even number */
#define MAX_INDEX	1024u

/* ---- Where chunks are ----------------------------------------------------- */

/* Sizes of the chunk at @pos. Return: 0; -EBADMSG they make no sense; -ENODATA */
static int chunk_sizes(const struct dat_chunks *c, const struct dat_reader *r, uint64_t pos,
		       uint64_t *in, uint64_t *out)
{
	int ret;

	if (pos > c->end || c->end - pos < DAT_ZIP_HEAD)
		return -ENODATA;
	ret = dat_reader_number(r, pos, 4, in);
	if (!ret)
		ret = dat_reader_number(r, pos + 4, 4, out);
	if (ret)
		return ret;
	if (*in > c->end - pos - DAT_ZIP_HEAD)
		return -ENODATA;
	return *out && *out <= DAT_CHUNK_MAX && dat_zip_can_be(r->zip, *in, *out) ? 0 : -EBADMSG;
}

/* The index keeps every other place when it is full. */
static int index_add(struct dat_chunks *c, size_t number, const struct dat_chunk *chunk)
{
	if (!c->index)
		c->index = malloc(MAX_INDEX * sizeof(*c->index));
	if (!c->index)
		return -ENOMEM;
	if (number % c->step)
		return 0;
	if (c->nr_index == MAX_INDEX) {
		c->step *= 2;
		c->nr_index /= 2;
		for (size_t i = 0; i < c->nr_index; i++)
			c->index[i] = c->index[2 * i];
		if (number % c->step)
			return 0;
	}
	c->index[c->nr_index++] = *chunk;
	return 0;
}

static int find_chunks(struct dat_chunks *c, const struct dat_reader *r)
{
	struct dat_chunk chunk = { .pos = c->pos + COUNT_SIZE };
	uint64_t nr, in, out;
	int ret = c->end - c->pos < COUNT_SIZE ? -ENODATA :
		dat_reader_number(r, c->pos, COUNT_SIZE, &nr);

	for (uint64_t i = 0; !ret && i < nr; i++) {
		ret = chunk_sizes(c, r, chunk.pos, &in, &out);
		if (!ret)
			ret = index_add(c, i, &chunk);
		if (ret)
			break;
		chunk.pos += DAT_ZIP_HEAD + in;
		chunk.offset += out;
	}
	c->size = chunk.offset;
	if (ret == -ENODATA || ret == -EBADMSG) {
		c->bad = chunk.pos;
		ret = 0;
	}
	return ret;
}

int dat_chunks_init(struct dat_chunks *c, const struct dat_reader *r, uint64_t pos,
		    uint64_t size, bool compressed)
{
	*c = (struct dat_chunks){ .pos = pos, .compressed = compressed, .step = 1 };
	if (!size)
		return 0;
	if (pos >= r->size) {
		c->bad = pos;
		return 0;
	}
	c->end = size < r->size - pos ? pos + size : r->size;
	if (compressed) {
		/* trace-cmd convert leaves the count out of the size */
		c->end += r->size - c->end < COUNT_SIZE ? r->size - c->end : COUNT_SIZE;
		return find_chunks(c, r);
	}
	c->size = c->end - pos;
	if (c->size < size)
		c->bad = c->end;
	return 0;
}

void dat_chunks_deinit(struct dat_chunks *c)
{
	free(c->index);
	free(c->data);
	c->index = NULL;
	c->data = NULL;
}

/* ---- What is in them ------------------------------------------------------ */

static void forget(struct dat_cache *cache, struct dat_chunks *c)
{
	if (c->data)
		cache->bytes -= c->data_size;
	free(c->data);
	c->data = NULL;
}

/* Forget what was not used for longest until @more bytes can come */
static void make_room(struct dat_cache *cache, size_t more)
{
	while (cache->bytes && cache->bytes + more > DAT_CACHE_MAX) {
		struct dat_chunks *oldest = NULL;

		for (size_t i = 0; i < cache->nr; i++) {
			struct dat_chunks *c = &cache->all[i];

			if (c->data && (!oldest || c->used < oldest->used))
				oldest = c;
		}
		forget(cache, oldest);
	}
}

/* Expand the chunk at @at into c->data */
static int expand(struct dat_chunks *c, const struct dat_reader *r, struct dat_cache *cache,
		  const struct dat_chunk *at, uint64_t in_size, uint64_t out_size)
{
	size_t got;
	void *in, *data;
	int ret;

	if (c->broken == at->pos)
		return -EBADMSG;
	forget(cache, c);
	make_room(cache, out_size);
	ret = dat_reader_bytes(r, at->pos + DAT_ZIP_HEAD, in_size, &in, &got);
	if (ret)
		return ret;
	ret = dat_zip_expand(r->zip, in, got, out_size, &data);
	free(in);
	if (ret) {
		c->broken = ret == -EBADMSG ? at->pos : c->broken;
		return ret;
	}
	c->data = data;
	c->data_size = out_size;
	c->current = *at;
	c->next = (struct dat_chunk){ at->pos + DAT_ZIP_HEAD + in_size, at->offset + out_size };
	cache->bytes += out_size;
	return 0;
}

/* The last place known at or before @offset */
static struct dat_chunk find_start(const struct dat_chunks *c, uint64_t offset)
{
	size_t lo = 0, hi = c->nr_index;
	struct dat_chunk start;

	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;

		if (c->index[mid].offset <= offset)
			lo = mid;
		else
			hi = mid;
	}
	start = c->index[lo];
	if (c->next.offset <= offset && c->next.offset > start.offset)
		start = c->next;
	return start;
}

/* The chunk that holds @offset into c->data */
static int load(struct dat_chunks *c, const struct dat_reader *r, struct dat_cache *cache,
		uint64_t offset, uint64_t *place)
{
	struct dat_chunk at;
	uint64_t in, out;
	int ret;

	c->used = ++cache->clock;
	*place = c->current.pos;
	if (c->data && offset >= c->current.offset && offset - c->current.offset < c->data_size)
		return 0;
	at = find_start(c, offset);
	for (;;) {
		*place = at.pos;
		ret = chunk_sizes(c, r, at.pos, &in, &out);
		if (ret)
			return ret;
		if (offset - at.offset < out)
			return expand(c, r, cache, &at, in, out);
		at.pos += DAT_ZIP_HEAD + in;
		at.offset += out;
	}
}

int dat_chunks_read(struct dat_chunks *c, const struct dat_reader *r, struct dat_cache *cache,
		    uint64_t offset, void *data, size_t len, uint64_t *place)
{
	uint8_t *out = data;
	uint64_t at;

	*place = c->pos + offset;
	if (offset > c->size || len > c->size - offset)
		return -ENODATA;
	if (!c->compressed)
		return dat_reader_get(r, *place, data, len);
	/* the first chunk's place is told, should there be several */
	for (uint64_t *tell = place; len; tell = &at) {
		int ret = load(c, r, cache, offset, tell);
		size_t start, part;

		if (ret)
			return ret;
		start = offset - c->current.offset;
		part = len < c->data_size - start ? len : c->data_size - start;
		memcpy(out, (uint8_t *)c->data + start, part);
		out += part;
		offset += part;
		len -= part;
	}
	return 0;
}
