// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "mkimage.h"
#include "tests.h"

static void close_source(struct merge_source *src)
{
	++*(unsigned int *)src->priv;
}

static const struct source_ops bare_ops = { .name = "bare" };
static const struct source_ops closing_ops = { .name = "closing", .close = close_source };

static void test_buffers(void)
{
	struct merge_source *src = source_create(&bare_ops, NULL, 4, true);
	char name[] = "first", clock[] = "mono";
	struct merge_cpu *cpus = calloc(1, sizeof(*cpus));
	struct merge_buffer buf = {
		.name = name, .instance = "", .clock = clock, .subbuf_size = 4096,
		.nr_cpus = 1, .cpus = cpus,
	};

	CU_ASSERT_EQUAL(src->long_size, 4);
	CU_ASSERT_TRUE(src->big_endian);
	CU_ASSERT_EQUAL(source_add_buffer(src, &buf), 0);
	name[0] = clock[0] = 'x';
	buf.cpus = NULL;
	buf.nr_cpus = 0;
	CU_ASSERT_EQUAL(source_add_buffer(src, &buf), 0);
	CU_ASSERT_EQUAL(merge_source_nr_buffers(src), 2);
	CU_ASSERT_STRING_EQUAL(merge_source_buffer(src, 0)->name, "first");
	CU_ASSERT_STRING_EQUAL(merge_source_buffer(src, 0)->clock, "mono");
	CU_ASSERT_PTR_EQUAL(merge_source_buffer(src, 0)->cpus, cpus);
	CU_ASSERT_STRING_EQUAL(merge_source_buffer(src, 1)->name, "xirst");
	CU_ASSERT_EQUAL(merge_source_buffer(src, 1)->index, 1);
	CU_ASSERT_PTR_EQUAL(merge_source_buffer(src, 1)->source, src);
	CU_ASSERT_PTR_NULL(merge_source_buffer(src, 2));
	CU_ASSERT_PTR_NULL(merge_source_desc(src));
	merge_source_close(src);
}

static void test_names(void)
{
	struct merge_source *src = source_create(&bare_ops, NULL, 8, false);
	struct merge_buffer a = { .name = "a", .instance = "", .clock = "local" };
	struct merge_buffer second = { .name = "a~2", .instance = "", .clock = "local" };

	source_add_buffer(src, &a);
	source_add_buffer(src, &second);
	source_add_buffer(src, &a);
	source_add_buffer(src, &second);
	CU_ASSERT_STRING_EQUAL(merge_source_buffer(src, 0)->name, "a");
	CU_ASSERT_STRING_EQUAL(merge_source_buffer(src, 1)->name, "a~2");
	CU_ASSERT_STRING_EQUAL(merge_source_buffer(src, 2)->name, "a~3");
	CU_ASSERT_STRING_EQUAL(merge_source_buffer(src, 3)->name, "a~2~2");
	merge_source_close(src);
}

/* What the reader of a file was given goes to a terminal, and into lines. */
static void test_one_line(void)
{
	struct merge_source *src = source_create(&bare_ops, NULL, 8, false);
	struct merge_buffer buf = { .name = "a\nb", .instance = "a\nb", .clock = "\033[2J" };
	struct merge_buffer other = { .name = "a?b", .instance = "", .clock = "local" };

	source_add_buffer(src, &buf);
	source_add_buffer(src, &other);
	source_note(src, NULL, -1, "of %s", "a\tb\177");
	source_remark(src, "said: %s", "a\r");
	CU_ASSERT_STRING_EQUAL(merge_source_buffer(src, 0)->name, "a?b");
	CU_ASSERT_STRING_EQUAL(merge_source_buffer(src, 0)->instance, "a\nb");
	CU_ASSERT_STRING_EQUAL(merge_source_buffer(src, 0)->clock, "?[2J");
	CU_ASSERT_STRING_EQUAL(merge_source_buffer(src, 1)->name, "a?b~2");
	CU_ASSERT_STRING_EQUAL(merge_source_notice(src, 0)->text, "of a?b?");
	CU_ASSERT_STRING_EQUAL(src->remarks[0], "said: a?");
	merge_source_close(src);
}

static void test_notices(void)
{
	struct merge_source *src = source_create(&bare_ops, NULL, 8, false);
	struct merge_buffer buf = { .name = "a", .instance = "", .clock = "local" };
	const struct merge_notice *notice;

	CU_ASSERT_PTR_NULL(merge_source_notice(src, 0));
	source_add_buffer(src, &buf);
	source_note(src, merge_source_buffer(src, 0), 3, "cpu %d", 3);
	source_note(src, NULL, -1, "all");
	for (int i = 0; i < 20; i++)
		source_add_buffer(src, &buf);
	notice = merge_source_notice(src, 0);
	CU_ASSERT_STRING_EQUAL(notice->text, "cpu 3");
	CU_ASSERT_EQUAL(notice->cpu, 3);
	CU_ASSERT_PTR_EQUAL(notice->buffer, merge_source_buffer(src, 0));
	CU_ASSERT_PTR_NULL(merge_source_notice(src, 1)->buffer);
	CU_ASSERT_PTR_NULL(merge_source_notice(src, 2));
	merge_source_close(src);
}

static void test_close(void)
{
	unsigned int closed = 0;

	merge_source_close(source_create(&closing_ops, &closed, 8, false));
	CU_ASSERT_EQUAL(closed, 1);
	merge_source_close(NULL);
}

static void test_interrupted(void)
{
	struct merge_source *src = source_create(&bare_ops, NULL, 8, false);

	CU_ASSERT_FALSE(source_interrupted(src));
	merge_source_close(src);
	src = image_open("cpu 0");
	CU_ASSERT_FALSE(source_interrupted(src));
	image_of(src)->interrupt_at = 2;
	CU_ASSERT_TRUE(source_interrupted(src));
	merge_source_close(src);
}

static bool is_true(void *arg)
{
	return *(bool *)arg;
}

static void test_on_interrupt(void)
{
	struct merge_source *src = source_create(&bare_ops, NULL, 8, false);
	bool asked = false;

	merge_source_on_interrupt(src, is_true, &asked);
	CU_ASSERT_FALSE(source_interrupted(src));
	asked = true;
	CU_ASSERT_TRUE(source_interrupted(src));
	merge_source_on_interrupt(src, NULL, NULL);
	CU_ASSERT_FALSE(source_interrupted(src));
	merge_source_close(src);
}

static const struct test tests[] = {
	{ "buffers keep copies of their strings and take their CPUs over", test_buffers },
	{ "no two buffers have one name", test_names },
	{ "names and notices are one line of text", test_one_line },
	{ "notices follow their buffers when these move", test_notices },
	{ "closing closes the private part; NULL is allowed", test_close },
	{ "a source without an interrupt is never interrupted", test_interrupted },
	{ "the caller may interrupt any source", test_on_interrupt },
	{ NULL, NULL }
};

const struct test_suite suite_source = { "source", tests };
