// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "mkimage.h"
#include "page_build.h"
#include "tests.h"

/* The same sub-buffer in all encodings there are */
static const struct encoding {
	const char *name;
	const char *words;
} encodings[] = {
	{ "little endian, 64 bit", "" },
	{ "little endian, 32 bit", "long 4\n" },
	{ "big endian, 64 bit", "big\n" },
	{ "big endian, 32 bit", "big\nlong 4\n" },
};

#define NR_ENCODINGS	(sizeof(encodings) / sizeof(*encodings))

static void print_head(FILE *out, const struct page *page, int ret)
{
	bool in_area = page->bad >= page->header;

	if (!ret)
		fprintf(out, "whole");
	else	/* + is an offset in the event area: the same in all encodings */
		fprintf(out, "bad at %s%u: %s", in_area ? "+" : "",
			in_area ? page->bad - page->header : page->bad, page->why);
	if (page->lost == MERGE_LOST_UNKNOWN)
		fprintf(out, ", lost ?");
	else if (page->lost)
		fprintf(out, ", lost %" PRIu64, page->lost);
	fprintf(out, "\n");
}

/* The only sub-buffer of an image as text: "time number @offset length" */
static char *render(const char *words, const char *image)
{
	struct page_event ev;
	struct page page;
	char *text = NULL, *whole;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct merge_source *src;
	struct image_page *in;
	struct subbuf sb;

	if (asprintf(&whole, "%scpu 0\n%s", words, image) < 0)
		abort();
	src = image_open(whole);
	in = image_page(src, 0, 0, 0);
	sb = (struct subbuf){ .data = in->data, .size = in->have, .start = in->start };
	print_head(out, &page, page_load(&page, &sb, src->buffers[0].subbuf_size,
					 src->long_size, src->big_endian));
	while (page_next(&page, &ev)) {
		uint32_t number = 0;

		if (ev.size >= 8)
			memcpy(&number, (const uint8_t *)ev.data + 4, sizeof(number));
		fprintf(out, "%" PRIu64 " %u @%u %u\n", ev.ts, number,
			ev.offset - page.header, ev.size);
		CU_ASSERT_PTR_EQUAL(ev.data, page.data + ev.offset);
		CU_ASSERT_EQUAL(page_record_id(ev.data, src->big_endian), 1);
	}
	merge_source_close(src);
	free(whole);
	fclose(out);
	return text;
}

struct page_row {
	const char *name;
	const char *image;
	const char *want;
};

static void check_rows(const struct page_row *rows, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		for (size_t e = 0; e < NR_ENCODINGS; e++) {
			bool same = test_text(render(encodings[e].words, rows[i].image),
					      rows[i].want);

			CHECK_ROW(same, rows[i].name);
			CHECK_ROW(same, encodings[e].name);
		}
}

static const struct page_row record_rows[] = {
	{ "nothing", "page ts=1000\n", "whole\n" },
	{ "data", "page ts=1000\nevent +0\nevent +10\n",
	  "whole\n1000 1 @4 8\n1010 2 @16 8\n" },
	{ "the largest delta", "page ts=1\nevent +0x7ffffff\n", "whole\n134217728 1 @4 8\n" },
	{ "short data", "page ts=1000\nevent +1 len=4\nevent +1 len=112\n",
	  "whole\n1001 0 @4 4\n1002 2 @12 112\n" },
	{ "long data", "page ts=1000\nevent +1 len=113\nevent +1\n",
	  "whole\n1001 1 @8 116\n1002 2 @128 8\n" },
	{ "time extend", "page ts=1000\nextend +0x12345678901\nevent +5\nevent +1\n",
	  "whole\n1250999897326 1 @12 8\n1250999897327 2 @24 8\n" },
	{ "the largest time extend", "page ts=1\nextend +0x7ffffffffffffff\nevent +0\n",
	  "whole\n576460752303423488 1 @12 8\n" },
	{ "time stamp", "page ts=1000\nstamp 0x12345678901\nevent +5\n",
	  "whole\n1250999896326 1 @12 8\n" },
	{ "time stamp that goes back", "page ts=1000\nevent +5\nstamp 900\nevent +0\n",
	  "whole\n1005 1 @4 8\n900 2 @24 8\n" },
	{ "time stamp without the top bits", "page ts=0x1800000000000064\nstamp 200\nevent +0\n",
	  "whole\n1729382256910270664 1 @12 8\n" },
	{ "time stamp that wraps", "page ts=0x1800000000000064\nstamp 50\nevent +0\n",
	  "whole\n2305843009213694002 1 @12 8\n" },
	{ "time stamp the same", "page ts=0x1800000000000064\nstamp 100\nevent +0\n",
	  "whole\n1729382256910270564 1 @12 8\n" },
	{ "discarded event", "page ts=1000\ndiscard +7 len=12\nevent +1\n",
	  "whole\n1008 1 @20 8\n" },
	{ "discarded event at no distance", "page ts=1000\ndiscard +0 len=4\nevent +1\n",
	  "whole\n1001 1 @12 8\n" },
	{ "empty rest", "page ts=1000\nevent +1\npad\n", "whole\n1001 1 @4 8\n" },
	{ "empty rest without a length", "page ts=1000\nevent +1\nhead type=29\n",
	  "whole\n1001 1 @4 8\n" },
	{ "nothing behind the empty rest", "page ts=1000\nhead type=29\nevent +1\n", "whole\n" },
	{ "only time", "page ts=1000\nextend +1\ndiscard +2 len=4\nstamp 5\n", "whole\n" },
};

