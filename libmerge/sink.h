/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sinks take events or pages. An event sink has @event, a page sink has @page; one
 * that has both is given the one or the other.
 */
#ifndef MERGE_SINK_H
#define MERGE_SINK_H

#include "libmerge.h"

/*
 * @begin: a group begins: @bufs are the buffers of one clock whose events will be
 *	merged, or the one buffer whose pages follow.
 * @cpu: this CPU of a buffer that was begun is wanted: all of a group, by
 *	ascending number, before its events; or one, before its pages.
 * @event: one event, in order.
 * @page: one sub-buffer, @size bytes, header first, event area
 *	valid up to its commit, which was cut before any damage. @lost: as
 *	merge_event.lost, what is missing just before it. The ids of its events
 *	were set in @ids by the pump (see pump_pages.c) before @end.
 * @damage: a damaged sub-buffer, in place.
 * @flush: nothing more comes for now: show what there was.
 * @end: all is done: make the output durable. @ids: after pages a bitmap of
 *	65536 bits, event ids seen; NULL after events.
 * @stop: in place of @end when the run had to stop with @code, a negative errno:
 *	hand on what there is. @err says why; it must stay as it is.
 * @close: free @sink's private part; remove what is half made.
 * All but @event or @page may be NULL. They return 0 or a negative errno.
 */
struct sink_ops {
	const char *name;
	int (*begin)(struct merge_sink *sink, const struct merge_buffer *const *bufs,
		     size_t nr, struct merge_error *err);
	int (*event)(struct merge_sink *sink, const struct merge_event *ev,
		     struct merge_error *err);
	int (*cpu)(struct merge_sink *sink, const struct merge_buffer *buf,
		   const struct merge_cpu *cpu, struct merge_error *err);
	int (*page)(struct merge_sink *sink, const void *data, uint32_t size,
		    uint64_t lost, struct merge_error *err);
	int (*damage)(struct merge_sink *sink, const struct merge_damage *damage,
		      struct merge_error *err);
	int (*flush)(struct merge_sink *sink, struct merge_error *err);
	int (*end)(struct merge_sink *sink, struct merge_source *src,
		   const struct merge_stats *stats, const uint8_t *ids,
		   struct merge_error *err);
	void (*stop)(struct merge_sink *sink, struct merge_source *src,
		     const struct merge_stats *stats, int code,
		     const struct merge_error *err);
	void (*close)(struct merge_sink *sink);
};

struct merge_sink {
	const struct sink_ops *ops;
	void *priv;
};

#endif
