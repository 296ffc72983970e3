/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Text without the names of tasks, hosts and files, and without pointers. What is the same
 * stays the same: each becomes a word with a number, "task-3", wherever it stands.
 */
#ifndef PSTORE_RB_REDACT_H
#define PSTORE_RB_REDACT_H

#include <stdbool.h>

#include "textbuf.h"

struct redact;

/* NULL: out of memory */
struct redact *redact_create(void);
void redact_destroy(struct redact *r);

/* @name is one wherever it stands by itself */
void redact_add_task(struct redact *r, const char *name, size_t len);
void redact_add_host(struct redact *r, const char *name);

/* Learn the names of tasks in a line: "comm=", "Comm:", and of a @trace the first column */
void redact_learn(struct redact *r, const char *line, bool trace);

/*
 * Append @line to @out without all that. Of @json only values change, and no task is looked
 * for in it. Running out of memory is latched in @out.
 */
void redact_line(struct redact *r, const char *line, bool json, struct textbuf *out);

#endif
