// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mkimage.h"
#include "tests.h"

#define A	"format id=5 system=s name=e\ncpu 0\npage ts=1000\nevent +10 id=5\nevent +20 id=5\n"
#define B	"format id=6 system=s name=e\nformat id=5 system=s name=f\ncpu 1\n" \
		"page ts=1000\nevent +5 id=6\nevent +17 id=5\n"

static int join(const char *a, const char *b, const int64_t *offset, bool no_symbols,
		struct merge_error *err, struct merge_source **out)
{
	struct merge_input in[2] = {
		{ .source = image_open(a), .name = "a" },
		{ .source = image_open(b), .name = "b" },
	};
	int ret;

	if (offset) {
		in[1].has_offset = true;
		in[1].offset = *offset;
	}
	ret = merge_source_join(in, 2, no_symbols, err, out);
	if (ret) {
		merge_source_close(in[0].source);
		merge_source_close(in[1].source);
	}
	return ret;
}

/* Events of the whole, or what it says instead; ids behind them */
static char *render(const char *a, const char *b, const int64_t *offset)
{
	struct merge_error err = { 0 };
	struct merge_source *src;
	char *text;

	if (!join(a, b, offset, false, &err, &src))
		return image_render(src, NULL, NULL);
	if (asprintf(&text, "%d %s", err.code, err.text) < 0)
		abort();
	return text;
}

static void test_order(void)
{
	CHECK_TEXT(render(A, B, NULL),
		   "b/1 1005 1\na/0 1010 1\nb/1 1022 2\na/0 1030 2\n");
}

static void test_offset(void)
{
	int64_t later = 10, earlier = -100, before_zero = -1001;

	CHECK_TEXT(render(A, B, &later), "a/0 1010 1\nb/1 1015 1\na/0 1030 2\nb/1 1032 2\n");
	CHECK_TEXT(render(A, B, &earlier), "b/1 905 1\nb/1 922 2\na/0 1010 1\na/0 1030 2\n");
	CHECK_TEXT(render(A, B, &before_zero),
		   "-34 b: the offset would move the first time stamp of top, cpu 1 (1000) below zero");
}

static void test_seek(void)
{
	static const char b[] = "format id=5 system=s name=e\ncpu 1\n"
		"page ts=1000\nevent +1 id=5\npage ts=2000\nevent +1 id=5\n"
		"page ts=3000\nevent +1 id=5\n";
	struct merge_select from = { .from = 7000 };
	struct merge_error err = { 0 };
	struct merge_source *src;
	int64_t later = 5000;

	CU_ASSERT_EQUAL_FATAL(join(A, b, &later, false, &err, &src), 0);
	CHECK_TEXT(image_render(src, &from, NULL), "b/1 7001 2\nb/1 8001 3\n");
}

static void test_clocks(void)
{
	int64_t none = 0;

	/* two clocks are two orders, unless it is known how they relate */
	CHECK_TEXT(render(A, "buffer x clock=mono\n" B, NULL),
		   "= -22 buffers a and b/x have the clocks local and mono: no common order\n");
	CHECK_TEXT(render(A, "buffer x clock=mono\n" B, &none),
		   "b/x/1 1005 1\na/0 1010 1\nb/x/1 1022 2\na/0 1030 2\n");
	CHECK_TEXT(render(A, "buffer x clock=counter\n" B, &none),
		   "-22 b: an offset does not make counter and local one clock: they count in different units");
}

static void test_ids(void)
{
	static const unsigned int want[] = { 5, 5, 65535, 5 };
	struct merge_error err = { 0 };
	struct merge_source *src;
	struct merge_iter *it;
	struct merge_event ev;

	CU_ASSERT_EQUAL_FATAL(join(A, B, NULL, false, &err, &src), 0);
	CU_ASSERT_EQUAL(merge_iter_create(src, NULL, NULL, NULL, &err, &it), 0);
	for (int i = 0; i < 4; i++) {
		CU_ASSERT_EQUAL(merge_iter_next(it, &ev), 1);
		CU_ASSERT_EQUAL(*(const uint16_t *)ev.data, want[i]);
	}
	merge_iter_destroy(it);
	merge_source_close(src);
}

static void test_formats_differ(void)
{
#define OTHER	"format id=9 system=s name=e fields=x\n"
	CHECK_TEXT(render(A, OTHER "cpu 0\npage ts=1\nevent +1 id=9", NULL),
		   "-95 events s:e of b have another format than those of an earlier input: no file can hold both");
	/* what does not occur does no harm */
	CHECK_TEXT(render(A, OTHER "cpu 1\npage ts=1\nevent +1 id=10", NULL),
		   "b/1 2 1\na/0 1010 1\na/0 1030 2\n");
}

