// SPDX-License-Identifier: GPL-2.0-or-later
/* Each row is also printed by libtraceevent: see twice.h. */
#include "tests.h"
#include "twice.h"

#define CHECK_ROWS(rows)	check_twice(rows, sizeof(rows) / sizeof(rows[0]))

static void test_reads_fields(void)
{
	static const struct twice rows[] = {
		{ "\"%u %lu %llx\", REC->byte, REC->small, REC->big", "200 42 fedcba9876543210" },
		{ "\"%lu %d\", REC->list[2], REC->list[0]", "9 7" },
		{ "\"%d %d\", REC->common_pid, REC->common_type", "1 900" },
		{ "\"%d %d\", __get_dynamic_array_len(name), __get_dynamic_array_len(none)",
		  "8 0" },
	};

	CHECK_ROWS(rows);
}

static void test_computes(void)
{
	static const struct twice rows[] = {
		{ "\"%d %d %d\", REC->bits + 2, REC->bits - 7, REC->bits * 3", "7 -2 15" },
		{ "\"%d %d\", REC->small / REC->bits, REC->small % REC->bits", "8 2" },
		{ "\"%x %x\", REC->byte & 0xf, REC->byte | 7", "8 cf" },
		{ "\"%x %x\", REC->byte << 4, REC->byte >> 4", "c80 c" },
		{ "\"%d%d%d\", REC->bits == 5, REC->bits != 5, !REC->bits", "100" },
		{ "\"%d%d%d%d\", REC->bits < 5, REC->bits <= 5, REC->bits > 4, REC->bits >= 6",
		  "0110" },
		{ "\"%d%d%d\", REC->bits && 0, REC->bits || 0, REC->bits && 2", "011" },
		{ "\"%x\", ~REC->bits", "fffffffa" },
		/* 32 bits without a sign against 64 */
		{ "\"%d\", REC->minus < 0", "0" },
	};

	CHECK_ROWS(rows);
}

static void test_casts(void)
{
	static const struct twice rows[] = {
		{ "\"%lx %lx\", (u8)REC->big, (u16)REC->big", "10 3210" },
		{ "\"%lx %lx\", (u32)REC->big, (unsigned int)REC->big", "76543210 76543210" },
		{ "\"%lx %lx\", (int)REC->big, (short)REC->big", "76543210 3210" },
		{ "\"%lx %lx %lx\", (s8)REC->big, (s16)REC->big, (s32)REC->big",
		  "10 3210 76543210" },
		{ "\"%lx %lx\", (s64)REC->big, (unsigned long)REC->big",
		  "fedcba9876543210 fedcba9876543210" },
		{ "\"%lx\", (unsigned long long)(REC->minus)", "fffffffb" },
	};

	CHECK_ROWS(rows);
}

static void test_chooses(void)
{
	static const struct twice rows[] = {
		{ "\"%d\", REC->bits ? 1 : 2", "1" },
		{ "\"%d\", REC->bits == 4 ? REC->minus : REC->byte", "200" },
		{ "\"%d\", REC->bits & 1 ? REC->bits & 2 ? 1 : 2 : 3", "2" },
	};

	CHECK_ROWS(rows);
}

static void test_leaves_elements_beyond_an_array(void)
{
	static const struct twice rows[] = {
		{ "\"%lu\", REC->list[3]", "[libtraceevent]" },
		{ "\"%lu\", REC->list[REC->bits]", "[libtraceevent]" },
		{ "\"%d\", ((u8 *)__get_dynamic_array(name))[0]", "[libtraceevent]" },
	};

	CHECK_ROWS(rows);
}

static const struct test tests[] = {
	{ "reads fields", test_reads_fields },
	{ "computes as libtraceevent does", test_computes },
	{ "casts", test_casts },
	{ "chooses", test_chooses },
	{ "leaves elements that may lie beyond an array", test_leaves_elements_beyond_an_array },
	{ NULL, NULL }
};

const struct test_suite suite_program_value = { "program_value", tests };
