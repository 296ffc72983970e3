/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Counting what is lost: gaps of known and of unknown size, see
 * merge_event.lost.
 */
#ifndef MERGE_LOST_H
#define MERGE_LOST_H

#include "libmerge.h"

/* Two adjacent gaps as one; a gap of unknown size swallows the other. */
static inline uint64_t lost_sum(uint64_t a, uint64_t b)
{
	uint64_t sum;

	return __builtin_add_overflow(a, b, &sum) ? MERGE_LOST_UNKNOWN : sum;
}

static inline void lost_count(struct merge_stats *stats, uint64_t lost)
{
	if (lost == MERGE_LOST_UNKNOWN)
		stats->lost_unknown++;
	else
		stats->lost += lost;
}

#endif