static void test_records(void)
{
	check_rows(record_rows, sizeof(record_rows) / sizeof(*record_rows));
}

/* As with RB_FORCE_8BYTE_ALIGNMENT: all data has a length word. */
static void test_forced_alignment(void)
{
	/* ID 1 in the byte order of each: the record is not from mkimage */
	char *text = render("", "page ts=1\nhead type=0 delta=4\nword 12\nword 1\nword 7\n");

	CHECK_TEXT(text, "whole\n5 7 @8 8\n");
	text = render("big\n", "page ts=1\nhead type=0 delta=4\nword 12\nword 0x10000\n"
		      "raw 07000000\n");
	CHECK_TEXT(text, "whole\n5 7 @8 8\n");
}

/* Behind one good event. One row for every check in page.c. */
#define GOOD	"page ts=1000\nevent +1\n"
#define GOT	"\n1001 1 @4 8\n"

static const struct page_row corrupt_rows[] = {
	{ "type_len", GOOD "head type=2 delta=1\nword 0\n",
	  "bad at +12: event longer than what was committed" GOT },
	{ "the largest type_len", GOOD "head type=28 delta=1\nword 0\n",
	  "bad at +12: event longer than what was committed" GOT },
	{ "event header", GOOD "raw 0101\n", "bad at +12: event header cut off" GOT },
	{ "most of an event header", GOOD "raw 010101\n",
	  "bad at +12: event header cut off" GOT },
	{ "array[0]", GOOD "head type=0 delta=1\n", "bad at +12: event length cut off" GOT },
	{ "array[0] of 0", GOOD "head type=0 delta=1\nword 0\nword 0\n",
	  "bad at +12: event length too short" GOT },
	{ "array[0] without data", GOOD "head type=0 delta=1\nword 4\nword 0\n",
	  "bad at +12: event length too short" GOT },
	{ "array[0] of no multiple", GOOD "head type=0 delta=1\nword 9\nword 0\nword 0\n",
	  "bad at +12: event length not a multiple of 4" GOT },
	{ "array[0] behind the commit", GOOD "head type=0 delta=1\nword 12\nword 0\n",
	  "bad at +12: event longer than what was committed" GOT },
	{ "array[0] that overflows", GOOD "head type=0 delta=1\nword 0xfffffffc\nword 0\n",
	  "bad at +12: event longer than what was committed" GOT },
	{ "padding length", GOOD "head type=29 delta=1\n",
	  "bad at +12: padding length cut off" GOT },
	{ "padding length of 0", GOOD "head type=29 delta=1\nword 0\n",
	  "bad at +12: event length too short" GOT },
	{ "padding length of no multiple", GOOD "head type=29 delta=1\nword 5\nword 0\n",
	  "bad at +12: event length not a multiple of 4" GOT },
	{ "padding length behind the commit", GOOD "head type=29 delta=1\nword 8\n",
	  "bad at +12: event longer than what was committed" GOT },
	{ "padding length that overflows", GOOD "head type=29 delta=1\nword 0xfffffffc\n",
	  "bad at +12: event longer than what was committed" GOT },
	{ "time extend", GOOD "head type=30 delta=1\n", "bad at +12: time extend cut off" GOT },
	{ "time stamp", GOOD "head type=31 delta=1\n", "bad at +12: time stamp cut off" GOT },
	{ "behind the damage", GOOD "head type=0 delta=1\nword 0\nevent +1\n",
	  "bad at +12: event length too short" GOT },
	{ "commit", GOOD "commit 245\n", "bad at 8: commit larger than the sub-buffer\n" },
	{ "commit above its 20 bits", GOOD "commit 0x10000c\n",
	  "bad at 8: commit larger than the sub-buffer\n" },
	{ "commit of all ones", GOOD "commit 0xffffffffffffffff\n",
	  "bad at 8: commit larger than the sub-buffer\n" },
	{ "commit of less than the events", GOOD "event +1\ncommit 22\n",
	  "bad at +12: event longer than what was committed" GOT },
	{ "no header", "page ts=1000 cut=0\n", "bad at 0: header cut off\n" },
	{ "half a time stamp", "page ts=1000 cut=7\n", "bad at 7: header cut off\n" },
	{ "no commit", "page ts=1000 cut=8\n", "bad at 8: header cut off\n" },
	{ "half a commit", "page ts=1000 cut=11\n", "bad at 11: header cut off\n" },
	{ "read mark in an event", "page ts=1000 start=4\nevent +1\n",
	  "bad at +4: read mark not at an event, ignored" GOT },
	{ "read mark behind the commit", "page ts=1000 start=13\nevent +1\n",
	  "bad at +12: read mark not at an event, ignored" GOT },
	{ "read mark of all ones", "page ts=1000 start=0xffffffff\nevent +1\n",
	  "bad at +12: read mark not at an event, ignored" GOT },
	{ "the first damage is told", "page ts=1000 start=4\nevent +1\nraw 01\n",
	  "bad at +12: event header cut off" GOT },
};

