/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A crashed kernel from a description in text: its memory, symbols and types as
 * a struct merge_mem. No member stands where a real kernel has it. One word and
 * its options per line, numbers as in C. First what it is:
 *
 *	version 601		members as in 6.1; also 700; 612 when not given
 *	long 4			sizeof(long), 8 when not given
 *	big			big endian
 *	pagesize 65536		4096 when not given
 *
 * Every object has pages of its own, behind it one that is not mapped, and a
 * label. PLACE is LABEL, a symbol, LABEL:TYPE.MEMBER or, for what is embedded,
 * LABEL:TYPE.MEMBER:TYPE.MEMBER, each with +BYTES behind or not.
 *
 *	at ADDRESS		of the next object, also in the midst of a page
 *	alloc LABEL BYTES, string LABEL TEXT
 *	symbol NAME PLACE
 *	enumerator NAME VALUE
 *	without NAME		no such symbol, enumerator or TYPE.MEMBER
 *	set PLACE VALUE|PLACE	the member; a long where there is none
 *	unmap PLACE, exclude PLACE, zero PLACE	the page there
 *
 * Buffers (mkkernel-ring.c). The words of mkimage.h that make a sub-buffer
 * follow "cpu": the first is the reader page, the others follow the head page.
 *
 *	cpus 4			nr_cpu_ids; needed first
 *	clock NAME ns=0		an entry of trace_clocks
 *	instance NAME clock=1 range=0x1000 order=2
 *				"top" has no name. Labels: NAME, NAME.ring,
 *				NAME.cpus (the table of rings)
 *	snapshot allocated=0	the spare ring of the instance, NAME/snapshot.ring
 *	cpu 0 pages=6 at=2 flag=1 head=2 tail=3 commit=3 start=0 entries=9 ...
 *				the ring of a CPU, NAME/0: pages in the ring,
 *				where the head page is, its flag, and pages where
 *				head_page, tail_page, commit_page, pages point;
 *				counters by name. Labels NAME/0.p3 a buffer_page,
 *				NAME/0.d3 its data; NAME/0.reader, NAME/0.data
 *
 * The rest (mkkernel-desc.c):
 *
 *	uts MEMBER TEXT
 *	common			ftrace_common_fields: fields follow
 *	call NAME id=300 system=sched tracepoint custom syscall user get_fields=5
 *				an event, fields follow; all but id are optional.
 *				Labels NAME, NAME.class, NAME.data with "syscall", "user"
 *	field OFFSET SIZE SIGNED LEN TYPE NAME
 *	print TEXT
 *	comms 4			savedcmd with so many slots, pids 16 apart collide
 *	comm PID NAME
 *	tasks			init_task and its list, empty
 *	task PID NAME		a process, label task.PID
 *	thread PID NAME		one more thread of the process before
 *	printk TEXT, tracepoint_str TEXT, module_printk TEXT
 *	kallsyms base|percpu|place
 *	ksym T NAME ADDRESS
 *	module NAME		label NAME, NAME.syms
 *	msym t NAME ADDRESS
 *	freed NAME ADDRESS	a function of the last module, gone with its init section.
 *				Labels map, NAME
 *
 * What processes have mapped (mkkernel-users.c); "-" is none:
 *
 *	node KIND NAME		of a maple tree: "leaf", "range" or "alloc". Labels NAME,
 *				and NAME.in for a pointer to it, to which the root adds 2
 *	slot KEY PLACE		its next key and entry
 *	mount NAME PARENT DENTRY	a struct mount and where it is. Labels NAME, NAME.root
 *	dentry NAME PARENT TEXT
 *	file NAME MOUNT DENTRY
 *	backing NAME MOUNT DENTRY MOUNT DENTRY
 *				of overlayfs: the file's path and the one for users.
 *				Labels NAME, NAME.file
 *	vma NAME MM START END FILE
 */
#ifndef MKKERNEL_H
#define MKKERNEL_H

#include "vmcore.h"

struct kernel_page {
	uint64_t addr;
	uint8_t *bytes;
	int status;
	unsigned int reads;
};

/* Something with a name: @kind 's'ymbol, 'l'abel, 'e'numerator, 'w'ithout */
struct kernel_name {
	char kind;
	char name[64];
	uint64_t value;
};

