// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mkimage.h"
#include "tests.h"

/* An event with its key: the latest time at or before it in its stream */
struct keyed {
	struct merge_event ev;
	uint64_t key;
};

struct list {
	struct keyed *items;
	size_t nr;
};

static void append(struct list *list, const struct merge_event *ev, uint64_t key)
{
	list->items = realloc(list->items, (list->nr + 1) * sizeof(*list->items));
	if (!list->items)
		abort();
	list->items[list->nr++] = (struct keyed){ .ev = *ev, .key = key };
}

/* Append what @sel selects; its key is right when it selects one stream. */
static void collect(struct list *list, struct merge_source *src,
		    const struct merge_select *sel)
{
	struct merge_error err = { 0 };
	struct merge_iter *it;
	struct merge_event ev;
	uint64_t key = 0;
	size_t before = list->nr;
	int ret;

	CU_ASSERT_EQUAL_FATAL(merge_iter_create(src, sel, NULL, NULL, &err, &it), 0);
	while ((ret = merge_iter_next(it, &ev)) == 1) {
		if (ev.ts > key)
			key = ev.ts;
		append(list, &ev, key);
	}
	CU_ASSERT_EQUAL(ret, 0);
	CU_ASSERT_EQUAL(merge_iter_next(it, &ev), 0);
	CU_ASSERT_EQUAL(merge_iter_stats(it)->events, list->nr - before);
	merge_iter_destroy(it);
}

/* The total order, as merge.c states it */
static int compare(const void *a, const void *b)
{
	const struct keyed *x = a, *y = b;
	const struct merge_event *p = &x->ev, *q = &y->ev;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	if (p->buffer->index != q->buffer->index)
		return p->buffer->index < q->buffer->index ? -1 : 1;
	if (p->cpu != q->cpu)
		return p->cpu < q->cpu ? -1 : 1;
	if (p->subbuf != q->subbuf)
		return p->subbuf < q->subbuf ? -1 : 1;
	return (p->offset > q->offset) - (p->offset < q->offset);
}

static bool same_event(const struct merge_event *a, const struct merge_event *b)
{
	return a->buffer == b->buffer && a->cpu == b->cpu && a->ts == b->ts &&
	       a->subbuf == b->subbuf && a->offset == b->offset && a->size == b->size;
}

/* @b is @a without its first @skip items */
static bool same_list(const struct list *a, size_t skip, const struct list *b)
{
	if (a->nr - skip != b->nr)
		return false;
	for (size_t i = 0; i < b->nr; i++)
		if (!same_event(&a->items[skip + i].ev, &b->items[i].ev))
			return false;
	return true;
}

static struct merge_source *open_random(uint64_t seed, unsigned int nr_cpus,
					unsigned int flags)
{
	char *text = image_random(seed, nr_cpus, flags);
	struct merge_source *src = image_open(text);

	free(text);
	return src;
}

/* The merge is the sorted sum of the streams, each read by itself. */
static bool is_ordered(uint64_t seed)
{
	struct merge_source *src = open_random(seed, seed % 12, seed % 4);
	struct list apart = { 0 }, merged = { 0 };
	bool good;

	for (unsigned int b = 0; b < src->nr_buffers; b++)
		for (unsigned int c = 0; c < src->buffers[b].nr_cpus; c++)
			collect(&apart, src, &(struct merge_select){
				.buffers = &b, .nr_buffers = 1,
				.cpus = &src->buffers[b].cpus[c].cpu, .nr_cpus = 1 });
	if (apart.nr)
		qsort(apart.items, apart.nr, sizeof(*apart.items), compare);
	collect(&merged, src, NULL);
	good = same_list(&apart, 0, &merged);
	free(apart.items);
	free(merged.items);
	merge_source_close(src);
	return good;
}

static void test_order(void)
{
	for (uint64_t seed = 1; seed < 2000; seed++)
		if (!is_ordered(seed)) {
			printf("seed %u\n", (unsigned int)seed);
			CU_FAIL("not in order, or not all");
			return;
		}
	CU_PASS("all in order");
}

/* Time range and last N, against looking at every event there is */
static bool is_selected(struct merge_source *src, const struct list *all,
			const struct merge_select *sel)
{
	struct list want = { 0 }, got = { 0 };
	size_t skip = 0;
	bool good;

	for (size_t i = 0; i < all->nr; i++) {
		const struct merge_event *ev = &all->items[i].ev;

		if (ev->ts >= sel->from && (!sel->to || ev->ts <= sel->to))
			append(&want, ev, 0);
	}
	if (sel->last && want.nr > sel->last)
		skip = want.nr - sel->last;
	collect(&got, src, sel);
	good = same_list(&want, skip, &got);
	free(want.items);
	free(got.items);
	return good;
}

