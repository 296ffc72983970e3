/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Persistent regions (docs/format.md) made in memory of what any source has: as the
 * kernel's tracer would have written them, by code of its own.
 */
#ifndef MKPERSIST_H
#define MKPERSIST_H

#include "persist_format.h"
#include "source.h"

#define PERSIST_MAX_CPUS	16
#define PERSIST_ARMING		0x1badb002u
/* Bytes of the chunk in front of its sub-buffers */
#define PERSIST_NOTES		4096u

/*
 * struct persist_how - the slot that is wanted
 * @arming: 0: PERSIST_ARMING
 * @generation, @slot, @nr_slots, @phys: 0: as of the only slot at 0x10000000
 * @consumed: so many of the first sub-buffers of each CPU are consumed
 * @instance: NULL: the top-level one
 */
struct persist_how {
	uint32_t arming;
	uint64_t generation, phys;
	uint32_t slot, nr_slots, flags;
	size_t consumed;
	const char *instance;
};

/* One CPU: @nr sub-buffers have events, each with one more behind that is empty */
struct persist_made_cpu {
	uint32_t cpu;
	size_t nr;
	uint64_t subbufs, seals;
};

/*
 * struct persist_made - a slot
 * @copies: where the copies of the header are
 * @tables, @tables_end, @comms: where they are
 */
struct persist_made {
	uint8_t *data;
	size_t size;
	uint64_t copies[2];
	uint64_t tables, tables_end, tables_size, comms;
	uint32_t nr_comms, arming, subbuf_size, long_size;
	bool big;
	size_t nr_cpus;
	struct persist_made_cpu cpus[PERSIST_MAX_CPUS];
};

/* Of the first buffer of @src; the last sub-buffer of each CPU is not sealed. Aborts on failure */
void persist_make(struct persist_made *m, struct merge_source *src, const struct persist_how *how);
void persist_made_free(struct persist_made *m);

/* Where sub-buffer @k of a CPU, in order of time, and its seal are; @k = nr: the empty one */
uint64_t persist_subbuf_at(const struct persist_made *m, size_t cpu, size_t k);
uint64_t persist_seal_at(const struct persist_made *m, size_t cpu, size_t k);

/* Seal it as number @sequence, as it is now */
void persist_seal(struct persist_made *m, size_t cpu, size_t k, uint64_t sequence);

/* How many entries of @type there are */
unsigned int persist_entries(const struct persist_made *m, uint32_t type);

/* Where the @n-th entry of the tables of @type begins; aborts when there is none */
uint64_t persist_entry_at(const struct persist_made *m, uint32_t type, unsigned int n);

/* Numbers of the frame */
void persist_put(struct persist_made *m, uint64_t at, size_t size, uint64_t value);
uint64_t persist_get(const struct persist_made *m, uint64_t at, size_t size);

/* Make the crc of a copy of the header, of an entry at @at, of command name @i right again */
void persist_sign(struct persist_made *m, unsigned int copy);
void persist_sign_entry(struct persist_made *m, uint64_t at);
void persist_sign_comm(struct persist_made *m, uint32_t i);

/* Bit by bit */
uint32_t persist_crc(uint32_t crc, const void *data, size_t size);

#endif
