// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "mkimage.h"
#include "select.h"
#include "tests.h"

static const unsigned int odd[] = { 1, 3, 5 };
static const unsigned int two[] = { 2 };
static const unsigned int falling[] = { 3, 1 };
static const unsigned int twice[] = { 1, 1 };

static void test_lists(void)
{
	struct merge_select sel = { .buffers = odd, .nr_buffers = 3, .cpus = odd, .nr_cpus = 2 };

	for (unsigned int i = 0; i < 8; i++) {
		const struct merge_buffer buf = { .index = i };

		CU_ASSERT_EQUAL(select_buffer(&sel, &buf), i == 1 || i == 3 || i == 5);
		CU_ASSERT_EQUAL(select_cpu(&sel, i), i == 1 || i == 3);
		CU_ASSERT_TRUE(select_buffer(&select_all, &buf));
		CU_ASSERT_TRUE(select_cpu(&select_all, i));
	}
	sel.nr_buffers = 0;
	CU_ASSERT_FALSE(select_buffer(&sel, &(struct merge_buffer){ .index = 1 }));
}

static void test_apart(void)
{
	const struct merge_select three = { .buffers = odd, .nr_buffers = 2 };

	for (unsigned int kind = MERGE_LIVE; kind <= MERGE_PREVIOUS_BOOT; kind++) {
		const struct merge_buffer buf = { .index = 3, .kind = kind };

		CU_ASSERT_EQUAL(select_buffer(&select_all, &buf), kind <= MERGE_PERSISTENT);
		CU_ASSERT_TRUE(select_buffer(&three, &buf));
	}
}

static const struct order_row {
	const char *name;
	struct merge_buffer a, b;
	bool same;
} order_rows[] = {
	{ "one clock", { .clock = "mono" }, { .clock = "mono", .kind = MERGE_SNAPSHOT }, true },
	{ "two clocks", { .clock = "mono" }, { .clock = "tai" }, false },
	{ "uncommitted beside others", { .clock = "mono" },
	  { .clock = "mono", .kind = MERGE_UNCOMMITTED }, false },
	{ "both uncommitted", { .clock = "mono", .kind = MERGE_UNCOMMITTED },
	  { .clock = "mono", .kind = MERGE_UNCOMMITTED }, true },
	{ "of this boot and of another", { .clock = "mono" },
	  { .clock = "mono", .previous_boot = true }, false },
	{ "of other boots", { .clock = "mono", .previous_boot = true },
	  { .clock = "mono", .previous_boot = true }, false },
};

static void test_order(void)
{
	for (size_t i = 0; i < sizeof(order_rows) / sizeof(*order_rows); i++) {
		const struct order_row *row = &order_rows[i];

		CHECK_ROW(select_same_order(&row->a, &row->b) == row->same, row->name);
		CHECK_ROW(select_same_order(&row->b, &row->a) == row->same, row->name);
		CHECK_ROW(select_same_order(&row->a, &row->a), row->name);
	}
}

static const struct check_row {
	const char *name;
	struct merge_select sel;
	int ret;
} check_rows[] = {
	{ "all", { 0 }, 0 },
	{ "a buffer there is", { .buffers = odd, .nr_buffers = 1 }, 0 },
	{ "no buffers", { .buffers = odd, .nr_buffers = 0 }, 0 },
	{ "a buffer there is not", { .buffers = odd, .nr_buffers = 2 }, -EINVAL },
	{ "the buffer behind the last", { .buffers = two, .nr_buffers = 1 }, -EINVAL },
	{ "falling buffers", { .buffers = falling, .nr_buffers = 2 }, -EINVAL },
	{ "a CPU there is not", { .cpus = odd, .nr_cpus = 3 }, 0 },
	{ "falling CPUs", { .cpus = falling, .nr_cpus = 2 }, -EINVAL },
	{ "a CPU twice", { .cpus = twice, .nr_cpus = 2 }, -EINVAL },
};

static void test_check(void)
{
	struct merge_source *src = image_open("buffer a\nbuffer b\n");

	for (size_t i = 0; i < sizeof(check_rows) / sizeof(*check_rows); i++) {
		const struct check_row *row = &check_rows[i];
		struct merge_error err = { 0 };

		CHECK_ROW(select_check(&row->sel, src, &err) == row->ret, row->name);
		CHECK_ROW(!!err.text[0] == !!row->ret, row->name);
	}
	merge_source_close(src);
}

static const struct notice_row {
	const char *name;
	const char *image;
	struct merge_select sel;
	bool has;
} notice_rows[] = {
	{ "none", "", { 0 }, false },
	{ "of the source", "notice\n", { .buffers = odd, .nr_buffers = 1 }, true },
	{ "of another buffer", "notice buffer=0\n", { .buffers = odd, .nr_buffers = 1 }, false },
	{ "of the buffer", "notice buffer=1\n", { .buffers = odd, .nr_buffers = 1 }, true },
	{ "of another CPU", "notice cpu=2\n", { .cpus = odd, .nr_cpus = 1 }, false },
	{ "of the CPU", "notice cpu=1\n", { .cpus = odd, .nr_cpus = 1 }, true },
	{ "the second", "notice cpu=2\nnotice cpu=1\n", { .cpus = odd, .nr_cpus = 1 }, true },
};

static void test_notices(void)
{
	for (size_t i = 0; i < sizeof(notice_rows) / sizeof(*notice_rows); i++) {
		const struct notice_row *row = &notice_rows[i];
		struct merge_source *src;
		char text[200];

		snprintf(text, sizeof(text), "buffer a\nbuffer b\n%s", row->image);
		src = image_open(text);
		CHECK_ROW(select_has_notice(&row->sel, src) == row->has, row->name);
		merge_source_close(src);
	}
}

static const struct test tests[] = {
	{ "lists select what they name, no list selects all", test_lists },
	{ "what is apart is selected only by name", test_apart },
	{ "what is apart has no order with others", test_order },
	{ "lists have to ascend and name buffers there are", test_check },
	{ "only notices of what is selected count", test_notices },
	{ NULL, NULL }
};

const struct test_suite suite_select = { "select", tests };
