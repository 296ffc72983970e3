/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Earlier harvests: directories that have a manifest. */
#ifndef PSTORE_RB_KEPT_H
#define PSTORE_RB_KEPT_H

#include <time.h>

#include "libmerge.h"
#include "place.h"

#define KEPT_MANIFEST	"manifest.json"
/* Of what is known only to be of a boot before the one whose id follows */
#define KEPT_BEFORE	"before-"

/*
 * struct kept - a harvest
 * @made: when: the time of its manifest
 * @needed: it has what is still in pstore: without it that would be harvested anew
 * @stopped: what was recorded ended in order
 */
struct kept {
	char *name;
	struct timespec made;
	bool needed, stopped;
};

/* @path, @fd: what they are in; @all: the oldest first */
struct kept_list {
	const char *path;
	int fd;
	struct kept *all;
	size_t nr;
};

/*
 * @make: more are to be made: locked, as there is to be one run at a time, and without what
 * a run left that was killed. Return: 0; errno with @err set. The caller closes in every case.
 */
int kept_open(struct kept_list *k, const char *path, bool make, struct merge_error *err);
void kept_close(struct kept_list *k);

/* One more, the newest. Return: 0 or -ENOMEM */
int kept_add(struct kept_list *k, const char *name, const struct timespec *made);

/* Set .harvest of @f where one has the same file. Return: 0; -EINTR; -ENOMEM */
int kept_find(const struct kept_list *k, const struct place *p, struct place_file *f);

/* @name, or with "~2" and so on behind it what is not there yet; malloc'ed; NULL: no memory */
char *kept_new_name(const struct kept_list *k, const char *name);

/* A time for a new manifest: now, but behind those there are, whatever the clock says */
struct timespec kept_time(const struct kept_list *k);

/*
 * Remove all but the newest @keep of those that ended in order and of all others, so that
 * restarts push out no crash, and those that are needed. Return: how many were removed; @err
 * tells of the first that stays
 */
size_t kept_remove(struct kept_list *k, size_t keep, struct merge_error *err);

#endif
