// SPDX-License-Identifier: LGPL-2.1-or-later
/* The fields of a record as a JSON object: see json_fields.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "json_fields.h"
#include "record_value.h"

/* Where a field's value is; @element: bytes of an array's element */
struct value {
	struct tep_handle *tep;
	const struct tep_format_field *field;
	size_t element;
	const uint8_t *data;
	size_t len;
};

typedef void put_fn(struct textbuf *b, const struct value *v);

/*
 * struct json_field - one field
 * @element: bytes of an array's element, 0 when unknown
 * @key: "name": with quotes and colon, as JSON
 * @open: takes what the record has left, whatever its size in the format
 */
struct json_field {
	const struct tep_format_field *tep;
	put_fn *put;
	size_t element;
	char *key;
	size_t key_len;
	bool open;
};

struct json_fields {
	struct tep_event *event;
	struct json_field *fields;
	size_t nr;
};

/* ---- Values -------------------------------------------------------------- */

static uint64_t number_at(const struct value *v, size_t pos, size_t size)
{
	return tep_read_number(v->tep, v->data + pos, (int)size);
}

static void put_integer(struct textbuf *b, const struct value *v, size_t pos, size_t size)
{
	bool is_signed = v->field->flags & TEP_FIELD_IS_SIGNED;
	uint64_t value = number_at(v, pos, size);
	unsigned int shift = 64 - 8 * (unsigned int)size;

	if (is_signed)
		value = (uint64_t)((int64_t)(value << shift) >> shift);
	json_number(b, value, is_signed);
}

static void put_number(struct textbuf *b, const struct value *v)
{
	put_integer(b, v, 0, v->len);
}

static void put_pointer(struct textbuf *b, const struct value *v)
{
	json_address(b, number_at(v, 0, v->len));
}

static void put_text(struct textbuf *b, const struct value *v)
{
	json_text(b, (const char *)v->data, strnlen((const char *)v->data, v->len));
}

static void put_bytes(struct textbuf *b, const struct value *v)
{
	json_bytes(b, v->data, v->len);
}

static void put_numbers(struct textbuf *b, const struct value *v)
{
	size_t size = v->element;

	textbuf_putc(b, '[');
	for (size_t pos = 0; pos + size <= v->len; pos += size) {
		if (pos)
			textbuf_putc(b, ',');
		put_integer(b, v, pos, size);
	}
	textbuf_putc(b, ']');
}

/* A cpumask_t, words of the kernel's long: numbers of the CPUs that are set */
static void put_cpus(struct textbuf *b, const struct value *v)
{
	size_t size = (size_t)tep_get_long_size(v->tep);
	bool any = false;

	textbuf_putc(b, '[');
	for (size_t pos = 0; pos + size <= v->len; pos += size) {
		uint64_t word = number_at(v, pos, size);

		for (; word; word &= word - 1) {
			if (any)
				textbuf_putc(b, ',');
			json_unsigned(b, 8 * pos + (unsigned int)__builtin_ctzll(word));
			any = true;
		}
	}
	textbuf_putc(b, ']');
}

/* ---- Which field is what ------------------------------------------------- */

/*
 * Fields that are not what their format says: binary data in a char array, and
 * an array of as many elements as there are, not 8 (kernel/trace/trace_entries.h)
 */
static const struct odd_field {
	const char *system, *event, *field;
	put_fn *put;
} odd_fields[] = {
	{ "ftrace", "raw_data", "buf", put_bytes },
	{ "ftrace", "kernel_stack", "caller", put_numbers },
};

static const struct odd_field *find_odd(const struct tep_event *event,
					const struct tep_format_field *field)
{
	for (size_t i = 0; i < sizeof(odd_fields) / sizeof(*odd_fields); i++) {
		const struct odd_field *odd = &odd_fields[i];

		if (!strcmp(event->system, odd->system) && !strcmp(event->name, odd->event) &&
		    !strcmp(field->name, odd->field))
			return odd;
	}
	return NULL;
}

static bool is_number(size_t size)
{
	return size == 1 || size == 2 || size == 4 || size == 8;
}

static bool has_word(const struct tep_format_field *field, const char *word)
{
	return field->type && strstr(field->type, word);
}

/* libtraceevent tells it where the format has the array's length, and of few types else */
static size_t element_size(const struct tep_format_field *field)
{
	static const struct {
		const char *word;
		size_t size;	/* 0: of a long */
	} types[] = {
		{ "64", 8 }, { "32", 4 }, { "16", 2 }, { "u8", 1 }, { "s8", 1 }, { "int8", 1 },
		{ "long long", 8 }, { "long", 0 }, { "short", 2 }, { "char", 1 }, { "bool", 1 },
		{ "int", 4 },
	};

	if (is_number(field->elementsize))
		return field->elementsize;
	for (size_t i = 0; i < sizeof(types) / sizeof(*types) && !has_word(field, "struct"); i++)
		if (has_word(field, types[i].word))
			return types[i].size ? types[i].size :
			       (size_t)tep_get_long_size(field->event->tep);
	return 0;
}

