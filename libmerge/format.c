// SPDX-License-Identifier: LGPL-2.1-or-later
/* Names in print formats as numbers. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format.h"
#include "textbuf.h"

/* No name or type of a print format is longer */
#define NAME_SIZE	128

/* ---- Names -------------------------------------------------------------- */

/* Text on its way from @in to @out */
struct scan {
	const char *in;
	struct textbuf out;
	uint32_t long_size;
	format_enumerator_fn *fn;
	void *arg;
};

long format_id(const char *format)
{
	const char *line = strstr(format, "\nID:");
	char *end;
	long id;

	if (!line)
		return -1;
	id = strtol(line + 4, &end, 10);
	return *end == '\n' && end > line + 4 ? id : -1;
}

static void copy(struct scan *s, size_t len)
{
	textbuf_put(&s->out, s->in, len);
	s->in += len;
}

static void copy_string(struct scan *s)
{
	size_t len = 1;

	while (s->in[len] && s->in[len] != '"')
		len += s->in[len] == '\\' && s->in[len + 1] ? 2 : 1;
	copy(s, len + (s->in[len] == '"'));
}

/* Whether the name at s->in is a member: behind "->" or "." */
static bool is_member(const struct scan *s)
{
	size_t len = s->out.len;

	return len && (s->out.data[len - 1] == '.' ||
		       (len > 1 && !memcmp(s->out.data + len - 2, "->", 2)));
}

/* 0 for types not known here */
static uint64_t type_size(const char *type, uint32_t long_size)
{
	static const struct {
		const char *type;
		uint64_t size;
	} types[] = {
		{ "u8", 1 }, { "s8", 1 }, { "char", 1 }, { "u16", 2 }, { "s16", 2 },
		{ "short", 2 }, { "u32", 4 }, { "s32", 4 }, { "int", 4 }, { "u64", 8 },
		{ "s64", 8 }, { "long long", 8 },
	};

	type += !strncmp(type, "unsigned ", 9) ? 9 : 0;
	type += !strncmp(type, "__", 2) ? 2 : 0;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (!strcmp(type, types[i].type))
			return types[i].size;
	}
	return !strcmp(type, "long") || !strcmp(type, "size_t") ? long_size : 0;
}

/* "sizeof(type)" at s->in; false when it is something else */
static bool put_sizeof(struct scan *s)
{
	char type[NAME_SIZE];
	uint64_t size;
	int end = 0;

	/* sscanf() looks for the end of the text first */
	if (strncmp(s->in, "sizeof", 6) ||
	    sscanf(s->in, "sizeof ( %127[a-z0-9_ ])%n", type, &end) < 1 || !end)
		return false;
	size = type_size(type, s->long_size);
	if (!size)
		return false;
	textbuf_dec(&s->out, size, 0, ' ');
	s->in += end;
	return true;
}

static bool put_enumerator(struct scan *s, size_t len)
{
	char name[NAME_SIZE];
	int64_t value;

	/* a name before a parenthesis is a function */
	if (!s->fn || len >= sizeof(name) || is_member(s) ||
	    s->in[len + strspn(s->in + len, " ")] == '(')
		return false;
	memcpy(name, s->in, len);
	name[len] = '\0';
	/* libtraceevent has no negative numbers in its lists */
	if (!strcmp(name, "REC") || s->fn(s->arg, name, &value) || value < 0)
		return false;
	textbuf_dec(&s->out, (uint64_t)value, 0, ' ');
	s->in += len;
	return true;
}

static void scan_word(struct scan *s)
{
	size_t len = 0;

	while (isalnum((unsigned char)s->in[len]) || s->in[len] == '_')
		len++;
	if (isdigit((unsigned char)*s->in) || (!put_sizeof(s) && !put_enumerator(s, len)))
		copy(s, len);
}

static void scan(struct scan *s)
{
	while (*s->in && !s->out.failed) {
		if (*s->in == '"')
			copy_string(s);
		else if (isalnum((unsigned char)*s->in) || *s->in == '_')
			scan_word(s);
		else
			copy(s, 1);
	}
	textbuf_putc(&s->out, '\0');
}

/* ---- Constants ---------------------------------------------------------- */

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

		/* "||" and "&&" are others */
		if (!strncmp(p, operators[i].sign, len) && (len == 2 || p[1] != p[0]))
			return &operators[i];
	}
	return NULL;
}

static uint64_t operate(char sign, uint64_t left, uint64_t right)
{
	switch (sign) {
	case '|': return left | right;
	case '^': return left ^ right;
	case '&': return left & right;
	case '<': return right < 64 ? left << right : 0;
	case '>': return right < 64 ? left >> right : 0;
	case '+': return left + right;
	case '-': return left - right;
	default: return left * right;
	}
}

static bool constant(const char **p, int level, int depth, uint64_t *value);

/* A number or a constant in parentheses, moving *@p behind it */
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

/* "(constant)" at s->in as a number; false when it is something else */
static bool put_constant(struct scan *s)
{
	const char *p = s->in;
	size_t len = s->out.len;
	uint64_t value;

	/* behind a name it is an argument */
	while (len && s->out.data[len - 1] == ' ')
		len--;
	if (len && (isalnum((unsigned char)s->out.data[len - 1]) || s->out.data[len - 1] == '_'))
		return false;
	if (!operand(&p, 0, &value))
		return false;
	textbuf_put(&s->out, "0x", 2);
	textbuf_hex(&s->out, value, 1);
	s->in = p;
	return true;
}

/*
 * libtraceevent 1.7 to 1.9 loses the parentheses of "REC->flags & (1 | 2)": no
 * constant keeps its own.
 */
static char *fold(const char *format, size_t head)
{
	struct scan s = { .in = format };

	copy(&s, head);
	while (*s.in && !s.out.failed) {
		if (*s.in == '"')
			copy_string(&s);
		else if (*s.in != '(' || !put_constant(&s))
			copy(&s, 1);
	}
	textbuf_putc(&s.out, '\0');
	if (s.out.failed)
		textbuf_deinit(&s.out);
	return s.out.data;
}

/* ---- Divisions ---------------------------------------------------------- */

/* Whether what follows a division sign may be zero for libtraceevent */
static bool divisor_suspect(const char *p)
{
	p += strspn(p, " (");
	if (!strncmp(p, "REC", 3) || !strncmp(p, "__get", 5))
		return false;	/* known when the event is printed: record.c */
	return !isdigit((unsigned char)*p) || strtoull(p, NULL, 0) == 0;
}

static bool divides_by_zero(const char *p)
{
	bool quoted = false;

	for (; *p; p++) {
		if (quoted && *p == '\\' && p[1])
			p++;
		else if (*p == '"')
			quoted = !quoted;
		else if (!quoted && (*p == '/' || *p == '%') && divisor_suspect(p + 1))
			return true;
	}
	return false;
}

char *format_prepare(const char *format, uint32_t long_size,
		     format_enumerator_fn *fn, void *arg)
{
	struct scan s = { .in = format, .long_size = long_size, .fn = fn, .arg = arg };
	const char *print = strstr(format, "\nprint fmt:");
	size_t head = print ? (size_t)(print - format) + strlen("\nprint fmt:") : strlen(format);
	char *text = NULL;

	copy(&s, head);
	scan(&s);
	if (!s.out.failed)
		text = fold(s.out.data, head);
	textbuf_deinit(&s.out);
	/* without it events are printed field by field */
	if (text && print && divides_by_zero(text + head))
		text[print + 1 - format] = '\0';
	return text;
}
