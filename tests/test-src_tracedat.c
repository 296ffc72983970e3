// SPDX-License-Identifier: GPL-2.0-or-later
/* trace.dat files as sources: buffers, events, and what is missing. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dat-in.h"
#include "tests.h"

/* Of READABLE; names that readers stumble over are not in the file */
#define READABLE_EVENTS \
	"         systemd-1       [000] .....     0.000001: tick: 1\n" \
	"           <...>-2       [000] .....     0.000001: tick: 2\n" \
	"           <...>-4       [003] .....     0.000002: tick: 4\n" \
	"big:            <...>-5       [001] .....     0.000002: tick: 5\n" \
	"big:            <...>-6       [001] .....     0.000002: tick: 6\n" \
	"big:             bash-7       [001] .....     0.000002: tick: 7\n" \
	"big:        two?lines-8       [001] .....     0.000002: tick: 8\n" \
	"big:            <...>-9       [001] .....     0.000002: tick: 9\n" \
	"CPU:0 [LOST 3 EVENTS]\n" \
	"           <...>-3       [000] .....     0.000002: tick: 3\n"

static void test_gives_what_the_sink_took(void)
{
	for (unsigned int version = 6; version <= 7; version++) {
		struct dat_place place;
		struct merge_source *src = dat_in_sunk(&place, version, READABLE);

		CHECK_TEXT(dat_in_events(src), READABLE_EVENTS);
		CHECK_TEXT(dat_in_notices(src), "");
		dat_in_close(src, &place);
	}
}

static void test_has_the_buffers(void)
{
	struct dat_place place;
	struct merge_source *src = dat_in_sunk(&place, 7, TWO_BUFFERS);
	const struct merge_buffer *top = merge_source_buffer(src, 0);
	const struct merge_buffer *snap = merge_source_buffer(src, 1);

	CU_ASSERT_EQUAL_FATAL(merge_source_nr_buffers(src), 2);
	CU_ASSERT_STRING_EQUAL(top->name, "top");
	CU_ASSERT_STRING_EQUAL(top->instance, "");
	CU_ASSERT_STRING_EQUAL(top->clock, "local");
	CU_ASSERT_TRUE(top->clock_in_ns);
	CU_ASSERT_EQUAL(top->subbuf_size, 4096);
	/* CPU 1 has no sub-buffers and is not told of */
	CU_ASSERT_EQUAL_FATAL(top->nr_cpus, 2);
	CU_ASSERT_EQUAL(top->cpus[0].cpu, 0);
	CU_ASSERT_EQUAL(top->cpus[0].nr_subbufs, 2);
	CU_ASSERT_TRUE(top->cpus[0].has_counters);
	CU_ASSERT_EQUAL(top->cpus[1].cpu, 3);
	CU_ASSERT_EQUAL(top->cpus[1].nr_subbufs, 1);

	CU_ASSERT_STRING_EQUAL(snap->name, "snap.snapshot");
	CU_ASSERT_STRING_EQUAL(snap->clock, "counter");
	CU_ASSERT_FALSE(snap->clock_in_ns);
	CU_ASSERT_EQUAL(snap->subbuf_size, 65536);
	CU_ASSERT_EQUAL_FATAL(snap->nr_cpus, 1);
	CU_ASSERT_EQUAL(snap->cpus[0].cpu, 6);
	CU_ASSERT_EQUAL(snap->cpus[0].nr_subbufs, 2);
	dat_in_close(src, &place);
}

/* ---- Compressed ----------------------------------------------------------- */

static void test_reads_compressed_files(void)
{
	static const char *const zips[] = { "none", "zlib", "zstd" };
	/* that of trace-cmd; within a sub-buffer; all of it */
	static const size_t chunks[] = { 40960, 1000, 1 << 20 };

	for (size_t i = 0; i < 9; i++) {
		struct dat_hand hand = { .zip = zips[i / 3], .chunk = chunks[i % 3] };
		struct merge_error err;
		struct dat_place place;
		struct merge_source *src;

		dat_place_make(&place);
		dat_hand_make(&hand, READABLE);
		src = dat_hand_open(&hand, hand.size, &place, &err);
		CHECK_TEXT(dat_in_events(src), READABLE_EVENTS);
		CHECK_TEXT(dat_in_notices(src), "");
		dat_in_close(src, &place);
		free(hand.data);
	}
}

