// SPDX-License-Identifier: GPL-2.0-or-later
/* Positioning a stream: the second half of stream.c. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "mkimage.h"
#include "stream.h"
#include "tests.h"

static void print_damage(void *out, const struct merge_damage *damage)
{
	image_print_damage(out, damage);
}

struct seek_row {
	const char *name;
	uint64_t from;
	uint64_t to;		/* 0: no end */
	uint64_t last;		/* 0: all */
	unsigned int pages;	/* read in all, 0: not looked at */
	const char *image;
	const char *want;
};

static int seek(struct stream *s, const struct seek_row *row, uint64_t *follow)
{
	int ret = 0;

	s->to = row->to ? row->to : UINT64_MAX;
	if (row->from)
		ret = stream_seek_time(s, row->from);
	if (!ret && row->last)
		ret = stream_seek_last(s, row->last, follow);
	return ret;
}

/* The numbers of the events that follow; how many were announced in front */
static char *render(struct merge_source *src, const struct seek_row *row)
{
	struct merge_stats stats = { 0 };
	struct merge_error err = { 0 };
	uint64_t follow = 0, count = 0;
	struct merge_event ev;
	struct stream s;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	stream_init(&s, src, src->buffers, 0, &stats, print_damage, out, &err);
	CU_ASSERT_EQUAL(seek(&s, row, &follow), 0);
	if (row->last)
		fprintf(out, "%" PRIu64 " follow\n", follow);
	for (; stream_peek(&s) == 1; count++) {
		stream_take(&s, &ev);
		image_print_event(out, &ev);
	}
	if (row->last)
		CHECK_ROW(follow == count, row->name);
	stream_deinit(&s);
	fclose(out);
	return text;
}

/* Events 1 to 6 at 10, 11, 20, 21, 30, 31 in three sub-buffers */
#define THREE	"cpu 0\npage ts=10\nevent +0\nevent +1\npage ts=20\nevent +0\nevent +1\n" \
		"page ts=30\nevent +0\nevent +1\n"

