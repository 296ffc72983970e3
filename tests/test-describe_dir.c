// SPDX-License-Identifier: GPL-2.0-or-later
/* The description out of a copied tracefs, against that which it was made from. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "boot.h"
#include "dat-in.h"
#include "pages-in.h"
#include "tests.h"

#define EMPTY	"size 4096\nbuffer top clock=local\ncpu 0\npage ts=1\nevent +1 id=118\n"
#define TICK_FORMAT	"events/test/tick/format"

static int put_symbol(void *arg, uint64_t addr, char type, const char *name, const char *module)
{
	if (name)
		fprintf(arg, "%" PRIx64 " %c %s %s\n", addr, type, name, module ? module : "-");
	return 0;
}

static int put_comm(void *arg, int pid, const char *comm)
{
	const char *newline = strchr(comm, '\n');

	/* a line cannot hold these as they are */
	if (newline)
		fprintf(arg, "%d <%.*s?%s>\n", pid, (int)(newline - comm), comm, newline + 1);
	else if (*comm)
		fprintf(arg, "%d <%s>\n", pid, comm);
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
	/* kallsyms has them among the others */
	if (d->ops->each_freed)
		CU_ASSERT_EQUAL(d->ops->each_freed(d, put_symbol, out), 0);
	CU_ASSERT_EQUAL(d->ops->each_comm(d, put_comm, out), 0);
	CU_ASSERT_EQUAL(d->ops->each_task(d, put_comm, out), 0);
	CU_ASSERT_EQUAL(d->ops->each_printk(d, put_printk, out), 0);
	fprintf(out, "%s %s %s %s %u %u\n", d->sysname, d->nodename, d->release, d->machine,
		d->page_size, d->long_size);
	fclose(out);
	return text;
}

static void test_is_that_of_the_boot(void)
{
	struct merge_source *image = dat_image(EMPTY), *src;
	char *want = describe(image->desc);
	struct pages_place place;

	pages_place_make(&place, EMPTY);
	src = pages_in_open(&place);
	CU_ASSERT_PTR_NOT_NULL(strstr(want, "ext4_last ext4"));
	CU_ASSERT_PTR_NOT_NULL(strstr(want, "<a longer name16>"));
	CU_ASSERT_PTR_NOT_NULL(strstr(want, "<a \"quoted\"\tword>"));
	CHECK_TEXT(describe(src->desc), want);
	CHECK_TEXT(dat_in_notices(src), "");
	free(want);
	merge_source_close(src);
	merge_source_close(image);
	pages_place_remove(&place);
}

static void test_has_the_formats(void)
{
	struct merge_source *image = dat_image(EMPTY), *src;
	struct pages_place place;
	unsigned int nr = 0;

	pages_place_make(&place, EMPTY);
	src = pages_in_open(&place);
	for (unsigned int id = 0; id < WRONG_ID; id++) {
		const char *system, *format, *want_system, *want;
		int ret = desc_format(image->desc, id, &want_system, &want);

		CU_ASSERT_EQUAL(desc_format(src->desc, id, &system, &format), ret);
		if (ret)
			continue;
		CU_ASSERT_STRING_EQUAL(system, want_system);
		CU_ASSERT_STRING_EQUAL(format, want);
		nr++;
	}
	CU_ASSERT(nr > 50);
	merge_source_close(src);
	merge_source_close(image);
	pages_place_remove(&place);
}

static void test_knows_sizes_of_syscalls(void)
{
	struct merge_source *src;
	struct pages_place place;
	char path[100];
	int arg = 7;

	pages_place_make(&place, EMPTY);
	src = pages_in_open(&place);
	CU_ASSERT_EQUAL(desc_syscall_size(src->desc, NEW_WRITE, &arg), 0);
	CU_ASSERT_EQUAL(arg, 2);
	CU_ASSERT_EQUAL(desc_syscall_size(src->desc, NEW_READ, &arg), 0);
	CU_ASSERT_EQUAL(arg, -1);
	merge_source_close(src);
	pages_unlink(&place, "events/syscalls/sys_enter_execve/format");
	pages_unlink(&place, "events/syscalls/sys_enter_write/format");
	snprintf(path, sizeof(path), "events/syscalls/sys_enter_openat.%d/format", NEW_OPENAT);
	pages_unlink(&place, path);
	/* a kernel that copies nothing */
	src = pages_in_open(&place);
	CU_ASSERT_EQUAL(desc_syscall_size(src->desc, NEW_READ, &arg), -ENOENT);
	merge_source_close(src);
	pages_place_remove(&place);
}

#define NUMBERS	"such events are shown as numbers\n"

/*
 * What is missing, what is said once all is asked for, whether the event has a format,
 * an address a name, and process 7 its own
 */
