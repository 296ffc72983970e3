// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>

#include "join.h"
#include "mkimage.h"
#include "tests.h"

#define SWITCH	"format id=100 system=sched name=switch fields=a\n"

/* A join of two images that only has ids; free_join() */
static struct join *assign(const char *a, const char *b, bool one_boot)
{
	struct join *j = calloc(1, sizeof(*j));

	j->one_boot = one_boot;
	j->nr = 2;
	j->inputs = calloc(2, sizeof(*j->inputs));
	j->inputs[0].src = image_open(a);
	j->inputs[1].src = image_open(b);
	CU_ASSERT_EQUAL(join_ids_assign(j), 0);
	return j;
}

static void free_join(struct join *j)
{
	merge_source_close(j->inputs[0].src);
	merge_source_close(j->inputs[1].src);
	free(j->inputs);
	free(j);
}

static void test_equal(void)
{
	struct join *j = assign(SWITCH, "format id=7 system=sched name=switch fields=a", true);

	CU_ASSERT_EQUAL(join_id(j, &j->inputs[0], 100), 100);
	CU_ASSERT_EQUAL(join_id(j, &j->inputs[1], 7), 100);
	CU_ASSERT_EQUAL(j->inputs[1].nr_differs, 0);
	free_join(j);
}

static void test_taken(void)
{
	struct join *j = assign(SWITCH, "format id=100 system=irq name=entry", true);
	unsigned int id = join_id(j, &j->inputs[1], 100);

	CU_ASSERT_NOT_EQUAL(id, 100);
	CU_ASSERT_PTR_EQUAL(j->ids[id].input, &j->inputs[1]);
	CU_ASSERT_EQUAL(j->ids[id].id, 100);
	CU_ASSERT_EQUAL(j->inputs[1].nr_differs, 0);
	free_join(j);
}

static void test_differs(void)
{
	struct join *j = assign(SWITCH, "format id=101 system=sched name=switch fields=b", true);

	CU_ASSERT_EQUAL(j->inputs[1].nr_differs, 1);
	CU_ASSERT_EQUAL(j->inputs[1].differs[101 / 8], 1 << 101 % 8);
	CU_ASSERT_EQUAL(join_id(j, &j->inputs[1], 101), 101);
	free_join(j);
}

/* Of one boot, one file may have the print format as it was, the other made plain. */
static void test_print_format(void)
{
	static const char a[] = "format id=100 system=s name=e fields=f print=\"%d\",A\n";
	static const char b[] = "format id=9 system=s name=e fields=f print=\"%d\",1\n";
	struct join *j = assign(a, b, true);

	CU_ASSERT_EQUAL(j->inputs[1].nr_differs, 0);
	CU_ASSERT_EQUAL(join_id(j, &j->inputs[1], 9), 100);
	free_join(j);
	/* another boot may be of another kernel: it may mean something else */
	j = assign(a, b, false);
	CU_ASSERT_EQUAL(j->inputs[1].nr_differs, 1);
	free_join(j);
	j = assign(a, "format id=9 system=s name=e fields=fg print=\"%d\",A\n", true);
	CU_ASSERT_EQUAL(j->inputs[1].nr_differs, 1);
	free_join(j);
}

static void test_unknown(void)
{
	struct join *j = assign(SWITCH, "format id=5 system=s name=e", true);
	unsigned int id = join_id(j, &j->inputs[1], 100);

	/* nobody describes it, and it must not become the other's sched:switch */
	CU_ASSERT_NOT_EQUAL(id, 100);
	CU_ASSERT_EQUAL(join_id(j, &j->inputs[1], 100), id);
	CU_ASSERT_EQUAL(join_id(j, &j->inputs[1], 300), 300);
	CU_ASSERT_NOT_EQUAL(join_id(j, &j->inputs[0], 300), 300);
	free_join(j);
}

static void test_exhausted(void)
{
	struct join *j = assign(SWITCH, SWITCH, true);

	for (unsigned int id = 1; id < JOIN_NR_IDS; id++)
		CU_ASSERT_FATAL(join_id(j, &j->inputs[0], id) == id);
	CU_ASSERT_EQUAL(join_id(j, &j->inputs[1], 100), 100);
	CU_ASSERT_EQUAL(join_id(j, &j->inputs[1], 200), 0);
	free_join(j);
}

static const struct test tests[] = {
	{ "events with equal formats have one id", test_equal },
	{ "an id that is taken is another one", test_taken },
	{ "an event with another format is marked, and has an id of its own", test_differs },
	{ "of one boot, formats are equal when their fields are", test_print_format },
	{ "events without a format are nobody else's", test_unknown },
	{ "when no id is left, there is none", test_exhausted },
	{ NULL, NULL }
};

const struct test_suite suite_join_ids = { "join_ids", tests };
