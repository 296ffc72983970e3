// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sub-buffers of a persistent region against their seals: the crash windows of
 * docs/format.md one by one, damage, order, what is consumed and what is missing.
 */
#include <stdlib.h>
#include <string.h>

#include "mkimage.h"
#include "persist-in.h"
#include "tests.h"

/* One CPU with four sub-buffers; the last is being written */
#define FOUR								\
	"size 4096\nbuffer top clock=local\ncpu 0\n"			\
	"page ts=1000\nevent +1 id=118\npage ts=2000\nevent +1 id=118\n" \
	"page ts=3000\nevent +1 id=118\npage ts=4000\nevent +1 id=118\n"
#define E1	"top/0 1001 1\n"
#define E2	"top/0 2001 2\n"
#define E3	"top/0 3001 3\n"
#define E4	"top/0 4001 4\n"

/* ---- What is done to a region ---------------------------------------------- */

static uint64_t page(const struct persist_made *m, size_t k)
{
	return persist_subbuf_at(m, 0, k);
}

static uint64_t seal(const struct persist_made *m, size_t k)
{
	return persist_seal_at(m, 0, k);
}

/* The next sub-buffer is the oldest: (1) its commit word becomes 0 */
static void next_is_taken(struct persist_made *m)
{
	persist_put(m, page(m, 0) + 8, 8, 0);
}

/* (2) its time stamp and first record are written */
static void next_has_a_record(struct persist_made *m)
{
	next_is_taken(m);
	persist_put(m, page(m, 0), 8, 5000);
	memset(m->data + page(m, 0) + 16, 0x11, 8);
}

/* (4) the seal's time stamp is ~0 */
static void seal_is_begun(struct persist_made *m)
{
	persist_seal(m, 0, 3, 14);
	persist_put(m, seal(m, 3) + SEAL(time_stamp), 8, TRACE_PERSIST_UNSEALED);
}

/* (4) with nothing else written, in the place of an old one */
static void seal_is_old_but_begun(struct persist_made *m)
{
	memcpy(m->data + seal(m, 3), m->data + seal(m, 0), 64);
	persist_put(m, seal(m, 3) + SEAL(time_stamp), 8, TRACE_PERSIST_UNSEALED);
}

/* (3) what was sealed there is of the round before */
static void seal_is_old(struct persist_made *m)
{
	memcpy(m->data + seal(m, 3), m->data + seal(m, 0), 64);
	persist_put(m, seal(m, 3) + SEAL(sequence), 8, 10);
}

/* (6) all is sealed, nothing is in the next one */
static void all_is_sealed(struct persist_made *m)
{
	persist_seal(m, 0, 3, 14);
}

/* The next one has its first events: the oldest, whose seal is of what was there */
static void next_is_written(struct persist_made *m)
{
	all_is_sealed(m);
	memcpy(m->data + page(m, 0), m->data + page(m, 3), 4096);
	persist_put(m, page(m, 0), 8, 5000);
}

/* Consumed, and sealed anew with another sequence: the mark is old */
static void mark_is_old(struct persist_made *m)
{
	persist_put(m, seal(m, 1) + SEAL(consumed), 8, 2);
}

static void reader_cut_the_commit(struct persist_made *m)
{
	all_is_sealed(m);
	persist_put(m, page(m, 1) + 8, 8, 4);
}

static void reader_set_flags(struct persist_made *m)
{
	persist_put(m, page(m, 1) + 8, 8, 0xffffffffc0000000 | persist_get(m, page(m, 1) + 8, 8));
}

static void time_stamp_is_damaged(struct persist_made *m)
{
	persist_put(m, page(m, 1), 8, 99999);
}

static void event_is_damaged(struct persist_made *m)
{
	m->data[page(m, 1) + 20] ^= 4;
}

static void bytes_behind_the_commit(struct persist_made *m)
{
	memset(m->data + page(m, 1) + 2048, 0x77, 2048);
}

static void crc_is_damaged(struct persist_made *m)
{
	m->data[seal(m, 1) + SEAL(crc)] ^= 1;
}

static void sequence_is_damaged(struct persist_made *m)
{
	m->data[seal(m, 1) + SEAL(sequence) + 5] ^= 1;
}

static void seals_commit_is_damaged(struct persist_made *m)
{
	m->data[seal(m, 1) + SEAL(commit)] ^= 4;
}

static void seals_commit_is_huge(struct persist_made *m)
{
	persist_put(m, seal(m, 1) + SEAL(commit), 4, 0x3ffffff0);
	persist_put(m, page(m, 1) + 8, 8, 0x3ffffff0);
}

static void seal_is_of_nobody(struct persist_made *m)
{
	memset(m->data + seal(m, 1), 0, 64);
}

static void arming_is_damaged(struct persist_made *m)
{
	m->data[seal(m, 1) + SEAL(arming)] ^= 1;
}

static void is_of_an_earlier_arming(struct persist_made *m)
{
	uint32_t arming = m->arming;

	m->arming = 77;
	persist_seal(m, 0, 1, 12);
	m->arming = arming;
}

