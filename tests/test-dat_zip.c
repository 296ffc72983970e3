// SPDX-License-Identifier: GPL-2.0-or-later
/* Compressed blocks, with sizes that are true and that are not. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "dat_zip.h"
#include "tests.h"

#define SIZE	5000u

struct packed {
	uint8_t plain[SIZE];
	uint8_t data[2 * SIZE];
	size_t size;
};

static void pack(struct packed *p, const char *name)
{
	uLongf size = sizeof(p->data);

	for (size_t i = 0; i < SIZE; i++)
		p->plain[i] = i * i >> 3;
	if (!strcmp(name, "zlib"))
		compress(p->data, &size, p->plain, SIZE);
	else
		size = ZSTD_compress(p->data, size, p->plain, SIZE, 1);
	p->size = size;
}

static void test_expands(void)
{
	static const char *const names[] = { "zlib", "zstd" };
	struct packed p;
	void *out;

	for (size_t i = 0; i < 2; i++) {
		const struct dat_zip *zip = dat_zip_find(names[i]);

		pack(&p, names[i]);
		CU_ASSERT_EQUAL_FATAL(dat_zip_expand(zip, p.data, p.size, SIZE, &out), 0);
		CU_ASSERT_EQUAL(memcmp(out, p.plain, SIZE), 0);
		CU_ASSERT_EQUAL(((char *)out)[SIZE], 0);
		free(out);
	}
}

static void test_refuses_wrong_sizes(void)
{
	static const char *const names[] = { "zlib", "zstd" };
	static const size_t sizes[] = { 0, SIZE - 1, SIZE + 1, 100000, 1u << 30, SIZE_MAX };
	struct packed p;

	for (size_t i = 0; i < 2; i++) {
		const struct dat_zip *zip = dat_zip_find(names[i]);
		void *out = NULL;

		pack(&p, names[i]);
		for (size_t k = 0; k < sizeof(sizes) / sizeof(*sizes); k++)
			CHECK_ROW(dat_zip_expand(zip, p.data, p.size, sizes[k], &out) == -EBADMSG,
				  names[i]);
		for (size_t len = 0; len < p.size; len += 7)
			CHECK_ROW(dat_zip_expand(zip, p.data, len, SIZE, &out) == -EBADMSG,
				  names[i]);
		CU_ASSERT_PTR_NULL(out);
	}
}

static void test_takes_no_memory_for_a_lie(void)
{
	/* 256 MiB of zeros are some 8 KiB of zstd, and 250 KiB of zlib, at least */
	CU_ASSERT_FALSE(dat_zip_can_be(dat_zip_find("zstd"), 1000, 256u << 20));
	CU_ASSERT_TRUE(dat_zip_can_be(dat_zip_find("zstd"), 10000, 256u << 20));
	CU_ASSERT_FALSE(dat_zip_can_be(dat_zip_find("zlib"), 10000, 256u << 20));
	CU_ASSERT_TRUE(dat_zip_can_be(dat_zip_find("zlib"), 300000, 256u << 20));
	CU_ASSERT_FALSE(dat_zip_can_be(dat_zip_find("zstd"), 1u << 30, (256u << 20) + 1));
	CU_ASSERT_FALSE(dat_zip_can_be(dat_zip_find("none"), 100, 100));
	CU_ASSERT_PTR_NULL(dat_zip_find("lzma"));
}

static const struct test tests[] = {
	{ "blocks expand to what they were", test_expands },
	{ "blocks of another size than said are damaged", test_refuses_wrong_sizes },
	{ "no memory is taken for sizes that cannot be", test_takes_no_memory_for_a_lie },
	{ NULL, NULL }
};
const struct test_suite suite_dat_zip = { "dat_zip", tests };
