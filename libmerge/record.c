// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Checks of a record against its parsed format. Most events need one compare:
 * their fixed fields end inside the record. The others have a list of rules,
 * found in the fields and in the arguments of the print format.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"
#include "record_value.h"

/* Largest width or precision taken from a record */
#define WIDTH_MAX	65536u

/*
 * enum rule_kind - what must hold
 * @RULE_DYNAMIC: offset and length in @field lie inside the record
 * @RULE_ARRAY: @count elements of @element bytes (NULL: 1) lie inside, from the
 *	start of @field
 * @RULE_INDEX: element @count of @field lies inside
 * @RULE_DIVISOR: @count is not 0
 * @RULE_WIDTH: @count is a width that can be printed
 */
enum rule_kind {
	RULE_DYNAMIC, RULE_ARRAY, RULE_INDEX, RULE_DIVISOR, RULE_WIDTH,
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
	if (depth > RECORD_DEPTH_MAX) {
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
	case TEP_PRINT_CPUMASK:		/* format.c lets none through */
		c->refused = "a mask of CPUs";
		return 0;
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

	if (!record_value(r, rule->count, &count) ||
	    (rule->element && !record_value(r, rule->element, &size)))
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

	if (!record_value(r, rule->count, &index))
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

	if (rule->field && !record_range(r, rule->field, &start, &len))
		return "beyond the record: field";
	switch (rule->kind) {
	case RULE_DYNAMIC:
		return NULL;
	case RULE_ARRAY:
		return array_fault(r, rule, r->size - start);
	case RULE_INDEX:
		return index_fault(r, rule, r->size - start);
	case RULE_DIVISOR:
		return record_value(r, rule->count, &value) && value ? NULL :
		       "division by zero";
	case RULE_WIDTH:
		return record_value(r, rule->count, &value) && value <= WIDTH_MAX ? NULL :
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
			fault->text = text;
			fault->field = rule->field ? rule->field->name : "";
			return -EBADMSG;
		}
	}
	return 0;
}
