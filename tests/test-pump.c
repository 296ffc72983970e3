// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "mkimage.h"
#include "tests.h"

/* All that the sink is told, then what the pump returned; closes @src. */
static char *render(struct merge_source *src, const struct merge_select *sel,
		    struct merge_stats *stats)
{
	struct merge_error err = { 0 };
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct merge_sink sink = image_sink(out, false);
	int ret = merge_pump_events(src, sel, &sink, NULL, &err, stats);

	fprintf(out, "= %d%s%s\n", ret, err.text[0] ? " " : "", err.text);
	merge_source_close(src);
	fclose(out);
	return text;
}

#define FORMATS								\
	"format id=1 system=sched name=sched_switch\n"			\
	"format id=2 system=irq name=irq_handler_entry\n"

static void test_groups(void)
{
	static const unsigned int some[] = { 1, 3 };
	static const char image[] =
		"buffer a\ncpu 0\npage ts=10\nevent +0\n"
		"buffer b clock=counter\ncpu 0\npage ts=1\nevent +0\n"
		"buffer c\ncpu 0\npage ts=5\nevent +0\nevent +10\n"
		"buffer d clock=counter\n";

	CHECK_TEXT(render(image_open(image), NULL, NULL),
		   "begin a c\nc/0 5 3\na/0 10 1\nc/0 15 4\nbegin b d\nb/0 1 2\n"
		   "end 4 events\n= 0\n");
	CHECK_TEXT(render(image_open(image), &(struct merge_select){
			  .buffers = some, .nr_buffers = 2 }, NULL),
		   "begin b d\nb/0 1 2\nend 1 events\n= 0\n");
	CHECK_TEXT(render(image_open(""), NULL, NULL), "end 0 events\n= 0\n");
}

/* last is of every group: there is no order between groups */
static void test_last_of_groups(void)
{
	CHECK_TEXT(render(image_open("buffer a\ncpu 0\npage ts=10\nevent +0\nevent +1\n"
				     "buffer b clock=mono\ncpu 0\npage ts=1\nevent +0\nevent +1\n"),
			  &(struct merge_select){ .last = 1 }, NULL),
		   "begin a\na/0 11 2\nbegin b\nb/0 2 4\nend 2 events\n= 0\n");
}

static void test_damage(void)
{
	struct merge_stats stats;

	CHECK_TEXT(render(image_open("buffer a\ncpu 0\npage ts=10 missed=2\nevent +0\nraw 01\n"
				     "page ts=20\nevent +0\nbuffer b clock=mono\ncpu 1\n"
				     "page error=5\n"), NULL, &stats),
		   "begin a\na/0 10 1 lost=2\n! a/0 0@28 EBADMSG event header cut off\n"
		   "a/0 20 2 lost=?\nbegin b\n! b/1 0@0 EIO Input/output error\n"
		   "end 2 events\n= 1\n");
	CU_ASSERT_EQUAL(stats.events, 2);
	CU_ASSERT_EQUAL(stats.lost, 2);
	CU_ASSERT_EQUAL(stats.lost_unknown, 2);
	CU_ASSERT_EQUAL(stats.damaged, 2);
	CU_ASSERT_EQUAL(stats.subbufs, 3);
	CU_ASSERT_EQUAL(stats.bytes, 512);
}

static void test_notices(void)
{
	static const unsigned int first[] = { 0 };

	CHECK_TEXT(render(image_open("buffer a\nnotice\n"), NULL, NULL),
		   "begin a\nend 0 events\n= 1\n");
	CHECK_TEXT(render(image_open("buffer a\nbuffer b\nnotice buffer=1\n"),
			  &(struct merge_select){ .buffers = first, .nr_buffers = 1 }, NULL),
		   "begin a\nend 0 events\n= 0\n");
}

static void test_filter(void)
{
	static const char *const irq[] = { "irq" }, *const nothing[] = { ":nothing" };
	struct merge_stats stats;
	static const char image[] = FORMATS
		"cpu 0\npage ts=10 missed=3\nevent +0 id=1\nevent +1 id=2\nevent +1 id=3\n"
		"page ts=20\nevent +0 id=2\ncpu 1\npage ts=15\nevent +0 id=2\n";

	CHECK_TEXT(render(image_open(image), &(struct merge_select){
			  .events = irq, .nr_events = 1 }, &stats),
		   "begin top\ntop/0 11 2 lost=3\ntop/1 15 5\ntop/0 20 4\nend 3 events\n= 0\n");
	CU_ASSERT_EQUAL(stats.events, 3);
	CHECK_TEXT(render(image_open(image), &(struct merge_select){
			  .events = nothing, .nr_events = 1 }, NULL),
		   "begin top\nend 0 events\n= 0\n");
}

