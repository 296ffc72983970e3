/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether a machine is set up to leave a trace: findings, and what they share. */
#ifndef PSTORE_RB_CHECK_H
#define PSTORE_RB_CHECK_H

#include "iomem.h"
#include "options.h"
#include "sizing.h"
#include "textbuf.h"

enum check_state { CHECK_OK, CHECK_WARNING, CHECK_MISSING };

#define CHECK_STATES	3

/*
 * struct check_region - what ramoops has; all 0 when it has none for a trace
 * @area, @area_size: its whole memory
 * @phys, @size: the part of it for the trace
 * @slots: recordings
 * @symbols: those of the kernel are stored
 * @fixed: it is at the same address in each boot
 */
struct check_region {
	char name[64];
	uint64_t area, area_size, phys, size;
	unsigned int slots;
	bool symbols, fixed;
};

/*
 * struct check - one run
 * @root: the machine's /
 * @tracefs: where it is below the root, or NULL
 * @cmdline: of the kernel, "" when it cannot be read
 * @iomem: with @has_iomem
 * @nr_cpus: possible ones, 0 when unknown
 * @sizes: of a slot, with @divided
 * @instance: that uses the region: "" or "/instances/NAME"; NULL: none
 * @bytes_per_second: of events, of the CPU with the most; 0: nobody knows
 * @short_history: it does not go back far enough
 * @out: findings, as lines or as JSON; @counts: of them, by state
 */
struct check {
	const struct options *opt;
	int root;
	const char *tracefs;
	char *cmdline;
	struct iomem iomem;
	bool has_iomem, divided, short_history;
	unsigned int nr_cpus;
	struct check_region region;
	struct sizing sizes;
	char *instance;
	double bytes_per_second;
	struct textbuf out;
	unsigned int counts[CHECK_STATES];
};

/* @what is @state, for the reason in @fmt; @todo: what to do, or NULL */
void check_say(struct check *c, enum check_state state, const char *what, const char *todo,
	       const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* A file below the root, without the newline at its end; malloc'ed; NULL: it cannot be read */
char *check_read(const struct check *c, const char *path);
/* The number in it, with K, M or G behind it or not; @otherwise when there is none */
uint64_t check_number(const struct check *c, const char *path, uint64_t otherwise);
/* As the kernel's memparse(); @end is set behind it */
uint64_t check_memparse(const char *text, const char **end);

/* check_region.c: what has the memory, where, how large */
void check_ramoops(struct check *c);
void check_placement(struct check *c);
void check_memory(struct check *c);
void check_size(struct check *c);
void check_address(struct check *c);

/* check_trace.c: what is recorded there */
void check_tracer(struct check *c);
void check_recording(struct check *c);
void check_history(struct check *c);
void check_symbols(struct check *c);

/* check_host.c: what becomes of it after a crash */
void check_kdump(struct check *c);
void check_firmware(struct check *c);
void check_restart(struct check *c);
void check_harvest(struct check *c);

#endif
