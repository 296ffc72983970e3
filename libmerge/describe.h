/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The description of one traced boot: event formats, symbols, command names,
 * printk formats, identity. Where it comes from is one row of operations
 * (describe_vmcore.c); what is asked for often is parsed once, when first
 * needed, into a libtraceevent handle.
 */
#ifndef MERGE_DESCRIBE_H
#define MERGE_DESCRIBE_H

#include <traceevent/event-parse.h>

#include "libmerge.h"
#include "printks.h"
#include "textbuf.h"

/*
 * All callbacks return 0 to go on, else the walk ends with that value.
 * @module is NULL for the kernel image. @type is nm's letter. A @name of NULL
 * stands for no symbol: a part of the memory of @module ends there.
 */
typedef int desc_event_fn(void *arg, unsigned int id);
typedef int desc_symbol_fn(void *arg, uint64_t addr, char type,
			   const char *name, const char *module);
typedef int desc_comm_fn(void *arg, int pid, const char *comm);
typedef int desc_printk_fn(void *arg, uint64_t addr, const char *format);

/*
 * struct desc_object - what a process has mapped at an address
 * @path: the file's name; valid until the next question
 * @start: where the mapping starts
 */
struct desc_object {
	const char *path;
	uint64_t start;
};

/*
 * @event: system and text of the format file of event @id; both are malloc'ed
 *	for the caller. Return: 0, -ENOENT unknown id, -ENODATA unreadable.
 * @each_event: the id of every event there is, ascending
 * @enumerator: value of an enumerator of the traced kernel. Return: 0 or -ENOENT.
 * @syscall_size: of a sys_enter event of a kernel that copies what pointers to user
 *	memory point to, which argument has the size of it, -1 when none has.
 *	Return: 0 or -ENOENT, also for other kernels.
 * @each_freed: functions in memory that is freed, and may be another's by now
 * @each_comm: the names of tasks that the kernel saved; a pid comes once
 * @each_task: the names of the tasks there are
 * @btf: the types the kernel carries with it, malloc'ed. Return: 0 or -ENOENT
 * @user_object: what process @tgid, as it was when the kernel stopped, has mapped at the
 *	user address @addr, if it may be the one that event @ev is of. Return: 0 or -ENOENT
 * The others call back for everything there is.
 * All but @event may be NULL.
 */
struct desc_ops {
	int (*event)(struct merge_desc *d, unsigned int id, char **system, char **format);
	int (*each_event)(struct merge_desc *d, desc_event_fn *fn, void *arg);
	int (*enumerator)(struct merge_desc *d, const char *name, int64_t *value);
	int (*syscall_size)(struct merge_desc *d, unsigned int id, int *arg);
	int (*btf)(struct merge_desc *d, void **data, size_t *size);
	int (*each_symbol)(struct merge_desc *d, desc_symbol_fn *fn, void *arg);
	int (*each_freed)(struct merge_desc *d, desc_symbol_fn *fn, void *arg);
	int (*each_comm)(struct merge_desc *d, desc_comm_fn *fn, void *arg);
	int (*each_task)(struct merge_desc *d, desc_comm_fn *fn, void *arg);
	int (*each_printk)(struct merge_desc *d, desc_printk_fn *fn, void *arg);
	int (*user_object)(struct merge_desc *d, const struct merge_event *ev, int tgid,
			   uint64_t addr, struct desc_object *object);
	void (*close)(struct merge_desc *d);
};

/*
 * @release, @version, @machine, @nodename: the traced kernel's utsname; "" when unknown
 * @clocks: text of the trace_clock file without the mark, or ""
 * @nr_cpu_ids: possible CPU numbers, 0 when unknown
 * @overwrite_is_char: in header_page; before it was int
 * @flag_resched_lazy: TRACE_FLAG_NEED_RESCHED_LAZY in common_flags; 0 for
 *	kernels without it, where the same bit says that interrupt state is unknown
 * @user_symbols: user addresses are shown by what was mapped there
 * @no_memory: a format or a symbol is not there for want of memory since the sink
 *	began: text made with it is not what it should be
 */
