// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "boot.h"
#include "tests.h"

static void test_counts(void)
{
	struct merge_desc *d = boot_open();
	struct merge_error err = { 0 };
	struct merge_about about;

	strcpy(d->release, "6.12.1");
	CU_ASSERT_EQUAL_FATAL(merge_desc_about(d, &err, &about), 0);
	CU_ASSERT_STRING_EQUAL(about.release, "6.12.1");
	CU_ASSERT_EQUAL(about.long_size, 8);
	CU_ASSERT(about.symbols > 0 && about.module_symbols > 0);
	CU_ASSERT(about.symbols > about.module_symbols);
	CU_ASSERT_EQUAL(about.printks, 5);
	CU_ASSERT(about.comms > 0);
	desc_close(d);
}

static void test_unreadable(void)
{
	static const int codes[] = { EINTR, ENOMEM, EFAULT };

	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
		struct merge_desc *d = boot_open();
		struct merge_error err = { 0 };
		struct merge_about about = { .comms = 99 };
		int want = codes[i] == EFAULT ? 0 : -codes[i];

		boot_of(d)->fail_comms = -codes[i];
		CU_ASSERT_EQUAL(merge_desc_about(d, &err, &about), want);
		CU_ASSERT_EQUAL(about.comms, want ? 99 : 2);
		desc_close(d);
	}
}

static void test_names(void)
{
	struct merge_desc *d = boot_open();
	struct record_bytes tick = record_begin(d, TICK, 1), wrong = record_begin(d, UNKNOWN, 1),
			    bad = record_begin(d, UNREADABLE, 1);
	const char *system, *name;
	unsigned int id;

	CU_ASSERT_EQUAL_FATAL(merge_desc_event_name(d, tick.data, &id, &system, &name), 0);
	CU_ASSERT_EQUAL(id, TICK);
	CU_ASSERT_STRING_EQUAL(name, "tick");
	CU_ASSERT_STRING_EQUAL(system, "test");
	CU_ASSERT_EQUAL(merge_desc_event_name(d, wrong.data, &id, &system, &name), -ENOENT);
	CU_ASSERT_EQUAL(id, UNKNOWN);
	CU_ASSERT_EQUAL(merge_desc_event_name(d, bad.data, &id, &system, &name), -ENODATA);
	desc_close(d);
}

static const struct test tests[] = {
	{ "symbols, names and formats are counted", test_counts },
	{ "what is unreadable is not counted, what ends the walk is an error", test_unreadable },
	{ "a record tells its event", test_names },
	{ NULL, NULL },
};

const struct test_suite suite_describe_about = { "describe_about", tests };
