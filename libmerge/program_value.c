// SPDX-License-Identifier: LGPL-2.1-or-later
/* Numbers of a print format: see program_value.h. */
#include <stdlib.h>
#include <string.h>

#include "program_value.h"
#include "record_value.h"

/* ---- The pool ----------------------------------------------------------- */

struct program_block {
	struct program_block *next;
	uint64_t data[];
};

void *program_alloc(struct program_pool *pool, size_t size)
{
	struct program_block *block = calloc(1, sizeof(*block) + size);

	if (!block)
		return NULL;
	block->next = pool->blocks;
	pool->blocks = block;
	return block->data;
}

void program_free(struct program_pool *pool)
{
	while (pool->blocks) {
		struct program_block *block = pool->blocks;

		pool->blocks = block->next;
		free(block);
	}
}

/* ---- Compiling ---------------------------------------------------------- */

static const struct value *compile(struct program_pool *pool, const struct tep_print_arg *arg,
				   int depth);

static const struct value *add(struct program_pool *pool, struct value value)
{
	struct value *v = program_alloc(pool, sizeof(*v));

	if (v)
		*v = value;
	return v;
}

static const struct value *add_constant(struct program_pool *pool, uint64_t number)
{
	return add(pool, (struct value){ .kind = VALUE_CONSTANT, .number = number });
}

static bool is_number(int size)
{
	return size == 1 || size == 2 || size == 4 || size == 8;
}

static const struct value *add_field(struct program_pool *pool, int offset, int size)
{
	if (!is_number(size))
		return add_constant(pool, 0);
	return add(pool, (struct value){ .kind = VALUE_FIELD, .offset = (uint32_t)offset,
					 .size = (uint32_t)size });
}

const struct tep_format_field *value_fixed_field(const struct program_pool *pool,
						 const struct tep_print_arg *arg)
{
	const struct tep_format_field *f;

	if (!arg || arg->type != TEP_PRINT_FIELD)
		return NULL;
	f = tep_find_any_field(pool->event, arg->field.name);
	return f && !(f->flags & TEP_FIELD_IS_DYNAMIC) ? f : NULL;
}

static const struct value *compile_field(struct program_pool *pool,
					 const struct tep_print_arg *arg)
{
	const struct tep_format_field *f = tep_find_any_field(pool->event, arg->field.name);

	return f ? add_field(pool, f->offset, f->size) : NULL;
}

/* As eval_type_str(), which knows no signs; types not here it leaves as they are */
static uint64_t type_mask(const char *type)
{
	static const struct {
		const char *type;
		uint64_t mask;
	} masks[] = {
		{ "u8", 0xff }, { "s8", 0xff }, { "u16", 0xffff }, { "s16", 0xffff },
		{ "u32", 0xffffffff }, { "s32", 0xffffffff },
		{ "char", 0xff }, { "short", 0xffff }, { "int", 0xffffffff },
		{ "unsigned char", 0xff }, { "unsigned short", 0xffff },
		{ "unsigned int", 0xffffffff },
	};

	for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
		if (!strcmp(type, masks[i].type))
			return masks[i].mask;
	}
	return UINT64_MAX;
}

static const struct value *compile_cast(struct program_pool *pool,
					const struct tep_print_arg *arg, int depth)
{
	struct value v = { .kind = VALUE_MASKED, .number = type_mask(arg->typecast.type) };

	v.left = compile(pool, arg->typecast.item, depth + 1);
	return !v.left || v.number == UINT64_MAX ? v.left : add(pool, v);
}

/* "REC->args[2]" */
static const struct value *compile_element(struct program_pool *pool,
					   const struct tep_print_arg *arg, int depth)
{
	const struct tep_format_field *f = value_fixed_field(pool, arg->op.left);
	const struct value *index = compile(pool, arg->op.right, depth + 1);
	uint64_t at;

	if (!f || !index || index->kind != VALUE_CONSTANT || !is_number((int)f->elementsize))
		return NULL;
	if (index->number >= (uint64_t)f->size / f->elementsize)
		return NULL;
	at = (uint64_t)f->offset + index->number * f->elementsize;
	return add_field(pool, (int)at, (int)f->elementsize);
}

static const struct value *compile_choice(struct program_pool *pool,
					  const struct tep_print_arg *arg, int depth)
{
	struct value v = { .kind = VALUE_CHOICE };

	if (!arg->op.right || arg->op.right->type != TEP_PRINT_OP)
		return NULL;
	v.condition = compile(pool, arg->op.left, depth + 1);
	v.left = compile(pool, arg->op.right->op.left, depth + 1);
	v.right = compile(pool, arg->op.right->op.right, depth + 1);
	return v.condition && v.left && v.right ? add(pool, v) : NULL;
}

