// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Checks of a record against its parsed format. Most events need one compare:
 * their fixed fields end inside the record. The others have a list of rules,
 * found in the fields and in the arguments of the print format.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"

/* Largest width or precision taken from a record */
#define WIDTH_MAX	65536u
/* Nesting of print format arguments; real ones stay below 20 */
#define DEPTH_MAX	100

/*
 * enum rule_kind - what must hold
 * @RULE_DYNAMIC: offset and length in @field lie inside the record
 * @RULE_FILLED: and the length is not 0
 * @RULE_ARRAY: @count elements of @element bytes (NULL: 1) lie inside, from the
 *	start of @field
 * @RULE_INDEX: element @count of @field lies inside
 * @RULE_DIVISOR: @count is not 0
 * @RULE_WIDTH: @count is a width that can be printed
 */
enum rule_kind {
	RULE_DYNAMIC, RULE_FILLED, RULE_ARRAY, RULE_INDEX, RULE_DIVISOR, RULE_WIDTH,
};

struct rule {
	enum rule_kind kind;
	struct tep_format_field *field;
	struct tep_print_arg *count;
	struct tep_print_arg *element;
};

/*
 * @fixed: bytes the fields of fixed size need
 * @last: the field that ends there
 * @refused: why libtraceevent must not print it, or NULL
 */
struct record_check {
	struct tep_event *event;
	size_t fixed;
	const char *last;
	const char *refused;
	struct rule *rules;
	size_t nr_rules;
};

/* A record with its format, while it is checked */
struct record {
	struct tep_event *event;
	const uint8_t *data;
	size_t size;
};

/* ---- Values, as libtraceevent's eval_num_arg() finds them --------------- */

