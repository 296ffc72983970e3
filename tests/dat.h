/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A reader of trace.dat files of versions 6 and 7 for the tests, written after
 * trace-cmd's documentation and not after libmerge/sink_tracedat.c. It aborts
 * the test at the first thing it does not understand.
 */
#ifndef DAT_H
#define DAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Options and sections, as trace-cmd numbers them */
enum {
	OPTIONS = 0, CPUSTAT = 2, BUFFER = 3, TRACECLOCK = 4, UNAME = 5, CPUCOUNT = 8, VERSION = 9, TRACEID = 11,
	HEADER_INFO = 16, FTRACE_EVENTS = 17, EVENT_FORMATS = 18, KALLSYMS = 19, PRINTK = 20,
	CMDLINES = 21,
};

struct dat_option {
	unsigned int id;
	uint32_t size;
	const uint8_t *data;
};

struct dat_section {
	unsigned int id;
	uint64_t offset;	/* of its header; of version 6 of its data */
	uint64_t size;
	const uint8_t *data;
};

struct dat_ring_cpu {
	uint32_t cpu;
	uint64_t offset;
	uint64_t size;
};

/*
 * A BUFFER option; of version 6 the top-level table, too, which then comes first.
 * Of version 6 @cpus has only the entries that are not empty, and nothing ends @clock,
 * "[mono]".
 */
struct dat_ring {
	const char *name;
	const char *clock;
	uint64_t section;
	uint32_t page_size;
	uint32_t nr_cpus;
	struct dat_ring_cpu cpus[8];
};

struct dat {
	uint8_t *bytes;
	size_t size;
	unsigned int version;
	bool big_endian;
	unsigned int long_size;
	uint32_t page_size;
	struct dat_section sections[40];
	size_t nr_sections;
	struct dat_option options[80];
	size_t nr_options;
	struct dat_ring rings[8];
	size_t nr_rings;
	uint32_t nr_cpus;	/* of version 6, entries of every table */
	char *clock;		/* of version 6, behind the first table */
};

struct dat *dat_open(const char *path);
void dat_close(struct dat *dat);

uint64_t dat_number(const struct dat *dat, const uint8_t *data, unsigned int size);
/* The only option of this id */
const struct dat_option *dat_option(const struct dat *dat, unsigned int id);
/* The texts of all options of this id, each with a "|" behind; malloc'ed */
char *dat_texts(const struct dat *dat, unsigned int id);
/* The section the option of this id points at */
const struct dat_section *dat_section(const struct dat *dat, unsigned int id);
/*
 * All events of a CPU of a ring as "TIME number" lines: time stamps, and what an
 * image's records have at byte 4; "lost N" before. malloc'ed
 */
char *dat_events(const struct dat *dat, const struct dat_ring *ring,
		 const struct dat_ring_cpu *cpu);
/* What stands behind the section's size of @size_bytes bytes; malloc'ed text */
char *dat_section_text(const struct dat *dat, unsigned int id, unsigned int size_bytes);

#endif
