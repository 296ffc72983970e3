/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The state of the trace.dat sink, which sink_tracedat.c shares with the versions. */
#ifndef MERGE_TRACEDAT_H
#define MERGE_TRACEDAT_H

#include "describe.h"
#include "page_pack.h"
#include "textbuf.h"
#include "tracedat_file.h"
#include "tracedat_meta.h"

/* FNV-1a */
#define TRACEDAT_HASH_START	0xcbf29ce484222325u

/* Sub-buffers that follow one another in the spool */
struct dat_run {
	uint64_t pos;
	uint64_t size;
};

/*
 * @offset, @size: of its sub-buffers in the file
 * @oldest: time stamp of its first sub-buffer
 * @runs: where its sub-buffers are in the spool, if they were put there
 * @pack: the sub-buffer its events go into, when events come
 */
struct dat_cpu {
	const struct merge_cpu *cpu;
	uint64_t offset;
	uint64_t size;
	uint64_t oldest;
	struct dat_run *runs;
	size_t nr_runs;
	struct page_pack pack;
};

/*
 * @name: what it is called in the file, "" the top-level ring; owned
 * @section: where its section starts; of version 6, where its "flyrecord" does
 * @option: where in the options @section is to be told
 */
struct dat_buffer {
	const struct merge_buffer *buf;
	char *name;
	uint64_t section;
	size_t option;
	struct dat_cpu *cpus;
	unsigned int nr_cpus;
};

/*
 * struct dat - the sink
 * @src: where all comes from, once something came
 * @version: of the file, 6 or 7
 * @spool: for what cannot be written in order; no path: not needed so far
 * @buffers: all that were begun
 * @open: a section is open, that of a buffer
 * @options: the options, encoded as they come
 * @trace_id: a hash over what the file is made from
 * @head_options: where in the file the offset of the options is told
 * @zip: how it is compressed, NULL: not at all; @zip_ops: what does that
 * @plain: a section before it is compressed; no path: not needed so far
 * @ids: bitmap of the ids of the events that came one by one
 */
struct dat {
	struct merge_source *src;
	unsigned int version;
	struct datfile file;
	struct datfile spool;
	struct dat_buffer *buffers;
	size_t nr_buffers;
	bool open;
	struct textbuf options;
	uint64_t trace_id;
	uint64_t head_options;
	struct tracedat_zip *zip;
	const struct tracedat_zip_ops *zip_ops;
	struct datfile plain;
	uint8_t ids[DAT_NR_IDS / 8];
};

/* The private part of a trace.dat sink; NULL: another kind of sink */
struct dat *tracedat_of(const struct merge_sink *sink);

/* The top-level ring's buffer, or NULL */
struct dat_buffer *tracedat_top(const struct dat *dat);

/* What @buf is to be called, unlike all so far; malloc'ed, NULL: out of memory */
char *tracedat_name(const struct dat *dat, const struct merge_buffer *buf);

/* Take @data into the trace id */
void tracedat_hash(struct dat *dat, const void *data, size_t len);

/* The magic and what follows it in both versions */
void tracedat_put_magic(struct dat *dat, uint32_t page_size);

/* Add an option of one number */
void tracedat_option_number(struct dat *dat, enum tracedat_id id, uint64_t value,
			    unsigned int size);

/* Add what is to be said of buffers and boot */
void tracedat_options(struct dat *dat, const struct merge_desc *d);

/* CPUs there are, as the option CPUCOUNT says */
unsigned int tracedat_cpu_count(const struct dat *dat, const struct merge_desc *d);

/* The clock of the file: the top-level ring's, else the first buffer's; NULL without any */
const char *tracedat_clock(const struct dat *dat);

/* tracedat_v6.c: the whole file of version 6, but the finishing */
int tracedat_put_v6(struct dat *dat, const uint8_t *ids, struct merge_error *err);

#endif
