/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A print format compiled once into a list of steps: text, numbers, strings,
 * names of addresses. It prints byte for byte what libtraceevent prints, at a
 * fraction of the cost. What is not known here (%c, %pI4, functions, widths taken
 * from the record, bit masks, arrays of numbers, binary printk), or what not all
 * versions of libtraceevent print alike, stays with libtraceevent, event by event.
 */
#ifndef MERGE_PROGRAM_H
#define MERGE_PROGRAM_H

#include <traceevent/event-parse.h>

#include "describe.h"

struct program;

/*
 * NULL: libtraceevent has to print this event, or out of memory.
 * @event and @d must outlive the program.
 */
struct program *program_create(struct merge_desc *d, struct tep_event *event);
void program_destroy(struct program *p);

/*
 * Append the text of a record that record_check() found good and that has
 * RECORD_PAD zero bytes behind. @plain: the first name of an address stands without
 * its module.
 */
void program_run(const struct program *p, struct textbuf *b, const uint8_t *record,
		 size_t size, bool plain);

#endif