static void test_reads_other_byte_orders(void)
{
	static const char *const heads[] = { "big\n", "long 4\n", "big\nlong 4\n" };

	for (size_t i = 0; i < 6; i++) {
		struct dat_hand hand = { .zip = i < 3 ? "none" : "zstd", .chunk = 5000 };
		struct merge_error err;
		struct dat_place place;
		struct merge_source *src;
		char *text;

		if (asprintf(&text, "%s%s", heads[i % 3], "size 4096\nbuffer top\ncpu 1\n"
			     "page ts=1000 missed=3\nevent +10 id=118\n") < 0)
			abort();
		dat_place_make(&place);
		dat_hand_make(&hand, text);
		src = dat_hand_open(&hand, hand.size, &place, &err);
		CU_ASSERT_EQUAL(merge_source_buffer(src, 0)->cpus[0].cpu, 1);
		CHECK_TEXT(dat_in_numbers(src), "1 1010 1 3\n");
		CHECK_TEXT(dat_in_notices(src), "");
		dat_in_close(src, &place);
		free(hand.data);
		free(text);
	}
}

/* What is lost is told: no event twice, none changed, and every gap with a notice */
static void check_cut(const struct dat_hand *hand, size_t size, const char *whole)
{
	struct merge_error err;
	struct dat_place place;
	struct merge_source *src;
	char *events, *notices;

	dat_place_make(&place);
	src = dat_hand_open(hand, size, &place, &err);
	if (src) {
		events = dat_in_events(src);
		notices = dat_in_notices(src);
		CU_ASSERT(!strcmp(events, whole) || *notices);
		free(events);
		free(notices);
	}
	dat_in_close(src, &place);
}

static void test_says_what_a_cut_file_lacks(void)
{
	static const char *const zips[] = { "none", "zstd" };

	for (size_t z = 0; z < 2; z++) {
		struct dat_hand hand = { .zip = zips[z], .chunk = 5000 };

		dat_hand_make(&hand, READABLE);
		/* at every part, in its head and in its data */
		for (size_t i = 0; i < hand.nr_offsets; i++)
			for (size_t k = 0; k < 40; k += 3)
				if (hand.offsets[i] + k < hand.size)
					check_cut(&hand, hand.offsets[i] + k, READABLE_EVENTS);
		for (size_t size = 0; size < 60; size++)
			check_cut(&hand, size, READABLE_EVENTS);
		free(hand.data);
	}
}

/* Options in front, as trace-cmd record writes them: the data's end is missing */
static void test_keeps_what_a_cut_file_has(void)
{
	struct dat_hand hand = { .zip = "none" };
	struct merge_error err;
	struct dat_place place;
	struct merge_source *src;
	char *notices;

	dat_place_make(&place);
	hand.front = true;
	dat_hand_make(&hand, READABLE);
	/* the last data in the file are those of CPU 1 of "big", two of 64 KiB */
	src = dat_hand_open(&hand, hand.size, &place, &err);
	CU_ASSERT_EQUAL(merge_source_buffer(src, 1)->cpus[0].nr_subbufs, 2);
	dat_in_close(src, &place);

	dat_place_make(&place);
	src = dat_hand_open(&hand, hand.size - 70000, &place, &err);
	CU_ASSERT_PTR_NOT_NULL_FATAL(src);
	CU_ASSERT_EQUAL(merge_source_buffer(src, 1)->cpus[0].nr_subbufs, 1);
	notices = dat_in_notices(src);
	CU_ASSERT_PTR_NOT_NULL(strstr(notices, "buffer big, cpu 1: the file ends"));
	free(notices);
	notices = dat_in_events(src);
	CU_ASSERT_PTR_NOT_NULL(strstr(notices, "tick: 4"));
	CU_ASSERT_PTR_NULL(strstr(notices, "tick: 9"));
	free(notices);
	dat_in_close(src, &place);
	free(hand.data);
}

static void check_changed(const struct dat_hand *hand, uint64_t *state)
{
	struct dat_hand copy = *hand;
	struct merge_error err;
	struct dat_place place;
	struct merge_source *src;

	dat_place_make(&place);
	copy.data = malloc(copy.size);
	memcpy(copy.data, hand->data, copy.size);
	for (uint64_t n = 1 + test_random(state) % 4; n; n--) {
		/* heads and options more often than what is between */
		uint64_t part = hand->offsets[test_random(state) % hand->nr_offsets];

		copy.data[(part + test_random(state) % 60) % copy.size] = test_random(state);
	}
	src = dat_hand_open(&copy, copy.size, &place, &err);
	if (src)
		free(dat_in_events(src));
	dat_in_close(src, &place);
	free(copy.data);
}

/* Any byte changed: no harm, seen under ASan */
static void test_is_not_harmed(void)
{
	static const char *const zips[] = { "none", "zlib", "zstd" };
	uint64_t state = 7;

	for (size_t z = 0; z < 3; z++) {
		struct dat_hand hand = { .zip = zips[z], .chunk = 5000 };

		dat_hand_make(&hand, READABLE);
		for (size_t i = 0; i < 300; i++)
			check_changed(&hand, &state);
		free(hand.data);
	}
}

/* ---- Time ----------------------------------------------------------------- */

