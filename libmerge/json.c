// SPDX-License-Identifier: LGPL-2.1-or-later
/* Values as JSON: see json.h. */
#include "json.h"

/* Bytes that stand for themselves: all of ASCII but controls, quote and backslash */
static const bool plain[256] = {
	[0x20 ... 0x21] = true, [0x23 ... 0x5b] = true, [0x5d ... 0x7f] = true,
};

static void put_control(struct textbuf *b, uint8_t c)
{
	static const char letters[] = "btn\0fr";	/* of 8 to 13 */

	textbuf_putc(b, '\\');
	if (c == '"' || c == '\\') {
		textbuf_putc(b, (char)c);
	} else if (c >= 8 && c <= 13 && letters[c - 8]) {
		textbuf_putc(b, letters[c - 8]);
	} else {
		textbuf_putc(b, 'u');
		textbuf_hex(b, c, 4);
	}
}

/*
 * Bytes of the character at @p, or of what is there of one; table 3-7 of the
 * Unicode standard. @good: it is whole.
 */
static size_t utf8_length(const uint8_t *p, size_t len, bool *good)
{
	uint8_t low = 0x80, high = 0xbf;
	size_t want = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2, have = 1;

	*good = false;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 1;
	switch (p[0]) {
	case 0xe0:
		low = 0xa0;
		break;
	case 0xed:
		high = 0x9f;
		break;
	case 0xf0:
		low = 0x90;
		break;
	case 0xf4:
		high = 0x8f;
		break;
	}
	for (; have < want && have < len && p[have] >= low && p[have] <= high; have++) {
		low = 0x80;
		high = 0xbf;
	}
	*good = have == want;
	return have;
}

void json_text(struct textbuf *b, const char *text, size_t len)
{
	const uint8_t *p = (const uint8_t *)text, *end = p + len, *start;
	bool good;

	textbuf_putc(b, '"');
	while (p < end) {
		for (start = p; p < end && plain[*p];)
			p++;
		textbuf_put(b, start, (size_t)(p - start));
		if (p == end)
			break;
		if (*p < 0x80) {
			put_control(b, *p++);
			continue;
		}
		start = p;
		p += utf8_length(p, (size_t)(end - p), &good);
		if (good)
			textbuf_put(b, start, (size_t)(p - start));
		else
			textbuf_puts(b, "\xef\xbf\xbd");
	}
	textbuf_putc(b, '"');
}

void json_member_text(struct textbuf *b, const char *key, const char *text)
{
	textbuf_puts(b, key);
	json_text(b, text, strlen(text));
}

void json_member_number(struct textbuf *b, const char *key, uint64_t value)
{
	textbuf_puts(b, key);
	json_unsigned(b, value);
}

void json_unsigned(struct textbuf *b, uint64_t value)
{
	textbuf_dec(b, value, 0, ' ');
}

void json_signed(struct textbuf *b, int64_t value)
{
	if (value < 0)
		textbuf_putc(b, '-');
	textbuf_dec(b, value < 0 ? -(uint64_t)value : (uint64_t)value, 0, ' ');
}

void json_number(struct textbuf *b, uint64_t value, bool is_signed)
{
	uint64_t size = is_signed && (int64_t)value < 0 ? -value : value;

	if (size <= JSON_EXACT_MAX && is_signed) {
		json_signed(b, (int64_t)value);
	} else if (size <= JSON_EXACT_MAX) {
		json_unsigned(b, value);
	} else if (is_signed) {
		textbuf_putc(b, '"');
		json_signed(b, (int64_t)value);
		textbuf_putc(b, '"');
	} else {
		json_address(b, value);
	}
}

void json_address(struct textbuf *b, uint64_t value)
{
	textbuf_put(b, "\"0x", 3);
	textbuf_hex(b, value, 1);
	textbuf_putc(b, '"');
}

void json_bytes(struct textbuf *b, const uint8_t *data, size_t len)
{
	textbuf_putc(b, '"');
	for (size_t i = 0; i < len; i++)
		textbuf_hex(b, data[i], 2);
	textbuf_putc(b, '"');
}
