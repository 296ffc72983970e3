// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "page_build.h"
#include "page_edit.h"
#include "tests.h"

#define SIZE	128

/* Three events: ids 1, 2, 3 at 1010, after an extend, and at an absolute stamp */
static void build(uint8_t *data, bool big, uint64_t stamp)
{
	struct page_build b;

	page_build_init(&b, data, SIZE, 8, big, 1000);
	for (uint8_t id = 1; id <= 3; id++) {
		uint8_t record[8] = { big ? 0 : id, big ? id : 0, 0, 0, 0xab };

		if (id == 2)
			page_build_extend(&b, 1ull << 30);
		if (id == 3)
			page_build_stamp(&b, stamp);
		page_build_event(&b, 10, record, sizeof(record));
	}
	page_build_finish(&b, 7);
}

static void load(struct page *page, const uint8_t *data, bool big)
{
	struct subbuf sb = { .data = data, .size = SIZE };

	CU_ASSERT_EQUAL(page_load(page, &sb, SIZE, 8, big), 0);
}

static void check_times(const uint8_t *data, bool big, uint64_t first, uint64_t second,
			uint64_t third)
{
	uint64_t want[] = { first, second, third };
	struct page_event ev;
	struct page page;

	load(&page, data, big);
	CU_ASSERT_EQUAL(page.lost, 7);
	for (int i = 0; i < 3; i++) {
		CU_ASSERT_EQUAL(page_next(&page, &ev), 1);
		CU_ASSERT_EQUAL(ev.ts, want[i]);
	}
	CU_ASSERT_EQUAL(page_next(&page, &ev), 0);
}

static void move(bool big, uint64_t offset)
{
	uint64_t stamp = (1ull << 40) + 5;
	uint8_t data[SIZE];
	struct page page;

	build(data, big, stamp);
	load(&page, data, big);
	page_edit_times(page, data, offset);
	check_times(data, big, 1010 + offset, 1020 + (1ull << 30) + offset, stamp + 10 + offset);
}

static void test_times(void)
{
	move(false, 12345);
	move(true, 12345);
	move(false, -900ull);
	move(true, 1ull << 50);
}

static void test_stamp_beyond_its_bits(void)
{
	uint8_t data[SIZE];
	struct page page;

	/* the top five bits of an absolute time come from the one before */
	build(data, false, 1ull << 40);
	load(&page, data, false);
	page_edit_times(page, data, 3ull << 60);
	check_times(data, false, 1010 + (3ull << 60), 1020 + (1ull << 30) + (3ull << 60),
		    (1ull << 40) + 10 + (3ull << 60));
}

static unsigned int add_500(void *arg, unsigned int id)
{
	++*(unsigned int *)arg;
	return id + 500;
}

static void check_ids(bool big)
{
	uint8_t data[SIZE];
	unsigned int calls = 0;
	struct page_event ev;
	struct page page;

	build(data, big, 5000);
	load(&page, data, big);
	page_edit_ids(page, data, add_500, &calls);
	CU_ASSERT_EQUAL(calls, 3);
	load(&page, data, big);
	for (unsigned int id = 501; page_next(&page, &ev); id++) {
		CU_ASSERT_EQUAL(page_record_id(ev.data, big), id);
		CU_ASSERT_EQUAL(((const uint8_t *)ev.data)[4], 0xab);
	}
}

static void test_ids(void)
{
	check_ids(false);
	check_ids(true);
}

static void test_damaged(void)
{
	uint8_t data[SIZE], before[SIZE];
	struct subbuf sb = { .data = data, .size = SIZE };
	unsigned int calls = 0;
	struct page page;

	build(data, false, 5000);
	memset(data + 16 + 12 + 8, 0xff, 16);	/* from the second event on */
	memcpy(before, data, SIZE);
	CU_ASSERT_NOT_EQUAL(page_load(&page, &sb, SIZE, 8, false), 0);
	page_edit_ids(page, data, add_500, &calls);
	page_edit_times(page, data, 1);
	CU_ASSERT_EQUAL(calls, 1);
	CU_ASSERT_EQUAL(memcmp(data + 16 + 12 + 8, before + 16 + 12 + 8, SIZE - 36), 0);
	sb.size = 5;
	page_load(&page, &sb, SIZE, 8, false);
	page_edit_times(page, data, 1);
}

static const struct test tests[] = {
	{ "times move, deltas, extends and absolute ones alike", test_times },
	{ "an absolute time moves beyond the bits it has", test_stamp_beyond_its_bits },
	{ "every record gets the id that stands for its own", test_ids },
	{ "what lies behind the damage stays as it is", test_damaged },
	{ NULL, NULL }
};

const struct test_suite suite_page_edit = { "page_edit", tests };
