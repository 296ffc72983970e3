// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "boot.h"
#include "tests.h"
#include "text_cache.h"

static void begin(struct text_cache *c, struct merge_source *src)
{
	struct merge_error err = { 0 };

	CU_ASSERT_EQUAL(text_cache_begin(c, src, &err), 0);
}

static void test_keeps_events(void)
{
	struct merge_source *src = boot_source();
	struct text_cache c = { 0 };
	struct text_event *te;

	begin(&c, src);
	te = text_cache_event(&c, SCHED_SWITCH);
	CU_ASSERT_STRING_EQUAL(te->name, "sched_switch");
	CU_ASSERT_PTR_NULL(text_cache_event(&c, UNKNOWN)->tep);
	begin(&c, src);
	CU_ASSERT_PTR_EQUAL(text_cache_event(&c, SCHED_SWITCH), te);
	CU_ASSERT_EQUAL(boot_of(src->desc)->asked_events, 2);
	text_cache_deinit(&c);
	merge_source_close(src);
}

static void test_changes_descriptions(void)
{
	struct merge_source *src = boot_source(), *other = boot_source();
	struct text_cache c = { 0 };

	begin(&c, src);
	text_cache_event(&c, SCHED_SWITCH);
	begin(&c, other);
	text_cache_event(&c, SCHED_SWITCH);
	CU_ASSERT_PTR_EQUAL(c.desc, other->desc);
	CU_ASSERT_EQUAL(boot_of(other->desc)->asked_events, 1);
	text_cache_deinit(&c);
	merge_source_close(src);
	merge_source_close(other);
}

/* The same bit of common_flags means one thing or the other */
static void test_has_the_kernels_flags(void)
{
	struct merge_source *src = boot_source(), *other = boot_source();
	struct text_cache c = { 0 };

	boot_of(other->desc)->resched_lazy = 2;
	begin(&c, src);
	CU_ASSERT_NSTRING_EQUAL(c.flags.columns[2], "X..", 3);
	begin(&c, other);
	CU_ASSERT_NSTRING_EQUAL(c.flags.columns[2], ".l.", 3);
	text_cache_deinit(&c);
	merge_source_close(src);
	merge_source_close(other);
}

static void test_pads_records(void)
{
	struct merge_event ev = { .data = "\1\2\3", .size = 3 };
	struct text_cache c = { 0 };
	const uint8_t *record;

	record = text_cache_record(&c, &(struct merge_event){ .data = "xxxxxxxx", .size = 8 });
	CU_ASSERT_NSTRING_EQUAL(record, "xxxxxxxx", 8);
	record = text_cache_record(&c, &ev);
	CU_ASSERT_NSTRING_EQUAL(record, "\1\2\3", 3);
	for (unsigned int i = 0; i < RECORD_PAD; i++)
		CU_ASSERT_EQUAL(record[3 + i], 0);
	text_cache_deinit(&c);
}


static void test_begins_again(void)
{
	struct merge_source *src = boot_source();
	struct merge_error err = { 0 };
	struct text_cache c = { 0 };

	boot_of(src->desc)->fail_printks = -ENOMEM;
	CU_ASSERT_EQUAL(text_cache_begin(&c, src, &err), -ENOMEM);
	boot_of(src->desc)->fail_printks = 0;
	begin(&c, src);
	CU_ASSERT_PTR_NOT_NULL(text_cache_event(&c, TICK)->tep);
	text_cache_deinit(&c);
	merge_source_close(src);
}

static const struct test tests[] = {
	{ "an event is looked up once", test_keeps_events },
	{ "another description has other events", test_changes_descriptions },
	{ "flags are those of the traced kernel", test_has_the_kernels_flags },
	{ "zero bytes follow a record", test_pads_records },
	{ "a failed beginning can be tried again", test_begins_again },
	{ NULL, NULL }
};
const struct test_suite suite_text_cache = { "text_cache", tests };
