// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What %s stands for: text in the record, names of numbers and of bits, one of two
 * strings, bytes as hexadecimal, strings of the kernel that its trace tells.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "program_string.h"
#include "record_value.h"

enum string_kind {
	STRING_TEXT, STRING_ARRAY, STRING_DYNAMIC, STRING_SYMBOL, STRING_FLAGS, STRING_CHOICE,
	STRING_BYTES, STRING_PRINTK,
};

struct name {
	int64_t value;
	const char *text;
	size_t len;
};

/*
 * struct program_string - a string
 * @text, @len: of STRING_TEXT; of STRING_FLAGS what stands between two names
 * @offset, @size: STRING_ARRAY: where it is, 0: all the record has left
 * @field: STRING_DYNAMIC, and STRING_BYTES when not NULL
 * @value: what is named or decides, the address, the number of bytes
 * @names, @nr_names: STRING_SYMBOL and STRING_FLAGS
 * @left, @right: STRING_CHOICE: when @value is not 0, and else
 * @spaced: STRING_BYTES: blanks between them
 */
struct program_string {
	enum string_kind kind;
	bool spaced;
	uint32_t offset, size;
	const char *text;
	size_t len;
	const struct tep_format_field *field;
	const struct value *value;
	struct name *names;
	size_t nr_names;
	const struct program_string *left, *right;
	struct merge_desc *desc;
	struct tep_event *event;
};

/* ---- Compiling ---------------------------------------------------------- */

static const struct program_string *compile(struct program_pool *pool, struct merge_desc *d,
					    const struct tep_print_arg *arg, int depth);

/* Softirqs and timer results, which old formats have by name: eval_flag() */
static int64_t name_value(const char *text)
{
	static const char *const names[] = {
		"HI_SOFTIRQ", "TIMER_SOFTIRQ", "NET_TX_SOFTIRQ", "NET_RX_SOFTIRQ",
		"BLOCK_SOFTIRQ", "IRQ_POLL_SOFTIRQ", "TASKLET_SOFTIRQ", "SCHED_SOFTIRQ",
		"HRTIMER_SOFTIRQ", "RCU_SOFTIRQ",
	};

	if (isdigit((unsigned char)*text))
		return (int64_t)strtoull(text, NULL, 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(text, names[i]))
			return (int64_t)i;
	if (!strcmp(text, "HRTIMER_NORESTART") || !strcmp(text, "HRTIMER_RESTART"))
		return !strcmp(text, "HRTIMER_RESTART");
	return -1;
}

static bool compile_names(struct program_pool *pool, struct program_string *s,
			  const struct tep_print_flag_sym *list)
{
	size_t nr = 0;

	for (const struct tep_print_flag_sym *sym = list; sym; sym = sym->next)
		nr++;
	s->names = program_alloc(pool, (nr + 1) * sizeof(*s->names));
	if (!s->names)
		return false;
	for (; list; list = list->next)
		s->names[s->nr_names++] = (struct name){
			.value = name_value(list->value), .text = list->str,
			.len = strlen(list->str),
		};
	return true;
}

static bool compile_flags(struct program_pool *pool, struct program_string *s,
			  const struct tep_print_arg *arg)
{
	s->kind = STRING_FLAGS;
	s->text = arg->flags.delim ? arg->flags.delim : "";
	s->len = strlen(s->text);
	s->value = value_compile(pool, arg->flags.field);
	return s->value && compile_names(pool, s, arg->flags.flags);
}

static bool compile_symbol(struct program_pool *pool, struct program_string *s,
			   const struct tep_print_arg *arg)
{
	s->kind = STRING_SYMBOL;
	s->value = value_compile(pool, arg->symbol.field);
	return s->value && compile_names(pool, s, arg->symbol.symbols);
}

