/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names of tasks that the events of a trace tell. */
#ifndef MERGE_COMMS_TRACE_H
#define MERGE_COMMS_TRACE_H

#include "libmerge.h"

/*
 * struct comms_told - an event tells a task's name
 * @pid: the task
 * @name: its name from then on
 * @ts: when
 * @clock: stands for the clock of @ts: the first buffer that has this clock
 */
struct comms_told {
	int pid;
	const char *name;
	uint64_t ts;
	unsigned int clock;
};

typedef int comms_trace_fn(void *arg, const struct comms_told *told);

/*
 * Call @fn for every name that events of @src tell, buffer by buffer, until it
 * returns other than 0. What is damaged is stepped over, without a word.
 * @only: of this buffer; NULL for all that this boot wrote and committed
 * Return: 0; what @fn returned; -ENOMEM; -EINTR.
 */
int comms_trace(struct merge_source *src, const struct merge_buffer *only,
		comms_trace_fn *fn, void *arg);

#endif
