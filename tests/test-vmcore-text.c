// SPDX-License-Identifier: GPL-2.0-or-later
/* From a crashed kernel's memory to lines of text: all of the library at once. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mkkernel.h"
#include "tests.h"

/* @text without the head lines, which are the sink's own matter: events and damage */
static char *strip(char *text)
{
	char *to = text, *line, *rest = text;

	while ((line = strsep(&rest, "\n"))) {
		if (!*line || (*line == '#' && strncmp(line, "# damaged", 9) && line[1] != '#'))
			continue;
		memmove(to, line, strlen(line) + 1);
		to += strlen(to);
		*to++ = '\n';
	}
	*to = 0;
	return text;
}

static char *render(const char *kernel, const char *more, int want)
{
	struct kernel *k = kernel_open(kernel, more);
	struct merge_error err = { 0 };
	struct merge_source *src;
	struct merge_sink *sink;
	const struct merge_notice *notice;
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	CU_ASSERT_EQUAL_FATAL(merge_source_open_vmcore(&k->mem, &err, &src), 0);
	CU_ASSERT_EQUAL_FATAL(merge_sink_text_create(out, &err, &sink), 0);
	CU_ASSERT_EQUAL(merge_pump_events(src, NULL, sink, NULL, &err, NULL), want);
	merge_sink_destroy(sink);
	for (unsigned int i = 0; (notice = merge_source_notice(src, i)); i++)
		fprintf(out, "## %s\n", notice->text);
	merge_source_close(src);
	fclose(out);
	text = kernel_relabel(k, strip(text));
	kernel_close(k);
	return text;
}

#define HEAD	"cpus 4\nclock local\nclock counter ns=0\n"				\
		"uts sysname Linux\nuts release 6.12.1-test\n"				\
		"comms 8\ncomm 5 other\ncomm 900 kworker/0:1\ncomm 21 a task\n"		\
		"tasks\ntask 1 init\n"							\
		"common\nfield 0 2 0 0 unsigned short common_type\n"			\
		"field 2 1 0 0 unsigned char common_flags\n"				\
		"field 3 1 0 0 unsigned char common_preempt_count\n"			\
		"field 4 4 1 0 int common_pid\n"						\
		"call sched_wake id=30 system=sched tracepoint\n"			\
		"field 8 16 0 16 char[TASK_COMM_LEN] comm\nfield 24 4 1 0 int prio\n"	\
		"print \"comm=%s prio=%d\", REC->comm, REC->prio\n"

/* A 64-bit little endian kernel of version 612 */
#define NEW	HEAD "call sys_enter_close id=77 system=syscalls syscall\n"		\
		"field 8 4 1 0 int __syscall_nr\nfield 16 8 0 0 unsigned int fd\n"	\
		"print \"fd: 0x%08lx\", ((unsigned long)(REC->fd))\n"			\
		"call bprint id=6 system=ftrace\nfield 8 8 0 0 unsigned long ip\n"	\
		"field 16 8 0 0 const char * fmt\nfield 24 0 0 0 u32 buf[]\n"		\
		"print \"%ps: %s\", (void *)REC->ip, REC->fmt\n"			\
		"kallsyms base\nksym T _stext 0xffffffff81000000\n"			\
		"ksym t mark_it 0xffffffff81000200\nksym t mark_next 0xffffffff81000300\n"	\
		"ksym B _end 0xffffffff82000000\n"					\
		"printk never used\nat 0xffff888000a00000\nprintk n=%d\n"
#define WAKE1	"head type=7 delta=10\nraw "						\
		"1e0000000500000062617368000000000000000000000000feffffff\n"
#define WAKE2	"head type=7 delta=1000000\nraw "					\
		"1e000000840300006b776f726b65722f303a31000000000078000000\n"
#define CLOSE	"head type=6 delta=2500\nraw "						\
		"4d0000001500000003000000000000000700000000000000\n"
#define BPRINT	"head type=7 delta=500\nraw "						\
		"060001021500000004020081ffffffff0000a0008088ffff2a000000\n"
#define NOBODY	"head type=3 delta=3\nraw f40100000100000001020304\n"

#define BUFFERS	"instance top\ncpu 3 at=1\npage ts=5000000000\n" WAKE1 "page ts=5002000000\n"	\
		BPRINT NOBODY "page ts=5003000000\n" WAKE2				\
		"cpu 0\npage ts=5000000500 start=32\n" WAKE1 CLOSE			\
		"instance b clock=1\ncpu 1\npage ts=100\n" WAKE1

#define TEXT1									\
	"           <...>-5       [003] .....     5.000000: sched_wake: comm=bash prio=-2\n"	\
	"          a task-21      [000] .....     5.000003: sys_close(fd: 7)\n"	\
	"          a task-21      [003] d..2.     5.002001: mark_it: n=42\n"	\
	"            init-1       [003] .....     5.002001: Unknown type 500 f4 01 00 00 "	\
	"01 00 00 00 01 02 03 04\n"						\
	"     kworker/0:1-900     [003] .....     5.004000: sched_wake: "	\
	"comm=kworker/0:1 prio=120\n"						\
	"           <...>-5       [001] .....          110: sched_wake: comm=bash prio=-2\n"

