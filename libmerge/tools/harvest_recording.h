/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One recording of an image while it is harvested. */
#ifndef PSTORE_RB_HARVEST_RECORDING_H
#define PSTORE_RB_HARVEST_RECORDING_H

#include "harvest.h"
#include "info.h"
#include "persist_find.h"
#include "term.h"

/*
 * struct recording - one of them
 * @first, @last: times of its events, on its clock, and by the wall; "" when unknown
 * @damage: JSON
 * @ret: 1 when a part is missing or damaged
 */
struct recording {
	struct harvest *h;
	const char *image;
	const struct persist_slot *slot;
	struct merge_source *src;
	struct info *info;
	struct progress progress;
	char dat[40], text[40];
	char first[24], last[24], from[WALL_SIZE], to[WALL_SIZE];
	struct textbuf damage;
	unsigned int nr_damage;
	int ret;
};

/* merge_damage_fn: note it for the manifest; @recording */
void recording_damage(void *recording, const struct merge_damage *damage);
/* The same of what is in no file, as a reader had consumed it. Return: 0 or errno */
int recording_damage_apart(struct recording *r, struct merge_error *err);

/* Find out when it was. Return: 0; -EINTR; -ENOMEM */
int recording_span(struct recording *r, struct merge_error *err);

/* All that is known goes to the harvest */
void recording_tell(struct recording *r);

/* Where the region of all slots begins */
uint64_t recording_area(const struct persist_header *h);

void recording_boot_id(const struct persist_header *h, char text[BOOT_ID_SIZE]);

#endif
