// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "page_pack.h"
#include "tests.h"

#define SIZE	64

static const uint8_t record[200] = { 7, 0, 0, 0, 9, 8, 7, 6 };

/* One sub-buffer as text: "lost N", then "TIME SIZE" for each event, then "-" */
static void print_page(const struct page_pack *p, FILE *out)
{
	struct subbuf sb = { .data = p->data, .size = p->size };
	struct page_event ev;
	struct page page;

	CU_ASSERT_EQUAL(page_load(&page, &sb, p->size, p->long_size, p->big_endian), 0);
	if (page.lost == MERGE_LOST_UNKNOWN)
		fprintf(out, "lost ? ");
	else if (page.lost)
		fprintf(out, "lost %" PRIu64 " ", page.lost);
	while (page_next(&page, &ev)) {
		fprintf(out, "%" PRIu64 "/%u ", ev.ts, ev.size);
		CU_ASSERT_EQUAL(memcmp(ev.data, record, 8), 0);
	}
	fprintf(out, "- ");
}

struct event {
	uint64_t ts;
	uint64_t lost;
	uint32_t len;
};

static void append(struct page_pack *p, const struct event *ev, FILE *out)
{
	int ret = page_pack_event(p, ev->ts, ev->lost, record, ev->len);

	if (ret == -ENOSPC) {
		CU_ASSERT_TRUE(page_pack_finish(p));
		print_page(p, out);
		ret = page_pack_event(p, ev->ts, ev->lost, record, ev->len);
	}
	CU_ASSERT_EQUAL(ret, 0);
}

static char *pack(const struct event *ev, size_t nr, uint32_t long_size, bool big)
{
	struct page_pack p;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	page_pack_init(&p, SIZE, long_size, big);
	CU_ASSERT_FALSE(page_pack_finish(&p));
	for (size_t i = 0; i < nr; i++)
		append(&p, &ev[i], out);
	if (page_pack_finish(&p))
		print_page(&p, out);
	CU_ASSERT_FALSE(page_pack_finish(&p));
	page_pack_deinit(&p);
	fclose(out);
	return text;
}

#define PACK(...)							\
	pack((const struct event[]){ __VA_ARGS__ },			\
	     sizeof((const struct event[]){ __VA_ARGS__ }) / sizeof(struct event), 8, false)

static void test_fills(void)
{
	/* 48 bytes behind the header; an event of 8 bytes takes 12 */
	CHECK_TEXT(PACK({ 100, 0, 8 }, { 100, 0, 8 }, { 102, 0, 8 }, { 109, 0, 8 }, { 110, 0, 8 }),
		   "100/8 100/8 102/8 109/8 - 110/8 - ");
	CHECK_TEXT(PACK({ 5, 0, 44 }, { 5, 0, 40 }, { 6, 0, 8 }), "5/44 - 5/40 - 6/8 - ");
}

static void test_keeps_times(void)
{
	const uint64_t far = 1ull << 59;

	/* 28 bits want a time extend, which takes 8 bytes */
	CHECK_TEXT(PACK({ 1, 0, 8 }, { 1 + (1 << 27), 0, 8 }, { far, 0, 8 }),
		   "1/8 134217729/8 - 576460752303423488/8 - ");
	CHECK_TEXT(PACK({ 1, 0, 8 }, { far, 0, 8 }), "1/8 576460752303423488/8 - ");
	/* beyond what a time extend holds, and back */
	CHECK_TEXT(PACK({ 1, 0, 8 }, { 1 + far, 0, 8 }), "1/8 - 576460752303423489/8 - ");
	CHECK_TEXT(PACK({ UINT64_MAX, 0, 8 }, { 3, 0, 8 }, { 2, 0, 8 }, { 4, 0, 8 }),
		   "18446744073709551615/8 - 3/8 - 2/8 4/8 - ");
}

static void test_keeps_losses(void)
{
	CHECK_TEXT(PACK({ 1, 3, 8 }, { 2, 0, 8 }, { 3, 5, 8 }, { 4, MERGE_LOST_UNKNOWN, 8 }),
		   "lost 3 1/8 2/8 - lost 5 3/8 - lost ? 4/8 - ");
	/* room for the count is kept; where there is none, the loss is told without */
	CHECK_TEXT(PACK({ 1, 3, 8 }, { 2, 0, 8 }, { 3, 0, 8 }, { 4, 0, 8 }),
		   "lost 3 1/8 2/8 3/8 - 4/8 - ");
	CHECK_TEXT(PACK({ 1, 3, 36 }, { 2, 3, 40 }), "lost 3 1/36 - lost ? 2/40 - ");
}

static void test_big_endian(void)
{
	static const struct event events[] = { { 1, 9, 8 }, { 1 + (1 << 27), 0, 8 }, { 0, 0, 8 } };

	CHECK_TEXT(pack(events, 3, 4, true), "lost 9 1/8 134217729/8 - 0/8 - ");
}

static void test_refuses_what_never_fits(void)
{
	struct page_pack p;

	page_pack_init(&p, SIZE, 8, false);
	CU_ASSERT_EQUAL(page_pack_event(&p, 1, 0, record, 48), -EMSGSIZE);
	CU_ASSERT_FALSE(page_pack_finish(&p));
	CU_ASSERT_EQUAL(page_pack_event(&p, 1, 0, record, 44), 0);
	CU_ASSERT_EQUAL(page_pack_event(&p, 1, 0, record, 48), -ENOSPC);
	page_pack_deinit(&p);
}

static const struct test tests[] = {
	{ "events fill sub-buffers", test_fills },
	{ "time stamps stay, also far apart and going back", test_keeps_times },
	{ "losses stay, with their counts", test_keeps_losses },
	{ "another encoding", test_big_endian },
	{ "an event larger than a sub-buffer is refused", test_refuses_what_never_fits },
	{ NULL, NULL }
};

const struct test_suite suite_page_pack = { "page_pack", tests };
