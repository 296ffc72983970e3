/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tables of buffers and of CPUs. */
#ifndef PSTORE_RB_LIST_H
#define PSTORE_RB_LIST_H

#include "libmerge.h"

/*
 * One line per buffer. @count: its events are decoded for their number, else it is
 * that of the kernel. 0 or negative errno.
 */
int list_buffers(struct merge_source *src, bool count, FILE *out, struct merge_error *err);

/*
 * One line per CPU: decoded beside the kernel's own counts. Decodes all.
 * Return: as merge_pump_events().
 */
int list_stat(struct merge_source *src, const struct merge_select *sel,
	      const struct merge_watch *watch, FILE *out, struct merge_error *err,
	      struct merge_stats *sum);

/* "live", ... */
const char *list_kind(const struct merge_buffer *buf);

/* Times of its first and its last event as text; "-" without events */
int list_edge_times(struct merge_source *src, const struct merge_buffer *buf,
		    struct merge_error *err, char first[24], char last[24]);

void list_add_stats(struct merge_stats *sum, const struct merge_stats *stats);

#endif
