// SPDX-License-Identifier: LGPL-2.1-or-later
/* Event globs with a decision per event id: see filter.h. */
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "describe.h"
#include "filter.h"
#include "format.h"
#include "lost.h"
#include "page.h"

#define NR_IDS	65536

enum verdict { UNDECIDED, WANTED, UNWANTED };

/* A loss on one CPU that waits for an event to be told with */
struct gap {
	const struct merge_buffer *buffer;
	uint32_t cpu;
	uint64_t lost;
};

/* @gaps: room for one per CPU of every buffer */
struct filter {
	struct merge_source *src;
	const char *const *globs;
	size_t nr;
	struct gap *gaps;
	size_t nr_gaps;
	uint8_t verdicts[NR_IDS];
};

struct filter *filter_create(struct merge_source *src, const char *const *globs,
			     size_t nr)
{
	struct filter *f = calloc(1, sizeof(*f));
	size_t streams = 1;

	if (!f)
		return NULL;
	for (unsigned int i = 0; i < src->nr_buffers; i++)
		streams += src->buffers[i].nr_cpus;
	f->gaps = calloc(streams, sizeof(*f->gaps));
	if (!f->gaps) {
		filter_destroy(f);
		return NULL;
	}
	f->src = src;
	f->globs = globs;
	f->nr = nr;
	return f;
}

void filter_destroy(struct filter *f)
{
	if (!f)
		return;
	free(f->gaps);
	free(f);
}

/* The glob of @len bytes at @glob; an empty one matches everything. */
static bool match_part(const char *glob, size_t len, const char *text)
{
	char part[128];

	if (!len)
		return true;
	if (len >= sizeof(part))
		return false;
	memcpy(part, glob, len);
	part[len] = '\0';
	return !fnmatch(part, text, 0);
}

static bool match_glob(const char *glob, const char *system, const char *event)
{
	size_t len = strcspn(glob, ":");
	const char *rest = glob + len + (glob[len] == ':');

	return match_part(glob, len, system) && match_part(rest, strlen(rest), event);
}

bool filter_match(const char *const *globs, size_t nr, const char *system,
		  const char *format)
{
	char name[128];

	format_name(format, name, sizeof(name));
	for (size_t i = 0; i < nr; i++)
		if (match_glob(globs[i], system, name))
			return true;
	return false;
}

static enum verdict decide(const struct filter *f, unsigned int id)
{
	const char *system, *format;

	/* an event without a name is none of those asked for by name */
	if (!f->src->desc || desc_format(f->src->desc, id, &system, &format))
		return UNWANTED;
	return filter_match(f->globs, f->nr, system, format) ? WANTED : UNWANTED;
}

static struct gap *find_gap(struct filter *f, const struct merge_event *ev)
{
	for (size_t i = 0; i < f->nr_gaps; i++)
		if (f->gaps[i].buffer == ev->buffer && f->gaps[i].cpu == ev->cpu)
			return &f->gaps[i];
	return NULL;
}

static void keep_lost(struct filter *f, const struct merge_event *ev)
{
	struct gap *gap = find_gap(f, ev);

	if (!gap) {
		gap = &f->gaps[f->nr_gaps++];
		*gap = (struct gap){ .buffer = ev->buffer, .cpu = ev->cpu };
	}
	gap->lost = lost_sum(gap->lost, ev->lost);
}

static void give_lost(struct filter *f, struct merge_event *ev)
{
	struct gap *gap = find_gap(f, ev);

	if (!gap)
		return;
	ev->lost = lost_sum(gap->lost, ev->lost);
	*gap = f->gaps[--f->nr_gaps];
}

bool filter_event(struct filter *f, struct merge_event *ev)
{
	unsigned int id = page_record_id(ev->data, f->src->big_endian);

	if (f->verdicts[id] == UNDECIDED)
		f->verdicts[id] = decide(f, id);
	if (f->verdicts[id] == UNWANTED) {
		if (ev->lost)
			keep_lost(f, ev);
		return false;
	}
	if (f->nr_gaps)
		give_lost(f, ev);
	return true;
}