static void page_is_zeros(struct persist_made *m)
{
	memset(m->data + page(m, 1), 0, 4096);
}

static void two_pages_are_zeros(struct persist_made *m)
{
	all_is_sealed(m);
	memset(m->data + page(m, 1), 0, 4096);
	memset(m->data + page(m, 2), 0, 4096);
}

static void time_goes_back(struct persist_made *m)
{
	persist_put(m, page(m, 2), 8, 500);
	persist_seal(m, 0, 2, 13);
	persist_put(m, page(m, 3), 8, 600);
}

static void count_is_damaged(struct persist_made *m)
{
	m->data[seal(m, 1) + SEAL(overrun)] ^= 1;
}

static void reserved_is_used(struct persist_made *m)
{
	memset(m->data + seal(m, 1) + SEAL(reserved), 0xff, 4);
	memset(m->data + seal(m, 1) + SEAL(reserved2), 0xff, 8);
}

#define UNSEALED							\
	"# cpu 0: 1 sub-buffers amid others are unsealed, the first is 3 at 0x10000: " \
	"their events are shown unchecked\n"
#define MISSING(which)	"! top/0 1@0 ENODATA sub-buffers " which " are nowhere\n"
#define CORRUPT	"! top/0 1@0 EBADMSG sub-buffer 3 of the chunk: the crc is not its seal's\n"

/* Sealed, restored, unsealed, corrupt, missing, empty, old */
static const struct {
	const char *name;
	void (*how)(struct persist_made *m);
	const char *want, *counts;
} rows[] = {
	{ "after (1): the next one's commit word is 0", next_is_taken, E2 E3 E4, "2 0 1 0 0 2 0" },
	{ "after (2): the next one has a record", next_has_a_record, E2 E3 E4, "2 0 1 0 0 2 0" },
	{ "after (3): the seal is of the round before", seal_is_old, E1 E2 E3 E4, "3 0 1 0 0 1 0" },
	{ "after (4): the seal is begun", seal_is_begun, E1 E2 E3 E4, "3 0 1 0 0 1 0" },
	{ "after (4): the seal is an old one, begun", seal_is_old_but_begun, E1 E2 E3 E4,
	  "3 0 1 0 0 1 0" },
	{ "after (6): the seal is whole", all_is_sealed, E1 E2 E3 E4, "4 0 0 0 0 1 0" },
	{ "after (7): the next one is written", next_is_written,
	  E2 E3 E4 "top/0 5001 4\n", "3 0 1 0 0 1 0" },
	{ "a mark of being consumed that is old", mark_is_old, E1 E2 E3 E4, "3 0 1 0 0 1 0" },
	{ "a commit word that a reader cut", reader_cut_the_commit, E1 E2 E3 E4, "4 1 0 0 0 1 0" },
	{ "a commit word with flags", reader_set_flags,
	  E1 "top/0 2001 2 lost=?\n" E3 E4, "3 0 1 0 0 1 0" },
	{ "a damaged time stamp", time_stamp_is_damaged, E1 E2 E3 E4, "3 1 1 0 0 1 0" },
	{ "a damaged event", event_is_damaged, E1 CORRUPT "top/0 3001 3 lost=?\n" E4,
	  "2 0 1 1 0 1 0" },
	{ "other bytes behind the commit", bytes_behind_the_commit, E1 E2 E3 E4, "3 0 1 0 0 1 0" },
	{ "a damaged crc", crc_is_damaged, E1 CORRUPT "top/0 3001 3 lost=?\n" E4,
	  "2 0 1 1 0 1 0" },
	{ "a damaged sequence", sequence_is_damaged, E1 CORRUPT "top/0 3001 3 lost=?\n" E4,
	  "2 0 1 1 0 1 0" },
	{ "a damaged commit in the seal", seals_commit_is_damaged, E1 E2 E3 E4 UNSEALED,
	  "2 0 2 0 0 1 0" },
	{ "a damaged count", count_is_damaged, E1 CORRUPT "top/0 3001 3 lost=?\n" E4,
	  "2 0 1 1 0 1 0" },
	{ "commit words beyond the sub-buffer", seals_commit_is_huge,
	  E1 CORRUPT "top/0 3001 3 lost=?\n" E4, "2 0 1 1 0 1 0" },
	{ "no seal", seal_is_of_nobody, E1 E2 E3 E4 UNSEALED, "2 0 2 0 0 1 0" },
	{ "a damaged arming", arming_is_damaged, E1 E2 E3 E4 UNSEALED, "2 0 2 0 0 1 0" },
	{ "a seal of an earlier arming", is_of_an_earlier_arming,
	  E1 MISSING("12 to 12 were sealed, and 1") "top/0 3001 3 lost=?\n" E4, "2 0 1 0 1 1 1" },
	{ "zeros in the place of a sealed one", page_is_zeros,
	  E1 MISSING("12 to 12 were sealed, and 1") "top/0 3001 3 lost=?\n" E4, "2 0 1 0 1 2 0" },
	{ "zeros in the place of two", two_pages_are_zeros,
	  E1 MISSING("12 to 13 were sealed, and 2") "top/0 4001 4 lost=?\n", "2 0 0 0 2 3 0" },
	{ "time that goes back", time_goes_back, E1 E2 "top/0 501 3 back\ntop/0 601 4\n",
	  "3 0 1 0 0 1 0" },
	{ "bytes that are reserved", reserved_is_used, E1 E2 E3 E4, "3 0 1 0 0 1 0" },
};

