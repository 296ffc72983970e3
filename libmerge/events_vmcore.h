/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Event formats of a crashed kernel, from its own memory. */
#ifndef MERGE_EVENTS_VMCORE_H
#define MERGE_EVENTS_VMCORE_H

#include "vmcore.h"

/*
 * struct vm_events - where the events are
 * @calls: struct trace_event_call by event id; made when @indexed
 * @fl_tracepoint, @fl_custom: flags that say where an event's name stands
 */
struct vm_events {
	struct vmcore *vm;
	struct merge_source *src;
	uint64_t *calls;
	bool indexed;
	int64_t fl_tracepoint, fl_custom;
};

/* @vm and @src are borrowed. What cannot be read is noted at @src. */
void vm_events_init(struct vm_events *ve, struct vmcore *vm, struct merge_source *src);
void vm_events_deinit(struct vm_events *ve);

/*
 * System and text of events/SYSTEM/NAME/format of event @id, malloc'ed.
 * Return: 0; -ENOENT no such event; -ENODATA unreadable; -ENOMEM; -EINTR.
 */
int vm_events_load(struct vm_events *ve, unsigned int id, char **system, char **format);

/*
 * Call @fn for the id of every event, ascending, until it returns other than 0.
 * Return: 0; what @fn returned; -ENOMEM; -EINTR.
 */
int vm_events_each(struct vm_events *ve, int (*fn)(void *arg, unsigned int id), void *arg);

/* As desc_ops.syscall_size, of an event that was loaded */
int vm_events_syscall_size(struct vm_events *ve, unsigned int id, int *arg);

#endif