/* Where the data of @field is; false when not inside the record */
static bool field_range(const struct record *r, struct tep_format_field *field,
			size_t *start, size_t *len)
{
	unsigned long long value;

	*start = (size_t)field->offset;
	*len = (size_t)field->size;
	if (*start > r->size || *len > r->size - *start)
		return false;
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

	if (!arg || depth > DEPTH_MAX)
		return false;
	switch (arg->type) {
	case TEP_PRINT_ATOM:
		*value = strtoull(arg->atom.atom, NULL, 0);
		return isdigit((unsigned char)arg->atom.atom[0]);
	case TEP_PRINT_FIELD:
		field = tep_find_any_field(r->event, arg->field.name);
		if (!field || (size_t)field->offset > r->size ||
		    (size_t)field->size > r->size - (size_t)field->offset)
			return false;
		*value = tep_read_number(r->event->tep, r->data + field->offset, field->size);
		return true;
	case TEP_PRINT_TYPE:
		if (!evaluate(r, arg->typecast.item, depth + 1, value))
			return false;
		*value &= cast_mask(arg->typecast.type);
		return true;
	case TEP_PRINT_DYNAMIC_ARRAY_LEN:
		if (!field_range(r, arg->dynarray.field, &start, &len))
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

/* ---- Finding the rules -------------------------------------------------- */

static int rule_add(struct record_check *c, struct rule rule)
{
	struct rule *rules = reallocarray(c->rules, c->nr_rules + 1, sizeof(*rules));

	if (!rules)
		return -ENOMEM;
	c->rules = rules;
	c->rules[c->nr_rules++] = rule;
	return 0;
}

/* The field an array function of a print format reads */
static struct tep_format_field *array_field(struct record_check *c,
					    const struct tep_print_arg *arg)
{
	struct tep_format_field *field = NULL;

	if (arg && arg->type == TEP_PRINT_DYNAMIC_ARRAY)
		field = arg->dynarray.field;
	else if (arg && arg->type == TEP_PRINT_FIELD)
		field = tep_find_any_field(c->event, arg->field.name);
	/* libtraceevent takes anything else for a field */
	if (!field)
		c->refused = "an array that is no field";
	return field;
}

static int array_rule(struct record_check *c, const struct tep_print_arg *array,
		      struct tep_print_arg *count, struct tep_print_arg *element)
{
	struct tep_format_field *field = array_field(c, array);
	struct rule rule = { RULE_ARRAY, field, count, element };

	return field ? rule_add(c, rule) : 0;
}

static int index_rule(struct record_check *c, const struct tep_print_arg *op)
{
	const struct tep_print_arg *array = op->op.left;
	struct rule rule = { .kind = RULE_INDEX, .count = op->op.right };

	while (array && array->type == TEP_PRINT_TYPE)
		array = array->typecast.item;
	rule.field = array_field(c, array);
	return rule.field ? rule_add(c, rule) : 0;
}

static int filled_rule(struct record_check *c, const char *name)
{
	struct rule rule = { .kind = RULE_FILLED };

	rule.field = tep_find_any_field(c->event, name);
	if (!rule.field)
		c->refused = "a mask that is no field";
	return rule.field ? rule_add(c, rule) : 0;
}

static int find_rules(struct record_check *c, struct tep_print_arg *arg, int depth);

static int find_op_rules(struct record_check *c, struct tep_print_arg *arg, int depth)
{
	struct rule rule = { .kind = RULE_DIVISOR, .count = arg->op.right };
	int ret = 0;

	if (!strcmp(arg->op.op, "["))
		ret = index_rule(c, arg);
	else if (arg->op.op[0] == '/' || arg->op.op[0] == '%')
		ret = rule_add(c, rule);
	if (!ret)
		ret = find_rules(c, arg->op.left, depth + 1);
	if (!ret)
		ret = find_rules(c, arg->op.right, depth + 1);
	return ret;
}

static int find_rules(struct record_check *c, struct tep_print_arg *arg, int depth)
{
	if (!arg)
		return 0;
	if (depth > DEPTH_MAX) {
		c->refused = "a print format nested too deep";
		return 0;
	}
	switch (arg->type) {
	case TEP_PRINT_HEX:
	case TEP_PRINT_HEX_STR:
		return array_rule(c, arg->hex.field, arg->hex.size, NULL);
	case TEP_PRINT_INT_ARRAY:
		return array_rule(c, arg->int_array.field, arg->int_array.count,
				  arg->int_array.el_size);
	case TEP_PRINT_CPUMASK:
		return filled_rule(c, arg->bitmask.bitmask);
	case TEP_PRINT_TYPE:
		return find_rules(c, arg->typecast.item, depth + 1);
	case TEP_PRINT_FLAGS:
		return find_rules(c, arg->flags.field, depth + 1);
	case TEP_PRINT_SYMBOL:
		return find_rules(c, arg->symbol.field, depth + 1);
	case TEP_PRINT_OP:
		return find_op_rules(c, arg, depth);
	default:
		return 0;
	}
}

/* The flags, width and precision at @p: every '*' takes the next argument */
static int width_rules(struct record_check *c, const char **p, struct tep_print_arg **arg)
{
	struct rule rule = { .kind = RULE_WIDTH };
	int ret = 0;

	while (!ret) {
		*p += strspn(*p, "#hlLzZ.0123456789-+ ");
		if (**p != '*' || !*arg)
			break;
		rule.count = *arg;
		ret = rule_add(c, rule);
		*arg = (*arg)->next;
		(*p)++;
	}
	return ret;
}

static int find_width_rules(struct record_check *c)
{
	const char *p = c->event->print_fmt.format;
	struct tep_print_arg *arg = c->event->print_fmt.args;
	int ret = 0;

	while (!ret && arg && p && (p = strchr(p, '%'))) {
		if (*++p == '%') {
			p++;
			continue;
		}
		ret = width_rules(c, &p, &arg);
		if (arg && *p && strchr("pduixXosc", *p))
			arg = arg->next;
	}
	return ret;
}

static int find_fields(struct record_check *c, struct tep_format_field *field)
{
	struct rule rule = { .kind = RULE_DYNAMIC };
	size_t end;
	int ret = 0;

	for (; field && !ret; field = field->next) {
		if (field->offset < 0 || field->size < 0 || field->offset > 65536 ||
		    field->size > 65536) {
			c->refused = "a field no record can have";
			return 0;
		}
		end = (size_t)field->offset + (size_t)field->size;
		if (end > c->fixed) {
			c->fixed = end;
			c->last = field->name;
		}
		rule.field = field;
		if (field->flags & TEP_FIELD_IS_DYNAMIC)
			ret = rule_add(c, rule);
	}
	return ret;
}

struct record_check *record_check_create(struct tep_event *event)
{
	struct record_check *c = calloc(1, sizeof(*c));
	struct tep_print_arg *arg;

	if (!c)
		return NULL;
	c->event = event;
	c->last = "";
	if (find_fields(c, event->format.common_fields) ||
	    find_fields(c, event->format.fields) || find_width_rules(c))
		goto err;
	for (arg = event->print_fmt.args; arg; arg = arg->next) {
		if (find_rules(c, arg, 0))
			goto err;
	}
	return c;
err:
	record_check_destroy(c);
	return NULL;
}

void record_check_destroy(struct record_check *c)
{
	if (!c)
		return;
	free(c->rules);
	free(c);
}

/* ---- Checking ----------------------------------------------------------- */

static const char *array_fault(const struct record *r, const struct rule *rule,
			       size_t room)
{
	uint64_t count, size = 1;

	if (!evaluate(r, rule->count, 0, &count) ||
	    (rule->element && !evaluate(r, rule->element, 0, &size)))
		return "a count that cannot be checked in";
	/* libtraceevent steps by 1 for sizes it does not know */
	if (size != 2 && size != 4 && size != 8)
		size = 1;
	return count > room / size ? "elements beyond the record in" : NULL;
}

static const char *index_fault(const struct record *r, const struct rule *rule,
			       size_t room)
{
	uint64_t index, size = rule->field->elementsize;

	if (!evaluate(r, rule->count, 0, &index))
		return "an index that cannot be checked in";
	if (!size)
		size = 8;
	/* one for the element itself; a dynamic array's index counts bytes */
	return index >= 65536 || (index + 1) * size > room ?
	       "an index beyond the record in" : NULL;
}

static const char *rule_fault(const struct record *r, const struct rule *rule)
{
	size_t start = 0, len = 0;
	uint64_t value;

	if (rule->field && !field_range(r, rule->field, &start, &len))
		return "beyond the record: field";
	switch (rule->kind) {
	case RULE_DYNAMIC:
		return NULL;
	case RULE_FILLED:
		return len ? NULL : "nothing in field";
	case RULE_ARRAY:
		return array_fault(r, rule, r->size - start);
	case RULE_INDEX:
		return index_fault(r, rule, r->size - start);
	case RULE_DIVISOR:
		return evaluate(r, rule->count, 0, &value) && value ? NULL :
		       "division by zero";
	case RULE_WIDTH:
		return evaluate(r, rule->count, 0, &value) && value <= WIDTH_MAX ? NULL :
		       "a width out of range";
	}
	return NULL;
}

int record_check(const struct record_check *c, const void *data, size_t size,
		 struct record_fault *fault)
{
	struct record r = { .event = c->event, .data = data, .size = size };

	if (c->refused) {
		*fault = (struct record_fault){ c->refused, "" };
		return -ENOTSUP;
	}
	if (c->fixed > size) {
		*fault = (struct record_fault){ "beyond the record: field", c->last };
		return -EBADMSG;
	}
	for (size_t i = 0; i < c->nr_rules; i++) {
		const struct rule *rule = &c->rules[i];
		const char *text = rule_fault(&r, rule);

		if (text) {
			*fault = (struct record_fault){ text, rule->field ? rule->field->name : "" };
			return -EBADMSG;
		}
	}
	return 0;
}
