// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mkkernel.h"
#include "ring.h"
#include "tests.h"

/* The label of what lies at @addr, without the CPU's own */
static const char *label_of(const struct kernel *k, uint64_t addr)
{
	const char *dot;

	for (size_t i = 0; addr && i < k->nr_names; i++) {
		dot = strchr(k->names[i].name, '.');
		if (k->names[i].kind == 'l' && k->names[i].value == addr && dot)
			return dot + 1;
	}
	return "?";
}

static void print_ring(FILE *out, const struct kernel *k, const struct ring *ring)
{
	for (size_t i = 0; i < ring->nr; i++) {
		fprintf(out, "%s%s", i ? " " : "", label_of(k, ring->subbufs[i].data));
		if (ring->subbufs[i].read)
			fprintf(out, "@%" PRIu32, ring->subbufs[i].read);
		if (ring->subbufs[i].overrun)
			fprintf(out, "+%" PRIu64, ring->subbufs[i].overrun);
	}
	for (size_t i = 0; i < ring->nr_uncommitted; i++)
		fprintf(out, " + %s@%" PRIu32 "-%" PRIu32, label_of(k, ring->uncommitted[i].data),
			ring->uncommitted[i].read, ring->uncommitted[i].write);
	fprintf(out, "%s%s\n", ring->damage[0] ? " ! " : "", ring->damage);
}

/* The sub-buffers of CPU 0 in their order, and what is wrong with its ring */
static char *render_all(const char *kind, const char *cpu, const char *more,
			unsigned int interrupt_at)
{
	struct kernel *k = kernel_open(kind, "cpus 2\ninstance top\n");
	struct vmcore vm;
	struct ring ring;
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int ret;

	kernel_add(k, cpu);
	kernel_add(k, more);
	k->interrupt_at = interrupt_at;
	vmcore_init(&vm, &k->mem);
	ret = ring_walk(&vm, kernel_place(k, "top/0"), &ring);
	if (ret)
		fprintf(out, "%s\n", strerrorname_np(-ret));
	else
		print_ring(out, k, &ring);
	ring_deinit(&ring);
	fclose(out);
	vmcore_deinit(&vm);
	kernel_close(k);
	return text;
}

static char *render(const char *cpu, const char *more, unsigned int interrupt_at)
{
	return render_all("", cpu, more, interrupt_at);
}

struct ring_row {
	const char *name;
	const char *cpu;
	const char *more;
	const char *want;
};

static void check_rows(const struct ring_row *rows, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		CHECK_ROW(test_text(render(rows[i].cpu, rows[i].more, 0), rows[i].want),
			  rows[i].name);
}

#define PAGE	"page ts=1\nevent +0\n"
/* A ring of six full pages and its reader page */
#define SIX	"page ts=1\nevent +0\n" PAGE PAGE PAGE PAGE PAGE PAGE

static const struct ring_row whole_rows[] = {
	{ "nothing yet", "cpu 0 pages=4\n", "", "data\n" },
	{ "nothing yet, reader page half read", "cpu 0 pages=4\npage ts=1 start=16\nevent +0\n"
	  "event +0\n", "", "data@16\n" },
	{ "commit on the reader page", "cpu 0 pages=4 at=1 head=3\n" PAGE, "", "data\n" },
	{ "not wrapped", "cpu 0 pages=4\n" PAGE PAGE PAGE, "", "data d0 d1\n" },
	{ "not wrapped, begun elsewhere", "cpu 0 pages=4 at=1 start=3\n" PAGE PAGE PAGE, "",
	  "data d1 d2\n" },
	{ "over the end", "cpu 0 pages=4 at=3\n" PAGE PAGE PAGE, "", "data d3 d0\n" },
	{ "wrapped", "cpu 0 at=2\n" SIX, "", "data d2 d3 d4 d5 d0 d1\n" },
	{ "wrapped, head_page is stale", "cpu 0 at=4 head=1\n" SIX, "",
	  "data d4 d5 d0 d1 d2 d3\n" },
	{ "a writer moves the head page", "cpu 0 at=4 head=1 flag=2\n" SIX, "",
	  "data d4 d5 d0 d1 d2 d3\n" },
	{ "the tail is ahead of the commit", "cpu 0 pages=6 at=1 tail=4\n" PAGE PAGE PAGE, "",
	  "data d1 d2\n" },
	{ "one page in the ring", "cpu 0 pages=1\n" PAGE PAGE, "", "data d0\n" },
	{ "read mark of a page in the ring", "cpu 0 pages=2\n"
	  "page ts=1 start=12\nevent +0\nevent +0\n" PAGE,
	  "set top/0.p0:buffer_page.read 8\n", "data@12 d0\n" },
};

