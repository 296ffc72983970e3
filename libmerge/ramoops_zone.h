/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is written in one zone of ramoops, the oldest byte first. */
#ifndef MERGE_RAMOOPS_ZONE_H
#define MERGE_RAMOOPS_ZONE_H

#include "ramoops_ecc.h"
#include "ramoops_find.h"

/*
 * struct ramoops_log - what a zone holds
 * @data, @size: malloc'ed; followed by a 0
 * @wrapped: @data begins where the ring was about to be written over
 * @wrapped_at: offset in @data of the ring's own beginning
 * @torn: so many bytes at the end were counted, and not yet written
 * @lost: bytes that could not be read, zeros in their place
 * @corrected, @bad_blocks: by parity: bytes that were wrong, and blocks that stay wrong
 * @no_parity: there is parity, and where is not known
 * @why: not NULL: nothing of it can be used, and this is why
 */
struct ramoops_log {
	uint8_t *data;
	uint32_t size;
	bool wrapped, no_parity;
	uint32_t wrapped_at, torn;
	uint64_t lost;
	uint32_t corrected, bad_blocks;
	const char *why;
};

/*
 * Read @z of @area. Return: 0, also when log->why says that there is nothing; then
 * ramoops_log_deinit(); -EINTR; -ENOMEM
 */
int ramoops_zone_read(const struct merge_region_io *io, const struct ramoops_area *area,
		      const struct ramoops_zone *z, struct ramoops_log *log);
void ramoops_log_deinit(struct ramoops_log *log);

/* Bytes of data in a zone of @zone_size with @ecc bytes of parity a block; 0: it cannot be */
uint32_t ramoops_room(uint64_t zone_size, uint32_t ecc);

#endif
