// SPDX-License-Identifier: GPL-2.0-or-later
/* The description out of a trace.dat file, against that which it was made from. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "boot.h"
#include "dat-in.h"
#include "tests.h"

static int put_symbol(void *arg, uint64_t addr, char type, const char *name, const char *module)
{
	if (name)
		fprintf(arg, "%" PRIx64 " %c %s %s\n", addr, type, name, module ? module : "-");
	return 0;
}

static int put_printk(void *arg, uint64_t addr, const char *format)
{
	fprintf(arg, "%" PRIx64 " <%s>\n", addr, format);
	return 0;
}

/* Everything that can be walked through, as text */
static char *describe(struct merge_desc *d)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	CU_ASSERT_EQUAL(d->ops->each_symbol(d, put_symbol, out), 0);
	/* a file has them among the others */
	if (d->ops->each_freed)
		CU_ASSERT_EQUAL(d->ops->each_freed(d, put_symbol, out), 0);
	CU_ASSERT_EQUAL(d->ops->each_printk(d, put_printk, out), 0);
	fprintf(out, "%s %s %s %s %u %u\n", d->sysname, d->nodename, d->release, d->machine,
		d->nr_cpu_ids, d->long_size);
	fclose(out);
	return text;
}

static void test_is_that_of_the_boot(void)
{
	struct merge_source *image = dat_image(READABLE);
	char *want = describe(image->desc);

	for (unsigned int version = 6; version <= 7; version++) {
		struct dat_place place;
		struct merge_source *src = dat_in_sunk(&place, version, READABLE);

		CHECK_TEXT(describe(src->desc), want);
		CHECK_TEXT(dat_in_notices(src), "");
		dat_in_close(src, &place);
	}
	CU_ASSERT_PTR_NOT_NULL(strstr(want, "ext4"));
	CU_ASSERT_PTR_NOT_NULL(strstr(want, "<a \"quoted\"\tword>"));
	free(want);
	merge_source_close(image);
}

static void test_has_the_formats(void)
{
	struct dat_place place;
	struct merge_source *src = dat_in_sunk(&place, 7, TWO_BUFFERS);
	struct merge_source *image = dat_image(TWO_BUFFERS);
	const char *system, *format, *want_system, *want;

	CU_ASSERT_EQUAL(desc_format(src->desc, TICK, &system, &format), 0);
	CU_ASSERT_EQUAL(desc_format_prepared(image->desc, TICK, &want_system, &want), 0);
	CU_ASSERT_STRING_EQUAL(system, want_system);
	CU_ASSERT_STRING_EQUAL(format, want);
	CU_ASSERT_EQUAL(desc_format(src->desc, PRINT, &system, &format), 0);
	CU_ASSERT_STRING_EQUAL(system, "ftrace");
	CU_ASSERT_EQUAL(desc_format(src->desc, UNKNOWN, &system, &format), -ENOENT);
	CU_ASSERT_EQUAL(desc_format(src->desc, HEX, &system, &format), -ENOENT);
	merge_source_close(image);
	dat_in_close(src, &place);
}

static void check_syscalls(const char *text, int ret, int of_write)
{
	struct dat_place place;
	struct merge_source *src = dat_in_sunk(&place, 7, text);
	int arg = 7;

	CU_ASSERT_EQUAL(desc_syscall_size(src->desc, NEW_WRITE, &arg), ret);
	CU_ASSERT_EQUAL(arg, of_write);
	dat_in_close(src, &place);
}

static void test_knows_sizes_of_syscalls(void)
{
	char with_write[200], with_read[200];

	snprintf(with_write, sizeof(with_write), "size 4096\nbuffer top\ncpu 0\npage ts=1\n"
		 "event +1 id=%d len=64\nevent +1 id=%d len=40\n", NEW_WRITE, NEW_READ);
	check_syscalls(with_write, 0, 2);
	snprintf(with_read, sizeof(with_read), "size 4096\nbuffer top\ncpu 0\npage ts=1\n"
		 "event +1 id=%d len=40\n", NEW_READ);
	check_syscalls(with_read, -ENOENT, 7);
}

static const struct test tests[] = {
	{ "symbols, printk formats and identity are the boot's", test_is_that_of_the_boot },
	{ "formats of the events in it are there", test_has_the_formats },
	{ "what has the size of a syscall's data is found", test_knows_sizes_of_syscalls },
	{ NULL, NULL }
};
const struct test_suite suite_describe_tracedat = { "describe_tracedat", tests };
