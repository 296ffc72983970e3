// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading trace.dat files in tests: see dat-in.h. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "dat-in.h"
#include "tests.h"

struct merge_source *dat_in_sunk(struct dat_place *place, unsigned int version,
				 const char *text)
{
	struct merge_source *src;
	struct merge_error err = { 0 };

	dat_make_file(place, version, text, NULL);
	CU_ASSERT_EQUAL_FATAL(merge_source_open(place->path, NULL, &err, &src), 0);
	return src;
}

void dat_in_close(struct merge_source *src, struct dat_place *place)
{
	merge_source_close(src);
	dat_place_remove(place);
}

/* Leave out lines that begin with "#". Frees @text */
static char *without_comments(char *text)
{
	char *out = NULL, *rest = text, *line;
	size_t size;
	FILE *file = open_memstream(&out, &size);

	while ((line = strsep(&rest, "\n")))
		if (*line && *line != '#')
			fprintf(file, "%s\n", line);
	fclose(file);
	free(text);
	return out;
}

char *dat_in_events(struct merge_source *src)
{
	struct merge_error err = { 0 };
	struct merge_sink *sink;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	CU_ASSERT_EQUAL_FATAL(merge_sink_text_create(out, &err, &sink), 0);
	CU_ASSERT(merge_pump_events(src, NULL, sink, NULL, &err, NULL) >= 0);
	merge_sink_destroy(sink);
	fclose(out);
	return without_comments(text);
}

char *dat_in_numbers(struct merge_source *src)
{
	struct merge_error err = { 0 };
	struct merge_event ev;
	struct merge_iter *it;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	CU_ASSERT_EQUAL_FATAL(merge_iter_create(src, NULL, NULL, NULL, &err, &it), 0);
	while (merge_iter_next(it, &ev) == 1) {
		uint32_t number;

		memcpy(&number, (const uint8_t *)ev.data + 4, sizeof(number));
		fprintf(out, "%u %" PRIu64 " %u %" PRIu64 "\n", ev.cpu, ev.ts, number, ev.lost);
	}
	merge_iter_destroy(it);
	fclose(out);
	return text;
}

char *dat_in_notices(const struct merge_source *src)
{
	const struct merge_notice *notice;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (unsigned int i = 0; (notice = merge_source_notice(src, i)); i++)
		fprintf(out, "%s\n", notice->text);
	fclose(out);
	return text;
}

/* ---- Files by hand -------------------------------------------------------- */

static void put(struct dat_hand *h, const void *bytes, size_t len)
{
	h->data = realloc(h->data, h->size + len + 1);
	memcpy(h->data + h->size, bytes, len);
	h->size += len;
}

static void write_number(const struct dat_hand *h, uint8_t *at, uint64_t value,
			 unsigned int size)
{
	for (unsigned int i = 0; i < size; i++)
		at[h->big ? size - 1 - i : i] = value >> 8 * i;
}

static void put_number(struct dat_hand *h, uint64_t value, unsigned int size)
{
	uint8_t bytes[8];

	write_number(h, bytes, value, size);
	put(h, bytes, size);
}

static void put_text(struct dat_hand *h, const char *text)
{
	put(h, text, strlen(text) + 1);
}

/* u32 size, u32 size, data */
static void put_compressed(struct dat_hand *h, const void *bytes, size_t len)
{
	uLongf size = compressBound(len) + ZSTD_compressBound(len);
	uint8_t *out = malloc(size);

	if (!strcmp(h->zip, "zlib"))
		compress(out, &size, bytes, len);
	else
		size = ZSTD_compress(out, size, bytes, len, 1);
	put_number(h, size, 4);
	put_number(h, len, 4);
	put(h, out, size);
	free(out);
}

static bool is_compressed(const struct dat_hand *h)
{
	return strcmp(h->zip, "none");
}

static uint64_t begin_section(struct dat_hand *h, unsigned int id)
{
	uint64_t start = h->size;

	h->offsets[h->nr_offsets++] = start;
	put_number(h, id, 2);
	put_number(h, is_compressed(h), 2);
	put_number(h, UINT32_MAX, 4);
	put_number(h, 0, 8);
	return start;
}

