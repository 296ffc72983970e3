// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "format.h"
#include "format_check.h"
#include "format_fold.h"
#include "tests.h"

#define HEAD								\
	"name: event\nID: 7\nformat:\n"					\
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"	\
	"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"	\
	"\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n" \
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n"
#define FIELDS								\
	"\tfield:int a;\toffset:8;\tsize:4;\tsigned:1;\n"			\
	"\tfield:int MODE_ABS;\toffset:16;\tsize:4;\tsigned:1;\n"		\
	"\tfield:__data_loc char[] name;\toffset:12;\tsize:4;\tsigned:0;\n"

struct row {
	const char *name;
	const char *print;
	const char *want;	/* NULL: without its print format */
};

static int enumerator(void *arg, const char *name, int64_t *value)
{
	int *asked = arg;

	++*asked;
	*value = !strcmp(name, "MODE_ABS") ? 3 : -1;
	return !strncmp(name, "MODE_", 5) ? 0 : -ENOENT;
}

/* The print format that is left of one; "" when it was taken away */
static char *prepare(const char *print, const char *system, uint32_t long_size)
{
	int asked = 0;
	const struct format_context context = { system, long_size, enumerator, &asked };
	char *format, *prepared, *found;

	if (asprintf(&format, HEAD FIELDS "\nprint fmt: %s\n", print) < 0)
		abort();
	prepared = format_prepare(format, &context);
	CU_ASSERT_PTR_NOT_NULL_FATAL(prepared);
	CU_ASSERT_FALSE(strncmp(prepared, HEAD FIELDS, strlen(HEAD FIELDS)));
	found = strstr(prepared, "\nprint fmt: ");
	found = strdup(found ? found + strlen("\nprint fmt: ") : "\n");
	found[strlen(found) - 1] = '\0';
	free(prepared);
	free(format);
	return found;
}

static void check_rows(const struct row *rows, size_t nr, const char *system,
		       uint32_t long_size)
{
	for (size_t i = 0; i < nr; i++) {
		char *got = prepare(rows[i].print, system, long_size);

		CHECK_ROW(!strcmp(got, rows[i].want ? rows[i].want : ""), rows[i].name);
		free(got);
	}
}

#define CHECK_ROWS(rows, system, long_size)	\
	check_rows(rows, sizeof(rows) / sizeof(*(rows)), system, long_size)

static void test_makes_names_numbers(void)
{
	static const struct row rows[] = {
		{ "enumerator", "\"%d\", MODE_ABS", "\"%d\", 3" },
		{ "enumerators in a constant", "\"%d\", REC->a & (MODE_ABS|0x8)",
		  "\"%d\", REC->a & 0xb" },
		{ "negative one", "\"%d\", MODE_NEGATIVE", "\"%d\", MODE_NEGATIVE" },
		{ "unknown name", "\"%d\", OTHER", "\"%d\", OTHER" },
		{ "in a string", "\"MODE_ABS %d\", 1", "\"MODE_ABS %d\", 1" },
		{ "behind an escaped quote", "\"\\\"MODE_ABS %d\", 1", "\"\\\"MODE_ABS %d\", 1" },
		{ "function", "\"%d\", MODE_ABS (1)", "\"%d\", MODE_ABS (1)" },
		{ "member", "\"%d\", REC->MODE_ABS", "\"%d\", REC->MODE_ABS" },
		{ "argument of a function", "\"%s\", __get_str(MODE_ABS)",
		  "\"%s\", __get_str(MODE_ABS)" },
		{ "in a list", "\"%s\", __print_symbolic(MODE_ABS, { MODE_ABS, \"x\" })",
		  "\"%s\", __print_symbolic(3, { 3, \"x\" })" },
		{ "member of the head", "\"%d\", REC->ent.pid", "\"%d\", REC->common_pid" },
		{ "part of a name", "\"%d\", xMODE_ABS", "\"%d\", xMODE_ABS" },
		{ "sizeof", "\"%d\", sizeof(u64) + sizeof(unsigned short)", "\"%d\", 8 + 2" },
		{ "sizeof a long", "\"%d\", sizeof(unsigned long)", "\"%d\", 4" },
		{ "sizeof something else", "\"%d\", sizeof(struct page)",
		  "\"%d\", sizeof(struct page)" },
	};

	CHECK_ROWS(rows, "test", 4);
}

