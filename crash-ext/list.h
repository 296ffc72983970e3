/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables of buffers and of CPUs. */
#ifndef PSTORE_RB_LIST_H
#define PSTORE_RB_LIST_H

#include "libmerge.h"

/* One line per buffer. 0 or negative errno. */
int list_buffers(struct merge_source *src, FILE *out, struct merge_error *err);

/*
 * One line per CPU: decoded beside the kernel's own counts. Decodes all.
 * Return: as merge_pump_events().
 */
int list_stat(struct merge_source *src, const struct merge_select *sel,
	      const struct merge_watch *watch, FILE *out, struct merge_error *err,
	      struct merge_stats *sum);

#endif
