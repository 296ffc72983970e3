// SPDX-License-Identifier: GPL-2.0-or-later
/* Finding slots: at offsets, of several recordings, among copies of old ones. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mkimage.h"
#include "persist-in.h"
#include "tests.h"

#define ONE(ts)	"size 4096\nbuffer top clock=local\ncpu 0\npage ts=" #ts "\nevent +1 id=118\n"
#define OLD	"top/0 1001 1\n"
#define NEW	"top/0 5001 1\n"

/* Two slots of an area behind @before bytes; the first has the older recording */
struct area {
	struct persist_made slots[2];
	uint8_t *data;
	size_t size, before;
};

static void area_make(struct area *a, size_t before, uint64_t first, uint64_t second)
{
	const struct persist_how old = { .generation = first, .nr_slots = 2 };
	struct persist_how new = { .generation = second, .slot = 1, .nr_slots = 2, .arming = 5 };

	persist_in_make(&a->slots[0], ONE(1000), &old);
	new.phys = 0x10000000 + a->slots[0].size;
	persist_in_make(&a->slots[1], ONE(5000), &new);
	a->before = before;
	a->size = before + a->slots[0].size + a->slots[1].size;
	a->data = calloc(1, a->size);
	memcpy(a->data + before, a->slots[0].data, a->slots[0].size);
	memcpy(a->data + before + a->slots[0].size, a->slots[1].data, a->slots[1].size);
}

static void area_free(struct area *a)
{
	persist_made_free(&a->slots[0]);
	persist_made_free(&a->slots[1]);
	free(a->data);
}

static char *read_area(const struct area *a, const char *type)
{
	struct merge_error err = { 0 };
	struct merge_source *src = persist_in_open(a->data, a->size, 0, type, &err);

	return src ? persist_in_all(src) : strdup(err.text);
}

static char *other(unsigned int generation, size_t at)
{
	char *text;

	if (asprintf(&text, "# another recording, generation %u by Linux 6.12.0-test, is left out: region@0x%zx as its kind opens it\n",
		     generation, at) < 0)
		abort();
	return text;
}

static void check(struct area *a, const char *type, const char *events, unsigned int generation,
		  size_t at)
{
	char *note = other(generation, at), *want;

	CU_ASSERT_FATAL(asprintf(&want, "%s%s", events, note) > 0);
	CHECK_TEXT(read_area(a, type), want);
	free(want);
	free(note);
}

static void test_the_newest_of_two(void)
{
	struct area a;
	char type[40];

	area_make(&a, 0, 7, 8);
	check(&a, NULL, NEW, 7, 0);
	check(&a, "region", NEW, 7, 0);
	check(&a, "region@0", OLD, 8, a.slots[0].size);
	snprintf(type, sizeof(type), "region@0x%zx", a.slots[0].size);
	check(&a, type, NEW, 7, 0);
	area_free(&a);
	area_make(&a, 0, 9, 8);
	check(&a, NULL, OLD, 8, a.slots[0].size);
	area_free(&a);
}

/* Armed, and nothing recorded yet: nothing is left out */
static void test_nothing_is_said_of_empty_ones(void)
{
	struct area a;
	size_t at;

	area_make(&a, 0, 7, 8);
	at = persist_subbuf_at(&a.slots[0], 0, 0);
	memset(a.data + at, 0, 4096);
	CHECK_TEXT(read_area(&a, NULL), NEW);
	area_free(&a);
}

/* Copies of old headers lie about in a memory, as do bytes that look like some */
static void test_among_other_things(void)
{
	const struct persist_how how = { .generation = 3 };
	struct persist_made copy;
	struct area a;
	char *text;

	persist_in_make(&copy, ONE(777), &how);
	area_make(&a, 1 << 21, 7, 8);
	memcpy(a.data + 4096, copy.data, copy.size);
	memcpy(a.data + 0x1f0000, TRACE_PERSIST_MAGIC, TRACE_PERSIST_MAGIC_SIZE);
	check(&a, NULL, NEW, 7, 1 << 21);
	check(&a, "region@0x200000", OLD, 8, (1 << 21) + a.slots[0].size);
	text = read_area(&a, "region@0x3000");
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "no region's slot begins at 0x3000"));
	free(text);
	area_free(&a);
	persist_made_free(&copy);
}

