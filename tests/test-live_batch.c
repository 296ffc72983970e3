// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fake-ring.h"
#include "tests.h"

/* A fake ring and its reader */
struct taken {
	struct fake_ring f;
	struct live_batch b;
};

static void begin(struct taken *t)
{
	struct merge_error err = { 0 };

	fake_ring_init(&t->f);
	t->f.old = true;
	t->b = (struct live_batch){ .map = t->f.map, .ioctl = fake_ring_batch, .arg = &t->f };
	CU_ASSERT_EQUAL_FATAL(live_map_init(&t->b.map, &err), 0);
	CU_ASSERT_EQUAL_FATAL(live_batch_init(&t->b, &err), 0);
}

static void end(struct taken *t)
{
	live_batch_deinit(&t->b);
	fake_ring_deinit(&t->f);
}

/* What is given until nothing is, as fake_ring_drain() has it */
static char *drain(struct taken *t)
{
	struct live_page page;
	bool stop = false;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int ret = 0;

	for (int i = 0; i < 20 && !stop; i++) {
		ret = live_batch_next(&t->b, &page, &stop);
		if (ret <= 0)
			break;
		fake_ring_print_page(out, &page);
	}
	fprintf(out, "%s\n", ret < 0 ? strerror(-ret) : stop ? "tail" : ret ? "endless" : ".");
	fclose(out);
	return text;
}

static void test_takes_all_by_two_calls(void)
{
	struct taken t;

	begin(&t);
	CHECK_TEXT(drain(&t), ".\n");
	fake_ring_write(&t.f, 85);
	t.f.calls = 0;
	CHECK_TEXT(drain(&t), "1-20 21-40 41-60 61-80 81-85 tail\n");
	CU_ASSERT_EQUAL(t.f.calls, 2);
	CU_ASSERT_EQUAL(t.f.meta->read, 85);
	CHECK_TEXT(drain(&t), ".\n");
	end(&t);
}

static void test_the_growing_one_again(void)
{
	struct taken t;

	begin(&t);
	fake_ring_write(&t.f, 45);
	CHECK_TEXT(drain(&t), "1-20 21-40 41-45 tail\n");
	fake_ring_write(&t.f, 3);
	CHECK_TEXT(drain(&t), "41-48+ tail\n");
	fake_ring_write(&t.f, 40);
	CHECK_TEXT(drain(&t), "41-60+ 61-80 81-88 tail\n");
	end(&t);
}

static void test_tells_the_part_that_is_new(void)
{
	struct live_page page;
	struct taken t;
	bool tail;

	begin(&t);
	fake_ring_write(&t.f, 3);
	CU_ASSERT_EQUAL(live_batch_next(&t.b, &page, &tail), 1);
	CU_ASSERT_FALSE(page.again);
	CU_ASSERT_EQUAL(page.end, 3 * 12);
	fake_ring_write(&t.f, 2);
	CU_ASSERT_EQUAL(live_batch_next(&t.b, &page, &tail), 1);
	CU_ASSERT_TRUE(page.again);
	CU_ASSERT_EQUAL(page.start, 3 * 12);
	CU_ASSERT_EQUAL(page.end, 5 * 12);
	CU_ASSERT_EQUAL(page.base, 0);
	end(&t);
}

/* What comes between PEEK and ADVANCE is not consumed */
static void test_what_comes_meanwhile_stays(void)
{
	struct taken t;

	begin(&t);
	fake_ring_write(&t.f, 25);
	t.f.late = 3;
	t.f.once = true;
	CHECK_TEXT(drain(&t), "1-20 21-25 tail\n");
	CU_ASSERT_EQUAL(t.f.meta->read, 25);
	CHECK_TEXT(drain(&t), "21-28+ tail\n");
	end(&t);
}

static void test_tells_what_is_lost(void)
{
	struct taken t;

	begin(&t);
	fake_ring_write(&t.f, 130);
	CHECK_TEXT(drain(&t), "1-20 61-80 lost=40 81-100 101-120 121-130 tail\n");
	fake_ring_write(&t.f, 103);
	CHECK_TEXT(drain(&t), "121-140+ 161-180 lost=20 181-200 201-220 221-233 tail\n");
	end(&t);
}

