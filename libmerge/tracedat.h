/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The state of the trace.dat sink, which sink_tracedat.c and its options share. */
#ifndef MERGE_TRACEDAT_H
#define MERGE_TRACEDAT_H

#include "describe.h"
#include "textbuf.h"
#include "tracedat_file.h"

/* FNV-1a */
#define TRACEDAT_HASH_START	0xcbf29ce484222325u

/* @oldest: time stamp of its first sub-buffer */
struct dat_cpu {
	const struct merge_cpu *cpu;
	uint64_t offset;
	uint64_t size;
	uint64_t oldest;
};

struct dat_buffer {
	const struct merge_buffer *buf;
	uint64_t section;
	struct dat_cpu *cpus;
	unsigned int nr_cpus;
};

/*
 * struct dat - the sink
 * @buffers: all that were begun; the last one is open
 * @options: the options, encoded as they come
 * @trace_id: a hash over what the file is made from
 * @started: the head is written
 */
struct dat {
	struct datfile file;
	struct dat_buffer *buffers;
	size_t nr_buffers;
	struct textbuf options;
	uint64_t trace_id;
	bool started;
};

/* The top-level ring's buffer, or NULL */
const struct dat_buffer *tracedat_top(const struct dat *dat);

/* Take @data into the trace id */
void tracedat_hash(struct dat *dat, const void *data, size_t len);

/* Add an option of one number */
void tracedat_option_number(struct dat *dat, enum tracedat_id id, uint64_t value,
			    unsigned int size);

/*
 * Add what is to be said of buffers and boot, write all options and point the
 * head at them. Return: 0 or a negative errno
 */
int tracedat_put_options(struct dat *dat, const struct merge_desc *d, struct merge_error *err);

#endif