static void test_works_out_constants(void)
{
	static const struct row rows[] = {
		{ "flags", "\"%d\", REC->a & (0x10 | 0x20 | 4)", "\"%d\", REC->a & 0x34" },
		{ "nested", "\"%d\", ((((0x0 | 1 | 2) + 1) << 1) - 1)", "\"%d\", 0x7" },
		{ "precedence", "\"%d\", (1 | 2 + 3 * 4 << 1)", "\"%d\", 0x1d" },
		{ "from left to right", "\"%d\", (10 - 3 - 2)", "\"%d\", 0x5" },
		{ "suffixes", "\"%d\", (1UL << 40ULL)", "\"%d\", 0x10000000000" },
		{ "a cast stays", "\"%d\", (u8)(5 + 1)", "\"%d\", (u8)0x6" },
		{ "an argument stays", "\"%d\", f(5)", "\"%d\", f(5)" },
		{ "a field stays", "\"%d\", (REC->a | 1)", "\"%d\", (REC->a | 1)" },
		{ "logic stays", "\"%d\", (1 || 2)", "\"%d\", (1 || 2)" },
		{ "a string stays", "\"(1 | 2) %d\", 1", "\"(1 | 2) %d\", 1" },
		{ "wide shift", "\"%d\", (1 << 64)", "\"%d\", 0x0" },
	};

	CHECK_ROWS(rows, "test", 8);
}

static void test_prints_as_the_kernel(void)
{
	static const struct row rows[] = {
		{ "pointers", "\"%p %px %pK %%p\", REC->a, 1, 2",
		  "\"%016lx %016lx %016lx %%p\", REC->a, 1, 2" },
		{ "other pointers", "\"%pS %pI4\", REC->a, 1", "\"%pS %pI4\", REC->a, 1" },
		{ "prefixed", "\"%#x %#llx %#04x\", REC->a, 1, 2",
		  "\"0x%x 0x%llx %#04x\", REC->a, 1, 2" },
		{ "tab", "\"a\tb %d\", REC->a", "\"a\\tb %d\", REC->a" },
		{ "comma in a string", "\"a, b %d\", REC->a", "\"a, b %d\", REC->a" },
		{ "mask of CPUs", "\"%s\", __get_cpumask(a)", "\"%s\", __get_bitmask(a)" },
		{ "relative mask of CPUs", "\"%s\", __get_rel_cpumask(a)",
		  "\"%s\", __get_rel_bitmask(a)" },
	};
	static const struct row synthetic[] = {
		{ "synthetic", "\"a=%d, name=%s\", REC->a, __get_str(name)",
		  "\"a=%d name=%s\", REC->a, __get_str(name)" },
	};
	static const struct row small[] = {
		{ "32 bits", "\"%p\", REC->a", "\"%08lx\", REC->a" },
	};

	CHECK_ROWS(rows, "test", 8);
	CHECK_ROWS(synthetic, "synthetic", 8);
	CHECK_ROWS(small, "test", 4);
}

static void test_prints_probes_as_the_kernel(void)
{
	static const char probe_fields[] =
		"\tfield:unsigned long __probe_ip;\toffset:8;\tsize:8;\tsigned:0;\n";
	static const char return_fields[] =
		"\tfield:unsigned long __probe_func;\toffset:8;\tsize:8;\tsigned:0;\n"
		"\tfield:unsigned long __probe_ret_ip;\toffset:16;\tsize:8;\tsigned:0;\n";
	static const struct {
		const char *fields, *print, *want;
	} rows[] = {
		{ probe_fields, "\"(%lx) a=%u\", REC->__probe_ip, 1",
		  "\"(%pS) a=%u\", REC->__probe_ip, 1" },
		{ return_fields, "\"(%lx <- %lx) a=%u\", REC->__probe_func, REC->__probe_ret_ip, 1",
		  "\"(%pS <- %ps) a=%u\", REC->__probe_ret_ip, REC->__probe_func, 1" },
		{ probe_fields, "\"(%lx) a=%u\", 1, REC->__probe_ip",
		  "\"(%lx) a=%u\", 1, REC->__probe_ip" },
	};
	const struct format_context context = { "kprobes", 8, NULL, NULL };

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char *format, *prepared;

		if (asprintf(&format, HEAD "%s\nprint fmt: %s\n", rows[i].fields,
			rows[i].print) < 0)
			abort();
		prepared = format_prepare(format, &context);
		CHECK_ROW(strstr(prepared, rows[i].want) != NULL, rows[i].print);
		free(prepared);
		free(format);
	}
}

