// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "mkimage.h"
#include "tests.h"

/* All that the sink is told, then what the pump returned */
static char *render(const char *image, const struct merge_select *sel,
		    struct merge_stats *stats)
{
	struct merge_source *src = image_open(image);
	struct merge_error err = { 0 };
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct merge_sink sink = image_sink(out, true);
	int ret = merge_pump_pages(src, sel, &sink, NULL, &err, stats);

	fprintf(out, "= %d%s%s\n", ret, err.text[0] ? " " : "", err.text);
	merge_source_close(src);
	fclose(out);
	return text;
}


struct page_row {
	const char *name;
	const char *image;	/* of cpu 0, 64 bytes per sub-buffer */
	const char *want;	/* between the line of the CPU and the end */
};

static const struct page_row rows[] = {
	{ "as it is", "page ts=16\nevent +2 id=3\n",
	  "page 64 1000000000000000 0c00000000000000 4200000003000000 01\n" },
	{ "without the empty rest", "page ts=16\nevent +2 id=3\npad\npoke 40 ffff\n",
	  "page 64 1000000000000000 0c00000000000000 4200000003000000 01\n" },
	{ "without what stands behind the commit", "page ts=16\nevent +2 id=3\npoke 28 ffffffff\n",
	  "page 64 1000000000000000 0c00000000000000 4200000003000000 01\n" },
	{ "a loss", "page ts=16 missed=5\nevent +2 id=3\n",
	  "page 64 lost=5 1000000000000000 0c0000c000000000 4200000003000000 "
	  "0100000005\n" },
	{ "a loss in the commit of a mapped page",
	  "page ts=16 missed=5\nevent +2 id=3\ncommit 0xffffffffc000000c\n",
	  "page 64 lost=5 1000000000000000 0c0000c000000000 4200000003000000 "
	  "0100000005\n" },
	{ "the unread part", "page ts=16 start=12\nevent +2 id=3\nevent +4 id=3\n",
	  "page 64 1200000000000000 0c00000000000000 8200000003000000 02\n" },
	{ "the unread part behind a time extend",
	  "page ts=16 start=8\nextend +0x100\nevent +4 id=3\n",
	  "page 64 1001000000000000 0c00000000000000 8200000003000000 01\n" },
	{ "nothing unread", "page ts=16 start=12\nevent +2 id=3\n", "" },
	{ "nothing at all", "page ts=16\n", "" },
	{ "only time", "page ts=16\nextend +2\n", "" },
	{ "the whole part before damage", "page ts=16\nevent +2 id=3\nraw 0102\n",
	  "page 64 1000000000000000 0c00000000000000 4200000003000000 01\n"
	  "! top/0 0@28 EBADMSG event header cut off\n" },
	{ "a gap", "page ts=16\ncommit 99\npage error=5\npage ts=16\nevent +2 id=3\n",
	  "! top/0 0@8 EBADMSG commit larger than the sub-buffer\n"
	  "! top/0 1@0 EIO Input/output error\n"
	  "page 64 lost=? 1000000000000000 0c00008000000000 4200000003000000 01\n" },
	{ "a loss before an empty one",
	  "page ts=16 missed=5\npage ts=16 missed=2\nevent +2 id=3\n",
	  "page 64 lost=7 1000000000000000 0c0000c000000000 4200000003000000 "
	  "0100000007\n" },
	{ "a loss once", "page ts=16 missed=5\nevent +2 id=3\npage ts=16\nevent +2 id=3\n",
	  "page 64 lost=5 1000000000000000 0c0000c000000000 4200000003000000 "
	  "0100000005\n"
	  "page 64 1000000000000000 0c00000000000000 4200000003000000 02\n" },
	{ "a loss without room for its count",
	  "page ts=16 missed=5\npage ts=16\nevent +2 id=3 len=40\n",
	  "page 64 lost=5 1000000000000000 2c00008000000000 4a00000003000000 01\n" },
	{ "a loss with just room for its count",
	  "page ts=16 missed=5\nevent +2 id=3 len=36\n",
	  "page 64 lost=5 1000000000000000 280000c000000000 4900000003000000 0100000000000000 "
	  "0000000000000000 0000000000000000 0000000000000000 05\n" },
};

/* Blanks do not count: the bytes are written in groups for the reader. */
static char *squeeze(const char *text)
{
	char *copy = strdup(text), *to = copy;

	for (; *text; text++)
		if (*text != ' ')
			*to++ = *text;
	*to = '\0';
	return copy;
}

/* @got without its first two and last two lines: begin, cpu, end, result */
static char *inner_lines(char *got)
{
	char *start = strchr(strchr(got, '\n') + 1, '\n') + 1;
	char *end = strstr(start, "end ");
	char *text;

	*end = '\0';
	text = squeeze(start);
	free(got);
	return text;
}

static void test_rows(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char image[500], *want = squeeze(rows[i].want);

		snprintf(image, sizeof(image), "size 64\ncpu 0\n%s", rows[i].image);
		CHECK_ROW(test_text(inner_lines(render(image, NULL, NULL)), want),
			  rows[i].name);
		free(want);
	}
}

