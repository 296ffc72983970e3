// SPDX-License-Identifier: LGPL-2.1-or-later
/* Which parentheses of a print format matter to the order of its operations. */
#include <string.h>

#include "format_parens.h"
#include "format_tokens.h"

/* Real ones stay below 40; each byte is looked at once for each level it is in */
#define PARENS_MAX	100

/* The one at @p that has an operand on its left, behind @start; NULL: none */
static const struct format_operator *operator_between(const char *start, const char *p)
{
	const char *left = p;

	while (left > start && left[-1] == ' ')
		left--;
	if (left == start || !(format_is_name(left[-1]) || left[-1] == ')' || left[-1] == ']') ||
	    !strncmp(p, "->", 2))
		return NULL;
	return format_operator_at(p);
}

/* The end of the parentheses at @p; NULL without one, and of ones that are nested too deep */
static const char *parens_end(const char *p)
{
	int depth = 0;

	do {
		depth += (*p == '(') - (*p == ')');
		p += *p == '"' ? format_string_length(p) : 1;
	} while (depth && depth <= PARENS_MAX && *p);
	return depth ? NULL : p;
}

/* How loose the loosest operator between @start and @end binds; 0: there is none */
static int loosest(const char *start, const char *end)
{
	const struct format_operator *op;
	const char *p, *next;
	int looseness = 0;

	start += strspn(start, " ");
	/* what is in parentheses as a whole */
	for (; *start == '(' && (next = parens_end(start)) &&
	       next + strspn(next, " ") == end; start += 1 + strspn(start + 1, " "))
		end = next - 1;
	for (p = start; p < end; p = next) {
		op = operator_between(start, p);
		next = p + (op ? strlen(op->sign) : 1);
		/* a star before the end is a type's */
		if (op && op->looseness > looseness && next + strspn(next, " ") < end)
			looseness = op->looseness;
		if (*p == '"')
			next = p + format_string_length(p);
		else if (*p == '(' && parens_end(p))
			next = parens_end(p);
	}
	return looseness;
}

/* How loose the operator binds that is before @p, behind @start; 0: there is none */
static int operator_before(const char *start, const char *p)
{
	const struct format_operator *op;

	while (p > start && p[-1] == ' ')
		p--;
	for (ptrdiff_t len = 2; len; len--) {
		op = p - start > len ? operator_between(start, p - len) : NULL;
		if (op && strlen(op->sign) == (size_t)len)
			return op->looseness;
	}
	return 0;
}

bool format_loses_parens(const char *start, const char *p)
{
	int looseness = *p == '(' ? operator_before(start, p) : 0;
	const char *end = looseness ? parens_end(p) : NULL;

	return end && loosest(p + 1, end - 1) > looseness;
}
