// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boot.h"
#include "comms.h"
#include "mkimage.h"
#include "tests.h"

/*
 * The kernel saved 1, 7 to 10 (boot.c); 7, 8, 40, 41 live. The trace names 7,
 * 20 three times, 21 by two clocks, 40.
 */
static struct merge_source *open_source(void)
{
	struct merge_desc *desc = boot_open();
	struct merge_source *src;
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	static const struct {
		const char *words;
		int pid;
		const char *name;
	} names[] = {
		{ "size 1024\nbuffer a clock=local\ncpu 0\npage ts=1000\n", 20, "early" },
		{ "", 7, "traced" },
		{ "page ts=3000\n", 20, "late" },
		{ "cpu 1\npage ts=2000\n", 20, "amid" },
		{ "", 40, "traced" },
		{ "buffer b clock=counter\ncpu 0\npage ts=9000\n", 21, "by counter" },
		{ "", 20, "by counter" },
		{ "buffer c clock=local\ncpu 0\npage ts=500\n", 21, "by local" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct record_bytes r = record_begin(desc, SCHED_SWITCH, names[i].pid);

		fputs(names[i].words, out);
		record_text(&r, 8, names[i].name, 16);
		record_number(&r, 24, (unsigned int)names[i].pid, 4);
		record_number(&r, 60, 0, 4);
		record_words(&r, 10, out);
	}
	fclose(out);
	desc_close(desc);
	src = boot_image(text);
	free(text);
	return src;
}

static void test_finds(void)
{
	static const struct {
		int pid;
		const char *want;
	} rows[] = {
		{ 0, "<idle>" }, { -1, "<XXX>" }, { 1, "systemd" }, { 10, "a longer name16" },
		{ 7, "bash" }, { 9, "" }, { 20, "late" }, { 21, "by counter" }, { 40, "traced" },
		{ 41, "long-lived" }, { 99, "<...>" }, { 4194304, "<...>" },
	};
	struct merge_source *src = open_source();

	/* the second time all is known */
	for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(*rows); i++) {
		size_t row = i % (sizeof(rows) / sizeof(*rows));
		const char *name = comms_find(&src->buffers[i % 2], rows[row].pid);

		CHECK_ROW(!strcmp(name, rows[row].want), rows[row].want);
	}
	CU_ASSERT_EQUAL(boot_of(src->desc)->walked_comms, 1);
	CU_ASSERT_EQUAL(boot_of(src->desc)->walked_tasks, 1);
	merge_source_close(src);
}

/* The trace is read for a name only when the kernel saved none */
static void test_is_lazy(void)
{
	struct merge_source *src = open_source();
	struct image *image = image_of(src);

	CU_ASSERT_STRING_EQUAL(comms_find(src->buffers, 7), "bash");
	CU_ASSERT_EQUAL(image->cpus[0].pages[0].reads, 0);
	CU_ASSERT_EQUAL(boot_of(src->desc)->walked_tasks, 0);
	comms_find(src->buffers, 99);
	comms_find(src->buffers, 98);
	CU_ASSERT_EQUAL(image->cpus[0].pages[0].reads, 1);
	CU_ASSERT_EQUAL(boot_of(src->desc)->walked_tasks, 1);
	merge_source_close(src);
}

static void meet_in(struct merge_source *src, unsigned int buffer, int pid)
{
	struct record_bytes r = record_begin(src->desc, TICK, pid);

	comms_meet(&src->buffers[buffer], r.data, r.size);
}

static void meet(struct merge_source *src, int pid)
{
	meet_in(src, 0, pid);
}

static int take(void *arg, int pid, const char *comm)
{
	fprintf(arg, "%d %s\n", pid, comm);
	return pid == 8 ? 42 : 0;
}

static int take_all(void *arg, int pid, const char *comm)
{
	fprintf(arg, "%d %s\n", pid, comm);
	return 0;
}

static char *each(struct merge_source *src, int (*fn)(void *arg, int pid, const char *comm))
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fprintf(out, "%d\n", comms_each(src, fn, out));
	fclose(out);
	return text;
}

#define SAVED	"1 systemd\n7 bash\n8 two\nlines\n9 \n10 a longer name16\n"

static void test_tells_those_met(void)
{
	struct merge_source *src = open_source();

	CHECK_TEXT(each(src, take_all), SAVED "0\n");
	meet(src, 7);
	CHECK_TEXT(each(src, take_all), SAVED "0\n");
	CU_ASSERT_EQUAL(boot_of(src->desc)->walked_tasks, 0);
	comms_meet(src->buffers, "\0\0\0\0\50\0\0\0", 7);
	meet(src, 0);
	meet(src, -5);
	meet(src, 41);
	meet(src, 99);
	meet(src, 20);
	CHECK_TEXT(each(src, take_all), SAVED "41 long-lived\n20 late\n0\n");
	CHECK_TEXT(each(src, take), "1 systemd\n7 bash\n8 two\nlines\n42\n");
	merge_source_close(src);
}