static void test_withholds_what_does_harm(void)
{
	static const struct row rows[] = {
		{ "a name is zero", "\"%d\", 1000 / HZ", NULL },
		{ "zero", "\"%d\", 5 % 0", NULL },
		{ "zero in parentheses", "\"%d\", 5 / (3 - 3)", NULL },
		{ "division in a string", "\"%d 5 / HZ\", REC->a", "\"%d 5 / HZ\", REC->a" },
		{ "by a number", "\"%d\", REC->a / 1000", "\"%d\", REC->a / 1000" },
		{ "by a field", "\"%d\", 5 / REC->a", "\"%d\", 5 / REC->a" },
		{ "no such field", "\"%d\", REC->b", NULL },
		{ "a member of no record", "\"%d\", boolREC->a", NULL },
		{ "no such field, other way", "\"%d\", (REC)->b", NULL },
		{ "part of a field's name", "\"%d\", REC->nam", NULL },
		{ "a common field", "\"%d\", REC->common_pid", "\"%d\", REC->common_pid" },
		{ "no such string", "\"%s\", __get_str(nam)", NULL },
		{ "a string", "\"%s\", __get_str(name)", "\"%s\", __get_str(name)" },
		{ "unfinished string", "\"%s, REC->a", NULL },
		{ "unpaired bracket", "\"%d\", (REC->a", NULL },
		{ "crossed brackets", "\"%d\", ({REC->a)}", NULL },
		{ "too many closed", "\"%d\", REC->a)", NULL },
		{ "not a string first", "REC->a, \"%d\"", NULL },
		{ "no comma", "\"%d\" REC->a", NULL },
		{ "two strings", "\"%d\" \" %d\", REC->a, 1", "\"%d\" \" %d\", REC->a, 1" },
		{ "control character", "\"%d\1\", REC->a", NULL },
		{ "control character in arguments", "\"%d\", \1REC->a", NULL },
	};

	CHECK_ROWS(rows, "test", 8);
}

static void test_checks_fields(void)
{
	static const struct {
		const char *name;
		bool ok;
		const char *field;
	} rows[] = {
		{ "good", true, "\tfield:int b;\toffset:8;\tsize:4;\tsigned:1;\n" },
		{ "array", true, "\tfield:unsigned long c[8];\toffset:8;\tsize:64;\tsigned:0;\n" },
		{ "pointer", true, "\tfield:const char * p;\toffset:8;\tsize:8;\tsigned:0;\n" },
		{ "no tab", false, "field:int b;\toffset:8;\tsize:4;\tsigned:1;\n" },
		{ "no type", false, "\tfield:b;\toffset:8;\tsize:4;\tsigned:1;\n" },
		{ "no name", false, "\tfield:int ;\toffset:8;\tsize:4;\tsigned:1;\n" },
		{ "odd character", false, "\tfield:int \"b;\toffset:8;\tsize:4;\tsigned:1;\n" },
		{ "only a bracket", false, "\tfield:int b];\toffset:8;\tsize:4;\tsigned:1;\n" },
		{ "negative offset", false, "\tfield:int b;\toffset:-8;\tsize:4;\tsigned:1;\n" },
		{ "huge offset", false,
		  "\tfield:int b;\toffset:4294967304;\tsize:4;\tsigned:1;\n" },
		{ "huge size", false, "\tfield:int b;\toffset:8;\tsize:65537;\tsigned:1;\n" },
		{ "no size", false, "\tfield:int b;\toffset:8;\tsigned:1;\n" },
		{ "no end", false, "\tfield:int b;\toffset:8;\tsize:4;\tsigned:1" },
	};
	char text[1000];

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		snprintf(text, sizeof(text), HEAD "%s\nprint fmt: \"\"\n", rows[i].field);
		CHECK_ROW(format_check_fields(text) == rows[i].ok, rows[i].name);
	}
	CU_ASSERT_FALSE(format_check_fields(""));
	CU_ASSERT_FALSE(format_check_fields("name: x\nID: 7\n"));
	CU_ASSERT_FALSE(format_check_fields("name: x y\nID: 7\nformat:\n"));
}

static void test_reads_ids(void)
{
	CU_ASSERT_EQUAL(format_id("name: x\nID: 12\nformat:\n"), 12);
	CU_ASSERT_EQUAL(format_id("name: x\nID: 12a\nformat:\n"), -1);
	CU_ASSERT_EQUAL(format_id("name: x\nID:\nformat:\n"), -1);
	CU_ASSERT_EQUAL(format_id("name: x\n"), -1);
}

