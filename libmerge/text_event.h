/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An event's own text: by libtraceevent after a check of the record, or for
 * some events of the ftrace system by a printer of their own, since the kernel
 * does not print them by their print format (kernel/trace/trace_output.c).
 */
#ifndef MERGE_TEXT_EVENT_H
#define MERGE_TEXT_EVENT_H

#include <traceevent/trace-seq.h>

#include "describe.h"
#include "record.h"
#include "textbuf.h"

struct text_printer;

/*
 * struct text_event - how events of one id are printed
 * @tep: the parsed format, NULL when there is none
 * @name: the event's name
 * @printer: its own printer, or NULL
 * @fields: the fields @printer uses, in its order
 * @check: what to check before libtraceevent prints it
 * @seq: libtraceevent's buffer, used again and again
 */
struct text_event {
	struct tep_event *tep;
	const char *name;
	const struct text_printer *printer;
	struct tep_format_field *fields[4];
	struct record_check *check;
	struct trace_seq seq;
};

struct text_event *text_event_create(struct merge_desc *d, unsigned int id);	/* NULL: out of memory */
void text_event_destroy(struct text_event *te);

/*
 * Append the text of @record (ev->size bytes and RECORD_PAD zero bytes) to @b,
 * newlines and all. Return: 0, or as record_check() with @fault filled.
 */
int text_event_print(struct text_event *te, struct merge_desc *d,
		     const struct merge_event *ev, const uint8_t *record,
		     struct textbuf *b, struct record_fault *fault);

#endif