static void test_corrupt(void)
{
	check_rows(corrupt_rows, sizeof(corrupt_rows) / sizeof(*corrupt_rows));
}

static void test_commit_limit(void)
{
	/* the largest commit there is room for, then one more */
	CHECK_TEXT(render("", "page ts=1\nhead type=29\ncommit 240\n"), "whole\n");
	CHECK_TEXT(render("", "page ts=1\nhead type=29\ncommit 241\n"),
		   "bad at 8: commit larger than the sub-buffer\n");
	CHECK_TEXT(render("long 4\n", "page ts=1\nhead type=29\ncommit 244\n"), "whole\n");
	CHECK_TEXT(render("", "page ts=1\nevent +1\ncommit 0x10000000c\n"),
		   "bad at 8: commit larger than the sub-buffer\n");
}

static void test_partly_read(void)
{
	CHECK_TEXT(render("", "page ts=1 cut=40\nevent +1\nevent +1\nevent +1\n"),
		   "bad at +24: rest of the sub-buffer missing\n2 1 @4 8\n3 2 @16 8\n");
	CHECK_TEXT(render("", "page ts=1 cut=36\nevent +1\nevent +1\n"),
		   "bad at +12: rest of the sub-buffer missing\n2 1 @4 8\n");
	CHECK_TEXT(render("", "page ts=1 cut=16\nevent +1\n"),
		   "bad at +0: rest of the sub-buffer missing\n");
	/* nothing that was committed is missing */
	CHECK_TEXT(render("", "page ts=1 cut=28\nevent +1\n"), "whole\n2 1 @4 8\n");
}

static const struct page_row lost_rows[] = {
	{ "nothing lost", "page ts=1\nevent +1\n", "whole\n2 1 @4 8\n" },
	{ "counted", "page ts=1 missed=7\nevent +1\n", "whole, lost 7\n2 1 @4 8\n" },
	{ "uncounted", "page ts=1 missed=?\nevent +1\n", "whole, lost ?\n2 1 @4 8\n" },
	{ "count of 0", "page ts=1\nevent +1\ncommit 0xc000000c\n",
	  "whole, lost ?\n2 1 @4 8\n" },
	{ "count without the other flag", "page ts=1 missed=7\nevent +1\ncommit 0x4000000c\n",
	  "whole, lost 7\n2 1 @4 8\n" },
	{ "no events", "page ts=1 missed=7\n", "whole, lost 7\n" },
	{ "no events, uncounted", "page ts=1\ncommit 0x80000000\n", "whole, lost ?\n" },
	{ "damage behind it", "page ts=1 missed=7\nevent +1\nraw 01\n",
	  "bad at +12: event header cut off, lost 7\n2 1 @4 8\n" },
	{ "read mark", "page ts=1 missed=7 start=12\nevent +1\nevent +1\n",
	  "whole\n3 2 @16 8\n" },
};

