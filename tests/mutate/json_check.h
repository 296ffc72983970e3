/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a line is JSON (RFC 8259), in UTF-8. */
#ifndef MUTATE_JSON_CHECK_H
#define MUTATE_JSON_CHECK_H

#include <stdbool.h>
#include <stddef.h>

bool json_check(const char *text, size_t size);

#endif
