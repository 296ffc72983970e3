/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A source yields sub-buffers. All that differs between a vmcore, a file and a
 * live map is where sub-buffer i of a CPU is; one row of operations says so.
 */
#ifndef MERGE_SOURCE_H
#define MERGE_SOURCE_H

#include "libmerge.h"

/*
 * struct subbuf - one sub-buffer as the source hands it out
 * @data: the whole sub-buffer, header first; in the caller's buffer or the
 *	source's memory, valid until the next read of the same stream
 * @size: bytes at @data
 * @start: first byte of the event area that is still unread (offset from the
 *	start of the event area, not of the header): a reader page's read mark
 * @overrun: events overwritten just before it, which a consuming reader would be
 *	told of now: nothing in the sub-buffer says so
 * @address: where it lives, for messages
 */
struct subbuf {
	const void *data;
	uint32_t size;
	uint32_t start;
	uint64_t overrun;
	uint64_t address;
};

/*
 * @read: sub-buffer @i of @cpu. @buf has room for buffer->subbuf_size bytes.
 *	Fills sb->address also on failure where it is known.
 *	Return: 0, -ENODATA excluded, -EFAULT unmapped, -EBADMSG, -EINTR.
 * @time: only the header's time stamp of sub-buffer @i, for positioning; must
 *	be cheap. Return as @read.
 *	A live source: -EAGAIN nothing for now; the next one is asked for by the same @i
 * @horizon: live sources, after @read gave -EAGAIN: nothing of that CPU will come that is
 *	earlier; NULL for all others
 * @interrupted: whether the user asked to stop; may be NULL. The caller of the
 *	library may have set another one: see source_interrupted().
 * @describe: merge_source_describe(), with what fits; NULL: the source describes itself
 * @close: frees the source's private part.
 */
struct source_ops {
	const char *name;
	int (*read)(struct merge_source *src, const struct merge_buffer *buf,
		    unsigned int cpu_index, size_t i, void *data,
		    struct merge_error *err, struct subbuf *sb);
	int (*time)(struct merge_source *src, const struct merge_buffer *buf,
		    unsigned int cpu_index, size_t i, uint64_t *ts);
	uint64_t (*horizon)(struct merge_source *src, const struct merge_buffer *buf,
			    unsigned int cpu_index);
	bool (*interrupted)(struct merge_source *src);
	int (*describe)(struct merge_source *src, struct merge_source *by,
			struct merge_error *err);
	void (*close)(struct merge_source *src);
};

struct merge_source {
	const struct source_ops *ops;
	void *priv;
	uint32_t long_size;
	bool big_endian;
	bool many_boots;		/* a pid may stand for several tasks */
	bool live;			/* it is not to be read for anything else */
	bool (*interrupted)(void *arg);	/* merge_source_on_interrupt() */
	void *interrupted_arg;
	struct merge_desc *desc;	/* owned; may be NULL in unit tests */
	struct comms *comms;		/* owned; made by comms.c when first asked for */
	struct merge_buffer *buffers;	/* owned, with names, clocks and cpus */
	unsigned int nr_buffers;
	struct merge_notice *notices;
	unsigned int nr_notices;
	char **remarks;
	unsigned int nr_remarks;
	struct merge_text *texts;	/* owned, with names and data */
	unsigned int nr_texts;
};

struct merge_source *source_create(const struct source_ops *ops, void *priv,
				   uint32_t long_size, bool big_endian);

/*
 * Append a buffer; a name that is taken gets a number; strings are copied, @cpus
 * and @shift are taken over (also on failure). The array may move: take pointers
 * to buffers only when all are added.
 * Return: 0 or -ENOMEM.
 */
int source_add_buffer(struct merge_source *src, const struct merge_buffer *buf);

/* Note what cannot be had. @buf may be NULL, @cpu -1. Never fails the caller. */
void source_note(struct merge_source *src, const struct merge_buffer *buf,
		 int cpu, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* As source_note(), of what is no loss: merge_source_remark() */
void source_remark(struct merge_source *src, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Add @text; its name is copied, its data, malloc'ed, are taken over (also on failure).
 * Return: 0 or -ENOMEM
 */
int source_add_text(struct merge_source *src, const struct merge_text *text);

/* What the ring of @instance is called, "" being the top-level one */
const char *source_instance_name(const char *instance);

/* Whether the kernel's clock of that name counts nanoseconds; one not known does not */
bool source_clock_in_ns(const char *clock);

/* A guess at the kernel's page size: no sub-buffer is smaller */
/*
 * The time of a sub-buffer of which @size bytes are at @head. Return: 0; -ENODATA when it
 * is cut off, or empty: such have none
 */
int source_head_time(const struct merge_source *src, const void *head, size_t size, uint64_t *ts);

uint32_t source_page_size(const struct merge_source *src);

bool source_interrupted(struct merge_source *src);

#endif
