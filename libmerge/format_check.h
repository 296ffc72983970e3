/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether the text of a format file is one. libtraceevent's parser takes the
 * kernel's word for it, and follows null pointers where it gets something else;
 * a damaged dump holds anything.
 */
#ifndef MERGE_FORMAT_CHECK_H
#define MERGE_FORMAT_CHECK_H

#include <stdbool.h>

/* Name, id and fields, all that stands before the print format */
bool format_check_fields(const char *format);

/*
 * The print format: whole strings, brackets in pairs, no field that is not
 * there. True when there is none.
 */
bool format_check_print(const char *format);

#endif
