/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Error texts. The layer that fails sets code and text; each layer above
 * prepends what it was doing. Every function accepts a NULL error.
 */
#ifndef MERGE_ERROR_H
#define MERGE_ERROR_H

#include "libmerge.h"

/*
 * Control characters become "?", in place: a file's names are anything, and what is
 * said of them is one line on a terminal. Return: @text, which may be NULL.
 */
char *error_one_line(char *text);

/* Set code (negative errno) and text; returns @code so callers can return it. */
int error_set(struct merge_error *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Put "what: " before the text; returns err->code. */
int error_prepend(struct merge_error *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* error_set() with the usual words for @code alone: -EINTR, -ENOMEM, errno's */
int error_code(struct merge_error *err, int code);
int error_nomem(struct merge_error *err);

#endif
