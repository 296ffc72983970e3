/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Names of tasks by pid, for everything that prints or stores them. A name
 * comes from the first of these that has one:
 *
 *	what the kernel saved (savedcmd)
 *	the trace itself (comms_trace.h): the last name it tells
 *	the tasks there were at the crash
 *
 * The latter two are looked at when a pid is met that the kernel saved no name
 * of, and then once. Events of an earlier boot have the names that their own
 * buffer tells, and no others.
 */
#ifndef MERGE_COMMS_H
#define MERGE_COMMS_H

#include <string.h>

#include "libmerge.h"

struct comms;

/* common_pid as the record has it, in its byte order; 0 for one that is too short */
static inline uint32_t comms_raw_pid(const uint8_t *record, uint32_t size)
{
	uint32_t pid = 0;

	if (size >= 8)
		memcpy(&pid, record + 4, sizeof(pid));
	return pid;
}

/* The name of @pid in the events of @buf, as printed; valid while the source is */
const char *comms_find(const struct merge_buffer *buf, int pid);

/* An event of @buf with @size bytes: comms_each() is to tell the name of its task */
void comms_meet(const struct merge_buffer *buf, const void *record, uint32_t size);

/*
 * Call @fn for the names the kernel saved, and for those of the pids met, until
 * it returns other than 0; of this boot only.
 * Return: 0; what @fn returned; -ENOMEM; -EINTR.
 */
int comms_each(struct merge_source *src, int (*fn)(void *arg, int pid, const char *comm),
	       void *arg);

/* What the kernel saved and which tasks there are has changed: look anew */
void comms_reload(struct merge_source *src);

/* NULL allowed */
void comms_destroy(struct comms *comms);

#endif