/* The next boot's copy for pstore lies before it: both headers, and other things behind them */
static void test_at_its_physical_address(void)
{
	const struct persist_how how = { .generation = 7, .phys = 1 << 21 };
	struct merge_error err = { 0 };
	struct merge_source *src;
	struct persist_made m;
	char *text;

	persist_in_make(&m, ONE(1000), &how);
	CU_ASSERT_FATAL(m.size < 1 << 20);
	m.data = realloc(m.data, (1 << 21) + m.size);
	CU_ASSERT_PTR_NOT_NULL_FATAL(m.data);
	memcpy(m.data + (1 << 21), m.data, m.size);
	memset(m.data + m.size, 0, (1 << 21) - m.size);
	memset(m.data + persist_subbuf_at(&m, 0, 0), 0x5a, 4096);
	src = persist_in_open(m.data, (1 << 21) + m.size, 0, NULL, &err);
	CU_ASSERT_PTR_NOT_NULL_FATAL(src);
	text = persist_in_all(src);
	CU_ASSERT(!strncmp(text, OLD, strlen(OLD)));
	free(text);
	persist_made_free(&m);
}

/* Either copy of the header leads to the slot, at any page of a file of any size */
static void test_at_any_page(void)
{
	for (size_t before = 0; before < 4 * 4096; before += 4096)
		for (unsigned int copy = 0; copy < 3; copy++) {
			struct merge_error err = { 0 };
			struct merge_source *src;
			struct persist_made m;
			char *text;

			persist_in_small(&m);
			if (copy)
				memset(m.data + m.copies[copy - 1], 0, 8);
			src = persist_in_open(m.data, m.size, before, NULL, &err);
			persist_made_free(&m);
			CU_ASSERT_PTR_NOT_NULL_FATAL(src);
			text = persist_in_all(src);
			CU_ASSERT(!strncmp(text, PERSIST_SMALL_EVENTS, strlen(PERSIST_SMALL_EVENTS)));
			CU_ASSERT_EQUAL(strstr(text, "only that at 0x") != NULL, copy != 0);
			free(text);
		}
}

/* The copy that was written last has the flags and anchors of then */
static void test_the_last_copy_counts(void)
{
	for (unsigned int copy = 0; copy < 2; copy++) {
		struct merge_source *src;
		struct persist_made m;
		char *remarks;

		persist_in_small(&m);
		persist_put(&m, m.copies[copy] + HEADER(update), 8, 9);
		persist_put(&m, m.copies[copy] + HEADER(flags), 4, TRACE_PERSIST_PANIC);
		persist_sign(&m, copy);
		src = persist_in_source(&m);
		remarks = persist_in_remarks(src);
		CU_ASSERT_PTR_NOT_NULL(strstr(remarks, "ended by a panic"));
		free(remarks);
		merge_source_close(src);
	}
}

static void test_refuses_what_has_none(void)
{
	static uint8_t bytes[3 * 4096];
	size_t size = (1 << 20) + 4096 + 7;
	uint8_t *long_file;
	struct merge_error err = { 0 };

	memset(bytes, 'x', sizeof(bytes));
	/* not where a header can be */
	memcpy(bytes + 4000, TRACE_PERSIST_MAGIC, TRACE_PERSIST_MAGIC_SIZE);
	CU_ASSERT_PTR_NULL(persist_in_open(bytes, sizeof(bytes), 0, "region", &err));
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "there is no persistent trace region in it"));
	CU_ASSERT_EQUAL(err.code, -ENOTSUP);
	CU_ASSERT_PTR_NULL(persist_in_open(bytes, sizeof(bytes), 0, NULL, &err));
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "a file of unknown kind"));
	/* the end of the file is amid a magic, then amid a header */
	memcpy(bytes + 8192, TRACE_PERSIST_MAGIC, TRACE_PERSIST_MAGIC_SIZE);
	CU_ASSERT_PTR_NULL(persist_in_open(bytes, 8192 + 7, 0, "region", &err));
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "there is no persistent trace region in it"));
	CU_ASSERT_PTR_NULL(persist_in_open(bytes, 8192 + 20, 0, NULL, &err));
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "header: cut off"));
	CU_ASSERT_EQUAL(err.code, -ENODATA);
	/* the last byte of a magic is not what was read from elsewhere before */
	long_file = calloc(1, size);
	memcpy(long_file + 4096, TRACE_PERSIST_MAGIC, TRACE_PERSIST_MAGIC_SIZE);
	memcpy(long_file + (1 << 20) + 4096, TRACE_PERSIST_MAGIC, 7);
	CU_ASSERT_PTR_NULL(persist_in_open(long_file, size, 0, NULL, &err));
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, ": 1 headers of"));
	free(long_file);
}

static const struct test tests[] = {
	{ "gives the newest of two recordings", test_the_newest_of_two },
	{ "says nothing of an empty one", test_nothing_is_said_of_empty_ones },
	{ "is not misled by copies of headers", test_among_other_things },
	{ "is found where its physical address is", test_at_its_physical_address },
	{ "is found at any page by either copy", test_at_any_page },
	{ "believes the copy that was written last", test_the_last_copy_counts },
	{ "refuses what has none", test_refuses_what_has_none },
	{ 0 }
};

const struct test_suite suite_persist_find = { "persist_find", tests };
