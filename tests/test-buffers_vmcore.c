// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "mkimage.h"
#include "mkkernel.h"
#include "tests.h"

static void print_buffer(FILE *out, const struct merge_buffer *buf)
{
	static const char *const kinds[] = {
		"live", "snapshot", "persistent", "uncommitted", "previous-boot",
	};

	fprintf(out, "%s %s%s%s, %s%s, %u:", buf->name, kinds[buf->kind],
		buf->instance[0] ? " of " : "", buf->instance, buf->clock,
		buf->clock_in_ns ? "" : " (no ns)", buf->subbuf_size);
	for (unsigned int i = 0; i < buf->nr_cpus; i++)
		fprintf(out, " %u(%zu%s)", buf->cpus[i].cpu, buf->cpus[i].nr_subbufs,
			buf->cpus[i].has_counters ? "" : ", uncounted");
	fputc('\n', out);
}

static void print_notices(FILE *out, const struct merge_source *src)
{
	const struct merge_notice *notice;

	for (unsigned int i = 0; (notice = merge_source_notice(src, i)); i++)
		fprintf(out, "# %s\n", notice->text);
}

/* All buffers, notices, or the error */
static char *render(const char *kernel, const char *more, unsigned int interrupt_at)
{
	struct kernel *k = kernel_open(kernel, more);
	struct merge_error err = { 0 };
	struct merge_source *src = NULL;
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int ret;

	k->interrupt_at = interrupt_at;
	ret = merge_source_open_vmcore(&k->mem, &err, &src);
	if (ret)
		fprintf(out, "= %s %s\n", strerrorname_np(-ret), err.text);
	for (unsigned int i = 0; src && i < merge_source_nr_buffers(src); i++)
		print_buffer(out, merge_source_buffer(src, i));
	if (src)
		print_notices(out, src);
	CU_ASSERT_EQUAL(err.code, ret);
	CU_ASSERT_PTR_EQUAL(ret ? src : NULL, NULL);
	merge_source_close(src);
	fclose(out);
	text = kernel_relabel(k, text);
	kernel_close(k);
	return text;
}

struct kernel_row {
	const char *name;
	const char *kernel;
	const char *more;
	const char *want;
};

static void check_rows(const struct kernel_row *rows, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		CHECK_ROW(test_text(render(rows[i].kernel, rows[i].more, 0), rows[i].want),
			  rows[i].name);
}

#define CLOCKS	"clock local\nclock counter ns=0\nclock mono\n"
#define PAGE	"page ts=1\nevent +0\n"
#define TWO	"cpus 2\n" CLOCKS "instance top\ncpu 0\n" PAGE PAGE PAGE "cpu 1 pages=3\n" PAGE PAGE
#define TOP	"top live, local, 4096: 0(3) 1(2)\n"
/* The list has the newest first: c, b, top */
#define THREE	"cpus 1\n" CLOCKS "instance top\ncpu 0\n" PAGE			\
		"instance b clock=1\ncpu 0\n" PAGE PAGE				\
		"instance c clock=2 range=0x100000\ncpu 0 pages=9\n" PAGE PAGE PAGE
#define TOP1	"top live, local, 4096: 0(1)\n"
#define NO_LIST	"alloc l 16\nset l l\nset l+8 l\nsymbol ftrace_trace_arrays l\n"
#define B	"b live of b, counter (no ns), 4096: 0(2)\n"
#define C	"c persistent of c, mono, 4096: 0(3)\n"

static const struct kernel_row found_rows[] = {
	{ "the top-level one", TWO, "", TOP },
	{ "instances, the top-level one first", THREE, "", TOP1 B C },
	{ "an instance that is called top", THREE "snapshot\n",
	  "string other top\nset c:trace_array.name other\n",
	  TOP1 B "instances/top persistent of top, mono, 4096: 0(3)\n"
	  "instances/top/snapshot snapshot of top, mono, 4096:\n"
	  "# buffer instances/top/snapshot: zeros where its table of per-CPU rings should be\n" },
	{ "before persistent instances", "version 601\ncpus 1\n" CLOCKS
	  "instance top clock=2\ncpu 0\n" PAGE, "", "top live, mono, 4096: 0(1)\n" },
	{ "short, big", "version 601\nlong 4\nbig\n" TWO, "", TOP },
	{ "newest, big", "version 700\nbig\n" THREE, "", TOP1 B C },
	{ "short", "long 4\n" THREE, "", TOP1 B C },
	{ "large pages", "pagesize 65536\n" TWO, "", "top live, local, 65536: 0(3) 1(2)\n" },
	{ "CPUs that never came up", "cpus 8\n" CLOCKS "instance top\ncpu 1\n" PAGE "cpu 6\n" PAGE
	  PAGE, "", "top live, local, 4096: 1(1) 6(2)\n" },
	{ "no CPU", "cpus 1\n" CLOCKS "instance top\n", "", "top live, local, 4096:\n"
	  "# buffer top: zeros where its table of per-CPU rings should be\n" },
	{ "no instance", "cpus 1\nalloc l 16\nset l l\nset l+8 l\nsymbol ftrace_trace_arrays l\n",
	  "", "" },
	{ "orders", "cpus 1\n" CLOCKS "instance top order=4\ncpu 0\n" PAGE
	  "instance b order=1\ncpu 0\n" PAGE "instance c order=10\n", "",
	  "top live, local, 65536: 0(1)\nb live of b, local, 8192: 0(1)\n"
	  "c live of c, local, 4194304:\n"
	  "# buffer c: zeros where its table of per-CPU rings should be\n" },
};

