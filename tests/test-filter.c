// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "filter.h"
#include "mkimage.h"
#include "tests.h"

#define FORMATS								\
	"format id=1 system=sched name=sched_switch\n"			\
	"format id=2 system=sched name=sched_waking\n"			\
	"format id=3 system=irq name=irq_handler_entry\n"		\
	"format id=4 system=ftrace name=function\n"

/* Which of the ids 1 to 5 pass; 5 has no format */
static const struct glob_row {
	const char *glob;
	const char *ids;
} glob_rows[] = {
	{ "sched:sched_switch", "1" },
	{ "sched", "12" },
	{ "sched:", "12" },
	{ "sched:*", "12" },
	{ "sched:sched_wak*", "2" },
	{ ":sched_switch", "1" },
	{ ":*_*", "123" },
	{ "*", "1234" },
	{ ":", "1234" },
	{ "*:*", "1234" },
	{ "irq:sched_switch", "" },
	{ "[si]*", "123" },
	{ "sche", "" },
	{ "sched_switch", "" },
	{ "sched:sched_switc", "" },
	{ "????:function", "" },
	{ "", "1234" },
};

static bool passes(struct filter *f, struct merge_source *src, unsigned int id, uint64_t lost)
{
	uint8_t record[8] = { 0 };
	struct merge_event ev = {
		.buffer = src->buffers, .data = record, .size = sizeof(record), .lost = lost,
	};

	record[src->big_endian] = id;
	return filter_event(f, &ev);
}

static void check_glob(const char *words, const struct glob_row *row)
{
	struct merge_source *src = image_open(words);
	struct filter *f = filter_create(src, &row->glob, 1);
	char ids[10] = "";

	for (int round = 0; round < 2; round++)	/* decided, then remembered */
		for (unsigned int id = 1; id <= 5; id++)
			if (passes(f, src, id, 0) && !round)
				ids[strlen(ids)] = '0' + id;
			else
				CHECK_ROW(passes(f, src, id, 0) == !!strchr(ids, '0' + id),
					  row->glob);
	CHECK_ROW(!strcmp(ids, row->ids), row->glob);
	filter_destroy(f);
	merge_source_close(src);
}

static void test_globs(void)
{
	for (size_t i = 0; i < sizeof(glob_rows) / sizeof(*glob_rows); i++) {
		check_glob(FORMATS "buffer a\ncpu 0\n", &glob_rows[i]);
		check_glob("big\n" FORMATS "buffer a\ncpu 0\n", &glob_rows[i]);
	}
}

static void test_many_globs(void)
{
	static const char *const globs[] = { "irq", ":function" };
	struct merge_source *src = image_open(FORMATS "buffer a\n");
	struct filter *f = filter_create(src, globs, 2);

	CU_ASSERT_FALSE(passes(f, src, 1, 0));
	CU_ASSERT_TRUE(passes(f, src, 3, 0));
	CU_ASSERT_TRUE(passes(f, src, 4, 0));
	filter_destroy(f);
	f = filter_create(src, globs, 0);
	CU_ASSERT_FALSE(passes(f, src, 3, 0));
	filter_destroy(f);
	filter_destroy(NULL);
	merge_source_close(src);
}

static void test_odd_names(void)
{
	static const char *const all[] = { "*" }, *const odd[] = { ":x0*" };
	char longest[300];
	const char *glob = longest;
	char text[400];
	struct merge_source *src;
	struct filter *f;

	snprintf(text, sizeof(text), FORMATS "format id=6 system=odd\n"
		 "format id=7 system=odd name=x%0150d\nbuffer a\n", 0);
	src = image_open(text);
	memset(longest, '*', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	f = filter_create(src, &glob, 1);
	CU_ASSERT_FALSE(passes(f, src, 1, 0));
	filter_destroy(f);
	f = filter_create(src, all, 1);
	CU_ASSERT_FALSE(passes(f, src, 200, 0));
	CU_ASSERT_TRUE(passes(f, src, 6, 0));
	filter_destroy(f);
	f = filter_create(src, odd, 1);
	CU_ASSERT_FALSE(passes(f, src, 6, 0));
	CU_ASSERT_TRUE(passes(f, src, 7, 0));
	filter_destroy(f);
	merge_source_close(src);
}

/* What @f makes of an event of @cpu with @id and @lost before it */
static uint64_t lost_after(struct filter *f, struct merge_source *src, unsigned int cpu,
			   unsigned int id, uint64_t lost)
{
	uint8_t record[8] = { id };
	struct merge_event ev = {
		.buffer = &src->buffers[cpu / 10], .cpu = cpu % 10, .data = record,
		.size = sizeof(record), .lost = lost,
	};

	return filter_event(f, &ev) ? ev.lost : 4711;
}

static void test_lost(void)
{
	static const char *const globs[] = { "irq" };
	struct merge_source *src = image_open(FORMATS "buffer a\ncpu 0\ncpu 1\nbuffer b\n"
					      "cpu 0\ncpu 1\n");
	struct filter *f = filter_create(src, globs, 1);

	CU_ASSERT_EQUAL(lost_after(f, src, 0, 1, 5), 4711);
	CU_ASSERT_EQUAL(lost_after(f, src, 0, 1, 0), 4711);
	CU_ASSERT_EQUAL(lost_after(f, src, 0, 2, 6), 4711);
	CU_ASSERT_EQUAL(lost_after(f, src, 1, 2, MERGE_LOST_UNKNOWN), 4711);
	CU_ASSERT_EQUAL(lost_after(f, src, 10, 2, 3), 4711);
	CU_ASSERT_EQUAL(lost_after(f, src, 11, 3, 2), 2);
	CU_ASSERT_EQUAL(lost_after(f, src, 0, 3, 1), 12);
	CU_ASSERT_EQUAL(lost_after(f, src, 0, 3, 0), 0);
	CU_ASSERT_EQUAL(lost_after(f, src, 1, 3, 7), MERGE_LOST_UNKNOWN);
	CU_ASSERT_EQUAL(lost_after(f, src, 10, 3, 0), 3);
	CU_ASSERT_EQUAL(lost_after(f, src, 10, 3, 0), 0);
	filter_destroy(f);
	merge_source_close(src);
}

static const struct test tests[] = {
	{ "globs match system and event", test_globs },
	{ "one glob of many is enough", test_many_globs },
	{ "events without a name and globs too long match nothing", test_odd_names },
	{ "a loss goes to the next wanted event of its CPU", test_lost },
	{ NULL, NULL }
};

const struct test_suite suite_filter = { "filter", tests };
