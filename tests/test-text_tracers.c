// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Events of small tracers. Debian's kernels have none of these tracers: what is
 * wanted is what the format strings of the kernel's trace_output.c make of the
 * numbers.
 */
#include <stdlib.h>
#include <string.h>

#include "boot.h"
#include "tests.h"

static void test_osnoise(void)
{
	struct merge_desc *d = boot_open();
	struct record_bytes r = record_begin(d, OSNOISE, 7);

	record_number(&r, 8, 12345, 8);
	record_number(&r, 16, 1000000, 8);
	record_number(&r, 24, 678, 8);
	for (uint32_t i = 0; i < 5; i++)
		record_number(&r, 32 + 4 * i, 10 * i + 1, 4);
	CHECK_TEXT(record_print(d, &r), "1000000      12345  98.76550     678"
		   "      1     11     21     31     41");
	record_number(&r, 8, 0, 8);
	CHECK_TEXT(record_print(d, &r), "1000000          0 100.00000     678"
		   "      1     11     21     31     41");
	record_number(&r, 16, 0, 8);
	CHECK_TEXT(record_print(d, &r), "[division by zero runtime]");
	record_number(&r, 16, (uint64_t)1 << 32, 8);
	CHECK_TEXT(record_print(d, &r), "[division by zero runtime]");
	desc_close(d);
}

static void test_timerlat(void)
{
	static const struct {
		unsigned int context;
		const char *want;
	} rows[] = {
		{ 0, "#42    context    irq timer_latency     54321 ns" },
		{ 1, "#42    context thread timer_latency     54321 ns" },
		{ 2, "#42    context user-ret timer_latency     54321 ns" },
		{ 3, "[unknown to the kernel: field context]" },
		{ UINT32_MAX, "[unknown to the kernel: field context]" },
	};
	struct merge_desc *d = boot_open();

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct record_bytes r = record_begin(d, TIMERLAT, 7);

		record_number(&r, 8, 42, 4);
		record_number(&r, 12, rows[i].context, 4);
		record_number(&r, 16, 54321, 8);
		CHECK_ROW(test_text(record_print(d, &r), rows[i].want), rows[i].want);
	}
	desc_close(d);
}

static void test_hwlat(void)
{
	struct merge_desc *d = boot_open();
	struct record_bytes r = record_begin(d, HWLAT, 7);

	record_number(&r, 8, 11, 8);
	record_number(&r, 16, 123456, 8);
	record_number(&r, 24, 0, 8);
	record_number(&r, 32, 1700000000, 8);
	record_number(&r, 40, 5000, 8);
	record_number(&r, 48, 0, 4);
	record_number(&r, 52, 3, 4);
	record_number(&r, 56, 9, 4);
	CHECK_TEXT(record_print(d, &r),
		   "#3     inner/outer(us):   11/123456 ts:1700000000.000005000 count:9");
	record_number(&r, 24, 777, 8);
	CHECK_TEXT(record_print(d, &r),
		   "#3     inner/outer(us):   11/123456 ts:1700000000.000005000 count:9");
	record_number(&r, 48, 2, 4);
	CHECK_TEXT(record_print(d, &r), "#3     inner/outer(us):   11/123456 "
		   "ts:1700000000.000005000 count:9 nmi-total:777 nmi-count:2");
	record_number(&r, 24, 0, 8);
	CHECK_TEXT(record_print(d, &r), "#3     inner/outer(us):   11/123456 "
		   "ts:1700000000.000005000 count:9 nmi-count:2");
	desc_close(d);
}

static struct record_bytes tasks(const struct merge_desc *d, unsigned int id,
				 unsigned int prev_state, unsigned int next_state)
{
	struct record_bytes r = record_begin(d, id, 7);

	record_number(&r, 8, 1234567, 4);
	record_number(&r, 12, 7, 4);
	record_number(&r, 16, 2, 4);
	record_number(&r, 20, 120, 1);
	record_number(&r, 21, prev_state, 1);
	record_number(&r, 22, 99, 1);
	record_number(&r, 23, next_state, 1);
	return r;
}

static void test_wakeup(void)
{
	/* task_index_to_char() */
	static const char letters[] = "RSDTtXZPI??";
	struct merge_desc *d = boot_open();
	struct record_bytes r = tasks(d, CONTEXT_SWITCH, 1, 0);

	CHECK_TEXT(record_print(d, &r), " 1234567:120:S ==> [002]       7: 99:R bash");
	for (unsigned int i = 0; letters[i]; i++) {
		char want[100];

		r = tasks(d, WAKEUP, i, 8);
		snprintf(want, sizeof(want), " 1234567:120:%c   + [002]       7: 99:I bash",
			 letters[i]);
		CHECK_ROW(test_text(record_print(d, &r), want), want);
	}
	record_number(&r, 12, 0, 4);
	CHECK_TEXT(record_print(d, &r), " 1234567:120:?   + [002]       0: 99:I <idle>");
	r.size = 20;
	CHECK_TEXT(record_print(d, &r), "[beyond the record: field prev_prio]");
	desc_close(d);
}

static void test_branch(void)
{
	struct merge_desc *d = boot_open();
	struct record_bytes r = record_begin(d, BRANCH, 7);

	record_number(&r, 8, 321, 4);
	record_text(&r, 12, "schedule", 31);
	record_text(&r, 43, "twenty-one characters", 21);
	record_number(&r, 64, 1, 1);
	CHECK_TEXT(record_print(d, &r), "[  ok  ] schedule:twenty-one characters:321");
	record_number(&r, 64, 0, 1);
	CHECK_TEXT(record_print(d, &r), "[ MISS ] schedule:twenty-one characters:321");
	desc_close(d);
}

static const struct test tests[] = {
	{ "osnoise prints as in the kernel", test_osnoise },
	{ "timerlat prints as in the kernel", test_timerlat },
	{ "hwlat prints as in the kernel", test_hwlat },
	{ "wakeups and switches print as in the kernel", test_wakeup },
	{ "branch prints as in the kernel", test_branch },
	{ NULL, NULL }
};
const struct test_suite suite_text_tracers = { "text_tracers", tests };
