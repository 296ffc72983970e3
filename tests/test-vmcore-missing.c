// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any member of the table may be gone from the next kernel: then either it does
 * not matter, or what is missing is said.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mkkernel.h"
#include "tests.h"

static const struct member {
	const char *name;
} members[] = {
#define X(id, type, member) { #type "." #member },
	VMCORE_MEMBERS(X)
#undef X
};

#define KERNEL	"cpus 2\nclock local\nuts sysname Linux\nuts release 6.12.1-test\n"	\
		"comms 8\ncomm 21 a task\ntasks\ntask 1 init\n"				\
		"common\nfield 0 2 0 0 unsigned short common_type\n"			\
		"field 2 1 0 0 unsigned char common_flags\n"				\
		"field 3 1 0 0 unsigned char common_preempt_count\n"			\
		"field 4 4 1 0 int common_pid\n"						\
		"call sched_wake id=30 system=sched tracepoint\n"			\
		"field 8 16 0 16 char[TASK_COMM_LEN] comm\nfield 24 4 1 0 int prio\n"	\
		"print \"comm=%s prio=%d\", REC->comm, REC->prio\n"			\
		"call sys_enter_close id=77 system=syscalls syscall\n"			\
		"field 8 4 1 0 int __syscall_nr\nfield 16 8 0 0 unsigned int fd\n"	\
		"print \"fd: 0x%08lx\", ((unsigned long)(REC->fd))\n"			\
		"call function id=1 system=ftrace\nfield 8 8 0 0 unsigned long ip\n"	\
		"field 16 8 0 0 unsigned long parent_ip\n"				\
		"print \" %ps <-- %ps\", (void *)REC->ip, (void *)REC->parent_ip\n"	\
		"kallsyms base\nksym T _stext 0xffffffff81000000\n"			\
		"ksym t mark_it 0xffffffff81000200\nksym t mark_next 0xffffffff81000300\n"	\
		"ksym B _end 0xffffffff82000000\n"					\
		"module ext4\nmsym t ext4_read 0xffffffffc0201000\n"			\
		"freed ext4_init 0xffffffffc0301000\n"					\
		"printk never used\nat 0xffff888000a00000\n"				\
		"printk n=%d\n"
#define WAKE	"head type=7 delta=10\nraw "						\
		"1e0000001500000062617368000000000000000000000000feffffff\n"
#define CLOSE	"head type=6 delta=2500\nraw "						\
		"4d0000000100000003000000000000000700000000000000\n"
/* mark_it, from 0xffffffffc0201010 of a module */
#define CALLED	"head type=6 delta=5\nraw "						\
		"010000000100000004020081ffffffff101020c0ffffffff\n"
#define RINGS	"instance top\ncpu 0\npage ts=4000\n" WAKE "snapshot allocated=1\ncpu 0\npage ts=9000\n" WAKE		\
		"instance b\ncpu 0\npage ts=5000\n" WAKE "page ts=6000\n" CLOSE		\
		"cpu 1\npage ts=5500\n" WAKE CALLED

static char *render(const char *more, int *status)
{
	struct kernel *k = kernel_open(KERNEL RINGS, more);
	struct merge_error err = { 0 };
	struct merge_source *src = NULL;
	struct merge_sink *sink;
	const struct merge_notice *notice;
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	*status = merge_source_open_vmcore(&k->mem, &err, &src);
	if (!*status) {
		CU_ASSERT_EQUAL_FATAL(merge_sink_text_create(out, &err, &sink), 0);
		*status = merge_pump_events(src, NULL, sink, NULL, &err, NULL);
		merge_sink_destroy(sink);
	}
	if (*status < 0)
		fprintf(out, "= %s\n", err.text);
	for (unsigned int i = 0; src && (notice = merge_source_notice(src, i)); i++)
		fprintf(out, "## %s\n", notice->text);
	merge_source_close(src);
	fclose(out);
	text = kernel_relabel(k, text);
	kernel_close(k);
	return text;
}

static bool is_told(const char *text)
{
	return strstr(text, "\n## ") || !strncmp(text, "= ", 2);
}

static void check_without(const struct member *member, const char *wanted)
{
	char more[100], *got;
	int status;

	snprintf(more, sizeof(more), "without %s\n", member->name);
	got = render(more, &status);
	CU_ASSERT_FALSE(!strcmp(got, wanted) && status);
	if (strcmp(got, wanted) && (!is_told(got) || !status)) {
		fprintf(stderr, "without %s, status %d:\n%s", member->name, status, got);
		CU_FAIL("something is missing, and nothing says so");
	}
	free(got);
}

static void test_each(void)
{
	int whole;
	char *wanted = render("", &whole);

	CU_ASSERT_EQUAL(whole, 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(wanted, " mark_it <-ext4_read\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(wanted, "\n# events: 6, "));
	CU_ASSERT_FALSE(is_told(wanted));
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
		check_without(&members[i], wanted);
	free(wanted);
}

/* What pstore_rb cannot do without is named. */
static void test_essential(void)
{
	int status;

	CHECK_TEXT(render("without buffer_page.page\n", &status),
		   "= this kernel's debug data has no buffer_page.page: is it built with CONFIG_TRACING?\n");
	CU_ASSERT_EQUAL(status, -ENODATA);
}

static const struct test tests[] = {
	{ "a member that is gone does not matter, or is told of", test_each },
	{ "a member that all depends on is named", test_essential },
	{ NULL, NULL }
};

const struct test_suite suite_vmcore_missing = { "vmcore_missing", tests };