static put_fn *choose_put(const struct tep_format_field *field)
{
	bool is_pointer = field->flags & TEP_FIELD_IS_POINTER;

	if (field->flags & TEP_FIELD_IS_DYNAMIC && has_word(field, "cpumask_t"))
		return put_cpus;
	if (field->flags & (TEP_FIELD_IS_ARRAY | TEP_FIELD_IS_DYNAMIC)) {
		if (has_word(field, "char") && !has_word(field, "unsigned char") && !is_pointer)
			return put_text;
		return element_size(field) ? put_numbers : put_bytes;
	}
	if (!is_number((size_t)field->size))
		return put_bytes;
	return is_pointer ? put_pointer : put_number;
}

static int add_field(struct json_fields *f, const struct tep_format_field *tep)
{
	struct json_field *field = &f->fields[f->nr];
	const struct odd_field *odd = find_odd(f->event, tep);
	put_fn *put = choose_put(tep);
	struct textbuf key = { 0 };

	json_text(&key, tep->name, strlen(tep->name));
	textbuf_putc(&key, ':');
	if (key.failed) {
		textbuf_deinit(&key);
		return -ENOMEM;
	}
	if (odd && (odd->put != put_numbers || element_size(tep)))
		put = odd->put;
	*field = (struct json_field){
		.tep = tep, .put = put, .element = element_size(tep),
		.key = key.data, .key_len = key.len,
		.open = odd || (tep->flags & TEP_FIELD_IS_ARRAY && !tep->size),
	};
	f->nr++;
	return 0;
}

/* Not format.nr_fields: libtraceevent counts none for a format that it read half of. */
static size_t count_fields(const struct tep_event *event)
{
	size_t nr = 0;

	for (const struct tep_format_field *tep = event->format.fields; tep; tep = tep->next)
		nr++;
	return nr;
}

struct json_fields *json_fields_create(struct tep_event *event)
{
	struct json_fields *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->event = event;
	f->fields = calloc(count_fields(event) + 1, sizeof(*f->fields));
	if (!f->fields)
		goto err;
	for (struct tep_format_field *tep = event->format.fields; tep; tep = tep->next)
		if (add_field(f, tep))
			goto err;
	return f;
err:
	json_fields_destroy(f);
	return NULL;
}

void json_fields_destroy(struct json_fields *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->nr; i++)
		free(f->fields[i].key);
	free(f->fields);
	free(f);
}

/* ---- A record ------------------------------------------------------------ */

static size_t max(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* Where the value of @field is; false: not inside the record */
static bool find_value(const struct record *r, const struct json_field *field, struct value *v)
{
	size_t start = (size_t)field->tep->offset, len = (size_t)field->tep->size;

	if (start > r->size)
		return false;
	if (field->open)
		len = r->size - start;
	if (field->open && field->put == put_numbers)
		len -= len % field->element;
	if (len > r->size - start)
		return false;
	if (field->tep->flags & TEP_FIELD_IS_DYNAMIC && !record_range(r, field->tep, &start, &len))
		return false;
	v->field = field->tep;
	v->element = field->element;
	v->data = r->data + start;
	v->len = len;
	return true;
}

int json_fields_put(const struct json_fields *f, struct textbuf *b, const uint8_t *record,
		    size_t size, size_t *end, struct record_fault *fault)
{
	struct record r = { .event = f->event, .data = record, .size = size };
	struct value v = { .tep = f->event->tep };
	size_t before = b->len, covered = 0;

	textbuf_putc(b, '{');
	for (size_t i = 0; i < f->nr; i++) {
		const struct json_field *field = &f->fields[i];

		if (!find_value(&r, field, &v)) {
			*fault = (struct record_fault){ "beyond the record: field",
							field->tep->name };
			b->len = before;
			return -EBADMSG;
		}
		covered = max(covered, (size_t)(v.data - record) + v.len);
		if (field->tep->flags & TEP_FIELD_IS_DYNAMIC)
			covered = max(covered, (size_t)field->tep->offset +
				      (size_t)field->tep->size);
		if (i)
			textbuf_putc(b, ',');
		textbuf_put(b, field->key, field->key_len);
		field->put(b, &v);
	}
	textbuf_putc(b, '}');
	*end = covered;
	return 0;
}
