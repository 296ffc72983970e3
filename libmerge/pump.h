/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the two pumps share: who is told what, and how often. */
#ifndef MERGE_PUMP_H
#define MERGE_PUMP_H

#include "sink.h"
#include "source.h"

/*
 * struct pump - one run from a source into a sink
 * @done: statistics of the groups finished; the current one's are apart
 * @total: sub-buffers in all, for the progress
 * @shown: value of the sub-buffer count when progress was last told
 * @failed: what the sink's damage callback returned, to be acted upon
 */
struct pump {
	struct merge_source *src;
	const struct merge_select *sel;
	struct merge_sink *sink;
	const struct merge_watch *watch;
	struct merge_error *err;
	struct merge_stats done;
	uint64_t total;
	uint64_t shown;
	int failed;
};

/* Return: 0 or -EINVAL */
int pump_init(struct pump *p, struct merge_source *src,
	      const struct merge_select *sel, struct merge_sink *sink,
	      const struct merge_watch *watch, struct merge_error *err);

/* merge_damage_fn with a struct pump: to the watcher and to the sink */
void pump_damage(void *pump, const struct merge_damage *damage);

/* Tell the watcher when enough happened since; @now: of the current group */
void pump_progress(struct pump *p, const struct merge_stats *now);

void pump_add_stats(struct pump *p, const struct merge_stats *now);

/* sink->begin for @nr buffers */
int pump_begin(struct pump *p, const struct merge_buffer *const *bufs, size_t nr);

/*
 * The end, with @ret so far: end the sink unless something failed.
 * Return: what the pump returns.
 */
int pump_end(struct pump *p, const uint8_t *ids, int ret, struct merge_stats *stats);

#endif
