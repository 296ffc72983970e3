// SPDX-License-Identifier: LGPL-2.1-or-later
/* One copy of a slot's header, checked field by field: see persist_header.h. */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "cursor.h"
#include "error.h"
#include "persist_header.h"

#define HEAD_SIZE	sizeof(struct trace_persist_header)
#define CRC_START	offsetof(struct trace_persist_header, version)
/* The chunk table of 65536 CPUs is of 3 MiB */
#define MAX_HEADER	(4u << 20)
#define MAX_SUBBUF	(16u << 20)
#define MIN_SUBBUF	64u
#define MAX_ENTRY	4096u
#define MAX_CPUS	65536u

_Static_assert(sizeof(struct trace_persist_header) == 640, "docs/format.md");
_Static_assert(sizeof(struct trace_persist_chunk) == 48, "docs/format.md");
_Static_assert(sizeof(struct trace_persist_seal) == 64, "docs/format.md");
_Static_assert(sizeof(struct trace_persist_comm) == 24, "docs/format.md");
_Static_assert(sizeof(struct trace_persist_entry) == 24, "docs/format.md");
_Static_assert(sizeof(struct trace_persist_module) == 40, "docs/format.md");
_Static_assert(sizeof(struct trace_persist_memory) == 64, "docs/format.md");
_Static_assert(offsetof(struct trace_persist_header, boot_id) == 600, "docs/format.md");
_Static_assert(offsetof(struct trace_persist_seal, crc) == TRACE_PERSIST_SEAL_COVERED,
	       "docs/format.md");

/* What is needed to find the rest */
struct raw {
	uint8_t *bytes;
	uint32_t header_size, copy_offset;
	uint32_t nr_chunks, chunk_offset, chunk_entry_size;
};

void persist_header_deinit(struct persist_header *h)
{
	free(h->chunks);
	h->chunks = NULL;
}

bool persist_header_has(const struct persist_header *h, uint64_t offset, uint64_t size)
{
	return offset <= h->slot_size && size <= h->slot_size - offset;
}

int persist_read(const struct merge_region_io *io, uint64_t pos, void *buf, uint64_t size,
		 uint64_t *lost)
{
	int ret = io->read(io->arg, pos, buf, size);

	*lost = 0;
	if (!ret || ret == -EINTR || ret == -ENOMEM)
		return ret;
	for (uint64_t done = 0, len; done < size; done += len) {
		uint64_t left = size - done;

		/* to the end of the page */
		len = TRACE_PERSIST_ALIGN - (pos + done) % TRACE_PERSIST_ALIGN;
		len = len < left ? len : left;
		ret = io->read(io->arg, pos + done, (uint8_t *)buf + done, len);
		if (ret == -EINTR || ret == -ENOMEM)
			return ret;
		if (!ret)
			continue;
		memset((uint8_t *)buf + done, 0, len);
		*lost += len;
	}
	return 0;
}

/* ---- Fields --------------------------------------------------------------- */

static void take_text(struct cursor *c, char *text, size_t size)
{
	const void *bytes = cursor_bytes(c, size);

	if (bytes)
		memcpy(text, bytes, size);
	text[size] = '\0';
}

static struct persist_anchor take_anchor(struct cursor *c)
{
	struct persist_anchor a;

	a.clock = cursor_u64(c);
	a.monotonic = cursor_u64(c);
	a.wall = cursor_u64(c);
	return a;
}

static void take_numbers(struct cursor *c, struct raw *raw, struct persist_header *h)
{
	cursor_seek(c, offsetof(struct trace_persist_header, copy_offset));
	raw->copy_offset = cursor_u32(c);
	h->update = cursor_u64(c);
	h->generation = cursor_u64(c);
	h->slot_size = cursor_u64(c);
	h->slot = cursor_u32(c);
	h->nr_slots = cursor_u32(c);
	h->phys = cursor_u64(c);
	h->arming = cursor_u32(c);
	h->flags = cursor_u32(c);
	h->page_size = cursor_u32(c);
	h->subbuf_size = cursor_u32(c);
	h->long_size = cursor_u32(c);
	raw->nr_chunks = cursor_u32(c);
	raw->chunk_offset = cursor_u32(c);
	raw->chunk_entry_size = cursor_u32(c);
	h->seal_size = cursor_u32(c);
	h->comm_entry_size = cursor_u32(c);
	h->nr_comms = cursor_u32(c);
	h->nr_cpu_ids = cursor_u32(c);
	if (h->nr_cpu_ids > MAX_CPUS)	/* who writes files makes room for each */
		h->nr_cpu_ids = MAX_CPUS;
	h->comms_offset = cursor_u64(c);
	h->tables_offset = cursor_u64(c);
	h->tables_size = cursor_u64(c);
	h->text_base = cursor_u64(c);
}

