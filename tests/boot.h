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
	FUNCTION = 1, KERNEL_STACK = 4, PRINT = 5, BPRINT = 6, GRAPH_EXIT = 10,
	GRAPH_ENTRY = 11, USER_STACK = 13, WAKEUP = 3, CONTEXT_SWITCH = 2, BRANCH = 9,
	HWLAT = 16, OSNOISE = 21, TIMERLAT = 22, BPUTS = 15,
	GRAPH_RETADDR_ENTRY = 18, RAW_DATA = 19, FUNC_REPEATS = 20,
	SCHED_SWITCH = 100, SYS_ENTER_OPENAT, SYS_EXIT_OPENAT, IRQ_HANDLER_ENTRY,
	SOFTIRQ_ENTRY, TIMER_START, HRTIMER_INIT, HEX, ARRAY, BITMASK, CPUMASK, ADDRESSES,
	STRING_WIDTH, NUMBER_WIDTH, INDEX, DIVIDE, DIVIDE_ZERO, REL_STRING, TICK, ODD_HEX,
	FAILING, STATIC_STRING, POINTERS, BAD_FIELDS,
	NEWLINE,	/* its print format ends with one */
	PARENS,
	/* of a kernel that copies what pointers to user memory point to */
	NEW_OPENAT, NEW_EXECVE, NEW_WRITE, NEW_READ,
	LAST_EVENT = NEW_READ,
	TASK_RENAME = 150, SCHED_EXEC, SCHED_FORK, SCHED_WAIT, PROBE_SWITCH, SCHED_WAKING,
	LAST_NAMING = SCHED_WAKING,
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
#define EXT4_INIT	0xffffffffc0301000u	/* freed, of 16 bytes */
#define EXT4_LAST	0xffffffffc0202800u
#define PRINTK_FORMAT	0xffffffff81a00000u	/* "n=%d s=%s\n" */
#define PRINTK_SHORT	0xffffffff81a00010u	/* "x" */
#define PRINTK_EMPTY	0xffffffff81a00018u	/* "" */
#define PRINTK_STRING	0xffffffff81a00020u	/* "a \"quoted\"\tword" */
#define PRINTK_WIDE	0xffffffff81a00030u	/* "%99999999d" */

/*
 * struct boot - what the description's operations do
 * @fail_symbols, @fail_comms, @fail_tasks: the walk ends after two with this errno
 * @fail_printks: before the first
 * @resched_lazy: value of TRACE_FLAG_NEED_RESCHED_LAZY, 0 for a kernel without it
 * @signed_char: of a kernel whose char has a sign
 * @asked_events, @walked_*: how often they were called
 */
struct boot {
	int fail_symbols;
	int fail_comms;
	int fail_tasks;
	int fail_printks;
	int resched_lazy;
	bool signed_char;
	unsigned int asked_events;
	unsigned int walked_symbols;
	unsigned int walked_comms;
	unsigned int walked_tasks;
};

/* Close it with desc_close(), or give it to a source that is closed */
struct merge_desc *boot_open(void);
struct boot *boot_of(const struct merge_desc *d);

/* A source of mkimage.h that has the boot's description */
struct merge_source *boot_image(const char *image);

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
/* The event's own text, or "[what is wrong field]"; malloc'ed */
char *record_print(struct merge_desc *d, const struct record_bytes *r);
/* @text behind all else, and at @offset a __data_loc that leads there */
void record_string(struct record_bytes *r, uint32_t offset, const char *text);
/* The record as words of mkimage.h, @delta behind the event before */
void record_words(const struct record_bytes *r, unsigned int delta, FILE *out);

#endif
