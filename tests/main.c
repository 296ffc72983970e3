// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs the unit tests: all of them, or those whose "suite: test" contains the
 * argument. The exit status is 0 when all passed.
 */
#include <CUnit/Basic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests.h"

static const struct test_suite *const suites[] = {
	&suite_cursor, &suite_error, &suite_clock, &suite_source, &suite_select,
	&suite_page, &suite_page_hostile, &suite_page_build, &suite_stream,
	&suite_stream_seek, &suite_heap, &suite_merge, &suite_filter, &suite_pump,
	&suite_pump_pages, &suite_mem, &suite_vmcore, &suite_ring, &suite_kallsyms,
	&suite_src_vmcore, &suite_describe_vmcore, &suite_vmcore_text,
	&suite_textbuf, &suite_symbols, &suite_format, &suite_describe, &suite_record, &suite_sink_text,
	&suite_sink_tracedat,
};

void test_row(bool good, const char *cond, const char *name, const char *file,
	      unsigned int line)
{
	char text[300];		/* CUnit copies it */

	snprintf(text, sizeof(text), "%s: %s", name, cond);
	CU_assertImplementation(good, line, text, file, "", CU_FALSE);
}

bool test_text(char *got, const char *want)
{
	bool same = got && !strcmp(got, want);

	if (!same)
		fprintf(stderr, "\n---- got:\n%s---- wanted:\n%s----\n",
			got ? got : "(nothing)\n", want);
	free(got);
	return same;
}

uint64_t test_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state * 0x2545f4914f6cdd1dull;
}

static bool is_wanted(const struct test_suite *suite, const struct test *test,
		      const char *part)
{
	char name[300];

	snprintf(name, sizeof(name), "%s: %s", suite->name, test->name);
	return !part || strstr(name, part);
}

static int add_suite(const struct test_suite *suite, const char *part)
{
	CU_pSuite added = NULL;

	for (const struct test *test = suite->tests; test->name; test++) {
		if (!is_wanted(suite, test, part))
			continue;
		if (!added)
			added = CU_add_suite(suite->name, NULL, NULL);
		if (!added || !CU_add_test(added, test->name, test->run))
			return -1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	unsigned int failures;

	if (CU_initialize_registry() != CUE_SUCCESS)
		return 2;
	for (size_t i = 0; i < sizeof(suites) / sizeof(*suites); i++)
		if (add_suite(suites[i], argc > 1 ? argv[1] : NULL)) {
			fprintf(stderr, "%s\n", CU_get_error_msg());
			return 2;
		}
	CU_basic_set_mode(CU_BRM_VERBOSE);
	if (CU_basic_run_tests() != CUE_SUCCESS || !CU_get_number_of_tests_run())
		return 2;
	failures = CU_get_number_of_failures() + CU_get_number_of_tests_failed();
	CU_cleanup_registry();
	return failures != 0;
}
