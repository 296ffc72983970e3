/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Printers of single events, for those the kernel does not print by their print
 * format (kernel/trace/trace_output.c, trace_syscalls.c): text_event.c picks one
 * when an event is first met, and checks the fields it names before each use.
 */
#ifndef MERGE_TEXT_PRINT_H
#define MERGE_TEXT_PRINT_H

#include "text_event.h"
#include "text_graph.h"
#include "text_line.h"

/*
 * What a printer works with; @record has RECORD_PAD zero bytes behind ev->size;
 * @graph is NULL when events are printed one by one
 */
struct print {
	const struct text_event *te;
	struct merge_desc *desc;
	const struct merge_event *ev;
	const uint8_t *record;
	struct textbuf *out;
	struct text_graph *graph;
};

/*
 * struct text_printer - how the kernel prints an event without its print format
 * @system, @event: its name; @event is a pattern for fnmatch()
 * @fields: what it uses; all but @open must lie inside the record
 * @open: the last one is an array that takes what the record has left
 * @all: it uses all other fields too
 * @prepare: what to find out once, into te->own; 0 or -ENOMEM; may be NULL
 * @check: what is wrong with @fields[1], or NULL; may be NULL
 * @print: without the final newline; NULL: by libtraceevent, without the name
 */
struct text_printer {
	const char *system;
	const char *event;
	const char *fields[TEXT_FIELDS];
	bool open;
	bool all;
	int (*prepare)(struct text_event *te, struct merge_desc *d, unsigned int id);
	const char *(*check)(const struct print *p);
	void (*print)(const struct print *p);
};

/* Tables that end with a NULL system */
extern const struct text_printer text_syscall_printers[], text_graph_printers[],
	text_tracer_printers[];

/* The number in @f, which lies inside the record */
uint64_t print_value(const struct print *p, const struct tep_format_field *f);

/* The number in the @i-th of the printer's fields */
uint64_t print_number(const struct print *p, unsigned int i);

/* The field with what a function was called with, as kernels have since 6.15; or NULL */
const struct tep_format_field *print_args_field(const struct text_event *te);

/*
 * "(fd=3)", when the record has arguments of the function at @ip in @f, which may be
 * NULL. Return: whether it has.
 */
bool print_args(const struct print *p, const struct tep_format_field *f, uint64_t ip);

/* seq_print_ip_sym() of the kernel */
void print_symbol(const struct print *p, uint64_t ip);

#endif
