// SPDX-License-Identifier: GPL-2.0-or-later
/* The kernel's files of pstore as a source. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ramoops-in.h"
#include "source.h"
#include "tests.h"

#define CALL(cpu, ts, ip) "CPU:" cpu " ts:" ts " ffffffff810000" ip "  ffffffff81000200  f <- g+0x1/0x2\n"
#define CALLS	CALL("0", "0", "00") CALL("1", "1", "10") CALL("0", "2", "20") CALL("1", "3", "30")	\
		CALL("0", "4", "40") CALL("1", "5", "50")

/* A directory with files, "NAME" then its text, up to NULL */
static void make(char dir[40], const char *const *files)
{
	strcpy(dir, "/tmp/test-pstore-XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
	for (; *files; files += 2) {
		char path[100];
		FILE *out;

		snprintf(path, sizeof(path), "%s/%s", dir, files[0]);
		out = fopen(path, "w");
		CU_ASSERT_PTR_NOT_NULL_FATAL(out);
		fputs(files[1], out);
		fclose(out);
	}
}

static void drop(const char *dir)
{
	char command[100];

	snprintf(command, sizeof(command), "rm -r %s", dir);
	CU_ASSERT_EQUAL(system(command), 0);
}

/* What is in the directory of @files, or its file @name, or the code; then it is removed */
static char *render(const char *const *files, const char *name, const char *type)
{
	struct merge_error err = { 0 };
	struct merge_source *src;
	char dir[40], path[100], *text;
	int ret;

	make(dir, files);
	snprintf(path, sizeof(path), "%s%s%s", dir, name ? "/" : "", name ? name : "");
	ret = merge_source_open(path, type, &err, &src);
	text = ret ? strdup(strerrorname_np(-ret)) : ramoops_in_all(src);
	drop(dir);
	return text;
}

static const char *const all[] = {
	"dmesg-ramoops-0", "Panic#1 Part1\nit ends\n", "console-ramoops-0", "hello\n",
	"pmsg-ramoops-0", "a message\n", "dmesg-efi-17", "of firmware\n", "ftrace-ramoops-0", CALLS,
	"manifest.json", "{}\n", "dmesg-", "of no backend\n", NULL
};

#define TEXTS	"console-ramoops-0: hello\ndmesg-efi-17: of firmware\n"	\
		"dmesg-ramoops-0: Panic#1 Part1\nit ends\npmsg-ramoops-0: a message\n"

static void test_reads_files(void)
{
	CHECK_TEXT(render(all, NULL, NULL), TEXTS RAMOOPS_SMALL_EVENTS);
	CHECK_TEXT(render(all, NULL, "pstore"), TEXTS RAMOOPS_SMALL_EVENTS);
	CHECK_TEXT(render(all, "ftrace-ramoops-0", NULL), RAMOOPS_SMALL_EVENTS);
}

/* One file for each CPU, as some kernels have them */
static void test_joins_files(void)
{
	static const char *const files[] = {
		"ftrace-ramoops-0", CALL("0", "0", "00") CALL("0", "2", "20") CALL("0", "4", "40"),
		"ftrace-ramoops-1", CALL("1", "1", "10") CALL("1", "3", "30") CALL("1", "5", "50"),
		NULL
	};

	CHECK_TEXT(render(files, NULL, NULL), RAMOOPS_SMALL_EVENTS);
}

static void test_tells_what_is_left_out(void)
{
	static const char *const files[] = {
		"ftrace-ramoops-0", CALL("0", "0", "00") "junk\n", "dmesg-ramoops-0.enc.z", "???", NULL
	};

	CHECK_TEXT(render(files, NULL, NULL),
		   "ftrace/0 0 2164260864\n"
		   "# dmesg-ramoops-0.enc.z is compressed in a way that the kernel which runs does not know: it is left out\n"
		   "# ftrace-ramoops-0: 1 lines are no records of functions\n");
}

static void test_refuses_others(void)
{
	static const char *const nothing[] = { "trace-ramoops-0", "x", "notes", "y", NULL };
	static const char *const calls[] = { "other", CALLS, "ftrace-x", "junk\n", NULL };

	CHECK_TEXT(render(nothing, NULL, NULL), "EOPNOTSUPP");
	CHECK_TEXT(render(calls, "other", NULL), "EOPNOTSUPP");
	CHECK_TEXT(render(calls, "ftrace-x", NULL), "EOPNOTSUPP");
	CHECK_TEXT(render(calls, "missing", "pstore"), "ENOENT");
}

static void test_points_to_the_region(void)
{
	static const char *const files[] = { "trace-ramoops-0", "x", "pmsg-ramoops-0", "y\n", NULL };
	struct merge_error err = { 0 };
	struct merge_source *src;
	char dir[40];

	make(dir, files);
	CU_ASSERT_EQUAL_FATAL(merge_source_open(dir, NULL, &err, &src), 0);
	CU_ASSERT_STRING_EQUAL(merge_source_remark(src, 1),
			       "trace-ramoops-0 is what the tracer pstore left: give that file for it");
	CU_ASSERT_PTR_NULL(merge_source_notice(src, 0));
	merge_source_close(src);
	drop(dir);
}

static void test_unreadable(void)
{
	static const char *const files[] = { "pmsg-ramoops-0", "y\n", NULL };
	struct merge_error err = { 0 };
	struct merge_source *src;
	char dir[40], path[100];

	make(dir, files);
	snprintf(path, sizeof(path), "%s/dmesg-ramoops-0", dir);
	CU_ASSERT_EQUAL_FATAL(symlink("/etc/passwd", path), 0);
	CU_ASSERT_EQUAL_FATAL(merge_source_open(dir, NULL, &err, &src), 0);
	CHECK_TEXT(ramoops_in_all(src), "pmsg-ramoops-0: y\n"
		   "# dmesg-ramoops-0 cannot be read (a symbolic link): it is left out\n");
	drop(dir);
}

static const struct test tests[] = {
	{ "files of pstore are texts and functions", test_reads_files },
	{ "several files of functions are one trace", test_joins_files },
	{ "what is left out of pstore's files is told", test_tells_what_is_left_out },
	{ "other directories and files are no source of this kind", test_refuses_others },
	{ "beside the tracer's region: that is a file to give by itself", test_points_to_the_region },
	{ "a file of pstore that cannot be read costs only itself", test_unreadable },
	{ NULL, NULL }
};

const struct test_suite suite_src_pstore = { "src_pstore", tests };
