// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>

#include "shift.h"
#include "tests.h"

#define ALL	UINT64_MAX

static const struct shift_module two[] = {
	{ 0xffffffffc0000000, 0x5000 }, { 0xffffffffc0010000, (uint64_t)-0x2000 },
};

static const struct {
	const char *name;
	struct merge_shift shift;
	uint64_t addr, want;
} rows[] = {
	{ "up", { .mask = ALL, .text = 0x200000 }, 0xffffffff81000123, 0xffffffff81200123 },
	{ "down", { .mask = ALL, .text = (uint64_t)-0x200000 }, 0xffffffff81200123,
	  0xffffffff81000123 },
	{ "in 32 bits", { .mask = UINT32_MAX, .text = 0xfff00000 }, 0xc1200123, 0xc1100123 },
	{ "into the image", { .mask = ALL, .text = 0x100, .image_start = 0x1000,
	  .image_end = 0x2000 }, 0xf00, 0x1000 },
	{ "before the image", { .mask = ALL, .text = 0x100, .image_start = 0x1000,
	  .image_end = 0x2000 }, 0xeff, 0xeff },
	{ "behind the image", { .mask = ALL, .text = 0x100, .image_start = 0x1000,
	  .image_end = 0x2000 }, 0x1f00, 0x1f00 },
	{ "below all modules", { ALL, 1, 0, 0, (struct shift_module *)two, 2 },
	  0xffffffffbfffffff, 0xffffffffc0000000 },
	{ "the first module's first", { ALL, 1, 0, 0, (struct shift_module *)two, 2 },
	  0xffffffffc0000000, 0xffffffffc0005000 },
	{ "the first module's last", { ALL, 1, 0, 0, (struct shift_module *)two, 2 },
	  0xffffffffc000ffff, 0xffffffffc0014fff },
	{ "the last module's", { ALL, 1, 0, 0, (struct shift_module *)two, 2 },
	  0xffffffffc0010008, 0xffffffffc000e008 },
};

static void test_shift(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		CHECK_ROW(shift_address(&rows[i].shift, rows[i].addr) == rows[i].want, rows[i].name);
	CU_ASSERT_EQUAL(shift_address(NULL, 0x123), 0x123);
	shift_destroy(NULL);
}

static const struct test tests[] = {
	{ "the kernel and each module move by their own delta", test_shift },
	{ NULL, NULL }
};

const struct test_suite suite_shift = { "shift", tests };