static void check_counts(const struct merge_source *src, const char *want, const char *name)
{
	char *remarks = persist_in_remarks(src), *line = strstr(remarks, "cpu 0: "), got[80];
	unsigned long long n[8] = { 0 };

	CU_ASSERT_PTR_NOT_NULL_FATAL(line);
	sscanf(line, "cpu 0: sub-buffers %llu sealed, %llu of them restored, %llu unsealed, %llu corrupt, %llu missing, %llu consumed, %llu empty, %llu of",
	       &n[0], &n[1], &n[2], &n[3], &n[4], &n[5], &n[6], &n[7]);
	snprintf(got, sizeof(got), "%llu %llu %llu %llu %llu %llu %llu", n[0], n[1], n[2], n[3],
		 n[4], n[6], n[7]);
	CHECK_ROW(test_text(strdup(got), want), name);
	free(remarks);
}

static void test_each_state(void)
{
	const struct persist_how how = { 0 };

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct merge_source *src;
		struct persist_made m;

		persist_in_make(&m, FOUR, &how);
		rows[i].how(&m);
		src = persist_in_source(&m);
		check_counts(src, rows[i].counts, rows[i].name);
		CHECK_ROW(test_text(persist_in_all(src), rows[i].want), rows[i].name);
	}
}

/* All records of the buffer @index, alone */
static char *buffer_events(struct persist_made *m, unsigned int index)
{
	const struct merge_select sel = { .buffers = &index, .nr_buffers = 1 };

	return image_render(persist_in_source(m), &sel, NULL);
}

static void test_consumed_apart(void)
{
	const struct persist_how how = { .consumed = 2 };
	struct persist_made m;
	struct merge_source *src;

	persist_in_make(&m, FOUR, &how);
	src = persist_in_source(&m);
	CU_ASSERT_EQUAL(src->nr_buffers, 2);
	CU_ASSERT_STRING_EQUAL(src->buffers[1].name, "top/consumed");
	CU_ASSERT_EQUAL(src->buffers[1].kind, MERGE_CONSUMED);
	CU_ASSERT(merge_buffer_is_apart(&src->buffers[1]));
	CHECK_TEXT(persist_in_all(src), E3 E4);
	persist_in_make(&m, FOUR, &how);
	CHECK_TEXT(buffer_events(&m, 0), E3 E4);
	persist_in_make(&m, FOUR, &how);
	CHECK_TEXT(buffer_events(&m, 1), "top/consumed/0 1001 1\ntop/consumed/0 2001 2\n");
}

/* What was overwritten comes before the first, unless a consumer was told of some */
static void test_counts_what_was_overwritten(void)
{
	static const struct {
		size_t consumed;
		const char *want;
	} counted[] = {
		{ 0, "top/0 1001 1 lost=91\n" E2 E3 E4 }, { 1, E2 E3 E4 },
	};
	const struct merge_select sel = { .overruns = true };

	for (size_t i = 0; i < 2; i++) {
		const struct persist_how how = { .consumed = counted[i].consumed };
		struct persist_made m;

		persist_in_make(&m, FOUR, &how);
		CHECK_TEXT(image_render(persist_in_source(&m), &sel, NULL), counted[i].want);
	}
}

/* Kernels of both byte orders and word sizes, small and large sub-buffers */
static void test_any_kernel(void)
{
	static const char *const kernels[] = {
		"", "big\n", "long 4\n", "big\nlong 4\n", "size 65536\n",
	};

	for (size_t i = 0; i < sizeof(kernels) / sizeof(*kernels); i++) {
		const struct persist_how how = { .consumed = 0 };
		struct persist_made m;
		char *text;

		CU_ASSERT_FATAL(asprintf(&text, "%s%s", kernels[i],
					 i == 4 ? FOUR + strlen("size 4096\n") : FOUR) > 0);
		persist_in_make(&m, text, &how);
		/* what is made right again is in the kernel's own numbers */
		m.data[page(&m, 1)] ^= 1;
		m.data[page(&m, 2) + 8 + (m.big ? m.long_size - 1 : 0)] ^= 4;
		CHECK_ROW(test_text(persist_in_all(persist_in_source(&m)), E1 E2 E3 E4), kernels[i]);
		free(text);
	}
}

static const struct test tests[] = {
	{ "reads what a crash between any two stores leaves", test_each_state },
	{ "gives what was consumed apart, and never twice", test_consumed_apart },
	{ "counts what was overwritten", test_counts_what_was_overwritten },
	{ "reads those of any kernel", test_any_kernel },
	{ 0 }
};

const struct test_suite suite_persist_ring = { "persist_ring", tests };