/* The writer goes over them while they are copied: what was out of the ring is good */
static void test_overwritten_copies_are_thrown_away(void)
{
	struct taken t;

	begin(&t);
	fake_ring_write(&t.f, 85);
	t.f.late = 60;
	t.f.once = true;
	/* of the last one what was there when it was copied */
	CHECK_TEXT(drain(&t), "1-20 81-85 lost=60 tail\n");
	CU_ASSERT_EQUAL(t.f.meta->read, 25);
	CU_ASSERT_EQUAL(t.f.meta->overrun, 60);
	CHECK_TEXT(drain(&t), "81-100+ lost=60 101-120 121-140 141-145 tail\n");
	end(&t);
}

/* One that is always late gets one sub-buffer each time */
static void test_a_late_reader_gets_on(void)
{
	struct taken t;

	begin(&t);
	fake_ring_write(&t.f, 85);
	t.f.late = 200;
	CHECK_TEXT(drain(&t),
		   "1-20 221-240 lost=200 621-640 lost=380 1021-1040 lost=380 1421-1440 lost=380 "
		   "1821-1840 lost=380 2221-2240 lost=380 2621-2640 lost=380 3021-3040 lost=380 "
		   "3421-3440 lost=380 3821-3840 lost=380 4221-4240 lost=380 4621-4640 lost=380 "
		   "5021-5040 lost=380 5421-5440 lost=380 5821-5840 lost=380 6221-6240 lost=380 "
		   "6621-6640 lost=380 7021-7040 lost=380 7421-7440 lost=380 endless\n");
	end(&t);
}

static void test_leaves_what_others_read(void)
{
	struct taken t;

	begin(&t);
	fake_ring_write(&t.f, 6);
	t.f.consumed = t.f.meta->reader.read = 4 * 12;
	t.f.consumed_events = 4;
	CHECK_TEXT(drain(&t), "5-6 tail\n");
	fake_ring_write(&t.f, 15);
	CHECK_TEXT(drain(&t), "5-20+ 21-21 tail\n");
	end(&t);
}

/* They had all of it; what was lost since is ours to tell, and no more */
static void test_what_was_lost_before_it_begins(void)
{
	struct taken t;

	begin(&t);
	fake_ring_write(&t.f, 20);
	t.f.consumed = t.f.meta->reader.read = 20 * 12;
	t.f.consumed_events = 20;
	fake_ring_write(&t.f, 100);
	CHECK_TEXT(drain(&t), "41-60 lost=20 61-80 81-100 101-120 tail\n");
	end(&t);
}

/* echo >trace, between PEEK and ADVANCE too */
static void test_a_ring_that_is_emptied_begins_anew(void)
{
	struct taken t;

	begin(&t);
	fake_ring_write(&t.f, 5);
	CHECK_TEXT(drain(&t), "1-5 tail\n");
	t.f.pages[0].pos = t.f.consumed = t.f.consumed_events = t.f.events[0] = 0;
	t.f.generation++;
	t.f.seq[0] = t.f.last_seq = 1;
	t.f.index[0] = 3;
	fake_ring_write(&t.f, 7);
	CHECK_TEXT(drain(&t), "6-12 lost=3 tail\n");
	end(&t);
}

static int stale_once(void *arg, unsigned int request, void *data)
{
	struct fake_ring *f = arg;
	int ret = fake_ring_batch(arg, request, data);

	if (f->calls == 1)
		f->generation++;
	return ret;
}

static void test_emptied_between_the_calls(void)
{
	struct taken t;

	begin(&t);
	t.b.ioctl = stale_once;
	fake_ring_write(&t.f, 25);
	CHECK_TEXT(drain(&t), "1-20 21-25 tail\n");
	CU_ASSERT_EQUAL(t.f.calls, 4);
	end(&t);
}

/* A list can be made only when one of them was taken out of the ring */
static int too_fast(void *arg, unsigned int request, void *data)
{
	struct fake_ring *f = arg;

	if (request == LIVE_PEEK && f->fails)
		return f->fails;
	f->fails = 0;
	return fake_ring_batch(arg, request, data);
}

static void test_tries_again(void)
{
	struct taken t;

	begin(&t);
	fake_ring_write(&t.f, 5);
	CHECK_TEXT(drain(&t), "1-5 tail\n");
	t.b.ioctl = too_fast;
	t.f.fails = -EAGAIN;
	fake_ring_write(&t.f, 35);
	CHECK_TEXT(drain(&t), "1-20+ 21-40 tail\n");
	end(&t);
}

static int always_too_fast(void *arg, unsigned int request, void *data)
{
	(void)arg;
	(void)request;
	(void)data;
	return -EAGAIN;
}