#define CPU(member)	"set top/0:ring_buffer_per_cpu." #member " "

/* What the kernel's next reader would be told is lost */
static const struct ring_row overrun_rows[] = {
	{ "never read", "cpu 0 overrun=30\n" PAGE PAGE, "", "data d0+30\n" },
	{ "read since", "cpu 0 overrun=30 last_overrun=20\n" PAGE PAGE, "", "data d0+10\n" },
	{ "nothing since", "cpu 0 overrun=30 last_overrun=30\n" PAGE PAGE, "", "data d0\n" },
	{ "not told yet", "cpu 0 overrun=30 last_overrun=20 lost_events=5\n" PAGE PAGE, "",
	  "data+5 d0+10\n" },
	{ "only the reader page", "cpu 0 overrun=30 lost_events=5\n" PAGE, "", "data+5\n" },
	{ "no reader page", "cpu 0 overrun=30 lost_events=5\n" PAGE PAGE, CPU(reader_page) "0\n",
	  "d0+30 ! the reader page is unreadable\n" },
	{ "no such members", "cpu 0 overrun=30 lost_events=5\n" PAGE PAGE,
	  "without ring_buffer_per_cpu.last_overrun\nwithout ring_buffer_per_cpu.lost_events\n",
	  "data d0\n" },
};

static void test_overruns(void)
{
	check_rows(overrun_rows, sizeof(overrun_rows) / sizeof(*overrun_rows));
}

static void test_whole(void)
{
	check_rows(whole_rows, sizeof(whole_rows) / sizeof(*whole_rows));
}

#define NO_HEAD	"no page is flagged as head"
#define P(n)	"top/0.p" #n ":buffer_page.list"

static const struct ring_row broken_rows[] = {
	{ "next runs back", "cpu 0\n" SIX, "set " P(3) " " P(1) "\n",
	  "data d0 d1 d2 d3 d4 d5 ! the page list runs into itself: 6 of 6 pages reached\n" },
	{ "next stands still", "cpu 0\n" SIX, "set " P(3) " " P(3) "\n",
	  "data d0 d1 d2 d3 d4 d5 ! the page list runs into itself: 6 of 6 pages reached\n" },
	{ "next runs back, over the head page", "cpu 0 at=4\n" SIX, "set " P(3) " " P(1) "\n",
	  "data d4 d5 d0 d1 d2 d3 ! the page list runs into itself: 6 of 6 pages reached; "
	  NO_HEAD "\n" },
	{ "next leads into another ring", "cpu 0 at=5\n" SIX "cpu 1\n" SIX,
	  "set " P(3) " top/1.p2:buffer_page.list\n",
	  "data d5 d0 d1 d2 d3 d4 ! the page list runs into itself: 6 of 6 pages reached\n" },
	{ "next leads into a longer ring", "cpu 0 at=5\n" SIX "cpu 1\n" SIX PAGE PAGE,
	  "set " P(0) " top/1.p2:buffer_page.list\n",
	  "data d5 d0 d1 d2 d3 d4 ! the page list runs into itself: 6 of 6 pages reached\n" },
	{ "next is odd", "cpu 0\n" SIX, "set " P(3) " 0xffff888000000004\n",
	  "data d0 d1 d2 d3 d4 d5 ! the page list is broken: 6 of 6 pages reached\n" },
	{ "next is 0", "cpu 0 at=1\n" SIX, "set " P(2) " 0\n",
	  "data d1 d2 d3 d4 d5 d0 ! the page list is broken: 6 of 6 pages reached\n" },
	{ "prev is wrong where next is right", "cpu 0\n" SIX, "set " P(3) "+8 5\n",
	  "data d0 d1 d2 d3 d4 d5\n" },
};