static const struct sign {
	const char *sign;
	enum value_operator operator;
} signs[] = {
	{ "!", OP_NOT }, { "~", OP_INVERT }, { "|", OP_OR }, { "||", OP_ANY }, { "&", OP_AND },
	{ "&&", OP_BOTH }, { "==", OP_EQUAL }, { "!=", OP_UNEQUAL }, { "<", OP_LESS },
	{ "<=", OP_LESS_EQUAL }, { ">", OP_MORE }, { ">=", OP_MORE_EQUAL }, { "<<", OP_LEFT },
	{ ">>", OP_RIGHT }, { "+", OP_ADD }, { "-", OP_SUBTRACT }, { "*", OP_MULTIPLY },
	{ "/", OP_DIVIDE }, { "%", OP_MODULO },
};

static const struct sign *find_sign(const char *text)
{
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (!strcmp(text, signs[i].sign))
			return &signs[i];
	return NULL;
}

static const struct value *compile_operation(struct program_pool *pool,
					     const struct tep_print_arg *arg, int depth)
{
	struct value v = { .kind = VALUE_OPERATION };
	const struct sign *sign;

	if (!strcmp(arg->op.op, "["))
		return compile_element(pool, arg, depth);
	if (!strcmp(arg->op.op, "?"))
		return compile_choice(pool, arg, depth);
	sign = find_sign(arg->op.op);
	if (!sign)
		return NULL;
	v.operator = sign->operator;
	v.left = compile(pool, arg->op.left, depth + 1);
	v.right = compile(pool, arg->op.right, depth + 1);
	return v.left && v.right ? add(pool, v) : NULL;
}

static const struct value *compile_length(struct program_pool *pool,
					  const struct tep_format_field *f)
{
	/* a field of 2 bytes has no length in it */
	if (!f || f->size != 4)
		return NULL;
	return add(pool, (struct value){ .kind = VALUE_LENGTH, .offset = (uint32_t)f->offset,
					 .size = 4 });
}

static const struct value *compile(struct program_pool *pool, const struct tep_print_arg *arg,
				   int depth)
{
	if (!arg || depth > RECORD_DEPTH_MAX)
		return NULL;
	switch (arg->type) {
	case TEP_PRINT_NULL:		/* left of a unary operator */
		return add_constant(pool, 0);
	case TEP_PRINT_ATOM:		/* a name that nobody knows is 0 there, too */
		return add_constant(pool, strtoull(arg->atom.atom, NULL, 0));
	case TEP_PRINT_FIELD:
		return compile_field(pool, arg);
	case TEP_PRINT_TYPE:
		return compile_cast(pool, arg, depth);
	case TEP_PRINT_DYNAMIC_ARRAY_LEN:
		return compile_length(pool, arg->dynarray.field);
	case TEP_PRINT_OP:
		return compile_operation(pool, arg, depth);
	default:
		return NULL;
	}
}

const struct value *value_compile(struct program_pool *pool, const struct tep_print_arg *arg)
{
	return compile(pool, arg, 0);
}

/* ---- Evaluating --------------------------------------------------------- */

uint64_t value_load(const struct program_input *in, uint32_t offset, uint32_t size)
{
	const uint8_t *p = in->record + offset;
	uint16_t half;
	uint32_t word;
	uint64_t all;

	switch (size) {
	case 1:
		return *p;
	case 2:
		memcpy(&half, p, sizeof(half));
		return in->swap ? __builtin_bswap16(half) : half;
	case 4:
		memcpy(&word, p, sizeof(word));
		return in->swap ? __builtin_bswap32(word) : word;
	default:
		memcpy(&all, p, sizeof(all));
		return in->swap ? __builtin_bswap64(all) : all;
	}
}

static uint64_t operate(enum value_operator operator, uint64_t left, uint64_t right)
{
	switch (operator) {
	case OP_NOT:
		return !right;
	case OP_INVERT:
		return ~right;
	case OP_OR:
		return left | right;
	case OP_ANY:
		return left || right;
	case OP_AND:
		return left & right;
	case OP_BOTH:
		return left && right;
	case OP_EQUAL:
		return left == right;
	case OP_UNEQUAL:
		return left != right;
	case OP_LESS:
		return left < right;
	case OP_LESS_EQUAL:
		return left <= right;
	case OP_MORE:
		return left > right;
	case OP_MORE_EQUAL:
		return left >= right;
	case OP_LEFT:		/* as processors do it */
		return left << (right & 63);
	case OP_RIGHT:
		return left >> (right & 63);
	case OP_ADD:
		return left + right;
	case OP_SUBTRACT:
		return left - right;
	case OP_MULTIPLY:
		return left * right;
	case OP_DIVIDE:
		return right ? left / right : 0;
	case OP_MODULO:
		return right ? left % right : 0;
	}
	return 0;
}

uint64_t value_get(const struct value *v, const struct program_input *in)
{
	switch (v->kind) {
	case VALUE_CONSTANT:
		return v->number;
	case VALUE_FIELD:
		return value_load(in, v->offset, v->size);
	case VALUE_LENGTH:
		return value_load(in, v->offset, v->size) >> 16;
	case VALUE_MASKED:
		return value_get(v->left, in) & v->number;
	case VALUE_CHOICE:
		return value_get(value_get(v->condition, in) ? v->left : v->right, in);
	case VALUE_OPERATION:
		return operate(v->operator, value_get(v->left, in), value_get(v->right, in));
	}
	return 0;
}