static void test_says_when_it_does_not_know(void)
{
	struct taken t;

	begin(&t);
	CHECK_TEXT(drain(&t), ".\n");
	CU_ASSERT(!t.b.outrun);
	t.b.ioctl = always_too_fast;
	fake_ring_write(&t.f, 5);
	CHECK_TEXT(drain(&t), ".\n");
	CU_ASSERT(t.b.outrun);
	t.b.ioctl = fake_ring_batch;
	CHECK_TEXT(drain(&t), "1-5 tail\n");
	CHECK_TEXT(drain(&t), ".\n");
	CU_ASSERT(!t.b.outrun);
	end(&t);
}

static void test_hands_on_what_the_ioctl_says(void)
{
	struct taken t;

	begin(&t);
	fake_ring_write(&t.f, 5);
	t.f.fails = -ENODEV;
	CHECK_TEXT(drain(&t), "No such device\n");
	end(&t);
}

static void test_other_kernels_are_refused(void)
{
	struct merge_error err = { 0 };
	struct taken t;

	begin(&t);
	live_batch_deinit(&t.b);
	t.f.meta->flags = 0;
	CU_ASSERT_EQUAL(live_batch_init(&t.b, &err), -ENOTSUP);
	CU_ASSERT_STRING_EQUAL(err.text, "this kernel gives one sub-buffer at a time");
	t.f.meta->flags = LIVE_BATCH_FLAG;
	t.f.meta->meta_struct_len = 80;
	CU_ASSERT_EQUAL(live_batch_init(&t.b, &err), -ENOTSUP);
	end(&t);
}

/* ---- What a kernel should not say ------------------------------------------ */

struct bad {
	const char *name;
	uint32_t nr, id, commit, read;
	bool good;
};

static const struct bad bads[] = {
	{ "it is as it should be", 1, 4, FAKE_SIZE - 16, 12, true },
	{ "more than there is room for", 1000, 4, 24, 12, false },
	{ "no such sub-buffer", 1, FAKE_SUBBUFS, 24, 12, false },
	{ "longer than a sub-buffer", 1, 4, FAKE_SIZE - 15, 12, false },
	{ "more is read than there is", 1, 4, 24, 25, false },
};

static int say_it(void *arg, unsigned int request, void *data)
{
	const struct bad *bad = arg;
	struct live_peek *p = data;

	if (request != LIVE_PEEK)
		return 0;
	p->nr = bad->nr;
	*(struct live_subbuf *)(uintptr_t)p->subbufs = (struct live_subbuf){
		.seq = 1, .id = bad->id, .commit = bad->commit, .read = bad->read,
	};
	return 0;
}

static void test_refuses_what_makes_no_sense(void)
{
	for (size_t i = 0; i < sizeof(bads) / sizeof(*bads); i++) {
		struct live_page page;
		struct taken t;
		bool tail;

		begin(&t);
		t.b.ioctl = say_it;
		t.b.arg = (void *)&bads[i];
		CHECK_ROW(live_batch_next(&t.b, &page, &tail) == (bads[i].good ? 1 : -EBADMSG),
			  bads[i].name);
		/* nothing of a list that was refused is given later */
		CHECK_ROW(!live_batch_holds(&t.b), bads[i].name);
		end(&t);
	}
}

static const struct test tests[] = {
	{ "takes all that there is by two calls", test_takes_all_by_two_calls },
	{ "gives the growing sub-buffer again", test_the_growing_one_again },
	{ "tells the part that is new", test_tells_the_part_that_is_new },
	{ "what comes meanwhile stays for the next time", test_what_comes_meanwhile_stays },
	{ "tells what is lost", test_tells_what_is_lost },
	{ "throws overwritten copies away", test_overwritten_copies_are_thrown_away },
	{ "a reader that is always late gets on", test_a_late_reader_gets_on },
	{ "leaves what others have read", test_leaves_what_others_read },
	{ "tells what was lost when it begins, and not before", test_what_was_lost_before_it_begins },
	{ "a ring that is emptied begins anew", test_a_ring_that_is_emptied_begins_anew },
	{ "one that is emptied amid a batch is read again", test_emptied_between_the_calls },
	{ "tries again when the writer was faster", test_tries_again },
	{ "says when it does not know whether there is something", test_says_when_it_does_not_know },
	{ "hands on what the ioctl says", test_hands_on_what_the_ioctl_says },
	{ "refuses kernels that have no batches", test_other_kernels_are_refused },
	{ "refuses lists that make no sense", test_refuses_what_makes_no_sense },
	{ 0 },
};

const struct test_suite suite_live_batch = { "live_batch", tests };
