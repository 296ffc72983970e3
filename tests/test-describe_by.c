// SPDX-License-Identifier: GPL-2.0-or-later
/* A source that another one describes: formats, addresses, and which kernel it is. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "boot.h"
#include "dat-in.h"
#include "describe_by.h"
#include "mkbootring.h"
#include "persist-in.h"
#include "ramoops-in.h"
#include "tests.h"

#define RING								\
	"size 4096\ncpu 0\npage ts=1000\nevent +1 id=100 len=64\n"

static char *as_text(struct merge_source *src, int *ret)
{
	struct merge_error err = { 0 };
	struct merge_sink *sink;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	CU_ASSERT_EQUAL_FATAL(merge_sink_text_create(out, &err, &sink), 0);
	*ret = merge_pump_events(src, NULL, sink, NULL, &err, NULL);
	merge_sink_destroy(sink);
	fclose(out);
	return text;
}

static struct merge_source *ring(uint64_t text_addr)
{
	const struct bootring_how how = { .text_addr = text_addr };
	struct merge_source *image = image_open(RING), *src;
	struct merge_error err = { 0 };
	struct bootring_made m;

	bootring_make(&m, image, &how);
	merge_source_close(image);
	src = persist_in_open(m.data, m.size, 0, NULL, &err);
	bootring_made_free(&m);
	CU_ASSERT_PTR_NOT_NULL_FATAL(src);
	return src;
}

static char *notices(const struct merge_source *src)
{
	return dat_in_notices(src);
}

static void test_nobody(void)
{
	struct merge_source *src = ring(0);
	char *text;
	int ret;

	text = as_text(src, &ret);
	CU_ASSERT_EQUAL(ret, 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "unknown types: 1"));
	free(text);
	CHECK_TEXT(notices(src), "nothing here tells the formats of events: they are shown as numbers; a trace.dat or captured metadata of that kernel can describe them\n");
	merge_source_close(src);
}

static void test_formats(void)
{
	struct merge_error err = { 0 };
	struct merge_source *src = ring(0), *by = boot_image("cpu 0\n");
	char *text;
	int ret;

	CU_ASSERT_EQUAL_FATAL(merge_source_describe(src, by, &err), 0);
	CU_ASSERT_STRING_EQUAL(src->desc->release, by->desc->release);
	text = as_text(src, &ret);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, " sched_switch: "));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "unknown types: 0"));
	free(text);
	merge_source_close(src);
}

static void check_symbol(struct merge_desc *d, uint64_t addr, const char *name)
{
	struct desc_place place;

	if (name) {
		CU_ASSERT_EQUAL_FATAL(desc_symbol(d, addr, &place), 0);
		CU_ASSERT_STRING_EQUAL(place.name, name);
	} else {
		CU_ASSERT_EQUAL(desc_symbol(d, addr, &place), -ENOENT);
	}
}

#define SYMBOLS								\
	"symbol 0x20000 name=a_variable\nsymbol 0xffffffff81000000 name=_stext\n" \
	"symbol 0xffffffff81000100 name=one\nsymbol 0xffffffff81000200 name=two\n" \
	"symbol 0xffffffff81234560 name=rb_meta_init_text_addr\n"	\
	"symbol 0xffffffff82000000 name=_end\nsymbol 0xffffffffc0001000 name=in_module module=m\n"

/* The kernel lay 0x2000000 behind where that lies that describes it */
static void test_moved(void)
{
	struct merge_error err = { 0 };
	struct merge_source *src = ring(0xffffffff83234560), *by = image_open(SYMBOLS);
	char *remarks;

	by->desc->page_size = 4096;
	CU_ASSERT_EQUAL_FATAL(merge_source_describe(src, by, &err), 0);
	check_symbol(src->desc, 0xffffffff83000100, "one");
	check_symbol(src->desc, 0xffffffffc0001000, NULL);
	remarks = persist_in_remarks(src);
	CU_ASSERT_PTR_NOT_NULL(strstr(remarks, "addresses in modules have no names"));
	free(remarks);
	merge_source_close(src);
	src = ring(0);
	by = image_open(SYMBOLS);
	by->desc->page_size = 4096;
	CU_ASSERT_EQUAL_FATAL(merge_source_describe(src, by, &err), 0);
	check_symbol(src->desc, 0xffffffff81000100, "one");
	check_symbol(src->desc, 0xffffffffc0001000, "in_module");
	merge_source_close(src);
}

static void test_refuses(void)
{
	static const struct {
		const char *name, *image, *says;
	} rows[] = {
		{ "another kernel", "symbol 0xffffffff81234570 name=rb_meta_init_text_addr\n",
		  "it describes another kernel: rb_meta_init_text_addr lies at 0xffffffff81234570 there" },
		{ "32 bits", "long 4\n", "it describes a kernel of 32 bits, little endian" },
		{ "big endian", "big\n", "it describes a kernel of 64 bits, big endian" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct merge_source *src = ring(0), *by = image_open(rows[i].image);
		struct merge_error err = { 0 };

		CHECK_ROW(merge_source_describe(src, by, &err) == -ENOTSUP &&
			  strstr(err.text, rows[i].says), rows[i].name);
		merge_source_close(by);
		merge_source_close(src);
	}
}

static void test_describes_itself(void)
{
	struct merge_source *src = image_open(RING), *by = image_open(RING);
	struct merge_error err = { 0 };

	CU_ASSERT_EQUAL(merge_source_describe(src, by, &err), -ENOTSUP);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "describes itself"));
	merge_source_close(by);
	merge_source_close(src);
}