static void test_order(void)
{
	static const unsigned int one[] = { 1 };
	static const char image[] =
		"buffer a\ncpu 0\npage ts=9\nevent +0\nbuffer b clock=mono\ncpu 0\ncpu 1\n"
		"page ts=1\nevent +0 id=300\nevent +1 id=65535\n";
	static const char b1[] =
		"cpu b/1\npage 256 0100000000000000 1800000000000000 020000002c010000 "
		"0200000022000000 ffff000003\n";
	struct merge_stats stats;
	char want[600];

	snprintf(want, sizeof(want),
		 "begin a\ncpu a/0\npage 256 0900000000000000 0c00000000000000 "
		 "0200000001000000 01\nbegin b\ncpu b/0\n%send 3 events 1 300 65535\n= 0\n", b1);
	CHECK_TEXT(render(image, NULL, &stats), want);
	CU_ASSERT_EQUAL(stats.events, 3);
	CU_ASSERT_EQUAL(stats.subbufs, 2);
	snprintf(want, sizeof(want), "begin b\n%send 2 events 300 65535\n= 0\n", b1);
	CHECK_TEXT(render(image, &(struct merge_select){ .buffers = one, .nr_buffers = 1,
			  .cpus = one, .nr_cpus = 1 }, NULL), want);
}

static void test_stats(void)
{
	struct merge_stats stats;

	free(render("cpu 0\npage ts=5 missed=4\nevent +0\nstamp 3\nevent +0\nraw 01\n"
		    "page ts=2\nevent +0\npage error=5\ncpu 1\npage ts=1 missed=?\nevent +0\n"
		    "page ts=2 missed=3\n", NULL, &stats));
	CU_ASSERT_EQUAL(stats.events, 4);
	CU_ASSERT_EQUAL(stats.lost, 7);
	CU_ASSERT_EQUAL(stats.lost_unknown, 3);
	CU_ASSERT_EQUAL(stats.backwards, 2);
	CU_ASSERT_EQUAL(stats.subbufs, 5);
	CU_ASSERT_EQUAL(stats.damaged, 2);
	CU_ASSERT_EQUAL(stats.bytes, 4 * 256);
}

static void test_overruns(void)
{
	static const char image[] = "size 64\ncpu 0\npage ts=16 overrun=4\nevent +0 id=3 len=4\n"
		"page ts=17 overrun=5 missed=1\nevent +0 id=3 len=4\n";
	struct merge_stats stats;

	CHECK_TEXT(render(image, &(struct merge_select){ .overruns = true }, &stats),
		   "begin top\ncpu top/0\n"
		   "page 64 lost=4 1000000000000000 080000c000000000 0100000003000000 04\n"
		   "page 64 lost=6 1100000000000000 080000c000000000 0100000003000000 06\n"
		   "end 2 events 3\n= 0\n");
	CU_ASSERT_EQUAL(stats.lost, 10);
	CHECK_TEXT(render(image, NULL, &stats), "begin top\ncpu top/0\n"
		   "page 64 1000000000000000 0800000000000000 0100000003\n"
		   "page 64 lost=1 1100000000000000 080000c000000000 0100000003000000 01\n"
		   "end 2 events 3\n= 0\n");
}

/* Big endian and 32 bit: the header is 12 bytes, the count has 4 */
static void test_big_endian(void)
{
	CHECK_TEXT(render("big\nlong 4\nsize 64\ncpu 0\npage ts=16 start=12 missed=9\n"
			  "event +2 id=3\nevent +4 id=3\npage ts=32 missed=9\nevent +1 id=3\n",
			  NULL, NULL),
		   "begin top\ncpu top/0\n"
		   "page 64 0000000000000012 0000000c10000004 0003000002\n"
		   "page 64 lost=9 0000000000000020 c000000c10000001 0003000003000000 00000009\n"
		   "end 2 events 3\n= 0\n");
}

static void test_notice(void)
{
	CHECK_TEXT(render("buffer a\nnotice\n", NULL, NULL), "begin a\nend 0 events\n= 1\n");
}

static void test_misuse(void)
{
	static const char *const all[] = { "*" };
	static const struct merge_select refused[] = {
		{ .from = 1 }, { .to = 1 }, { .last = 1 }, { .events = all, .nr_events = 1 },
	};
	struct merge_source *src = image_open("cpu 0\n");
	struct merge_sink sink = image_sink(NULL, false);
	struct merge_error err = { 0 };

	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
		CHECK_TEXT(render("cpu 0\n", &refused[i], NULL), "= -22 sub-buffers are taken "
			   "whole: no events, time range or last N of them\n");
	CU_ASSERT_EQUAL(merge_pump_pages(src, NULL, &sink, NULL, &err, NULL), -EINVAL);
	CU_ASSERT_STRING_EQUAL(err.text, "the test takes events, not sub-buffers");
	merge_source_close(src);
}

