// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>

#include "heap.h"
#include "tests.h"

#define MOST	40

static int compare(const void *a, const void *b)
{
	const struct heap_entry *x = a, *y = b;

	if (x->ts != y->ts)
		return x->ts < y->ts ? -1 : 1;
	return (x->rank > y->rank) - (x->rank < y->rank);
}

/* A heap of @nr entries with few different times, and the same in order */
static void fill(struct heap *h, struct heap_entry *sorted, size_t nr, uint64_t *state)
{
	CU_ASSERT_EQUAL_FATAL(heap_init(h, nr), 0);
	for (size_t i = 0; i < nr; i++) {
		sorted[i].ts = test_random(state) % 8;
		sorted[i].rank = (i * 17) % nr;	/* ranks do not come in order */
		if (nr % 17 == 0)
			sorted[i].rank = i;
		heap_push(h, sorted[i].ts, sorted[i].rank);
	}
	qsort(sorted, nr, sizeof(*sorted), compare);
}

static void test_pops_in_order(void)
{
	struct heap_entry sorted[MOST];
	uint64_t state = 1;

	for (size_t nr = 0; nr <= MOST; nr++) {
		struct heap h;

		fill(&h, sorted, nr, &state);
		for (size_t i = 0; i < nr; i++) {
			CU_ASSERT_EQUAL(compare(heap_top(&h), &sorted[i]), 0);
			heap_pop(&h);
		}
		CU_ASSERT_PTR_NULL(heap_top(&h));
		heap_deinit(&h);
	}
}

static void test_second(void)
{
	struct heap_entry sorted[MOST];
	uint64_t state = 2;

	for (size_t nr = 0; nr <= MOST; nr++) {
		struct heap h;

		fill(&h, sorted, nr, &state);
		for (size_t i = 0; i + 1 < nr; i++) {
			CU_ASSERT_EQUAL(compare(heap_second(&h), &sorted[i + 1]), 0);
			heap_pop(&h);
		}
		CU_ASSERT_PTR_NULL(heap_second(&h));
		heap_deinit(&h);
	}
}

static void test_replace_top(void)
{
	struct heap_entry sorted[MOST];
	uint64_t state = 3;

	for (size_t nr = 1; nr <= MOST; nr++) {
		struct heap h;

		fill(&h, sorted, nr, &state);
		for (int i = 0; i < 100; i++) {
			sorted[0].ts += test_random(&state) % 8;
			heap_replace_top(&h, sorted[0].ts);
			qsort(sorted, nr, sizeof(*sorted), compare);
			CU_ASSERT_EQUAL(compare(heap_top(&h), &sorted[0]), 0);
		}
		heap_deinit(&h);
	}
}

static void test_entry_size(void)
{
	CU_ASSERT_EQUAL(sizeof(struct heap_entry), 16);
}

static const struct test tests[] = {
	{ "entries come by time, then by rank", test_pops_in_order },
	{ "the second is the one after the top", test_second },
	{ "a replaced top sinks to its place and keeps its rank", test_replace_top },
	{ "an entry has 16 bytes", test_entry_size },
	{ NULL, NULL }
};

const struct test_suite suite_heap = { "heap", tests };
