// SPDX-License-Identifier: GPL-2.0-or-later
/* What a file of version 7 says of itself, and what is made of it when that is wrong. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dat-in.h"
#include "tests.h"

#define TWO_CPUS \
	"size 4096\nbuffer top\ncpu 0\npage ts=1000\nevent +10 id=118\n" \
	"cpu 1\npage ts=1000\nevent +20 id=118\n"

/* Of a CPU's entry behind a buffer's number of CPUs: u32 number, u64 place, u64 size */
#define ENTRY_SIZE	20
#define ENTRY_BYTES	12

static struct dat_hand make(void)
{
	struct dat_hand hand = { .zip = "none" };

	dat_hand_make(&hand, TWO_CPUS);
	return hand;
}

/* The size of sub-buffers, u32, of the only buffer; the number of CPUs and entries follow */
static uint8_t *find_buffer(const struct dat_hand *hand)
{
	static const uint8_t says[] = "local\0\0\x10\0\0\2\0\0";
	uint8_t *at = memmem(hand->data, hand->size, says, sizeof(says));

	CU_ASSERT_PTR_NOT_NULL_FATAL(at);
	return at + strlen("local") + 1;
}

static uint8_t *find_entry(const struct dat_hand *hand, unsigned int i)
{
	return find_buffer(hand) + 8 + i * ENTRY_SIZE;
}

/* Events and notices of the file, or why it is refused. Frees hand->data */
static char *outcome(struct dat_hand *hand)
{
	struct merge_error err;
	struct dat_place place;
	struct merge_source *src;
	char *text, *events, *notices;

	dat_place_make(&place);
	src = dat_hand_open(hand, hand->size, &place, &err);
	events = src ? dat_in_numbers(src) : strdup("");
	notices = src ? dat_in_notices(src) : strdup(strchr(err.text, ' ') + 1);
	if (asprintf(&text, "%s%s", events, notices) < 0)
		abort();
	free(events);
	free(notices);
	dat_in_close(src, &place);
	free(hand->data);
	return text;
}

static void test_whole(void)
{
	struct dat_hand hand = make();

	CHECK_TEXT(outcome(&hand), "0 1010 1 0\n1 1020 2 0\n");
}

static void test_unfinished(void)
{
	struct dat_hand hand = make();

	/* behind magic, version, byte order, long, page size, "none" and "1.2" */
	memset(hand.data + 12 + 1 + 1 + 4 + 5 + 4, 0, 8);
	CHECK_TEXT(outcome(&hand),
		   "this trace.dat was never finished: it does not say where its options are");
}

static void test_cpu_twice(void)
{
	struct dat_hand hand = make();
	char *text;

	memset(find_entry(&hand, 1), 0, 4);
	text = outcome(&hand);
	CU_ASSERT_EQUAL(strncmp(text, "0 1010 1 0\nbuffer top: no sub-buffers of CPU 0 at ", 49), 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "the file has that CPU twice"));
	free(text);
}

static void test_endless_options(void)
{
	struct dat_hand hand = make();
	/* the last section is that of the options; it ends with where the next one is */
	uint64_t options = hand.offsets[hand.nr_offsets - 1];

	memcpy(hand.data + hand.size - 8, &options, 8);
	CHECK_TEXT(outcome(&hand), "0 1010 1 0\n1 1020 2 0\nthe file's options never end\n");
}

static void test_size_of_subbufs(void)
{
	struct dat_hand hand = make();

	memcpy(find_buffer(&hand), "\0\x18\0\0", 4);
	CHECK_TEXT(outcome(&hand), "buffer top is left out: the file says that its sub-buffers are of 6144 bytes\n");
}

/* A last sub-buffer without its end has its events nevertheless */
static void test_part_of_a_subbuf(void)
{
	struct dat_hand hand = make();

	memcpy(find_entry(&hand, 1) + ENTRY_BYTES, "\xa0\x0f\0\0\0\0\0\0", 8);	/* 4000 */
	CHECK_TEXT(outcome(&hand), "0 1010 1 0\n1 1020 2 0\n");
}

static void test_section_beyond_the_end(void)
{
	struct dat_hand hand = make();
	char *text;

	for (size_t i = 0; i < hand.nr_offsets; i++)
		if (hand.data[hand.offsets[i]] == KALLSYMS)
			memset(hand.data + hand.offsets[i] + 8, 0x7f, 8);
	text = outcome(&hand);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "the file ends within section 19 at "));
	CU_ASSERT_EQUAL(strncmp(text, "0 1010 1 0\n1 1020 2 0\n", 22), 0);
	free(text);
}

static const struct test tests[] = {
	{ "a whole file has nothing to note", test_whole },
	{ "a file that was never finished is refused", test_unfinished },
	{ "a CPU that is there twice is taken once", test_cpu_twice },
	{ "options that lead to themselves end", test_endless_options },
	{ "a size that no sub-buffer has leaves the buffer out", test_size_of_subbufs },
	{ "part of a sub-buffer gives its events", test_part_of_a_subbuf },
	{ "a section that ends behind the file is noted", test_section_beyond_the_end },
	{ NULL, NULL }
};
const struct test_suite suite_dat_layout = { "dat_layout", tests };
