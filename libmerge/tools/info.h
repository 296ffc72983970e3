/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What there is to know of a source before its events are read. */
#ifndef PSTORE_RB_INFO_H
#define PSTORE_RB_INFO_H

#include "libmerge.h"

/* common_type has 16 bits */
#define INFO_IDS	65536u

enum { INFO_ABSENT, INFO_KNOWN, INFO_UNKNOWN };

/*
 * struct info - what a source holds, decoded once
 * @stats: sums over all buffers, those that are apart included
 * @kinds: by type of event, INFO_*: does it occur, is there a format of it
 * @nr_kinds: types that occur; @nr_known: those with a format
 * @cpus: of every CPU of every buffer, one buffer after the other
 * @indices: of all buffers
 */
struct info {
	struct merge_about about;
	struct merge_stats stats;
	uint8_t kinds[INFO_IDS];
	unsigned int nr_kinds, nr_known;
	struct merge_stats *cpus;
	unsigned int *indices;
};

/* Return: 0 all is there, 1 a part is missing or damaged, negative errno */
int info_collect(struct merge_source *src, struct merge_error *err, struct info **out);
void info_free(struct info *info);

/* One object on one line. Return: 0 or -ENOMEM */
int info_print_json(struct merge_source *src, const char *path, const struct info *info,
		    FILE *out);

struct textbuf;
/* A member of such an object: what the source could not give */
void info_put_notices(struct textbuf *b, struct merge_source *src);

#endif
