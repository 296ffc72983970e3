// SPDX-License-Identifier: GPL-2.0-or-later
/* A crashed kernel's persistent region as a source, and what it says when that is not there. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mkimage.h"
#include "mkkernel.h"
#include "persist-in.h"
#include "tests.h"

#define PHYS	0x10000000u
#define COPY	0xffffc90000100000u
#define BUFFERS	"cpus 1\nclock local\ninstance top\ncpu 0\npage ts=1\nevent +0\n"
/* The tracer's variable; the region itself is put behind it */
#define TRACER	BUFFERS "alloc tracer 1024\nsymbol persist_region tracer\n"	\
		"set tracer:persist_region.phys 0x10000000\n"			\
		"set tracer:persist_region.start 0xffff888010000000\n"
#define COPIED	"set tracer:persist_region.old 0xffffc90000100000\n"
/* Recorded by an earlier boot: an event on CPU 1 */
#define EARLIER	"size 4096\nbuffer top clock=local\ncpu 1\npage ts=70\nevent +1 id=118\n"

/* @m, whole pages from @addr on; the size is that of the last one that was put */
static void put(struct kernel *k, struct persist_made *m, uint64_t addr)
{
	uint64_t size = (m->size + 4095) / 4096 * 4096;

	k->next = addr;
	kernel_alloc(k, size, "%s", addr == COPY ? "copy" : "region");
	kernel_write(k, addr, m->data, m->size);
	kernel_set(k, kernel_place(k, "tracer"), PERSIST_SIZE, size);
	persist_made_free(m);
}

/* The kernel @text with PERSIST_SMALL in its region and EARLIER in the copy; then @more */
static struct kernel *make(const char *text, const char *more)
{
	const struct persist_how plain = { 0 };
	struct kernel *k = kernel_open(text, NULL);
	struct persist_made m;

	if (strstr(text, "persist_region")) {
		persist_in_make(&m, EARLIER, &plain);
		put(k, &m, COPY);
		persist_in_small(&m);
		put(k, &m, KERNEL_DIRECT_MAP + PHYS);
	}
	kernel_add(k, more);
	return k;
}

/* What is in it, with notices, or the code and the text of the error */
static char *render(struct kernel *k, bool earlier)
{
	struct merge_error err = { 0 };
	struct merge_source *src;
	char *text;
	int ret = merge_source_open_vmcore_region(&k->mem, earlier, &err, &src);

	if (!ret)
		text = persist_in_all(src);
	else if (asprintf(&text, "%s: %s", strerrorname_np(-ret), err.text) < 0)
		abort();
	CU_ASSERT(!ret || err.code == ret);
	kernel_close(k);
	return text;
}

static void test_reads_it(void)
{
	static const char *const rows[] = {
		TRACER, "version 700\n" TRACER, "big\n" TRACER,
		/* the kernel's own buffers are in none of its pages */
		TRACER "unmap ftrace_trace_arrays\n", TRACER "without ftrace_trace_arrays\n",
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		CHECK_TEXT(render(make(rows[i], COPIED), false), PERSIST_SMALL_EVENTS);
		CHECK_TEXT(render(make(rows[i], COPIED), true), "top/1 71 1\n");
	}
}

static void test_says_why_not(void)
{
	static const struct {
		const char *kernel, *more;
		bool earlier;
		const char *want;
	} rows[] = {
		{ BUFFERS, "", false,
		  "EOPNOTSUPP: this kernel has no tracer pstore: there is no symbol persist_region" },
		{ TRACER "without persist_region.phys\n", "", false,
		  "EOPNOTSUPP: where the region is is not known: persist_region.phys is none of this kernel's members" },
		{ TRACER, "unmap tracer\n", false, "ENODATA: where the region is is not known: persist_region.start, at 0x" },
		{ TRACER, "set tracer:persist_region.start 0\n", false,
		  "ENODATA: the tracer pstore has no region: nobody gave it memory" },
		{ TRACER, "set tracer:persist_region.phys 0x10000001\n", false,
		  "EBADMSG: persist_region is damaged: no region has 0x" },
		{ TRACER, "set tracer:persist_region.size 0\n", false,
		  "EBADMSG: persist_region is damaged: no region has 0x0 bytes at physical address 0x10000000" },
		{ TRACER, "set tracer:persist_region.size 0xfffffffff0000000\n", false,
		  "EBADMSG: persist_region is damaged: no region has 0xfffffffff0000000 bytes" },
		{ TRACER, "set tracer:persist_region.phys 0x7000000\n", false,
		  "ENODATA: the persistent trace region, 0x" },
		{ TRACER, "set tracer:persist_region.old 0x7000000\n", true,
		  "ENODATA: the copy of what an earlier boot left, 0x" },
		{ TRACER, "zero region\nzero region+4096\n", false,
		  "EOPNOTSUPP: the memory at physical address 0x10000000, which the tracer pstore may record to: there is no persistent trace region in it" },
		{ TRACER, "", true,
		  "ENODATA: this kernel has no copy of what an earlier boot left in the region: " },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char *got = render(make(rows[i].kernel, rows[i].more), rows[i].earlier);

		CHECK_ROW(!strncmp(got, rows[i].want, strlen(rows[i].want)), got);
		free(got);
	}
}