static void test_selection(void)
{
	for (uint64_t seed = 1; seed < 400; seed++) {
		struct merge_source *src = open_random(seed, seed % 9, seed % 2);
		struct list all = { 0 };
		uint64_t state = seed;

		collect(&all, src, NULL);
		for (int i = 0; i < 40; i++) {
			struct merge_select sel = {
				.from = test_random(&state) % 2 ? test_random(&state) % 150 : 0,
				.to = test_random(&state) % 2 ? test_random(&state) % 150 : 0,
				.last = test_random(&state) % 2 ? test_random(&state) % 60 : 0,
			};

			if (is_selected(src, &all, &sel))
				continue;
			printf("seed %u from %u to %u last %u\n", (unsigned int)seed,
			       (unsigned int)sel.from, (unsigned int)sel.to,
			       (unsigned int)sel.last);
			CU_FAIL("not what was selected");
		}
		free(all.items);
		merge_source_close(src);
	}
	CU_PASS("all as selected");
}

#define TWO_BUFFERS							\
	"buffer a\n"							\
	"cpu 0\npage ts=10\nevent +0\nevent +10\n"			\
	"cpu 1\npage ts=10\nevent +0\nevent +5\n"			\
	"buffer b\n"							\
	"cpu 0\npage ts=10\nevent +0\nevent +10\n"			\
	"cpu 1\npage ts=5\nevent +0\nevent +5\nevent +0\n"

static void test_ties(void)
{
	CHECK_TEXT(image_render(image_open(TWO_BUFFERS), NULL, NULL),
		   "b/1 5 7\na/0 10 1\na/1 10 3\nb/0 10 5\nb/1 10 8\nb/1 10 9\n"
		   "a/1 15 4\na/0 20 2\nb/0 20 6\n");
}

static void test_parts(void)
{
	static const unsigned int one[] = { 1 };

	CHECK_TEXT(image_render(image_open(TWO_BUFFERS), &(struct merge_select){
				.buffers = one, .nr_buffers = 1 }, NULL),
		   "b/1 5 7\nb/0 10 5\nb/1 10 8\nb/1 10 9\nb/0 20 6\n");
	CHECK_TEXT(image_render(image_open(TWO_BUFFERS), &(struct merge_select){
				.cpus = one, .nr_cpus = 1 }, NULL),
		   "b/1 5 7\na/1 10 3\nb/1 10 8\nb/1 10 9\na/1 15 4\n");
	CHECK_TEXT(image_render(image_open(""), NULL, NULL), "");
	CHECK_TEXT(image_render(image_open("buffer a\n"), NULL, NULL), "");
}

static void test_backwards(void)
{
	struct merge_stats stats;

	/* what goes back comes at once, and holds nothing else up */
	CHECK_TEXT(image_render(image_open("cpu 0\npage ts=10\nevent +0\nstamp 5\nevent +0\n"
					   "event +1\nevent +6\ncpu 1\npage ts=7\nevent +0\n"
					   "event +3\nevent +1\n"), NULL, &stats),
		   "top/1 7 5\ntop/0 10 1\ntop/0 5 2 back\ntop/0 6 3\ntop/1 10 6\n"
		   "top/1 11 7\ntop/0 12 4\n");
	CU_ASSERT_EQUAL(stats.backwards, 1);
}

static const char damaged[] =
	"cpu 0\npage ts=10 missed=2\nevent +0\npage error=61\npage ts=30\nevent +0\n"
	"cpu 1\npage ts=15\nevent +0\nraw 01\ncpu 2\npage ts=9 missed=?\nevent +30\n"
	"page ts=50 missed=4\n";

static void test_damage(void)
{
	struct merge_stats stats;

	CHECK_TEXT(image_render(image_open(damaged), NULL, &stats),
		   "top/0 10 1 lost=2\n! top/0 1@0 ENODATA No data available\ntop/1 15 3\n"
		   "! top/1 0@28 EBADMSG event header cut off\ntop/0 30 2 lost=?\n"
		   "top/2 39 4 lost=?\n");
	CU_ASSERT_EQUAL(stats.events, 4);
	CU_ASSERT_EQUAL(stats.lost, 6);
	CU_ASSERT_EQUAL(stats.lost_unknown, 3);
	CU_ASSERT_EQUAL(stats.subbufs, 6);
	CU_ASSERT_EQUAL(stats.damaged, 2);
	CU_ASSERT_EQUAL(stats.bytes, 5 * 256);
	CU_ASSERT_EQUAL(stats.backwards, 0);
}

