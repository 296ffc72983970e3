/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the unit tests share. tests/test-FILE.c tests libmerge/FILE.c; each has
 * one suite, which main.c lists. A test runs alone and in any order.
 */
#ifndef TESTS_H
#define TESTS_H

#include <CUnit/CUnit.h>
#include <stdbool.h>
#include <stdint.h>

struct test {
	const char *name;	/* a sentence; NULL ends the list */
	void (*run)(void);
};

struct test_suite {
	const char *name;
	const struct test *tests;
};

extern const struct test_suite suite_clock, suite_cursor, suite_error, suite_filter,
	suite_heap, suite_merge, suite_merge_live, suite_src_live, suite_page, suite_page_build, suite_tracedat_v6, suite_tracedat_events,
	suite_page_pack, suite_page_edit, suite_join_ids, suite_describe_join, suite_src_join,
	suite_page_hostile, suite_accounting,
	suite_pump, suite_pump_pages, suite_select, suite_source, suite_stream,
	suite_stream_seek, suite_mem, suite_ring, suite_vmcore, suite_kallsyms,
	suite_kallsyms_freed, suite_vmcore_missing,
	suite_src_vmcore, suite_buffers_vmcore, suite_shift, suite_previous_vmcore, suite_describe_vmcore, suite_vmcore_text,
	suite_textbuf, suite_symbols, suite_symbols_freed, suite_format, suite_describe, suite_record, suite_sink_text,
	suite_formats, suite_comms, suite_comms_trace, suite_tasks_vmcore,
	suite_maple, suite_path_vmcore, suite_vmas_vmcore,
	suite_text_cache, suite_text_graph, suite_btf, suite_text_tracers, suite_text_syscall, suite_text_line, suite_sink_tracedat,
	suite_printks, suite_program, suite_program_string, suite_program_value,
	suite_json, suite_json_about, suite_json_fields, suite_sink_json,
	suite_dat_zip, suite_dat_chunks, suite_dat_headers, suite_dat_stats,
	suite_dat_damage, suite_dat_layout, suite_dat_layout_v6, suite_describe_tracedat,
	suite_src_tracedat, suite_source_open, suite_options, suite_inputs, suite_describe_about, suite_tracedat_zip,
	suite_src_pages, suite_pages_layout, suite_describe_dir, suite_dir, suite_desc_lines,
	suite_syscall_size,
	suite_crc32c, suite_persist_header, suite_persist_find, suite_persist_tables,
	suite_persist_ring, suite_persist_symbols, suite_describe_persist, suite_src_persist,
	suite_region_vmcore, suite_ramoops_vmcore, suite_ramoops_lines, suite_src_pstore,
	suite_copyfile, suite_sizing, suite_iomem, suite_redact, suite_ustar,
	suite_live_batch, suite_live_map, suite_live_reader, suite_live_stage, suite_rec_file,
	suite_ramoops_ecc, suite_ramoops_find, suite_ramoops_zone, suite_ramoops_ftrace,
	suite_ramoops_text, suite_src_ramoops, suite_src_bootring, suite_describe_by;

/* For rows of tables: says which row failed. */
#define CHECK_ROW(cond, name)	test_row((cond), #cond, name, __FILE__, __LINE__)
void test_row(bool good, const char *cond, const char *name, const char *file,
	      unsigned int line);

/* @got is what is wanted; shows both when not. Frees @got. */
#define CHECK_TEXT(got, want)						\
	CU_assertImplementation(test_text(got, want), __LINE__,		\
				"the text is not what is wanted", __FILE__, "", CU_FALSE)
bool test_text(char *got, const char *want);

/* Seeded: the same numbers in every run. @state is any number but 0. */
uint64_t test_random(uint64_t *state);

#endif
