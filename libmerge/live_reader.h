/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The sub-buffers of one CPU of a running kernel, taken out of its ring as they
 * fill: per_cpu/cpuN/trace_pipe_raw. There are ways to do that, each a row of
 * operations; the best one that the kernel allows is found by trying:
 *
 *	batch	the ring is mapped, and many sub-buffers are consumed by one ioctl
 *		(kernels with kernel/'s series): live_batch.c
 *	mmap	the ring is mapped, an ioctl moves on by one sub-buffer (Linux 6.10
 *		and later, not for every ring): live_map.c
 *	read	read() copies a sub-buffer: live_read.c
 *
 * The sub-buffer a writer is on is given too, when nothing else is left, and given
 * again when it has grown. Asking for it over and over would cost more than the
 * events are worth, and lose others: so live_next() then says "nothing now" once,
 * for the caller to wait in poll() until more has come (tracefs' buffer_percent).
 */
#ifndef MERGE_LIVE_READER_H
#define MERGE_LIVE_READER_H

#include "libmerge.h"

/* Bytes of a sub-buffer before its events, in the kernel that runs; see live_reader.long_size */
#define LIVE_HEADER(long_size)	(8u + (long_size))

/*
 * struct live_page - a sub-buffer, or what has come to it
 * @data: the whole of it, header first; in the kernel's own memory or the reader's,
 *	valid until the next call. The kernel may still write behind @end
 * @end: end of its last event in the event area
 * @start: end of what was given of it before; 0 when it comes for the first time
 * @base: events before it in the event area were another reader's
 * @lost: events lost just before @base, as merge_event.lost; the same each time
 * @again: the sub-buffer of the call before, grown from @start to @end
 */
struct live_page {
	const uint8_t *data;
	uint32_t end;
	uint32_t start;
	uint32_t base;
	uint64_t lost;
	bool again;
};

struct live_reader;

/*
 * @name: as shown
 * @open: of r->fd, whose size of sub-buffers is r->subbuf_size if it is not 0.
 *	Return: 0; a negative errno when this way cannot be gone, @err says why
 * @next: as live_next(), which looks after live_reader.tail
 * @holds: as live_holds(); NULL where never
 * @close: may be NULL
 */
struct live_ops {
	const char *name;
	int (*open)(struct live_reader *r, struct merge_error *err);
	int (*next)(struct live_reader *r, struct live_page *page);
	bool (*holds)(const struct live_reader *r);
	void (*close)(struct live_reader *r);
};

/*
 * struct live_reader - one CPU
 * @ops: the way, its state in @priv
 * @fd: trace_pipe_raw, O_NONBLOCK
 * @subbuf_size: of a sub-buffer
 * @long_size: of the kernel
 * @tail: what was given last had a writer on it: nothing more now
 * @resumed: "nothing now" was the last word: what was given then may have grown long since
 * @unsure: and there may be something: the writer was too fast for a look at it
 * @refused: why better ways could not be gone; "" when there is none
 */
struct live_reader {
	const struct live_ops *ops;
	void *priv;
	int fd;
	uint32_t subbuf_size;
	uint32_t long_size;
	bool tail;
	bool resumed;
	bool unsure;
	char refused[300];
};

/*
 * @fd becomes the reader's, also on failure. @subbuf_size as tracefs tells it,
 * @long_size of the kernel: 4 or 8. @way: only that one, by its name; NULL: the best.
 * Return: 0; -EINVAL no such way; the errno of the last way that was tried
 */
int live_open(int fd, uint32_t subbuf_size, uint32_t long_size, const char *way,
	      struct merge_error *err, struct live_reader **out);
/* Whether the CPU of @fd, its trace_pipe_raw, has a ring: one that never was up has none */
bool live_has_ring(int fd);

void live_close(struct live_reader *r);	/* NULL allowed */

/*
 * The next sub-buffer with events, or the last one grown. @all: do not stop at one
 * that a writer is on, since recording is off: all that there is.
 * Return: 1; 0 nothing now: wait in poll(); -EBADMSG the kernel's word makes no sense;
 * another negative errno
 */
int live_next(struct live_reader *r, bool all, struct live_page *page);

/* Whether something is out of the ring that live_next() has yet to give: it will, at once */
bool live_holds(const struct live_reader *r);

/*
 * @page as a sub-buffer of its own, as read() would give it: r->subbuf_size bytes at
 * @out, loss in its header, nothing behind its last event.
 */
void live_copy(const struct live_reader *r, const struct live_page *page, void *out);

/* For the ways: end of the events of the sub-buffer at @data, as its commit word has it */
uint32_t live_end(const struct live_reader *r, const void *data);

/*
 * Events lost before the sub-buffer of @size bytes at @data, by the flags in its commit
 * word and the count behind its last event, as merge_event.lost; 0 without the flags
 */
uint64_t live_lost(const void *data, uint32_t size, uint32_t long_size);

extern const struct live_ops live_batch_ops, live_map_ops, live_read_ops;

#endif
