// SPDX-License-Identifier: LGPL-2.1-or-later
/* Sizes of what system calls were given: see syscall_size.h. */
#include <string.h>

#include "syscall_size.h"

#define COPY	"\tfield:__data_loc "
#define FIELD	"\tfield:"

bool syscall_has_copy(const char *format, size_t len)
{
	return memmem(format, len, COPY, strlen(COPY)) != NULL;
}

/* The length of the name that ends at @end, which a blank or "*" is before */
static size_t name_before(const char *start, const char *end)
{
	size_t len = 0;

	while (end - len > start && !strchr(" *", end[-(long)len - 1]))
		len++;
	return len;
}

/* Whether @copy, "__NAME_val", is of NAME */
static bool is_of(const char *copy, size_t copy_len, const char *name, size_t len)
{
	return copy_len == len + 6 && !strncmp(copy, "__", 2) && !strncmp(copy + 2, name, len) &&
	       !strncmp(copy + 2 + len, "_val", 4);
}

/*
 * Of those copied as bytes, which are printed in parentheses, it is the argument
 * behind the pointer, by check_faultable_syscall() of the kernel's trace_syscalls.c.
 */
int syscall_size_argument(const char *format)
{
	const char *copy = strstr(format, COPY), *end = copy ? strchr(copy, ';') : NULL;
	const char *field = strstr(format, "\n\n");
	size_t copy_len = end ? name_before(copy, end) : 0;
	int index = 0;

	if (!end || !strstr(format, " (%s)"))
		return -1;
	copy = end - copy_len;
	/* the common fields are before the empty line, __syscall_nr is the first behind it */
	field = field ? strstr(field, FIELD) : NULL;
	while (field && (field = strstr(field + 1, FIELD))) {
		const char *stop = strchr(field, ';');
		size_t len = stop ? name_before(field, stop) : 0;

		if (!stop || stop > copy)
			return -1;
		if (is_of(copy, copy_len, stop - len, len))
			return index + 1;
		index++;
	}
	return -1;
}
