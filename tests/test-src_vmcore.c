// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mkimage.h"
#include "mkkernel.h"
#include "tests.h"

struct event_row {
	const char *name;
	const char *kernel;
	const char *more;
	const char *want;
};

#define CLOCKS	"clock local\nclock counter ns=0\nclock mono\n"

/* The events of all buffers, damage in place */
static char *events_of(const char *kernel, const char *more, const struct merge_select *sel)
{
	struct kernel *k = kernel_open(kernel, more);
	struct merge_error err = { 0 };
	struct merge_source *src;
	char *text;

	CU_ASSERT_EQUAL_FATAL(merge_source_open_vmcore(&k->mem, &err, &src), 0);
	text = image_render(src, sel, NULL);
	kernel_close(k);
	return text;
}

static char *events(const char *kernel, const char *more)
{
	return events_of(kernel, more, NULL);
}

#define RING	"cpus 4\n" CLOCKS "instance top\ncpu 0 at=1\npage ts=10 start=12\nevent +0\n"	\
		"event +1\npage ts=20\nevent +0\nevent +1\npage ts=30\nevent +0\n"		\
		"page ts=40\nevent +0\n"
#define EVENTS	"top/0 11 2\ntop/0 20 3\ntop/0 21 4\ntop/0 30 5\ntop/0 40 6\n"
/* Events of 1,000 bytes: 16 fill a sub-buffer of four pages and go over their ends */
#define LARGE	"cpus 1\n" CLOCKS "instance top order=2\ncpu 0\npage ts=10\n"			\
		"event +1 len=1000 count=16\npage ts=30\nevent +0\n"

static const struct event_row event_rows[] = {
	{ "as they are", RING, "", EVENTS },
	{ "short, big", "version 601\nlong 4\nbig\n" RING, "", EVENTS },
	{ "a page excluded", RING, "exclude top/0.d2\n",
	  "top/0 11 2\ntop/0 20 3\ntop/0 21 4\n"
	  "! top/0 2@0 ENODATA page excluded from the dump\ntop/0 40 6 lost=?\n" },
	{ "a page not mapped", RING, "unmap top/0.d2\n",
	  "top/0 11 2\ntop/0 20 3\ntop/0 21 4\n"
	  "! top/0 2@0 EFAULT page not in the dump\ntop/0 40 6 lost=?\n" },
	{ "a buffer_page unreadable", RING, "unmap top/0.reader\n",
	  "! top/0 0@0 EFAULT its struct buffer_page is unreadable\n"
	  "top/0 20 3 lost=?\ntop/0 21 4\ntop/0 30 5\ntop/0 40 6\n" },
	{ "a large sub-buffer, its third page missing", LARGE, "exclude top/0.data+8192\n",
	  "top/0 11 1\ntop/0 12 2\ntop/0 13 3\ntop/0 14 4\ntop/0 15 5\ntop/0 16 6\ntop/0 17 7\n"
	  "top/0 18 8\n! top/0 0@8080 EBADMSG rest of the sub-buffer missing\n"
	  "top/0 30 17 lost=?\n" },
	{ "a large sub-buffer, its third page zeros", LARGE, "zero top/0.data+8192\n",
	  "top/0 11 1\ntop/0 12 2\ntop/0 13 3\ntop/0 14 4\ntop/0 15 5\ntop/0 16 6\ntop/0 17 7\n"
	  "top/0 18 8\n! top/0 0@8080 EBADMSG rest of the sub-buffer missing\n"
	  "top/0 30 17 lost=?\n" },
	{ "a large sub-buffer, an unused page zeros", LARGE, "zero top/0.d0+8192\n",
	  "top/0 11 1\ntop/0 12 2\ntop/0 13 3\ntop/0 14 4\ntop/0 15 5\ntop/0 16 6\ntop/0 17 7\n"
	  "top/0 18 8\ntop/0 19 9\ntop/0 20 10\ntop/0 21 11\ntop/0 22 12\ntop/0 23 13\n"
	  "top/0 24 14\ntop/0 25 15\ntop/0 26 16\ntop/0 30 17\n" },
	{ "a large sub-buffer, an unused page missing", LARGE, "exclude top/0.d0+8192\n",
	  "top/0 11 1\ntop/0 12 2\ntop/0 13 3\ntop/0 14 4\ntop/0 15 5\ntop/0 16 6\ntop/0 17 7\n"
	  "top/0 18 8\ntop/0 19 9\ntop/0 20 10\ntop/0 21 11\ntop/0 22 12\ntop/0 23 13\n"
	  "top/0 24 14\ntop/0 25 15\ntop/0 26 16\ntop/0 30 17\n" },
	{ "a written page is zeros, the last", RING, "set top/0.p0:buffer_page.write 12\n" "zero top/0.d0\n",
	  "top/0 11 2\ntop/0 20 3\ntop/0 21 4\ntop/0 30 5\n"
	  "! top/0 3@0 ENODATA zeros where the page should be\n" },
	{ "a page is zeros, the last, and nothing was written", RING, "zero top/0.d0\n",
	  "top/0 11 2\ntop/0 20 3\ntop/0 21 4\ntop/0 30 5\n" },
	{ "the head page is lost, of those behind the commit page none was written",
	  "cpus 1\n" CLOCKS "instance top\ncpu 0 pages=6 at=1\npage ts=10\nevent +0\n"
	  "page ts=20\nevent +0\npage ts=30\nevent +0\n", "unmap top/0.p1\n",
	  "top/0 10 1\ntop/0 30 3\n" },
	{ "the reader page is zeros", RING, "set top/0.reader:buffer_page.write 24\n" "zero top/0.data\n",
	  "! top/0 0@0 ENODATA zeros where the page should be\n"
	  "top/0 20 3 lost=?\ntop/0 21 4\ntop/0 30 5\ntop/0 40 6\n" },
	{ "a large sub-buffer, its first page missing", LARGE, "unmap top/0.data\n",
	  "! top/0 0@0 EFAULT page not in the dump\ntop/0 30 17 lost=?\n" },
};

