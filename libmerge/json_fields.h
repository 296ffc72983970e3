/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The fields of a record as a JSON object, by their types in the event's format.
 * What is what: docs/json.md.
 */
#ifndef MERGE_JSON_FIELDS_H
#define MERGE_JSON_FIELDS_H

#include <traceevent/event-parse.h>

#include "record.h"
#include "textbuf.h"

struct json_fields;

struct json_fields *json_fields_create(struct tep_event *event);	/* NULL: out of memory */
void json_fields_destroy(struct json_fields *f);

/*
 * Append {"name":value,...} of @record, @size bytes. *@end: what the fields
 * cover of it. Return: 0; -EBADMSG with @fault filled and @b as it was when a
 * field is not inside the record.
 */
int json_fields_put(const struct json_fields *f, struct textbuf *b, const uint8_t *record,
		    size_t size, size_t *end, struct record_fault *fault);

#endif