static void take_identity(struct cursor *c, struct persist_header *h)
{
	cursor_seek(c, offsetof(struct trace_persist_header, anchor));
	h->anchor[0] = take_anchor(c);
	h->anchor[1] = take_anchor(c);
	take_text(c, h->clock, sizeof(h->clock) - 1);
	take_text(c, h->instance, sizeof(h->instance) - 1);
	take_text(c, h->release, sizeof(h->release) - 1);
	take_text(c, h->kernel_version, sizeof(h->kernel_version) - 1);
	take_text(c, h->machine, sizeof(h->machine) - 1);
	take_text(c, h->nodename, sizeof(h->nodename) - 1);
	memcpy(h->build_id, cursor_bytes(c, sizeof(h->build_id)), sizeof(h->build_id));
	h->build_id_size = cursor_u32(c);
	if (h->build_id_size > sizeof(h->build_id))
		h->build_id_size = 0;
	memcpy(h->boot_id, cursor_bytes(c, sizeof(h->boot_id)), sizeof(h->boot_id));
}

static bool is_power_of_two(uint32_t n)
{
	return n && !(n & (n - 1));
}

static bool is_entry_size(uint32_t size, size_t least)
{
	return size >= least && size <= MAX_ENTRY && size % 8 == 0;
}

/* Of a header whose crc is right none of these is seen: who wrote it was mistaken */
static int check(const struct raw *raw, const struct persist_header *h, struct merge_error *err)
{
	const struct {
		bool good;
		const char *what;
	} rows[] = {
		{ raw->copy_offset <= h->pos && raw->copy_offset % TRACE_PERSIST_ALIGN == 0,
		  "header: no copy can be at this offset of its slot" },
		{ h->slot_size > raw->copy_offset + (uint64_t)raw->header_size,
		  "header: the slot is smaller than its header" },
		{ h->arming, "header: the arming has no number" },
		{ is_power_of_two(h->page_size) && h->page_size >= 4096 && h->page_size <= 65536,
		  "header: no pages are of this size" },
		{ is_power_of_two(h->subbuf_size) && h->subbuf_size >= MIN_SUBBUF &&
		  h->subbuf_size <= MAX_SUBBUF, "header: no sub-buffers are of this size" },
		{ h->long_size == 4 || h->long_size == 8, "header: no long is of this size" },
		{ is_entry_size(h->seal_size, sizeof(struct trace_persist_seal)),
		  "header: no seals are of this size" },
		{ is_entry_size(h->comm_entry_size, sizeof(struct trace_persist_comm)),
		  "header: no command names are of this size" },
		{ is_entry_size(raw->chunk_entry_size, sizeof(struct trace_persist_chunk)),
		  "header: no chunk table has entries of this size" },
		{ raw->chunk_offset >= HEAD_SIZE && raw->chunk_offset <= raw->header_size &&
		  (uint64_t)raw->nr_chunks * raw->chunk_entry_size <=
		  raw->header_size - raw->chunk_offset,
		  "header: the chunk table does not lie inside of it" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (!rows[i].good)
			return error_set(err, -EBADMSG, "%s", rows[i].what);
	return 0;
}

/* ---- Chunks --------------------------------------------------------------- */

/* A bit for each CPU that has a chunk */
struct cpus {
	uint64_t seen[MAX_CPUS / 64];
};

/* Why a chunk cannot be; NULL when it can */
static const char *chunk_fault(const struct persist_header *h, const struct persist_chunk *chunk,
			       uint64_t offset, uint64_t size, const struct cpus *cpus)
{
	uint64_t bytes = (uint64_t)chunk->nr_subbufs * h->subbuf_size;

	if (chunk->cpu >= MAX_CPUS)
		return "no CPU has this number";
	if (cpus->seen[chunk->cpu / 64] >> chunk->cpu % 64 & 1)
		return "another chunk is of the same CPU";
	if (!persist_header_has(h, offset, size))
		return "it does not lie inside of the slot";
	if (chunk->subbufs - offset > size ||
	    bytes > size - (chunk->subbufs - offset))
		return "its sub-buffers do not lie inside of it";
	if (!persist_header_has(h, chunk->seals, (uint64_t)chunk->nr_subbufs * h->seal_size))
		return "its seals do not lie inside of the slot";
	return NULL;
}

static void take_chunk(struct cursor *c, struct cpus *cpus, struct persist_header *h)
{
	struct persist_chunk chunk;
	uint64_t offset, size;
	const char *fault;

	chunk.cpu = cursor_u32(c);
	chunk.nr_subbufs = cursor_u32(c);
	offset = cursor_u64(c);
	size = cursor_u64(c);
	chunk.subbufs = cursor_u64(c);
	chunk.seals = cursor_u64(c);
	fault = chunk_fault(h, &chunk, offset, size, cpus);
	if (fault) {
		if (!h->nr_bad_chunks++)
			snprintf(h->bad_chunk, sizeof(h->bad_chunk), "cpu %" PRIu32 ": %s",
				 chunk.cpu, fault);
		return;
	}
	cpus->seen[chunk.cpu / 64] |= 1ull << chunk.cpu % 64;
	h->chunks[h->nr_chunks++] = chunk;
}

static int compare_chunks(const void *a, const void *b)
{
	const struct persist_chunk *x = a, *y = b;

	return x->cpu < y->cpu ? -1 : x->cpu > y->cpu;
}

static int take_chunks(struct cursor *c, const struct raw *raw, struct persist_header *h)
{
	struct cpus cpus = { 0 };

	h->chunks = calloc(raw->nr_chunks + 1, sizeof(*h->chunks));
	if (!h->chunks)
		return -ENOMEM;
	for (uint32_t i = 0; i < raw->nr_chunks; i++) {
		cursor_seek(c, raw->chunk_offset + (size_t)i * raw->chunk_entry_size);
		take_chunk(c, &cpus, h);
	}
	if (h->nr_chunks)
		qsort(h->chunks, h->nr_chunks, sizeof(*h->chunks), compare_chunks);
	return 0;
}

/* ---- The whole ------------------------------------------------------------ */

static int parse(struct raw *raw, struct merge_error *err, struct persist_header *h)
{
	struct cursor c;
	int ret;

	cursor_init(&c, raw->bytes, raw->header_size, false);
	take_numbers(&c, raw, h);
	ret = check(raw, h, err);
	if (ret)
		return ret;
	h->start = h->pos - raw->copy_offset;
	take_identity(&c, h);
	return take_chunks(&c, raw, h) ? error_nomem(err) : 0;
}

/* The bytes of the copy, once its crc is right; the caller frees raw->bytes */
static int load(const struct merge_region_io *io, const struct crc32c *crc, uint64_t pos,
		struct merge_error *err, struct raw *raw)
{
	uint8_t head[HEAD_SIZE];
	uint32_t want, version;
	struct cursor c;
	int ret = io->read(io->arg, pos, head, sizeof(head));

	if (ret)
		return error_set(err, ret, "header: %s", ret == -ENODATA ? "cut off" :
				 strerror(-ret));
	cursor_init(&c, head, sizeof(head), false);
	cursor_seek(&c, offsetof(struct trace_persist_header, crc));
	want = cursor_u32(&c);
	version = cursor_u32(&c);
	raw->header_size = cursor_u32(&c);
	if (raw->header_size < CRC_START + 4 || raw->header_size > MAX_HEADER)
		return error_set(err, -EBADMSG, "header: no header is of this size");
	raw->bytes = malloc(raw->header_size);
	if (!raw->bytes)
		return error_nomem(err);
	ret = io->read(io->arg, pos, raw->bytes, raw->header_size);
	if (ret)
		return error_set(err, ret, "header: %s", ret == -ENODATA ? "cut off" :
				 strerror(-ret));
	if (crc32c(crc, 0, raw->bytes + CRC_START, raw->header_size - CRC_START) != want)
		return error_set(err, -EBADMSG, "header: the crc is wrong");
	if (version != TRACE_PERSIST_VERSION)
		return error_set(err, -ENOTSUP, "header: version %" PRIu32 " of the format: 1 is known",
				 version);
	if (raw->header_size < HEAD_SIZE)
		return error_set(err, -EBADMSG, "header: no header is of this size");
	return 0;
}

int persist_header_read(const struct merge_region_io *io, const struct crc32c *crc, uint64_t pos,
			struct merge_error *err, struct persist_header *h)
{
	struct raw raw = { 0 };
	int ret;

	*h = (struct persist_header){ .pos = pos };
	ret = load(io, crc, pos, err, &raw);
	if (!ret)
		ret = parse(&raw, err, h);
	free(raw.bytes);
	if (ret)
		persist_header_deinit(h);
	return ret;
}
