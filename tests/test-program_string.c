// SPDX-License-Identifier: GPL-2.0-or-later
/* Each row is also printed by libtraceevent: see twice.h. */
#include "tests.h"
#include "twice.h"

#define CHECK_ROWS(rows)	check_twice(rows, sizeof(rows) / sizeof(rows[0]))

static void test_prints_strings(void)
{
	static const struct twice rows[] = {
		{ "\"%s|%s\", REC->comm, REC->full", "bash|abcd" },
		{ "\"%s|%s|%s\", __get_str(name), __get_rel_str(rel), __get_str(none)",
		  "dynamic|relative|" },
		{ "\"%s\", \"a constant\"", "a constant" },
		{ "\"<%6s|%-6s|%.2s|%6.2s|%-6.2s>\", REC->comm, REC->comm, REC->comm, REC->comm, "
		  "REC->comm", "<  bash|bash  |ba|    ba|ba    >" },
		{ "\"<%9s|%-9s>\", __get_str(name), __get_str(none)", "<  dynamic|>" },
	};

	CHECK_ROWS(rows);
}

static void test_prints_strings_of_the_kernel(void)
{
	static const struct twice rows[] = {
		{ "\"%s|%s\", REC->str, REC->odd", "a \\\"quoted\\\"\\tword|99" },
		{ "\"<%-9s>\", REC->odd", "<99>" },
	};

	CHECK_ROWS(rows);
}

static void test_names_numbers(void)
{
	static const struct twice rows[] = {
		{ "\"%s\", __print_symbolic(REC->bits, { 4, \"four\" }, { 5, \"five\" })", "five" },
		{ "\"%s\", __print_symbolic(REC->byte, { 4, \"four\" }, { 5, \"five\" })", "0xc8" },
		{ "\"<%6s>\", __print_symbolic(REC->bits, { 0x5, \"five\" })", "<  five>" },
		{ "\"%s\", __print_symbolic(REC->bits, { NET_RX_SOFTIRQ, \"3\" }, { 0, \"0\" })",
		  "0x5" },
		{ "\"%s\", __print_symbolic(REC->bits & 1, { HI_SOFTIRQ, \"HI\" }, "
		  "{ TIMER_SOFTIRQ, \"TIMER\" })", "TIMER" },
	};

	CHECK_ROWS(rows);
}

static void test_names_bits(void)
{
	static const struct twice rows[] = {
		{ "\"%s\", __print_flags(REC->bits, \"|\", { 1, \"A\" }, { 2, \"B\" }, "
		  "{ 4, \"C\" })", "A|C" },
		{ "\"%s\", __print_flags(REC->byte, \"|\", { 8, \"H\" })", "H|0xc0" },
		{ "\"%s\", __print_flags(REC->bits, \", \", { 8, \"H\" })", "0x5" },
		{ "\"%s\", __print_flags(0, \"|\", { 8, \"H\" })", "" },
		{ "\"%s\", __print_flags(REC->bits, \"|\", { 5, \"both\" }, { 1, \"A\" })", "both" },
		{ "\"%s\", __print_flags(REC->bits, \"|\", { 6, \"both\" }, { 1, \"A\" })", "A|0x4" },
		{ "\"%s\", __print_flags(0, \"|\", { 8, \"H\" }, { -1, \"none\" })", "none" },
		{ "\"%s\", __print_flags(REC->bits, \"\", { 1, \"A\" }, { 4, \"C\" })", "AC" },
		{ "\"%s\", __print_flags(REC->big, \"|\", { 0xfedcba9876543210, \"negative\" })",
		  "0xfedcba9876543210" },
	};

	CHECK_ROWS(rows);
}

static void test_chooses(void)
{
	static const struct twice rows[] = {
		{ "\"%s\", REC->bits == 5 ? \"yes\" : \"no\"", "yes" },
		{ "\"%s\", REC->bits == 6 ? REC->comm : __get_str(name)", "dynamic" },
		{ "\"%s%s\", REC->bits & 8 ? __print_flags(REC->bits, \"|\", { 1, \"A\" }) : \"R\", "
		  "REC->byte & 0x80 ? \"+\" : \"\"", "R+" },
	};

	CHECK_ROWS(rows);
}

static void test_prints_bytes(void)
{
	static const struct twice rows[] = {
		{ "\"%s\", __print_hex(REC->raw, 4)", "01 ab cd ff" },
		{ "\"%s\", __print_hex_str(REC->raw, REC->bits - 2)", "01abcd" },
		{ "\"%s\", __print_hex(__get_dynamic_array(name), 3)", "64 79 6e" },
		{ "\"%s|\", __print_hex(REC->raw, 0)", "|" },
	};

	CHECK_ROWS(rows);
}

static void test_leaves_what_it_does_not_know(void)
{
	static const struct twice rows[] = {
		{ "\"%s\", __get_bitmask(name)", "[libtraceevent]" },
		{ "\"%s\", __print_array(REC->raw, 4, 1)", "[libtraceevent]" },
		{ "\"%s\", REC->minus", "[libtraceevent]" },
		{ "\"%s\", REC->name", "[libtraceevent]" },
	};

	CHECK_ROWS(rows);
}

static const struct test tests[] = {
	{ "prints strings", test_prints_strings },
	{ "prints strings of the kernel", test_prints_strings_of_the_kernel },
	{ "names numbers", test_names_numbers },
	{ "names bits", test_names_bits },
	{ "chooses", test_chooses },
	{ "prints bytes", test_prints_bytes },
	{ "leaves to libtraceevent what it does not know", test_leaves_what_it_does_not_know },
	{ NULL, NULL }
};

const struct test_suite suite_program_string = { "program_string", tests };
