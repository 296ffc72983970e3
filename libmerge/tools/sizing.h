/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How large a region for the tracer pstore must be, and how it is asked for. */
#ifndef PSTORE_RB_SIZING_H
#define PSTORE_RB_SIZING_H

#include <stdbool.h>
#include <stdint.h>

#include "textbuf.h"

/* What is reckoned with as long as nothing was measured */
#define SIZING_RATE		20000u	/* events a second on a CPU */
#define SIZING_EVENT		48u	/* bytes: a function takes 28, a sched_switch 68 */
#define SIZING_SYMBOLS		(1u << 20)
#define SIZING_ADDRESS		0x20000000u
#define SIZING_PAGE		4096u

/* Of a sub-buffer, for events */
#define SIZING_SUBBUF_DATA	(SIZING_PAGE - 16)

/*
 * struct sizing - a slot as the kernel divides it
 * @tables, @seals, @chunks: where these begin, in bytes from its start
 * @symbols: there is room for the kernel's symbols
 * @subbufs: of each CPU
 * @data: bytes of events that are there of each CPU, at any time at least
 */
struct sizing {
	uint64_t tables, seals, chunks;
	bool symbols;
	uint64_t subbufs, data;
};

/* As the kernel divides @slot_size bytes. Return: 0 or -ENOSPC: not enough for @nr_cpus */
int sizing_divide(uint64_t slot_size, unsigned int nr_cpus, uint64_t symbols, struct sizing *s);

/* The least, in whole MiB, with @data bytes of events of each CPU, and symbols */
uint64_t sizing_slot(uint64_t data, unsigned int nr_cpus, uint64_t symbols);

/*
 * struct sizing_plan - what the kernel's command line is to ask for
 * @name: of the memory
 * @trace: bytes for the trace; the whole area is larger, for messages
 * @slots: recordings there is room for
 * @area: bytes of the whole area; 0: as much more as messages need
 * @address: where; 0: SIZING_ADDRESS
 */
struct sizing_plan {
	const char *name;
	uint64_t trace, area, address;
	unsigned int slots;
};

/* Bytes of the whole area */
uint64_t sizing_area(const struct sizing_plan *plan);

/* The words of the command line, without a newline */
void sizing_command_line(const struct sizing_plan *plan, struct textbuf *b);

/* "64M", as the kernel reads it, or "1234 KiB" and so on, for people */
void sizing_put(struct textbuf *b, uint64_t bytes);

#endif
