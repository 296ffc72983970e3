// SPDX-License-Identifier: LGPL-2.1-or-later
/* Working out constants, as C does with unsigned long long. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "format_fold.h"
#include "format_tokens.h"

/* Nesting of parentheses; real ones stay below 40 */
#define DEPTH_MAX	200

static uint64_t operate(char sign, uint64_t left, uint64_t right)
{
	switch (sign) {
	case '|':
		return left | right;
	case '^':
		return left ^ right;
	case '&':
		return left & right;
	case '<':
		return right < 64 ? left << right : 0;
	case '>':
		return right < 64 ? left >> right : 0;
	case '+':
		return left + right;
	case '-':
		return left - right;
	default:
		return left * right;
	}
}

static bool constant(const char **p, int looseness, int depth, uint64_t *value);

/* A number or a constant in parentheses */
static bool operand(const char **p, int depth, uint64_t *value)
{
	char *end;

	*p += strspn(*p, " ");
	if (**p == '(') {
		++*p;
		if (!constant(p, FORMAT_LOOSEST, depth + 1, value) || **p != ')')
			return false;
		++*p;
	} else if (isdigit((unsigned char)**p)) {
		*value = strtoull(*p, &end, 0);
		*p = end + strspn(end, "uUlL");
		if (isalnum((unsigned char)**p) || **p == '_')
			return false;
	} else {
		return false;
	}
	*p += strspn(*p, " ");
	return true;
}

/* Operands joined by operators up to @looseness */
static bool constant(const char **p, int looseness, int depth, uint64_t *value)
{
	const struct format_operator *op;
	uint64_t right;

	if (depth > DEPTH_MAX || !operand(p, depth, value))
		return false;
	while ((op = format_operator_at(*p)) && op->folds && op->looseness <= looseness) {
		*p += strlen(op->sign);
		if (!constant(p, op->looseness - 1, depth + 1, &right))
			return false;
		*value = operate(*op->sign, *value, right);
	}
	return true;
}

bool format_fold(const char **p, uint64_t *value)
{
	return **p == '(' && operand(p, 0, value);
}
