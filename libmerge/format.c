// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Print formats made plain, in passes over their text: names and strings;
 * constants, which may consist of what were names; parentheses that libtraceevent
 * would lose; what the kernel prints in its own way.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format.h"
#include "format_check.h"
#include "format_fold.h"
#include "format_parens.h"
#include "format_tokens.h"
#include "textbuf.h"

/* No name or type of a print format is longer */
#define NAME_SIZE	128

/* Text on its way from @in to @out */
struct scan {
	const char *in;
	struct textbuf out;
	const struct format_context *context;
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

void format_name(const char *format, char *name, size_t size)
{
	static const char label[] = "name: ";
	size_t len;

	name[0] = '\0';
	if (strncmp(format, label, strlen(label)))
		return;
	format += strlen(label);
	len = strcspn(format, "\n");
	if (len >= size)
		len = size - 1;
	memcpy(name, format, len);
	name[len] = '\0';
}

static void copy(struct scan *s, size_t len)
{
	textbuf_put(&s->out, s->in, len);
	s->in += len;
}

/* ---- Names and strings -------------------------------------------------- */

/* "%p", "%px" and "%pK" print a pointer as a number; their length, or 0 */
static size_t plain_pointer(const char *p)
{
	size_t len = 2;

	if (strncmp(p, "%p", 2))
		return 0;
	len += p[2] == 'x' || p[2] == 'K';
	return format_is_name(p[len]) ? 0 : len;
}

/* "%#x" with any "l": the kernel prints "0x" before 0 too */
static bool is_prefixed_hex(const char *p)
{
	return !strncmp(p, "%#", 2) && p[2 + strspn(p + 2, "l")] == 'x';
}

static void scan_string(struct scan *s)
{
	const char *end = s->in + format_string_length(s->in);
	const struct format_context *context = s->context;

	while (s->in < end) {
		size_t pointer = plain_pointer(s->in);

		if (pointer) {
			textbuf_printf(&s->out, "%%0%ulx", 2 * context->long_size);
			s->in += pointer;
		} else if (is_prefixed_hex(s->in)) {
			textbuf_puts(&s->out, "0x%");
			s->in += strlen("%#");
		} else if (*s->in == '\t' || *s->in == '\n') {
			/* libtraceevent ends the string at them */
			textbuf_puts(&s->out, *s->in == '\t' ? "\\t" : "\\n");
			s->in++;
		} else if (!strncmp(s->in, ", ", 2) && !strcmp(context->system, "synthetic")) {
			s->in++;
		} else {
			copy(s, *s->in == '%' && s->in[1] == '%' ? 2 : 1);
		}
	}
}

/* Whether the name at s->in is a member: behind "->" or "." */
static bool is_member(const struct scan *s)
{
	size_t len = s->out.len;

	return len && (s->out.data[len - 1] == '.' ||
		       (len > 1 && !memcmp(s->out.data + len - 2, "->", 2)));
}

/* Whether the name at s->in is a field's: "__get_str(name)" */
static bool is_argument(const struct scan *s)
{
	size_t end = s->out.len, start;

	if (!end || s->out.data[end - 1] != '(')
		return false;
	for (start = --end; start && format_is_name(s->out.data[start - 1]);)
		start--;
	return end - start > 6 && !memcmp(s->out.data + start, "__get_", 6);
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
	size = type_size(type, s->context->long_size);
	if (!size)
		return false;
	textbuf_dec(&s->out, size, 0, ' ');
	s->in += end;
	return true;
}

/* Names that are no enumerators: asking for one is slow */
static bool is_keyword(const char *name)
{
	static const char *const keywords[] = {
		"REC", "unsigned", "signed", "long", "int", "short", "char", "void",
		"const", "struct", "enum", "union",
	};

	for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++) {
		if (!strcmp(name, keywords[i]))
			return true;
	}
	return false;
}

static bool put_enumerator(struct scan *s, size_t len)
{
	const struct format_context *context = s->context;
	char name[NAME_SIZE];
	int64_t value;

	/* a name before a parenthesis is a function */
	if (!context->enumerator || len >= sizeof(name) || is_member(s) || is_argument(s) ||
	    s->in[len + strspn(s->in + len, " ")] == '(')
		return false;
	memcpy(name, s->in, len);
	name[len] = '\0';
	/* libtraceevent has no negative numbers in its lists */
	if (is_keyword(name) || context->enumerator(context->arg, name, &value) || value < 0)
		return false;
	textbuf_dec(&s->out, (uint64_t)value, 0, ' ');
	s->in += len;
	return true;
}

/* "REC->ent.pid": libtraceevent has no structures, but their members by other names */
static bool put_entry(struct scan *s)
{
	if (strncmp(s->in, "ent.", 4) || !is_member(s))
		return false;
	textbuf_puts(&s->out, "common_");
	s->in += strlen("ent.");
	return true;
}

