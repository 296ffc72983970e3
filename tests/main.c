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
	&suite_page, &suite_page_hostile, &suite_accounting, &suite_page_build, &suite_page_pack,
	&suite_tracedat_events,
	&suite_stream,
	&suite_stream_seek, &suite_heap, &suite_merge, &suite_merge_live, &suite_src_live, &suite_filter, &suite_pump,
	&suite_pump_pages, &suite_mem, &suite_vmcore, &suite_ring, &suite_kallsyms,
	&suite_kallsyms_freed, &suite_vmcore_missing,
	&suite_buffers_vmcore, &suite_shift, &suite_previous_vmcore,
	&suite_src_vmcore, &suite_describe_vmcore, &suite_vmcore_text,
	&suite_textbuf, &suite_symbols, &suite_symbols_freed, &suite_format, &suite_describe, &suite_record,
	&suite_printks, &suite_program_value, &suite_program_string, &suite_program,
	&suite_formats, &suite_comms, &suite_comms_trace, &suite_tasks_vmcore,
	&suite_maple, &suite_path_vmcore, &suite_vmas_vmcore,
	&suite_text_cache, &suite_text_line, &suite_text_graph, &suite_text_tracers,
	&suite_btf,
	&suite_text_syscall, &suite_sink_text,
	&suite_json, &suite_json_about, &suite_json_fields, &suite_sink_json,
	&suite_sink_tracedat, &suite_tracedat_v6,
	&suite_src_tracedat, &suite_source_open, &suite_options, &suite_inputs,
	&suite_dat_zip, &suite_dat_chunks, &suite_dat_headers, &suite_dat_stats,
	&suite_dat_damage, &suite_dat_layout, &suite_dat_layout_v6, &suite_describe_tracedat,
	&suite_page_edit, &suite_join_ids, &suite_describe_join, &suite_src_join,
	&suite_describe_about, &suite_tracedat_zip, &suite_src_pages, &suite_pages_layout,
	&suite_describe_dir, &suite_dir, &suite_desc_lines, &suite_syscall_size,
	&suite_crc32c, &suite_persist_header, &suite_persist_find, &suite_persist_tables,
	&suite_persist_ring, &suite_persist_symbols, &suite_describe_persist, &suite_src_persist,
	&suite_region_vmcore, &suite_ramoops_vmcore, &suite_ramoops_lines, &suite_src_pstore,
	&suite_copyfile, &suite_sizing, &suite_iomem, &suite_redact, &suite_ustar,
	&suite_live_batch, &suite_live_map, &suite_live_reader, &suite_live_stage, &suite_rec_file,
	&suite_ramoops_ecc, &suite_ramoops_find, &suite_ramoops_zone, &suite_ramoops_ftrace,
	&suite_ramoops_text, &suite_src_ramoops, &suite_src_bootring, &suite_describe_by,
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