/* What is passed over on the way to the last N is not counted as delivered. */
static void test_last_stats(void)
{
	struct merge_stats stats;

	CHECK_TEXT(image_render(image_open("cpu 0\npage ts=10 missed=2\nevent +0\nstamp 9\n"
					   "event +0\npage ts=20 missed=?\nevent +0\n"
					   "cpu 1\npage ts=11 missed=?\nevent +0\nevent +20\n"),
				&(struct merge_select){ .last = 2 }, &stats),
		   "top/0 20 3 lost=?\ntop/1 31 5\n");
	CU_ASSERT_EQUAL(stats.events, 2);
	CU_ASSERT_EQUAL(stats.lost, 0);
	CU_ASSERT_EQUAL(stats.lost_unknown, 1);
	CU_ASSERT_EQUAL(stats.backwards, 0);
}

static void test_misuse(void)
{
	static const unsigned int two[] = { 2 }, ends[] = { 0, 2 };
	static const char image[] = "buffer a\nbuffer b clock=mono\nbuffer c\n";

	CHECK_TEXT(image_render(image_open(image), NULL, NULL),
		   "= -22 buffers a and b have the clocks local and mono: no common order\n");
	CHECK_TEXT(image_render(image_open(image), &(struct merge_select){
				.buffers = ends, .nr_buffers = 2 }, NULL), "");
	CHECK_TEXT(image_render(image_open("buffer a\n"), &(struct merge_select){
				.buffers = two, .nr_buffers = 1 }, NULL),
		   "= -22 no buffer 2: there are 1\n");
	merge_iter_destroy(NULL);
}

/* However early or late the user asks to stop, it is heard; then it can go on. */
static void check_interrupts(const struct merge_select *sel)
{
	struct list all = { 0 }, got = { 0 };
	struct merge_source *src = open_random(7, 5, 0);
	unsigned int most;

	collect(&all, src, sel);
	most = image_of(src)->polls;
	for (unsigned int at = 1; at <= most; at++) {
		struct merge_error err = { 0 };
		struct merge_iter *it;
		struct merge_event ev;
		int ret;

		got.nr = 0;
		image_of(src)->polls = 0;
		image_of(src)->interrupt_at = at;
		ret = merge_iter_create(src, sel, NULL, NULL, &err, &it);
		if (ret) {
			image_of(src)->interrupt_at = 0;
			CU_ASSERT_EQUAL(ret, -EINTR);
			CU_ASSERT_STRING_EQUAL(err.text, "interrupted");
			continue;
		}
		while ((ret = merge_iter_next(it, &ev)))
			if (ret == 1)
				append(&got, &ev, 0);
			else
				image_of(src)->interrupt_at = 0;
		CU_ASSERT_TRUE(same_list(&all, 0, &got));
		merge_iter_destroy(it);
	}
	free(all.items);
	free(got.items);
	merge_source_close(src);
}

static void test_interrupted(void)
{
	check_interrupts(NULL);
	check_interrupts(&(struct merge_select){ .last = 9 });
	check_interrupts(&(struct merge_select){ .from = 20, .to = 90, .last = 25 });
}

/* Also within one large sub-buffer */
static void test_polling(void)
{
	struct merge_source *src = image_open("size 262144\ncpu 0\npage ts=1\n"
					      "event +1 count=20000\n");
	struct merge_error err = { 0 };
	struct merge_iter *it;
	struct merge_event ev;
	unsigned int count = 0, polls;

	CU_ASSERT_EQUAL(merge_iter_create(src, NULL, NULL, NULL, &err, &it), 0);
	polls = image_of(src)->polls;
	image_of(src)->interrupt_at = polls + 2;
	while (merge_iter_next(it, &ev) == 1)
		count++;
	CU_ASSERT_TRUE(count > 4096 && count < 3 * 4096);
	CU_ASSERT_EQUAL(merge_iter_next(it, &ev), 1);
	merge_iter_destroy(it);
	merge_source_close(src);
}

static const struct test tests[] = {
	{ "the merge is sorted and has all events of all CPUs", test_order },
	{ "time range and last N select what looking at all would", test_selection },
	{ "equal times come by buffer, CPU and position", test_ties },
	{ "only the buffers and CPUs asked for come", test_parts },
	{ "time that goes back does not reorder its CPU", test_backwards },
	{ "damage and losses are told in place and counted", test_damage },
	{ "what is passed over is not counted", test_last_stats },
	{ "buffers of different clocks are refused", test_misuse },
	{ "an iterator can be interrupted and goes on", test_interrupted },
	{ "an interrupt is heard within one sub-buffer", test_polling },
	{ NULL, NULL }
};

const struct test_suite suite_merge = { "merge", tests };
