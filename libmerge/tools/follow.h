/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A running kernel's events, as they come: what report --follow adds to report. */
#ifndef PSTORE_RB_FOLLOW_H
#define PSTORE_RB_FOLLOW_H

#include "capture.h"
#include "options.h"

/*
 * struct follow - one run
 * @capture: what describes the kernel, in a directory that is removed at the end
 * @src: the ring
 * @named: when names of tasks were looked at last, in ns
 */
struct follow {
	struct capture capture;
	struct merge_source *src;
	uint64_t named;
};

#define FOLLOW_INIT	{ .capture = CAPTURE_INIT }

/*
 * The ring that @opt names with -b, else the top-level one; f->src is it. Ctrl-C ends it
 * from now on. Return: 0; else an exit status, all complained of
 */
int follow_open(struct follow *f, struct options *opt);

/* merge_watch.wait: wait a moment, and look for new tasks */
void follow_wait(void *follow);

void follow_close(struct follow *f);

#endif
