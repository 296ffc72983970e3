/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What ramoops' zones hold that is text: dumps of the kernel's log, console, messages. */
#ifndef MERGE_RAMOOPS_TEXT_H
#define MERGE_RAMOOPS_TEXT_H

#include "ramoops_zone.h"

/*
 * struct ramoops_text - a zone's text
 * @data, @size: malloc'ed; followed by a 0
 * @time: of a dump, seconds since 1970; 0: not known
 * @why: not NULL: it is not whole, and this is why
 */
struct ramoops_text {
	char *data;
	size_t size;
	int64_t time;
	bool compressed;
	const char *why;
};

/*
 * Of a zone of @kind, out of what it holds. Return: 0, then free(text->data); -ENODATA a
 * dump without its heading, as of one that was erased; -ENOMEM
 */
int ramoops_text_take(const struct ramoops_log *log, enum ramoops_kind kind,
		      struct ramoops_text *text);

#endif