/* An array, or a pointer to one of the strings that the kernel told */
static bool compile_field(struct program_pool *pool, struct program_string *s,
			  const struct tep_print_arg *arg)
{
	const struct tep_format_field *f = value_fixed_field(pool, arg);

	if (!f)
		return false;
	if (f->flags & TEP_FIELD_IS_ARRAY) {
		s->kind = STRING_ARRAY;
		s->offset = (uint32_t)f->offset;
		s->size = (uint32_t)f->size;
		return true;
	}
	/* libtraceevent reads it in the byte order of this machine */
	if ((uint32_t)f->size != s->desc->long_size || f->size != 8 ||
	    s->desc->big_endian != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__))
		return false;
	s->kind = STRING_PRINTK;
	s->value = value_compile(pool, arg);
	return s->value;
}

static bool compile_dynamic(struct program_pool *pool, struct program_string *s,
			    const struct tep_print_arg *arg)
{
	s->kind = STRING_DYNAMIC;
	s->field = tep_find_any_field(pool->event, arg->string.string);
	return s->field && s->field->flags & TEP_FIELD_IS_DYNAMIC;
}

static bool compile_bytes(struct program_pool *pool, struct program_string *s,
			  const struct tep_print_arg *arg)
{
	const struct tep_print_arg *array = arg->hex.field;
	const struct tep_format_field *f = value_fixed_field(pool, array);

	s->kind = STRING_BYTES;
	s->spaced = arg->type == TEP_PRINT_HEX;
	s->value = value_compile(pool, arg->hex.size);
	if (f)
		s->offset = (uint32_t)f->offset;
	else if (array && array->type == TEP_PRINT_DYNAMIC_ARRAY)
		s->field = array->dynarray.field;
	return s->value && (f || s->field);
}

static bool compile_choice(struct program_pool *pool, struct program_string *s,
			   const struct tep_print_arg *arg, int depth)
{
	const struct tep_print_arg *both = arg->op.right;

	if (strcmp(arg->op.op, "?") || !both || both->type != TEP_PRINT_OP)
		return false;
	s->kind = STRING_CHOICE;
	s->value = value_compile(pool, arg->op.left);
	s->left = compile(pool, s->desc, both->op.left, depth + 1);
	s->right = compile(pool, s->desc, both->op.right, depth + 1);
	return s->value && s->left && s->right;
}

static bool compile_kind(struct program_pool *pool, struct program_string *s,
			 const struct tep_print_arg *arg, int depth)
{
	switch (arg->type) {
	case TEP_PRINT_ATOM:
		s->kind = STRING_TEXT;
		s->text = arg->atom.atom;
		s->len = strlen(s->text);
		return true;
	case TEP_PRINT_FIELD:
		return compile_field(pool, s, arg);
	case TEP_PRINT_STRING:
		return compile_dynamic(pool, s, arg);
	case TEP_PRINT_FLAGS:
		return compile_flags(pool, s, arg);
	case TEP_PRINT_SYMBOL:
		return compile_symbol(pool, s, arg);
	case TEP_PRINT_HEX:
	case TEP_PRINT_HEX_STR:
		return compile_bytes(pool, s, arg);
	case TEP_PRINT_OP:
		return compile_choice(pool, s, arg, depth);
	default:
		return false;
	}
}

static const struct program_string *compile(struct program_pool *pool, struct merge_desc *d,
					    const struct tep_print_arg *arg, int depth)
{
	struct program_string *s;

	if (!arg || depth > RECORD_DEPTH_MAX)
		return NULL;
	s = program_alloc(pool, sizeof(*s));
	if (!s)
		return NULL;
	s->desc = d;
	s->event = pool->event;
	return compile_kind(pool, s, arg, depth) ? s : NULL;
}

const struct program_string *string_compile(struct program_pool *pool, struct merge_desc *d,
					    const struct tep_print_arg *arg)
{
	return compile(pool, d, arg, 0);
}

/* ---- Printing ----------------------------------------------------------- */

static void put_blanks(struct textbuf *b, size_t len)
{
	if (!textbuf_room(b, len))
		return;
	memset(b->data + b->len, ' ', len);
	b->len += len;
}

