// SPDX-License-Identifier: GPL-2.0-or-later
#include "printks.h"
#include "tests.h"

static void test_finds_what_was_added(void)
{
	struct printks p = { 0 };

	CU_ASSERT_PTR_NULL(printks_find(&p, 0));
	for (uint64_t i = 0; i < 1000; i++)
		CU_ASSERT_EQUAL(printks_add(&p, i * 7919 % 1000 * 8, "text and more",
					    4 + (i == 500)), 0);
	printks_sort(&p);
	CU_ASSERT_STRING_EQUAL(printks_find(&p, 0), "text");
	CU_ASSERT_STRING_EQUAL(printks_find(&p, 500 * 7919 % 1000 * 8), "text ");
	CU_ASSERT_STRING_EQUAL(printks_find(&p, 999 * 8), "text");
	CU_ASSERT_PTR_NULL(printks_find(&p, 1000 * 8));
	CU_ASSERT_PTR_NULL(printks_find(&p, 4));
	printks_deinit(&p);
	CU_ASSERT_PTR_NULL(printks_find(&p, 0));
}

static void test_takes_the_last_of_an_address(void)
{
	struct printks p = { 0 };

	printks_add(&p, 8, "first", 5);
	printks_add(&p, 16, "other", 5);
	printks_add(&p, 8, "last", 4);
	printks_sort(&p);
	CU_ASSERT_STRING_EQUAL(printks_find(&p, 8), "last");
	printks_deinit(&p);
}

static const struct test tests[] = {
	{ "finds what was added", test_finds_what_was_added },
	{ "takes the last of several at one address", test_takes_the_last_of_an_address },
	{ NULL, NULL }
};

const struct test_suite suite_printks = { "printks", tests };
