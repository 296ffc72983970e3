/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Print formats as the kernel shows them hold names that only its compiler
 * knows. Made into numbers, libtraceevent and every reader of trace.dat print
 * what the kernel itself prints.
 */
#ifndef MERGE_FORMAT_H
#define MERGE_FORMAT_H

#include <stdint.h>

/* The value of enumerator @name. Return: 0, or a negative errno */
typedef int format_enumerator_fn(void *arg, const char *name, int64_t *value);

/*
 * The text of a format file with enumerators and sizeof() as numbers, and
 * without its print format where libtraceevent, which takes what it does not
 * know for zero, would divide by it. @fn may be NULL. malloc'ed; NULL: out of
 * memory.
 */
char *format_prepare(const char *format, uint32_t long_size,
		     format_enumerator_fn *fn, void *arg);

/* The number on the "ID:" line; -1 without one */
long format_id(const char *format);

#endif
