// SPDX-License-Identifier: GPL-2.0-or-later
/* What the tables of a persistent region tell of the traced boot. */
#include <stdlib.h>
#include <string.h>

#include "boot.h"
#include "dat-make.h"
#include "persist-in.h"
#include "tests.h"

#define COMM_SIZE	sizeof(struct trace_persist_comm)

static int put_comm(void *out, int pid, const char *comm)
{
	fprintf(out, "%d %s\n", pid, comm);
	return 0;
}

static int put_printk(void *out, uint64_t addr, const char *format)
{
	fprintf(out, "%llx %s\n", (unsigned long long)addr, format);
	return 0;
}

/* Names, strings and what is noted of them; malloc'ed */
static char *lists_of(const struct merge_source *src)
{
	const struct merge_notice *notice;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	/* twice: what is wrong is told once */
	for (int i = 0; i < 2; i++) {
		src->desc->ops->each_comm(src->desc, put_comm, out);
		src->desc->ops->each_printk(src->desc, put_printk, out);
	}
	for (unsigned int i = 0; (notice = merge_source_notice(src, i)); i++)
		fprintf(out, "# %s\n", notice->text);
	fclose(out);
	return text;
}

static char *lists_in(struct persist_made *m)
{
	struct merge_source *src = persist_in_source(m);
	char *text = lists_of(src);

	merge_source_close(src);
	return text;
}

/* Formats byte for byte, names of tasks and strings */
static void test_is_what_the_boot_had(void)
{
	struct merge_source *image = dat_image(PERSIST_SMALL), *src;
	const char *system, *format, *system2, *format2;
	char *want = lists_of(image);
	struct persist_made m;
	unsigned int nr = 0;

	persist_in_small(&m);
	src = persist_in_source(&m);
	CHECK_TEXT(lists_of(src), want);
	for (unsigned int id = 0; id < 300; id++) {
		int ret = desc_format(image->desc, id, &system, &format);

		CU_ASSERT_EQUAL(!desc_format(src->desc, id, &system2, &format2), !ret);
		if (ret)
			continue;
		CU_ASSERT_STRING_EQUAL(system2, system);
		CU_ASSERT_STRING_EQUAL(format2, format);
		nr++;
	}
	CU_ASSERT(nr > 40);
	CU_ASSERT_STRING_EQUAL(src->desc->release, "6.12.0-test");
	CU_ASSERT_STRING_EQUAL(src->desc->nodename, "crashed");
	CU_ASSERT_STRING_EQUAL(src->desc->machine, "x86_64");
	CU_ASSERT_EQUAL(src->desc->nr_cpu_ids, 4);
	CU_ASSERT_EQUAL(src->desc->page_size, 4096);
	merge_source_close(src);
	merge_source_close(image);
	free(want);
}

static void set_copies(struct persist_made *m, size_t offset, size_t size, uint64_t value)
{
	for (unsigned int copy = 0; copy < 2; copy++) {
		persist_put(m, m->copies[copy] + offset, size, value);
		persist_sign(m, copy);
	}
}

static void being_written(struct persist_made *m)
{
	persist_put(m, m->comms + COMM_SIZE, 4, TRACE_PERSIST_NO_PID);
}

static void never_written(struct persist_made *m)
{
	memset(m->data + m->comms + COMM_SIZE, 0, COMM_SIZE);
}

static void name_is_damaged(struct persist_made *m)
{
	m->data[m->comms + COMM_SIZE + 8] ^= 1;
}

static void pid_is_damaged(struct persist_made *m)
{
	m->data[m->comms + COMM_SIZE] ^= 8;
}

static void is_of_an_earlier_arming(struct persist_made *m)
{
	uint32_t arming = m->arming;

	m->arming = 77;
	persist_sign_comm(m, 1);
	m->arming = arming;
}

#define DAMAGED	"# 1 command names are damaged and 0 not there: such tasks have the names the trace tells\n"

/* Only pid 7's name is gone */
static void test_names_one_by_one(void)
{
	static const struct {
		const char *name;
		void (*how)(struct persist_made *m);
		const char *said;
	} rows[] = {
		{ "being written", being_written, "" },
		{ "never written", never_written, "" },
		{ "a damaged name", name_is_damaged, DAMAGED },
		{ "a damaged pid", pid_is_damaged, DAMAGED },
		{ "of an earlier arming", is_of_an_earlier_arming, DAMAGED },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct persist_made m;
		const char *said;
		char *text;

		persist_in_small(&m);
		rows[i].how(&m);
		text = lists_in(&m);
		CHECK_ROW(!strstr(text, "7 bash\n"), rows[i].name);
		CHECK_ROW(strstr(text, "1 systemd\n") && strstr(text, "10 a longer name"),
			  rows[i].name);
		said = strchr(text, '#');
		CHECK_ROW(!strcmp(said ? said : "", rows[i].said), rows[i].name);
		free(text);
	}
}

static void test_names_that_are_nowhere(void)
{
	struct persist_made m;
	char *text;

	persist_in_small(&m);
	set_copies(&m, HEADER(comms_offset), 8, 1 << 30);
	text = lists_in(&m);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "# 0 command names are damaged and 69 not there"));
	free(text);
	/* behind the slot, where the file goes on */
	persist_in_small(&m);
	set_copies(&m, HEADER(comms_offset), 8, m.size);
	m.data = realloc(m.data, m.size + 65536);
	memset(m.data + m.size, 0, 65536);
	m.size += 65536;
	text = lists_in(&m);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "# 0 command names are damaged and 69 not there"));
	free(text);
}

static void test_cpus_that_cannot_be(void)
{
	struct merge_source *src;
	struct persist_made m;

	persist_in_small(&m);
	set_copies(&m, HEADER(nr_cpu_ids), 4, UINT32_MAX);
	src = persist_in_source(&m);
	CU_ASSERT_EQUAL(src->desc->nr_cpu_ids, 65536);
	merge_source_close(src);
}

/* A string that does not end, or has no address, is none */
static void test_strings_that_are_none(void)
{
	static const uint32_t sizes[] = { 0, 7, 8, 9 };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct persist_made m;
		uint64_t at;
		char *text;

		persist_in_small(&m);
		at = m.tables_end;
		memset(m.data + at, 'x', 24 + 16);
		persist_put(&m, at, 4, TRACE_PERSIST_ENTRY_MAGIC);
		persist_put(&m, at + ENTRY(arming), 4, m.arming);
		persist_put(&m, at + ENTRY(type), 4, TRACE_PERSIST_PRINTK);
		persist_put(&m, at + ENTRY(size), 4, sizes[i]);
		persist_sign_entry(&m, at);
		text = lists_in(&m);
		CU_ASSERT_PTR_NULL(strstr(text, "7878"));
		CU_ASSERT_PTR_NULL(strchr(text, '#'));
		free(text);
	}
}

static const struct test tests[] = {
	{ "is what the boot had", test_is_what_the_boot_had },
	{ "checks the name of each task", test_names_one_by_one },
	{ "does without names that are not in the slot", test_names_that_are_nowhere },
	{ "has room for no more CPUs than there can be", test_cpus_that_cannot_be },
	{ "takes no string that is none", test_strings_that_are_none },
	{ 0 }
};

const struct test_suite suite_describe_persist = { "describe_persist", tests };
