// SPDX-License-Identifier: GPL-2.0-or-later
/* Opening by path: what is recognised, forced, refused. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dat-in.h"
#include "tests.h"

/* The code and the text with which a file of @bytes is refused */
static int refusal(struct dat_place *place, const void *bytes, size_t size, const char *type,
		   struct merge_error *err)
{
	struct merge_source *src = NULL;
	FILE *file = fopen(place->path, "w");
	int ret;

	fwrite(bytes, 1, size, file);
	fclose(file);
	*err = (struct merge_error){ 0 };
	ret = merge_source_open(place->path, type, err, &src);
	CU_ASSERT_PTR_NULL(src);
	CU_ASSERT_EQUAL(err->code, ret);
	CU_ASSERT_EQUAL(strncmp(err->text, place->path, strlen(place->path)), 0);
	unlink(place->path);
	return ret;
}

static void test_refuses_dumps_with_advice(void)
{
	static const char elf[64] = "\x7f" "ELF\2\1\1\0\0\0\0\0\0\0\0\0\4";
	static const char big[64] = "\x7f" "ELF\2\2\1\0\0\0\0\0\0\0\0\0\0\4";
	static const char program[64] = "\x7f" "ELF\2\1\1\0\0\0\0\0\0\0\0\0\3";
	const struct {
		const char *name, *bytes;
		bool dump;
	} rows[] = {
		{ "ELF core", elf, true }, { "big-endian ELF core", big, true },
		{ "ELF program", program, false },
		{ "makedumpfile's", "KDUMP   \6\0\0\0 and more and more and more and more and more and more", true },
		{ "flattened", "makedumpfile\0\0\0\0 and more and more and more and more and more and m", true },
		{ "old", "DISKDUMP and more and more and more and more and more and more and more ", true },
	};
	struct merge_error err;
	struct dat_place place;

	dat_place_make(&place);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		CHECK_ROW(refusal(&place, rows[i].bytes, 64, NULL, &err) == -ENOTSUP, rows[i].name);
		CHECK_ROW((strstr(err.text, "extend pstore_rb.so") != NULL) == rows[i].dump,
			  rows[i].name);
	}
	dat_place_remove(&place);
}

static void test_says_what_is_no_trace(void)
{
	struct merge_error err = { 0 };
	struct dat_place place;

	dat_place_make(&place);
	CU_ASSERT_EQUAL(refusal(&place, "", 0, NULL, &err), -ENOTSUP);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "an empty file"));
	CU_ASSERT_EQUAL(refusal(&place, "text", 4, NULL, &err), -ENOTSUP);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "unknown kind"));
	CU_ASSERT_EQUAL(refusal(&place, "text", 4, "trace.dat", &err), -EBADMSG);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "no trace.dat"));
	dat_place_remove(&place);
}

static void test_says_why_it_cannot_open(void)
{
	static const char *const types[] = { NULL, "trace.dat" };
	struct merge_source *src = NULL;
	struct dat_place place;

	dat_place_make(&place);
	for (size_t i = 0; i < 2; i++) {
		struct merge_error err = { 0 };

		CU_ASSERT_EQUAL(merge_source_open(place.path, types[i], &err, &src), -ENOENT);
		CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "No such file"));
		CU_ASSERT(merge_source_open(place.dir, types[i], &err, &src) < 0);
		CU_ASSERT_PTR_NOT_NULL(strcasestr(err.text, "a directory"));
		/* without a writer an open() for reading would wait */
		CU_ASSERT_EQUAL(mkfifo(place.path, 0600), 0);
		CU_ASSERT(merge_source_open(place.path, types[i], &err, &src) < 0);
		CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "save it"));
		unlink(place.path);
	}
	dat_place_remove(&place);
	CU_ASSERT_PTR_NULL(src);
}

static void test_knows_no_other_types(void)
{
	struct merge_source *src = NULL;
	struct merge_error err = { 0 };

	CU_ASSERT_EQUAL(merge_source_open("/dev/null", "perf.data", &err, &src), -EINVAL);
	CU_ASSERT_STRING_EQUAL(err.text, "no kind of source is called perf.data");
	CU_ASSERT_PTR_NULL(src);
}

static const struct test tests[] = {
	{ "dumps of memory are refused, with advice", test_refuses_dumps_with_advice },
	{ "what is no trace is refused, with what it is", test_says_what_is_no_trace },
	{ "what cannot be opened is an error with its reason", test_says_why_it_cannot_open },
	{ "a type that is not known is misuse", test_knows_no_other_types },
	{ NULL, NULL }
};
const struct test_suite suite_source_open = { "source_open", tests };
