// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "mem.h"
#include "mkkernel.h"
#include "tests.h"

static void test_hits(void)
{
	struct kernel *k = kernel_open("alloc a 8192\nset a+8 7\nset a+4096 8", NULL);
	struct mem *m = mem_create(&k->mem);
	uint64_t value = 0, a = kernel_place(k, "a");

	for (int i = 0; i < 3; i++) {
		CU_ASSERT_EQUAL(mem_uint(m, a + 8, 8, &value), 0);
		CU_ASSERT_EQUAL(value, 7);
		CU_ASSERT_EQUAL(mem_uint(m, a + 4096, 8, &value), 0);
		CU_ASSERT_EQUAL(value, 8);
	}
	CU_ASSERT_EQUAL(kernel_reads(k, "a"), 1);
	CU_ASSERT_EQUAL(kernel_reads(k, "a+4096"), 1);
	mem_destroy(m);
	kernel_close(k);
}

static void test_failures(void)
{
	struct kernel *k = kernel_open("alloc a 8\nalloc b 8\nunmap a\nexclude b", NULL);
	struct mem *m = mem_create(&k->mem);
	uint64_t value = 99;

	for (int i = 0; i < 3; i++) {
		CU_ASSERT_EQUAL(mem_uint(m, kernel_place(k, "a"), 4, &value), -EFAULT);
		CU_ASSERT_EQUAL(mem_uint(m, kernel_place(k, "b"), 4, &value), -ENODATA);
	}
	CU_ASSERT_EQUAL(mem_uint(m, 0x10, 4, &value), -EFAULT);
	CU_ASSERT_EQUAL(value, 99);
	CU_ASSERT_EQUAL(kernel_reads(k, "a"), 1);
	CU_ASSERT_EQUAL(kernel_reads(k, "b"), 1);
	mem_destroy(m);
	kernel_close(k);
}

static uint64_t page_number(struct kernel *k, struct mem *m, unsigned int i)
{
	uint64_t value = 0;

	CU_ASSERT_EQUAL(mem_uint(m, kernel_place(k, "a") + 4096 * i, 8, &value), 0);
	return value;
}

static void test_replacement(void)
{
	struct kernel *k = kernel_open("alloc a 1232896", NULL);	/* 301 pages */
	struct mem *m = mem_create(&k->mem);

	for (unsigned int i = 0; i < 301; i++)
		kernel_put(k, kernel_place(k, "a") + 4096 * i, 8, i);
	for (unsigned int i = 0; i < 256; i++)
		page_number(k, m, i);
	page_number(k, m, 0);
	for (unsigned int i = 256; i < 301; i++)	/* in place of 1 to 45 */
		page_number(k, m, i);
	for (unsigned int i = 0; i < 301; i += 20)
		CU_ASSERT_EQUAL(page_number(k, m, i), i);
	CU_ASSERT_EQUAL(kernel_reads(k, "a"), 1);
	CU_ASSERT_EQUAL(kernel_reads(k, "a+81920"), 2);
	CU_ASSERT_EQUAL(kernel_reads(k, "a+1228800"), 1);
	/* 20 and 40 took the place of 46 and 47 */
	CU_ASSERT_EQUAL(page_number(k, m, 46), 46);
	CU_ASSERT_EQUAL(kernel_reads(k, "a+188416"), 2);
	CU_ASSERT_EQUAL(page_number(k, m, 60), 60);
	CU_ASSERT_EQUAL(kernel_reads(k, "a+245760"), 1);
	mem_destroy(m);
	kernel_close(k);
}

static void test_over_page_ends(void)
{
	struct kernel *k = kernel_open("alloc a 12288\nset a+4092 0x1122334455667788", NULL);
	struct mem *m = mem_create(&k->mem);
	uint8_t bytes[8192] = { 0 };
	uint64_t value = 0, a = kernel_place(k, "a");

	CU_ASSERT_EQUAL(mem_uint(m, a + 4092, 8, &value), 0);
	CU_ASSERT_EQUAL(value, 0x1122334455667788);
	CU_ASSERT_EQUAL(mem_read(m, a + 2048, bytes, sizeof(bytes)), 0);
	CU_ASSERT_EQUAL(bytes[2044], 0x88);
	CU_ASSERT_EQUAL(bytes[2051], 0x11);
	CU_ASSERT_EQUAL(kernel_reads(k, "a+8192"), 1);
	CU_ASSERT_EQUAL(mem_read(m, a + 8192, bytes, sizeof(bytes)), -EFAULT);
	mem_destroy(m);
	kernel_close(k);
}

static void test_once(void)
{
	struct kernel *k = kernel_open("alloc a 4096\nset a 5\nalloc b 8\nexclude b", NULL);
	struct mem *m = mem_create(&k->mem);
	uint64_t value = 0;
	uint8_t bytes[4096];

	CU_ASSERT_EQUAL(mem_read_once(m, kernel_place(k, "a"), bytes, 4096), 0);
	CU_ASSERT_EQUAL(bytes[0], 5);
	CU_ASSERT_EQUAL(mem_read_once(m, kernel_place(k, "b"), bytes, 4096), -ENODATA);
	CU_ASSERT_EQUAL(mem_uint(m, kernel_place(k, "a"), 8, &value), 0);
	CU_ASSERT_EQUAL(value, 5);
	CU_ASSERT_EQUAL(kernel_reads(k, "a"), 2);
	mem_destroy(m);
	kernel_close(k);
}

