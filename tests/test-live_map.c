// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fake-ring.h"
#include "tests.h"

static void init(struct fake_ring *f)
{
	struct merge_error err = { 0 };

	fake_ring_init(f);
	CU_ASSERT_EQUAL_FATAL(live_map_init(&f->map, &err), 0);
}

static void test_takes_all(void)
{
	struct fake_ring f;

	init(&f);
	CHECK_TEXT(fake_ring_drain(&f, true), ".\n");
	fake_ring_write(&f, 45);
	CHECK_TEXT(fake_ring_drain(&f, true), "1-20 21-40 41-45 tail\n");
	CU_ASSERT_EQUAL(f.calls, 4);
	fake_ring_write(&f, 40);
	CHECK_TEXT(fake_ring_drain(&f, true), "41-60+ 61-80 81-85 tail\n");
	CHECK_TEXT(fake_ring_drain(&f, true), ".\n");
	fake_ring_deinit(&f);
}

/* The writer never rests: each time there is a little more */
static void test_does_not_run_after_the_writer(void)
{
	struct fake_ring f;

	init(&f);
	fake_ring_write(&f, 25);
	f.late = 1;
	CHECK_TEXT(fake_ring_drain(&f, true), "1-20 21-26 21-27+ tail\n");
	CU_ASSERT_EQUAL(f.calls, 3);
	/* after a pause it may be full for long */
	CHECK_TEXT(fake_ring_drain(&f, true), "21-28+ 21-29+ tail\n");
	f.late = 0;
	fake_ring_write(&f, 30);
	CHECK_TEXT(fake_ring_drain(&f, true), "21-40+ 41-60 tail\n");
	fake_ring_deinit(&f);
}

static void test_tells_the_part_that_is_new(void)
{
	struct live_page page;
	struct fake_ring f;
	bool tail;

	init(&f);
	fake_ring_write(&f, 3);
	CU_ASSERT_EQUAL(live_map_next(&f.map, true, &page, &tail), 1);
	CU_ASSERT_EQUAL(page.start, 0);
	CU_ASSERT_EQUAL(page.end, 3 * 12);
	CU_ASSERT_FALSE(page.again);
	fake_ring_write(&f, 2);
	CU_ASSERT_EQUAL(live_map_next(&f.map, true, &page, &tail), 1);
	CU_ASSERT_EQUAL(page.start, 3 * 12);
	CU_ASSERT_EQUAL(page.end, 5 * 12);
	CU_ASSERT_TRUE(page.again);
	fake_ring_deinit(&f);
}

static void test_tells_what_is_lost(void)
{
	struct fake_ring f;

	init(&f);
	fake_ring_write(&f, 130);
	/* the reader's own one is not written over */
	CHECK_TEXT(fake_ring_drain(&f, true), "1-20 61-80 lost=40 81-100 101-120 121-130 tail\n");
	fake_ring_write(&f, 3);
	CHECK_TEXT(fake_ring_drain(&f, true), "121-133+ tail\n");
	fake_ring_write(&f, 100);
	CHECK_TEXT(fake_ring_drain(&f, true),
		   "121-140+ 161-180 lost=20 181-200 201-220 221-233 tail\n");
	/* not once more, should the meta page say it as well */
	f.meta->reader.lost_events = 20;
	fake_ring_write(&f, 10);
	CHECK_TEXT(fake_ring_drain(&f, true), "221-240+ 241-243 tail\n");
	fake_ring_deinit(&f);
}

/* Its meta page says it, and does not stop saying it */
static void test_old_kernels_tell_it_once(void)
{
	struct fake_ring f;

	init(&f);
	f.old = true;
	fake_ring_write(&f, 130);
	CHECK_TEXT(fake_ring_drain(&f, true), "1-20 61-80 lost=40 81-100 101-120 121-130 tail\n");
	fake_ring_write(&f, 30);
	CHECK_TEXT(fake_ring_drain(&f, true), "121-140+ 141-160 tail\n");
	fake_ring_write(&f, 120);
	CHECK_TEXT(fake_ring_drain(&f, true), "201-220 lost=40 221-240 241-260 261-280 tail\n");
	fake_ring_deinit(&f);
}

