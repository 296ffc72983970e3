// SPDX-License-Identifier: LGPL-2.1-or-later
/* Print formats as programs: see program.h. */
#include <stdlib.h>
#include <string.h>

#include "program.h"
#include "program_string.h"
#include "program_value.h"
#include "shift.h"

/* No real width is larger */
#define WIDTH_MAX	1000

enum step_kind { STEP_TEXT, STEP_NUMBER, STEP_STRING, STEP_ADDRESS };

/*
 * struct step - one piece of a line
 * @conversion: of STEP_NUMBER 'd', 'u', 'x', 'X' or 'o'; of STEP_ADDRESS 'S' or 's'
 * @simple: STEP_NUMBER without flags, width and precision
 * @bits: of the number that are printed
 */
struct step {
	enum step_kind kind;
	char conversion;
	bool simple;
	unsigned int bits;
	struct layout layout;
	const char *text;
	size_t len;
	const struct value *value;
	const struct program_string *string;
};

struct program {
	struct program_pool pool;
	struct merge_desc *desc;
	bool swap;
	struct step *steps;
	size_t nr;
};

/* ---- Compiling ---------------------------------------------------------- */

static struct step *add_step(struct program *p, enum step_kind kind)
{
	struct step *steps = reallocarray(p->steps, p->nr + 1, sizeof(*steps));

	if (!steps)
		return NULL;
	p->steps = steps;
	steps[p->nr] = (struct step){ .kind = kind, .layout.precision = -1 };
	return &steps[p->nr++];
}

/* Text up to the next conversion, at **@format; moves behind it */
static bool compile_text(struct program *p, const char **format)
{
	struct step *step = add_step(p, STEP_TEXT);
	char *text = step ? program_alloc(&p->pool, strlen(*format) + 1) : NULL;
	const char *f;

	if (!text)
		return false;
	step->text = text;
	for (f = *format; *f && (*f != '%' || f[1] == '%'); f++) {
		char c = *f;

		if (c == '%') {
			f++;
		} else if (c == '\\') {
			c = *++f;
			if (!c)
				return false;
			c = c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
		}
		text[step->len++] = c;
	}
	*format = f;
	return true;
}

/* Digits at *@p as a number; -1: too large */
static int take_number(const char **p)
{
	int value = 0;

	for (; **p >= '0' && **p <= '9'; ++*p) {
		value = 10 * value + (**p - '0');
		if (value > WIDTH_MAX)
			return -1;
	}
	return value;
}

/* Flags, width and precision at *@p; false: what is not known here */
static bool take_layout(const char **p, struct layout *layout)
{
	for (; **p && strchr("-0#", **p); ++*p) {
		layout->left |= **p == '-';
		layout->zero |= **p == '0';
		layout->prefix |= **p == '#';
	}
	layout->width = take_number(p);
	if (**p == '.') {
		++*p;
		layout->precision = take_number(p);
		if (layout->precision < 0)
			return false;
	}
	return layout->width >= 0;
}

/* How much of a number is printed, by the "hh" to "ll" at *@p; 0: not known here */
static unsigned int take_bits(const char **p, uint32_t long_size)
{
	int longs = 0;

	for (; **p && strchr("hlLzZ", **p); ++*p) {
		if (**p == 'h')
			longs--;
		else if (**p == 'l')
			longs++;
		else
			longs = **p == 'L' ? 2 : 1;
	}
	switch (longs) {
	case -2:
		return 8;
	case -1:
		return 16;
	case 0:
		return 32;
	case 1:
		return long_size == 8 ? 64 : 8 * sizeof(long);
	case 2:
		return 64;
	default:
		return 0;
	}
}

static bool is_plain(const struct layout *l)
{
	return !l->width && l->precision < 0 && !l->prefix;
}

static bool compile_string(struct program *p, struct step *step, const struct tep_print_arg *arg)
{
	step->kind = STEP_STRING;
	step->string = string_compile(&p->pool, p->desc, arg);
	return step->string && !step->layout.zero && !step->layout.prefix;
}

static bool compile_address(struct program *p, struct step *step, const char **format,
			    const struct tep_print_arg *arg)
{
	char kind = *(*format)++;

	if (!kind || !strchr("SsFf", kind))
		return false;
	step->kind = STEP_ADDRESS;
	step->conversion = kind == 'S' || kind == 'F' ? 'S' : 's';
	step->value = value_compile(&p->pool, arg);
	return step->value;
}

static bool compile_number(struct program *p, struct step *step, char conversion,
			   const struct tep_print_arg *arg)
{
	if (!strchr("diuxXo", conversion) || !step->bits)
		return false;
	step->kind = STEP_NUMBER;
	step->conversion = conversion == 'i' ? 'd' : conversion;
	step->simple = is_plain(&step->layout);
	step->value = value_compile(&p->pool, arg);
	return step->value;
}

/* The conversion at **@format, with its argument */
static bool compile_conversion(struct program *p, const char **format,
			       const struct tep_print_arg *arg)
{
	struct step *step = add_step(p, STEP_NUMBER);
	char conversion;

	++*format;
	if (!step || !arg || !take_layout(format, &step->layout))
		return false;
	step->bits = take_bits(format, p->desc->long_size);
	conversion = *(*format)++;
	switch (conversion) {
	case '\0':
		return false;
	case 's':
		return compile_string(p, step, arg);
	case 'p':
		return compile_address(p, step, format, arg);
	default:
		return compile_number(p, step, conversion, arg);
	}
}

