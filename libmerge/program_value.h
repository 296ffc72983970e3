/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Numbers of a print format, compiled: trees of fields, constants and operators
 * that give what libtraceevent's eval_num_arg() gives, without names to look up.
 */
#ifndef MERGE_PROGRAM_VALUE_H
#define MERGE_PROGRAM_VALUE_H

#include <traceevent/event-parse.h>

#include "libmerge.h"

struct program_block;

/*
 * struct program_pool - all that one program consists of, freed at once
 * @event: what the program prints
 */
struct program_pool {
	struct program_block *blocks;
	struct tep_event *event;
};

/* Zeroed memory; NULL: out of memory */
void *program_alloc(struct program_pool *pool, size_t size);
void program_free(struct program_pool *pool);

/*
 * struct program_input - a record that record_check() found good
 * @swap: its byte order is not ours
 */
struct program_input {
	const uint8_t *record;
	size_t size;
	bool swap;
};

enum value_kind {
	VALUE_CONSTANT, VALUE_FIELD, VALUE_LENGTH, VALUE_MASKED, VALUE_CHOICE, VALUE_OPERATION,
};

enum value_operator {
	OP_NOT, OP_INVERT, OP_OR, OP_ANY, OP_AND, OP_BOTH, OP_EQUAL, OP_UNEQUAL,
	OP_LESS, OP_LESS_EQUAL, OP_MORE, OP_MORE_EQUAL, OP_LEFT, OP_RIGHT, OP_ADD,
	OP_SUBTRACT, OP_MULTIPLY, OP_DIVIDE, OP_MODULO,
};

/*
 * struct value - a number
 * @number: VALUE_CONSTANT: it; VALUE_MASKED: the mask
 * @offset, @size: of the field, for VALUE_LENGTH of the one that tells where the data is
 * @left: VALUE_MASKED: what is masked
 * @condition: VALUE_CHOICE: takes @left when not 0, else @right
 */
struct value {
	enum value_kind kind;
	enum value_operator operator;
	uint32_t offset;
	uint32_t size;
	uint64_t number;
	const struct value *left, *right, *condition;
};

/* NULL: only libtraceevent can tell, or out of memory */
const struct value *value_compile(struct program_pool *pool, const struct tep_print_arg *arg);

/* The field @arg names, not a dynamic one; NULL when there is none */
const struct tep_format_field *value_fixed_field(const struct program_pool *pool,
						 const struct tep_print_arg *arg);

uint64_t value_get(const struct value *v, const struct program_input *in);

/* The number of 1, 2, 4 or 8 bytes at @offset */
uint64_t value_load(const struct program_input *in, uint32_t offset, uint32_t size);

#endif
