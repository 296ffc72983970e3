// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "libmerge.h"
#include "tests.h"

static const struct merge_buffer seconds = { .clock_in_ns = true };
static const struct merge_buffer units = { .clock_in_ns = false };

/* @ret other than 0: @text is refused */
static const struct parse_row {
	const char *text;
	const struct merge_buffer *buffer;
	int ret;
	uint64_t ts;
} parse_rows[] = {
	{ "0", &seconds, 0, 0 },
	{ "12", &seconds, 0, 12000000000 },
	{ "12.5", &seconds, 0, 12500000000 },
	{ "123.456789", &seconds, 0, 123456789000 },
	{ "123.456789012", &seconds, 0, 123456789012 },
	{ "00012.000001", &seconds, 0, 12000001000 },
	{ "18446744073.709551615", &seconds, 0, UINT64_MAX },
	{ "18446744073.709551616", &seconds, -EINVAL, 0 },
	{ "18446744074", &seconds, -EINVAL, 0 },
	{ "99999999999999999999999", &seconds, -EINVAL, 0 },
	{ "18446744073709551616", &units, -EINVAL, 0 },
	{ "18446744073709551615", &units, 0, UINT64_MAX },
	{ "", &seconds, -EINVAL, 0 },
	{ ".5", &seconds, -EINVAL, 0 },
	{ "1.", &seconds, -EINVAL, 0 },
	{ "1.0000000001", &seconds, -EINVAL, 0 },
	{ "1.5s", &seconds, -EINVAL, 0 },
	{ "-1", &seconds, -EINVAL, 0 },
	{ " 1", &seconds, -EINVAL, 0 },
	{ "1,5", &seconds, -EINVAL, 0 },
	{ "4711", &units, 0, 4711 },
	{ "47.11", &units, -EINVAL, 0 },
	{ "", &units, -EINVAL, 0 },
};

static void test_parse(void)
{
	for (size_t i = 0; i < sizeof(parse_rows) / sizeof(*parse_rows); i++) {
		const struct parse_row *row = &parse_rows[i];
		uint64_t ts = 4711;

		CHECK_ROW(merge_time_parse(row->buffer, row->text, &ts) == row->ret,
			  row->text);
		CHECK_ROW(ts == (row->ret ? 4711 : row->ts), row->text);
	}
}

static const struct print_row {
	const char *text;
	const struct merge_buffer *buffer;
	uint64_t ts;
} print_rows[] = {
	{ "0.000000", &seconds, 0 },
	{ "0.000000", &seconds, 499 },
	{ "0.000001", &seconds, 500 },
	{ "1.000000", &seconds, 999999500 },
	{ "123.456789", &seconds, 123456789012 },
	{ "18446744073.709552", &seconds, UINT64_MAX },
	{ "0", &units, 0 },
	{ "18446744073709551615", &units, UINT64_MAX },
};

static void test_print(void)
{
	for (size_t i = 0; i < sizeof(print_rows) / sizeof(*print_rows); i++) {
		char text[24];

		merge_time_print(print_rows[i].buffer, print_rows[i].ts, text, sizeof(text));
		CU_ASSERT_STRING_EQUAL(text, print_rows[i].text);
	}
}

static void test_small_buffer(void)
{
	char text[4] = "xxx";

	merge_time_print(&seconds, 123456789012, text, sizeof(text));
	CU_ASSERT_STRING_EQUAL(text, "123");
}

static const struct test tests[] = {
	{ "times are parsed in the unit of the clock", test_parse },
	{ "times are rounded to microseconds as the kernel does", test_print },
	{ "a small buffer is not overrun", test_small_buffer },
	{ NULL, NULL }
};

const struct test_suite suite_clock = { "clock", tests };
