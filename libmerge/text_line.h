/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What stands before the event's own text in a line of the kernel's trace file
 * (kernel/trace/trace_output.c, trace_print_context() and trace_print_lat_fmt()).
 */
#ifndef MERGE_TEXT_LINE_H
#define MERGE_TEXT_LINE_H

#include "describe.h"
#include "textbuf.h"

/* Bytes of struct trace_entry, which every record begins with */
#define TEXT_ENTRY_SIZE	8u

/* Characters of the column of flags */
#define TEXT_COLUMNS	5

/* irqs-off, need-resched and hardirq/softirq character of every common_flags */
struct text_flags {
	char columns[256][3];
};

void text_flags_init(struct text_flags *flags, const struct merge_desc *d);

/* The flags of a record, which has at least TEXT_ENTRY_SIZE bytes; no 0 at the end */
void text_columns(const struct text_flags *flags, const uint8_t *record,
		  char columns[TEXT_COLUMNS]);

/* common_pid of a record */
int text_pid(const struct merge_desc *d, const uint8_t *record);

/* " %5lu.%06lu" or " %12llu", as trace_print_time() */
void text_time(struct textbuf *b, const struct merge_buffer *buf, uint64_t ts);

/*
 * "            task-pid     [cpu] flags  time: ". @record has at least
 * TEXT_ENTRY_SIZE bytes.
 */
void text_context(struct textbuf *b, struct merge_desc *d,
		  const struct text_flags *flags, const struct merge_event *ev,
		  const uint8_t *record);

#endif
