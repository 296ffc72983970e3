// SPDX-License-Identifier: GPL-2.0-or-later
/* Files in a directory that others filled. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dir.h"
#include "mkpages.h"
#include "tests.h"

static char place[64];

static int begin(void)
{
	strcpy(place, "/tmp/test-dir-XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(place));
	pages_put(place, "a/b/file", "hello", 5);
	pages_put(place, "a/empty", "", 0);
	pages_put(place, "a/.hidden", "", 0);
	return open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void end(int fd)
{
	close(fd);
	pages_remove(place);
}

static void add_odd_ones(int fd)
{
	CU_ASSERT_EQUAL(symlinkat("b", fd, "a/link"), 0);
	CU_ASSERT_EQUAL(symlinkat("b/file", fd, "a/to-file"), 0);
	CU_ASSERT_EQUAL(mkfifoat(fd, "a/pipe", 0600), 0);
}

static void test_opens_nothing_but_files(void)
{
	static const struct {
		const char *path;
		int want;
	} rows[] = {
		{ "a/empty", 0 }, { "a/b/file", 0 }, { "a/none", -ENOENT }, { "a/b", -EINVAL },
		{ "a/empty/none", -ENOTDIR }, { "a/to-file", -ELOOP }, { "a/link/file", -ENOTDIR },
		/* without a writer an open() for reading would wait */
		{ "a/pipe", -EINVAL },
	};
	int at = begin();

	add_odd_ones(at);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		uint64_t size;
		int fd = dir_open_file(at, rows[i].path, &size);

		CHECK_ROW(fd < 0 ? fd == rows[i].want : !rows[i].want, rows[i].path);
		CHECK_ROW(dir_strerror(fd < 0 ? fd : -1) != NULL, rows[i].path);
		if (fd >= 0)
			close(fd);
	}
	CU_ASSERT_TRUE(dir_has(at, "a/pipe"));
	CU_ASSERT_TRUE(dir_has(at, "a/to-file"));
	CU_ASSERT_FALSE(dir_has(at, "a/none"));
	end(at);
}

static void test_reads_whole_files(void)
{
	int at = begin();
	char *text, *big = calloc(1, 100001);
	size_t size;

	CU_ASSERT_EQUAL_FATAL(dir_read(at, "a/b/file", 5, &text, &size), 0);
	CU_ASSERT_EQUAL(size, 5);
	CU_ASSERT_STRING_EQUAL(text, "hello");
	free(text);
	CU_ASSERT_EQUAL(dir_read(at, "a/b/file", 4, &text, &size), -EFBIG);
	CU_ASSERT_EQUAL_FATAL(dir_read(at, "a/empty", 4, &text, &size), 0);
	CU_ASSERT_EQUAL(size, 0);
	CU_ASSERT_STRING_EQUAL(text, "");
	free(text);
	memset(big, 'x', 100000);
	pages_put(place, "big", big, 100000);
	CU_ASSERT_EQUAL_FATAL(dir_read(at, "big", 100000, &text, &size), 0);
	CU_ASSERT_EQUAL(size, 100000);
	CU_ASSERT_STRING_EQUAL(text, big);
	free(text);
	free(big);
	end(at);
}

static void test_lists_names_in_order(void)
{
	static const char *const want[] = { ".hidden", "b", "empty", "link", "pipe", "to-file" };
	int at = begin();
	char **names;
	size_t nr;

	add_odd_ones(at);
	CU_ASSERT_EQUAL_FATAL(dir_names(at, "a", &names, &nr), 0);
	CU_ASSERT_EQUAL_FATAL(nr, 6);
	for (size_t i = 0; i < nr; i++)
		CU_ASSERT_STRING_EQUAL(names[i], want[i]);
	dir_names_free(names, nr);
	CU_ASSERT_EQUAL(dir_names(at, "a/empty", &names, &nr), -ENOTDIR);
	CU_ASSERT_EQUAL(dir_names(at, "none", &names, &nr), -ENOENT);
	end(at);
}

static const struct test tests[] = {
	{ "nothing but regular files is opened, no link is followed", test_opens_nothing_but_files },
	{ "files are read whole, up to a limit", test_reads_whole_files },
	{ "names come in order, hidden ones too", test_lists_names_in_order },
	{ NULL, NULL }
};
const struct test_suite suite_dir = { "dir", tests };
