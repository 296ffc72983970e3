// SPDX-License-Identifier: LGPL-2.1-or-later
/* What the kernel says of its ring buffer: see dat_headers.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dat_headers.h"
#include "error.h"

/* Offset and size of the field called " NAME;" in @text. Return: whether it is there */
static bool find_field(const char *text, const char *name, unsigned long *offset,
		       unsigned long *size)
{
	const char *line = strstr(text, name);
	const char *end = line ? strchrnul(line, '\n') : NULL;
	const char *o = line ? strstr(line, "offset:") : NULL;
	const char *s = line ? strstr(line, "size:") : NULL;

	if (!o || !s || o > end || s > end)
		return false;
	*offset = strtoul(o + strlen("offset:"), NULL, 10);
	*size = strtoul(s + strlen("size:"), NULL, 10);
	return true;
}

int dat_headers_page(const char *text, struct dat_headers *h, struct merge_error *err)
{
	unsigned long time, time_size, commit, size, data, data_size;

	if (!find_field(text, " timestamp;", &time, &time_size) ||
	    !find_field(text, " commit;", &commit, &size) ||
	    !find_field(text, " data;", &data, &data_size))
		return error_set(err, -ENOTSUP,
				 "its sub-buffers have no timestamp, commit and data: this layout is not known");
	if (time || time_size != 8 || commit != 8 || (size != 4 && size != 8) ||
	    data != 8 + size)
		return error_set(err, -ENOTSUP,
				 "its sub-buffers have timestamp, commit and data of %lu, %lu and %lu bytes at %lu, %lu and %lu: this layout is not known",
				 time_size, size, data_size, time, commit, data);
	h->long_size = size;
	h->subbuf_size = (uint64_t)data + data_size;
	h->overwrite_is_char = strstr(text, "char overwrite;") != NULL;
	return 0;
}

/* The number behind "NAME   :" of @text; 0 without one */
static unsigned long find_bits(const char *text, const char *name)
{
	const char *at = strstr(text, name);
	const char *colon = at ? at + strlen(name) + strspn(at + strlen(name), " ") : NULL;

	return colon && *colon == ':' ? strtoul(colon + 1, NULL, 10) : 0;
}

int dat_headers_event(const char *text, struct merge_error *err)
{
	unsigned long type = find_bits(text, "type_len"), delta = find_bits(text, "time_delta");

	if (type == 5 && delta == 27)
		return 0;
	return error_set(err, -ENOTSUP,
			 "its events have a type_len of %lu bits and a time_delta of %lu, not of 5 and 27: this encoding is not known",
			 type, delta);
}