static void put(struct textbuf *b, const char *text, size_t len, const struct layout *layout)
{
	size_t width = (size_t)layout->width, fill;

	if (layout->precision >= 0 && len > (size_t)layout->precision)
		len = (size_t)layout->precision;
	fill = width > len ? width - len : 0;
	if (fill && !layout->left)
		put_blanks(b, fill);
	textbuf_put(b, text, len);
	if (fill && layout->left)
		put_blanks(b, fill);
}

/* Text that ends at a 0, or after @size bytes */
static void put_record(struct textbuf *b, const struct program_input *in, size_t start,
		       size_t size, const struct layout *layout)
{
	const char *text = (const char *)in->record + start;

	put(b, text, strnlen(text, size), layout);
}

/* Where the data of a dynamic field is; false: none */
static bool find_dynamic(const struct program_string *s, const struct program_input *in,
			 size_t *start)
{
	struct record r = { .event = s->event, .data = in->record, .size = in->size };
	size_t len;

	return record_range(&r, s->field, start, &len) && len;
}

static void put_hex(struct textbuf *b, uint64_t value)
{
	textbuf_put(b, "0x", 2);
	textbuf_hex(b, value, 1);
}

static void put_symbol(const struct program_string *s, struct textbuf *b,
		       const struct program_input *in, const struct layout *layout)
{
	int64_t value = (int64_t)value_get(s->value, in);

	for (const struct name *n = s->names; n < s->names + s->nr_names; n++) {
		if (n->value == value) {
			put(b, n->text, n->len, layout);
			return;
		}
	}
	put_hex(b, (uint64_t)value);
}

static void put_flags(const struct program_string *s, struct textbuf *b,
		      const struct program_input *in, const struct layout *layout)
{
	uint64_t value = value_get(s->value, in);
	bool any = false;

	for (const struct name *n = s->names; n < s->names + s->nr_names; n++) {
		uint64_t bits = (uint64_t)n->value;

		if (!value && n->value < 0) {
			put(b, n->text, n->len, layout);
			break;
		}
		if (n->value <= 0 || (value & bits) != bits)
			continue;
		if (any)
			textbuf_put(b, s->text, s->len);
		put(b, n->text, n->len, layout);
		any = true;
		value &= ~bits;
	}
	if (!value)
		return;
	if (any)
		textbuf_put(b, s->text, s->len);
	put_hex(b, value);
}

static void put_bytes(const struct program_string *s, struct textbuf *b,
		      const struct program_input *in)
{
	uint64_t count = value_get(s->value, in);
	size_t start = s->offset;

	if (s->field && !find_dynamic(s, in, &start))
		return;
	for (uint64_t i = 0; i < count && start + i < in->size; i++) {
		if (i && s->spaced)
			textbuf_putc(b, ' ');
		textbuf_hex(b, in->record[start + i], 2);
	}
}

/* Whatever the layout: libtraceevent does not look at it here */
static void put_printk(const struct program_string *s, struct textbuf *b,
		       const struct program_input *in)
{
	uint64_t addr = value_get(s->value, in);
	const char *text = desc_printk(s->desc, addr);

	if (text)
		textbuf_puts(b, text);
	else
		textbuf_hex(b, addr, 1);
}

void string_put(const struct program_string *s, struct textbuf *b,
		const struct program_input *in, const struct layout *layout)
{
	size_t start;

	while (s->kind == STRING_CHOICE)
		s = value_get(s->value, in) ? s->left : s->right;
	switch (s->kind) {
	case STRING_TEXT:
		put(b, s->text, s->len, layout);
		break;
	case STRING_ARRAY:
		put_record(b, in, s->offset, s->size ? s->size : in->size - s->offset, layout);
		break;
	case STRING_DYNAMIC:
		if (find_dynamic(s, in, &start))
			put_record(b, in, start, in->size - start, layout);
		break;
	case STRING_SYMBOL:
		put_symbol(s, b, in, layout);
		break;
	case STRING_FLAGS:
		put_flags(s, b, in, layout);
		break;
	case STRING_BYTES:
		put_bytes(s, b, in);
		break;
	case STRING_PRINTK:
		put_printk(s, b, in);
		break;
	case STRING_CHOICE:
		break;
	}
}