static void test_found(void)
{
	check_rows(found_rows, sizeof(found_rows) / sizeof(*found_rows));
}

#define NO_CLOCK "# the clock of the instance at 0xtop is unreadable: time stamps are shown as " \
		"nanoseconds\n"
#define SPARE	"cpus 1\n" CLOCKS "instance top clock=2\ncpu 0\n" PAGE
#define LIVE	"top live, mono, 4096: 0(1)\n"
#define TAKEN	"top/snapshot snapshot, mono, 4096: 0(2)\n"

static const struct kernel_row snapshot_rows[] = {
	{ "max_buffer", SPARE, "snapshot\ncpu 0\n" PAGE PAGE, LIVE TAKEN },
	{ "snapshot_buffer", "version 700\n" SPARE, "snapshot\ncpu 0\n" PAGE PAGE, LIVE TAKEN },
	{ "big", "version 601\nbig\nlong 4\n" SPARE, "snapshot\ncpu 0\n" PAGE PAGE, LIVE TAKEN },
	{ "of an instance", SPARE "instance b\n", "snapshot order=2\ncpu 0\n" PAGE,
	  LIVE "b live of b, local, 4096:\nb/snapshot snapshot of b, local, 16384: 0(1)\n"
	  "# buffer b: zeros where its table of per-CPU rings should be\n" },
	{ "not allocated", SPARE, "snapshot allocated=0\ncpu 0\n" PAGE PAGE, LIVE },
	{ "kernel without snapshots", SPARE, "snapshot\ncpu 0\n" PAGE
	  "without trace_array.max_buffer\nwithout trace_array.allocated_snapshot\n", LIVE },
	{ "no ring in it", SPARE,
	  "snapshot\nset top:trace_array.max_buffer:array_buffer.buffer 0\n",
	  LIVE "# buffer top: its snapshot is unreadable\n" },
	/* the struct goes over a page end; behind array_buffer nothing can be read */
	{ "unreadable", "cpus 1\n" CLOCKS NO_LIST
	  "at 0xffff888000300f38\ninstance top clock=2\nsnapshot\n",
	  "unmap top:trace_array.allocated_snapshot\n",
	  "top live, unknown, 4096:\n"
	  NO_CLOCK
	  "# buffer top: zeros where its table of per-CPU rings should be\n"
	  "# buffer top: its snapshot is unreadable\n" },
};

static void test_snapshots(void)
{
	check_rows(snapshot_rows, sizeof(snapshot_rows) / sizeof(*snapshot_rows));
}

#define WRITE(page)	"set top/" #page ":buffer_page.write 40\n"

static const struct kernel_row written_rows[] = {
	{ "on one CPU", TWO, WRITE(1.p0), TOP "top/uncommitted uncommitted, local, 4096: "
	  "1(1, uncounted)\n" },
	{ "on both, one on its reader page",
	  "cpus 2\n" CLOCKS "instance top clock=1\ncpu 0 pages=2\n" PAGE "cpu 1\n" PAGE PAGE,
	  WRITE(0.reader) WRITE(1.p0), "top live, counter (no ns), 4096: 0(1) 1(2)\n"
	  "top/uncommitted uncommitted, counter (no ns), 4096: 0(1, uncounted) 1(1, uncounted)\n" },
	{ "before the next instance", THREE, "set b/0.p0:buffer_page.write 40\n", TOP1 B
	  "b/uncommitted uncommitted of b, counter (no ns), 4096: 0(1, uncounted)\n" C },
	{ "before the snapshot", SPARE "snapshot\ncpu 0\n" PAGE PAGE, WRITE(0.reader),
	  LIVE "top/uncommitted uncommitted, mono, 4096: 0(1, uncounted)\n" TAKEN },
};