static void test_broken(void)
{
	check_rows(broken_rows, sizeof(broken_rows) / sizeof(*broken_rows));
}

#define FIVE	"the page list is broken: 5 of 6 pages reached"
#define NO_COMMIT "the commit page is not on the list"

/* As a page of them reads that was left out, with --zero_excluded */
#define ZERO(n)	"zero top/0.p" #n "\n"

static const struct ring_row hole_rows[] = {
	{ "in the middle", "cpu 0\n" SIX, "unmap top/0.p3\n", "data d0 d1 d2 d4 d5 ! " FIVE "\n" },
	{ "excluded", "cpu 0\n" SIX, "exclude top/0.p3\n", "data d0 d1 d2 d4 d5 ! " FIVE "\n" },
	{ "before the head page, the commit page", "cpu 0 at=4\n" SIX, "unmap top/0.p3\n",
	  "data d4 d5 d0 d1 d2 ! " FIVE "; " NO_HEAD "; " NO_COMMIT "\n" },
	{ "head page behind it", "cpu 0 at=5\n" SIX, "unmap top/0.p3\n",
	  "data d5 d0 d1 d2 d4 ! " FIVE "\n" },
	{ "head page before it", "cpu 0 at=1\n" SIX, "unmap top/0.p3\n",
	  "data d1 d2 d4 d5 d0 ! " FIVE "\n" },
	{ "the head page", "cpu 0 at=3\n" SIX, "unmap top/0.p3\n",
	  "data d4 d5 d0 d1 d2 ! " FIVE "; " NO_HEAD "\n" },
	{ "the last of the list", "cpu 0 at=2\n" SIX, "unmap top/0.p5\n",
	  "data d2 d3 d4 d0 d1 ! " FIVE "\n" },
	{ "the first of the list", "cpu 0 at=2 head=3\n" SIX, "unmap top/0.p0\n",
	  "data d2 d3 d4 d5 d1 ! " FIVE "\n" },
	{ "two in a row", "cpu 0 at=5\n" SIX, "unmap top/0.p2\nunmap top/0.p3\n",
	  "data d5 d0 d1 d4 ! the page list is broken: 4 of 6 pages reached\n" },
	{ "two apart", "cpu 0\n" SIX, "unmap top/0.p2\nunmap top/0.p4\n",
	  "data d0 d1 d5 ! the page list is broken: 3 of 6 pages reached\n" },
	{ "head and tail page of a ring that wrapped", "cpu 0 at=4 head=1 overrun=7\n" SIX,
	  "unmap top/0.p3\nunmap top/0.p4\n",
	  "data d5+7 d0 d1 d2 ! the page list is broken: 4 of 6 pages reached; " NO_HEAD "; "
	  NO_COMMIT "\n" },
	{ "the reader page", "cpu 0\n" SIX, "unmap top/0.reader\n", "? d0 d1 d2 d3 d4 d5\n" },
	{ "zeros", "cpu 0\n" SIX, ZERO(3), "data d0 d1 d2 d4 d5 ! " FIVE "\n" },
	{ "zeros, two apart", "cpu 0\n" SIX, ZERO(2) ZERO(4),
	  "data d0 d1 d5 ! the page list is broken: 3 of 6 pages reached\n" },
	{ "zeros at the first of the list", "cpu 0 at=2 head=3\n" SIX, ZERO(0),
	  "data d2 d3 d4 d5 d1 ! " FIVE "\n" },
	{ "zeros, all of them", "cpu 0 pages=2\n" PAGE PAGE PAGE, ZERO(0) ZERO(1),
	  "data ! the page list is broken: 0 of 2 pages reached\n" },
	{ "all of them", "cpu 0 pages=2\n" PAGE PAGE PAGE, "unmap top/0.p0\nunmap top/0.p1\n",
	  "data ! the page list is broken: 0 of 2 pages reached\n" },
};

static void test_holes(void)
{
	check_rows(hole_rows, sizeof(hole_rows) / sizeof(*hole_rows));
}

