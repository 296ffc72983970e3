/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A traced boot made of tables: event formats as kernels show them, symbols,
 * command names, printk formats. For the tests of what uses a description.
 */
#ifndef BOOT_H
#define BOOT_H

#include "describe.h"
#include "source.h"

/* Ids of the formats, see boot.c */
enum {
	FUNCTION = 1, KERNEL_STACK = 4, PRINT = 5, BPRINT = 6, USER_STACK = 13, BPUTS = 15,
	RAW_DATA = 19, FUNC_REPEATS = 20,
	SCHED_SWITCH = 100, SYS_ENTER_OPENAT, SYS_EXIT_OPENAT, IRQ_HANDLER_ENTRY,
	SOFTIRQ_ENTRY, TIMER_START, HRTIMER_INIT, HEX, ARRAY, BITMASK, CPUMASK, ADDRESSES,
	STRING_WIDTH, NUMBER_WIDTH, INDEX, DIVIDE, DIVIDE_ZERO, REL_STRING, TICK, ODD_HEX,
	FAILING, STATIC_STRING, POINTERS, BAD_FIELDS, LAST_EVENT = BAD_FIELDS,
	WRONG_ID = 200, UNREADABLE = 201, UNKNOWN = 202,
};

/* Addresses */
#define STEXT		0xffffffff81000000u
#define VFS_READ	0xffffffff81200000u
#define KSYS_READ	0xffffffff81200400u
#define MARK_WRITE	0xffffffff81300000u
#define RETHOOK		0xffffffff81301000u
#define IMAGE_END	0xffffffff82000000u
#define EXT4_READ	0xffffffffc0201000u
#define EXT4_LAST	0xffffffffc0202800u
#define PRINTK_FORMAT	0xffffffff81a00000u	/* "n=%d s=%s\n" */
#define PRINTK_SHORT	0xffffffff81a00010u	/* "x" */
#define PRINTK_EMPTY	0xffffffff81a00018u	/* "" */
#define PRINTK_STRING	0xffffffff81a00020u	/* "a \"quoted\"\tword" */
#define PRINTK_WIDE	0xffffffff81a00030u	/* "%99999999d" */

/*
 * struct boot - what the description's operations do
 * @fail_symbols, @fail_comms: the walk ends after two with this errno
 * @asked_events, @walked_symbols: how often they were called
 */
struct boot {
	int fail_symbols;
	int fail_comms;
	unsigned int asked_events;
	unsigned int walked_symbols;
};

/* Close it with desc_close(), or give it to a source that is closed */
struct merge_desc *boot_open(void);
struct boot *boot_of(const struct merge_desc *d);

/* A source without sub-buffers: buffers "top" and "inst", clock local; "count" */
struct merge_source *boot_source(void);

/* A record of event @id by pid @pid, put together field by field */
struct record_bytes {
	const struct merge_desc *desc;
	uint8_t data[512];
	uint32_t size;
};

struct record_bytes record_begin(const struct merge_desc *d, unsigned int id, int pid);
/* Write at @offset; the record grows to hold it */
void record_number(struct record_bytes *r, uint32_t offset, uint64_t value, unsigned int size);
void record_text(struct record_bytes *r, uint32_t offset, const char *text, uint32_t size);

#endif