/* Neither saved names nor living tasks are of the boot before */
static void test_keeps_boots_apart(void)
{
	struct merge_source *src = open_source();

	src->buffers[1].previous_boot = true;
	CU_ASSERT_STRING_EQUAL(comms_find(&src->buffers[1], 7), "<...>");
	CU_ASSERT_STRING_EQUAL(comms_find(&src->buffers[1], 41), "<...>");
	CU_ASSERT_STRING_EQUAL(comms_find(&src->buffers[1], 40), "<...>");
	CU_ASSERT_STRING_EQUAL(comms_find(&src->buffers[1], 20), "by counter");
	CU_ASSERT_STRING_EQUAL(comms_find(&src->buffers[1], 0), "<idle>");
	CU_ASSERT_EQUAL(boot_of(src->desc)->walked_comms, 0);
	CU_ASSERT_EQUAL(boot_of(src->desc)->walked_tasks, 0);
	/* and none of this boot are told by it */
	CU_ASSERT_STRING_EQUAL(comms_find(&src->buffers[0], 21), "by local");
	merge_source_close(src);
}

static void test_tells_those_of_this_boot(void)
{
	struct merge_source *src = open_source();

	src->buffers[1].previous_boot = true;
	meet_in(src, 1, 20);
	meet_in(src, 1, 41);
	CHECK_TEXT(each(src, take_all), SAVED "0\n");
	meet_in(src, 0, 20);
	CHECK_TEXT(each(src, take_all), SAVED "20 late\n0\n");
	merge_source_close(src);
}

static void test_tries_again(void)
{
	struct merge_source *src = open_source();

	boot_of(src->desc)->fail_comms = -EINTR;
	CU_ASSERT_STRING_EQUAL(comms_find(src->buffers, 10), "<...>");
	CHECK_TEXT(each(src, take_all), "-4\n");
	boot_of(src->desc)->fail_comms = 0;
	CU_ASSERT_STRING_EQUAL(comms_find(src->buffers, 10), "a longer name16");
	boot_of(src->desc)->fail_tasks = -EINTR;
	CU_ASSERT_STRING_EQUAL(comms_find(src->buffers, 41), "<...>");
	boot_of(src->desc)->fail_tasks = 0;
	image_of(src)->interrupt_at = image_of(src)->polls + 2;
	CU_ASSERT_STRING_EQUAL(comms_find(src->buffers, 41), "<...>");
	image_of(src)->interrupt_at = 0;
	CU_ASSERT_STRING_EQUAL(comms_find(src->buffers, 41), "long-lived");
	CU_ASSERT_EQUAL(src->nr_notices, 0);
	merge_source_close(src);
}

/* Out of memory is said, and not tried for every event again */
static void test_gives_up(void)
{
	struct merge_source *src = open_source();

	boot_of(src->desc)->fail_tasks = -ENOMEM;
	CU_ASSERT_STRING_EQUAL(comms_find(src->buffers, 20), "late");
	CU_ASSERT_STRING_EQUAL(comms_find(src->buffers, 41), "<...>");
	CU_ASSERT_EQUAL(boot_of(src->desc)->walked_tasks, 1);
	CU_ASSERT_EQUAL_FATAL(src->nr_notices, 1);
	CU_ASSERT_STRING_EQUAL(merge_source_notice(src, 0)->text,
			       "out of memory for command names: some tasks are shown as <...>");
	merge_source_close(src);
}

static void test_holds_many(void)
{
	struct merge_source *src = open_source();
	unsigned int lines = 0;
	char *text;

	comms_find(src->buffers, 99);
	for (int pid = 1; pid <= 20000; pid++)
		meet(src, pid * 7);
	CU_ASSERT_STRING_EQUAL(comms_find(src->buffers, 20), "late");
	CU_ASSERT_STRING_EQUAL(comms_find(src->buffers, 7), "bash");
	CU_ASSERT_STRING_EQUAL(comms_find(src->buffers, 70007), "<...>");
	text = each(src, take_all);
	for (const char *p = text; (p = strchr(p, '\n')); p++)
		lines++;
	/* of those met the kernel saved 7, the trace names 21 */
	CU_ASSERT_EQUAL(lines, 5 + 1 + 1 + 1);
	free(text);
	merge_source_close(src);
}

static const struct test tests[] = {
	{ "a name is the saved one, else the last in the trace, else a living task's",
	  test_finds },
	{ "the trace is read once, when a name is missing", test_is_lazy },
	{ "of pids that were met the names are told", test_tells_those_met },
	{ "another boot's tasks have the names its buffer tells", test_keeps_boots_apart },
	{ "pids of another boot are not told", test_tells_those_of_this_boot },
	{ "an interrupted look is taken again", test_tries_again },
	{ "out of memory is said", test_gives_up },
	{ "there may be many pids", test_holds_many },
	{ NULL, NULL }
};
const struct test_suite suite_comms = { "comms", tests };
