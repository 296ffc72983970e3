/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Trace buffers from a description in text, as a source in memory. One word
 * and its options per line; numbers as in C:
 *
 *	long 4			sizeof(long), 8 when not given
 *	big			big endian
 *	size 4096		bytes per sub-buffer, 256 when not given
 *	format id=5 system=sched name=sched_switch	no name: no such line in it;
 *				fields=TEXT behind the format: line, print=TEXT
 *				as its print format
 *	symbol 0x1000 name=_stext module=ext4	no module: of the image
 *	comm 5 name=bash
 *	printk 0x2000 name=hello
 *	release 6.12		of the traced kernel
 *	buffer NAME clock=CLOCK	"top" with clock=local when not given; a clock
 *				named "counter" is not in nanoseconds
 *	cpu 0
 *	page ts=1000		a sub-buffer; options:
 *		missed=3 missed=?	what is lost before it
 *		start=16		read mark
 *		overrun=9		overwritten before it
 *		error=5			reading it fails with this errno
 *		cut=100			only so many bytes of it can be read
 *	event +10		options: id=1 len=8 count=1. The record is the id as
 *				u16, zeros, and at byte 4 a number that counts up
 *				from 1 through the image
 *	extend +N, stamp N, discard +N len=8, pad
 *	head type=0 delta=5	the first word of a record
 *	word N			a word of 32 bits
 *	raw 0102ff		bytes as they are
 *	commit N		(last) another commit word
 *	poke OFFSET 0102ff	(last) other bytes, from the start of the sub-buffer
 *	notice buffer=0 cpu=1	both optional
 */
#ifndef MKIMAGE_H
#define MKIMAGE_H

#include "describe.h"
#include "sink.h"
#include "source.h"

/* One sub-buffer. @data is a block of exactly @have bytes. */
struct image_page {
	uint8_t *data;
	uint32_t have;
	uint32_t start;
	uint64_t overrun;
	int error;
	unsigned int reads;
	unsigned int times;
};

struct image_cpu {
	struct image_page *pages;
	size_t nr;
};

struct image_format {
	unsigned int id;
	char system[32];
	char name[200];
	char fields[80];
	char print[80];
};

enum image_what { IMAGE_SYMBOL, IMAGE_COMM, IMAGE_PRINTK };

/* What the description says of an address or a pid */
struct image_saying {
	enum image_what what;
	uint64_t number;
	char text[32];
	char module[32];
};

/*
 * struct image - the private part of the source
 * @cpus: all CPUs of all buffers, one buffer after the other
 * @first: index in @cpus of every buffer's first one
 * @polls: how often the source was asked whether it is interrupted
 * @interrupt_at: the poll from which on it is, 0 never
 * @fail: errno with which every read fails, 0 none
 */
struct image {
	struct image_cpu *cpus;
	size_t nr_cpus;
	size_t *first;
	struct image_format *formats;
	size_t nr_formats;
	struct image_saying *sayings;
	size_t nr_sayings;
	unsigned int polls;
	unsigned int interrupt_at;
	int fail;
};

extern const struct source_ops image_ops;
extern const struct desc_ops image_desc_ops;

/* Close it with merge_source_close(). A description that makes no sense aborts. */
struct merge_source *image_open(const char *text);

struct image *image_of(const struct merge_source *src);
struct image_page *image_page(const struct merge_source *src, unsigned int buffer,
			      unsigned int cpu_index, size_t i);
/* Sub-buffers read once or more */
unsigned int image_pages_read(const struct merge_source *src);

/*
 * The events of an iterator as text, closes @src:
 *	top/0 1010 1 lost=3 back
 *	! top/0 2@16 EBADMSG reason
 * buffer/cpu, time, the record's number; damage with sub-buffer and offset.
 */
char *image_render(struct merge_source *src, const struct merge_select *sel,
		   struct merge_stats *stats);

/* A sink that takes events (@pages: sub-buffers) and renders all that comes */
struct merge_sink image_sink(FILE *out, bool pages);
void image_print_event(FILE *out, const struct merge_event *ev);
void image_print_damage(FILE *out, const struct merge_damage *damage);

/*
 * Random streams as a description, in two buffers, with many equal time
 * stamps; @seed is not 0, @flags are IMAGE_*. malloc'ed.
 */
#define IMAGE_DAMAGE	1u	/* unreadable and damaged sub-buffers */
#define IMAGE_BACKWARDS	2u	/* time goes back now and then */
char *image_random(uint64_t seed, unsigned int nr_cpus, unsigned int flags);

#endif
