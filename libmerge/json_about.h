/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The lines among JSON Lines that are no events, each an object without the
 * newline: docs/json.md.
 */
#ifndef MERGE_JSON_ABOUT_H
#define MERGE_JSON_ABOUT_H

#include "describe.h"
#include "textbuf.h"

void json_about_header(struct textbuf *b, const struct merge_desc *d);
void json_about_group(struct textbuf *b, const struct merge_buffer *const *bufs, size_t nr);
void json_about_damage(struct textbuf *b, const struct merge_damage *damage);
void json_about_notice(struct textbuf *b, const struct merge_notice *notice);

/* Members behind others: what the kernel counted, when that is known */
void json_about_counters(struct textbuf *b, const struct merge_cpu *cpu);

/*
 * @corrupt, @unknown: records that contradict their format, and without one
 * @stopped: why the run ended before its end, or NULL
 */
void json_about_end(struct textbuf *b, const struct merge_stats *stats, uint64_t corrupt,
		    uint64_t unknown, const char *stopped);

#endif
