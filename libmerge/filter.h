/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which events merge_select.events asks for, by "system:event" globs. The
 * decision is made once per event id. A loss told by an event that is filtered
 * out goes to the next one of its CPU that is not.
 */
#ifndef MERGE_FILTER_H
#define MERGE_FILTER_H

#include "source.h"

struct filter;

/* NULL: out of memory. @globs must outlive the filter. */
struct filter *filter_create(struct merge_source *src, const char *const *globs,
			     size_t nr);
void filter_destroy(struct filter *f);

/* Whether @ev is wanted; adds to ev->lost what was told by unwanted ones. */
bool filter_event(struct filter *f, struct merge_event *ev);

/* Whether one of @globs names the event that has @format */
bool filter_match(const char *const *globs, size_t nr, const char *system,
		  const char *format);

#endif
