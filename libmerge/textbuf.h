/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Text that grows: what printf() would do, where a million lines a second are
 * wanted. Running out of memory is latched: check @failed once per line.
 */
#ifndef MERGE_TEXTBUF_H
#define MERGE_TEXTBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct textbuf {
	char *data;
	size_t len;
	size_t size;
	bool failed;
};

void textbuf_deinit(struct textbuf *b);
bool textbuf_grow(struct textbuf *b, size_t more);
void textbuf_printf(struct textbuf *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Decimal, right-aligned in @width with @pad in front */
void textbuf_dec(struct textbuf *b, uint64_t value, int width, char pad);
/* Hexadecimal of at least @digits digits, one or more */
void textbuf_hex(struct textbuf *b, uint64_t value, int digits);
/* Bytes as "0a 0b" */
void textbuf_dump(struct textbuf *b, const uint8_t *data, size_t len);

static inline bool textbuf_room(struct textbuf *b, size_t more)
{
	return b->size - b->len >= more || textbuf_grow(b, more);
}

static inline void textbuf_put(struct textbuf *b, const void *data, size_t len)
{
	if (len && textbuf_room(b, len)) {
		memcpy(b->data + b->len, data, len);
		b->len += len;
	}
}

static inline void textbuf_puts(struct textbuf *b, const char *text)
{
	textbuf_put(b, text, strlen(text));
}

static inline void textbuf_putc(struct textbuf *b, char c)
{
	if (textbuf_room(b, 1))
		b->data[b->len++] = c;
}

#endif