static void test_names_the_address(void)
{
	char *got = render(make(TRACER, "set tracer:persist_region.phys 0x7000000\n"), false);

	CU_ASSERT_PTR_NOT_NULL(strstr(got, " bytes at physical address 0x7000000, is not in this dump: "));
	free(got);
	got = render(make(TRACER, "set tracer:persist_region.old 0x7000000\n"), true);
	CU_ASSERT_PTR_NOT_NULL(strstr(got, " bytes at the kernel's address 0x7000000, is not in this dump: "));
	free(got);
}

/* The page at @at of PERSIST_SMALL's slot is not in the dump */
static char *without_page(uint64_t at)
{
	char more[60];

	snprintf(more, sizeof(more), "exclude region+%llu\n", (unsigned long long)at / 4096 * 4096);
	return render(make(TRACER, more), false);
}

static void test_lacks_pages(void)
{
	struct persist_made m;

	persist_in_small(&m);
	CHECK_TEXT(without_page(m.copies[0]), PERSIST_SMALL_EVENTS
		   "# of the header's two copies only that at 0x10001000 is there\n");
	CHECK_TEXT(without_page(persist_subbuf_at(&m, 0, 1)),
		   "top/0 1001 1\ntop/2 1501 4\ntop/2 2501 5\ntop/0 3001 3\n"
		   "# cpu 0: 1 sub-buffers cannot be read: behind the end, or left out\n");
	persist_made_free(&m);
}

static void test_stops(void)
{
	struct merge_error err = { 0 };
	struct merge_source *src;
	struct kernel *k = make(TRACER, "");

	k->interrupt_at = 1;
	CU_ASSERT_EQUAL(merge_source_open_vmcore_region(&k->mem, false, &err, &src), -EINTR);
	/* while it is read, too */
	k->interrupt_at = 0;
	CU_ASSERT_EQUAL_FATAL(merge_source_open_vmcore_region(&k->mem, false, &err, &src), 0);
	k->interrupt_at = 1;
	CU_ASSERT_TRUE(source_interrupted(src));
	merge_source_close(src);
	kernel_close(k);
}

static void test_wants_physical_memory(void)
{
	struct merge_mem_ops ops = kernel_ops;
	struct kernel *k = make(TRACER, COPIED);

	ops.read_physical = NULL;
	k->mem.ops = &ops;
	CHECK_TEXT(render(k, false), "EOPNOTSUPP: physical addresses cannot be read");
	/* the copy is in virtual memory */
	k = make(TRACER, COPIED);
	k->mem.ops = &ops;
	CHECK_TEXT(render(k, true), "top/1 71 1\n");
}

static char *remarks_beside(const char *kernel, const char *more)
{
	struct kernel *k = make(kernel, more);
	struct merge_error err = { 0 };
	struct merge_source *src;
	char *text;

	CU_ASSERT_EQUAL_FATAL(merge_source_open_vmcore(&k->mem, &err, &src), 0);
	CU_ASSERT_PTR_NULL(merge_source_notice(src, 0));
	text = persist_in_remarks(src);
	merge_source_close(src);
	kernel_close(k);
	return text;
}

static void test_buffers_tell_of_it(void)
{
	static const char phys[] = " bytes at physical address 0x10000000";
	char *got;

	CHECK_TEXT(remarks_beside(BUFFERS, ""), "");
	CHECK_TEXT(remarks_beside(TRACER, "set tracer:persist_region.start 0\n"), "");
	got = remarks_beside(TRACER, "");
	CU_ASSERT_PTR_NOT_NULL_FATAL(strstr(got, phys));
	CU_ASSERT_STRING_EQUAL(strstr(got, phys) + strlen(phys), "\n");
	free(got);
	got = remarks_beside(TRACER, COPIED);
	CU_ASSERT_PTR_NOT_NULL(strstr(got, ", and a copy of what an earlier boot left there\n"));
	free(got);
}

static void test_tells_whose_it_is(void)
{
	struct kernel *k = make(TRACER, "");
	struct merge_error err = { 0 };
	struct merge_source *src;
	char *got;

	CU_ASSERT_EQUAL_FATAL(merge_source_open_vmcore_region(&k->mem, false, &err, &src), 0);
	got = persist_in_remarks(src);
	CU_ASSERT_PTR_EQUAL(strstr(got, "region at 0x10000000, physical 0x10000000, slot 1 of 1, "), got);
	free(got);
	merge_source_close(src);
	kernel_close(k);
}

static const struct test tests[] = {
	{ "a crashed kernel's region and the copy of an earlier one are read", test_reads_it },
	{ "a region that is not there is told with the reason", test_says_why_not },
	{ "a region that is not in the dump is told with its address", test_names_the_address },
	{ "pages of a region that are not in the dump are noted", test_lacks_pages },
	{ "reading a region from a dump can be stopped", test_stops },
	{ "a region takes physical memory, a copy does not", test_wants_physical_memory },
	{ "the kernel's buffers tell of a region", test_buffers_tell_of_it },
	{ "a region in a dump tells whose it is", test_tells_whose_it_is },
	{ NULL, NULL }
};

const struct test_suite suite_region_vmcore = { "region_vmcore", tests };