static const struct seek_row rows[] = {
	{ "from before all", 5, 0, 0, 3, THREE,
	  "top/0 10 1\ntop/0 11 2\ntop/0 20 3\ntop/0 21 4\ntop/0 30 5\ntop/0 31 6\n" },
	{ "from within a sub-buffer", 21, 0, 0, 2, THREE, "top/0 21 4\ntop/0 30 5\ntop/0 31 6\n" },
	{ "from between sub-buffers", 22, 0, 0, 2, THREE, "top/0 30 5\ntop/0 31 6\n" },
	{ "from the begin of one", 30, 0, 0, 2, THREE, "top/0 30 5\ntop/0 31 6\n" },
	{ "from the last event", 31, 0, 0, 1, THREE, "top/0 31 6\n" },
	{ "from behind all", 32, 0, 0, 1, THREE, "" },
	{ "from a time at the end of one and the begin of the next", 20, 0, 0, 0,
	  "cpu 0\npage ts=10\nevent +0\nevent +10\npage ts=20\nevent +0\n",
	  "top/0 20 2\ntop/0 20 3\n" },
	{ "from a time many begin with", 20, 0, 0, 0,
	  "cpu 0\npage ts=10\nevent +1\npage ts=20\nevent +0\npage ts=20\nevent +0\n"
	  "page ts=20\nevent +0\n",
	  "top/0 20 2\ntop/0 20 3\ntop/0 20 4\n" },
	{ "from behind a gap", 30, 0, 0, 0,
	  "cpu 0\npage ts=10\nevent +0\npage error=5\npage ts=30\nevent +0\n",
	  "! top/0 1@0 EIO Input/output error\ntop/0 30 2 lost=?\n" },
	{ "a loss before what is not wanted", 11, 0, 0, 0,
	  "cpu 0\npage ts=10 missed=3\nevent +0\nevent +1\n", "top/0 11 2\n" },
	{ "a loss before what is wanted", 20, 0, 0, 0,
	  "cpu 0\npage ts=10\nevent +0\npage ts=20 missed=3\nevent +0\n", "top/0 20 2 lost=3\n" },
	{ "all unreadable", 7, 0, 0, 0, "cpu 0\npage error=5\npage error=5\n",
	  "! top/0 0@0 EIO Input/output error\n! top/0 1@0 EIO Input/output error\n" },
	{ "unreadable at the end", 15, 0, 0, 0, "cpu 0\npage ts=10\nevent +8\npage error=5\n",
	  "top/0 18 1\n! top/0 1@0 EIO Input/output error\n" },
	{ "an empty stale last one", 25, 0, 0, 0,
	  "cpu 0\npage ts=10\nevent +1\npage ts=20\nevent +6\npage ts=5\n", "top/0 26 2\n" },
	{ "two empty stale last ones", 25, 0, 0, 0,
	  "cpu 0\npage ts=10\nevent +1\npage ts=20\nevent +6\npage ts=7\npage ts=5\n",
	  "top/0 26 2\n" },
	{ "no sub-buffers", 7, 9, 3, 0, "cpu 0\n", "0 follow\n" },
	{ "back after the first wanted", 25, 0, 0, 0,
	  "cpu 0\npage ts=20\nevent +0\nevent +5\nstamp 23\nevent +0\n",
	  "top/0 25 2\ntop/0 23 3 back\n" },
	{ "from and back", 12, 0, 0, 0, "cpu 0\npage ts=10\nevent +1\nstamp 12\nevent +0\n",
	  "top/0 12 2\n" },

	{ "the last one", 0, 0, 1, 1, THREE, "2 follow\ntop/0 30 5\ntop/0 31 6\n" },
	{ "the last of one", 0, 0, 2, 1, THREE, "2 follow\ntop/0 30 5\ntop/0 31 6\n" },
	{ "the last of two", 0, 0, 3, 2, THREE,
	  "4 follow\ntop/0 20 3\ntop/0 21 4\ntop/0 30 5\ntop/0 31 6\n" },
	{ "more than there are", 0, 0, 7, 3, THREE,
	  "6 follow\ntop/0 10 1\ntop/0 11 2\ntop/0 20 3\ntop/0 21 4\ntop/0 30 5\ntop/0 31 6\n" },
	{ "the last up to the begin of one", 0, 20, 1, 1, THREE, "1 follow\ntop/0 20 3\n" },
	{ "the last up to a time between", 0, 25, 1, 2, THREE,
	  "2 follow\ntop/0 20 3\ntop/0 21 4\n" },
	{ "the last up to before all", 0, 9, 1, 1, THREE, "0 follow\n" },
	{ "the last up to the end of time", 0, UINT64_MAX, 1, 1, THREE,
	  "2 follow\ntop/0 30 5\ntop/0 31 6\n" },
	{ "the last over empty ones", 0, 0, 1, 3,
	  "cpu 0\npage ts=10\nevent +0\npage ts=11\npage ts=3\n", "1 follow\ntop/0 10 1\n" },
	{ "the last over a gap", 0, 0, 3, 0,
	  "cpu 0\npage ts=10\nevent +0\npage error=5\npage ts=30\nevent +0\n",
	  "2 follow\ntop/0 10 1\n! top/0 1@0 EIO Input/output error\ntop/0 30 2 lost=?\n" },
	{ "the last before damage", 0, 0, 1, 1,
	  "cpu 0\npage ts=5\nevent +1\npage ts=10\nevent +0\nraw 01\n",
	  "1 follow\ntop/0 10 2\n! top/0 1@28 EBADMSG event header cut off\n" },
	{ "a loss before the last", 0, 0, 1, 1,
	  "cpu 0\npage ts=5\nevent +1\npage ts=10 missed=3\nevent +0\n",
	  "1 follow\ntop/0 10 2 lost=3\n" },
	{ "the last of a stream cut by time going back", 0, 15, 2, 0,
	  "cpu 0\npage ts=10\nevent +0\nevent +10\npage ts=12\nevent +0\n",
	  "1 follow\ntop/0 10 1\n" },

	{ "from and last, far apart", 11, 0, 2, 2, THREE, "2 follow\ntop/0 30 5\ntop/0 31 6\n" },
	{ "from and last, in one", 31, 0, 5, 1, THREE, "1 follow\ntop/0 31 6\n" },
	{ "from and last, not that many", 11, 0, 9, 3, THREE,
	  "5 follow\ntop/0 11 2\ntop/0 20 3\ntop/0 21 4\ntop/0 30 5\ntop/0 31 6\n" },
	{ "from, to and last", 11, 21, 2, 0, THREE, "2 follow\ntop/0 20 3\ntop/0 21 4\n" },
	{ "from, to and last, within one", 20, 20, 2, 0, THREE, "1 follow\ntop/0 20 3\n" },
	{ "from and last, cut where it stands by time going back", 11, 15, 5, 0,
	  "cpu 0\npage ts=10\nevent +0\nevent +1\nevent +10\npage ts=12\nevent +0\n",
	  "1 follow\ntop/0 11 2\n" },
	{ "from behind all and last", 40, 0, 2, 0, THREE, "0 follow\n" },
	{ "to before from", 30, 20, 2, 0, THREE, "0 follow\n" },
	{ "from and last, damage once", 10, 0, 9, 0,
	  "cpu 0\npage ts=5\nevent +0\nevent +5\nraw 01\npage error=5\npage ts=30\nevent +0\n",
	  "2 follow\ntop/0 10 2\n! top/0 0@40 EBADMSG event header cut off\n"
	  "! top/0 1@0 EIO Input/output error\ntop/0 30 3 lost=?\n" },
};

