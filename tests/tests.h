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
	suite_heap, suite_merge, suite_page, suite_page_build, suite_page_hostile,
	suite_pump, suite_pump_pages, suite_select, suite_source, suite_stream,
	suite_stream_seek, suite_mem, suite_ring, suite_vmcore, suite_kallsyms,
	suite_src_vmcore, suite_describe_vmcore, suite_vmcore_text,
	suite_textbuf, suite_symbols, suite_format, suite_describe, suite_record, suite_sink_text,
	suite_sink_tracedat;

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
