/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An event's own text: by its print format after a check of the record, compiled
 * or else by libtraceevent; or for some events of the ftrace system by a printer of
 * their own, since the kernel does not print them by their print format
 * (kernel/trace/trace_output.c).
 */
#ifndef MERGE_TEXT_EVENT_H
#define MERGE_TEXT_EVENT_H

#include <traceevent/trace-seq.h>

#include "describe.h"
#include "record.h"
#include "textbuf.h"

struct program;
struct text_graph;
struct text_printer;

/* Fields a printer can name */
#define TEXT_FIELDS	9

/*
 * struct text_target - where events are printed
 * @desc: what they are printed by
 * @out: the text so far
 * @seq: libtraceevent's buffer, used again and again
 * @graph: with it calls are printed as the function_graph tracer does, and exits
 *	that text_graph_took() are not to be printed; NULL: event by event
 * @by_tep: libtraceevent prints what a compiled print format would, for comparison
 */
struct text_target {
	struct merge_desc *desc;
	struct textbuf out;
	struct trace_seq seq;
	struct text_graph *graph;
	bool by_tep;
};

/*
 * struct text_event - how events of one id are printed
 * @tep: the parsed format, NULL when there is none
 * @name: the event's name
 * @printer: its own printer, or NULL
 * @fields: the fields @printer uses, in its order
 * @own: what @printer found out about the event; freed with free()
 * @check: what to check before the print format is used
 * @program: the print format; NULL: libtraceevent prints it
 */
struct text_event {
	struct tep_event *tep;
	const char *name;
	const struct text_printer *printer;
	struct tep_format_field *fields[TEXT_FIELDS];
	void *own;
	struct record_check *check;
	struct program *program;
};

/* NULL: out of memory */
struct text_event *text_event_create(struct merge_desc *d, unsigned int id);
void text_event_destroy(struct text_event *te);

/*
 * Append the text of @record (ev->size bytes and RECORD_PAD zero bytes) to
 * @to->out, newlines and all. Return: 0, or as record_check() with @fault filled.
 */
int text_event_print(const struct text_event *te, struct text_target *to,
		     const struct merge_event *ev, const uint8_t *record,
		     struct record_fault *fault);

#endif
