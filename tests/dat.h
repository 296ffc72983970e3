/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A reader of trace.dat files of version 7 for the tests, written after
 * trace-cmd's documentation and not after libmerge/sink_tracedat.c. It aborts
 * the test at the first thing it does not understand.
 */
#ifndef DAT_H
#define DAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dat_option {
	unsigned int id;
	uint32_t size;
	const uint8_t *data;
};

struct dat_section {
	unsigned int id;
	uint64_t offset;	/* of its header */
	uint64_t size;
	const uint8_t *data;
};

struct dat_ring_cpu {
	uint32_t cpu;
	uint64_t offset;
	uint64_t size;
};

/* A BUFFER option */
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
	bool big_endian;
	unsigned int long_size;
	uint32_t page_size;
	struct dat_section sections[40];
	size_t nr_sections;
	struct dat_option options[80];
	size_t nr_options;
	struct dat_ring rings[8];
	size_t nr_rings;
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
/* What stands behind the section's size of @size_bytes bytes; malloc'ed text */
char *dat_section_text(const struct dat *dat, unsigned int id, unsigned int size_bytes);

#endif