static void test_lost_stays_with_one_that_grows(void)
{
	struct live_page page;
	struct fake_ring f;
	bool tail;

	init(&f);
	f.old = true;
	fake_ring_write(&f, 125);
	for (int i = 0; i < 5; i++)
		CU_ASSERT_EQUAL(live_map_next(&f.map, true, &page, &tail), 1);
	f.meta->overrun = 47;
	f.meta->reader.lost_events = 7;
	f.overrun_seen = 47;
	fake_ring_write(&f, 1);
	CU_ASSERT_EQUAL(live_map_next(&f.map, true, &page, &tail), 1);
	CU_ASSERT_TRUE(page.again);
	CU_ASSERT_EQUAL(page.lost, 0);
	fake_ring_deinit(&f);
}

static void test_leaves_what_others_read(void)
{
	struct fake_ring f;

	fake_ring_init(&f);
	fake_ring_write(&f, 6);
	f.consumed = f.meta->reader.read = f.pages[0].pos;
	f.consumed_events = 6;
	f.meta->read = 6;
	/* they were told of it, too */
	f.meta->reader.lost_events = f.meta->overrun = f.overrun_seen = 3;
	f.meta->entries += 3;
	CU_ASSERT_EQUAL_FATAL(live_map_init(&f.map, NULL), 0);
	CHECK_TEXT(fake_ring_drain(&f, true), ".\n");
	fake_ring_write(&f, 3);
	CHECK_TEXT(fake_ring_drain(&f, true), "7-9 tail\n");
	fake_ring_write(&f, 15);
	CHECK_TEXT(fake_ring_drain(&f, true), "7-20+ 21-24 tail\n");
	fake_ring_deinit(&f);
}

/* echo >trace */
static void test_a_ring_that_is_emptied_begins_anew(void)
{
	struct fake_ring f;

	init(&f);
	fake_ring_write(&f, 5);
	CHECK_TEXT(fake_ring_drain(&f, true), "1-5 tail\n");
	f.pages[0].pos = f.consumed = f.consumed_events = f.events[0] = 0;
	f.meta->entries = f.meta->read = 0;
	fake_ring_write(&f, 7);
	CHECK_TEXT(fake_ring_drain(&f, true), "6-12 tail\n");
	fake_ring_deinit(&f);
}

static void test_hands_on_what_the_ioctl_says(void)
{
	struct fake_ring f;

	init(&f);
	fake_ring_write(&f, 5);
	f.fails = -ENODEV;
	CHECK_TEXT(fake_ring_drain(&f, true), "No such device\n");
	fake_ring_deinit(&f);
}

/* ---- What a kernel should not say ------------------------------------------ */

struct bad {
	const char *name;
	struct live_meta meta;
	const char *why;
};

#define META(...)	{ .meta_page_size = 4096, .meta_struct_len = 80, .subbuf_size = FAKE_SIZE, \
			  .nr_subbufs = 5, __VA_ARGS__ }

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"
static const struct bad bads[] = {
	{ "short head", META(.meta_struct_len = 63), "its head has 63 bytes" },
	{ "no first page", META(.meta_page_size = 0), "its first page cannot have 0 bytes" },
	{ "odd first page", META(.meta_page_size = 4097), "cannot have 4097" },
	{ "no size", META(.subbuf_size = 0), "sub-buffers cannot have 0 bytes" },
	{ "odd size", META(.subbuf_size = 1000), "sub-buffers cannot have 1000 bytes" },
	{ "huge size", META(.subbuf_size = 1u << 31), "sub-buffers cannot have 2147483648" },
	{ "no sub-buffers", META(.nr_subbufs = 0), "there cannot be 0 sub-buffers" },
	{ "many sub-buffers", META(.nr_subbufs = UINT32_MAX), "there cannot be 4294967295" },
	{ "more than is mapped", META(.nr_subbufs = 6), "only 24576 are mapped" },
	{ "reader's id", META(.reader.id = 5), "the reader cannot be at byte 0 of sub-buffer 5" },
	{ "reader's read", META(.reader.read = 4081), "the reader cannot be at byte 4081" },
};
#pragma GCC diagnostic pop

