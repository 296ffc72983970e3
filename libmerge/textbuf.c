// SPDX-License-Identifier: LGPL-2.1-or-later
/* A growing text buffer. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "textbuf.h"

void textbuf_deinit(struct textbuf *b)
{
	free(b->data);
	*b = (struct textbuf){ 0 };
}

bool textbuf_grow(struct textbuf *b, size_t more)
{
	size_t size = b->size ? b->size : 4096;
	char *data;

	while (size - b->len < more)
		size *= 2;
	data = realloc(b->data, size);
	if (!data) {
		b->failed = true;
		return false;
	}
	b->data = data;
	b->size = size;
	return true;
}

void textbuf_printf(struct textbuf *b, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (len < 0 || !textbuf_room(b, (size_t)len + 1))
		return;
	va_start(ap, fmt);
	b->len += (size_t)vsnprintf(b->data + b->len, (size_t)len + 1, fmt, ap);
	va_end(ap);
}

void textbuf_dec(struct textbuf *b, uint64_t value, int width, char pad)
{
	char digits[64], *p = digits + sizeof(digits);

	do {
		*--p = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	while (digits + sizeof(digits) - p < width && p > digits)
		*--p = pad;
	textbuf_put(b, p, (size_t)(digits + sizeof(digits) - p));
}

void textbuf_hex(struct textbuf *b, uint64_t value, int digits)
{
	char text[16], *p = text + sizeof(text);

	while (value || text + sizeof(text) - p < digits) {
		*--p = "0123456789abcdef"[value & 15];
		value >>= 4;
	}
	textbuf_put(b, p, (size_t)(text + sizeof(text) - p));
}

void textbuf_dump(struct textbuf *b, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (i)
			textbuf_putc(b, ' ');
		textbuf_hex(b, data[i], 2);
	}
}
