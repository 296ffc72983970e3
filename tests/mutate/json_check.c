// SPDX-License-Identifier: GPL-2.0-or-later
/* Whether a line is JSON: see json_check.h. */
#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "json_check.h"

#define DEPTH	16

/* What is left of the text */
struct left {
	const char *p, *end;
};

static bool take(struct left *l, char c)
{
	if (l->p == l->end || *l->p != c)
		return false;
	l->p++;
	return true;
}

static bool take_word(struct left *l, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(l->end - l->p) < len || memcmp(l->p, word, len))
		return false;
	l->p += len;
	return true;
}

static bool take_digits(struct left *l)
{
	const char *start = l->p;

	while (l->p < l->end && isdigit((unsigned char)*l->p))
		l->p++;
	return l->p > start;
}

static bool take_number(struct left *l)
{
	take(l, '-');
	/* no digits behind a 0 */
	if (!take(l, '0') && !take_digits(l))
		return false;
	if (take(l, '.') && !take_digits(l))
		return false;
	if (take(l, 'e') || take(l, 'E')) {
		if (!take(l, '-'))
			take(l, '+');
		return take_digits(l);
	}
	return true;
}

/* A character of more than one byte, which is no surrogate and not too long */
static bool take_utf8(struct left *l)
{
	unsigned char first = *l->p++;
	int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
	uint32_t code = first & (0x3f >> more);
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };

	if (first < 0xc2 || first > 0xf4 || l->end - l->p < more)
		return false;
	for (int i = 0; i < more; i++) {
		unsigned char c = *l->p++;

		if ((c & 0xc0) != 0x80)
			return false;
		code = code << 6 | (c & 0x3f);
	}
	return code >= least[more] && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
}

static bool take_escape(struct left *l)
{
	if (l->p == l->end)
		return false;
	if (*l->p != 'u')
		return strchr("\"\\/bfnrt", *l->p++) != NULL;
	l->p++;
	for (int i = 0; i < 4; i++, l->p++)
		if (l->p == l->end || !isxdigit((unsigned char)*l->p))
			return false;
	return true;
}

static bool take_string(struct left *l)
{
	if (!take(l, '"'))
		return false;
	while (l->p < l->end && *l->p != '"') {
		unsigned char c = *l->p;
		bool good = c >= 0x20;

		if (c >= 0x80) {
			good = take_utf8(l);
		} else {
			l->p++;
			if (c == '\\')
				good = take_escape(l);
		}
		if (!good)
			return false;
	}
	return take(l, '"');
}

static bool take_value(struct left *l, int depth);

static bool take_members(struct left *l, char end, int depth)
{
	if (take(l, end))
		return true;
	do {
		if (end == '}' && (!take_string(l) || !take(l, ':')))
			return false;
		if (!take_value(l, depth + 1))
			return false;
	} while (take(l, ','));
	return take(l, end);
}

static bool take_value(struct left *l, int depth)
{
	if (l->p == l->end || depth > DEPTH)
		return false;
	if (*l->p == '"')
		return take_string(l);
	if (take(l, '{'))
		return take_members(l, '}', depth);
	if (take(l, '['))
		return take_members(l, ']', depth);
	return take_word(l, "true") || take_word(l, "false") || take_word(l, "null") ||
	       take_number(l);
}

bool json_check(const char *text, size_t size)
{
	struct left l = { text, text + size };

	return take_value(&l, 0) && l.p == l.end;
}
