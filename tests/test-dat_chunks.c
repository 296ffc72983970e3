// SPDX-License-Identifier: GPL-2.0-or-later
/* Bytes out of chunks: anywhere, with bounded memory, up to where they break off. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "dat_chunks.h"
#include "tests.h"

/* More than there is room for in the index */
#define NR	5000u

/* A file of chunks of 1 to 16 numbers that count up; *@total: how many numbers */
static int make(struct dat_reader *r, uint32_t *total)
{
	char path[] = "/tmp/test-chunks-XXXXXX";
	uint32_t number = 0, head[2], count = NR;
	uint64_t state = 3;

	*r = (struct dat_reader){ .fd = mkstemp(path), .zip = dat_zip_find("zlib") };
	unlink(path);
	CU_ASSERT_EQUAL(write(r->fd, &count, 4), 4);
	for (uint32_t i = 0; i < NR; i++) {
		uint32_t plain[16], n = 1 + test_random(&state) % 16;
		uint8_t data[200];
		uLongf size = sizeof(data);

		for (uint32_t k = 0; k < n; k++)
			plain[k] = number++;
		compress(data, &size, (uint8_t *)plain, 4 * n);
		head[0] = size;
		head[1] = 4 * n;
		CU_ASSERT_EQUAL(write(r->fd, head, 8), 8);
		CU_ASSERT_EQUAL((uLongf)write(r->fd, data, size), size);
	}
	r->size = lseek(r->fd, 0, SEEK_END);
	*total = number;
	return 0;
}

static bool check_at(struct dat_chunks *c, const struct dat_reader *r, struct dat_cache *cache,
		     uint32_t first, uint32_t count)
{
	uint32_t numbers[64];
	uint64_t place;

	if (dat_chunks_read(c, r, cache, 4 * (uint64_t)first, numbers, 4 * count, &place))
		return false;
	for (uint32_t i = 0; i < count; i++)
		if (numbers[i] != first + i)
			return false;
	return place > 0 && place < r->size;
}

static void test_reads_anywhere(void)
{
	struct dat_cache cache = { 0 };
	struct dat_chunks c;
	struct dat_reader r;
	uint64_t state = 5;
	uint32_t total, wrong = 0;

	make(&r, &total);
	CU_ASSERT_EQUAL_FATAL(dat_chunks_init(&c, &r, 0, r.size, true), 0);
	CU_ASSERT_EQUAL(c.size, 4 * (uint64_t)total);
	CU_ASSERT_EQUAL(c.bad, 0);
	CU_ASSERT(c.nr_index <= 1024);
	cache.all = &c;
	cache.nr = 1;
	for (uint32_t i = 0; i + 50 <= total; i += 50)
		wrong += !check_at(&c, &r, &cache, i, 50);
	for (uint32_t i = 0; i < 2000; i++)
		wrong += !check_at(&c, &r, &cache, test_random(&state) % (total - 64), 64);
	CU_ASSERT_EQUAL(wrong, 0);
	CU_ASSERT_FALSE(check_at(&c, &r, &cache, total - 1, 2));
	CU_ASSERT_TRUE(check_at(&c, &r, &cache, total - 1, 1));
	dat_chunks_deinit(&c);
	close(r.fd);
}

static void test_ends_where_the_file_does(void)
{
	struct dat_cache cache = { 0 };
	struct dat_reader r;
	uint32_t total;
	uint64_t whole;

	make(&r, &total);
	whole = r.size;
	for (uint64_t size = 0; size < 200; size += 3) {
		struct dat_chunks c;

		r.size = whole - size;
		CU_ASSERT_EQUAL_FATAL(dat_chunks_init(&c, &r, 0, whole, true), 0);
		CU_ASSERT_EQUAL(!size, !c.bad);
		CU_ASSERT(c.bad <= r.size);
		cache.all = &c;
		cache.nr = 1;
		CU_ASSERT(check_at(&c, &r, &cache, c.size / 4 - 1, 1));
		dat_chunks_deinit(&c);
		cache.bytes = 0;
	}
	close(r.fd);
}

static void test_says_which_chunk_is_damaged(void)
{
	struct dat_cache cache = { 0 };
	struct dat_chunks c;
	struct dat_reader r;
	uint32_t total, number;
	uint64_t place;

	make(&r, &total);
	CU_ASSERT_EQUAL(pwrite(r.fd, "\xff\xff", 2, 4 + 8 + 4), 2);
	CU_ASSERT_EQUAL_FATAL(dat_chunks_init(&c, &r, 0, r.size, true), 0);
	cache.all = &c;
	cache.nr = 1;
	for (int i = 0; i < 2; i++) {
		CU_ASSERT_EQUAL(dat_chunks_read(&c, &r, &cache, 0, &number, 4, &place), -EBADMSG);
		CU_ASSERT_EQUAL(place, 4);
		CU_ASSERT_TRUE(check_at(&c, &r, &cache, 100, 64));
	}
	dat_chunks_deinit(&c);
	close(r.fd);
}

static void test_does_not_believe_sizes(void)
{
	static const uint32_t sizes[][2] = {
		{ 8, 0 }, { 8, UINT32_MAX }, { UINT32_MAX, 8 }, { 0, 64 }, { 8, 64u << 20 },
	};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct dat_chunks c;
		struct dat_reader r;
		uint32_t total;

		make(&r, &total);
		CU_ASSERT_EQUAL(pwrite(r.fd, sizes[i], 8, 4), 8);
		CU_ASSERT_EQUAL_FATAL(dat_chunks_init(&c, &r, 0, r.size, true), 0);
		CU_ASSERT_EQUAL(c.size, 0);
		CU_ASSERT_EQUAL(c.bad, 4);
		dat_chunks_deinit(&c);
		close(r.fd);
	}
}

static void test_keeps_a_bounded_cache(void)
{
	struct dat_chunks all[3];
	struct dat_cache cache = { .all = all, .nr = 3 };
	struct dat_reader r;
	uint32_t total, number = 0;

	make(&r, &total);
	for (int i = 0; i < 3; i++)
		CU_ASSERT_EQUAL_FATAL(dat_chunks_init(&all[i], &r, 0, r.size, true), 0);
	/* a chunk of the largest size there is */
	while (check_at(&all[0], &r, &cache, number, 1) && all[0].data_size < 64)
		number += all[0].data_size / 4;
	for (int i = 0; i < 3; i++)
		CU_ASSERT_TRUE(check_at(&all[i], &r, &cache, number, 1));
	CU_ASSERT_EQUAL(cache.bytes, 3 * 64);
	/* as if there was just room for two: the one not used for longest goes */
	cache.bytes += DAT_CACHE_MAX - 2 * 64;
	CU_ASSERT_TRUE(check_at(&all[0], &r, &cache, number, 1));
	CU_ASSERT_TRUE(check_at(&all[2], &r, &cache, total - 1, 1));
	CU_ASSERT_PTR_NULL(all[1].data);
	CU_ASSERT_PTR_NOT_NULL(all[0].data);
	for (int i = 0; i < 3; i++)
		dat_chunks_deinit(&all[i]);
	close(r.fd);
}

static const struct test tests[] = {
	{ "all is read, in order and anywhere", test_reads_anywhere },
	{ "a file cut off gives what it has", test_ends_where_the_file_does },
	{ "a damaged chunk has a place, others are read", test_says_which_chunk_is_damaged },
	{ "sizes that cannot be end the chunks", test_does_not_believe_sizes },
	{ "what is expanded is bounded in all", test_keeps_a_bounded_cache },
	{ NULL, NULL }
};
const struct test_suite suite_dat_chunks = { "dat_chunks", tests };
