// SPDX-License-Identifier: GPL-2.0-or-later
#include <stddef.h>

#include "cursor.h"
#include "tests.h"

static const uint8_t bytes[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };

static void test_little_endian(void)
{
	struct cursor c;

	cursor_init(&c, bytes, sizeof(bytes), false);
	CU_ASSERT_EQUAL(cursor_u8(&c), 0x01);
	CU_ASSERT_EQUAL(cursor_u16(&c), 0x0302);
	CU_ASSERT_EQUAL(cursor_u32(&c), 0x07060504);
	CU_ASSERT_EQUAL(cursor_u64(&c), 0x0f0e0d0c0b0a0908ull);
	CU_ASSERT_EQUAL(cursor_left(&c), 0);
	CU_ASSERT_FALSE(c.bad);
}

static void test_big_endian(void)
{
	struct cursor c;

	cursor_init(&c, bytes, sizeof(bytes), true);
	CU_ASSERT_EQUAL(cursor_u8(&c), 0x01);
	CU_ASSERT_EQUAL(cursor_u16(&c), 0x0203);
	CU_ASSERT_EQUAL(cursor_u32(&c), 0x04050607);
	CU_ASSERT_EQUAL(cursor_u64(&c), 0x08090a0b0c0d0e0full);
	CU_ASSERT_FALSE(c.bad);
}

static void test_sizes(void)
{
	struct cursor c;

	cursor_init(&c, bytes, sizeof(bytes), false);
	CU_ASSERT_EQUAL(cursor_uint(&c, 1), 0x01);
	CU_ASSERT_EQUAL(cursor_uint(&c, 2), 0x0302);
	CU_ASSERT_EQUAL(cursor_uint(&c, 4), 0x07060504);
	CU_ASSERT_EQUAL(cursor_uint(&c, 8), 0x0f0e0d0c0b0a0908ull);
}

static void test_beyond_the_end(void)
{
	struct cursor c;

	cursor_init(&c, bytes, 6, false);
	cursor_u32(&c);
	CU_ASSERT_EQUAL(cursor_u32(&c), 0);
	CU_ASSERT_TRUE(c.bad);
	CU_ASSERT_EQUAL(cursor_left(&c), 0);
	CU_ASSERT_EQUAL(cursor_u8(&c), 0);
	cursor_seek(&c, 0);
	CU_ASSERT_EQUAL(cursor_u8(&c), 1);
	CU_ASSERT_TRUE(c.bad);
}

static void test_bytes_in_place(void)
{
	struct cursor c;

	cursor_init(&c, bytes, sizeof(bytes), false);
	cursor_u8(&c);
	CU_ASSERT_PTR_EQUAL(cursor_bytes(&c, 4), bytes + 1);
	CU_ASSERT_EQUAL(c.pos, 5);
	CU_ASSERT_PTR_EQUAL(cursor_bytes(&c, 10), bytes + 5);
	CU_ASSERT_FALSE(c.bad);
	CU_ASSERT_PTR_NULL(cursor_bytes(&c, 1));
	CU_ASSERT_TRUE(c.bad);
	CU_ASSERT_PTR_NULL(cursor_bytes(&c, SIZE_MAX));
}

static void test_seek(void)
{
	struct cursor c;

	cursor_init(&c, bytes, sizeof(bytes), false);
	cursor_seek(&c, sizeof(bytes));
	CU_ASSERT_FALSE(c.bad);
	CU_ASSERT_EQUAL(cursor_left(&c), 0);
	cursor_seek(&c, sizeof(bytes) + 1);
	CU_ASSERT_TRUE(c.bad);
	CU_ASSERT_EQUAL(cursor_left(&c), 0);
}

static const struct test tests[] = {
	{ "numbers are read little endian", test_little_endian },
	{ "numbers are read big endian", test_big_endian },
	{ "numbers of any size are read", test_sizes },
	{ "a read beyond the end gives 0 and is remembered", test_beyond_the_end },
	{ "bytes are given in place while there are enough", test_bytes_in_place },
	{ "a seek beyond the end is remembered", test_seek },
	{ NULL, NULL }
};

const struct test_suite suite_cursor = { "cursor", tests };
