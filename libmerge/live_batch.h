/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A mapped ring whose sub-buffers are taken many at a time (kernel/'s series: PEEK and
 * ADVANCE of include/uapi/linux/trace_mmap.h, Documentation/trace/ring-buffer-map.rst).
 * PEEK lists what can be read, and consumes nothing; the writer may come to any of it
 * meanwhile. So the sub-buffers are copied, ADVANCE consumes them, and says which of
 * the copies were overwritten: those are thrown away.
 *
 * What this memory says is checked: it is the kernel's, but the reader runs as root.
 */
#ifndef MERGE_LIVE_BATCH_H
#define MERGE_LIVE_BATCH_H

#include "live_map.h"

/* struct trace_buffer_meta goes on behind what struct live_meta has of it */
#define LIVE_BATCH_META		96u	/* its least size */
#define LIVE_BATCH_FLAG		1u	/* TRACE_MMAP_META_BATCH */

/* struct trace_mmap_subbuf */
struct live_subbuf {
	uint64_t seq;
	uint64_t time_stamp;
	uint64_t index;
	uint64_t lost_events;
	uint32_t id;
	uint32_t commit;
	uint32_t read;
	uint32_t entries;
	uint32_t flags;
	uint32_t reserved;
};

#define LIVE_SUBBUF_READER	1u	/* out of the ring: nobody overwrites it */
#define LIVE_SUBBUF_WRITER	2u	/* more may come to it */

/* struct trace_mmap_peek */
struct live_peek {
	uint64_t subbufs;
	uint32_t nr;
	uint32_t reserved;
	uint64_t generation;
};

/* struct trace_mmap_advance */
struct live_advance {
	uint64_t generation;
	uint64_t seq;
	uint32_t commit;
	uint32_t nr;
	uint64_t valid_from;
	uint64_t events;
};

_Static_assert(sizeof(struct live_subbuf) == 56 && sizeof(struct live_peek) == 24 &&
	       sizeof(struct live_advance) == 40, "the kernel's own sizes");

/* TRACE_MMAP_IOCTL_PEEK and _ADVANCE: _IOWR('R', 0x21, ...), _IOWR('R', 0x22, ...) */
#define LIVE_PEEK		0xc0185221u
#define LIVE_ADVANCE		0xc0285222u

/*
 * struct live_batch - a mapped ring, and the sub-buffers taken out of it last
 * @map: the ring
 * @ioctl: LIVE_PEEK or LIVE_ADVANCE. Return: 0 or a negative errno; @arg is the owner's
 * @list, @copies: @nr sub-buffers, of which @at were given; room for @room
 * @valid_from, @generation: as the kernel said of them
 * @next: events before this were given, or are known to be lost
 * @outrun: "nothing now" means: the writer was faster than all looks at the ring
 * @seq, @end, @base, @lost: the sub-buffer that was given last: which one, and of its
 *	live_page
 */
struct live_batch {
	struct live_map map;
	int (*ioctl)(void *arg, unsigned int request, void *data);
	void *arg;
	struct live_subbuf *list;
	uint8_t *copies;
	uint32_t room, nr, at;
	uint64_t valid_from;
	uint64_t generation;
	uint64_t next;
	uint64_t seq;
	uint64_t lost;
	uint32_t end;
	uint32_t base;
	bool begun;
	bool outrun;
};

/*
 * @b has a map that live_map_init() was done with, ioctl and arg. Return: 0; -ENOTSUP
 * this kernel has no batches; -ENOMEM
 */
int live_batch_init(struct live_batch *b, struct merge_error *err);
void live_batch_deinit(struct live_batch *b);	/* the map stays; a zeroed @b is allowed */

/* As live_ops.holds: copies that were consumed and not given yet */
bool live_batch_holds(const struct live_batch *b);

/* As live_ops.next; *@tail: a writer was on it */
int live_batch_next(struct live_batch *b, struct live_page *page, bool *tail);

#endif
