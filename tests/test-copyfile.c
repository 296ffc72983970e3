// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "copyfile.h"
#include "tests.h"

/* Longer than one piece of those that are copied and compared at a time */
#define SIZE	(700u << 10)

static int temporary(void)
{
	char name[] = "/tmp/test-copyfile.XXXXXX";
	int fd = mkstemp(name);

	if (fd < 0)
		abort();
	unlink(name);
	return fd;
}

static int with_bytes(size_t size)
{
	uint8_t *data = malloc(SIZE);
	int fd = temporary();
	uint64_t state = 7;

	for (size_t i = 0; i < size; i++)
		data[i] = (uint8_t)test_random(&state);
	if (write(fd, data, size) != (ssize_t)size)
		abort();
	free(data);
	return fd;
}

static void copies(void)
{
	static const size_t sizes[] = { 0, 1, 256 << 10, SIZE };
	struct crc32c table;

	crc32c_init(&table);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		int from = with_bytes(sizes[i]), to = temporary();
		uint8_t *data = malloc(SIZE);
		uint64_t size = 0;
		uint32_t crc = 0;
		bool reading;

		CU_ASSERT_EQUAL(copy_file(from, to, &table, &size, &crc, &reading), 0);
		CU_ASSERT_EQUAL(size, sizes[i]);
		CU_ASSERT_EQUAL(pread(to, data, SIZE, 0), (ssize_t)sizes[i]);
		CU_ASSERT_EQUAL(crc, crc32c(&table, 0, data, sizes[i]));
		CU_ASSERT_EQUAL(copy_settle(to), 0);
		CU_ASSERT_EQUAL(copy_is_same(from, to), 1);
		free(data);
		close(from);
		close(to);
	}
}

static void differences(void)
{
	static const off_t places[] = { 0, 300000, SIZE - 1 };

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		int a = with_bytes(SIZE), b = with_bytes(SIZE);
		uint8_t byte;

		CU_ASSERT_EQUAL(pread(b, &byte, 1, places[i]), 1);
		byte ^= 1;
		CU_ASSERT_EQUAL(pwrite(b, &byte, 1, places[i]), 1);
		CU_ASSERT_EQUAL(copy_is_same(a, b), 0);
		close(a);
		close(b);
	}
}

static void lengths(void)
{
	int a = with_bytes(SIZE), b = with_bytes(SIZE - 1);

	CU_ASSERT_EQUAL(copy_is_same(a, b), 0);
	CU_ASSERT_EQUAL(copy_is_same(b, a), 0);
	close(a);
	close(b);
}

static void failures(void)
{
	int from = with_bytes(10), full = open("/dev/full", O_WRONLY), folder = open("/", O_RDONLY);
	struct crc32c table;
	uint64_t size;
	uint32_t crc;
	bool reading;

	crc32c_init(&table);
	CU_ASSERT_EQUAL(copy_file(from, full, &table, &size, &crc, &reading), -ENOSPC);
	CU_ASSERT_FALSE(reading);
	CU_ASSERT_EQUAL(copy_file(folder, full, &table, &size, &crc, &reading), -EISDIR);
	CU_ASSERT_TRUE(reading);
	CU_ASSERT_EQUAL(copy_is_same(from, folder), -EISDIR);
	close(from);
	close(full);
	close(folder);
}

static const struct test tests[] = {
	{ "a copy has the bytes, and its size and crc are told", copies },
	{ "one bit that differs, wherever it is, is another file", differences },
	{ "one that begins like the other is another file", lengths },
	{ "it is told whether reading or writing failed", failures },
	{ 0 },
};

const struct test_suite suite_copyfile = { "copyfile", tests };
