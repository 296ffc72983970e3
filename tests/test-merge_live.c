// SPDX-License-Identifier: GPL-2.0-or-later
/* Merging what is still being written: CPUs that have nothing for now. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "page_build.h"
#include "source.h"
#include "tests.h"

#define SIZE	512u
#define CPUS	3u

/*
 * A live source, played by a test. @times: by CPU the time of the next event, 0 none for
 * now; a sub-buffer has one event. @horizons: what the source says when there is none
 */
struct play {
	uint64_t times[CPUS];
	uint64_t horizons[CPUS];
	struct merge_source *src;
	struct merge_iter *it;
};

static int read_next(struct merge_source *src, const struct merge_buffer *buf,
		     unsigned int cpu_index, size_t i, void *data, struct merge_error *err,
		     struct subbuf *sb)
{
	struct play *p = src->priv;
	struct page_build b;

	(void)buf;
	(void)i;
	(void)err;
	if (!p->times[cpu_index])
		return -EAGAIN;
	page_build_init(&b, data, SIZE, 8, false, p->times[cpu_index]);
	page_build_event(&b, 0, (uint32_t[]){ 1, 0 }, 8);
	page_build_finish(&b, 0);
	*sb = (struct subbuf){ .data = data, .size = SIZE };
	p->times[cpu_index] = 0;
	return 0;
}

static uint64_t horizon(struct merge_source *src, const struct merge_buffer *buf,
			unsigned int cpu_index)
{
	(void)buf;
	return ((struct play *)src->priv)->horizons[cpu_index];
}

static const struct source_ops ops = { .name = "play", .read = read_next, .horizon = horizon };

static void set_up(struct play *p)
{
	struct merge_cpu *cpus = calloc(CPUS, sizeof(*cpus));
	struct merge_buffer buf = {
		.name = "top", .instance = "", .clock = "local", .clock_in_ns = true,
		.subbuf_size = SIZE, .nr_cpus = CPUS, .cpus = cpus,
	};
	struct merge_error err = { 0 };

	for (unsigned int i = 0; i < CPUS; i++)
		cpus[i] = (struct merge_cpu){ .cpu = i, .nr_subbufs = SIZE_MAX };
	p->src = source_create(&ops, p, 8, false);
	p->src->live = true;
	CU_ASSERT_EQUAL_FATAL(source_add_buffer(p->src, &buf), 0);
	CU_ASSERT_EQUAL_FATAL(merge_iter_create(p->src, NULL, NULL, NULL, &err, &p->it), 0);
}

static void tear_down(struct play *p)
{
	merge_iter_destroy(p->it);
	merge_source_close(p->src);
}

/* "CPU@TIME" of what comes, "!" behind one that is late, then "." or what else ended it */
static void expect(struct play *p, const char *wanted)
{
	struct merge_event ev;
	char text[200] = "";
	size_t len = 0;
	int ret;

	while ((ret = merge_iter_next(p->it, &ev)) == 1)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%u@%llu%s ", ev.cpu,
					(unsigned long long)ev.ts,
					ev.flags & MERGE_EVENT_BACKWARDS ? "!" : "");
	snprintf(text + len, sizeof(text) - len, "%s", ret == -EAGAIN ? "." : ret ? "error" : "end");
	CU_ASSERT_STRING_EQUAL(text, wanted);
}

static void test_holds_back_what_may_not_be_first(void)
{
	struct play p = { .times = { 10, 20, 0 }, .horizons = { 5, 5, 15 } };

	set_up(&p);
	/* CPU 2 may have something from 15 on; once CPU 0 has none, its horizon counts as well */
	expect(&p, "0@10 .");
	p.horizons[0] = 12;
	expect(&p, ".");
	p.times[2] = 17;
	p.horizons[0] = 30;
	expect(&p, "2@17 .");
	p.horizons[2] = 21;
	expect(&p, "1@20 .");
	tear_down(&p);
}

