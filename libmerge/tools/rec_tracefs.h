/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What recording changes in tracefs, and how it is put back. */
#ifndef PSTORE_RB_REC_TRACEFS_H
#define PSTORE_RB_REC_TRACEFS_H

#include <tracefs.h>

#include "options.h"

/*
 * struct rec_tracefs - one ring of it
 * @instance: its handle, NULL: the top-level one
 * @name: its name, "" the top-level one
 * @made: it was not there before, and will not be after
 * @changed, @resized: what is to be put back
 * @saved: what its files said before, in the order of restoring; NULL: left alone
 */
struct rec_tracefs {
	struct tracefs_instance *instance;
	const char *name;
	bool made;
	bool changed, resized;
	char *saved[4];
};

/* The ring @name of the tracefs at @path, made if need be. Return: 0; negative errno, @err set */
int rec_tracefs_open(struct rec_tracefs *t, const char *path, const char *name,
		     struct merge_error *err);

/*
 * Recording off, the ring empty, of the size, with the tracer and the events that @opt
 * wants and no others. Return: 0; negative errno, @err set: -EINVAL for what this kernel
 * does not have
 */
int rec_tracefs_set(struct rec_tracefs *t, const struct options *opt, struct merge_error *err);

/* Return: 0; negative errno, @err set */
int rec_tracefs_on(struct rec_tracefs *t, bool on, struct merge_error *err);

/* The events that are enabled, lines of "SYSTEM:EVENT", malloc'ed; NULL: cannot be read */
char *rec_tracefs_events(struct rec_tracefs *t);

/* As it was. No reader may have the ring mapped. Return: 0; negative errno, @err set */
int rec_tracefs_restore(struct rec_tracefs *t, struct merge_error *err);
void rec_tracefs_close(struct rec_tracefs *t);

#endif
