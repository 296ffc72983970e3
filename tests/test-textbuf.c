// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>

#include "tests.h"
#include "textbuf.h"

static void check_text(struct textbuf *b, const char *want)
{
	textbuf_putc(b, '\0');
	CU_ASSERT_STRING_EQUAL(b->data, want);
	b->len = 0;
}

static void test_writes_numbers(void)
{
	struct textbuf b = { 0 };

	textbuf_dec(&b, 0, 0, ' ');
	textbuf_putc(&b, '|');
	textbuf_dec(&b, 7, 3, '0');
	textbuf_putc(&b, '|');
	textbuf_dec(&b, 1234, 3, '0');
	textbuf_putc(&b, '|');
	textbuf_dec(&b, UINT64_MAX, 22, ' ');
	check_text(&b, "0|007|1234|  18446744073709551615");

	textbuf_hex(&b, 0, 1);
	textbuf_putc(&b, '|');
	textbuf_hex(&b, 0xabc, 8);
	textbuf_putc(&b, '|');
	textbuf_hex(&b, UINT64_MAX, 1);
	check_text(&b, "0|00000abc|ffffffffffffffff");
	textbuf_deinit(&b);
}

static void test_writes_bytes(void)
{
	static const uint8_t bytes[] = { 0, 0x1f, 0xff };
	struct textbuf b = { 0 };

	textbuf_dump(&b, bytes, 3);
	textbuf_dump(&b, bytes, 0);
	textbuf_puts(&b, "");
	textbuf_printf(&b, " %s-%d", "x", -5);
	check_text(&b, "00 1f ff x--5");
	textbuf_deinit(&b);
}

static void test_grows(void)
{
	struct textbuf b = { 0 };
	char *large = malloc(100000);

	memset(large, 'x', 100000);
	textbuf_puts(&b, "y");
	textbuf_put(&b, large, 100000);
	for (unsigned int i = 0; i < 200000; i++)
		textbuf_putc(&b, 'z');
	CU_ASSERT_EQUAL_FATAL(b.len, 300001);
	CU_ASSERT_EQUAL(memcmp(b.data + 1, large, 100000), 0);
	CU_ASSERT_EQUAL(b.data[0], 'y');
	CU_ASSERT_EQUAL(b.data[300000], 'z');
	CU_ASSERT_FALSE(b.failed);
	textbuf_deinit(&b);
	textbuf_deinit(&b);
	free(large);
}

static const struct test tests[] = {
	{ "numbers have width and padding", test_writes_numbers },
	{ "bytes are written in hexadecimal", test_writes_bytes },
	{ "text grows", test_grows },
	{ NULL, NULL }
};
const struct test_suite suite_textbuf = { "textbuf", tests };