/* The kernel prints a mask of CPUs as any other; libtraceevent makes a list of it */
static bool put_cpumask(struct scan *s, size_t len)
{
	static const char *const names[][2] = {
		{ "__get_cpumask", "__get_bitmask" },
		{ "__get_rel_cpumask", "__get_rel_bitmask" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (len != strlen(names[i][0]) || strncmp(s->in, names[i][0], len))
			continue;
		textbuf_puts(&s->out, names[i][1]);
		s->in += len;
		return true;
	}
	return false;
}

static void scan_name(struct scan *s)
{
	size_t len = 1;

	if (put_entry(s))
		return;
	while (format_is_name(s->in[len]))
		len++;
	if (put_cpumask(s, len))
		return;
	if (isdigit((unsigned char)*s->in) || (!put_sizeof(s) && !put_enumerator(s, len)))
		copy(s, len);
}

static void scan_names(struct scan *s)
{
	while (*s->in && !s->out.failed) {
		if (*s->in == '"')
			scan_string(s);
		else if (format_is_name(*s->in))
			scan_name(s);
		else
			copy(s, 1);
	}
}

/* ---- Constants ---------------------------------------------------------- */

/*
 * libtraceevent 1.7 to 1.9 loses the parentheses of "REC->flags & (1 | 2)": no
 * constant keeps its own.
 */
static bool put_constant(struct scan *s)
{
	const char *p = s->in;
	size_t len = s->out.len;
	uint64_t value;

	/* behind a name it is an argument */
	while (len && s->out.data[len - 1] == ' ')
		len--;
	if ((len && format_is_name(s->out.data[len - 1])) || !format_fold(&p, &value))
		return false;
	textbuf_put(&s->out, "0x", 2);
	textbuf_hex(&s->out, value, 1);
	s->in = p;
	return true;
}

static void scan_constants(struct scan *s)
{
	while (*s->in && !s->out.failed) {
		if (*s->in == '"')
			copy(s, format_string_length(s->in));
		else if (!put_constant(s))
			copy(s, 1);
	}
}

/* ---- Parentheses -------------------------------------------------------- */

static void scan_parentheses(struct scan *s)
{
	const char *start = s->in;

	while (*s->in && !s->out.failed) {
		if (format_loses_parens(start, s->in))
			textbuf_puts(&s->out, "(s64)");
		copy(s, *s->in == '"' ? format_string_length(s->in) : 1);
	}
}

/* ---- The kernel's own ways ---------------------------------------------- */

/* print_kprobe_event() and print_kretprobe_event() of the kernel's trace_kprobe.c */
static const struct custom {
	const char *format, *kernel_format;
	const char *args, *kernel_args;
} customs[] = {
	{ " \"(%lx)", " \"(%pS)", ", REC->__probe_ip", ", REC->__probe_ip" },
	{ " \"(%lx <- %lx)", " \"(%pS <- %ps)",
	  ", REC->__probe_func, REC->__probe_ret_ip", ", REC->__probe_ret_ip, REC->__probe_func" },
};

static void put_custom(struct scan *s, const struct custom *c, const char *args)
{
	textbuf_puts(&s->out, c->kernel_format);
	s->in += strlen(c->format);
	copy(s, (size_t)(args - s->in));
	textbuf_puts(&s->out, c->kernel_args);
	s->in += strlen(c->args);
}

static void scan_customs(struct scan *s)
{
	for (size_t i = 0; i < sizeof(customs) / sizeof(customs[0]); i++) {
		const struct custom *c = &customs[i];
		size_t len = strlen(c->format);
		const char *args;

		if (strncmp(s->in, c->format, len))
			continue;
		args = s->in + 1 + format_string_length(s->in + 1);
		if (!strncmp(args, c->args, strlen(c->args)))
			put_custom(s, c, args);
	}
	textbuf_puts(&s->out, s->in);
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
	while (*p) {
		if ((*p == '/' || *p == '%') && divisor_suspect(p + 1))
			return true;
		p += *p == '"' ? format_string_length(p) : 1;
	}
	return false;
}

/* ---- All of it ---------------------------------------------------------- */

/* One pass over @text behind the first @head bytes. Frees @text. */
static char *pass(char *text, size_t head, const struct format_context *context,
		  void (*scan)(struct scan *s))
{
	struct scan s = { .in = text, .context = context };

	if (!text)
		return NULL;
	copy(&s, head);
	scan(&s);
	textbuf_putc(&s.out, '\0');
	free(text);
	if (s.out.failed)
		textbuf_deinit(&s.out);
	return s.out.data;
}

char *format_prepare(const char *format, const struct format_context *context)
{
	static const char start[] = "\nprint fmt:";
	const char *print = strstr(format, start);
	char *text = strdup(format);
	size_t head;

	if (!print)
		return text;
	head = (size_t)(print - format) + strlen(start);
	text = pass(text, head, context, scan_names);
	text = pass(text, head, context, scan_constants);
	text = pass(text, head, context, scan_parentheses);
	text = pass(text, head, context, scan_customs);
	/* without it events are printed field by field */
	if (text && (divides_by_zero(text + head) || !format_check_print(text)))
		text[print + 1 - format] = '\0';
	return text;
}