static void test_unknown_kernel(void)
{
	struct merge_source *src = ring(0), *by = image_open("symbol 0xffffffff81000100 name=one\n");
	struct merge_error err = { 0 };
	char *text;

	CU_ASSERT_EQUAL_FATAL(merge_source_describe(src, by, &err), 0);
	text = notices(src);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "of the same kernel cannot be told, for it has no rb_meta_init_text_addr"));
	free(text);
	merge_source_close(src);
}

/* Functions one and two, called @moved behind where SYMBOLS has them, 4 bytes on */
static struct merge_source *functions(uint64_t moved, uint64_t step)
{
	struct ramoops_mem m = { 0 };
	struct ramoops_made z;

	ramoops_mem_init(&m, 0x4000);
	ramoops_zone_make(&z, &m, 0, 0x4000, RAMOOPS_VERSION);
	for (unsigned int i = 0; i < 300; i++)
		ramoops_call(&z, 0xffffffff81000104 + moved + (i % 2 ? 0x100 : 0) + step, i, 0);
	return ramoops_in_source(&m, NULL);
}

static void test_functions(void)
{
	static const struct {
		const char *name;
		uint64_t moved;
	} rows[] = {
		{ "in place", 0 }, { "another boot", 0x12e00000 }, { "as if not moved", -(uint64_t)0x400000 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct merge_source *src = functions(rows[i].moved, 0), *by = image_open(SYMBOLS);
		struct merge_error err = { 0 };
		char *text;
		int ret;

		by->desc->page_size = 4096;
		CU_ASSERT_EQUAL_FATAL(merge_source_describe(src, by, &err), 0);
		text = as_text(src, &ret);
		CHECK_ROW(strstr(text, " 0: one <-") && strstr(text, " 1: two <-"), rows[i].name);
		free(text);
		CHECK_TEXT(notices(src), "");
		merge_source_close(src);
	}
}

/* Functions one and two: called where they lie, but for an earlier boot @moved from there */
static struct merge_source *two_boots(uint64_t moved)
{
	struct ramoops_mem m = { 0 };
	struct ramoops_made z;

	ramoops_mem_init(&m, 0x4000);
	ramoops_zone_make(&z, &m, 0, 0x4000, RAMOOPS_VERSION);
	for (unsigned int i = 0; i < 200; i++)
		ramoops_call(&z, 0xffffffff81000104 + (i % 2 ? 0x100 : 0) + (i < 100 ? moved : 0),
			     i < 100 ? 1000 + i : i - 100, 0);
	return ramoops_in_source(&m, NULL);
}

static void test_boots(void)
{
	static const unsigned int earlier = 1;
	const struct merge_select sel = { .buffers = &earlier, .nr_buffers = 1 };
	struct merge_source *src = two_boots(0x6000000), *by = image_open(SYMBOLS);
	struct merge_error err = { 0 };
	struct merge_sink *sink;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	by->desc->page_size = 4096;
	CU_ASSERT_EQUAL_FATAL(merge_source_describe(src, by, &err), 0);
	CU_ASSERT_EQUAL_FATAL(merge_sink_text_create(out, &err, &sink), 0);
	CU_ASSERT_EQUAL(merge_pump_events(src, &sel, sink, NULL, &err, NULL), 0);
	merge_sink_destroy(sink);
	fclose(out);
	CU_ASSERT(strstr(text, " 1000: one <-") && strstr(text, " 1001: two <-"));
	free(text);
	CHECK_TEXT(notices(src), "");
	merge_source_close(src);
	/* no step of 2 MiB */
	src = two_boots(0x6000031);
	by = image_open(SYMBOLS);
	by->desc->page_size = 4096;
	CU_ASSERT_EQUAL_FATAL(merge_source_describe(src, by, &err), 0);
	CHECK_TEXT(notices(src), "buffer ftrace/boot-1: only 0 of 100 functions begin where what describes them has one: they have wrong names\n");
	merge_source_close(src);
}

static void test_other_functions(void)
{
	struct merge_source *src = functions(0, 0x31), *by = image_open(SYMBOLS);
	struct merge_error err = { 0 };
	char *text;
	int ret;

	by->desc->page_size = 4096;
	CU_ASSERT_EQUAL_FATAL(merge_source_describe(src, by, &err), 0);
	text = as_text(src, &ret);
	CU_ASSERT_PTR_NULL(strstr(text, "one"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, " 0: 0xffffffff81000135 <-"));
	free(text);
	text = notices(src);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "only 0 of 300 functions begin where what describes them has one"));
	free(text);
	merge_source_close(src);
}

static const struct test tests[] = {
	{ "says that nobody describes it", test_nobody },
	{ "takes formats from another source", test_formats },
	{ "takes symbols from a kernel that lies elsewhere", test_moved },
	{ "refuses another kernel", test_refuses },
	{ "leaves those alone that describe themselves", test_describes_itself },
	{ "says when it cannot tell the kernel", test_unknown_kernel },
	{ "finds functions where they were recorded", test_functions },
	{ "finds functions of several boots", test_boots },
	{ "leaves functions of another kernel without names", test_other_functions },
	{ 0 }
};

const struct test_suite suite_describe_by = { "describe_by", tests };
