// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "page_build.h"
#include "tests.h"

#define SIZE	64

static const uint8_t record[120] = { 1, 2, 3, 4, 5, 6, 7, 8 };

/* @bytes are those of the sub-buffer; the rest up to SIZE is 0 */
static void check_bytes(const uint8_t *data, const uint8_t *bytes, size_t len)
{
	uint8_t want[SIZE] = { 0 };

	memcpy(want, bytes, len);
	CU_ASSERT_EQUAL(memcmp(data, want, SIZE), 0);
}

/* Records of all kinds; the bytes are as the kernel's bitfields lay them out. */
static void build_all(uint8_t *data, uint32_t long_size, bool big, uint64_t lost)
{
	struct page_build b;

	memset(data, 0xaa, SIZE);
	page_build_init(&b, data, SIZE, long_size, big, 0x1122334455667788ull);
	CU_ASSERT_EQUAL(page_build_event(&b, 0x10, record, 5), 0);
	CU_ASSERT_EQUAL(page_build_extend(&b, (0xabcull << 27) + 3), 0);
	CU_ASSERT_EQUAL(page_build_stamp(&b, ~0ull), 0);
	CU_ASSERT_EQUAL(page_build_discard(&b, 0, 4), 0);
	page_build_finish(&b, lost);
}

static void test_little_endian(void)
{
	static const uint8_t bytes[] = {
		0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11,
		0x24, 0, 0, 0xc0, 0, 0, 0, 0,
		0x02, 0x02, 0, 0, 1, 2, 3, 4, 5, 0, 0, 0,
		0x7e, 0, 0, 0, 0xbc, 0x0a, 0, 0,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0x3d, 0, 0, 0, 4, 0, 0, 0,
		9, 1, 0, 0, 0, 0, 0, 0,
	};
	uint8_t data[SIZE];

	build_all(data, 8, false, 0x109);
	check_bytes(data, bytes, sizeof(bytes));
}

static void test_big_endian(void)
{
	static const uint8_t bytes[] = {
		0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88,
		0xc0, 0, 0, 0x24,
		0x10, 0, 0, 0x10, 1, 2, 3, 4, 5, 0, 0, 0,
		0xf0, 0, 0, 3, 0, 0, 0x0a, 0xbc,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xe8, 0, 0, 1, 0, 0, 0, 4,
		0, 0, 1, 9,
	};
	uint8_t data[SIZE];

	build_all(data, 4, true, 0x109);
	check_bytes(data, bytes, sizeof(bytes));
}

static void test_long_delta(void)
{
	struct page_event ev;
	struct page_build b;
	struct page page;
	uint8_t data[SIZE];
	struct subbuf sb = { .data = data, .size = SIZE };

	page_build_init(&b, data, SIZE, 8, false, 5);
	CU_ASSERT_EQUAL(page_build_event(&b, (1 << 27) - 1, record, 4), 0);
	CU_ASSERT_EQUAL(b.pos, 8);
	CU_ASSERT_EQUAL(page_build_event(&b, 1 << 27, record, 4), 0);
	CU_ASSERT_EQUAL(b.pos, 24);
	page_build_finish(&b, 0);
	CU_ASSERT_EQUAL(page_load(&page, &sb, SIZE, 8, false), 0);
	CU_ASSERT_EQUAL(page_next(&page, &ev), 1);
	CU_ASSERT_EQUAL(page_next(&page, &ev), 1);
	CU_ASSERT_EQUAL(ev.ts, 5 + (1 << 27) - 1 + (1 << 27));
}

/* How many bytes of a sub-buffer each takes: with one less there is no space. */
static int append(struct page_build *b, int what)
{
	switch (what) {
	case 0: return page_build_event(b, 1, record, 8);
	case 1: return page_build_event(b, 1 << 27, record, 8);
	case 2: return page_build_event(b, 1, record, 113);
	case 3: return page_build_extend(b, 1);
	case 4: return page_build_stamp(b, 1);
	case 5: return page_build_discard(b, 1, 12);
	case 6: return page_build_raw(b, record, 5);
	default: return page_build_padding(b);
	}
}

static void test_no_space(void)
{
	static const uint32_t needs[] = { 12, 20, 124, 8, 8, 16, 5, 4 };

	for (size_t i = 0; i < sizeof(needs) / sizeof(*needs); i++) {
		uint8_t *data = malloc(16 + needs[i]);
		struct page_build b;

		page_build_init(&b, data, 16 + needs[i], 8, false, 1);
		CU_ASSERT_EQUAL(append(&b, i), 0);
		CU_ASSERT_EQUAL(b.pos, needs[i]);
		page_build_init(&b, data, 16 + needs[i] - 1, 8, false, 1);
		CU_ASSERT_EQUAL(append(&b, i), -ENOSPC);
		CU_ASSERT_EQUAL(b.pos, 0);
		free(data);
	}
}

