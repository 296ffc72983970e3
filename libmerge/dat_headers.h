/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kernel's own description of its ring buffer, events/header_page and
 * events/header_event, held against what page.c knows.
 */
#ifndef MERGE_DAT_HEADERS_H
#define MERGE_DAT_HEADERS_H

#include "libmerge.h"

/*
 * @long_size: of the kernel
 * @subbuf_size: of a sub-buffer, header included, whatever it is
 * @overwrite_is_char: see struct merge_desc
 */
struct dat_headers {
	uint32_t long_size;
	uint64_t subbuf_size;
	bool overwrite_is_char;
};

/* Texts, NUL-terminated. Return: 0, or -ENOTSUP with @err set */
int dat_headers_page(const char *text, struct dat_headers *h, struct merge_error *err);
int dat_headers_event(const char *text, struct merge_error *err);

#endif