/*
 * struct kernel - a crashed kernel
 * @mem: what the library gets
 * @polls: how often it was asked whether it is interrupted
 * @interrupt_at: the poll from which on it is, 0 never
 * The rest is the description's own.
 */
struct kernel {
	struct merge_mem mem;
	unsigned int polls;
	unsigned int interrupt_at;

	struct kernel_page *pages;
	size_t nr_pages;
	struct kernel_name *names;
	size_t nr_names;
	unsigned int version;
	uint64_t next;
	const char *line;

	char buffer[40];	/* of the buffer whose CPUs follow, "" without */
	unsigned int order;
	char cpu[600];		/* the line of the CPU whose sub-buffers follow */
	char *image;		/* their words */
	uint64_t fields;	/* list the next field is put on */
	uint64_t call, module, syms, signal;
	unsigned int nr_comms, nr_clocks, nr_ksyms, nr_msyms;
	uint64_t names_end, strings_end;
	uint64_t node;		/* whose slots follow */
	bool node_allocs;
	size_t nr_slots;
};

/* A description that makes no sense aborts. @more is added to @text, or NULL. */
struct kernel *kernel_open(const char *text, const char *more);
void kernel_add(struct kernel *k, const char *text);
void kernel_close(struct kernel *k);

uint64_t kernel_place(struct kernel *k, const char *place);
/* How often the page at @place was read */
unsigned int kernel_reads(struct kernel *k, const char *place);

/* @text, malloc'ed, with labels for the addresses in it: "0xtop/0"; another string */
char *kernel_relabel(struct kernel *k, char *text);

/* ---- for the words ------------------------------------------------------- */

struct kernel_word {
	const char *name;
	void (*run)(struct kernel *k);
};

extern const struct kernel_word kernel_ring_words[], kernel_desc_words[],
	kernel_user_words[];
extern const struct merge_mem_ops kernel_ops;

/* Physical memory is there, as far as something was put there */
#define KERNEL_DIRECT_MAP	0xffff888000000000u

/* Bytes for an object of any type */
#define KERNEL_OBJECT	1024

/* The sub-buffers of a CPU: take a line of them; all lines are there */
void kernel_ring_line(struct kernel *k);
void kernel_ring_finish(struct kernel *k);

_Noreturn void kernel_give_up(const struct kernel *k);
/* " key=value" of @line */
uint64_t kernel_option(const char *line, const char *key, uint64_t fallback);
/* The word number @i of the line, and what follows from it on to the end */
void kernel_word(struct kernel *k, unsigned int i, char *word, size_t size);
const char *kernel_rest(struct kernel *k, unsigned int i);
uint64_t kernel_number(struct kernel *k, unsigned int i);

/* Zeroed memory with a label; @fmt may be NULL */
uint64_t kernel_alloc(struct kernel *k, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
uint64_t kernel_string(struct kernel *k, const char *text, const char *label);
/* An object that has a symbol, made when first asked for; *@made tells, or NULL */
uint64_t kernel_object(struct kernel *k, const char *symbol, size_t size, bool *made);
void kernel_name(struct kernel *k, char kind, const char *name, uint64_t value);
struct kernel_name *kernel_find(struct kernel *k, const char *kinds, const char *name);

struct kernel_page *kernel_page(struct kernel *k, uint64_t addr);
void kernel_write(struct kernel *k, uint64_t addr, const void *bytes, size_t size);
void kernel_put(struct kernel *k, uint64_t addr, size_t size, uint64_t value);
void kernel_set(struct kernel *k, uint64_t addr, enum vmcore_member id, uint64_t value);
/* Offset and size of a member, false without it */
bool kernel_member(struct kernel *k, enum vmcore_member id, size_t *offset, size_t *size);
size_t kernel_offset(struct kernel *k, enum vmcore_member id);
enum vmcore_member kernel_member_id(const char *both);
/* As list_add(): behind the head; an empty list when first used */
void kernel_list_init(struct kernel *k, uint64_t head);
void kernel_list_add(struct kernel *k, uint64_t head, uint64_t node);
/* The list of that symbol, made when first asked for */
uint64_t kernel_list(struct kernel *k, const char *symbol);

#endif
