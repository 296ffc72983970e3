/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The sections of a trace.dat file that describe the traced boot. Each returns
 * 0 or a negative errno that ends the writing (-EINTR, -ENOMEM); what the
 * description cannot give is left out.
 */
#ifndef MERGE_TRACEDAT_META_H
#define MERGE_TRACEDAT_META_H

#include "describe.h"
#include "tracedat_file.h"

/* Event ids there can be */
#define DAT_NR_IDS	65536u

/*
 * What sections are made from
 * @subbuf_size: of the top-level ring, for header_page
 * @ids: bitmap of the event ids whose formats are wanted
 */
struct dat_meta {
	struct datfile *file;
	struct merge_source *src;
	struct merge_desc *desc;
	uint32_t subbuf_size;
	const uint8_t *ids;
};

struct dat_meta_section {
	enum tracedat_id id;
	int (*write)(const struct dat_meta *m);
};

/* All of them, up to a row without @write, in the order of version 6 */
extern const struct dat_meta_section dat_meta_sections[];

/* Write one. Return: 0 or a negative errno, also that of the file */
int dat_meta_put(const struct dat_meta *m, const struct dat_meta_section *s,
		 struct merge_error *err);

#endif