static void test_lost(void)
{
	check_rows(lost_rows, sizeof(lost_rows) / sizeof(*lost_rows));
	CHECK_TEXT(render("", "page ts=1\nhead type=29\ncommit 0xc00000ec\n"),
		   "bad at +236: missed count cut off, lost ?\n");
	CHECK_TEXT(render("", "page ts=1\nhead type=29\ncommit 0xc00000e8\npoke 248 05\n"),
		   "whole, lost 5\n");
}

static void test_mapped_reader(void)
{
	/* ring_buffer_map_get_reader() adds a negative int to the long */
	CHECK_TEXT(render("", "page ts=1\nevent +1\ncommit 0xffffffff8000000c\n"),
		   "whole, lost ?\n2 1 @4 8\n");
	CHECK_TEXT(render("", "page ts=1 missed=3\nevent +1\ncommit 0xffffffffc000000c\n"),
		   "whole, lost 3\n2 1 @4 8\n");
}

static const struct page_row mark_rows[] = {
	{ "at an event", "page ts=1000 start=12\nevent +1\nevent +2\nevent +3\n",
	  "whole\n1003 2 @16 8\n1006 3 @28 8\n" },
	{ "between extend and event", "page ts=1000 start=8\nextend +500\nevent +1\n",
	  "whole\n1501 1 @12 8\n" },
	{ "behind a time stamp", "page ts=1000 start=20\nstamp 5000\nevent +1\nevent +1\n",
	  "whole\n5002 2 @24 8\n" },
	{ "behind a discarded event", "page ts=1000 start=8\ndiscard +9 len=4\nevent +1\n",
	  "whole\n1010 1 @12 8\n" },
	{ "at the end", "page ts=1000 start=24\nevent +1\nevent +1\n", "whole\n" },
	{ "in the empty rest", "page ts=1000 start=100\nevent +1\npad\n", "whole\n" },
	{ "behind the empty rest", "page ts=1000 start=240\nevent +1\npad\n", "whole\n" },
	{ "behind the damage", "page ts=1000 start=16\nevent +1\nhead type=30\nraw 01\n",
	  "bad at +12: time extend cut off\n" },
};

static void test_read_mark(void)
{
	check_rows(mark_rows, sizeof(mark_rows) / sizeof(*mark_rows));
}

/* A sub-buffer full of events: all come, with the right time */
static void check_size(uint32_t size, uint32_t long_size, bool big_endian)
{
	uint8_t *data = malloc(size), record[200] = { 0 };
	struct subbuf sb = { .data = data, .size = size };
	struct page_build build;
	struct page_event ev;
	struct page page;
	uint64_t ts = 5;
	uint32_t wrote = 0, read = 0;

	page_build_init(&build, data, size, long_size, big_endian, ts);
	while (!page_build_event(&build, wrote % 7, record, 4 + wrote % 196))
		ts += wrote++ % 7;
	page_build_finish(&build, 0);
	CU_ASSERT_EQUAL(page_load(&page, &sb, size, long_size, big_endian), 0);
	while (page_next(&page, &ev)) {
		CU_ASSERT_EQUAL(ev.size, ((4 + read % 196) + 3) / 4 * 4);
		read++;
	}
	CU_ASSERT_EQUAL(read, wrote);
	CU_ASSERT_EQUAL(page.ts, ts);
	free(data);
}

static void test_sizes(void)
{
	static const uint32_t sizes[] = { 64, 4096, 65536, 1 << 20, 4 << 20 };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		check_size(sizes[i], 8, false);
		check_size(sizes[i], 4, false);
		check_size(sizes[i], 8, true);
		check_size(sizes[i], 4, true);
	}
}

static void test_time(void)
{
	static const uint8_t bytes[] = { 1, 2, 3, 4, 5, 6, 7, 8 };

	CU_ASSERT_EQUAL(page_time(bytes, false), 0x0807060504030201ull);
	CU_ASSERT_EQUAL(page_time(bytes, true), 0x0102030405060708ull);
}

static const struct test tests[] = {
	{ "every kind of record is decoded in every encoding", test_records },
	{ "short events with a length word are decoded", test_forced_alignment },
	{ "the first bad byte is found, events before it are kept", test_corrupt },
	{ "a commit may reach the end of the sub-buffer", test_commit_limit },
	{ "what could be read of a sub-buffer is decoded", test_partly_read },
	{ "what was lost before a sub-buffer is told", test_lost },
	{ "the commit of a mapped reader page is understood", test_mapped_reader },
	{ "decoding begins at the read mark with the right time", test_read_mark },
	{ "sub-buffers of all sizes are decoded", test_sizes },
	{ "the header's time stamp is read in both byte orders", test_time },
	{ NULL, NULL }
};

const struct test_suite suite_page = { "page", tests };
