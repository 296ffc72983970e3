/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One CPU while it is recorded: a thread that takes sub-buffers out of its ring and
 * puts them into a file. It sleeps until tracefs' buffer_percent of the ring is full.
 */
#ifndef PSTORE_RB_REC_CPU_H
#define PSTORE_RB_REC_CPU_H

#include <pthread.h>

#include "live_stage.h"
#include "rec_file.h"

/*
 * struct rec_cpu - one CPU
 * @stop: an eventfd that becomes readable when the recording ends
 * @reader: of its ring, read by @way
 * @file: where sub-buffers go, when @stage is full
 * @running: there is a thread
 * @unwritten: sub-buffers that could not be written
 * @error: negative errno that ended it; @doing: what it was doing then
 */
struct rec_cpu {
	unsigned int cpu;
	int stop;
	struct live_reader *reader;
	const char *way;
	struct rec_file file;
	struct live_stage stage;
	pthread_t thread;
	bool running;
	uint64_t unwritten;
	int error;
	const char *doing;
};

/* @c has cpu, stop, reader and an open file. Return: 0 or a negative errno */
int rec_cpu_start(struct rec_cpu *c);

/*
 * Recording is off, and @stop readable: wait until the rest is read and written.
 * The reader is closed, so that the ring may be changed.
 */
void rec_cpu_finish(struct rec_cpu *c);

#endif
