// SPDX-License-Identifier: GPL-2.0-or-later
/* Files of version 6, whole, cut off at every byte and with changed ones. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dat-in.h"
#include "tests.h"

#define SMALL \
	"size 4096\nbuffer top\ncpu 0\npage ts=1000\nevent +10 id=118\n" \
	"buffer inst clock=mono\ncpu 2\npage ts=1000\nevent +10 id=118\n"

/* The file of @text as bytes */
static struct dat_hand read_file(const char *text)
{
	struct dat_hand hand = { .zip = "none" };
	struct dat *dat = dat_write(6, text);

	hand.size = dat->size;
	hand.data = malloc(dat->size);
	memcpy(hand.data, dat->bytes, dat->size);
	for (size_t i = 0; i < dat->nr_sections; i++)
		hand.offsets[hand.nr_offsets++] = dat->sections[i].offset;
	for (size_t i = 0; i < dat->nr_rings; i++)
		hand.offsets[hand.nr_offsets++] = dat->rings[i].section;
	dat_close(dat);
	return hand;
}

static void test_has_the_buffers(void)
{
	struct dat_place place;
	struct merge_source *src = dat_in_sunk(&place, 6, SMALL);
	const struct merge_buffer *inst = merge_source_buffer(src, 1);

	CU_ASSERT_EQUAL_FATAL(merge_source_nr_buffers(src), 2);
	CU_ASSERT_STRING_EQUAL(merge_source_buffer(src, 0)->clock, "local");
	CU_ASSERT_STRING_EQUAL(inst->name, "inst");
	CU_ASSERT_STRING_EQUAL(inst->clock, "mono");
	/* tables have no numbers, but empty entries */
	CU_ASSERT_EQUAL_FATAL(inst->nr_cpus, 4);
	CU_ASSERT_EQUAL(inst->cpus[2].cpu, 2);
	CU_ASSERT_EQUAL(inst->cpus[2].nr_subbufs, 1);
	CU_ASSERT_EQUAL(inst->cpus[1].nr_subbufs, 0);
	dat_in_close(src, &place);
}

static void test_has_no_top_without_one(void)
{
	struct dat_place place;
	struct merge_source *src = dat_in_sunk(&place, 6,
		"size 4096\nbuffer inst\ncpu 0\npage ts=1000\nevent +10 id=118\n");

	CU_ASSERT_EQUAL_FATAL(merge_source_nr_buffers(src), 1);
	CU_ASSERT_STRING_EQUAL(merge_source_buffer(src, 0)->name, "inst");
	dat_in_close(src, &place);
}

static void test_says_where_it_is_cut_off(void)
{
	struct dat_hand hand = read_file(SMALL);
	unsigned int opened = 0, refused = 0;

	for (size_t size = 0; size < hand.size; size += 1 + size % 13) {
		struct merge_error err;
		struct dat_place place;
		struct merge_source *src;
		char *notices;

		dat_place_make(&place);
		src = dat_hand_open(&hand, size, &place, &err);
		opened += src != NULL;
		refused += !src;
		if (src) {
			free(dat_in_events(src));
			notices = dat_in_notices(src);
			CU_ASSERT_PTR_NOT_NULL(strstr(notices, "the file ends"));
			free(notices);
		}
		dat_in_close(src, &place);
	}
	CU_ASSERT(opened > 100);
	CU_ASSERT(refused > 100);
	free(hand.data);
}

static void test_is_not_harmed(void)
{
	struct dat_hand hand = read_file(SMALL), copy = hand;
	uint64_t state = 11;

	copy.data = malloc(copy.size);
	for (size_t i = 0; i < 1000; i++) {
		struct merge_error err;
		struct dat_place place;
		struct merge_source *src;

		memcpy(copy.data, hand.data, hand.size);
		for (uint64_t n = 1 + test_random(&state) % 4; n; n--) {
			uint64_t part = hand.offsets[test_random(&state) % hand.nr_offsets];

			copy.data[(part + test_random(&state) % 40) % copy.size] =
				test_random(&state);
		}
		dat_place_make(&place);
		src = dat_hand_open(&copy, copy.size, &place, &err);
		if (src)
			free(dat_in_events(src));
		dat_in_close(src, &place);
	}
	free(copy.data);
	free(hand.data);
}

static void test_refuses_a_latency_trace(void)
{
	struct dat_hand hand = read_file(SMALL);
	struct merge_error err;
	struct dat_place place;
	uint64_t top = hand.offsets[hand.nr_offsets - 2];

	dat_place_make(&place);
	memcpy(hand.data + top, "latency  ", 10);
	CU_ASSERT_PTR_NULL(dat_hand_open(&hand, hand.size, &place, &err));
	CU_ASSERT_EQUAL(err.code, -ENOTSUP);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "latency trace"));
	dat_place_remove(&place);
	free(hand.data);
}

static const struct test tests[] = {
	{ "buffers have their clocks and CPUs", test_has_the_buffers },
	{ "a file without a top-level ring has none", test_has_no_top_without_one },
	{ "a file cut off says where", test_says_where_it_is_cut_off },
	{ "changed bytes do no harm", test_is_not_harmed },
	{ "a latency trace is refused, with what reads it", test_refuses_a_latency_trace },
	{ NULL, NULL }
};
const struct test_suite suite_dat_layout_v6 = { "dat_layout_v6", tests };
