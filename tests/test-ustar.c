// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests.h"
#include "ustar.h"

/* By the standard: field, where it is, what it has */
static void fields(void)
{
	uint8_t b[USTAR_BLOCK];
	unsigned int sum = 0;

	CU_ASSERT_EQUAL(ustar_header(b, "id/trace.dat", 1234567, 1700000000), 0);
	CU_ASSERT_STRING_EQUAL((char *)b, "id/trace.dat");
	CU_ASSERT_STRING_EQUAL((char *)b + 100, "0000600");
	CU_ASSERT_STRING_EQUAL((char *)b + 108, "0000000");
	CU_ASSERT_STRING_EQUAL((char *)b + 116, "0000000");
	CU_ASSERT_STRING_EQUAL((char *)b + 124, "00004553207");
	CU_ASSERT_STRING_EQUAL((char *)b + 136, "14524770400");
	CU_ASSERT_EQUAL(b[156], '0');
	CU_ASSERT_EQUAL(memcmp(b + 257, "ustar\00000", 8), 0);
	for (size_t i = 0; i < USTAR_BLOCK; i++)
		sum += i >= 148 && i < 156 ? ' ' : b[i];
	CU_ASSERT_EQUAL(strtoul((char *)b + 148, NULL, 8), sum);
	CU_ASSERT_EQUAL(b[154], 0);
	CU_ASSERT_EQUAL(b[155], ' ');
}

static void large(void)
{
	uint8_t b[USTAR_BLOCK];
	static const uint8_t want[12] = { 0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 1 };

	CU_ASSERT_EQUAL(ustar_header(b, "a", 077777777777, 0), 0);
	CU_ASSERT_STRING_EQUAL((char *)b + 124, "77777777777");
	CU_ASSERT_EQUAL(ustar_header(b, "a", (UINT64_C(1) << 33) + 1, -5), 0);
	CU_ASSERT_EQUAL(memcmp(b + 124, want, sizeof(want)), 0);
	CU_ASSERT_STRING_EQUAL((char *)b + 136, "00000000000");
}

static void names(void)
{
	uint8_t b[USTAR_BLOCK];
	char name[300];

	memset(name, 'x', sizeof(name));
	name[100] = '\0';
	CU_ASSERT_EQUAL(ustar_header(b, name, 0, 0), 0);
	CU_ASSERT_EQUAL(b[99], 'x');
	CU_ASSERT_EQUAL(b[345], 0);
	name[100] = 'x';
	name[101] = '\0';
	CU_ASSERT_EQUAL(ustar_header(b, name, 0, 0), -ENAMETOOLONG);
	name[30] = '/';
	CU_ASSERT_EQUAL(ustar_header(b, name, 0, 0), 0);
	CU_ASSERT_EQUAL(strlen((char *)b), 70);
	CU_ASSERT_EQUAL(strlen((char *)b + 345), 30);
	name[101] = 'x';
	name[257] = '\0';
	CU_ASSERT_EQUAL(ustar_header(b, name, 0, 0), -ENAMETOOLONG);
	name[156] = '/';
	CU_ASSERT_EQUAL(ustar_header(b, name, 0, 0), -ENAMETOOLONG);
	name[156] = 'x';
	name[155] = '/';
	name[256] = '\0';
	CU_ASSERT_EQUAL(ustar_header(b, name, 0, 0), 0);
}

static void padding(void)
{
	CU_ASSERT_EQUAL(ustar_padding(0), 0);
	CU_ASSERT_EQUAL(ustar_padding(1), 511);
	CU_ASSERT_EQUAL(ustar_padding(512), 0);
}

static const struct test tests[] = {
	{ "fields are where POSIX has them, with the sum of all", fields },
	{ "sizes that octal digits cannot say are as GNU tar has them", large },
	{ "a long name is divided at a slash", names },
	{ "files fill whole blocks", padding },
	{ 0 },
};

const struct test_suite suite_ustar = { "ustar", tests };