static const struct row {
	const char *name, *unlink, *write, *text, *said;
	bool no_format, no_symbol;
} rows[] = {
	{ "all there", NULL, NULL, NULL, "", false, false },
	{ "no kallsyms", "kallsyms", NULL, NULL,
	  "kallsyms cannot be read (No such file or directory): addresses stay numbers\n", false, true },
	{ "kallsyms of zeros", NULL, "kallsyms", "0000000000000000 T _stext\n",
	  "kallsyms has no addresses, as without root or with kptr_restrict: addresses stay numbers\n",
	  false, true },
	{ "no saved_cmdlines", "saved_cmdlines", NULL, NULL,
	  "saved_cmdlines cannot be read (No such file or directory): names are those in the trace and of tasks\n",
	  false, false },
	{ "no tasks", "tasks", NULL, NULL, "", false, false },
	{ "no printk_formats", "printk_formats", NULL, NULL,
	  "printk_formats cannot be read (No such file or directory): what trace_printk() wrote is shown as numbers\n",
	  false, false },
	{ "no uname", "uname", NULL, NULL, "", false, false },
	{ "no format", TICK_FORMAT, NULL, NULL, "", true, false },
	{ "an empty format, as tar copies it", NULL, TICK_FORMAT, "",
	  "events/test/tick: the format cannot be used (there is no ID in it): " NUMBERS, true, false },
	{ "a format with another event's ID", NULL, TICK_FORMAT, "name: tick\nID: 5\nformat:\n",
	  "events/test/tick: the format cannot be used (another event has its ID): " NUMBERS, true,
	  false },
	{ "a format with an ID too large", NULL, TICK_FORMAT, "name: tick\nID: 65536\nformat:\n",
	  "events/test/tick: the format cannot be used (its ID is too large): " NUMBERS, true, false },
};

static int ignore_id(void *arg, unsigned int id)
{
	(void)arg;
	(void)id;
	return 0;
}

static void test_tells_what_is_missing(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct merge_source *src;
		struct desc_place symbol;
		struct pages_place place;

		pages_place_make(&place, EMPTY);
		if (rows[i].unlink)
			pages_unlink(&place, rows[i].unlink);
		if (rows[i].write)
			pages_write(&place, rows[i].write, rows[i].text);
		src = pages_in_open(&place);
		CHECK_ROW(!desc_event(src->desc, TICK) == rows[i].no_format, rows[i].name);
		CHECK_ROW((desc_symbol(src->desc, VFS_READ, &symbol) != 0) == rows[i].no_symbol,
			  rows[i].name);
		CU_ASSERT_EQUAL(src->desc->ops->each_event(src->desc, ignore_id, NULL), 0);
		free(dat_in_events(src));
		CHECK_TEXT(dat_in_notices(src), rows[i].said);
		merge_source_close(src);
		pages_place_remove(&place);
	}
}

static void test_counts_formats_of_no_use(void)
{
	struct merge_source *src;
	struct pages_place place;
	char path[PATH_MAX];

	pages_place_make(&place, EMPTY);
	pages_write(&place, TICK_FORMAT, "");
	pages_write(&place, "events/test/hex/format", "");
	pages_unlink(&place, "events/test/array/format");
	snprintf(path, sizeof(path), "%s/events/test/array/format", place.dir);
	CU_ASSERT_EQUAL(mkdir(path, 0700), 0);
	src = pages_in_open(&place);
	CU_ASSERT_PTR_NULL(desc_event(src->desc, TICK));
	CHECK_TEXT(dat_in_notices(src), "events/test/array and 2 more: the format cannot be used (no regular file): " NUMBERS);
	merge_source_close(src);
	pages_place_remove(&place);
}

static void test_goes_on_without_events(void)
{
	struct merge_source *src;
	struct pages_place place;
	char events[PATH_MAX];

	pages_place_make(&place, EMPTY);
	snprintf(events, sizeof(events), "%s/events", place.dir);
	pages_remove(events);
	src = pages_in_open(&place);
	CU_ASSERT_PTR_NULL(desc_event(src->desc, TICK));
	CHECK_TEXT(dat_in_notices(src),
		   "events/header_page is missing or empty: the kernel is taken for one of 64 bits\n"
		   "events is missing (No such file or directory): events are shown as numbers\n");
	CHECK_TEXT(dat_in_numbers(src), "0 2 1 0\n");
	merge_source_close(src);
	pages_place_remove(&place);
}

static void test_takes_a_line_of_uname(void)
{
	struct merge_source *src;
	struct pages_place place;

	pages_place_make(&place, EMPTY);
	pages_write(&place, "uname", "Linux host 6.1.0-50 aarch64\n");
	src = pages_in_open(&place);
	CU_ASSERT_STRING_EQUAL(src->desc->release, "6.1.0-50");
	CU_ASSERT_STRING_EQUAL(src->desc->machine, "aarch64");
	CU_ASSERT_EQUAL(src->desc->page_size, 4096);
	merge_source_close(src);
	pages_write(&place, "uname", "release: 6.12.0\nversion: #1 SMP\npage_size: 65536\npage_size: 5\n");
	src = pages_in_open(&place);
	CU_ASSERT_STRING_EQUAL(src->desc->release, "6.12.0");
	CU_ASSERT_STRING_EQUAL(src->desc->version, "#1 SMP");
	CU_ASSERT_STRING_EQUAL(src->desc->machine, "");
	CU_ASSERT_EQUAL(src->desc->page_size, 65536);
	merge_source_close(src);
	pages_place_remove(&place);
}

static const struct test tests[] = {
	{ "symbols, names, printk formats and identity are the boot's", test_is_that_of_the_boot },
	{ "the formats are the boot's, of all events", test_has_the_formats },
	{ "what has the size of a syscall's data is found", test_knows_sizes_of_syscalls },
	{ "what is missing is told when it is asked for", test_tells_what_is_missing },
	{ "formats of no use are told of once", test_counts_formats_of_no_use },
	{ "without events it goes on", test_goes_on_without_events },
	{ "uname is taken as a line, or by its names", test_takes_a_line_of_uname },
	{ NULL, NULL }
};
const struct test_suite suite_describe_dir = { "describe_dir", tests };
