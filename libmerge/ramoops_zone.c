// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Reading a zone: see ramoops_zone.h. As persistent_ram_save_old() of the kernel's
 * fs/pstore/ram_core.c does it, and persistent_ram_ecc_old() before.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "persist_header.h"
#include "ramoops_zone.h"

/* As persistent_ram_init_ecc() divides it */
uint32_t ramoops_room(uint64_t zone_size, uint32_t ecc)
{
	uint64_t room = zone_size - RAMOOPS_HEADER, blocks, parity;

	if (zone_size <= RAMOOPS_HEADER || zone_size > RAMOOPS_MAX_ZONE)
		return 0;
	if (!ecc)
		return (uint32_t)room;
	if (room <= ecc)
		return 0;
	blocks = (room - ecc + RAMOOPS_BLOCK + ecc - 1) / (RAMOOPS_BLOCK + ecc);
	parity = (blocks + 1) * ecc;
	return parity < room ? (uint32_t)(room - parity) : 0;
}

/* The ring as it lies there, with the parity of its blocks behind it */
struct ring {
	uint8_t *bytes;
	uint32_t start, size, room;
};

/* Each block that has anything written in it; the last may be shorter */
static void correct(struct ring *r, uint32_t ecc, struct ramoops_log *log)
{
	const uint8_t *parity = r->bytes + r->room;
	struct ecc e;

	ecc_init(&e);
	for (uint32_t at = 0; at < r->size; at += RAMOOPS_BLOCK, parity += ecc) {
		uint32_t left = r->room - at;
		int wrong = ecc_correct(&e, r->bytes + at, left < RAMOOPS_BLOCK ? left : RAMOOPS_BLOCK,
					parity, ecc);

		if (wrong < 0)
			log->bad_blocks++;
		else
			log->corrected += (uint32_t)wrong;
	}
}

static int read_ring(const struct merge_region_io *io, const struct ramoops_zone *z,
		     uint32_t ecc, struct ring *r, struct ramoops_log *log)
{
	uint32_t blocks = (r->size + RAMOOPS_BLOCK - 1) / RAMOOPS_BLOCK;
	uint64_t size = ecc ? r->room + (uint64_t)blocks * ecc : r->size;
	int ret;

	r->bytes = malloc(size + 1);
	if (!r->bytes)
		return -ENOMEM;
	ret = persist_read(io, z->pos + RAMOOPS_HEADER, r->bytes, size, &log->lost);
	if (!ret && ecc)
		correct(r, ecc, log);
	return ret;
}

/*
 * The size is counted before the place to write at moves on: in between, a ring that was
 * not full looks as one that had gone round.
 */
static int unroll(const struct ring *r, struct ramoops_log *log)
{
	bool full = r->start < r->size && (!r->room || r->size == r->room);
	uint32_t old = full ? r->size - r->start : 0;

	log->data = malloc(r->size + 1);
	if (!log->data)
		return -ENOMEM;
	log->size = r->size;
	log->wrapped = full;
	log->wrapped_at = old;
	log->torn = full ? 0 : r->size - r->start;
	memcpy(log->data, r->bytes + r->size - old, old);
	memcpy(log->data + old, r->bytes, r->size - old);
	log->data[r->size] = '\0';
	return 0;
}

int ramoops_zone_read(const struct merge_region_io *io, const struct ramoops_area *area,
		      const struct ramoops_zone *z, struct ramoops_log *log)
{
	uint32_t ecc = z->zone_size ? area->ecc : 0;
	struct ring r = { .start = z->start, .size = z->size };
	int ret;

	*log = (struct ramoops_log){ .no_parity = area->ecc && !ecc };
	r.room = z->zone_size ? ramoops_room(z->zone_size, ecc) : 0;
	/* by chance a header may stand where none of these zones begins */
	if (z->zone_size && !r.room)
		log->why = "it has no room for anything";
	else if (r.room && r.size > r.room)
		log->why = "more was written than it has room for";
	else if (z->pos > io->size || io->size - z->pos < RAMOOPS_HEADER)
		log->why = "it lies behind the end";
	if (log->why)
		return 0;
	ret = read_ring(io, z, ecc, &r, log);
	if (!ret)
		ret = unroll(&r, log);
	free(r.bytes);
	return ret;
}

void ramoops_log_deinit(struct ramoops_log *log)
{
	free(log->data);
	log->data = NULL;
}
