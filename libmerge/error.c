// SPDX-License-Identifier: LGPL-2.1-or-later
/* One line of error text, built from the inside out: see error.h. */
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "error.h"

char *error_one_line(char *text)
{
	for (unsigned char *p = (unsigned char *)text; p && *p; p++)
		if (*p < ' ' || *p == 0x7f)
			*p = '?';
	return text;
}

int error_set(struct merge_error *err, int code, const char *fmt, ...)
{
	va_list args;

	if (!err)
		return code;
	err->code = code;
	va_start(args, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	error_one_line(err->text);
	return code;
}

int error_prepend(struct merge_error *err, const char *fmt, ...)
{
	char text[2 * sizeof(err->text) + 2];
	va_list args;
	size_t len;

	if (!err)
		return 0;
	va_start(args, fmt);
	vsnprintf(text, sizeof(err->text), fmt, args);
	va_end(args);
	len = strlen(text);
	snprintf(text + len, sizeof(text) - len, ": %s", err->text);
	/* what does not fit is cut off at the end: the outermost layers stay */
	text[sizeof(err->text) - 1] = '\0';
	memcpy(err->text, error_one_line(text), sizeof(err->text));
	return err->code;
}

int error_code(struct merge_error *err, int code)
{
	return error_set(err, code, "%s", code == -EINTR ? "interrupted" :
			 code == -ENOMEM ? "out of memory" : strerror(-code));
}

int error_nomem(struct merge_error *err)
{
	return error_code(err, -ENOMEM);
}
