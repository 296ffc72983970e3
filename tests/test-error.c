// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "error.h"
#include "tests.h"

static void test_set(void)
{
	struct merge_error err = { 0 };

	CU_ASSERT_EQUAL(error_set(&err, -EBADMSG, "cpu %d", 3), -EBADMSG);
	CU_ASSERT_EQUAL(err.code, -EBADMSG);
	CU_ASSERT_STRING_EQUAL(err.text, "cpu 3");
}

static void test_prepend(void)
{
	struct merge_error err = { 0 };

	error_set(&err, -EFAULT, "not mapped");
	CU_ASSERT_EQUAL(error_prepend(&err, "sub-buffer %d", 7), -EFAULT);
	error_prepend(&err, "cpu %d", 1);
	CU_ASSERT_STRING_EQUAL(err.text, "cpu 1: sub-buffer 7: not mapped");
}

static void test_null(void)
{
	CU_ASSERT_EQUAL(error_set(NULL, -EIO, "text"), -EIO);
	CU_ASSERT_EQUAL(error_prepend(NULL, "text"), 0);
	CU_ASSERT_EQUAL(error_nomem(NULL), -ENOMEM);
}

static void test_long_texts(void)
{
	struct merge_error err = { 0 };
	char lots[2 * sizeof(err.text)];

	memset(lots, 'x', sizeof(lots) - 1);
	lots[sizeof(lots) - 1] = '\0';
	error_set(&err, -EIO, "%s", lots);
	CU_ASSERT_EQUAL(strlen(err.text), sizeof(err.text) - 1);
	error_prepend(&err, "outermost");
	CU_ASSERT_EQUAL(strlen(err.text), sizeof(err.text) - 1);
	CU_ASSERT_EQUAL(strncmp(err.text, "outermost: xxx", 14), 0);
	error_prepend(&err, "%s", lots);
	CU_ASSERT_EQUAL(strlen(err.text), sizeof(err.text) - 1);
}

static void test_one_line(void)
{
	struct merge_error err = { 0 };
	char text[] = "\001a \xc3\xa4\n";

	CU_ASSERT_STRING_EQUAL(error_one_line(text), "?a \xc3\xa4?");
	CU_ASSERT_PTR_NULL(error_one_line(NULL));
	error_set(&err, -EIO, "%s", "two\nlines");
	CU_ASSERT_STRING_EQUAL(err.text, "two?lines");
	error_prepend(&err, "%s", "\033[0m");
	CU_ASSERT_STRING_EQUAL(err.text, "?[0m: two?lines");
}

static void test_codes(void)
{
	struct merge_error err = { 0 };

	CU_ASSERT_EQUAL(error_code(&err, -EINTR), -EINTR);
	CU_ASSERT_STRING_EQUAL(err.text, "interrupted");
	CU_ASSERT_EQUAL(error_nomem(&err), -ENOMEM);
	CU_ASSERT_STRING_EQUAL(err.text, "out of memory");
	CU_ASSERT_EQUAL(error_code(&err, -ENOENT), -ENOENT);
	CU_ASSERT_STRING_EQUAL(err.text, "No such file or directory");
}

static const struct test tests[] = {
	{ "code and text are set, the code is returned", test_set },
	{ "each layer puts its words before the text", test_prepend },
	{ "a NULL error is allowed", test_null },
	{ "what does not fit is cut off at the end", test_long_texts },
	{ "control characters do not get into a text", test_one_line },
	{ "a code alone has its usual words", test_codes },
	{ NULL, NULL }
};

const struct test_suite suite_error = { "error", tests };
