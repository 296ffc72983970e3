// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rec_file.h"
#include "tests.h"

#define SIZE	4u

/* In a directory of its own, with letters for sub-buffers */
struct letters {
	char dir[40];
	int fd;
	struct rec_file f;
};

static void open_letters(struct letters *l, uint64_t max)
{
	strcpy(l->dir, "/tmp/rec_file.XXXXXX");
	if (!mkdtemp(l->dir))
		abort();
	l->fd = open(l->dir, O_RDONLY | O_DIRECTORY);
	CU_ASSERT_EQUAL_FATAL(rec_file_open(&l->f, l->fd, "file", SIZE, max), 0);
}

static int put(struct letters *l, const char *letters)
{
	size_t nr = strlen(letters);
	char data[200];

	for (size_t i = 0; i < nr; i++)
		memset(data + i * SIZE, letters[i], SIZE);
	return rec_file_put(&l->f, data, nr);
}

/* What is in the file, and remove all */
static char *close_letters(struct letters *l)
{
	char *text = calloc(1, 200);
	int fd = openat(l->fd, "file", O_RDONLY);
	char one[SIZE + 1] = "";
	size_t nr = 0;
	ssize_t n;

	while ((n = read(fd, one, SIZE)) == SIZE) {
		CU_ASSERT(one[0] == one[1] && one[0] == one[2] && one[0] == one[3]);
		text[nr++] = *one;
	}
	CU_ASSERT_EQUAL(n, 0);
	close(fd);
	unlinkat(l->fd, "file", 0);
	close(l->fd);
	rmdir(l->dir);
	return text;
}

static void test_keeps_all(void)
{
	struct letters l;
	struct stat st;

	open_letters(&l, 0);
	CU_ASSERT_EQUAL(put(&l, "abc"), 0);
	CU_ASSERT_EQUAL(put(&l, "d"), 0);
	CU_ASSERT_EQUAL(fstat(l.f.fd, &st), 0);
	CU_ASSERT_EQUAL(st.st_mode & 0777, 0600);
	CU_ASSERT_EQUAL(rec_file_finish(&l.f), 0);
	CU_ASSERT_EQUAL(rec_file_kept(&l.f), 4);
	CU_ASSERT_EQUAL(rec_file_over(&l.f), 0);
	CHECK_TEXT(close_letters(&l), "abcd");
}

/* Whatever the number put, and by how many at a time */
static void test_keeps_the_last_in_order(void)
{
	static const char all[] = "abcdefghijklmnopqrstuvwxyz";

	for (unsigned int max = 1; max < 8; max++)
		for (unsigned int nr = 0; nr <= 26; nr++) {
			unsigned int step = 1 + nr % 9, kept = nr < max ? nr : max;
			char wanted[30], part[30];
			struct letters l;

			open_letters(&l, max);
			for (unsigned int i = 0; i < nr; i += step) {
				snprintf(part, sizeof(part), "%.*s",
					 (int)(nr - i < step ? nr - i : step), all + i);
				CU_ASSERT_EQUAL(put(&l, part), 0);
			}
			CU_ASSERT_EQUAL(rec_file_finish(&l.f), 0);
			CU_ASSERT_EQUAL(rec_file_over(&l.f), nr - kept);
			snprintf(wanted, sizeof(wanted), "%.*s", (int)kept, all + nr - kept);
			CHECK_TEXT(close_letters(&l), wanted);
		}
}

/* A limit of the file's size is a full disk that is always there */
static void test_a_full_disk_leaves_whole_ones(void)
{
	struct rlimit old, small = { 10, RLIM_INFINITY };
	struct letters l;

	open_letters(&l, 0);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	small.rlim_max = old.rlim_max;
	setrlimit(RLIMIT_FSIZE, &small);
	CU_ASSERT_EQUAL(put(&l, "a"), 0);
	CU_ASSERT_EQUAL(put(&l, "bcd"), -EFBIG);
	setrlimit(RLIMIT_FSIZE, &old);
	signal(SIGXFSZ, SIG_DFL);
	CU_ASSERT_EQUAL(l.f.count, 2);
	CU_ASSERT_EQUAL(rec_file_finish(&l.f), 0);
	CHECK_TEXT(close_letters(&l), "ab");
}

static void test_replaces_nothing(void)
{
	struct letters l;
	struct rec_file other;

	open_letters(&l, 0);
	CU_ASSERT_EQUAL(rec_file_open(&other, l.fd, "file", SIZE, 0), -EEXIST);
	CU_ASSERT_EQUAL(rec_file_finish(&l.f), 0);
	CU_ASSERT_EQUAL(rec_file_finish(&l.f), 0);
	free(close_letters(&l));
}

static const struct test tests[] = {
	{ "keeps all sub-buffers", test_keeps_all },
	{ "keeps the last ones, oldest first", test_keeps_the_last_in_order },
	{ "a full disk leaves whole sub-buffers", test_a_full_disk_leaves_whole_ones },
	{ "replaces no file", test_replaces_nothing },
	{ 0 },
};

const struct test_suite suite_rec_file = { "rec_file", tests };
