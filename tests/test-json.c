// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>

#include "json.h"
#include "tests.h"

static char *take(struct textbuf *b)
{
	char *text = strndup(b->data, b->len);

	textbuf_deinit(b);
	return text;
}

static void test_escapes_text(void)
{
	static const char nul[] = "a\0b";
	struct textbuf b = { 0 };

	json_text(&b, "", 0);
	json_text(&b, "say \"hi\" \\ / ~\x7f", 15);
	json_text(&b, "\b\t\n\v\f\r\x01\x1f", 8);
	json_text(&b, nul, 3);
	CHECK_TEXT(take(&b), "\"\"\"say \\\"hi\\\" \\\\ / ~\x7f\""
		   "\"\\b\\t\\n\\u000b\\f\\r\\u0001\\u001f\"\"a\\u0000b\"");
}

/* As Python's bytes.decode(errors="replace"): one U+FFFD a maximal subpart */
static void test_makes_utf8_valid(void)
{
#define FFFD "\xef\xbf\xbd"
	static const struct {
		const char *in, *want;
	} rows[] = {
		{ "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80" },
		{ "a\x80z", "a" FFFD "z" }, { "\xc0\xaf", FFFD FFFD }, { "\xc3", FFFD },
		{ "\xc3\x28", FFFD "(" }, { "\xe2\x82", FFFD }, { "\xe2\x82\x28", FFFD "(" },
		{ "\xe0\x9f\x80", FFFD FFFD FFFD }, { "\xed\xa0\x80", FFFD FFFD FFFD },
		{ "\xf0\x8f\x80\x80", FFFD FFFD FFFD FFFD }, { "\xf0\x9f\x98", FFFD },
		{ "\xf4\x90\x80\x80", FFFD FFFD FFFD FFFD }, { "\xf5\xff", FFFD FFFD },
		{ "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf" }, { "\xe2\x82\xe2\x82\xac", FFFD "\xe2\x82\xac" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct textbuf b = { 0 };
		char want[64], *got;

		json_text(&b, rows[i].in, strlen(rows[i].in));
		got = take(&b);
		snprintf(want, sizeof(want), "\"%s\"", rows[i].want);
		CHECK_ROW(!strcmp(got, want), got);
		free(got);
	}
}

/* A reader with doubles has all numbers exactly, or gets a string */
static void test_writes_numbers(void)
{
	struct textbuf b = { 0 };

	json_number(&b, 0, false);
	textbuf_putc(&b, ' ');
	json_number(&b, (UINT64_C(1) << 53) - 1, false);
	textbuf_putc(&b, ' ');
	json_number(&b, UINT64_C(1) << 53, false);
	textbuf_putc(&b, ' ');
	json_number(&b, UINT64_MAX, false);
	textbuf_putc(&b, ' ');
	json_number(&b, UINT64_MAX, true);
	textbuf_putc(&b, ' ');
	json_number(&b, (uint64_t)-((INT64_C(1) << 53) - 1), true);
	textbuf_putc(&b, ' ');
	json_number(&b, (uint64_t)-(INT64_C(1) << 53), true);
	textbuf_putc(&b, ' ');
	json_number(&b, UINT64_C(1) << 63, true);
	textbuf_putc(&b, ' ');
	json_number(&b, INT64_MAX, true);
	CHECK_TEXT(take(&b), "0 9007199254740991 \"0x20000000000000\" \"0xffffffffffffffff\" -1 "
		   "-9007199254740991 \"-9007199254740992\" \"-9223372036854775808\" "
		   "\"9223372036854775807\"");
}

static void test_writes_the_rest(void)
{
	struct textbuf b = { 0 };

	json_address(&b, 0);
	json_address(&b, 0xffffffff81000000u);
	json_bytes(&b, (const uint8_t *)"\0\x1f\xff", 3);
	json_bytes(&b, NULL, 0);
	json_member_text(&b, ",\"a\":", "\"");
	json_member_number(&b, ",\"b\":", UINT64_MAX);
	CHECK_TEXT(take(&b), "\"0x0\"\"0xffffffff81000000\"\"001fff\"\"\",\"a\":\"\\\"\","
		   "\"b\":18446744073709551615");
}

static const struct test tests[] = {
	{ "controls, quotes and backslashes are escaped", test_escapes_text },
	{ "what is no UTF-8 becomes U+FFFD", test_makes_utf8_valid },
	{ "numbers no double can hold are strings", test_writes_numbers },
	{ "addresses, bytes and members", test_writes_the_rest },
	{ NULL, NULL }
};
const struct test_suite suite_json = { "json", tests };
