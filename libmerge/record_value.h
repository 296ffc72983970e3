/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Numbers that a print format takes from a record, for record.c. */
#ifndef MERGE_RECORD_VALUE_H
#define MERGE_RECORD_VALUE_H

#include <traceevent/event-parse.h>

#include "libmerge.h"

/* Nesting of print format arguments; real ones stay below 20 */
#define RECORD_DEPTH_MAX	100

/* A record with its format; it holds all that the format says stands in place */
struct record {
	struct tep_event *event;
	const uint8_t *data;
	size_t size;
};

/* Where the data of @field is, dynamic or not. False: not inside the record */
bool record_range(const struct record *r, const struct tep_format_field *field,
		  size_t *start, size_t *len);

/* The number @arg stands for; false for what is not understood */
bool record_value(const struct record *r, const struct tep_print_arg *arg, uint64_t *value);

#endif
