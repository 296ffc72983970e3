// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sub-buffers as an attacker or a failing memory makes them. Each lies at the
 * end of a block of its own, so that ASan sees the first byte read beyond it.
 */
#include <stdlib.h>
#include <string.h>

#include "page_build.h"
#include "tests.h"

#define ROUNDS	100000
#define MOST	600

/* Read all of a record, as whoever prints it would. */
static void touch(const struct page_event *ev)
{
	const uint8_t *bytes = ev->data;
	volatile uint8_t sum = 0;

	for (uint32_t i = 0; i < ev->size; i++)
		sum = sum + bytes[i];
}

static bool is_sane(const struct page *page, const struct page_event *ev, uint32_t before)
{
	return ev->offset >= page->header + 4 && ev->offset > before && ev->size >= 4 &&
	       ev->offset % 4 == page->header % 4 &&
	       ev->offset + ev->size <= page->header + page->commit &&
	       ev->data == page->data + ev->offset;
}

/* What page_trim() makes of @page is whole and has the same events. */
static bool trims_well(const struct page *page, uint32_t size)
{
	struct page left = *page, right;
	uint8_t *out = malloc(size);
	struct subbuf sb = { .data = out, .size = size };
	struct page_event a, b;
	bool good;

	page_trim(page, 3, out, size);
	good = !page_load(&right, &sb, size, page->header - 8, page->big_endian);
	while (good && page_next(&left, &a))
		good = page_next(&right, &b) && a.ts == b.ts && a.size == b.size &&
		       !memcmp(a.data, b.data, a.size);
	good = good && !page_next(&right, &b);
	free(out);
	return good;
}

/* Decode @sb whatever it is. */
static bool survives(const struct subbuf *sb, uint32_t size, uint32_t long_size, bool big)
{
	uint32_t before = 0;
	struct page_event ev;
	struct page page, copy;
	int ret = page_load(&page, sb, size, long_size, big);

	copy = page;
	if (!!ret != !!page.why || page.commit > page.size || page.bad > sb->size)
		return false;
	while (page_next(&copy, &ev)) {
		if (!is_sane(&copy, &ev, before))
			return false;
		touch(&ev);
		before = ev.offset;
	}
	return page.size < page.header || trims_well(&page, size);
}

static void fill_valid(uint8_t *data, uint32_t size, uint32_t long_size, bool big,
		       uint64_t *state)
{
	uint8_t record[200] = { 0 };
	struct page_build build;
	int ret = 0;

	page_build_init(&build, data, size, long_size, big, test_random(state));
	while (!ret)
		switch (test_random(state) % 8) {
		case 0:
			ret = page_build_extend(&build, test_random(state) >> 5);
			break;
		case 1:
			ret = page_build_stamp(&build, test_random(state));
			break;
		case 2:
			ret = page_build_discard(&build, test_random(state) % 9,
						 4 + test_random(state) % 9 * 4);
			break;
		default:
			ret = page_build_event(&build, test_random(state) % 9, record,
					       4 + test_random(state) % 196);
		}
	if (test_random(state) % 4 == 0)
		page_build_padding(&build);
	page_build_finish(&build, test_random(state) % 3);
}

/* One round: some bytes, decoded in an encoding that need not be theirs */
static bool round_of(uint64_t *state, bool random)
{
	uint32_t long_size = test_random(state) % 2 ? 8 : 4;
	bool big = test_random(state) % 2;
	uint32_t size = 8 + long_size + test_random(state) % MOST;
	uint32_t have = test_random(state) % 8 ? size : test_random(state) % (size + 1);
	uint8_t *whole = malloc(size), *data = malloc(have + !have);
	struct subbuf sb = { .data = data, .size = have };
	bool good;

	fill_valid(whole, size, long_size, big, state);
	for (uint32_t i = 0; random && i < size; i++)
		whole[i] = test_random(state) >> test_random(state) % 57;
	if (random)	/* mostly a commit that lets the rest be looked at */
		whole[8 + (big ? 0 : long_size - 1)] &= test_random(state) % 4 ? 0 : 0xff;
	for (uint64_t flips = test_random(state) % 8; flips; flips--)
		whole[test_random(state) % size] ^= 1 << test_random(state) % 8;
	if (test_random(state) % 4 == 0)
		sb.start = test_random(state) % (size + 4);
	memcpy(data, whole, have);
	good = survives(&sb, size, long_size, big);
	free(whole);
	free(data);
	return good;
}

static void run_rounds(uint64_t seed, bool random)
{
	for (int i = 0; i < ROUNDS; i++) {
		uint64_t state = seed + i;

		if (!round_of(&state, random)) {
			CHECK_ROW(false, "state of this round");
			printf("seed %llu\n", (unsigned long long)(seed + i));
			return;
		}
	}
	CU_PASS("all rounds survived");
}

static void test_flipped(void)
{
	run_rounds(1000000, false);
}

static void test_random_bytes(void)
{
	run_rounds(5000000, true);
}

static const struct test tests[] = {
	{ "flipped bits are never read beyond the sub-buffer", test_flipped },
	{ "random bytes are never read beyond the sub-buffer", test_random_bytes },
	{ NULL, NULL }
};

const struct test_suite suite_page_hostile = { "page-hostile", tests };