static int refuse_page(struct merge_sink *sink, const void *data, uint32_t size,
		       uint64_t lost, struct merge_error *err)
{
	unsigned int *left = sink->priv;

	(void)data;
	(void)size;
	(void)lost;
	if ((*left)--)
		return 0;
	snprintf(err->text, sizeof(err->text), "no space");
	err->code = -ENOSPC;
	return -ENOSPC;
}

static int refuse_cpu(struct merge_sink *sink, const struct merge_buffer *buf,
		      const struct merge_cpu *cpu, struct merge_error *err)
{
	(void)sink;
	(void)buf;
	(void)cpu;
	(void)err;
	return -EROFS;
}

static int refuse_damage(struct merge_sink *sink, const struct merge_damage *damage,
			 struct merge_error *err)
{
	(void)sink;
	(void)damage;
	(void)err;
	return -EPIPE;
}

static int refuse_begin(struct merge_sink *sink, const struct merge_buffer *const *bufs,
			size_t nr, struct merge_error *err)
{
	(void)sink;
	(void)bufs;
	(void)nr;
	(void)err;
	return -EACCES;
}

/* With a sink that takes one sub-buffer; not one more than the second is read. */
static int pump(const char *image, const struct sink_ops *ops, unsigned int interrupt_at,
		struct merge_error *err)
{
	struct merge_source *src = image_open(image);
	unsigned int left = 1;
	struct merge_sink sink = { .ops = ops, .priv = &left };
	int ret;

	image_of(src)->interrupt_at = interrupt_at;
	ret = merge_pump_pages(src, NULL, &sink, NULL, err, NULL);
	CU_ASSERT_TRUE(image_pages_read(src) <= 2);
	merge_source_close(src);
	return ret;
}

static void test_failing_sink(void)
{
	static const struct sink_ops full = { .page = refuse_page };
	static const struct sink_ops readonly = { .page = refuse_page, .cpu = refuse_cpu };
	static const struct sink_ops locked = { .page = refuse_page, .begin = refuse_begin };
	static const struct sink_ops pipe = { .page = refuse_page, .damage = refuse_damage };
	static const char image[] = "cpu 2\npage ts=1\nevent +0\npage ts=2\nevent +0\n"
				    "page ts=3\nevent +0\n";
	struct merge_error err = { 0 };

	CU_ASSERT_EQUAL(pump(image, &full, 0, &err), -ENOSPC);
	CU_ASSERT_STRING_EQUAL(err.text, "buffer top, cpu 2, sub-buffer 1: no space");
	CU_ASSERT_EQUAL(pump(image, &readonly, 0, &err), -EROFS);
	CU_ASSERT_EQUAL(pump(image, &locked, 0, &err), -EACCES);
	CU_ASSERT_EQUAL(pump("cpu 0\npage error=5\n", &pipe, 0, &err), -EPIPE);
	CU_ASSERT_EQUAL(pump("cpu 0\npage error=5\npage ts=1\nevent +1\n", &pipe, 0, &err), -EPIPE);
	CU_ASSERT_EQUAL(pump(image, &full, 2, &err), -EINTR);
	CU_ASSERT_STRING_EQUAL(err.text, "interrupted");
}

static void watch_progress(void *arg, const struct merge_stats *stats, uint64_t total)
{
	uint64_t *told = arg;

	CU_ASSERT_TRUE(stats->subbufs >= 64 * ++told[0]);
	CU_ASSERT_EQUAL(total, 150);
}

static void test_progress(void)
{
	uint64_t told = 0;
	struct merge_watch watch = { .progress = watch_progress, .arg = &told };
	struct merge_sink sink;
	struct merge_source *src;
	char *image = NULL, *text = NULL;
	size_t size;
	FILE *out = open_memstream(&image, &size);

	for (int i = 0; i < 150; i++)
		fprintf(out, "%spage ts=%d\nevent +0\n", i % 50 ? "" : "cpu 1\n", i);
	fclose(out);
	src = image_open(image);
	out = open_memstream(&text, &size);
	sink = image_sink(out, true);
	CU_ASSERT_EQUAL(merge_pump_pages(src, NULL, &sink, &watch, NULL, NULL), 0);
	CU_ASSERT_EQUAL(told, 2);
	fclose(out);
	free(text);
	free(image);
	merge_source_close(src);
}

static const struct test tests[] = {
	{ "sub-buffers are cut to what is unread and whole", test_rows },
	{ "buffers and CPUs come in turn, ids are collected", test_order },
	{ "everything is counted", test_stats },
	{ "what was overwritten before is told on request", test_overruns },
	{ "sub-buffers of another encoding keep it", test_big_endian },
	{ "a notice makes it partial", test_notice },
	{ "what needs decoding is refused", test_misuse },
	{ "a sink that fails or an interrupt stops the pump", test_failing_sink },
	{ "progress is told over all CPUs", test_progress },
	{ NULL, NULL }
};

const struct test_suite suite_pump_pages = { "pump_pages", tests };
