/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The kernel's per_cpu/cpuN/stats, also as the options CPUSTAT of trace.dat have them. */
#ifndef MERGE_DAT_STATS_H
#define MERGE_DAT_STATS_H

#include "libmerge.h"

/*
 * Find the counters of CPU @cpu of the buffer @name, "" the top-level one, in
 * @text, all options after each other. Return: whether they are there
 */
bool dat_stats_find(const char *text, const char *name, unsigned int cpu,
		    struct merge_counters *counters);

/* The counters in @text, one per_cpu/cpuN/stats. Return: whether all are there */
bool dat_stats_cpu(const char *text, struct merge_counters *counters);

#endif