static void test_an_event_at_the_horizon_waits(void)
{
	struct play p = { .times = { 10, 0, 0 }, .horizons = { 0, 10, 11 } };

	set_up(&p);
	expect(&p, ".");
	p.horizons[1] = 11;
	expect(&p, "0@10 .");
	tear_down(&p);
}

static void test_a_busy_cpu_does_not_wait_for_itself(void)
{
	struct play p = { .times = { 10, 0, 0 }, .horizons = { 0, 100, 100 } };

	set_up(&p);
	expect(&p, "0@10 .");
	p.times[0] = 90;
	expect(&p, "0@90 .");
	/* it may have another one at 90, which would come first */
	p.times[1] = 90;
	expect(&p, ".");
	p.times[0] = 91;
	expect(&p, "1@90 0@91 .");
	tear_down(&p);
}

static void test_what_comes_too_late_is_told(void)
{
	struct play p = { .times = { 50, 0, 0 }, .horizons = { 0, 60, 60 } };

	set_up(&p);
	expect(&p, "0@50 .");
	p.times[1] = 40;
	p.horizons[0] = p.horizons[1] = 70;
	expect(&p, "1@40! .");
	p.times[1] = 65;
	p.horizons[2] = 70;
	expect(&p, "1@65 .");
	CU_ASSERT_EQUAL(merge_iter_stats(p.it)->backwards, 1);
	tear_down(&p);
}

static void test_ends_with_all_that_was_taken(void)
{
	struct play p = { .times = { 50, 60, 70 }, .horizons = { 0, 0, 0 } };

	set_up(&p);
	expect(&p, "0@50 .");
	for (unsigned int i = 0; i < CPUS; i++)
		p.src->buffers[0].cpus[i].nr_subbufs = 0;
	expect(&p, "1@60 2@70 end");
	expect(&p, "end");
	tear_down(&p);
}

static void test_has_no_positions(void)
{
	struct play p = { .times = { 50, 60, 70 } };
	struct merge_error err = { 0 };
	struct merge_iter *it;

	set_up(&p);
	CU_ASSERT_EQUAL(merge_iter_create(p.src, &(struct merge_select){ .last = 1 }, NULL, NULL,
					  &err, &it), -EINVAL);
	CU_ASSERT_EQUAL(merge_iter_create(p.src, &(struct merge_select){ .from = 1 }, NULL, NULL,
					  &err, &it), -EINVAL);
	CU_ASSERT_STRING_EQUAL(err.text, "a live trace has no positions");
	tear_down(&p);
}

/* An input's own EAGAIN is an error, as any */
static void test_only_live_sources_wait(void)
{
	struct source_ops dead = ops;
	struct play p = { .times = { 50, 60, 70 } };
	struct merge_error err = { 0 };
	struct merge_event ev;
	struct merge_iter *it;

	set_up(&p);
	merge_iter_destroy(p.it);
	p.it = NULL;
	dead.horizon = NULL;
	p.src->ops = &dead;
	CU_ASSERT_EQUAL(merge_iter_create(p.src, NULL, NULL, NULL, &err, &it), -EAGAIN);
	p.times[0] = p.times[1] = p.times[2] = 80;
	CU_ASSERT_EQUAL_FATAL(merge_iter_create(p.src, NULL, NULL, NULL, &err, &it), 0);
	CU_ASSERT_EQUAL(merge_iter_next(it, &ev), 1);
	CU_ASSERT_EQUAL(merge_iter_next(it, &ev), -EAGAIN);
	merge_iter_destroy(it);
	tear_down(&p);
}

static const struct test tests[] = {
	{ "holds back what may not be first", test_holds_back_what_may_not_be_first },
	{ "an event at the horizon waits", test_an_event_at_the_horizon_waits },
	{ "a busy CPU does not wait for itself", test_a_busy_cpu_does_not_wait_for_itself },
	{ "what comes too late is told", test_what_comes_too_late_is_told },
	{ "ends with all that was taken", test_ends_with_all_that_was_taken },
	{ "has no positions", test_has_no_positions },
	{ "only live sources wait", test_only_live_sources_wait },
	{ NULL, NULL }
};

const struct test_suite suite_merge_live = { "merge_live", tests };
