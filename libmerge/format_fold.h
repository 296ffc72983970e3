/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Constants in print formats. */
#ifndef MERGE_FORMAT_FOLD_H
#define MERGE_FORMAT_FOLD_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A constant in parentheses at *@p, moving *@p behind it: numbers, parentheses
 * and | ^ & << >> + - *. False, with *@p anywhere, for all else.
 */
bool format_fold(const char **p, uint64_t *value);

#endif
