// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "dat-make.h"
#include "mkimage.h"
#include "tests.h"

/* A top-level ring that does not end where sub-buffers of 64 KiB would */
#define MIXED								\
	READABLE							\
	"buffer many clock=local\nsize 4096\ncpu 2\n"			\
	"page ts=3000\nevent +1 id=118 count=40\n"			\
	"page ts=4000\nevent +1 id=118 count=40\n"

static int write_file(const char *path, const char *text, const char *method, bool events)
{
	struct merge_source *src = dat_image(text);
	struct merge_error err = { 0 };
	struct merge_sink *sink;
	int ret;

	dat_count(src);
	CU_ASSERT_EQUAL_FATAL(merge_sink_tracedat_create(path, 7, &err, &sink), 0);
	ret = merge_sink_tracedat_compress(sink, method, &err);
	if (!ret)
		ret = events ? merge_pump_events(src, NULL, sink, NULL, &err, NULL) :
			       merge_pump_pages(src, NULL, sink, NULL, &err, NULL);
	merge_sink_destroy(sink);
	merge_source_close(src);
	return ret;
}

static char *read_text(const char *path)
{
	struct merge_error err = { 0 };
	struct merge_source *src;
	struct merge_sink *sink;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	CU_ASSERT_EQUAL_FATAL(merge_source_open(path, NULL, &err, &src), 0);
	CU_ASSERT_EQUAL_FATAL(merge_sink_text_create(out, &err, &sink), 0);
	CU_ASSERT(merge_pump_events(src, NULL, sink, NULL, &err, NULL) >= 0);
	merge_sink_destroy(sink);
	merge_source_close(src);
	fclose(out);
	return text;
}

static void round_trip(const char *method, bool events)
{
	struct dat_place place;
	char *plain;

	dat_place_make(&place);
	CU_ASSERT_EQUAL(write_file(place.path, MIXED, "none", events), 0);
	plain = read_text(place.path);
	CU_ASSERT_PTR_NOT_NULL(strstr(plain, "# events: 89,"));
	CU_ASSERT_EQUAL(write_file(place.path, MIXED, method, events), 0);
	CU_ASSERT_EQUAL(dat_place_count(&place), 1);
	CHECK_TEXT(read_text(place.path), plain);
	free(plain);
	dat_place_remove(&place);
}

static void test_round_trip(void)
{
	for (int events = 0; events < 2; events++) {
		round_trip("zlib", events);
		round_trip("zstd", events);
	}
}

static char *report(const char *path)
{
	char command[200], *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size), *pipe;
	int c;

	snprintf(command, sizeof(command), "trace-cmd report -t %s 2>&1", path);
	pipe = popen(command, "r");
	while ((c = getc(pipe)) != EOF)
		putc(c, out);
	CU_ASSERT_EQUAL(pclose(pipe), 0);
	fclose(out);
	return text;
}

/* Debian 12's has zstd and no zlib */
static void test_trace_cmd(void)
{
	struct dat_place place;
	char *plain;

	if (system("command -v trace-cmd >/dev/null")) {
		fprintf(stderr, "SKIPPED: trace-cmd is not installed ");
		return;
	}
	dat_place_make(&place);
	CU_ASSERT_EQUAL(write_file(place.path, MIXED, "none", false), 0);
	plain = report(place.path);
	CU_ASSERT_PTR_NOT_NULL(strstr(plain, "big:"));
	CU_ASSERT_EQUAL(write_file(place.path, MIXED, "zstd", false), 0);
	CHECK_TEXT(report(place.path), plain);
	free(plain);
	dat_place_remove(&place);
}

static void test_smaller(void)
{
	struct stat plain, packed;
	struct dat_place place;

	dat_place_make(&place);
	CU_ASSERT_EQUAL(write_file(place.path, MIXED, "none", false), 0);
	CU_ASSERT_EQUAL(stat(place.path, &plain), 0);
	CU_ASSERT_EQUAL(write_file(place.path, MIXED, "zstd", false), 0);
	CU_ASSERT_EQUAL(stat(place.path, &packed), 0);
	CU_ASSERT(packed.st_size < plain.st_size / 4);
	dat_place_remove(&place);
}

static void test_refused(void)
{
	struct merge_error err = { 0 };
	struct merge_sink *sink;
	struct dat_place place;

	dat_place_make(&place);
	CU_ASSERT_EQUAL(write_file(place.path, MIXED, "lzma", false), -EINVAL);
	CU_ASSERT_EQUAL(dat_place_count(&place), 0);
	CU_ASSERT_EQUAL_FATAL(merge_sink_tracedat_create(place.path, 6, &err, &sink), 0);
	CU_ASSERT_EQUAL(merge_sink_tracedat_compress(sink, "zstd", &err), -EINVAL);
	CU_ASSERT_STRING_EQUAL(err.text, "version 6 of trace.dat knows no compression");
	CU_ASSERT_EQUAL(merge_sink_tracedat_compress(sink, "none", &err), 0);
	merge_sink_destroy(sink);
	CU_ASSERT_EQUAL_FATAL(merge_sink_text_create(stderr, &err, &sink), 0);
	CU_ASSERT_EQUAL(merge_sink_tracedat_compress(sink, "zstd", &err), -EINVAL);
	merge_sink_destroy(sink);
	dat_place_remove(&place);
}

static const struct test tests[] = {
	{ "a compressed file has the events of one that is not", test_round_trip },
	{ "trace-cmd reads it, larger sub-buffers too", test_trace_cmd },
	{ "a compressed file is smaller", test_smaller },
	{ "an unknown method, version 6 and other sinks are refused", test_refused },
	{ NULL, NULL },
};

const struct test_suite suite_tracedat_zip = { "tracedat_zip", tests };
