// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fake-ring.h"
#include "live_stage.h"
#include "tests.h"

static int fake_next(struct live_reader *r, struct live_page *page)
{
	struct fake_ring *f = r->priv;

	return live_map_next(&f->map, r->resumed, page, &r->tail);
}

static const struct live_ops fake_ops = { .name = "fake", .next = fake_next };

struct staged {
	struct fake_ring f;
	struct live_reader r;
	struct live_stage s;
};

static void init(struct staged *t)
{
	fake_ring_init(&t->f);
	CU_ASSERT_EQUAL_FATAL(live_map_init(&t->f.map, NULL), 0);
	t->r = (struct live_reader){
		.ops = &fake_ops, .priv = &t->f, .subbuf_size = FAKE_SIZE, .long_size = 8,
	};
	CU_ASSERT_EQUAL_FATAL(live_stage_init(&t->s, &t->r), 0);
}

static void deinit(struct staged *t)
{
	live_stage_deinit(&t->s);
	fake_ring_deinit(&t->f);
}

/* Fill it up to @most, write those that are finished, or @all; what they hold */
static char *written(struct staged *t, bool all, unsigned int most)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int ret = live_stage_fill(&t->s, all, most);
	unsigned int nr = all ? t->s.used : live_stage_finished(&t->s);

	for (unsigned int i = 0; i < nr; i++)
		fake_ring_print(out, t->s.data + i * FAKE_SIZE, false);
	fprintf(out, "%d\n", ret);
	fclose(out);
	live_stage_forget(&t->s, nr);
	return text;
}

static void test_the_last_one_waits(void)
{
	struct staged t;

	init(&t);
	t.f.late = 1;
	fake_ring_write(&t.f, 45);
	CHECK_TEXT(written(&t, false, 9), "1-20 21-40 4\n");
	CU_ASSERT_EQUAL(t.s.used, 1);
	CHECK_TEXT(written(&t, false, 9), "2\n");
	CU_ASSERT_EQUAL(t.s.used, 1);
	fake_ring_write(&t.f, 20);
	CHECK_TEXT(written(&t, false, 9), "41-60 3\n");
	t.f.late = 0;
	CHECK_TEXT(written(&t, true, 9), "61-74 1\n");
	CHECK_TEXT(written(&t, true, 9), "0\n");
	deinit(&t);
}

static void test_no_more_than_there_is_room_for(void)
{
	struct staged t;

	init(&t);
	fake_ring_write(&t.f, 90);
	CHECK_TEXT(written(&t, false, 2), "1-20 2\n");
	CHECK_TEXT(written(&t, false, 2), "21-40 1\n");
	CHECK_TEXT(written(&t, true, 2), "41-60 61-80 1\n");
	CHECK_TEXT(written(&t, true, 2), "81-90 1\n");
	deinit(&t);
}

/* A flush amid the recording: what follows is one of its own, and nothing is lost twice */
static void test_one_that_grows_after_it_was_written(void)
{
	struct staged t;

	init(&t);
	fake_ring_write(&t.f, 125);
	CHECK_TEXT(written(&t, false, 9), "1-20 61-80 lost=40 81-100 101-120 5\n");
	CHECK_TEXT(written(&t, true, 9), "121-125 0\n");
	fake_ring_write(&t.f, 5);
	CHECK_TEXT(written(&t, true, 9), "126-130 1\n");
	fake_ring_write(&t.f, 5);
	CHECK_TEXT(written(&t, false, 9), "1\n");
	fake_ring_write(&t.f, 15);
	CHECK_TEXT(written(&t, false, 9), "131-140 2\n");
	CHECK_TEXT(written(&t, true, 9), "141-150 0\n");
	deinit(&t);
}

static void test_a_loss_is_told_once(void)
{
	struct staged t;

	init(&t);
	t.f.old = true;
	fake_ring_write(&t.f, 20);
	CHECK_TEXT(written(&t, true, 9), "1-20 1\n");
	t.f.meta->overrun = 7;
	t.f.meta->entries += 7;
	fake_ring_write(&t.f, 5);
	CHECK_TEXT(written(&t, true, 9), "21-25 lost=7 1\n");
	fake_ring_write(&t.f, 5);
	CHECK_TEXT(written(&t, true, 9), "26-30 1\n");
	deinit(&t);
}

static void test_errors_are_handed_on(void)
{
	struct staged t;

	init(&t);
	fake_ring_write(&t.f, 5);
	t.f.fails = -ENODEV;
	CHECK_TEXT(written(&t, true, 9), "-19\n");
	deinit(&t);
}

static const struct test tests[] = {
	{ "the last one waits until the next one comes", test_the_last_one_waits },
	{ "takes no more than there is room for", test_no_more_than_there_is_room_for },
	{ "one that grows after it was written goes on as another one",
	  test_one_that_grows_after_it_was_written },
	{ "a loss is told once", test_a_loss_is_told_once },
	{ "errors are handed on", test_errors_are_handed_on },
	{ 0 },
};

const struct test_suite suite_live_stage = { "live_stage", tests };
