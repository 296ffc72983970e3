/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A recording into a directory that src_pages.c reads: all CPUs of one ring, and what
 * describes them.
 */
#ifndef PSTORE_RB_REC_SESSION_H
#define PSTORE_RB_REC_SESSION_H

#include "capture.h"
#include "rec_command.h"
#include "rec_cpu.h"
#include "rec_tracefs.h"

/*
 * struct rec_session - one run
 * @capture: what describes it; capture.out is the directory
 * @tracefs: its settings
 * @stop: an eventfd, readable: a CPU's thread gave up, or all shall end
 * @cpus: of the ring, by ascending number
 * @stopped: the user ended it
 * @cpu_time: processor time that recording took, in us
 * @err: what ended it
 */
struct rec_session {
	const struct options *opt;
	struct capture capture;
	struct rec_tracefs tracefs;
	int stop;
	struct rec_cpu *cpus;
	unsigned int nr_cpus;
	struct rec_command command;
	bool stopped;
	uint64_t cpu_time;
	struct merge_error err;
};

/*
 * Into @dir, which must not be there and gets its name by outdir_finish() only.
 * Return: 0; -EINVAL what @opt wants is not there; another negative errno. r->err is set
 * then, all settings are as before
 */
int rec_session_open(struct rec_session *r, const struct options *opt, const char *dir);

/*
 * Record until the command ends, the user stops it, or nothing can be written. All
 * settings are as before then. Return: 0; a negative errno with r->err set: something
 * failed, what was recorded before is there
 */
int rec_session_run(struct rec_session *r);

/* Sub-buffers written, written over, and that could not be written */
struct rec_sums {
	uint64_t kept, over, unwritten;
};

struct rec_sums rec_session_sums(const struct rec_session *r);

/* Also removes the directory unless that is finished. The command is waited for, unless stopped */
void rec_session_close(struct rec_session *r);

#endif
