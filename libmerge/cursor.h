/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A bounded cursor over untrusted bytes in the traced kernel's byte order and
 * long size. A read beyond the end returns 0 and latches @bad: check once
 * after a group of reads.
 */
#ifndef MERGE_CURSOR_H
#define MERGE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cursor {
	const uint8_t *data;
	size_t size;
	size_t pos;
	bool big_endian;
	bool bad;
};

void cursor_init(struct cursor *c, const void *data, size_t size, bool big_endian);
void cursor_seek(struct cursor *c, size_t pos);
size_t cursor_left(const struct cursor *c);
uint8_t cursor_u8(struct cursor *c);
uint16_t cursor_u16(struct cursor *c);
uint32_t cursor_u32(struct cursor *c);
uint64_t cursor_u64(struct cursor *c);
/* @size bytes, 1, 2, 4 or 8, as an unsigned number */
uint64_t cursor_uint(struct cursor *c, size_t size);
/* @len bytes in place, or NULL (and @bad) when fewer are left */
const void *cursor_bytes(struct cursor *c, size_t len);

#endif
