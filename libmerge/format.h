/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Print formats as the kernel shows them hold what only its compiler or its own
 * printf() knows, and some the kernel does not use itself. Made plain here,
 * libtraceevent and every reader of trace.dat print what the kernel prints.
 */
#ifndef MERGE_FORMAT_H
#define MERGE_FORMAT_H

#include <stddef.h>
#include <stdint.h>

/* The value of enumerator @name. Return: 0, or a negative errno */
typedef int format_enumerator_fn(void *arg, const char *name, int64_t *value);

/*
 * struct format_context - what a format is of
 * @system: the event's system
 * @long_size: sizeof(long) of the traced kernel
 * @enumerator: or NULL
 * @arg: handed to it
 */
struct format_context {
	const char *system;
	uint32_t long_size;
	format_enumerator_fn *enumerator;
	void *arg;
};

/*
 * The text of format file @format made plain: enumerators and sizeof() as
 * numbers, constants in parentheses worked out, %p as the number it is, members of
 * the record's head by the names their fields have, probes and synthetic events as
 * the kernel prints them. Without its print format when
 * that is damaged, or when libtraceevent, which takes what it does not know for
 * zero, would divide by it. malloc'ed; NULL: out of memory.
 */
char *format_prepare(const char *format, const struct format_context *context);

/* The number on the "ID:" line; -1 without one */
long format_id(const char *format);

/* The name on the "name:" line, which a format begins with; "" without one */
void format_name(const char *format, char *name, size_t size);

#endif
