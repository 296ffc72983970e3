// SPDX-License-Identifier: GPL-2.0-or-later
/* Lines that a kernel shows of itself, and lines that are none. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "desc_lines.h"
#include "tests.h"

static int put_symbol(void *out, uint64_t addr, char type, const char *name, const char *module)
{
	fprintf(out, "%" PRIx64 " %c %s %s\n", addr, type, name, module ? module : "-");
	return 0;
}

static int put_comm(void *out, int pid, const char *comm)
{
	fprintf(out, "%d <%s>\n", pid, comm);
	return 0;
}

static int put_printk(void *out, uint64_t addr, const char *format)
{
	fprintf(out, "%" PRIx64 " <%s>\n", addr, format);
	return 0;
}

static void test_takes_symbols(void)
{
	char text[] = "ffffffff81000000 T _stext\nnonsense\n\nffffffff81000010\n"
		      "ffffffffc0000000 t read\t[ext4]\n12 T \nff T a\tb\n";
	struct desc_symbol_walk w = { put_symbol, NULL, false };
	char *got = NULL;
	size_t size;

	w.arg = open_memstream(&got, &size);
	CU_ASSERT_EQUAL(desc_each_line(text, desc_take_symbol, &w), 0);
	fclose(w.arg);
	CHECK_TEXT(got, "ffffffff81000000 T _stext -\nffffffffc0000000 t read ext4\nff T a b\n");
	CU_ASSERT_TRUE(w.has_address);
}

static void test_sees_that_there_are_no_addresses(void)
{
	char text[] = "0000000000000000 T _stext\n0000000000000000 t read\t[ext4]\n";
	struct desc_symbol_walk w = { put_symbol, NULL, false };
	char *got = NULL;
	size_t size;

	w.arg = open_memstream(&got, &size);
	CU_ASSERT_EQUAL(desc_each_line(text, desc_take_symbol, &w), 0);
	fclose(w.arg);
	free(got);
	CU_ASSERT_FALSE(w.has_address);
}

static void test_takes_names(void)
{
	char text[] = "1 systemd\n7 two words\n8 <...>\nnonsense\n9\n10 \n11 x";
	struct desc_comm_walk w = { put_comm, NULL };
	char *got = NULL;
	size_t size;

	w.arg = open_memstream(&got, &size);
	CU_ASSERT_EQUAL(desc_each_line(text, desc_take_comm, &w), 0);
	fclose(w.arg);
	CHECK_TEXT(got, "1 <systemd>\n7 <two words>\n11 <x>\n");
}

static void test_takes_printk_formats(void)
{
	char text[] = "0xff00 : \"n=%d\\n\"\n0x10 : \"a \\\"b\\\"\\t\\\\\"\n0x20 : \"\"\n0x30 : \"cut";
	struct desc_printk_walk w = { put_printk, NULL };
	char *got = NULL;
	size_t size;

	w.arg = open_memstream(&got, &size);
	CU_ASSERT_EQUAL(desc_each_line(text, desc_take_printk, &w), 0);
	fclose(w.arg);
	CHECK_TEXT(got, "ff00 <n=%d\n>\n10 <a \"b\"\t\\>\n20 <>\n");
}

static int stop_at_two(void *arg, char *line)
{
	++*(int *)arg;
	return strcmp(line, "two") ? 0 : -7;
}

static void test_ends_where_it_is_told_to(void)
{
	char text[] = "one\ntwo\nthree\n";
	int lines = 0;

	CU_ASSERT_EQUAL(desc_each_line(text, stop_at_two, &lines), -7);
	CU_ASSERT_EQUAL(lines, 2);
}

static void test_takes_the_name_of_the_kernel(void)
{
	struct merge_desc d = { 0 };

	desc_take_uname(&d, "Linux host 6.12.0 x86_64\n");
	CU_ASSERT_STRING_EQUAL(d.sysname, "Linux");
	CU_ASSERT_STRING_EQUAL(d.nodename, "host");
	CU_ASSERT_STRING_EQUAL(d.release, "6.12.0");
	CU_ASSERT_STRING_EQUAL(d.machine, "x86_64");
	desc_take_uname(&d, "");
	CU_ASSERT_STRING_EQUAL(d.machine, "x86_64");
}

static const struct test tests[] = {
	{ "symbols are taken, other lines are not", test_takes_symbols },
	{ "zeros are no addresses", test_sees_that_there_are_no_addresses },
	{ "names of tasks are taken, what stands for none is not", test_takes_names },
	{ "printk formats are as the kernel has them", test_takes_printk_formats },
	{ "a walk ends where it is told to", test_ends_where_it_is_told_to },
	{ "a line of uname is taken apart", test_takes_the_name_of_the_kernel },
	{ NULL, NULL }
};
const struct test_suite suite_desc_lines = { "desc_lines", tests };
