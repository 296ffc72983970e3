/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trace.dat files put together by hand, and what the source makes of them, for tests. */
#ifndef DAT_IN_H
#define DAT_IN_H

#include "dat-make.h"
#include "mkimage.h"

/* The file that the sink makes of the image @text, as a source. @place is filled */
struct merge_source *dat_in_sunk(struct dat_place *place, unsigned int version,
				 const char *text);

/* Close it and remove the file */
void dat_in_close(struct merge_source *src, struct dat_place *place);

/* All events as lines of text, without those that begin with "#"; malloc'ed */
char *dat_in_events(struct merge_source *src);

/* "CPU TIME NUMBER LOST" of each event, the number that images have; malloc'ed */
char *dat_in_numbers(struct merge_source *src);

/* All notices, each with a newline behind; malloc'ed */
char *dat_in_notices(const struct merge_source *src);

/*
 * A file of version 7 put together anew from what the sink wrote
 * @zip: "none", "zlib", "zstd"
 * @chunk: bytes that are compressed in one piece
 * @front: a copy of the options stands in front, where the head points: as when
 *	trace-cmd record writes
 * @extra, @extra_id: text of one option more, unless NULL
 * @data, @size: the file
 * @offsets: where its parts begin: sections and data of CPUs, ascending
 */
struct dat_hand {
	const char *zip;
	size_t chunk;
	bool front;
	unsigned int extra_id;
	const char *extra;
	uint8_t *data;
	size_t size;
	uint64_t offsets[64];
	size_t nr_offsets;
	bool big;
};

/* Of the image @text; free hand->data */
void dat_hand_make(struct dat_hand *hand, const char *text);

/* The first @size bytes of it as a source; NULL with @err filled when it is refused */
struct merge_source *dat_hand_open(const struct dat_hand *hand, size_t size,
				   struct dat_place *place, struct merge_error *err);

#endif
