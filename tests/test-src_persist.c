// SPDX-License-Identifier: GPL-2.0-or-later
/* Persistent regions as a source: the same events as were recorded, and what is missing. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dat-in.h"
#include "mkimage.h"
#include "pages-in.h"
#include "persist-in.h"
#include "tests.h"

static const struct persist_how plain;

/* @lines: as text, too */
static void check_same(const char *name, const char *text, bool lines)
{
	struct merge_source *image = dat_image(text), *src;
	char *events = dat_in_events(image), *records = pages_in_records(image);
	struct persist_made m;

	CHECK_ROW(strlen(events) > 60 && strlen(records) > 20, name);
	persist_make(&m, image, &plain);
	src = persist_in_source(&m);
	if (lines)
		CHECK_TEXT(dat_in_events(src), events);
	CHECK_TEXT(pages_in_records(src), records);
	CHECK_TEXT(dat_in_notices(src), "");
	CHECK_ROW(src->nr_buffers == 1 && src->long_size == image->long_size &&
		  src->big_endian == image->big_endian, name);
	CHECK_ROW(!strcmp(src->buffers[0].clock, image->buffers[0].clock) &&
		  src->buffers[0].clock_in_ns == image->buffers[0].clock_in_ns &&
		  src->buffers[0].kind == MERGE_PERSISTENT, name);
	merge_source_close(src);
	merge_source_close(image);
	free(events);
	free(records);
}

