/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Several sources as one: src_join.c hands out their sub-buffers, describe_join.c
 * describes them, join_ids.c gives their events ids that do not clash.
 */
#ifndef MERGE_JOIN_H
#define MERGE_JOIN_H

#include "describe.h"
#include "source.h"

/* common_type is a u16 */
#define JOIN_NR_IDS	65536u

/*
 * struct join_input - one of the sources
 * @src: owned once all are joined
 * @name: of its buffers in the whole; owned
 * @offset: added to its time stamps
 * @ids: what its ids are in the whole; 0 for one that was not met so far
 * @differs: bitmap of its ids whose events have another format in an earlier input
 * @nr_differs: bits that are set there
 * @notices: how many of its notices were passed on
 */
struct join_input {
	struct merge_source *src;
	char *name;
	uint64_t offset;
	uint16_t ids[JOIN_NR_IDS];
	uint8_t differs[JOIN_NR_IDS / 8];
	unsigned int nr_differs;
	unsigned int notices;
};

/* Whose event an id of the whole is; @input is NULL for an id that is free. */
struct join_id {
	struct join_input *input;
	unsigned int id;
};

/*
 * struct join - the private part of source and description
 * @one_boot: all are of one boot, as far as can be told
 * @symbols: the symbols of one are those of all
 * @from: by the index of a buffer, the buffer it stands for
 * @owner: by the same, the input which that is of
 */
struct join {
	struct join_input *inputs;
	size_t nr;
	struct join_id ids[JOIN_NR_IDS];
	bool one_boot;
	bool symbols;
	const struct merge_buffer **from;
	struct join_input **owner;
};

/*
 * Give all events that the inputs describe an id: that of an event of an earlier
 * input where the formats are equal, else its own when that is free, else another.
 * Return: 0, -ENOMEM, -EINTR
 */
int join_ids_assign(struct join *j);

/* The id in the whole of @id of @in, also of an event nobody describes; 0: none is left */
unsigned int join_id(struct join *j, struct join_input *in, unsigned int id);

/* describe_join.c: NULL: out of memory */
struct merge_desc *desc_join_create(struct join *j);

/*
 * Whether @b is of the boot that @a is of: the same kernel, at the same addresses.
 * Return: 1, or 0 with the reason in @why; negative errno. *@moved: addresses differ.
 */
int desc_same_boot(struct merge_desc *a, struct merge_desc *b, char *why, size_t size,
		   bool *moved);

#endif
