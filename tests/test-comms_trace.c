// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boot.h"
#include "comms_trace.h"
#include "mkimage.h"
#include "tests.h"

struct listing {
	FILE *out;
	const char *stop;
};

/* comms_trace_fn */
static int take(void *arg, const struct comms_told *told)
{
	struct listing *l = arg;

	fprintf(l->out, "%d %s @%llu clock %u\n", told->pid, told->name,
		(unsigned long long)told->ts, told->clock);
	return l->stop && !strcmp(told->name, l->stop) ? 42 : 0;
}

/* All names told in @image, up to @stop, and what came of it; frees @image */
static char *list(char *image, const char *stop)
{
	struct merge_source *src = boot_image(image);
	struct listing l = { .stop = stop };
	char *text;
	size_t size;
	int ret;

	l.out = open_memstream(&text, &size);
	ret = comms_trace(src, NULL, take, &l);
	fprintf(l.out, "%d\n", ret);
	fclose(l.out);
	merge_source_close(src);
	free(image);
	return text;
}

/* An image in the making: words, and records of one boot's formats */
struct image_text {
	struct merge_desc *desc;
	FILE *out;
	char *text;
	size_t size;
};

static void begin(struct image_text *t, const char *words)
{
	t->desc = boot_open();
	t->out = open_memstream(&t->text, &t->size);
	fputs(words, t->out);
}

static char *end(struct image_text *t)
{
	fclose(t->out);
	desc_close(t->desc);
	return t->text;
}

static void put_switch(struct image_text *t, unsigned int id, int prev, const char *prev_comm,
		       int next, const char *next_comm)
{
	struct record_bytes r = record_begin(t->desc, id, prev);

	record_text(&r, 8, prev_comm, 16);
	record_number(&r, 24, (unsigned int)prev, 4);
	record_text(&r, 40, next_comm, 16);
	record_number(&r, 56, (unsigned int)next, 4);
	record_number(&r, 60, 120, 4);
	record_words(&r, 10, t->out);
}

static void put_exec(struct image_text *t, int pid, const char *path)
{
	struct record_bytes r = record_begin(t->desc, SCHED_EXEC, pid);

	record_number(&r, 12, (unsigned int)pid, 4);
	record_number(&r, 16, (unsigned int)pid, 4);
	record_string(&r, 8, path);
	record_words(&r, 10, t->out);
}

static void test_switches(void)
{
	struct image_text t;

	begin(&t, "size 1024\ncpu 0\npage ts=1000\n");
	put_switch(&t, SCHED_SWITCH, 5, "bash", 6, "sixteen letters_");
	put_switch(&t, SCHED_SWITCH, 0, "swapper/0", 7, "");
	put_switch(&t, SCHED_SWITCH, -1, "odd", 5, "bash");
	CHECK_TEXT(list(end(&t), NULL),
		   "6 sixteen letters_ @1010 clock 0\n5 bash @1010 clock 0\n"
		   "5 bash @1030 clock 0\n0\n");
}

/* Another task's name, another system, a pid of another size */
static void test_leaves_others(void)
{
	struct image_text t;

	begin(&t, "size 1024\ncpu 0\npage ts=1000\n");
	put_switch(&t, PROBE_SWITCH, 5, "bash", 6, "sh");
	put_switch(&t, SCHED_WAIT, 5, "bash", 6, "sh");
	put_switch(&t, SCHED_WAKING, 5, "bash", 6, "sh");
	put_switch(&t, TICK, 5, "bash", 6, "sh");
	put_switch(&t, UNREADABLE, 5, "bash", 6, "sh");
	CHECK_TEXT(list(end(&t), NULL), "0\n");
}

static void test_executes(void)
{
	struct image_text t;
	char path[200] = "/";

	memset(path + 1, 'a', 180);
	strcpy(path + 180, "/bin/ls");
	begin(&t, "size 4096\ncpu 0\npage ts=1000\n");
	put_exec(&t, 5, "/usr/bin/sleep");
	put_exec(&t, 6, "./a-name-that-is-too-long-for-the-kernel");
	put_exec(&t, 7, "plain");
	put_exec(&t, 8, "/dev/fd/3");
	put_exec(&t, 9, path);
	CHECK_TEXT(list(end(&t), NULL),
		   "5 sleep @1010 clock 0\n6 a-name-that-is- @1020 clock 0\n"
		   "7 plain @1030 clock 0\n9 ls @1050 clock 0\n0\n");
}

static void test_forks_and_renames(void)
{
	struct record_bytes fork, rename;
	struct image_text t;

	begin(&t, "size 1024\ncpu 0\npage ts=1000\n");
	fork = record_begin(t.desc, SCHED_FORK, 5);
	record_number(&fork, 12, 5, 4);
	record_number(&fork, 20, 6, 4);
	record_string(&fork, 8, "parent");
	record_string(&fork, 16, "child");
	record_words(&fork, 10, t.out);
	rename = record_begin(t.desc, TASK_RENAME, 5);
	record_number(&rename, 8, 6, 4);
	record_text(&rename, 12, "child", 16);
	record_text(&rename, 28, "grown", 16);
	record_words(&rename, 10, t.out);
	CHECK_TEXT(list(end(&t), NULL), "6 child @1010 clock 0\n5 parent @1010 clock 0\n"
		   "6 grown @1020 clock 0\n0\n");
}

