/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One CPU's sub-buffers in a trace.dat file as bytes that can be read anywhere,
 * whether they are stored as they are or compressed in chunks:
 *
 *	u32 number of chunks
 *	u32 size, u32 size when expanded, the compressed data; for each
 *
 * Memory does not grow with the file: of the chunks' places a bounded number is
 * kept, evenly spread; of their data one chunk per CPU, and of all CPUs together
 * not more than DAT_CACHE_MAX bytes where that is possible.
 */
#ifndef MERGE_DAT_CHUNKS_H
#define MERGE_DAT_CHUNKS_H

#include "dat_reader.h"

/* Chunks of trace-cmd are of 10 sub-buffers */
#define DAT_CHUNK_MAX	(32u << 20)
#define DAT_CACHE_MAX	(32u << 20)

/* Where a chunk is in the file, and in what the chunks expand to */
struct dat_chunk {
	uint64_t pos;
	uint64_t offset;
};

/*
 * @pos: where the sub-buffers are in the file; @end: where they end, at most where
 *	the file ends
 * @size: bytes there are, expanded
 * @bad: where in the file they break off, 0 when nothing is missing
 * @index, @nr_index: of every @step'th chunk
 * @data: of the chunk at @current, @data_size bytes; or NULL
 * @next: the chunk behind @current
 * @broken: place of a chunk that could not be expanded, 0 none
 * @used: when @data was last used
 */
struct dat_chunks {
	uint64_t pos;
	uint64_t end;
	uint64_t size;
	uint64_t bad;
	bool compressed;
	struct dat_chunk *index;
	size_t nr_index;
	size_t step;
	void *data;
	size_t data_size;
	struct dat_chunk current;
	struct dat_chunk next;
	uint64_t broken;
	uint64_t used;
};

/*
 * All CPUs of a file: who has expanded data
 * @bytes: of it, in all
 */
struct dat_cache {
	struct dat_chunks *all;
	size_t nr;
	uint64_t bytes;
	uint64_t clock;
};

/*
 * @size bytes at @pos of the file, as far as they are there; c->bad tells when
 * they are not. Return: 0, -ENOMEM, an errno of reading
 */
int dat_chunks_init(struct dat_chunks *c, const struct dat_reader *r, uint64_t pos,
		    uint64_t size, bool compressed);
void dat_chunks_deinit(struct dat_chunks *c);

/*
 * @len bytes from @offset on, of c->size. *@place: where they are in the file.
 * Return: 0; -EBADMSG a chunk is damaged; -ENODATA, -ENOMEM, an errno of reading
 */
int dat_chunks_read(struct dat_chunks *c, const struct dat_reader *r, struct dat_cache *cache,
		    uint64_t offset, void *data, size_t len, uint64_t *place);

#endif