/* "hello" with its end on the next page; "close" just before what is not mapped */
static const char strings[] =
	"at 0xffff888000200ffd\nstring s hello\nat 0xffff888000300ffa\nstring n no end\n"
	"at 0xffff888000400ffa\nstring c close";

static void test_strings(void)
{
	struct kernel *k = kernel_open(strings, NULL);
	struct mem *m = mem_create(&k->mem);
	uint64_t s = kernel_place(k, "s"), n = kernel_place(k, "n");
	char buf[100];

	CU_ASSERT_EQUAL(mem_string(m, s, buf, sizeof(buf)), 0);
	CU_ASSERT_STRING_EQUAL(buf, "hello");
	CU_ASSERT_EQUAL(mem_string(m, s, buf, 6), 0);
	CU_ASSERT_EQUAL(mem_string(m, s, buf, 5), -EBADMSG);
	CU_ASSERT_EQUAL(mem_string(m, s, buf, 3), -EBADMSG);
	CU_ASSERT_EQUAL(mem_string(m, s + 5, buf, 1), 0);
	CU_ASSERT_STRING_EQUAL(buf, "");
	CU_ASSERT_EQUAL(mem_string(m, n, buf, sizeof(buf)), 0);
	CU_ASSERT_EQUAL(mem_string(m, kernel_place(k, "c"), buf, sizeof(buf)), 0);
	CU_ASSERT_STRING_EQUAL(buf, "close");
	kernel_add(k, "unmap n+6");
	mem_destroy(m);
	m = mem_create(&k->mem);
	CU_ASSERT_EQUAL(mem_string(m, n, buf, sizeof(buf)), -EFAULT);
	CU_ASSERT_EQUAL(mem_string(m, n, buf, 6), -EBADMSG);
	mem_destroy(m);
	kernel_close(k);
}

static const struct number_row {
	const char *name;
	const char *kernel;
	uint64_t one, two, four, eight, pointer;
} number_rows[] = {
	{ "little", "alloc a 8\nset a 0x1122334455667788", 0x88, 0x7788, 0x55667788,
	  0x1122334455667788, 0x1122334455667788 },
	{ "big", "big\nalloc a 8\nset a 0x1122334455667788", 0x11, 0x1122, 0x11223344,
	  0x1122334455667788, 0x1122334455667788 },
	{ "little, short", "long 4\nalloc a 8\nset a 0x55667788\nset a+4 0x11223344", 0x88,
	  0x7788, 0x55667788, 0x1122334455667788, 0x55667788 },
	{ "big, short", "long 4\nbig\nalloc a 8\nset a 0x11223344\nset a+4 0x55667788", 0x11,
	  0x1122, 0x11223344, 0x1122334455667788, 0x11223344 },
};

static uint64_t number(struct mem *m, uint64_t addr, size_t size)
{
	uint64_t value = 0;

	CU_ASSERT_EQUAL(mem_uint(m, addr, size, &value), 0);
	return value;
}

static void test_numbers(void)
{
	for (size_t i = 0; i < sizeof(number_rows) / sizeof(*number_rows); i++) {
		const struct number_row *row = &number_rows[i];
		struct kernel *k = kernel_open(row->kernel, NULL);
		struct mem *m = mem_create(&k->mem);
		uint64_t a = kernel_place(k, "a"), value = 0;

		CHECK_ROW(number(m, a, 1) == row->one, row->name);
		CHECK_ROW(number(m, a, 2) == row->two, row->name);
		CHECK_ROW(number(m, a, 4) == row->four, row->name);
		CHECK_ROW(number(m, a, 8) == row->eight, row->name);
		CHECK_ROW(!mem_pointer(m, a, &value) && value == row->pointer, row->name);
		CHECK_ROW(mem_uint(m, a, 9, &value) == -EINVAL, row->name);
		mem_destroy(m);
		kernel_close(k);
	}
}

static void test_interrupt(void)
{
	struct kernel *k = kernel_open("", NULL);
	const struct merge_mem_ops deaf = { .read = k->mem.ops->read };
	struct merge_mem quiet = { .ops = &deaf, .page_size = 4096, .long_size = 8 };
	struct mem *m = mem_create(&k->mem), *q = mem_create(&quiet);

	k->interrupt_at = 2;
	CU_ASSERT_FALSE(mem_interrupted(m));
	CU_ASSERT_TRUE(mem_interrupted(m));
	CU_ASSERT_FALSE(mem_interrupted(q));
	mem_destroy(m);
	mem_destroy(q);
	mem_destroy(NULL);
	kernel_close(k);
}

static const struct test tests[] = {
	{ "a page is read once however often it is asked for", test_hits },
	{ "a page that cannot be read is tried once", test_failures },
	{ "the page that was not used for longest makes room", test_replacement },
	{ "a read over the end of a page takes all of it or fails", test_over_page_ends },
	{ "what is read once does not enter the cache", test_once },
	{ "strings go over page ends and must end", test_strings },
	{ "numbers have the byte order and the long of the kernel", test_numbers },
	{ "an adapter need not know of interrupts", test_interrupt },
	{ NULL, NULL }
};

const struct test_suite suite_mem = { "mem", tests };