static void test_rows(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct merge_source *src = image_open(rows[i].image);

		CHECK_ROW(test_text(render(src, &rows[i]), rows[i].want), rows[i].name);
		if (rows[i].pages)
			CHECK_ROW(image_pages_read(src) == rows[i].pages, rows[i].name);
		merge_source_close(src);
	}
}

static struct merge_source *open_many(unsigned int nr)
{
	struct merge_source *src;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fprintf(out, "cpu 0\n");
	for (unsigned int i = 0; i < nr; i++)
		fprintf(out, "page ts=%u\nevent +0\nevent +3\n", 10 * (i + 1));
	fclose(out);
	src = image_open(text);
	free(text);
	return src;
}

static unsigned int times_read(const struct merge_source *src, unsigned int nr)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < nr; i++)
		count += image_page(src, 0, 0, i)->times;
	return count;
}

/* 1000 sub-buffers: a search looks at some ten, and reads what it hands out */
static void test_effort(void)
{
	static const struct seek_row last = { "", 0, 0, 5, 0, NULL, NULL };
	static const struct seek_row late = { "", 9900, 0, 0, 0, NULL, NULL };
	static const struct seek_row middle = { "", 0, 5000, 5, 0, NULL, NULL };
	struct merge_source *src = open_many(1000);

	free(render(src, &last));
	CU_ASSERT_EQUAL(image_pages_read(src), 3);
	CU_ASSERT_EQUAL(times_read(src, 1000), 0);
	merge_source_close(src);
	src = open_many(1000);
	free(render(src, &late));
	CU_ASSERT_EQUAL(image_pages_read(src), 12);
	CU_ASSERT_TRUE(times_read(src, 1000) <= 14);
	CU_ASSERT_TRUE(image_of(src)->polls >= 12 + times_read(src, 1000));
	merge_source_close(src);
	src = open_many(1000);
	free(render(src, &middle));
	/* 499 and 500 hold five events up to 5000, 501 shows the end */
	CU_ASSERT_EQUAL(image_pages_read(src), 3);
	CU_ASSERT_TRUE(times_read(src, 1000) <= 14);
	merge_source_close(src);
}

/* Interrupted at whatever moment, positioning says so. */
static void test_interrupted(void)
{
	static const struct seek_row row = { "", 25, 125, 7, 0, NULL, NULL };

	for (unsigned int at = 1; at < 100; at++) {
		struct merge_source *src = open_many(20);
		struct merge_stats stats = { 0 };
		struct merge_error err = { 0 };
		uint64_t follow = 4711;
		unsigned int polls;
		struct stream s;
		int ret;

		stream_init(&s, src, src->buffers, 0, &stats, NULL, NULL, &err);
		image_of(src)->interrupt_at = at;
		ret = seek(&s, &row, &follow);
		polls = image_of(src)->polls;
		CU_ASSERT_EQUAL(ret, polls >= at ? -EINTR : 0);
		CU_ASSERT_EQUAL(follow, ret ? 4711 : 8);
		stream_deinit(&s);
		merge_source_close(src);
	}
}

/* What could be read once and then cannot is damage, not an error. */
static void test_flaky(void)
{
	struct merge_source *src = image_open("cpu 0\npage ts=10\nevent +0\nevent +5\n");
	struct merge_stats stats = { 0 };
	struct merge_error err = { 0 };
	uint64_t follow;
	struct stream s;

	stream_init(&s, src, src->buffers, 0, &stats, NULL, NULL, &err);
	CU_ASSERT_EQUAL(stream_seek_time(&s, 12), 0);
	image_of(src)->fail = -EIO;
	CU_ASSERT_EQUAL(stream_seek_last(&s, 5, &follow), 0);
	CU_ASSERT_EQUAL(follow, 0);
	CU_ASSERT_EQUAL(stream_peek(&s), 0);
	CU_ASSERT_EQUAL(stats.damaged, 1);
	stream_deinit(&s);
	merge_source_close(src);
}

static const struct test tests[] = {
	{ "a stream is positioned by time and to its last events", test_rows },
	{ "positioning reads only what is wanted", test_effort },
	{ "positioning can be interrupted at any time", test_interrupted },
	{ "a sub-buffer that fails when read again is damage", test_flaky },
	{ NULL, NULL }
};

const struct test_suite suite_stream_seek = { "stream_seek", tests };