static void test_adds_the_files_offsets(void)
{
	const struct {
		unsigned int id;
		const char *text, *want;
	} rows[] = {
		{ 7, "500", "0 1510 1 0\n0 5000500 2 0\n" },
		{ 7, "-10", "0 1000 1 0\n0 4999990 2 0\n" },
		{ 1, "0x10", "0 17010 1 0\n0 5016000 2 0\n" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct dat_hand hand = { .zip = "none", .extra_id = rows[i].id,
					 .extra = rows[i].text };
		struct merge_error err;
		struct dat_place place;
		struct merge_source *src;

		dat_place_make(&place);
		dat_hand_make(&hand, "size 4096\nbuffer top\ncpu 0\npage ts=1000\n"
			      "event +10 id=118\nstamp 5000000\nevent +0 id=118\n");
		src = dat_hand_open(&hand, hand.size, &place, &err);
		CHECK_TEXT(dat_in_numbers(src), rows[i].want);
		CHECK_TEXT(dat_in_notices(src), "");
		dat_in_close(src, &place);
		free(hand.data);
	}
}

/* Zeros behind the last sub-buffer have no time that a search could go by */
static void test_finds_the_last_before_zeros(void)
{
	struct dat_hand hand = { .zip = "none" };
	struct merge_select sel = { .from = 3000 };
	struct merge_error err;
	struct merge_event ev;
	struct merge_iter *it;
	struct dat_place place;
	struct merge_source *src;

	dat_place_make(&place);
	dat_hand_make(&hand, "size 4096\nbuffer top\ncpu 0\npage ts=1000\nevent +10 id=118\n"
		      "page ts=2000\nevent +5000 id=118\n"
		      "page ts=8000\nevent +1 id=118\npage ts=9000\nevent +1 id=118\n");
	/* the last two of the four become empty */
	memset(hand.data + hand.offsets[hand.nr_offsets - 2] + 2 * 4096, 0, 2 * 4096);
	src = dat_hand_open(&hand, hand.size, &place, &err);
	CU_ASSERT_EQUAL_FATAL(merge_iter_create(src, &sel, NULL, NULL, &err, &it), 0);
	CU_ASSERT_EQUAL(merge_iter_next(it, &ev), 1);
	CU_ASSERT_EQUAL(ev.ts, 7000);
	CU_ASSERT_EQUAL(merge_iter_next(it, &ev), 0);
	CU_ASSERT_EQUAL(merge_iter_stats(it)->damaged, 0);
	merge_iter_destroy(it);
	dat_in_close(src, &place);
	free(hand.data);
}

/* trace-cmd convert has sizes of compressed CPUs without the count of chunks */
static void test_converted(void)
{
	static const char image[] = "size 4096\nbuffer top clock=local\ncpu 0\npage ts=1000\n"
				    "event +10 id=118\nevent +20 id=118\ncpu 1\npage ts=1500\n"
				    "event +1 id=118\n";
	char command[600], zipped[100], *want;
	struct dat_place place;
	struct merge_source *src = dat_in_sunk(&place, 7, image);
	struct merge_error err = { 0 };

	want = dat_in_events(src);
	merge_source_close(src);
	if (system("command -v trace-cmd >/dev/null")) {
		fprintf(stderr, "SKIPPED: trace-cmd is not installed\n");
		dat_place_remove(&place);
		free(want);
		return;
	}
	snprintf(zipped, sizeof(zipped), "%s.zstd", place.path);
	snprintf(command, sizeof(command), "trace-cmd convert -i %s -o %s --compression zstd >"
		 "/dev/null && mv %s %s", place.path, zipped, zipped, place.path);
	CU_ASSERT_EQUAL(system(command), 0);
	CU_ASSERT_EQUAL_FATAL(merge_source_open(place.path, NULL, &err, &src), 0);
	CU_ASSERT(strlen(want) > 100);
	CHECK_TEXT(dat_in_events(src), want);
	CHECK_TEXT(dat_in_notices(src), "");
	free(want);
	dat_in_close(src, &place);
}

static const struct test tests[] = {
	{ "compressed files give the same, whatever the chunks", test_reads_compressed_files },
	{ "byte orders and long sizes are the file's", test_reads_other_byte_orders },
	{ "what a file that was cut off lacks is said", test_says_what_a_cut_file_lacks },
	{ "what a file that was cut off has is given", test_keeps_what_a_cut_file_has },
	{ "changed bytes do no harm", test_is_not_harmed },
	{ "DATE and OFFSET are added to all times", test_adds_the_files_offsets },
	{ "empty sub-buffers at the end do not mislead a search", test_finds_the_last_before_zeros },
	{ "a file gives the events the sink was given", test_gives_what_the_sink_took },
	{ "buffers, CPUs, sizes and clocks are the file's", test_has_the_buffers },
	{ "what trace-cmd convert compressed is read", test_converted },
	{ NULL, NULL }
};
const struct test_suite suite_src_tracedat = { "src_tracedat", tests };