struct merge_desc {
	const struct desc_ops *ops;
	void *priv;
	uint32_t long_size;
	uint32_t page_size;
	bool big_endian;
	unsigned int nr_cpu_ids;
	uint8_t flag_resched_lazy;
	bool overwrite_is_char;
	bool user_symbols;
	bool no_memory;
	char sysname[65], nodename[65], release[65], version[65], machine[65];
	struct tep_handle *tep;		/* made by desc_tep() */
	struct desc_event *events;	/* cache by id, describe.c; none at @events_end and behind */
	unsigned int events_end;
	struct desc_symbols *symbols;	/* cache, describe.c */
	struct symbols_freed *freed;	/* cache, of ops->each_freed */
	struct printks printks;		/* filled by desc_tep() */
	struct btf *btf;		/* cache, describe.c */
	bool asked_btf;
	const struct merge_shift *shift;	/* of the event being printed, or NULL */
	char mark[20];			/* the resolver's answer, describe_text.c */
};

void desc_init(struct merge_desc *d, const struct desc_ops *ops, void *priv);
void desc_close(struct merge_desc *d);	/* calls ops->close, frees @d itself; NULL allowed */

/*
 * The libtraceevent handle: byte order and sizes set, printk formats registered, a symbol resolver installed that loads the symbols when
 * the first address is looked up; see desc_put_text(). NULL when out of memory or interrupted.
 */
struct tep_handle *desc_tep(struct merge_desc *d);

/*
 * The parsed format of event @id, parsed when first asked for; owned by @d.
 * NULL when there is none or its fields do not parse; the text is kept either
 * way. With an unusable print format libtraceevent prints field by field.
 */
struct tep_event *desc_event(struct merge_desc *d, unsigned int id);

/*
 * For desc_ops.event: hand out what was allocated for it, or when there is no memory for
 * one of the two neither. Return: 0 or -ENOMEM
 */
int desc_give(char *system, char *format, char **out_system, char **out_format);

/* System and format text of event @id, owned by @d. 0, -ENOENT, -ENODATA, -ENOMEM */
int desc_format(struct merge_desc *d, unsigned int id, const char **system,
		const char **format);

/* The same with the names in its print format as numbers: see format.h */
int desc_format_prepared(struct merge_desc *d, unsigned int id, const char **system,
			 const char **format);

/* ops->syscall_size(); -ENOENT without it */
int desc_syscall_size(struct merge_desc *d, unsigned int id, int *arg);

/*
 * struct desc_place - what is at an address
 * @name: the symbol's; @module: its module's, NULL for the image; owned by the
 *	description
 * @start: where it starts
 * @size: up to the next symbol, as the kernel takes it; 0 when unknown
 */
struct desc_place {
	const char *name;
	const char *module;
	uint64_t start;
	uint64_t size;
};

/* The symbol at or below @addr. Return: 0 or -ENOENT */
int desc_symbol(struct merge_desc *d, uint64_t addr, struct desc_place *place);

/* ops->btf(), read when first asked for; NULL when there is none */
const struct btf *desc_btf(struct merge_desc *d);

/*
 * What the handle prints has marks for addresses: describe_text.c. Append @text
 * to @b with the marks made the kernel's names. @plain: the first name stands
 * without its module.
 */
void desc_put_text(struct merge_desc *d, struct textbuf *b, const char *text,
		   size_t len, bool plain);

/*
 * The kernel's name of @addr, with "+0x10/0x80" when @offset, and its module unless
 * @plain. Return: whether it has one; else nothing is appended.
 */
bool desc_put_symbol(struct merge_desc *d, struct textbuf *b, uint64_t addr, bool offset,
		     bool plain);

/*
 * The name of @place alone. That of a module of which no symbol is known, "[module]",
 * says nothing without how far behind its start @addr is, which follows then. Return:
 * whether it was such
 */
bool desc_put_place(struct textbuf *b, const struct desc_place *place, uint64_t addr);

/* The handle's resolver; @priv is the description */
char *desc_resolve(void *priv, unsigned long long *addr, char **module);

/*
 * The printk format or other string of the kernel at @addr, after desc_tep(), as
 * libtraceevent has it: escaped, without the newline at its end. NULL: none
 */
const char *desc_printk(const struct merge_desc *d, uint64_t addr);

/* common_type of a record: u16 at its start */
unsigned int desc_record_id(const struct merge_desc *d, const void *record);

/*
 * @format as the printk_formats file has it between the quotes: newline, tab,
 * backslash and quote escaped. @out needs 2 * strlen() + 3 bytes. Return: length
 */
size_t desc_printk_escape(const char *format, char *out, size_t size);

/* Texts of events/header_page (for one sub-buffer size) and events/header_event */
int desc_header_page(struct merge_desc *d, uint32_t subbuf_size, char *buf, size_t size);
const char *desc_header_event(void);

#endif
