// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "live_reader.h"
#include "page_build.h"
#include "tests.h"

#define SIZE	512u

/* A pipe stands for the kernel's file: it cannot be mapped, and read() does not wait */
struct pipe_ring {
	int in;
	struct live_reader *r;
	struct live_page page;
};

static void open_ring(struct pipe_ring *p, const char *way)
{
	struct merge_error err = { 0 };
	int ends[2];

	if (pipe2(ends, O_NONBLOCK))
		abort();
	p->in = ends[1];
	CU_ASSERT_EQUAL_FATAL(live_open(ends[0], SIZE, 8, way, &err, &p->r), 0);
}

static void close_ring(struct pipe_ring *p)
{
	live_close(p->r);
	close(p->in);
}

static void put_page(struct pipe_ring *p, unsigned int events, uint64_t lost)
{
	uint8_t data[SIZE];
	struct page_build b;

	page_build_init(&b, data, SIZE, 8, false, 1000);
	for (uint32_t i = 0; i < events; i++)
		page_build_event(&b, 1, (uint32_t[]){ 1, i }, 8);
	page_build_finish(&b, lost);
	CU_ASSERT_EQUAL(write(p->in, data, SIZE), SIZE);
}

static void test_the_best_way_that_works(void)
{
	struct pipe_ring p;

	open_ring(&p, NULL);
	CU_ASSERT_STRING_EQUAL(p.r->ops->name, "read");
	CU_ASSERT_EQUAL(strncmp(p.r->refused, "batch: ", 7), 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(p.r->refused, "; mmap: "));
	close_ring(&p);
	open_ring(&p, "read");
	CU_ASSERT_STRING_EQUAL(p.r->refused, "");
	close_ring(&p);
}

static void test_no_other_way_than_wanted(void)
{
	struct merge_error err = { 0 };
	struct live_reader *r;
	int ends[2];

	if (pipe(ends))
		abort();
	CU_ASSERT(live_open(dup(ends[0]), SIZE, 8, "mmap", &err, &r) < 0);
	CU_ASSERT_EQUAL(live_open(dup(ends[0]), SIZE, 8, "telepathy", &err, &r), -EINVAL);
	CU_ASSERT_STRING_EQUAL(err.text, "no ring is read by \"telepathy\"");
	CU_ASSERT_EQUAL(live_open(dup(ends[0]), 16, 8, NULL, &err, &r), -EINVAL);
	close(ends[0]);
	close(ends[1]);
}

static void test_stops_at_the_tail_once(void)
{
	struct pipe_ring p;

	open_ring(&p, "read");
	/* 41 events leave 4 bytes */
	put_page(&p, 41, 0);
	put_page(&p, 3, 0);
	put_page(&p, 2, 0);
	CU_ASSERT_EQUAL(live_next(p.r, false, &p.page), 1);
	CU_ASSERT_EQUAL(p.page.end, 41 * 12);
	CU_ASSERT_EQUAL(live_next(p.r, false, &p.page), 1);
	CU_ASSERT_EQUAL(live_next(p.r, false, &p.page), 0);
	/* the rest of that one, then what follows it */
	put_page(&p, 41, 0);
	CU_ASSERT_EQUAL(live_next(p.r, false, &p.page), 1);
	CU_ASSERT_EQUAL(p.page.end, 2 * 12);
	CU_ASSERT_EQUAL(live_next(p.r, false, &p.page), 1);
	CU_ASSERT_EQUAL(p.page.end, 41 * 12);
	CU_ASSERT_EQUAL(live_next(p.r, false, &p.page), 0);
	close_ring(&p);
}

static void test_takes_all_when_recording_is_off(void)
{
	struct pipe_ring p;

	open_ring(&p, "read");
	for (unsigned int i = 1; i < 5; i++)
		put_page(&p, i, 0);
	for (unsigned int i = 1; i < 5; i++) {
		CU_ASSERT_EQUAL(live_next(p.r, true, &p.page), 1);
		CU_ASSERT_EQUAL(p.page.end, 12 * i);
	}
	CU_ASSERT_EQUAL(live_next(p.r, true, &p.page), 0);
	close_ring(&p);
}

/* As a page again: what was read is what the kernel gave */
static void test_copies_are_what_read_gives(void)
{
	static const uint64_t losses[] = { 0, 7, MERGE_LOST_UNKNOWN };
	struct pipe_ring p;
	uint8_t copy[SIZE];

	open_ring(&p, "read");
	for (size_t i = 0; i < sizeof(losses) / sizeof(*losses); i++) {
		put_page(&p, 5, losses[i]);
		CU_ASSERT_EQUAL(live_next(p.r, true, &p.page), 1);
		CU_ASSERT_EQUAL(p.page.lost, losses[i]);
		live_copy(p.r, &p.page, copy);
		CU_ASSERT_EQUAL(memcmp(copy, p.page.data, SIZE), 0);
	}
	close_ring(&p);
}

static void test_steps_over_empty_ones(void)
{
	struct pipe_ring p;

	open_ring(&p, "read");
	put_page(&p, 0, 0);
	put_page(&p, 1, 0);
	CU_ASSERT_EQUAL(live_next(p.r, true, &p.page), 1);
	CU_ASSERT_EQUAL(p.page.end, 12);
	close_ring(&p);
}

static void test_hostile_words(void)
{
	struct pipe_ring p;
	uint8_t data[SIZE], copy[SIZE];

	open_ring(&p, "read");
	memset(data, 0xff, SIZE);
	CU_ASSERT_EQUAL(write(p.in, data, SIZE), SIZE);
	CU_ASSERT_EQUAL(live_next(p.r, true, &p.page), 1);
	CU_ASSERT_EQUAL(p.page.end, SIZE - 16);
	CU_ASSERT_EQUAL(p.page.lost, MERGE_LOST_UNKNOWN);
	live_copy(p.r, &p.page, copy);
	/* less than a header */
	CU_ASSERT_EQUAL(write(p.in, data, 16), 16);
	CU_ASSERT_EQUAL(live_next(p.r, true, &p.page), -EBADMSG);
	/* a part of one: what is not there is zero */
	memset(data + 8, 0, SIZE - 8);
	data[8] = 100;
	CU_ASSERT_EQUAL(write(p.in, data, 60), 60);
	CU_ASSERT_EQUAL(live_next(p.r, true, &p.page), 1);
	CU_ASSERT_EQUAL(p.page.end, 100);
	CU_ASSERT_EQUAL(p.page.data[115], 0);
	close_ring(&p);
}

static const struct test tests[] = {
	{ "takes the best way that works, and says why not a better one",
	  test_the_best_way_that_works },
	{ "takes no other way than the one wanted", test_no_other_way_than_wanted },
	{ "stops once where a writer is", test_stops_at_the_tail_once },
	{ "takes all when recording is off", test_takes_all_when_recording_is_off },
	{ "copies are what read() gives", test_copies_are_what_read_gives },
	{ "steps over empty sub-buffers", test_steps_over_empty_ones },
	{ "hostile words are held against the size", test_hostile_words },
	{ 0 },
};

const struct test_suite suite_live_reader = { "live_reader", tests };
