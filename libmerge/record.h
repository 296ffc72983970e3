/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether a record may be handed to libtraceevent, which trusts it: fields,
 * dynamic offsets and lengths, array counts, widths and divisors are compared
 * with the record first. What to look at is found once per event.
 */
#ifndef MERGE_RECORD_H
#define MERGE_RECORD_H

#include <traceevent/event-parse.h>

#include "libmerge.h"

/*
 * libtraceevent reads strings to their NUL and binary printk arguments in whole
 * words: that many zero bytes must follow a record.
 */
#define RECORD_PAD	32u

/*
 * struct record_fault - why a record is not printed
 * @text: what is wrong
 * @field: with which field, or ""
 */
struct record_fault {
	const char *text;
	const char *field;
};

struct record_check;

struct record_check *record_check_create(struct tep_event *event);	/* NULL: out of memory */
void record_check_destroy(struct record_check *c);

/*
 * Return: 0; -EBADMSG, the record contradicts its format; -ENOTSUP,
 * libtraceevent must not print this event, whatever the record.
 */
int record_check(const struct record_check *c, const void *data, size_t size,
		 struct record_fault *fault);

#endif
