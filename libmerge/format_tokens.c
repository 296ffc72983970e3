// SPDX-License-Identifier: LGPL-2.1-or-later
/* Strings, and the operators of C. */
#include <string.h>

#include "format_tokens.h"

size_t format_string_length(const char *p)
{
	size_t len = 1;

	while (p[len] && p[len] != '"')
		len += p[len] == '\\' && p[len + 1] ? 2 : 1;
	return len + (p[len] == '"');
}

/* Longer signs first. A division may be by zero; of a comparison's result nothing is folded. */
static const struct format_operator operators[] = {
	{ "<<", 3, true }, { ">>", 3, true }, { "<=", 4, false }, { ">=", 4, false },
	{ "==", 5, false }, { "!=", 5, false }, { "&&", 9, false }, { "||", 10, false },
	{ "*", 1, true }, { "/", 1, false }, { "%", 1, false }, { "+", 2, true }, { "-", 2, true },
	{ "<", 4, false }, { ">", 4, false }, { "&", 6, true }, { "^", 7, true }, { "|", 8, true },
	{ "?", FORMAT_LOOSEST, false },
};

const struct format_operator *format_operator_at(const char *p)
{
	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
		if (!strncmp(p, operators[i].sign, strlen(operators[i].sign)))
			return &operators[i];
	}
	return NULL;
}
