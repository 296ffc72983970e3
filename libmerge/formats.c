// SPDX-License-Identifier: LGPL-2.1-or-later
/* Walking the format files of all events of a traced boot. */
#include <errno.h>

#include "describe.h"
#include "error.h"
#include "filter.h"
#include "format.h"

/* @missing: formats that are unreadable */
struct walk {
	struct merge_desc *desc;
	const char *const *globs;
	size_t nr_globs;
	merge_format_fn *fn;
	void *arg;
	unsigned int missing;
};

/* desc_event_fn */
static int walk_event(void *arg, unsigned int id)
{
	struct walk *w = arg;
	struct merge_format format = { .id = id };
	char name[128];
	int ret = desc_format(w->desc, id, &format.system, &format.text);

	if (ret == -EINTR || ret == -ENOMEM)
		return ret;
	if (ret) {
		w->missing++;
		return 0;
	}
	if (w->globs && !filter_match(w->globs, w->nr_globs, format.system, format.text))
		return 0;
	format_name(format.text, name, sizeof(name));
	format.name = name;
	return w->fn(w->arg, &format);
}

int merge_desc_formats(struct merge_desc *desc, const char *const *events,
		       size_t nr_events, merge_format_fn *fn, void *arg,
		       struct merge_error *err)
{
	struct walk w = {
		.desc = desc, .globs = events, .nr_globs = nr_events, .fn = fn, .arg = arg,
	};
	int ret;

	if (!desc || !desc->ops->each_event)
		return error_set(err, -ENOTSUP, "this source cannot list its events");
	ret = desc->ops->each_event(desc, walk_event, &w);
	if (ret == -ENOMEM)
		return error_nomem(err);
	if (ret == -EINTR)
		return error_set(err, -EINTR, "interrupted");
	return ret ? ret : w.missing > 0;
}