static uint64_t put_section(struct dat_hand *h, unsigned int id, const void *bytes, size_t len)
{
	uint64_t start = begin_section(h, id);

	if (is_compressed(h))
		put_compressed(h, bytes, len);
	else
		put(h, bytes, len);
	write_number(h, h->data + start + 8, h->size - start - 16, 8);
	return start;
}

static void put_cpu(struct dat_hand *h, const uint8_t *bytes, size_t len)
{
	h->offsets[h->nr_offsets++] = h->size;
	if (!is_compressed(h)) {
		put(h, bytes, len);
		return;
	}
	put_number(h, (len + h->chunk - 1) / h->chunk, 4);
	for (size_t at = 0; at < len; at += h->chunk)
		put_compressed(h, bytes + at, len - at < h->chunk ? len - at : h->chunk);
}

static void put_option(struct dat_hand *options, unsigned int id, const void *bytes, size_t len)
{
	put_number(options, id, 2);
	put_number(options, len, 4);
	put(options, bytes, len);
}

static void put_ring(struct dat_hand *h, struct dat_hand *options, const struct dat *dat,
		     const struct dat_ring *ring)
{
	struct dat_hand option = { .big = h->big };

	put_number(&option, begin_section(h, BUFFER), 8);
	put_text(&option, ring->name);
	put_text(&option, ring->clock);
	put_number(&option, ring->page_size, 4);
	put_number(&option, ring->nr_cpus, 4);
	for (uint32_t i = 0; i < ring->nr_cpus; i++) {
		uint64_t start = h->size;

		put_cpu(h, dat->bytes + ring->cpus[i].offset, ring->cpus[i].size);
		put_number(&option, ring->cpus[i].cpu, 4);
		put_number(&option, start, 8);
		put_number(&option, h->size - start, 8);
	}
	put_option(options, BUFFER, option.data, option.size);
	free(option.data);
}

/* More than the options take */
#define FRONT	4096

void dat_hand_make(struct dat_hand *h, const char *text)
{
	static const uint8_t room[FRONT];
	struct dat *dat = dat_write(7, text);
	struct dat_hand options = { .big = h->big = dat->big_endian };
	uint64_t at, front, end;

	put(h, "\x17\x08\x44tracing7", 12);
	put_number(h, dat->big_endian, 1);
	put_number(h, dat->long_size, 1);
	put_number(h, dat->page_size, 4);
	put_text(h, h->zip);
	put_text(h, "1.2");
	at = h->size;
	put_number(h, 0, 8);
	for (size_t i = 0; i < dat->nr_options; i++) {
		const struct dat_option *o = &dat->options[i];

		if (o->id >= HEADER_INFO) {
			const struct dat_section *s = dat_section(dat, o->id);
			uint8_t place[8];

			write_number(h, place, put_section(h, s->id, s->data, s->size), 8);
			put_option(&options, o->id, place, 8);
		} else if (o->id != BUFFER && o->id) {
			put_option(&options, o->id, o->data, o->size);
		}
	}
	if (h->extra)
		put_option(&options, h->extra_id, h->extra, strlen(h->extra) + 1);
	front = h->size;
	if (h->front)
		put(h, room, FRONT);
	for (size_t i = 0; i < dat->nr_rings; i++)
		put_ring(h, &options, dat, &dat->rings[i]);
	put_option(&options, OPTIONS, "\0\0\0\0\0\0\0", 8);
	end = h->size;
	write_number(h, h->data + at, put_section(h, OPTIONS, options.data, options.size), 8);
	if (h->front) {
		CU_ASSERT_FATAL(h->size - end <= FRONT);
		memcpy(h->data + front, h->data + end, h->size - end);
		write_number(h, h->data + at, front, 8);
		h->size = end;
	}
	free(options.data);
	dat_close(dat);
}

struct merge_source *dat_hand_open(const struct dat_hand *h, size_t size,
				   struct dat_place *place, struct merge_error *err)
{
	struct merge_source *src = NULL;
	FILE *file = fopen(place->path, "w");
	int ret;

	CU_ASSERT_EQUAL(fwrite(h->data, 1, size, file), size);
	fclose(file);
	*err = (struct merge_error){ 0 };
	ret = merge_source_open(place->path, "trace.dat", err, &src);
	CU_ASSERT((ret < 0) == !src);
	CU_ASSERT((ret < 0) == (err->text[0] != 0));
	return src;
}
