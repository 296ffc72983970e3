/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A ring mapped into the reader (Linux 6.10: include/uapi/linux/trace_mmap.h,
 * Documentation/trace/ring-buffer-map.rst): a page that says what is where, then all
 * sub-buffers by their ids. One of them, the reader's, is out of the ring: no writer
 * comes to it but one that is still on it. The ioctl marks all of it as read; when it
 * was so already, it is put back into the ring in exchange for the oldest one there.
 *
 * What this memory says is checked: it is the kernel's, but the reader runs as root.
 */
#ifndef MERGE_LIVE_MAP_H
#define MERGE_LIVE_MAP_H

#include "live_reader.h"

/* struct trace_buffer_meta, up to what is used of it; host's byte order */
struct live_meta {
	uint32_t meta_page_size;
	uint32_t meta_struct_len;
	uint32_t subbuf_size;
	uint32_t nr_subbufs;
	struct {
		uint64_t lost_events;
		uint32_t id;
		uint32_t read;
	} reader;
	uint64_t flags;
	uint64_t entries;
	uint64_t overrun;
	uint64_t read;
};

_Static_assert(sizeof(struct live_meta) == 64 && offsetof(struct live_meta, entries) == 40,
	       "the kernel's own places");

/* TRACE_MMAP_IOCTL_GET_READER, _IO('R', 0x20) */
#define LIVE_GET_READER		0x5220u

/*
 * struct live_map - a mapped ring
 * @memory, @size: the map
 * @get_reader: the ioctl. Return: 0 or a negative errno; @arg is the map's owner's
 * @id, @ts, @read: the reader's sub-buffer as it was given last: which one, its time
 *	stamp, the end of what was given; @given: it was
 * @base: events of it before this were another reader's
 * @lost: events lost before it
 * @told: losses that were told of so far, or others were told of
 */
struct live_map {
	const uint8_t *memory;
	size_t size;
	uint32_t subbuf_size;
	uint32_t long_size;
	uint32_t nr_subbufs;
	uint32_t meta_size;
	int (*get_reader)(void *arg);
	void *arg;
	uint32_t id;
	uint64_t ts;
	uint32_t read;
	uint32_t base;
	uint64_t lost;
	uint64_t told;
	bool given;
};

/*
 * What the first page says, @size bytes at @memory: whether sizes make sense, and how
 * large the whole map is. @err says what is wrong. Return: 0 or -EBADMSG
 */
int live_map_check(const void *memory, size_t size, struct live_meta *meta, uint64_t *map_size,
		   struct merge_error *err);

/* @map has memory, size, long_size, get_reader and arg. Return: 0 or -EBADMSG */
int live_map_init(struct live_map *map, struct merge_error *err);

/*
 * Map the ring of @r, whose size of sub-buffers is r->subbuf_size if that is not 0, into
 * a @map that is zeroed but for get_reader and arg. Return: 0 or a negative errno; @map
 * is to be unmapped in any case
 */
int live_map_map(struct live_map *map, const struct live_reader *r, struct merge_error *err);
void live_map_unmap(struct live_map *map);

/* As live_ops.next, @resumed as live_reader has it; *@tail: a writer may be on it */
int live_map_next(struct live_map *map, bool resumed, struct live_page *page, bool *tail);

#endif
