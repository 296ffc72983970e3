// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Numbers in a record as libtraceevent's eval_num_arg() finds them, but never
 * from beyond the record.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "record_value.h"

bool record_range(const struct record *r, const struct tep_format_field *field,
		  size_t *start, size_t *len)
{
	unsigned long long value;

	*start = (size_t)field->offset;
	*len = (size_t)field->size;
	if (!(field->flags & TEP_FIELD_IS_DYNAMIC))
		return true;

	value = tep_read_number(r->event->tep, r->data + *start, field->size);
	*start = value & 0xffff;
	if (field->flags & TEP_FIELD_IS_RELATIVE)
		*start += (size_t)field->offset + (size_t)field->size;
	if (*start > r->size)
		return false;
	/* a u16 has no length: all that follows */
	*len = field->size == 2 ? r->size - *start : value >> 16 & 0xffff;
	return *len <= r->size - *start;
}

static uint64_t cast_mask(const char *type)
{
	static const struct {
		const char *type;
		uint64_t mask;
	} masks[] = {
		{ "u8", 0xff }, { "s8", 0xff }, { "char", 0xff },
		{ "u16", 0xffff }, { "s16", 0xffff }, { "short", 0xffff },
		{ "u32", 0xffffffff }, { "s32", 0xffffffff }, { "int", 0xffffffff },
	};

	if (!strncmp(type, "unsigned ", 9))
		type += 9;
	for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
		if (!strcmp(type, masks[i].type))
			return masks[i].mask;
	}
	return UINT64_MAX;
}

static bool operate(const char *op, uint64_t left, uint64_t right, uint64_t *value)
{
	if (!strcmp(op, "+"))
		*value = left + right;
	else if (!strcmp(op, "-"))
		*value = left - right;
	else if (!strcmp(op, "*"))
		*value = left * right;
	else if (!strcmp(op, "/") && right)
		*value = left / right;
	else if (!strcmp(op, "%") && right)
		*value = left % right;
	else if (!strcmp(op, "&"))
		*value = left & right;
	else if (!strcmp(op, "|"))
		*value = left | right;
	else if (!strcmp(op, "<<") && right < 64)
		*value = left << right;
	else if (!strcmp(op, ">>") && right < 64)
		*value = left >> right;
	else
		return false;
	return true;
}

/* The number @arg stands for; false for what is not understood here */
static bool evaluate(const struct record *r, const struct tep_print_arg *arg,
		     int depth, uint64_t *value)
{
	struct tep_format_field *field;
	uint64_t left, right;
	size_t start, len;

	if (!arg || depth > RECORD_DEPTH_MAX)
		return false;
	switch (arg->type) {
	case TEP_PRINT_ATOM:
		*value = strtoull(arg->atom.atom, NULL, 0);
		return isdigit((unsigned char)arg->atom.atom[0]);
	case TEP_PRINT_FIELD:
		field = tep_find_any_field(r->event, arg->field.name);
		if (!field)
			return false;
		*value = tep_read_number(r->event->tep, r->data + field->offset, field->size);
		return true;
	case TEP_PRINT_TYPE:
		if (!evaluate(r, arg->typecast.item, depth + 1, value))
			return false;
		*value &= cast_mask(arg->typecast.type);
		return true;
	case TEP_PRINT_DYNAMIC_ARRAY_LEN:
		if (!record_range(r, arg->dynarray.field, &start, &len))
			return false;
		*value = len;
		return true;
	case TEP_PRINT_OP:
		return evaluate(r, arg->op.left, depth + 1, &left) &&
		       evaluate(r, arg->op.right, depth + 1, &right) &&
		       operate(arg->op.op, left, right, value);
	default:
		return false;
	}
}

bool record_value(const struct record *r, const struct tep_print_arg *arg, uint64_t *value)
{
	return evaluate(r, arg, 0, value);
}