/* 200 events in 20 sub-buffers; every seventh matches */
static struct merge_source *open_sevenths(void)
{
	struct merge_source *src;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fprintf(out, FORMATS "cpu 0\n");
	for (int i = 1; i <= 200; i++) {
		if (i % 10 == 1)
			fprintf(out, "page ts=%d\n", i - 1);
		fprintf(out, "event +1 id=%d\n", i % 7 ? 1 : 2);
	}
	fclose(out);
	src = image_open(text);
	free(text);
	return src;
}

/* The last @n that match; @first is the number of the first of them. */
static void check_last(uint64_t n, unsigned int first, unsigned int most_read)
{
	static const char *const irq[] = { "irq" };
	struct merge_select sel = { .events = irq, .nr_events = 1, .last = n };
	struct merge_source *src = open_sevenths();
	char *text = NULL, *got;
	unsigned int count = 0;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct merge_sink sink;
	struct merge_error err = { 0 };

	fprintf(out, "begin top\n");
	for (unsigned int i = first; i < 200; i += 7, count++)
		fprintf(out, "top/0 %u %u\n", i, i);
	fprintf(out, "end %u events\n", count);
	fclose(out);
	out = open_memstream(&got, &size);
	sink = image_sink(out, false);
	CU_ASSERT_EQUAL(merge_pump_events(src, &sel, &sink, NULL, &err, NULL), 0);
	fclose(out);
	CU_ASSERT_TRUE(image_pages_read(src) <= most_read);
	merge_source_close(src);
	CHECK_TEXT(got, text);
	free(text);
}

static void test_last_that_match(void)
{
	check_last(1, 196, 2);
	check_last(5, 168, 9);
	check_last(28, 7, 20);
	check_last(50, 7, 20);
	check_last(UINT64_MAX, 7, 20);
}

static int refuse_event(struct merge_sink *sink, const struct merge_event *ev,
			struct merge_error *err)
{
	unsigned int *left = sink->priv;

	(void)ev;
	if ((*left)--)
		return 0;
	err->code = -ENOSPC;
	return -ENOSPC;
}

/* The first damage; there must be no second. */
static int refuse_damage(struct merge_sink *sink, const struct merge_damage *damage,
			 struct merge_error *err)
{
	unsigned int *left = sink->priv;

	(void)damage;
	(void)err;
	CU_ASSERT_NOT_EQUAL(*left, 0);
	*left = 0;
	return -EPIPE;
}

static int refuse_begin(struct merge_sink *sink, const struct merge_buffer *const *bufs,
			size_t nr, struct merge_error *err)
{
	(void)sink;
	(void)bufs;
	(void)nr;
	(void)err;
	return -EROFS;
}

static int must_not_end(struct merge_sink *sink, struct merge_source *src,
			const struct merge_stats *stats, const uint8_t *ids,
			struct merge_error *err)
{
	(void)sink;
	(void)src;
	(void)stats;
	(void)ids;
	(void)err;
	CU_FAIL("a failed pump must not end its sink");
	return 0;
}

static int pump(const char *image, const struct sink_ops *ops, unsigned int left,
		struct merge_stats *stats)
{
	struct merge_source *src = image_open(image);
	struct merge_sink sink = { .ops = ops, .priv = &left };
	struct merge_error err = { 0 };
	int ret = merge_pump_events(src, NULL, &sink, NULL, &err, stats);

	merge_source_close(src);
	return ret;
}

static void test_failing_sink(void)
{
	static const struct sink_ops full = { .event = refuse_event, .end = must_not_end };
	static const struct sink_ops pipe = { .event = refuse_event, .damage = refuse_damage,
					      .end = must_not_end };
	static const struct sink_ops readonly = { .begin = refuse_begin, .event = refuse_event,
						  .end = must_not_end };
	static const struct sink_ops bare = { .event = refuse_event };
	static const char image[] = "cpu 0\npage ts=1\nevent +0\nevent +0\nevent +0\nraw 01\n"
				    "page ts=2\nevent +0\n";
	struct merge_stats stats;

	CU_ASSERT_EQUAL(pump(image, &full, 2, &stats), -ENOSPC);
	CU_ASSERT_EQUAL(stats.events, 2);
	CU_ASSERT_EQUAL(pump(image, &pipe, 9, &stats), -EPIPE);
	CU_ASSERT_EQUAL(stats.events, 3);
	CU_ASSERT_EQUAL(pump("cpu 0\npage error=5\npage error=5\n", &pipe, 9, NULL), -EPIPE);
	CU_ASSERT_EQUAL(pump(image, &readonly, 9, NULL), -EROFS);
	CU_ASSERT_EQUAL(pump(image, &bare, 9, &stats), 1);
	CU_ASSERT_EQUAL(stats.events, 4);
}