static void test_written(void)
{
	check_rows(written_rows, sizeof(written_rows) / sizeof(*written_rows));
}

#define UNKNOWN	"top live, unknown, 4096: 0(3) 1(2)\n" NO_CLOCK
#define NO_RING(cpu, why) "# buffer top, cpu " cpu ": the ring at 0xtop/" cpu		\
		" is unreadable (" why "): nothing of it can be shown\n"
#define NO_ORDER "# buffer top: subbuf_order is unreadable or out of range: taken as one page\n"

static const struct kernel_row damaged_rows[] = {
	{ "order out of range", TWO, "set top.ring:trace_buffer.subbuf_order 11\n", TOP NO_ORDER },
	{ "order of millions", TWO, "set top.ring:trace_buffer.subbuf_order 0xffffffff\n",
	  TOP NO_ORDER },
	{ "a clock there is not", TWO, "set top:trace_array.clock_id 65\n", UNKNOWN },
	{ "no clocks", TWO, "without trace_clocks\n", UNKNOWN },
	{ "no clock_id", TWO, "without trace_array.clock_id\n", UNKNOWN },
	{ "clocks unreadable", TWO, "unmap trace_clocks\n", UNKNOWN },
	{ "a clock's name unreadable", TWO, "set trace_clocks+8 0\n", UNKNOWN },
	{ "a ring is unreadable", TWO, "unmap top/0\n",
	  "top live, local, 4096: 0(0, uncounted) 1(2)\n"
	  NO_RING("0", "Bad address") },
	{ "a ring is damaged", TWO, "unmap top/0.p1\n",
	  "top live, local, 4096: 0(2) 1(2)\n"
	  "# buffer top, cpu 0: ring at 0xtop/0: the page list is broken: 1 of 2 pages reached; "
	  "no page is flagged as head; the commit page is not on the list\n" },
	{ "no pages", TWO, "set top/1:ring_buffer_per_cpu.nr_pages 0\n",
	  "top live, local, 4096: 0(3) 1(0)\n"
	  NO_RING("1", "Bad message") },
	{ "a kernel without some counter", TWO, "without ring_buffer_per_cpu.dropped_events\n",
	  "top live, local, 4096: 0(3, uncounted) 1(2, uncounted)\n"
	  "# this kernel's debug data has no ring_buffer_per_cpu.dropped_events: the kernel's own counts "
	  "are unknown\n" },
	{ "a kernel without bytes read", TWO, "without ring_buffer_per_cpu.read_bytes\n",
	  "top live, local, 4096: 0(3, uncounted) 1(2, uncounted)\n"
	  "# this kernel's debug data has no ring_buffer_per_cpu.read_bytes: the kernel's own counts "
	  "are unknown\n" },
	{ "the table of rings is unreadable", TWO, "unmap top.cpus\n", "top live, local, 4096:\n"
	  "# buffer top: its table of per-CPU rings is unreadable (Bad address)\n" },
	{ "the trace_buffer is excluded", TWO, "exclude top.ring\n",
	  "top live, local, 4096:\n" NO_ORDER
	  "# buffer top: its table of per-CPU rings is unreadable (No data available)\n" },
	{ "there is no trace_buffer", TWO,
	  "set top:trace_array.array_buffer:array_buffer.buffer 0\n",
	  "# buffer top: its ring is unreadable\n" },
	{ "a name is zeros", "at 0xffff888000100000\n" THREE,
	  "string nothing 0\nzero nothing\nset c:trace_array.name nothing\n",
	  TOP1 B "unreadable-ffff88800012e000 persistent of unreadable-ffff88800012e000, "
	  "mono, 4096: 0(3)\n" },
	{ "a name is unreadable", "at 0xffff888000100000\n" THREE, "set c:trace_array.name 8\n",
	  TOP1 B "unreadable-ffff88800012e000 persistent of unreadable-ffff88800012e000, "
	  "mono, 4096: 0(3)\n" },
};

static void test_damaged(void)
{
	check_rows(damaged_rows, sizeof(damaged_rows) / sizeof(*damaged_rows));
}

#define BROKEN(why) "# the list of trace instances is broken (" why "): it is walked from both " \
		    "ends, some may be missing\n"
#define LIST(x)	#x ":trace_array.list"
#define NOTHING	"# the trace instance at 0xffffffffffffffe8 is unreadable (Bad address)\n"
#define GONE	"# the trace instance at 0xb is unreadable (Bad address)\n"

