// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "symbols_freed.h"
#include "tests.h"

/* "NAME [MODULE] +OFFSET/SIZE", in hexadecimal, or why there is none */
static void expect(const struct symbols_freed *s, uint64_t addr, const char *wanted)
{
	struct desc_place place;
	char text[100];
	int ret = symbols_freed_find(s, addr, &place);

	if (ret)
		snprintf(text, sizeof(text), "%s", strerrorname_np(-ret));
	else
		snprintf(text, sizeof(text), "%s [%s] +%llx/%llx", place.name, place.module,
			 (unsigned long long)(addr - place.start), (unsigned long long)place.size);
	CU_ASSERT_STRING_EQUAL(text, wanted);
}

static void add(struct symbols_freed *s, uint64_t start, uint64_t end, const char *name,
		const char *module)
{
	CU_ASSERT_EQUAL(symbols_freed_add(s, start, name, module), 0);
	if (end)
		CU_ASSERT_EQUAL(symbols_freed_add(s, end, NULL, module), 0);
}

static void test_the_newest_that_covers_it(void)
{
	struct symbols_freed *s = symbols_freed_create(4096);

	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	add(s, 0x1010, 0x1100, "new_init", "new");
	add(s, 0x1000, 0x1020, "old_probe", "old");
	/* nearer to what it covers than the one of the newest module, and all the same older */
	add(s, 0x1080, 0x1200, "old_init", "old");
	expect(s, 0x1000, "old_probe [old] +0/20");
	expect(s, 0x1010, "new_init [new] +0/f0");
	expect(s, 0x1018, "new_init [new] +8/f0");
	expect(s, 0x1090, "new_init [new] +80/f0");
	expect(s, 0x10ff, "new_init [new] +ef/f0");
	expect(s, 0x1100, "old_init [old] +80/180");
	expect(s, 0x1200, "ENOENT");
	expect(s, 0xfff, "ENOENT");
	symbols_freed_destroy(s);
}

static void test_without_an_end_it_has_its_page(void)
{
	struct symbols_freed *s = symbols_freed_create(4096);

	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	CU_ASSERT_EQUAL(symbols_freed_add(s, 0x500, NULL, "m"), 0);
	add(s, 0x1ff0, 0, "init", "m");
	expect(s, 0x1fff, "init [m] +f/10");
	expect(s, 0x2000, "ENOENT");
	expect(s, 0x500, "ENOENT");
	symbols_freed_destroy(s);
	symbols_freed_destroy(NULL);
}

static void test_many(void)
{
	struct symbols_freed *s = symbols_freed_create(4096);
	char name[20];

	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	for (uint64_t i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "f%llu", (unsigned long long)i);
		add(s, 0x10000 + 16 * i, 0x10010 + 16 * i, name, "m");
	}
	expect(s, 0x10000 + 16 * 999 + 15, "f999 [m] +f/10");
	expect(s, 0x10000 + 16 * 256, "f256 [m] +0/10");
	symbols_freed_destroy(s);
}

static const struct test tests[] = {
	{ "of several in turn the newest that covers an address", test_the_newest_that_covers_it },
	{ "one without an end has what is left of its page", test_without_an_end_it_has_its_page },
	{ "there may be many", test_many },
	{ NULL, NULL }
};

const struct test_suite suite_symbols_freed = { "symbols_freed", tests };
