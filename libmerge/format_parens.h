/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Parentheses in print formats. */
#ifndef MERGE_FORMAT_PARENS_H
#define MERGE_FORMAT_PARENS_H

#include <stdbool.h>

/*
 * Whether libtraceevent would compute without the parentheses that open at @p, of a text
 * that begins at @start: 1.7 to 1.9 take "REC->a * (REC->b + 1)" as if there were none. What
 * has a cast keeps them.
 */
bool format_loses_parens(const char *start, const char *p);

#endif