static const struct finish_row {
	const char *name;
	uint32_t used;		/* of 48 or 52 bytes */
	uint32_t long_size;
	uint64_t lost;
	uint64_t word;
	uint64_t count;		/* behind the events */
} finish_rows[] = {
	{ "nothing lost", 8, 8, 0, 8, 0 },
	{ "counted", 8, 8, 5, 0xc0000008, 5 },
	{ "uncounted", 8, 8, MERGE_LOST_UNKNOWN, 0x80000008, 0 },
	{ "just room", 40, 8, 5, 0xc0000028, 5 },
	{ "no room", 44, 8, 5, 0x8000002c, 0 },
	{ "32 bit", 8, 4, 5, 0xc0000008, 5 },
	{ "32 bit, just room", 48, 4, 5, 0xc0000030, 5 },
	{ "32 bit, no room", 52, 4, 5, 0x80000034, 0 },
	{ "32 bit, too many", 8, 4, 1ull << 32, 0x80000008, 0 },
	{ "32 bit, the most", 8, 4, 0xfffffffe, 0xc0000008, 0xfffffffe },
};

static uint64_t number(const uint8_t *bytes, uint32_t size)
{
	uint64_t value = 0;

	while (size--)
		value = value << 8 | bytes[size];
	return value;
}

static void test_finish(void)
{
	for (size_t i = 0; i < sizeof(finish_rows) / sizeof(*finish_rows); i++) {
		const struct finish_row *row = &finish_rows[i];
		struct page_build b;
		uint8_t data[SIZE], *end = data + 8 + row->long_size + row->used;

		memset(data, 0xaa, SIZE);
		page_build_init(&b, data, SIZE, row->long_size, false, 1);
		page_build_raw(&b, record, row->used);
		page_build_finish(&b, row->lost);
		CHECK_ROW(number(data + 8, row->long_size) == row->word, row->name);
		if (end + row->long_size <= data + SIZE)
			CHECK_ROW(number(end, row->long_size) == row->count, row->name);
		if (end + row->long_size < data + SIZE)
			CHECK_ROW(data[SIZE - 1] == 0, row->name);
	}
}

static void test_trim(void)
{
	uint8_t data[SIZE], out[SIZE], want[SIZE];
	struct subbuf sb = { .data = data, .size = SIZE, .start = 12 };
	struct page_build b;
	struct page page;

	page_build_init(&b, data, SIZE, 8, false, 100);
	page_build_event(&b, 1, record, 8);
	page_build_event(&b, 2, record, 8);
	page_build_raw(&b, record, 1);
	page_build_finish(&b, 9);
	CU_ASSERT_EQUAL(page_load(&page, &sb, SIZE, 8, false), -EBADMSG);
	memset(out, 0xaa, SIZE);
	page_trim(&page, 4, out, SIZE);
	page_build_init(&b, want, SIZE, 8, false, 101);
	page_build_event(&b, 2, record, 8);
	page_build_finish(&b, 4);
	CU_ASSERT_EQUAL(memcmp(out, want, SIZE), 0);
}

static void test_trim_in_place(void)
{
	uint8_t data[SIZE], want[SIZE];
	struct subbuf sb = { .data = data, .size = SIZE };
	struct page_build b;
	struct page page;

	page_build_init(&b, want, SIZE, 8, false, 100);
	page_build_event(&b, 1, record, 8);
	page_build_event(&b, 2, record, 8);
	page_build_finish(&b, 0);
	memcpy(data, want, SIZE);
	/* as a page is that was written before */
	memset(data + b.header + b.pos, 0xaa, SIZE - b.header - b.pos);
	page_build_finish(&b, 4);
	CU_ASSERT_EQUAL(page_load(&page, &sb, SIZE, 8, false), 0);
	page_trim(&page, 4, data, SIZE);
	CU_ASSERT_EQUAL(memcmp(data, want, SIZE), 0);
}

static const struct test tests[] = {
	{ "little-endian sub-buffers have the kernel's bytes", test_little_endian },
	{ "big-endian sub-buffers have the kernel's bytes", test_big_endian },
	{ "a delta of more than 27 bits gets a time extend", test_long_delta },
	{ "what does not fit is refused as a whole", test_no_space },
	{ "the commit word tells what was lost, the rest is 0", test_finish },
	{ "trimming leaves what is unread and whole, with its time", test_trim },
	{ "a sub-buffer of which nothing was read is trimmed where it is", test_trim_in_place },
	{ NULL, NULL }
};

const struct test_suite suite_page_build = { "page_build", tests };