static void test_gives_what_was_recorded(void)
{
	static const struct {
		const char *name, *text;
		bool lines;
	} rows[] = {
		{ "two CPUs", PERSIST_SMALL, true },
		{ "32 bits", "long 4\n" PERSIST_SMALL, true },
		{ "big endian", "big\n" PERSIST_SMALL, true },
		{ "big endian, 32 bits", "big\nlong 4\n" PERSIST_SMALL, true },
		{ "losses", "size 4096\ncpu 5\npage ts=7\nevent +1 id=118 count=9\n"
		  "page ts=99 missed=3\nevent +9 id=118\npage ts=199 missed=?\nevent +9 id=118\n", false },
		{ "large sub-buffers", "size 65536\ncpu 1\npage ts=7\nevent +1 id=118 count=3000\n"
		  "page ts=9999\nevent +1 id=118 count=3000\n", false },
		{ "another clock", "size 4096\nbuffer top clock=counter\ncpu 0\npage ts=7\n"
		  "event +1 id=118 count=4\n", true },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		check_same(rows[i].name, rows[i].text, rows[i].lines);
}

static void test_has_the_instances_name(void)
{
	static const struct {
		const char *instance, *name;
	} rows[] = { { "", "top" }, { "top", "instances/top" }, { "crash", "crash" } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct persist_how how = { .instance = rows[i].instance, .consumed = 1 };
		struct merge_source *src;
		struct persist_made m;
		char name[40];

		persist_in_make(&m, PERSIST_SMALL, &how);
		src = persist_in_source(&m);
		CHECK_ROW(!strcmp(src->buffers[0].name, rows[i].name) &&
			  !strcmp(src->buffers[0].instance, rows[i].instance), rows[i].name);
		snprintf(name, sizeof(name), "%s/consumed", rows[i].name);
		CHECK_ROW(!strcmp(src->buffers[1].name, name), name);
		merge_source_close(src);
	}
}

static void test_finds_a_place_in_time(void)
{
	const struct merge_select from = { .from = 2400 }, last = { .last = 2 };
	struct persist_made m;

	persist_in_small(&m);
	CHECK_TEXT(image_render(persist_in_source(&m), &from, NULL),
		   "top/2 2501 5\ntop/0 3001 3\n");
	persist_in_small(&m);
	CHECK_TEXT(image_render(persist_in_source(&m), &last, NULL),
		   "top/2 2501 5\ntop/0 3001 3\n");
}

static unsigned int count(const char *text, const char *what)
{
	unsigned int nr = 0;

	for (; (text = strstr(text, what)); text++)
		nr++;
	return nr;
}

/* A file that ends anywhere: what is there comes out, what is not is said */
static void test_ends_early(void)
{
	struct persist_made m;
	unsigned int before = 0;

	persist_in_small(&m);
	for (size_t size = 2 * 4096; size < m.size; size += 512) {
		struct merge_error err = { 0 };
		struct merge_source *src = persist_in_open(m.data, size, 0, NULL, &err);
		unsigned int events;
		char *text, *want;

		CU_ASSERT_PTR_NOT_NULL_FATAL(src);
		text = persist_in_all(src);
		events = count(text, "top/");
		CU_ASSERT(events >= before && events <= 5);
		CU_ASSERT_FATAL(asprintf(&want, "# the file ends %zu bytes before the region's slot does\n",
					 m.size - size) > 0);
		CU_ASSERT_PTR_NOT_NULL(strstr(text, want));
		CU_ASSERT(events == 5 || strstr(text, "sub-buffers cannot be read: behind the end, or left out"));
		CU_ASSERT_EQUAL(strstr(text, "of the tables cannot be read") != NULL,
				size < m.tables + m.tables_size);
		before = events;
		free(text);
		free(want);
	}
	/* the last sub-buffer is whole, or not there */
	CU_ASSERT_EQUAL(before, 4);
	persist_made_free(&m);
}

/* A memory that lacks some pages, as a dump does */
struct holes {
	const struct persist_made *m;
	uint64_t at, pages;
	unsigned int reads;
};

static int read_holes(void *arg, uint64_t pos, void *buf, size_t len)
{
	struct holes *h = arg;

	h->reads++;
	if (pos + len > h->m->size || (pos < h->at + 4096 * h->pages && pos + len > h->at))
		return -ENODATA;
	memcpy(buf, h->m->data + pos, len);
	return 0;
}

static char *read_with_holes(const struct persist_made *m, uint64_t at, uint64_t pages,
			     uint64_t start)
{
	struct holes holes = { .m = m, .at = at, .pages = pages };
	const struct merge_region_io io = { .read = read_holes, .arg = &holes, .size = m->size };
	struct merge_error err = { 0 };
	struct merge_source *src;

	if (merge_source_open_region(&io, start, &err, &src))
		return strdup(err.text);
	return persist_in_all(src);
}

static void test_lacks_pages(void)
{
	struct persist_made m;
	char *text;

	persist_in_small(&m);
	CHECK_TEXT(read_with_holes(&m, 0, 0, MERGE_REGION_NEWEST), PERSIST_SMALL_EVENTS);
	CHECK_TEXT(read_with_holes(&m, 0, 0, 0), PERSIST_SMALL_EVENTS);
	CHECK_TEXT(read_with_holes(&m, m.copies[0], 1, MERGE_REGION_NEWEST), PERSIST_SMALL_EVENTS
		   "# of the header's two copies only that at 0x1000 is there\n");
	CHECK_TEXT(read_with_holes(&m, m.copies[0], 2, MERGE_REGION_NEWEST),
		   "there is no persistent trace region in it");
	CHECK_TEXT(read_with_holes(&m, 0, 0, 4096), "no region's slot begins at 0x1000");
	CHECK_TEXT(read_with_holes(&m, persist_subbuf_at(&m, 0, 1), 1, 0),
		   "top/0 1001 1\ntop/2 1501 4\ntop/2 2501 5\ntop/0 3001 3\n"
		   "# cpu 0: 1 sub-buffers cannot be read: behind the end, or left out\n");
	/* a page of formats: the rest of the tables is there */
	text = read_with_holes(&m, m.tables, 1, 0);
	CU_ASSERT(!strncmp(text, PERSIST_SMALL_EVENTS, strlen(PERSIST_SMALL_EVENTS)));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "# 4096 bytes of the tables cannot be read"));
	free(text);
	/* seals: no sub-buffer has one */
	text = read_with_holes(&m, m.cpus[0].seals / 4096 * 4096, 1, 0);
	CU_ASSERT(!strncmp(text, PERSIST_SMALL_EVENTS, strlen(PERSIST_SMALL_EVENTS)));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "amid others are unsealed"));
	free(text);
	persist_made_free(&m);
}

