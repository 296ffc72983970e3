// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "symbols.h"
#include "tests.h"

#define BASE	0xffffffff81000000u
#define MODULE	0xffffffffc0200000u

struct row {
	const char *name;
	uint64_t addr;
	const char *symbol;	/* NULL: not found */
	const char *module;
	uint64_t size;
};

static struct desc_symbols *make_symbols(void)
{
	struct desc_symbols *s = symbols_create(4096);

	/* the order of a kallsyms table within the image, any order of modules */
	CU_ASSERT_EQUAL(symbols_add(s, 0x1000, "percpu", NULL), 0);
	CU_ASSERT_EQUAL(symbols_add(s, BASE - 16, "early", NULL), 0);
	CU_ASSERT_EQUAL(symbols_add(s, BASE, "_stext", NULL), 0);
	CU_ASSERT_EQUAL(symbols_add(s, BASE + 0x100, "z_first", NULL), 0);
	CU_ASSERT_EQUAL(symbols_add(s, BASE + 0x100, "a_second", NULL), 0);
	CU_ASSERT_EQUAL(symbols_add(s, BASE + 0x180, "next", NULL), 0);
	CU_ASSERT_EQUAL(symbols_add(s, BASE + 0x100000, "_end", NULL), 0);
	CU_ASSERT_EQUAL(symbols_add(s, MODULE + 0x400000, "data", "mod"), 0);
	CU_ASSERT_EQUAL(symbols_add(s, MODULE + 0x10, "second", "mod"), 0);
	CU_ASSERT_EQUAL(symbols_add(s, MODULE, "first", "mod"), 0);
	/* is_mapping_symbol() in the kernel's module_symbol.h */
	CU_ASSERT_EQUAL(symbols_add(s, MODULE + 0x8, ".LC5", "mod"), 0);
	CU_ASSERT_EQUAL(symbols_add(s, MODULE + 0x9, "$d.1", "mod"), 0);
	CU_ASSERT_EQUAL(symbols_add(s, MODULE + 0xc, "$dollar", "mod"), 0);
	CU_ASSERT_EQUAL(symbols_add(s, MODULE + 0x8000, "near", "other"), 0);
	CU_ASSERT_EQUAL(symbols_add(s, MODULE + 0x800000, "only", "third"), 0);
	/* parts of modules whose ends are known, one where the other begins */
	CU_ASSERT_EQUAL(symbols_add(s, MODULE + 0x901000, "begin", "fifth"), 0);
	CU_ASSERT_EQUAL(symbols_add(s, MODULE + 0x901100, NULL, "fifth"), 0);
	CU_ASSERT_EQUAL(symbols_add(s, MODULE + 0x900000, "whole", "fourth"), 0);
	CU_ASSERT_EQUAL(symbols_add(s, MODULE + 0x901000, NULL, "fourth"), 0);
	symbols_sort(s);
	return s;
}

static void test_finds_as_the_kernel(void)
{
	static const struct row rows[] = {
		{ "at a symbol", BASE + 0x180, "next", NULL, 0x100000 - 0x180 },
		{ "inside one", BASE + 0x1ff, "next", NULL, 0x100000 - 0x180 },
		{ "first of two aliases", BASE + 0x17f, "z_first", NULL, 0x80 },
		{ "first symbol of all", BASE, "_stext", NULL, 0x100 },
		{ "below the image", BASE - 1, NULL, NULL, 0 },
		{ "a small number", 0x1001, NULL, NULL, 0 },
		{ "zero", 0, NULL, NULL, 0 },
		{ "end of the image", BASE + 0x100000, NULL, NULL, 0 },
		{ "last byte of the image", BASE + 0xfffff, "next", NULL, 0x100000 - 0x180 },
		{ "in a module, at a mark", MODULE + 0xb, "first", "mod", 0xc },
		{ "at what looks like one", MODULE + 0xf, "$dollar", "mod", 4 },
		{ "last of a module's text", MODULE + 0x11, "second", "mod", 0 },
		{ "on its second page", MODULE + 0x1fff, "second", "mod", 0 },
		{ "behind a module's text", MODULE + 0x2000, NULL, NULL, 0 },
		{ "between modules", MODULE + 0x7fffff, NULL, NULL, 0 },
		{ "behind all modules", UINT64_MAX, NULL, NULL, 0 },
		{ "last of a part that ends", MODULE + 0x900fff, "whole", "fourth", 0x1000 },
		{ "where one begins and one ends", MODULE + 0x901000, "begin", "fifth", 0x100 },
		{ "inside it", MODULE + 0x9010ff, "begin", "fifth", 0x100 },
		{ "behind its end", MODULE + 0x901100, NULL, NULL, 0 },
		{ "the last module", MODULE + 0x800001, "only", "third", 0 },
	};
	struct desc_symbols *s = make_symbols();

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct row *row = &rows[i];
		struct desc_place place = { 0 };
		int ret = symbols_find(s, row->addr, &place);

		CHECK_ROW(ret == (row->symbol ? 0 : -ENOENT), row->name);
		if (ret || !row->symbol)
			continue;
		CHECK_ROW(!strcmp(place.name, row->symbol), row->name);
		CHECK_ROW(!place.module == !row->module, row->name);
		CHECK_ROW(!place.module || !strcmp(place.module, row->module), row->name);
		CHECK_ROW(place.size == row->size, row->name);
		CHECK_ROW(place.start <= row->addr, row->name);
	}
	symbols_destroy(s);
}

static void test_finds_nothing_without_symbols(void)
{
	struct desc_symbols *s = symbols_create(4096);
	struct desc_place place;

	symbols_sort(s);
	CU_ASSERT_EQUAL(symbols_find(s, BASE, &place), -ENOENT);
	symbols_destroy(s);
	symbols_destroy(NULL);
}

static void test_holds_many_symbols(void)
{
	struct desc_symbols *s = symbols_create(4096);
	struct desc_place place;
	char name[32];

	CU_ASSERT_EQUAL(symbols_add(s, BASE, "_stext", NULL), 0);
	for (unsigned int i = 200000; i; i--) {
		snprintf(name, sizeof(name), "function_number_%u", i);
		if (symbols_add(s, BASE + 16ull * i, name, NULL))
			CU_FAIL("out of memory");
	}
	symbols_sort(s);
	for (unsigned int i = 1; i < 200000; i += 777) {
		snprintf(name, sizeof(name), "function_number_%u", i);
		CU_ASSERT_EQUAL_FATAL(symbols_find(s, BASE + 16ull * i + 15, &place), 0);
		CU_ASSERT_STRING_EQUAL(place.name, name);
	}
	symbols_destroy(s);
}

static const struct test tests[] = {
	{ "an address has the name the kernel gives it", test_finds_as_the_kernel },
	{ "an empty table finds nothing", test_finds_nothing_without_symbols },
	{ "a large table finds all it has", test_holds_many_symbols },
	{ NULL, NULL }
};
const struct test_suite suite_symbols = { "symbols", tests };