static const struct ring_row mark_rows[] = {
	{ "no flag", "cpu 0 at=2 flag=0\n" SIX, "", "data d2 d3 d4 d5 d0 d1 ! " NO_HEAD "\n" },
	{ "no flag, no tail", "cpu 0 at=2 flag=0\n" SIX, CPU(tail_page) "0\n",
	  "data d2 d3 d4 d5 d0 d1 ! " NO_HEAD "\n" },
	{ "no flag, no marks", "cpu 0 at=2 flag=0 start=1\n" SIX,
	  CPU(tail_page) "0\n" CPU(head_page) "8\n",
	  "data d1 ! " NO_HEAD "\n" },
	{ "no commit", "cpu 0 at=2\n" SIX, CPU(commit_page) "0\n",
	  "data d2 d3 d4 d5 d0 d1 ! " NO_COMMIT "\n" },
	{ "no reader page", "cpu 0 at=2\n" SIX, CPU(reader_page) "0\n",
	  "d2 d3 d4 d5 d0 d1 ! the reader page is unreadable\n" },
	{ "no reader page and no commit", "cpu 0 pages=2\n" PAGE PAGE PAGE,
	  CPU(reader_page) "0\n" CPU(commit_page) "0\n",
	  "d0 d1 ! the reader page is unreadable; " NO_COMMIT "\n" },
	{ "no pages", "cpu 0 at=2\n" SIX, CPU(pages) "0\n", "data d2 d3 d4 d5 d0 d1\n" },
	{ "no pages and no head page", "cpu 0 at=2\n" SIX, CPU(pages) "0\n" CPU(head_page) "0\n",
	  "data d2 d3 d4 d5 d0 d1\n" },
	{ "only the commit page", "cpu 0 at=2\n" SIX, CPU(pages) "0\n" CPU(head_page) "0\n"
	  CPU(tail_page) "top/0.reader\n", "data d2 d3 d4 d5 d0 d1\n" },
	{ "nothing that leads to the ring", "cpu 0\n" SIX, CPU(pages) "0\n" CPU(head_page) "0\n"
	  CPU(tail_page) "0\n" CPU(commit_page) "0\n",
	  "data ! the page list is broken: 0 of 6 pages reached\n" },
	{ "flag in pages", "cpu 0\n" SIX, CPU(pages) P(0) "+1\n", "data d0 d1 d2 d3 d4 d5\n" },
	{ "too few pages counted", "cpu 0\n" SIX, CPU(nr_pages) "4\n",
	  "data d0 d1 d2 d3 ! the page list runs into itself: 4 of 4 pages reached; " NO_HEAD "; "
	  NO_COMMIT "\n" },
	{ "too many pages counted", "cpu 0 at=1\n" SIX, CPU(nr_pages) "8\n",
	  "data d1 d2 d3 d4 d5 d0 ! the page list is too short: 6 of 8 pages reached\n" },
	{ "nr_pages 0", "cpu 0\n" SIX, CPU(nr_pages) "0\n", "EBADMSG\n" },
	{ "nr_pages huge", "cpu 0\n" SIX, CPU(nr_pages) "0x1000001\n", "EBADMSG\n" },
	{ "nr_pages negative", "cpu 0\n" SIX, CPU(nr_pages) "-1\n", "EBADMSG\n" },
	{ "the ring itself", "cpu 0\n" SIX, "unmap top/0\n", "EFAULT\n" },
	{ "a kernel without the member", "cpu 0\n" SIX, "without ring_buffer_per_cpu.pages\n",
	  "ENOENT\n" },
};

static void test_marks(void)
{
	check_rows(mark_rows, sizeof(mark_rows) / sizeof(*mark_rows));
}

#define WRITE(page, n)	"set top/0." #page ":buffer_page.write " #n "\n"
#define TAIL(page)	CPU(tail_page) "top/0." #page "\n"