static void test_tells_of_itself(void)
{
	static const struct {
		uint32_t flags;
		const char *ending;
	} rows[] = {
		{ 0, "not stopped in order" }, { TRACE_PERSIST_STOPPED, "stopped in order" },
		{ TRACE_PERSIST_PANIC, "ended by a panic" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct persist_how how = { .flags = rows[i].flags, .consumed = 1 };
		struct merge_source *src;
		struct persist_made m;
		char *want;

		persist_in_make(&m, PERSIST_SMALL, &how);
		CU_ASSERT_FATAL(asprintf(&want,
			"region at 0x0 of the file, physical 0x10000000, slot 1 of 1, %zu bytes, generation 1\n"
			"boot cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd, vmlinux abababababababababababababababababababab, _stext at 0xffffffff81000000\n"
			"recording since 2024-11-28 12:00:00 UTC, %s\n"
			"cpu 0: sub-buffers 2 sealed, 0 of them restored, 1 unsealed, 0 corrupt, 0 missing, 1 consumed, 1 empty, 0 of an earlier recording; events 84 overwritten, 3 dropped\n"
			"cpu 2: sub-buffers 1 sealed, 0 of them restored, 1 unsealed, 0 corrupt, 0 missing, 1 consumed, 1 empty, 0 of an earlier recording; events 77 overwritten, 3 dropped\n",
			m.size, rows[i].ending) > 0);
		src = persist_in_source(&m);
		CHECK_TEXT(persist_in_remarks(src), want);
		CU_ASSERT_EQUAL(src->buffers[0].cpus[0].counters.overrun, 84);
		CU_ASSERT_EQUAL(src->buffers[0].cpus[1].counters.dropped, 3);
		merge_source_close(src);
		free(want);
	}
}

/* What is damaged is named by CPU, sub-buffer and place in the file */
static void test_names_the_place(void)
{
	struct merge_error err = { 0 };
	struct merge_source *src;
	struct merge_sink *sink;
	struct persist_made m;
	char *text = NULL, *want;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	uint64_t at;

	persist_in_small(&m);
	at = persist_subbuf_at(&m, 0, 1);
	m.data[at + 17] ^= 1;
	src = persist_in_source(&m);
	CU_ASSERT_EQUAL_FATAL(merge_sink_text_create(out, &err, &sink), 0);
	CU_ASSERT_EQUAL(merge_pump_events(src, NULL, sink, NULL, &err, NULL), 1);
	merge_sink_destroy(sink);
	fclose(out);
	CU_ASSERT_FATAL(asprintf(&want, "%llx", (unsigned long long)at) > 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, want));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "sub-buffer 3 of the chunk: the crc is not its seal's"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "cpu 0"));
	merge_source_close(src);
	free(text);
	free(want);
}

static void test_texts_that_do_not_end(void)
{
	struct merge_source *src;
	struct persist_made m;
	char *remarks;

	persist_in_small(&m);
	for (unsigned int copy = 0; copy < 2; copy++) {
		uint64_t at = m.copies[copy];

		memset(m.data + at + HEADER(clock), 'c', HEADER(build_id) - HEADER(clock));
		persist_put(&m, at + HEADER(build_id_size), 4, 21);
		persist_sign(&m, copy);
	}
	src = persist_in_source(&m);
	CU_ASSERT_EQUAL(strlen(src->buffers[0].clock), 32);
	CU_ASSERT_EQUAL(strlen(src->buffers[0].instance), 64);
	CU_ASSERT_EQUAL(strlen(src->desc->release), 64);
	remarks = persist_in_remarks(src);
	CU_ASSERT_PTR_NOT_NULL(strstr(remarks, "without a build-id"));
	free(remarks);
	merge_source_close(src);
}

/* Bytes of everything, and of the header under a crc that is right again */
static void test_changed_bytes(void)
{
	uint64_t state = 11;
	struct persist_made m;
	uint8_t *whole;

	persist_in_small(&m);
	whole = malloc(m.size);
	memcpy(whole, m.data, m.size);
	for (unsigned int n = 0; n < 3000; n++) {
		struct merge_error err = { 0 };
		struct merge_source *src;
		bool header = n % 2;

		memcpy(m.data, whole, m.size);
		for (uint64_t i = 0; i <= test_random(&state) % 3; i++)
			m.data[test_random(&state) % (header ? 736 : m.size)] =
				(uint8_t)test_random(&state);
		if (header) {
			persist_put(&m, HEADER(header_size), 4, 736);
			persist_sign(&m, 0);
			persist_put(&m, m.copies[1], 8, 0);
		}
		src = persist_in_open(m.data, m.size, 0, "region", &err);
		CU_ASSERT_EQUAL(!src, !!*err.text);
		if (src)
			free(persist_in_all(src));
	}
	persist_made_free(&m);
	free(whole);
}

static const struct test tests[] = {
	{ "gives what was recorded", test_gives_what_was_recorded },
	{ "is called as its instance", test_has_the_instances_name },
	{ "finds a place in time", test_finds_a_place_in_time },
	{ "gives what there is of a file that ends early", test_ends_early },
	{ "gives what there is of a dump that lacks pages", test_lacks_pages },
	{ "tells when and by whom it was recorded", test_tells_of_itself },
	{ "names the place of damage", test_names_the_place },
	{ "cuts texts that do not end", test_texts_that_do_not_end },
	{ "changed bytes of a region do no harm", test_changed_bytes },
	{ 0 }
};

const struct test_suite suite_src_persist = { "src_persist", tests };
