// SPDX-License-Identifier: LGPL-2.1-or-later
/* One line of error text, built from the inside out: see error.h. */
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "error.h"

int error_set(struct merge_error *err, int code, const char *fmt, ...)
{
	va_list args;

	if (!err)
		return code;
	err->code = code;
	va_start(args, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	return code;
}

int error_prepend(struct merge_error *err, const char *fmt, ...)
{
	char what[sizeof(err->text)], inner[sizeof(err->text)];
	va_list args;

	if (!err)
		return 0;
	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	memcpy(inner, err->text, sizeof(inner));
	/* what does not fit is cut off at the end: the outermost layers stay */
	if (snprintf(err->text, sizeof(err->text), "%s: %s", what, inner) < 0)
		err->text[0] = '\0';
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
