// SPDX-License-Identifier: GPL-2.0-or-later
/* The kernel's counters out of the texts that trace.dat has. */
#include <string.h>

#include "dat_stats.h"
#include "tests.h"

static const char text[] =
	"CPU: 0\nentries: 10\noverrun: 2\ncommit overrun: 3\nbytes: 400\n"
	"oldest event ts:     5.000001\nnow ts:     6.000001\ndropped events: 5\nread events: 6\n\n"
	"CPU: 11\nentries: 18446744073709551615\noverrun: nonsense\n\n"
	"\nBuffer: big\n\n\nCPU: 0\nentries: 77\n\nBuffer: bigger\n\nCPU: 0\nentries: 78\nCPU: 1";

static void test_finds_the_counters(void)
{
	struct merge_counters c;

	CU_ASSERT_TRUE(dat_stats_find(text, "", 0, &c));
	CU_ASSERT_EQUAL(c.entries, 10);
	CU_ASSERT_EQUAL(c.overrun, 2);
	CU_ASSERT_EQUAL(c.commit_overrun, 3);
	CU_ASSERT_EQUAL(c.bytes, 400);
	CU_ASSERT_EQUAL(c.dropped, 5);
	CU_ASSERT_EQUAL(c.read, 6);
	CU_ASSERT_TRUE(dat_stats_find(text, "", 11, &c));
	CU_ASSERT_EQUAL(c.entries, UINT64_MAX);
	CU_ASSERT_EQUAL(c.overrun, 0);
	CU_ASSERT_TRUE(dat_stats_find(text, "big", 0, &c));
	CU_ASSERT_EQUAL(c.entries, 77);
	CU_ASSERT_TRUE(dat_stats_find(text, "bigger", 0, &c));
	CU_ASSERT_EQUAL(c.entries, 78);
	CU_ASSERT_TRUE(dat_stats_find(text, "bigger", 1, &c));
}

static void test_knows_what_is_not_there(void)
{
	struct merge_counters c;

	CU_ASSERT_FALSE(dat_stats_find(text, "", 1, &c));
	CU_ASSERT_FALSE(dat_stats_find(text, "big", 1, &c));
	CU_ASSERT_FALSE(dat_stats_find(text, "bi", 0, &c));
	CU_ASSERT_FALSE(dat_stats_find("", "", 0, &c));
}

static void test_takes_a_file_of_one_cpu(void)
{
	static const char one[] = "entries: 1\noverrun: 2\ncommit overrun: 3\nbytes: 4\n"
		"oldest event ts:     5.000001\nnow ts:     6.000001\n"
		"dropped events: 5\nread events: 6\n";
	struct merge_counters c;
	char cut[sizeof(one)];

	CU_ASSERT_TRUE(dat_stats_cpu(one, &c));
	CU_ASSERT(c.entries == 1 && c.overrun == 2 && c.commit_overrun == 3 && c.bytes == 4 &&
		  c.dropped == 5 && c.read == 6);
	for (size_t len = 0; len < sizeof(one) - 3; len += 10) {
		memcpy(cut, one, len);
		cut[len] = 0;
		CU_ASSERT_FALSE(dat_stats_cpu(cut, &c));
	}
}

static const struct test tests[] = {
	{ "counters are those of the buffer and CPU", test_finds_the_counters },
	{ "what is not there is not found", test_knows_what_is_not_there },
	{ "a file of one CPU is taken when it has them all", test_takes_a_file_of_one_cpu },
	{ NULL, NULL }
};
const struct test_suite suite_dat_stats = { "dat_stats", tests };
