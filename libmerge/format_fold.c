// SPDX-License-Identifier: LGPL-2.1-or-later
/* Working out constants, as C does with unsigned long long. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "format_fold.h"

/* Nesting of parentheses; real ones stay below 40 */
#define DEPTH_MAX	200

/* Binary operators by how tight they bind; no division: it may be by zero */
static const struct operator {
	const char *sign;
	int level;
} operators[] = {
	{ "|", 1 }, { "^", 2 }, { "&", 3 }, { "<<", 4 }, { ">>", 4 }, { "+", 5 }, { "-", 5 },
	{ "*", 6 },
};

static const struct operator *operator_at(const char *p)
{
	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
		size_t len = strlen(operators[i].sign);

		if (!strncmp(p, operators[i].sign, len))
			return &operators[i];
	}
	return NULL;
}

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

static bool constant(const char **p, int level, int depth, uint64_t *value);

/* A number or a constant in parentheses */
static bool operand(const char **p, int depth, uint64_t *value)
{
	char *end;

	*p += strspn(*p, " ");
	if (**p == '(') {
		++*p;
		if (!constant(p, 1, depth + 1, value) || **p != ')')
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

/* Operands joined by operators of @level and above */
static bool constant(const char **p, int level, int depth, uint64_t *value)
{
	const struct operator *op;
	uint64_t right;

	if (depth > DEPTH_MAX || !operand(p, depth, value))
		return false;
	while ((op = operator_at(*p)) && op->level >= level) {
		*p += strlen(op->sign);
		if (!constant(p, op->level + 1, depth + 1, &right))
			return false;
		*value = operate(*op->sign, *value, right);
	}
	return true;
}

bool format_fold(const char **p, uint64_t *value)
{
	return **p == '(' && operand(p, 0, value);
}
