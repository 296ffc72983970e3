// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "iomem.h"
#include "tests.h"

#define MIB	(UINT64_C(1) << 20)

static const char machine[] =
	"00000000-00000fff : Reserved\n"
	"00001000-0009fbff : System RAM\n"
	"00100000-bffdffff : System RAM\n"
	"  01000000-02ffffff : Kernel code\n"
	"  21000000-220fffff : Crash kernel\n"
	"fd000000-fdffffff : 0000:00:02.0\n"
	"nonsense\n"
	"100000000-13fffffff : System RAM\n";

static void ranges(void)
{
	struct iomem m;
	const struct iomem_range *r;

	CU_ASSERT_EQUAL_FATAL(iomem_parse(&m, strdup(machine)), 0);
	CU_ASSERT_EQUAL(m.nr, 7);
	CU_ASSERT_FALSE(m.hidden);
	r = iomem_at(&m, 0x20000000, 64 * MIB);
	CU_ASSERT_PTR_NOT_NULL_FATAL(r);
	CU_ASSERT_EQUAL(r->first, 0x100000);
	CU_ASSERT_EQUAL(r->last, 0xbffdffff);
	CU_ASSERT_STRING_EQUAL(r->name, IOMEM_RAM);
	r = iomem_at(&m, 0xfd000000, 4096);
	CU_ASSERT_PTR_NOT_NULL_FATAL(r);
	CU_ASSERT_STRING_EQUAL(r->name, "0000:00:02.0");
	CU_ASSERT_PTR_NULL(iomem_at(&m, 0xbffde000, 8193));
	CU_ASSERT_PTR_NOT_NULL(iomem_at(&m, 0xbffde000, 8192));
	CU_ASSERT_PTR_NULL(iomem_at(&m, 0xc0000000, 1));
	iomem_free(&m);
}

static void free_memory(void)
{
	static const struct {
		uint64_t size, at;
	} rows[] = {
		{ 16 * MIB, 0x20000000 },		/* up to the crash kernel */
		{ 16 * MIB + 1, 0x23000000 },		/* behind it */
		{ 0x9d000000 - 0x20000, 0x23000000 },
		{ 0x9d000000 - 0x20000 + 1, 0 },
		{ 4096 * MIB, 0 },
	};
	struct iomem m;

	CU_ASSERT_EQUAL_FATAL(iomem_parse(&m, strdup(machine)), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		uint64_t at = iomem_find(&m, rows[i].size);

		CU_ASSERT_EQUAL(at, rows[i].at);
	}
	iomem_free(&m);
}

static void high_memory(void)
{
	struct iomem m;

	CU_ASSERT_EQUAL_FATAL(iomem_parse(&m, strdup("40000000-7fffffff : System RAM\n")), 0);
	CU_ASSERT_EQUAL(iomem_find(&m, 64 * MIB), 0x50000000);
	iomem_free(&m);
}

static void not_root(void)
{
	struct iomem m;

	CU_ASSERT_EQUAL_FATAL(iomem_parse(&m, strdup("00000000-00000000 : System RAM\n"
						     "  00000000-00000000 : Kernel code\n")), 0);
	CU_ASSERT_TRUE(m.hidden);
	CU_ASSERT_EQUAL(iomem_find(&m, MIB), 0);
	iomem_free(&m);
}

static const struct test tests[] = {
	{ "an address lies in the outermost range that has all of it", ranges },
	{ "memory that is free is System RAM with nothing in it", free_memory },
	{ "memory may begin high", high_memory },
	{ "who is not root is shown no addresses", not_root },
	{ 0 },
};

const struct test_suite suite_iomem = { "iomem", tests };