static void test_events(void)
{
	for (size_t i = 0; i < sizeof(event_rows) / sizeof(*event_rows); i++)
		CHECK_ROW(test_text(events(event_rows[i].kernel, event_rows[i].more),
				    event_rows[i].want), event_rows[i].name);
}

/* Two of four events are committed; a page more was begun, its last event has no header */
#define WRITING	"cpus 2\n" CLOCKS "instance top\ncpu 0\npage ts=10\nevent +0\npage ts=20\n"	\
		"event +0\nevent +1\nevent +2\nevent +3\ncommit 24\n"			\
		"cpu 1 pages=3\npage ts=30\nevent +0\n"
#define WRITTEN	"set top/0.p0:buffer_page.write 48\n"
#define COMMITTED "top/0 10 1\ntop/0 20 2\ntop/0 21 3\ntop/1 30 1\n"
#define PENDING	"top/uncommitted/0 23 4\ntop/uncommitted/0 26 5\n"

static const struct event_row written_rows[] = {
	{ "as they are", WRITING, WRITTEN, PENDING },
	{ "short, big", "version 601\nlong 4\nbig\n" WRITING, WRITTEN, PENDING },
	{ "the last one reserved, nothing of it written", WRITING,
	  "set top/0.p0:buffer_page.write 4080\n",
	  PENDING "! top/uncommitted/0 0@64 EBADMSG event length too short\n" },
	{ "written beyond the page", WRITING, "set top/0.p0:buffer_page.write 0xfffff\n",
	  PENDING "! top/uncommitted/0 0@64 EBADMSG event length too short\n" },
	{ "no tail page", WRITING, WRITTEN "set top/0:ring_buffer_per_cpu.tail_page 8\n", NULL },
};

static void test_written(void)
{
	static const unsigned int second[] = { 1 };
	const struct merge_select sel = { .buffers = second, .nr_buffers = 1 };

	for (size_t i = 0; i < sizeof(written_rows) / sizeof(*written_rows); i++) {
		const struct event_row *row = &written_rows[i];

		CHECK_ROW(test_text(events(row->kernel, row->more), COMMITTED), row->name);
		if (row->want)
			CHECK_ROW(test_text(events_of(row->kernel, row->more, &sel), row->want),
				  row->name);
	}
}

static void test_read(void)
{
	struct kernel *k = kernel_open(RING, "unmap top/0.d0\nset top/0.p2:buffer_page.page 0\n");
	struct merge_error err = { 0 };
	struct merge_source *src;
	uint8_t data[4096];
	struct subbuf sb;
	uint64_t ts = 0;

	CU_ASSERT_EQUAL_FATAL(merge_source_open_vmcore(&k->mem, &err, &src), 0);
	CU_ASSERT_EQUAL(kernel_reads(k, "top/0.data"), 0);
	CU_ASSERT_EQUAL(src->ops->read(src, src->buffers, 0, 0, data, &err, &sb), 0);
	CU_ASSERT_EQUAL(sb.address, kernel_place(k, "top/0.data"));
	CU_ASSERT_EQUAL(sb.start, 12);
	CU_ASSERT_EQUAL(sb.size, 4096);
	CU_ASSERT_EQUAL(src->ops->time(src, src->buffers, 0, 1, &ts), 0);
	CU_ASSERT_EQUAL(ts, 20);
	CU_ASSERT_EQUAL(src->ops->read(src, src->buffers, 0, 2, data, &err, &sb), -EFAULT);
	CU_ASSERT_EQUAL(sb.address, 0);
	CU_ASSERT_EQUAL(src->ops->time(src, src->buffers, 0, 2, &ts), -EFAULT);
	CU_ASSERT_EQUAL(src->ops->read(src, src->buffers, 0, 3, data, &err, &sb), -EFAULT);
	CU_ASSERT_EQUAL(sb.address, kernel_place(k, "top/0.d0"));
	CU_ASSERT_EQUAL(src->ops->time(src, src->buffers, 0, 3, &ts), -EFAULT);
	CU_ASSERT_FALSE(source_interrupted(src));
	k->interrupt_at = 1;
	CU_ASSERT_TRUE(source_interrupted(src));
	merge_source_close(src);
	kernel_close(k);
}

static const struct test tests[] = {
	{ "events come from where memory allows", test_events },
	{ "what is not committed comes alone and when asked for", test_written },
	{ "a sub-buffer tells where it is and from where it is unread", test_read },
	{ NULL, NULL }
};

const struct test_suite suite_src_vmcore = { "src_vmcore", tests };