static void test_reads_names(void)
{
	char name[8];

	format_name("name: tick\nID: 12\n", name, sizeof(name));
	CU_ASSERT_STRING_EQUAL(name, "tick");
	format_name("name: too_long\nID: 12\n", name, sizeof(name));
	CU_ASSERT_STRING_EQUAL(name, "too_lon");
	format_name("name: end", name, sizeof(name));
	CU_ASSERT_STRING_EQUAL(name, "end");
	format_name("ID: 12\nname: tick\n", name, sizeof(name));
	CU_ASSERT_STRING_EQUAL(name, "");
}

/* Deep nesting ends in a "no", not on the stack */
static void test_gives_up_on_deep_nesting(void)
{
	size_t size = 1 << 20;
	char *text = malloc(size), *prepared;
	const struct format_context context = { .system = "sched", .long_size = 8 };
	const char *p = text;
	uint64_t value;

	memset(text, '(', size);
	text[size - 1] = '\0';
	CU_ASSERT_FALSE(format_fold(&p, &value));
	memcpy(text, "\nprint fmt: \"\", ", 16);
	CU_ASSERT_FALSE(format_check_print(text));
	/* and of many that follow each other the end is found soon */
	for (size_t i = 16; i + 4 < size; i += 4)
		memcpy(text + i, "1 *(", 4);
	prepared = format_prepare(text, &context);
	CU_ASSERT_PTR_NOT_NULL(prepared);
	free(prepared);
	free(text);
}

static void test_keeps_parentheses(void)
{
	static const struct row rows[] = {
		{ "looser", "\"%d\", REC->a * (REC->a + 1)", "\"%d\", REC->a * (s64)(REC->a + 1)" },
		{ "as loose", "\"%d\", REC->a - (REC->a - 1)", "\"%d\", REC->a - (REC->a - 1)" },
		{ "tighter", "\"%d\", REC->a + (REC->a * 2)", "\"%d\", REC->a + (REC->a * 2)" },
		{ "on the left", "\"%d\", (REC->a + 1) * 2", "\"%d\", (REC->a + 1) * 2" },
		{ "two of them", "\"%d\", REC->a & ((REC->a | 8))", "\"%d\", REC->a & (s64)((REC->a | 8))" },
		{ "in others", "\"%d\", 1 + (2 * (REC->a + 3))", "\"%d\", 1 + (2 * (s64)(REC->a + 3))" },
		{ "a choice", "\"%d\", REC->a < (((unsigned int)((21 - 12))) < ((unsigned int)(11 - 1)) ? 9 : 10)",
		  "\"%d\", REC->a < (s64)(((unsigned int)0x9) < ((unsigned int)0xa) ? 9 : 10)" },
		{ "a shift", "\"%d\", REC->a<<(REC->a&3)", "\"%d\", REC->a<<(s64)(REC->a&3)" },
		{ "and", "\"%d\", REC->a && (REC->a || 1)", "\"%d\", REC->a && (s64)(REC->a || 1)" },
		{ "a cast", "\"%p\", 8 * (struct page *)(REC->a)", "\"%016lx\", 8 * (struct page *)(REC->a)" },
		{ "a minus", "\"%d\", -(REC->a + 1)", "\"%d\", -(REC->a + 1)" },
		{ "an argument", "\"%s\", __get_str(name)", "\"%s\", __get_str(name)" },
		{ "a choice's", "\"%d\", REC->a ? (REC->a | 1) : (REC->a | 2)",
		  "\"%d\", REC->a ? (REC->a | 1) : (REC->a | 2)" },
		{ "in a string", "\"a * (b + 1) %d\", REC->a", "\"a * (b + 1) %d\", REC->a" },
	};

	CHECK_ROWS(rows, "sched", 8);
}

static const struct test tests[] = {
	{ "parentheses that libtraceevent would lose get a cast", test_keeps_parentheses },
	{ "enumerators and sizeof become numbers", test_makes_names_numbers },
	{ "constants in parentheses are worked out", test_works_out_constants },
	{ "conversions become what the kernel prints", test_prints_as_the_kernel },
	{ "probes become what the kernel prints", test_prints_probes_as_the_kernel },
	{ "a print format that would do harm is withheld", test_withholds_what_does_harm },
	{ "damaged fields are refused", test_checks_fields },
	{ "the id is on its line", test_reads_ids },
	{ "the name is on the first line", test_reads_names },
	{ "deep nesting is refused", test_gives_up_on_deep_nesting },
	{ NULL, NULL }
};
const struct test_suite suite_format = { "format", tests };