static void test_boots_differ(void)
{
	static const char a[] = "symbol 0x1000 name=_stext\n" A;
	static const char b[] = "symbol 0x5000 name=_stext\n" B;
	struct merge_error err = { 0 };
	struct merge_source *src;
	int64_t none = 0;

	CHECK_TEXT(render(a, b, NULL),
		   "-22 a and b are of different boots (kernel or modules lie at other addresses): how far apart are their clocks? Give an offset");
	CHECK_TEXT(render(a, b, &none),
		   "-22 a and b are of different boots (kernel or modules lie at other addresses): addresses of the one would get the other's names; leave symbols out");
	CU_ASSERT_EQUAL_FATAL(join(a, b, &none, true, &err, &src), 0);
	CU_ASSERT_PTR_NOT_NULL_FATAL(merge_source_notice(src, 0));
	CU_ASSERT_PTR_NOT_NULL(strstr(merge_source_notice(src, 0)->text, "different boots"));
	CHECK_TEXT(image_render(src, NULL, NULL),
		   "b/1 1005 1\na/0 1010 1\nb/1 1022 2\na/0 1030 2\n");
}

static void test_machines_differ(void)
{
	CHECK_TEXT(render(A, "big\n" B, NULL),
		   "-95 a and b are of machines with another size of long or byte order");
}

static void test_damage(void)
{
	CHECK_TEXT(render(A, B
			  "head type=0 delta=1\npage ts=3000 error=5\npage ts=4000\nevent +1 id=6",
			  NULL),
		   "b/1 1005 1\na/0 1010 1\nb/1 1022 2\n"
		   "! b/1 0@40 EBADMSG event length cut off\n"
		   "! b/1 1@0 EIO Input/output error\na/0 1030 2\n"
		   "b/1 4001 3 lost=?\n");
}

static void test_apart(void)
{
	struct merge_source *a = image_open(A), *b = image_open("buffer x\n" B), *src;
	struct merge_input in[] = { { .source = a, .name = "a" }, { .source = b, .name = "b" } };
	struct merge_error err = { 0 };

	b->buffers[0].kind = MERGE_UNCOMMITTED;
	CU_ASSERT_EQUAL_FATAL(merge_source_join(in, 2, false, &err, &src), 0);
	CU_ASSERT_EQUAL(merge_source_nr_buffers(src), 1);
	CU_ASSERT_PTR_NOT_NULL_FATAL(merge_source_notice(src, 0));
	CU_ASSERT_STRING_EQUAL(merge_source_notice(src, 0)->text,
			       "b: buffer x is left out: it has no part in an order with others");
	merge_source_close(src);
}

static void test_names_of_inputs(void)
{
	struct merge_source *a = image_open(A), *b = image_open(B), *src;
	struct merge_input in[] = { { .source = a, .name = "a" }, { .source = b, .name = "a" } };
	struct merge_error err = { 0 };

	CU_ASSERT_EQUAL(merge_source_join(in, 2, false, &err, &src), -EINVAL);
	CU_ASSERT_STRING_EQUAL(err.text, "two inputs are called a: give one another name");
	merge_source_close(a);
	merge_source_close(b);
}

static void test_notices(void)
{
	struct merge_error err = { 0 };
	const struct merge_notice *notice;
	struct merge_source *src;

	CU_ASSERT_EQUAL_FATAL(join(A, B "notice buffer=0 cpu=1\n", NULL, false, &err, &src), 0);
	notice = merge_source_notice(src, 0);
	CU_ASSERT_PTR_NOT_NULL_FATAL(notice);
	CU_ASSERT_STRING_EQUAL(notice->text, "b: noticed: notice buffer=0 cpu=1");
	CU_ASSERT_PTR_EQUAL(notice->buffer, merge_source_buffer(src, 1));
	CU_ASSERT_EQUAL(notice->cpu, 1);
	CU_ASSERT_PTR_NULL(merge_source_notice(src, 1));
	merge_source_close(src);
}

static const struct test tests[] = {
	{ "events of two sources are in one order", test_order },
	{ "an offset moves the times of one, but none below zero", test_offset },
	{ "a time is found in sub-buffers whose times were moved", test_seek },
	{ "clocks are one clock only when the caller says how they relate", test_clocks },
	{ "events have the ids of one description", test_ids },
	{ "events of one name and two formats are refused when they occur", test_formats_differ },
	{ "two boots need an offset, and have no symbols", test_boots_differ },
	{ "machines of another kind are refused", test_machines_differ },
	{ "damage is told as in the source alone", test_damage },
	{ "a buffer that is apart is left out, which is noted", test_apart },
	{ "two inputs of one name are refused", test_names_of_inputs },
	{ "what a source notes is noted of the whole", test_notices },
	{ NULL, NULL }
};

const struct test_suite suite_src_join = { "src_join", tests };
