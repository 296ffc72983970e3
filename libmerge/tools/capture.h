/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The description of a tracefs, copied file by file to where src_pages.c and
 * describe_dir.c look for it. No file is opened that takes events away.
 *
 * Of a directory that is not a tracefs, such as a copy, nothing is said that is this
 * machine's: its kallsyms, uname and so on are to lie in it, by the names they get here.
 */
#ifndef PSTORE_RB_CAPTURE_H
#define PSTORE_RB_CAPTURE_H

#include "outdir.h"
#include "term.h"

/*
 * struct capture - one run
 * @path, @tracefs: where it is read
 * @root: the machine's /; -1: @path is no tracefs, and has all
 * @again: what is there already is replaced
 * @files, @traced: files written; those of them that come from the tracefs
 * @unread: what could not be read
 */
struct capture {
	const char *path;
	int tracefs, root;
	bool again;
	struct outdir out;
	struct progress progress;
	unsigned int files, traced, unread;
	struct merge_error err;
};

#define CAPTURE_INIT	{ .tracefs = -1, .root = -1, .out.fd = -1 }

/*
 * All but capture_close() return 0 or a negative errno, c->err set. Files that cannot
 * be read are told of on stderr and counted.
 */

/* @path: of the tracefs, NULL: find it */
int capture_open(struct capture *c, const char *path);
/* Everything, into c->out, which is open */
int capture_all(struct capture *c);

/*
 * For a recording of @instance, "" the top-level one: what describes that ring and the
 * machine, and formats of the kernel's own events. Other events: capture_event().
 */
int capture_ring(struct capture *c, const char *instance);
/* The format of @name, "SYSTEM:EVENT", unless it is there */
int capture_event(struct capture *c, const char *name);
/* Those of all events that are enabled in @instance */
int capture_enabled(struct capture *c, const char *instance);
/* The names of tasks that the kernel has saved, once more */
int capture_names(struct capture *c);
/* When all is recorded: what the kernel counted, and the names of tasks once more */
int capture_end(struct capture *c, const char *instance);

/* Also removes c->out unless that is finished */
void capture_close(struct capture *c);

#endif
