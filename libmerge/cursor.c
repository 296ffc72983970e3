// SPDX-License-Identifier: LGPL-2.1-or-later
/* A bounded cursor over untrusted bytes: see cursor.h. */
#include "cursor.h"

void cursor_init(struct cursor *c, const void *data, size_t size, bool big_endian)
{
	*c = (struct cursor){ .data = data, .size = size, .big_endian = big_endian };
}

void cursor_seek(struct cursor *c, size_t pos)
{
	if (pos > c->size) {
		c->bad = true;
		pos = c->size;
	}
	c->pos = pos;
}

size_t cursor_left(const struct cursor *c)
{
	return c->size - c->pos;
}

const void *cursor_bytes(struct cursor *c, size_t len)
{
	const uint8_t *bytes;

	if (len > cursor_left(c)) {
		c->bad = true;
		c->pos = c->size;
		return NULL;
	}
	bytes = c->data + c->pos;
	c->pos += len;
	return bytes;
}

uint64_t cursor_uint(struct cursor *c, size_t size)
{
	const uint8_t *bytes = cursor_bytes(c, size);
	uint64_t value = 0;

	if (!bytes)
		return 0;
	for (size_t i = 0; i < size; i++)
		value = value << 8 | bytes[c->big_endian ? i : size - 1 - i];
	return value;
}

uint8_t cursor_u8(struct cursor *c)
{
	return cursor_uint(c, 1);
}

uint16_t cursor_u16(struct cursor *c)
{
	return cursor_uint(c, 2);
}

uint32_t cursor_u32(struct cursor *c)
{
	return cursor_uint(c, 4);
}

uint64_t cursor_u64(struct cursor *c)
{
	return cursor_uint(c, 8);
}