/* Fields that lead out of the record, a record cut short, a damaged page */
static void test_survives_damage(void)
{
	struct record_bytes r;
	struct image_text t;

	begin(&t, "size 1024\ncpu 0\npage ts=1000\n");
	r = record_begin(t.desc, SCHED_EXEC, 5);
	record_number(&r, 12, 5, 4);
	record_number(&r, 8, 8u << 16 | 4000, 4);
	record_words(&r, 10, t.out);
	record_number(&r, 8, 4000u << 16 | 16, 4);
	record_words(&r, 10, t.out);
	r = record_begin(t.desc, SCHED_SWITCH, 5);
	record_text(&r, 8, "bash", 16);
	record_number(&r, 24, 5, 4);
	record_words(&r, 10, t.out);
	r.size = 24;
	record_words(&r, 10, t.out);
	record_words(&r, 10, t.out);
	fputs("page error=5\npage ts=2000\n", t.out);
	put_switch(&t, SCHED_SWITCH, 6, "sh", 0, "swapper/0");
	fputs("raw 0102\n", t.out);
	CHECK_TEXT(list(end(&t), NULL), "5 bash @1030 clock 0\n6 sh @2010 clock 0\n0\n");
}

static void test_tells_clocks(void)
{
	struct image_text t;

	begin(&t, "size 1024\nbuffer a clock=mono\ncpu 0\npage ts=1000\n");
	put_switch(&t, SCHED_SWITCH, 5, "first", 0, "");
	fputs("buffer b clock=local\ncpu 0\ncpu 3\npage ts=50\n", t.out);
	put_switch(&t, SCHED_SWITCH, 5, "second", 0, "");
	fputs("buffer c clock=mono\ncpu 0\npage ts=70\n", t.out);
	put_switch(&t, SCHED_SWITCH, 5, "third", 0, "");
	CHECK_TEXT(list(end(&t), NULL),
		   "5 first @1010 clock 0\n5 second @60 clock 1\n5 third @80 clock 0\n0\n");
}

/* Names of another boot and half-written events are told only when asked for */
static void test_keeps_boots_apart(void)
{
	struct listing l = { .stop = NULL };
	struct merge_source *src;
	struct image_text t;
	char *image, *text;
	size_t size;

	begin(&t, "size 1024\nbuffer a clock=local\ncpu 0\npage ts=1000\n");
	put_switch(&t, SCHED_SWITCH, 5, "before", 0, "");
	fputs("buffer b clock=local\ncpu 0\npage ts=2000\n", t.out);
	put_switch(&t, SCHED_SWITCH, 5, "now", 0, "");
	fputs("buffer c clock=local\ncpu 0\npage ts=3000\n", t.out);
	put_switch(&t, SCHED_SWITCH, 5, "half", 0, "");
	image = end(&t);
	src = boot_image(image);
	free(image);
	src->buffers[0].previous_boot = true;
	src->buffers[0].kind = MERGE_PERSISTENT;
	src->buffers[2].kind = MERGE_UNCOMMITTED;
	l.out = open_memstream(&text, &size);
	CU_ASSERT_EQUAL(comms_trace(src, NULL, take, &l), 0);
	CU_ASSERT_EQUAL(comms_trace(src, &src->buffers[0], take, &l), 0);
	fclose(l.out);
	CHECK_TEXT(text, "5 now @2010 clock 0\n5 before @1010 clock 0\n");
	merge_source_close(src);
}

static void test_stops(void)
{
	struct merge_source *src;
	struct listing l = { .out = stderr };
	struct image_text t;

	begin(&t, "size 1024\ncpu 0\npage ts=1000\n");
	put_switch(&t, SCHED_SWITCH, 5, "one", 6, "two");
	put_switch(&t, SCHED_SWITCH, 7, "three", 8, "four");
	CHECK_TEXT(list(end(&t), "one"), "6 two @1010 clock 0\n5 one @1010 clock 0\n42\n");

	src = boot_image("cpu 0\npage ts=1000\nevent +1 id=118\n");
	image_of(src)->interrupt_at = 1;
	CU_ASSERT_EQUAL(comms_trace(src, NULL, take, &l), -EINTR);
	desc_close(src->desc);
	src->desc = NULL;
	CU_ASSERT_EQUAL(comms_trace(src, NULL, take, &l), 0);
	merge_source_close(src);
}

static const struct test tests[] = {
	{ "a switch names both tasks, but for the idle ones", test_switches },
	{ "other events name nobody", test_leaves_others },
	{ "a task is named by what it executes", test_executes },
	{ "forks and renames name tasks", test_forks_and_renames },
	{ "records that contradict their format name nobody", test_survives_damage },
	{ "every name comes with its clock", test_tells_clocks },
	{ "boots are kept apart", test_keeps_boots_apart },
	{ "a walk ends when it is told to", test_stops },
	{ NULL, NULL }
};
const struct test_suite suite_comms_trace = { "comms_trace", tests };