static void test_refuses_what_makes_no_sense(void)
{
	for (size_t i = 0; i < sizeof(bads) / sizeof(*bads); i++) {
		struct merge_error err = { 0 };
		struct fake_ring f;

		fake_ring_init(&f);
		*f.meta = bads[i].meta;
		CHECK_ROW(live_map_init(&f.map, &err) == -EBADMSG, bads[i].name);
		CHECK_ROW(strstr(err.text, bads[i].why) != NULL, bads[i].name);
		fake_ring_deinit(&f);
	}
}

static int spoil_id(void *arg)
{
	((struct fake_ring *)arg)->meta->reader.id = FAKE_SUBBUFS;
	return 0;
}

static int spoil_read(void *arg)
{
	((struct fake_ring *)arg)->meta->reader.read = FAKE_SIZE - 15;
	return 0;
}

/* Sizes are those of the beginning, whatever is said later */
static int spoil_sizes(void *arg)
{
	struct fake_ring *f = arg;

	f->meta->subbuf_size = 1u << 30;
	f->meta->nr_subbufs = UINT32_MAX;
	f->meta->meta_page_size = 1u << 31;
	f->meta->reader.id = 4;
	f->meta->reader.read = FAKE_SIZE - 16;
	return 0;
}

/* Each page's commit word and count of losses are anything */
static int spoil_pages(void *arg)
{
	struct fake_ring *f = arg;

	memset(f->memory + FAKE_META, 0xff, FAKE_SUBBUFS * FAKE_SIZE);
	f->meta->reader.id = (f->meta->reader.id + 1) % FAKE_SUBBUFS;
	f->meta->reader.read = FAKE_SIZE - 16;
	return 0;
}

static void test_a_kernel_that_goes_mad_is_refused(void)
{
	struct live_page page;
	struct fake_ring f;
	bool tail;

	init(&f);
	f.map.get_reader = spoil_id;
	CU_ASSERT_EQUAL(live_map_next(&f.map, true, &page, &tail), -EBADMSG);
	f.meta->reader.id = 0;
	f.map.get_reader = spoil_read;
	CU_ASSERT_EQUAL(live_map_next(&f.map, true, &page, &tail), -EBADMSG);
	f.meta->reader.read = 0;
	f.map.get_reader = spoil_sizes;
	CU_ASSERT_EQUAL(live_map_next(&f.map, true, &page, &tail), 1);
	CU_ASSERT_PTR_EQUAL(page.data, f.memory + FAKE_META + 4 * FAKE_SIZE);
	CU_ASSERT_EQUAL(page.end, FAKE_SIZE - 16);
	fake_ring_deinit(&f);
}

static void test_pages_of_anything_are_copied(void)
{
	struct live_reader r = { .subbuf_size = FAKE_SIZE, .long_size = 8 };
	uint8_t *copy = malloc(FAKE_SIZE);
	struct live_page page;
	struct fake_ring f;
	bool tail;

	init(&f);
	f.map.get_reader = spoil_pages;
	for (unsigned int i = 0; i < 2 * FAKE_SUBBUFS; i++) {
		CU_ASSERT_EQUAL_FATAL(live_map_next(&f.map, true, &page, &tail), 1);
		CU_ASSERT_EQUAL(page.lost, MERGE_LOST_UNKNOWN);
		page.base = i * 100;
		live_copy(&r, &page, copy);
	}
	free(copy);
	fake_ring_deinit(&f);
}

static const struct test tests[] = {
	{ "takes sub-buffer after sub-buffer, the growing one again", test_takes_all },
	{ "does not run after the writer", test_does_not_run_after_the_writer },
	{ "tells the part that is new", test_tells_the_part_that_is_new },
	{ "tells what is lost", test_tells_what_is_lost },
	{ "kernels before 6.12 tell it by the meta page", test_old_kernels_tell_it_once },
	{ "a loss belongs to the sub-buffer it came with", test_lost_stays_with_one_that_grows },
	{ "leaves what others have read", test_leaves_what_others_read },
	{ "a ring that is emptied begins anew", test_a_ring_that_is_emptied_begins_anew },
	{ "hands on what the ioctl says", test_hands_on_what_the_ioctl_says },
	{ "refuses a meta page that makes no sense", test_refuses_what_makes_no_sense },
	{ "refuses a reader's place outside the map", test_a_kernel_that_goes_mad_is_refused },
	{ "sub-buffers of any bytes are copied", test_pages_of_anything_are_copied },
	{ 0 },
};

const struct test_suite suite_live_map = { "live_map", tests };
