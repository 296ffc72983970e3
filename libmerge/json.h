/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Values as JSON (RFC 8259), appended to a textbuf. Whatever the bytes, what
 * comes out is valid: control characters are escaped, and what is not UTF-8
 * becomes U+FFFD, one for each piece that can begin no character (the Unicode
 * standard's "maximal subparts", section 3.9).
 */
#ifndef MERGE_JSON_H
#define MERGE_JSON_H

#include "textbuf.h"

/* Readers that keep numbers as doubles have all integers up to this one exactly */
#define JSON_EXACT_MAX	((UINT64_C(1) << 53) - 1)

/* A string in quotes */
void json_text(struct textbuf *b, const char *text, size_t len);

/* A member of an object: @key is what stands before the value, as ,"name": */
void json_member_text(struct textbuf *b, const char *key, const char *text);
void json_member_number(struct textbuf *b, const char *key, uint64_t value);

/* Decimal, whatever the size */
void json_unsigned(struct textbuf *b, uint64_t value);
void json_signed(struct textbuf *b, int64_t value);

/*
 * A number; beyond JSON_EXACT_MAX a string: "0xffffffff81000000" when unsigned,
 * "-9223372036854775808" when @is_signed
 */
void json_number(struct textbuf *b, uint64_t value, bool is_signed);

/* "0x1f" */
void json_address(struct textbuf *b, uint64_t value);

/* "1f00", two digits a byte */
void json_bytes(struct textbuf *b, const uint8_t *data, size_t len);

#endif
