// SPDX-License-Identifier: GPL-2.0-or-later
/* The kernel's own lines of functions as records. */
#include <stdlib.h>
#include <string.h>

#include "ramoops_lines.h"
#include "tests.h"

#define CALL(cpu, ts) "CPU:" cpu " ts:" ts " ffffffff81000050  ffffffff81000200  vfs_read <- ksys_read+0x6b/0xe0\n"

/* As "BOOT CPU TS IP PARENT" in the order of lists, then what was not taken */
static char *render(const char *text)
{
	struct ramoops_ftrace f = { 0 };
	uint64_t nr_other;
	char *all = NULL;
	size_t size;
	FILE *out = open_memstream(&all, &size);

	CU_ASSERT_EQUAL_FATAL(ramoops_lines_take(&f, text, &nr_other), 0);
	CU_ASSERT_EQUAL_FATAL(ramoops_lines_finish(&f), 0);
	for (size_t l = 0; l < f.nr_lists; l++)
		for (size_t i = 0; i < f.lists[l].nr; i++) {
			const struct ramoops_record *r = &f.records[f.lists[l].first + i];

			fprintf(out, "%u %u %llu %llx %llx\n", f.lists[l].boot, f.lists[l].cpu,
				(unsigned long long)r->ts, (unsigned long long)r->ip,
				(unsigned long long)r->parent_ip);
		}
	fprintf(out, "%u bytes, %llu others\n", f.long_size, (unsigned long long)nr_other);
	fclose(out);
	ramoops_ftrace_deinit(&f);
	return all;
}

static void test_takes_records(void)
{
	CHECK_TEXT(render(CALL("0", "1") CALL("1", "2") CALL("0", "3")),
		   "0 0 1 ffffffff81000050 ffffffff81000200\n0 0 3 ffffffff81000050 ffffffff81000200\n"
		   "0 1 2 ffffffff81000050 ffffffff81000200\n8 bytes, 0 others\n");
	CHECK_TEXT(render("CPU:300 ts:72057594037927935 c0001000  c0002000  a <- b [mod]\n"),
		   "0 300 72057594037927935 c0001000 c0002000\n4 bytes, 0 others\n");
	CHECK_TEXT(render(""), "4 bytes, 0 others\n");
}

/* The file is in the order of the counter: of each CPU it falls where a boot begins */
static void test_keeps_boots_apart(void)
{
	CHECK_TEXT(render(CALL("0", "5000") CALL("1", "5001") CALL("0", "1") CALL("1", "2")),
		   "0 0 1 ffffffff81000050 ffffffff81000200\n0 1 2 ffffffff81000050 ffffffff81000200\n"
		   "1 0 5000 ffffffff81000050 ffffffff81000200\n"
		   "1 1 5001 ffffffff81000050 ffffffff81000200\n8 bytes, 0 others\n");
}

static void test_counts_other_lines(void)
{
	static const char *const rows[] = {
		"\n", "No errors detected\n", "CPU:0 ts:1 ffffffff81000050\n",
		"CPU:0 ts:1 ffffffff81000050  ffffffff81000200\n",
		"CPU: ts:1 ffffffff81000050  ffffffff81000200  a <- b\n",
		"CPU:99999 ts:1 ffffffff81000050  ffffffff81000200  a <- b\n",
		"CPU:-1 ts:1 ffffffff81000050  ffffffff81000200  a <- b\n",
		"CPU:0 ts:99999999999999999999999 ffffffff81000050  ffffffff81000200  a <- b\n",
		"CPU:0 ts:99999999999999999999 ffffffff81000050  ffffffff81000200  a <- b\n",
		"CPU:0 ts:1 1ffffffff81000050  ffffffff81000200  a <- b\n",
		"CPU:0 ts:1 0xfffffff81000050  ffffffff81000200  a <- b\n",
		/* the end of the file is not that of the line */
		"CPU:0 ts:1 ffffffff81000050  ffffffff81000200  a <- b",
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char *got = render(rows[i]);

		CHECK_ROW(!strcmp(got, "4 bytes, 1 others\n"), rows[i]);
		free(got);
	}
	CHECK_TEXT(render("x\n" CALL("0", "1") "x\n"),
		   "0 0 1 ffffffff81000050 ffffffff81000200\n8 bytes, 2 others\n");
}

static void test_probes(void)
{
	const char *line = CALL("0", "1");

	CU_ASSERT(ramoops_lines_probe(line, 64));
	CU_ASSERT(ramoops_lines_probe(line, strlen(line)));
	CU_ASSERT_FALSE(ramoops_lines_probe(line, 40));
	CU_ASSERT_FALSE(ramoops_lines_probe("", 0));
	CU_ASSERT_FALSE(ramoops_lines_probe("CPU:0 [LOST 7 EVENTS]\n", 22));
}

static const struct test tests[] = {
	{ "the kernel's lines of functions are records", test_takes_records },
	{ "records of lines are kept apart by boots, on each CPU", test_keeps_boots_apart },
	{ "lines that are no records are counted", test_counts_other_lines },
	{ "the first bytes tell lines of functions", test_probes },
	{ NULL, NULL }
};

const struct test_suite suite_ramoops_lines = { "ramoops_lines", tests };
