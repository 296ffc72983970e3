// SPDX-License-Identifier: LGPL-2.1-or-later
/* Checks of a format file's text. */
#include <ctype.h>
#include <stddef.h>
#include <string.h>

#include "format_check.h"
#include "format_tokens.h"

#define DEPTH_MAX	200	/* brackets in brackets */
#define FIELDS_MAX	1000
#define NUMBER_MAX	65536	/* no offset or size is larger */

/* Step over @text at *@p */
static bool take(const char **p, const char *text)
{
	size_t len = strlen(text);

	if (strncmp(*p, text, len))
		return false;
	*p += len;
	return true;
}

static bool take_number(const char **p)
{
	unsigned int value = 0;

	if (!isdigit((unsigned char)**p))
		return false;
	for (; isdigit((unsigned char)**p) && value <= NUMBER_MAX; ++*p)
		value = 10 * value + (unsigned int)(**p - '0');
	return value <= NUMBER_MAX;
}

static bool take_name(const char **p)
{
	const char *start = *p;

	while (format_is_name(**p))
		++*p;
	return *p > start;
}

/* ---- Fields ------------------------------------------------------------- */

/*
 * "unsigned long caller[8];": the name's place. A type and a name, an array's
 * brackets behind either, "*" between them.
 */
static bool take_declaration(const char **p, const char **name, size_t *len)
{
	const char *end = strchr(*p, ';'), *stop = end, *start;

	if (!end || strspn(*p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			   "0123456789_ *[]()+-") < (size_t)(end - *p))
		return false;
	if (stop > *p && stop[-1] == ']')
		stop = memrchr(*p, '[', (size_t)(stop - *p));
	if (!stop)
		return false;
	for (start = stop; start > *p && format_is_name(start[-1]);)
		start--;
	/* something of a type stands before it */
	if (start == stop || start == *p || (start[-1] != ' ' && start[-1] != '*') ||
	    !format_is_name(**p))
		return false;
	*name = start;
	*len = (size_t)(stop - start);
	*p = end;
	return true;
}

static bool take_field(const char **p, const char **name, size_t *len)
{
	return take(p, "\tfield:") && take_declaration(p, name, len) &&
	       take(p, ";\toffset:") && take_number(p) &&
	       take(p, ";\tsize:") && take_number(p) &&
	       take(p, ";\tsigned:") && take_number(p) && take(p, ";\n");
}

static bool take_head(const char **p)
{
	return take(p, "name: ") && take_name(p) && take(p, "\nID: ") && take_number(p) &&
	       take(p, "\nformat:\n");
}

bool format_check_fields(const char *format)
{
	const char *p = format, *name;
	unsigned int count = 0;
	size_t len;

	if (!take_head(&p))
		return false;
	while (*p && strncmp(p, "print fmt:", strlen("print fmt:"))) {
		if (!take(&p, "\n") && !take_field(&p, &name, &len))
			return false;
		if (count++ > FIELDS_MAX)
			return false;
	}
	/* the four of struct trace_entry */
	return count >= 4;
}

/* Whether @format, checked, has a field of @len bytes at @wanted */
static bool has_field(const char *format, const char *wanted, size_t len)
{
	const char *p = strstr(format, "\tfield:"), *name;
	size_t name_len;

	while (p && *p && (take(&p, "\n") || take_field(&p, &name, &name_len))) {
		if (p[-1] == '\n' && p[-2] == ';' && name_len == len && !memcmp(name, wanted, len))
			return true;
	}
	return false;
}

/* ---- The print format --------------------------------------------------- */

/* A string with its quotes; no bytes that are none of a text */
static bool take_string(const char **p)
{
	if (!take(p, "\""))
		return false;
	for (; **p && **p != '"'; ++*p) {
		if (**p == '\\' && (*p)[1])
			++*p;
		if ((unsigned char)**p < ' ' && **p != '\t' && **p != '\n')
			return false;
	}
	return take(p, "\"");
}

static char closing(char c)
{
	return c == '(' ? ')' : c == '{' ? '}' : c == '[' ? ']' : '\0';
}

/* The name behind "REC->" or in "__get_str(name)" is a field's */
static bool field_known(const char *format, const char *p)
{
	const char *name;

	if (strncmp(p, "__get_", 6)) {
		if (!take(&p, "REC"))
			return true;
		take(&p, ")");
		if (!take(&p, "->"))
			return format_is_name(*p);	/* "RECORD" */
	} else {
		take_name(&p);
		p += strspn(p, " ");
		if (!take(&p, "("))
			return false;
	}
	p += strspn(p, " ");
	name = p;
	return take_name(&p) && has_field(format, name, (size_t)(p - name));
}

/* Whether the text before @p, from @start on, ends in @end, and that in no longer name */
static bool ends_in(const char *start, const char *p, const char *end)
{
	size_t len = strlen(end);

	return (size_t)(p - start) > len && !memcmp(p - len, end, len) &&
	       !(format_is_name(*end) && format_is_name(*(p - len - 1)));
}

/* Operators and all else that is no name, string or bracket */
static bool sign_known(const char *start, const char *p)
{
	/* only a record has members */
	if (p[0] == '-' && p[1] == '>')
		return ends_in(start, p, "REC") || ends_in(start, p, "(REC)");
	return format_is_name(*p) || strchr(" \n,+-*/%&|^~!<>=?:", *p);
}

/*
 * struct args - what stands behind the format string, while it is checked
 * @open: the brackets that are open, as those that close them
 */
struct args {
	const char *format;
	const char *start;
	char open[DEPTH_MAX];
	int depth;
};

/* What begins at *@p, moving *@p to its last character */
static bool check_arg(struct args *a, const char **p)
{
	bool ok = true;

	if (**p == '"') {
		ok = take_string(p);
		--*p;
	} else if (**p == '\'') {
		/* a character: no escapes among them so far */
		ok = (*p)[1] && (*p)[1] != '\\' && (*p)[2] == '\'';
		*p += ok ? 2 : 0;
	} else if (closing(**p)) {
		ok = a->depth < DEPTH_MAX;
		if (ok)
			a->open[a->depth++] = closing(**p);
	} else if (strchr(")}]", **p)) {
		ok = a->depth && a->open[--a->depth] == **p;
	} else if (format_is_name(**p) && !format_is_name((*p)[-1])) {
		ok = field_known(a->format, *p);
	} else {
		ok = sign_known(a->start, *p);
	}
	return ok;
}

bool format_check_print(const char *format)
{
	static const char start[] = "\nprint fmt: ";
	struct args args = { .format = format };
	const char *p = strstr(format, start);

	if (!p)
		return true;
	p += strlen(start);
	do {
		if (!take_string(&p))
			return false;
		p += strspn(p, " \t\n");
	} while (*p == '"');
	if (*p && *p != ',')
		return false;
	for (args.start = p; *p; p++) {
		if (!check_arg(&args, &p))
			return false;
	}
	return !args.depth;
}