static bool compile(struct program *p, const struct tep_print_fmt *print)
{
	const struct tep_print_arg *arg = print->args;
	const char *format = print->format;

	while (*format) {
		if (*format != '%' || format[1] == '%') {
			if (!compile_text(p, &format))
				return false;
			continue;
		}
		if (!compile_conversion(p, &format, arg))
			return false;
		arg = arg->next;
	}
	return true;
}

struct program *program_create(struct merge_desc *d, struct tep_event *event)
{
	const int odd = TEP_EVENT_FL_FAILED | TEP_EVENT_FL_PRINTRAW | TEP_EVENT_FL_ISBPRINT;
	struct program *p;

	if (event->flags & odd || event->handler || !event->print_fmt.format)
		return NULL;
	p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	p->pool.event = event;
	p->desc = d;
	p->swap = d->big_endian != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
	if (compile(p, &event->print_fmt))
		return p;
	program_destroy(p);
	return NULL;
}

void program_destroy(struct program *p)
{
	if (!p)
		return;
	program_free(&p->pool);
	free(p->steps);
	free(p);
}

/* ---- Printing ----------------------------------------------------------- */

/* Leave of *@value what is printed, without its sign. Return: whether that is a minus */
static bool take_sign(const struct step *step, uint64_t *value)
{
	unsigned int unused = 64 - step->bits;
	int64_t number = (int64_t)(*value << unused) >> unused;

	if (step->conversion != 'd') {
		*value = *value << unused >> unused;
		return false;
	}
	*value = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
	return number < 0;
}

/* The digits of @value before @end; where they start */
static char *put_digits(char *end, uint64_t value, char conversion)
{
	const char *digits = conversion == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
	unsigned int base = conversion == 'o' ? 8 : conversion == 'x' || conversion == 'X' ? 16 : 10;

	for (; value; value /= base)
		*--end = digits[value % base];
	return end;
}

static void put_many(struct textbuf *b, char c, long count)
{
	if (count <= 0 || !textbuf_room(b, (size_t)count))
		return;
	memset(b->data + b->len, c, (size_t)count);
	b->len += (size_t)count;
}

/* What stands before the digits: a sign or "0x" */
static const char *prefix_of(const struct step *step, uint64_t value, bool negative)
{
	if (negative)
		return "-";
	if (!step->layout.prefix || !value)
		return "";
	return step->conversion == 'x' ? "0x" : step->conversion == 'X' ? "0X" : "";
}

static void put_laid_out(const struct step *step, struct textbuf *b, uint64_t value, bool negative)
{
	const struct layout *l = &step->layout;
	const char *prefix = prefix_of(step, value, negative);
	char text[24], *end = text + sizeof(text);
	char *start = put_digits(end, value, step->conversion);
	long digits = end - start, zeros, blanks;

	zeros = (l->precision < 0 ? 1 : l->precision) - digits;
	if (l->prefix && step->conversion == 'o' && zeros <= 0)
		zeros = 1;
	zeros = zeros > 0 ? zeros : 0;
	blanks = l->width - (long)strlen(prefix) - zeros - digits;
	if (blanks > 0 && l->zero && !l->left && l->precision < 0) {
		zeros += blanks;
		blanks = 0;
	}
	if (!l->left)
		put_many(b, ' ', blanks);
	textbuf_puts(b, prefix);
	put_many(b, '0', zeros);
	textbuf_put(b, start, (size_t)digits);
	if (l->left)
		put_many(b, ' ', blanks);
}

static void put_number(const struct step *step, struct textbuf *b, uint64_t value)
{
	bool negative = take_sign(step, &value);

	if (!step->simple || step->conversion == 'X' || step->conversion == 'o') {
		put_laid_out(step, b, value, negative);
	} else if (step->conversion == 'x') {
		textbuf_hex(b, value, 1);
	} else {
		if (negative)
			textbuf_putc(b, '-');
		textbuf_dec(b, value, 0, ' ');
	}
}

/* Return: whether it had a name */
static bool put_address(const struct program *p, const struct step *step, struct textbuf *b,
			uint64_t value, bool plain)
{
	uint64_t addr = shift_address(p->desc->shift, value);

	if (desc_put_symbol(p->desc, b, addr, step->conversion == 'S', plain))
		return true;
	textbuf_put(b, "0x", 2);
	textbuf_hex(b, value, 1);
	return false;
}

void program_run(const struct program *p, struct textbuf *b, const uint8_t *record,
		 size_t size, bool plain)
{
	struct program_input in = { .record = record, .size = size, .swap = p->swap };

	for (size_t i = 0; i < p->nr; i++) {
		const struct step *step = &p->steps[i];

		switch (step->kind) {
		case STEP_TEXT:
			textbuf_put(b, step->text, step->len);
			break;
		case STEP_NUMBER:
			put_number(step, b, value_get(step->value, &in));
			break;
		case STEP_STRING:
			string_put(step->string, b, &in, &step->layout);
			break;
		case STEP_ADDRESS:
			if (put_address(p, step, b, value_get(step->value, &in), plain))
				plain = false;
			break;
		}
	}
}