static void test_little(void)
{
	CHECK_TEXT(render(NEW BUFFERS, "", 0), TEXT1);
}

/* The same in big endian, 32 bits, as 6.1 has it */
#define OLD	"version 601\nlong 4\nbig\n" HEAD						\
		"call sys_enter_close id=77 system=syscalls syscall\n"			\
		"field 8 4 1 0 int __syscall_nr\nfield 12 4 0 0 unsigned int fd\n"	\
		"print \"fd: 0x%08lx\", ((unsigned long)(REC->fd))\n"			\
		"call bprint id=6 system=ftrace\nfield 8 4 0 0 unsigned long ip\n"	\
		"field 12 4 0 0 const char * fmt\nfield 16 0 0 0 u32 buf[]\n"		\
		"print \"%ps: %s\", (void *)REC->ip, REC->fmt\n"			\
		"kallsyms percpu\nksym T _stext 0xc1000000\n"				\
		"ksym t mark_it 0xc1000200\nksym t mark_next 0xc1000300\n"		\
		"ksym B _end 0xc2000000\n"						\
		"printk never used\nat 0xc0a00000\nprintk n=%d\n"
#define OLD_BUFFERS "instance top\ncpu 3 at=1\npage ts=5000000000\nhead type=7 delta=10\nraw "	\
		"001e00000000000562617368000000000000000000000000fffffffe\n"		\
		"page ts=5002000000\nhead type=5 delta=500\n"				\
		"raw 0006010200000015c1000204c0a000000000002a\n"				\
		"head type=3 delta=3\nraw 01f400000000000101020304\n"			\
		"page ts=5003000000\nhead type=7 delta=1000000\n"			\
		"raw 001e0000000003846b776f726b65722f303a31000000000000000078\n"		\
		"cpu 0\npage ts=5000000510 start=0\nhead type=4 delta=2500\n"		\
		"raw 004d0000000000150000000300000007\n"

#define TEXT2									\
	"           <...>-5       [003] .....     5.000000: sched_wake: comm=bash prio=-2\n"	\
	"          a task-21      [000] .....     5.000003: sys_close(fd: 7)\n"	\
	"          a task-21      [003] d..2.     5.002001: mark_it: n=42\n"	\
	"            init-1       [003] .....     5.002001: Unknown type 500 01 f4 00 00 "	\
	"00 00 00 01 01 02 03 04\n"						\
	"     kworker/0:1-900     [003] .....     5.004000: sched_wake: comm=kworker/0:1 prio=120\n"

static void test_big(void)
{
	CHECK_TEXT(render(OLD OLD_BUFFERS, "", 0), TEXT2);
}

/* Without a page, command names, symbols, the format of the syscall, a ring */
#define TEXT3									\
	"           <...>-5       [003] .....     5.000000: sched_wake: comm=bash prio=-2\n"	\
	"           <...>-21      [000] .....     5.000003: Unknown type 77 4d 00 00 00 "	\
	"15 00 00 00 03 00 00 00 00 00 00 00 07 00 00 00 00 00 00 00\n"		\
	"           <...>-21      [003] d..2.     5.002001: 0xffffffff81000204: n=42\n"	\
	"            init-1       [003] .....     5.002001: Unknown type 500 f4 01 00 00 "	\
	"01 00 00 00 01 02 03 04\n"						\
	"# damaged: buffer top cpu 3 sub-buffer 2 offset 0 address 0xtop/3.d0: "	\
	"page excluded from the dump\n"						\
	"## buffer b, cpu 1: the ring at 0xb/1 is unreadable (Bad address): "	\
	"nothing of it can be shown\n"						\
	"## the saved command names are unreadable (Bad address): names are those in the "	\
	"trace and of living tasks\n"						\
	"## the format of event 77 at 0xsys_enter_close is unreadable "		\
	"(Operation not supported): its fields are shown as bytes\n"		\
	"## the kernel's kallsyms tables are unreadable or absent: addresses stay numbers\n"

static void test_damaged(void)
{
	CHECK_TEXT(render(NEW BUFFERS, "exclude top/3.d0\nunmap saved\nunmap kallsyms_names\n"
			  "without syscall_get_enter_fields\nunmap b/1\n", 1), TEXT3);
}

static const struct test tests[] = {
	{ "a 64-bit little endian kernel", test_little },
	{ "a 32-bit big endian kernel with older structs", test_big },
	{ "with much of it damaged", test_damaged },
	{ NULL, NULL }
};

const struct test_suite suite_vmcore_text = { "vmcore_text", tests };