static void test_misuse(void)
{
	static const unsigned int nine[] = { 9 };
	struct merge_source *src = image_open("cpu 0\n");
	struct merge_sink sink = image_sink(NULL, true);
	struct merge_error err = { 0 };

	CU_ASSERT_EQUAL(merge_pump_events(src, NULL, &sink, NULL, &err, NULL), -EINVAL);
	CU_ASSERT_STRING_EQUAL(err.text, "the test takes sub-buffers, not events");
	CHECK_TEXT(render(src, &(struct merge_select){ .buffers = nine, .nr_buffers = 1 }, NULL),
		   "stop 0 events -22 no buffer 9: there are 1\n= -22 no buffer 9: there are 1\n");
}

static void test_interrupted(void)
{
	static const char *const irq[] = { "irq" };

	for (unsigned int at = 1; at <= 3; at++) {
		struct merge_source *src = image_open("cpu 0\npage ts=1\nevent +0\npage ts=2\n"
						      "page ts=3\n");
		char *text;

		image_of(src)->interrupt_at = at;
		text = render(src, NULL, NULL);
		CHECK_TEXT(text, at == 1 ?
			   "begin top\nstop 0 events -4 interrupted\n= -4 interrupted\n" :
			   "begin top\ntop/0 1 1\nstop 1 events -4 interrupted\n"
			   "= -4 interrupted\n");
	}
	for (unsigned int at = 1; at <= 3; at++) {
		struct merge_source *src = open_sevenths();

		image_of(src)->interrupt_at = at;
		CHECK_TEXT(render(src, &(struct merge_select){ .events = irq, .nr_events = 1,
				  .last = 9 }, NULL),
			   "begin top\nstop 0 events -4 interrupted\n= -4 interrupted\n");
	}
}

/* What the watcher is told: [0] damage, [1] progress, [2] the last total */
static void watch_damage(void *arg, const struct merge_damage *damage)
{
	uint64_t *told = arg;

	(void)damage;
	told[0]++;
}

static void watch_progress(void *arg, const struct merge_stats *stats, uint64_t total)
{
	uint64_t *told = arg;

	CU_ASSERT_TRUE(stats->subbufs >= 64 * ++told[1]);
	told[2] = total;
}

static void test_watch(void)
{
	static const unsigned int zero[] = { 0 };
	uint64_t told[3] = { 0 };
	struct merge_watch watch = { watch_damage, watch_progress, told, NULL };
	struct merge_select sel = { .cpus = zero, .nr_cpus = 1 };
	struct merge_sink sink;
	struct merge_source *src;
	char *image = NULL, *text = NULL;
	size_t size;
	FILE *out = open_memstream(&image, &size);

	for (int b = 0; b < 2; b++) {
		fprintf(out, "buffer %d clock=%d\ncpu 0\n", b, b);
		for (int i = 0; i < 100; i++)
			fprintf(out, "page ts=%d\nevent +0\n%s", i, i ? "" : "raw 01\n");
		fprintf(out, "cpu 1\npage ts=1\n");
	}
	fclose(out);
	src = image_open(image);
	out = open_memstream(&text, &size);
	sink = image_sink(out, false);
	CU_ASSERT_EQUAL(merge_pump_events(src, &sel, &sink, &watch, NULL, NULL), 1);
	CU_ASSERT_EQUAL(told[0], 2);
	CU_ASSERT_EQUAL(told[1], 3);
	CU_ASSERT_EQUAL(told[2], 200);
	fclose(out);
	free(text);
	free(image);
	merge_source_close(src);
}

static const struct test tests[] = {
	{ "buffers of one clock are a group", test_groups },
	{ "the last N are those of every group", test_last_of_groups },
	{ "damage reaches the sink in place and makes it partial", test_damage },
	{ "a notice about what is read makes it partial", test_notices },
	{ "only events that match reach the sink", test_filter },
	{ "the last N are of those that match", test_last_that_match },
	{ "a sink that fails stops the pump", test_failing_sink },
	{ "page sinks and unknown buffers are refused", test_misuse },
	{ "an interrupt stops the pump", test_interrupted },
	{ "the watcher is told of damage and progress", test_watch },
	{ NULL, NULL }
};

const struct test_suite suite_pump = { "pump", tests };
