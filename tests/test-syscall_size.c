// SPDX-License-Identifier: GPL-2.0-or-later
/* What has the size of what a system call was given, by its format alone. */
#include <stdlib.h>
#include <string.h>

#include "boot.h"
#include "syscall_size.h"
#include "tests.h"

/* The boot's own word, of all its system calls */
static void test_is_the_kernels_word(void)
{
	struct merge_desc *d = boot_open();

	for (unsigned int id = NEW_OPENAT; id <= NEW_READ; id++) {
		const char *system, *format;
		int want;

		CU_ASSERT_EQUAL(desc_syscall_size(d, id, &want), 0);
		CU_ASSERT_EQUAL_FATAL(desc_format(d, id, &system, &format), 0);
		CHECK_ROW(syscall_size_argument(format) == want, format);
		CHECK_ROW(syscall_has_copy(format, strlen(format)) == (id != NEW_READ), format);
	}
	desc_close(d);
}

#define HEAD	"name: x\nID: 1\nformat:\n\tfield:u16 common_type;\toffset:0;\n\n" \
		"\tfield:int __syscall_nr;\toffset:8;\n"
#define PRINT_BYTES	"\nprint fmt: \"a (%s)\"\n"

static void test_counts_arguments(void)
{
	static const struct {
		const char *name, *format;
		int want;
	} rows[] = {
		{ "the first", HEAD "\tfield:char * a;\n\tfield:size_t n;\n"
		  "\tfield:__data_loc char[] __a_val;\n" PRINT_BYTES, 1 },
		{ "no blank before the name", HEAD "\tfield:int fd;\n\tfield:char *buf;\n"
		  "\tfield:__data_loc char[] __buf_val;\n" PRINT_BYTES, 2 },
		{ "a name that ends alike", HEAD "\tfield:int u_buf;\n\tfield:int x;\n"
		  "\tfield:char * buf;\n\tfield:__data_loc char[] __buf_val;\n" PRINT_BYTES, 3 },
		{ "a name that begins alike", HEAD "\tfield:char * a;\n\tfield:char * a_val;\n"
		  "\tfield:__data_loc char[] __a_val_val;\n" PRINT_BYTES, 2 },
		{ "of no argument", HEAD "\tfield:int fd;\n"
		  "\tfield:__data_loc char[] __buf_val;\n" PRINT_BYTES, -1 },
		{ "strings", HEAD "\tfield:char * a;\n\tfield:__data_loc char[] __a_val;\n"
		  "\nprint fmt: \"\"\n", -1 },
		{ "cut off", HEAD "\tfield:char * a;\n\tfield:__data_loc char[] __a_val", -1 },
		{ "cut off before", "\tfield:__data_loc char[] __a_val; (%s)", -1 },
		{ "no name", HEAD "\tfield:;\tfield:__data_loc ; (%s)", -1 },
		{ "nothing", "", -1 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		/* where nothing is behind it */
		char *copy = strdup(rows[i].format);

		CHECK_ROW(syscall_size_argument(copy) == rows[i].want, rows[i].name);
		free(copy);
	}
}

static const struct test tests[] = {
	{ "it is the kernel's own word", test_is_the_kernels_word },
	{ "arguments are counted by their names", test_counts_arguments },
	{ NULL, NULL }
};
const struct test_suite suite_syscall_size = { "syscall_size", tests };
