// SPDX-License-Identifier: GPL-2.0-or-later
/* Each row is also printed by libtraceevent: see twice.h. */
#include "tests.h"
#include "twice.h"

#define CHECK_ROWS(rows)	check_twice(rows, sizeof(rows) / sizeof(rows[0]))

static void test_prints_text(void)
{
	static const struct twice rows[] = {
		{ "\"plain\"", "plain" },
		{ "\"100%% of it\"", "100% of it" },
		{ "\"%%%u%%\", REC->small", "%42%" },
		{ "\"a\\tb\\\\c\"", "a\tb\\c" },
		{ "\"%u\" \" joined %d\", REC->small, REC->minus", "42 joined -5" },
	};

	CHECK_ROWS(rows);
}

static void test_prints_numbers(void)
{
	static const struct twice rows[] = {
		{ "\"%d %i %u\", REC->minus, REC->minus, REC->minus", "-5 -5 4294967291" },
		{ "\"%ld %lu\", REC->minus, REC->big", "4294967291 18364758544493064720" },
		{ "\"%lld %llx %Lx\", REC->big, REC->big, REC->big",
		  "-81985529216486896 fedcba9876543210 fedcba9876543210" },
		{ "\"%d %x\", REC->big, REC->big", "1985229328 76543210" },
		{ "\"%hd %hu %hx\", REC->big, REC->half, REC->half", "12816 65236 fed4" },
		{ "\"%hhd %hhx\", REC->byte, REC->half", "-56 d4" },
		{ "\"%zu %zd\", REC->small, REC->small", "42 42" },
		{ "\"%x %X %o\", REC->byte, REC->byte, REC->byte", "c8 C8 310" },
		{ "\"%d %x %u %o\", 0, 0, 0, 0", "0 0 0 0" },
		{ "\"%d\", REC->half", "65236" },
	};

	CHECK_ROWS(rows);
}

static void test_lays_out_numbers(void)
{
	static const struct twice rows[] = {
		{ "\"<%5d|%-5d|%05d>\", REC->minus, REC->minus, REC->minus",
		  "<   -5|-5   |-0005>" },
		{ "\"<%8x|%-8x|%08x>\", REC->byte, REC->byte, REC->byte",
		  "<      c8|c8      |000000c8>" },
		{ "\"<%016lx|%2lx>\", REC->ip, REC->ip", "<ffffffff81200010|ffffffff81200010>" },
		{ "\"<%.4d|%6.3u|%-6.3u|%06.3u>\", REC->minus, REC->bits, REC->bits, REC->bits",
		  "<-0005|   005|005   |   005>" },
		{ "\"<%.0d|%.0x|%.0d>\", 0, 0, 7", "<||7>" },
		{ "\"<%#x|%#X|%#o|%#x|%#o>\", REC->byte, REC->byte, REC->byte, 0, 0",
		  "<0xc8|0XC8|0310|0|0>" },
		{ "\"<%#010x|%#10x|%-#10x>\", REC->byte, REC->byte, REC->byte",
		  "<0x000000c8|      0xc8|0xc8      >" },
		{ "\"<%03d>\", 5", "<005>" },
	};

	CHECK_ROWS(rows);
}

static void test_names_addresses(void)
{
	static const struct twice rows[] = {
		{ "\"%pS|%ps\", (void *)REC->ip, (void *)REC->ip", "vfs_read+0x10/0x400|vfs_read" },
		{ "\"%pF|%pf\", (void *)REC->ip, (void *)REC->ip", "vfs_read+0x10/0x400|vfs_read" },
		{ "\"%ps\", (void *)REC->mod", "ext4_read [ext4]" },
		{ "\"%pS|%ps\", (void *)REC->nowhere, (void *)0", "0x1234|0x0" },
		{ "\"%-30pS|\", (void *)REC->ip", "vfs_read+0x10/0x400|" },
	};

	CHECK_ROWS(rows);
}

static void test_leaves_what_it_does_not_know(void)
{
	static const struct twice rows[] = {
		{ "\"%c\", REC->byte", "[libtraceevent]" },
		{ "\"%*d\", 5, REC->bits", "[libtraceevent]" },
		{ "\"%.*s\", 2, REC->comm", "[libtraceevent]" },
		{ "\"% d\", REC->bits", "[libtraceevent]" },
		{ "\"%+d\", REC->bits", "[libtraceevent]" },
		{ "\"%pI4\", REC->raw", "[libtraceevent]" },
		{ "\"%pM\", REC->raw", "[libtraceevent]" },
		{ "\"%p\", REC->ip", "[libtraceevent]" },
		{ "\"%hhhd\", REC->bits", "[libtraceevent]" },
		{ "\"%05s\", REC->comm", "[libtraceevent]" },
		{ "\"%u %u\", REC->bits", "[libtraceevent]" },
		{ "\"%9999d\", REC->bits", "[libtraceevent]" },
	};

	CHECK_ROWS(rows);
}

static const struct test tests[] = {
	{ "prints text", test_prints_text },
	{ "prints numbers", test_prints_numbers },
	{ "lays out numbers", test_lays_out_numbers },
	{ "names addresses", test_names_addresses },
	{ "leaves to libtraceevent what it does not know", test_leaves_what_it_does_not_know },
	{ NULL, NULL }
};

const struct test_suite suite_program = { "program", tests };