static const struct kernel_row list_rows[] = {
	{ "prev is wrong in the middle", THREE, "set " LIST(b) "+8 0\n",
	  TOP1 B C NOTHING BROKEN("Bad address") },
	{ "prev runs in a circle", THREE, "set " LIST(b) "+8 " LIST(top) "\n",
	  TOP1 B C BROKEN("Too many levels of symbolic links") },
	{ "both are wrong in the middle", THREE, "set " LIST(b) "+8 0\nset " LIST(c) " 0\n",
	  TOP1 B C NOTHING BROKEN("Bad address") },
	{ "an instance is unreadable", THREE, "unmap b\n", TOP1 C GONE BROKEN("Bad address") },
	{ "next is wrong, which nobody looks at", THREE, "set " LIST(b) " 0\n", TOP1 B C },
	{ "the head is unreadable", THREE, "unmap ftrace_trace_arrays\n",
	  "= ENODATA the list of trace instances at 0xftrace_trace_arrays is unreadable "
	  "(Bad address)\n" },
};

static void test_lists(void)
{
	check_rows(list_rows, sizeof(list_rows) / sizeof(*list_rows));
}

#define NO_CPUS	"= ENODATA nr_cpu_ids is unreadable or out of range\n"
#define NO_MEMBER(name) "= ENODATA this kernel's debug data has no " name		\
			": is it built with CONFIG_TRACING?\n"

static const struct kernel_row hopeless_rows[] = {
	{ "no ftrace", TWO, "without ftrace_trace_arrays\n",
	  "= ENODATA this kernel has no ftrace_trace_arrays: it is built without ftrace\n" },
	{ "no type", TWO, "without trace_array.list\n",
	  NO_MEMBER("trace_array.list") },
	{ "no member", TWO, "without buffer_page.read\n",
	  NO_MEMBER("buffer_page.read") },
	{ "no number of CPUs", TWO, "without nr_cpu_ids\n",
	  NO_CPUS },
	{ "number of CPUs unreadable", TWO, "unmap nr_cpu_ids\n",
	  NO_CPUS },
	{ "no CPUs", TWO, "cpus 0\n", NO_CPUS },
	{ "too many CPUs", TWO, "cpus 8193\n", NO_CPUS },
};

static void test_hopeless(void)
{
	check_rows(hopeless_rows, sizeof(hopeless_rows) / sizeof(*hopeless_rows));
}

static void test_counters(void)
{
	struct kernel *k = kernel_open("cpus 1\n" CLOCKS "instance top\n"
				       "cpu 0 entries=100 overrun=20 commit_overrun=3 dropped=4 "
				       "read=30 entries_bytes=5000 read_bytes=1000\n" PAGE, NULL);
	const struct merge_counters *counters;
	struct merge_error err = { 0 };
	struct merge_source *src;

	CU_ASSERT_EQUAL_FATAL(merge_source_open_vmcore(&k->mem, &err, &src), 0);
	counters = &src->buffers[0].cpus[0].counters;
	CU_ASSERT_TRUE(src->buffers[0].cpus[0].has_counters);
	CU_ASSERT_EQUAL(counters->entries, 50);
	CU_ASSERT_EQUAL(counters->overrun, 20);
	CU_ASSERT_EQUAL(counters->commit_overrun, 3);
	CU_ASSERT_EQUAL(counters->dropped, 4);
	CU_ASSERT_EQUAL(counters->read, 30);
	CU_ASSERT_EQUAL(counters->bytes, 4000);
	CU_ASSERT_EQUAL(src->desc->nr_cpu_ids, 1);
	merge_source_close(src);
	kernel_close(k);
}

static void test_interrupt(void)
{
	CHECK_TEXT(render(THREE, "", 2), "= EINTR interrupted\n");
	CHECK_TEXT(render(THREE, "set " LIST(b) "+8 0\n", 4), "= EINTR interrupted\n");
}

static const struct test tests[] = {
	{ "buffers of all instances are found, with their CPUs", test_found },
	{ "a snapshot is a buffer when it is allocated", test_snapshots },
	{ "what was being written is a buffer of its own", test_written },
	{ "what is unreadable is noted, the rest is there", test_damaged },
	{ "a broken list of instances is walked from both ends", test_lists },
	{ "a kernel that cannot be read is refused with the reason", test_hopeless },
	{ "counters are those of per_cpu stats", test_counters },
	{ "opening can be interrupted", test_interrupt },
	{ NULL, NULL }
};

const struct test_suite suite_buffers_vmcore = { "buffers_vmcore", tests };
