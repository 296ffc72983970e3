// SPDX-License-Identifier: GPL-2.0-or-later
/* System calls: rows are what kernels printed, or their trace_syscalls.c says. */
#include <stdlib.h>
#include <string.h>

#include "boot.h"
#include "tests.h"

/* A sys_enter record of up to six arguments, behind them where a copy is */
static struct record_bytes enter(struct merge_desc *d, unsigned int id, unsigned int nr,
				 const uint64_t *args)
{
	struct record_bytes r = record_begin(d, id, 7);

	for (unsigned int i = 0; i < nr; i++)
		record_number(&r, 16 + 8 * i, args[i], 8);
	return r;
}

static void add_copy(struct record_bytes *r, uint32_t field, const char *data, uint32_t len)
{
	record_number(r, field, len << 16 | (field + 4), 4);
	record_text(r, field + 4, "", len);
	memcpy(r->data + field + 4, data, len);
}

static void test_numbers_have_no_0x(void)
{
	struct merge_desc *d = boot_open();
	struct record_bytes r = enter(d, SYS_ENTER_OPENAT, 4, (uint64_t[]){
		0xffffff9c, 0x7ffc00001000, 0x10, 0 });

	CHECK_TEXT(record_print(d, &r), "sys_openat(dfd: ffffff9c, filename: 7ffc00001000, "
		   "flags: 10, mode: 0)");
	r = record_begin(d, SYS_EXIT_OPENAT, 7);
	record_number(&r, 16, (uint64_t)-2, 8);
	CHECK_TEXT(record_print(d, &r), "sys_openat -> 0xfffffffffffffffe");
	desc_close(d);
}

static void test_newer_numbers_do(void)
{
	struct merge_desc *d = boot_open();
	struct record_bytes r = enter(d, NEW_READ, 3, (uint64_t[]){ 9, 10, 0xfff });

	CHECK_TEXT(record_print(d, &r), "sys_read(fd: 9, buf: 0xa, count: 0xfff)");
	desc_close(d);
}

static void test_strings(void)
{
	struct merge_desc *d = boot_open();
	struct record_bytes r = enter(d, NEW_EXECVE, 2, (uint64_t[]){ 0x5cfc58, 0 });

	add_copy(&r, 32, "/bin/ls\0junk", 12);
	CHECK_TEXT(record_print(d, &r), "sys_execve(filename: 0x5cfc58 \"/bin/ls\", argv: 0)");
	add_copy(&r, 32, "no end", 6);
	CHECK_TEXT(record_print(d, &r), "sys_execve(filename: 0x5cfc58 \"no end\", argv: 0)");
	desc_close(d);
}

static void test_bytes(void)
{
	static const struct {
		const char *data;
		uint32_t len;
		uint64_t count;
		const char *want;
	} rows[] = {
		{ "\0", 1, 1, "(00)" }, { "", 0, 0, "()" }, { "\x01\x7f\x80", 3, 3, "(01:7f:80)" },
		{ "a\n\xff", 3, 3, "(61:0a:ff) \"a..\"" }, { "ab", 2, 3, "(61:62, ...) \"ab\"..." },
		{ "\n", 1, 9, "(0a, ...)" }, { "ab", 2, 1, "(61:62) \"ab\"" },
		/* the kernel takes the count for an int */
		{ "ab", 2, 0x80000000, "(61:62) \"ab\"" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct merge_desc *d = boot_open();
		struct record_bytes r = enter(d, NEW_WRITE, 3,
					      (uint64_t[]){ 1, 0x99, rows[i].count });
		char want[100];

		add_copy(&r, 40, rows[i].data, rows[i].len);
		snprintf(want, sizeof(want), rows[i].count < 10 ? "sys_write(fd: 1, buf: 0x99 %s, "
			 "count: %llx)" : "sys_write(fd: 1, buf: 0x99 %s, count: 0x%llx)",
			 rows[i].want, (unsigned long long)rows[i].count);
		CHECK_ROW(test_text(record_print(d, &r), want), rows[i].want);
		desc_close(d);
	}
}

static void test_openat(void)
{
	static const struct {
		uint64_t flags;
		const char *want;
	} rows[] = {
		{ 0, "O_RDONLY" }, { 0x80000, "O_RDONLY|O_CLOEXEC" }, { 1, "O_WRONLY" },
		{ 0x241, "O_WRONLY|O_CREAT|O_TRUNC, mode: 0666" },
		/* shares a bit with O_TMPFILE */
		{ 0x10000, "O_RDONLY|O_DIRECTORY, mode: 0666" },
		{ 0x410002, "O_TMPFILE|O_RDWR, mode: 0666" },
		{ 0x400001, "O_WRONLY|0x400000, mode: 0666" },
		{ 3, "O_WRONLY|O_RDWR" }, { 0x100000, "O_RDONLY|0x100000" },
		{ 0x80000000, "O_RDONLY|0xffffffff80000000" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct merge_desc *d = boot_open();
		struct record_bytes r = enter(d, NEW_OPENAT, 4, (uint64_t[]){
			(uint64_t)-100, 1000, rows[i].flags, 0666 });
		char want[200];

		add_copy(&r, 48, "/x", 3);
		snprintf(want, sizeof(want), "sys_openat(dfd: 18446744073709551516, "
			 "filename: 1000 \"/x\", flags: %s)", rows[i].want);
		CHECK_ROW(test_text(record_print(d, &r), want), rows[i].want);
		desc_close(d);
	}
}

static void test_corrupt(void)
{
	struct merge_desc *d = boot_open();
	struct record_bytes r = enter(d, NEW_WRITE, 3, (uint64_t[]){ 1, 2, 3 });

	CHECK_TEXT(record_print(d, &r), "[beyond the record: field __buf_val]");
	record_number(&r, 40, 5 << 16 | 44, 4);
	CHECK_TEXT(record_print(d, &r), "[beyond the record: field __buf_val]");
	record_number(&r, 40, 1 << 16 | 600, 4);
	CHECK_TEXT(record_print(d, &r), "[beyond the record: field __buf_val]");
	r.size = 30;
	CHECK_TEXT(record_print(d, &r), "[beyond the record: field buf]");
	r = record_begin(d, SYS_EXIT_OPENAT, 7);
	CHECK_TEXT(record_print(d, &r), "[beyond the record: field ret]");
	desc_close(d);
}

static const struct test tests[] = {
	{ "before 6.19 numbers are hexadecimal", test_numbers_have_no_0x },
	{ "since 6.19 numbers from 10 on have 0x", test_newer_numbers_do },
	{ "strings end where they end", test_strings },
	{ "bytes are shown, and as text when there is any", test_bytes },
	{ "openat() is told by its flags", test_openat },
	{ "corrupt records are not printed", test_corrupt },
	{ NULL, NULL }
};
const struct test_suite suite_text_syscall = { "text_syscall", tests };