/* An event of 8 bytes takes 12 */
static const struct ring_row written_rows[] = {
	{ "all is committed", "cpu 0 pages=4\n" PAGE PAGE PAGE, WRITE(p0, 12) WRITE(p1, 12),
	  "data d0 d1\n" },
	{ "behind the commit", "cpu 0 pages=4\n" PAGE PAGE PAGE, WRITE(p1, 40),
	  "data d0 d1 + d1@12-40\n" },
	{ "interrupted updates do not count", "cpu 0 pages=4\n" PAGE PAGE PAGE,
	  WRITE(p1, 0x300028), "data d0 d1 + d1@12-40\n" },
	{ "a written page before the commit page", "cpu 0 pages=4\n" PAGE PAGE PAGE,
	  WRITE(p0, 40), "data d0 d1\n" },
	{ "on to the tail page", "cpu 0 pages=5 at=3\n" PAGE PAGE PAGE,
	  WRITE(p4, 40) WRITE(p0, 30) WRITE(p1, 20) TAIL(p1),
	  "data d3 d4 + d4@12-40 + d0@0-30 + d1@0-20\n" },
	{ "only on the page behind", "cpu 0 pages=5 at=3\n" PAGE PAGE PAGE,
	  WRITE(p4, 12) WRITE(p0, 20) TAIL(p0), "data d3 d4 + d0@0-20\n" },
	{ "on the reader page", "cpu 0 pages=4 at=1\n" PAGE, WRITE(reader, 40),
	  "data + data@12-40\n" },
	{ "from the reader page on", "cpu 0 pages=4 at=1\n" PAGE,
	  WRITE(reader, 40) WRITE(p1, 30) WRITE(p2, 20) TAIL(p2),
	  "data + data@12-40 + d1@0-30 + d2@0-20\n" },
	{ "flags in the commit word", "cpu 0 pages=4\n" PAGE PAGE PAGE,
	  "set top/0.d1+8 0xc000000c\n" WRITE(p1, 40), "data d0 d1 + d1@12-40\n" },
	{ "the commit page unreadable", "cpu 0 pages=4\n" PAGE PAGE PAGE,
	  WRITE(p1, 40) "unmap top/0.d1\n", "data d0 d1\n" },
	{ "the commit page zeros", "cpu 0 pages=4\n" PAGE PAGE PAGE,
	  WRITE(p1, 40) "zero top/0.d1\n", "data d0 d1\n" },
	{ "the tail page is no page of the ring", "cpu 0 pages=4\n" PAGE PAGE PAGE,
	  WRITE(p1, 40) CPU(tail_page) "8\n", "data d0 d1\n" },
	{ "the commit page is no page of the ring", "cpu 0 pages=2\n" PAGE PAGE PAGE,
	  WRITE(p1, 40) CPU(commit_page) "8\n", "data d0 d1 ! " NO_COMMIT "\n" },
	{ "a kernel without the member", "cpu 0 pages=4\n" PAGE PAGE PAGE,
	  WRITE(p1, 40) "without buffer_page.write\n", "data d0 d1\n" },
};

static void test_written(void)
{
	check_rows(written_rows, sizeof(written_rows) / sizeof(*written_rows));
}

static void test_machines(void)
{
	static const char *const kinds[] = {
		"long 4\n", "big\n", "long 4\nbig\n", "pagesize 65536\n", "version 601\n",
		"version 601\nlong 4\n", "version 601\nbig\n", "version 700\nlong 4\nbig\n",
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		CHECK_ROW(test_text(render_all(kinds[i], "cpu 0 at=4 head=1\n"
					       "page ts=1 start=12\nevent +0\nevent +0\n"
					       PAGE PAGE PAGE PAGE PAGE PAGE, "", 0),
				    "data@12 d4 d5 d0 d1 d2 d3\n"), kinds[i]);
}

static void test_interrupt(void)
{
	CHECK_TEXT(render("cpu 0\n" SIX, "", 3), "EINTR\n");
	CHECK_TEXT(render("cpu 0\n" SIX, "set " P(3) " 0\n", 4), "EINTR\n");
}

static const struct test tests[] = {
	{ "the reader page comes first, then head to commit page", test_whole },
	{ "what was overwritten since the last reader is counted", test_overruns },
	{ "a list with a wrong link is walked from both ends", test_broken },
	{ "pages around an unreadable one keep their order", test_holes },
	{ "a missing mark is made up for by the next best", test_marks },
	{ "what is written and not committed is apart", test_written },
	{ "all layouts, byte orders and longs are alike", test_machines },
	{ "a walk can be interrupted", test_interrupt },
	{ NULL, NULL }
};

const struct test_suite suite_ring = { "ring", tests };
