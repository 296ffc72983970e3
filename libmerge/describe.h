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
#include "textbuf.h"

/*
 * All callbacks return 0 to go on, else the walk ends with that value.
 * @module is NULL for the kernel image. @type is nm's letter.
 */
typedef int desc_symbol_fn(void *arg, uint64_t addr, char type,
			   const char *name, const char *module);
typedef int desc_comm_fn(void *arg, int pid, const char *comm);
typedef int desc_printk_fn(void *arg, uint64_t addr, const char *format);

/*
 * @event: system and text of the format file of event @id; both are malloc'ed
 *	for the caller. Return: 0, -ENOENT unknown id, -ENODATA unreadable.
 * @enumerator: value of an enumerator of the traced kernel. Return: 0 or -ENOENT.
 * The others call back for everything there is; a pid comes once.
 * All but @event may be NULL.
 */
struct desc_ops {
	int (*event)(struct merge_desc *d, unsigned int id, char **system, char **format);
	int (*enumerator)(struct merge_desc *d, const char *name, int64_t *value);
	int (*each_symbol)(struct merge_desc *d, desc_symbol_fn *fn, void *arg);
	int (*each_comm)(struct merge_desc *d, desc_comm_fn *fn, void *arg);
	int (*each_printk)(struct merge_desc *d, desc_printk_fn *fn, void *arg);
	void (*close)(struct merge_desc *d);
};

/*
 * @release, @version, @machine, @nodename: the traced kernel's utsname; "" when unknown
 * @clocks: text of the trace_clock file without the mark, or ""
 * @nr_cpu_ids: possible CPU numbers, 0 when unknown
 * @flag_resched_lazy: TRACE_FLAG_NEED_RESCHED_LAZY in common_flags; 0 for
 *	kernels without it, where the same bit says that interrupt state is unknown
 */
struct merge_desc {
	const struct desc_ops *ops;
	void *priv;
	uint32_t long_size;
	uint32_t page_size;
	bool big_endian;
	unsigned int nr_cpu_ids;
	uint8_t flag_resched_lazy;
	char sysname[65], nodename[65], release[65], version[65], machine[65];
	struct tep_handle *tep;		/* made by desc_tep() */
	struct desc_event *events;	/* cache by id, describe.c */
	struct desc_symbols *symbols;	/* cache, describe.c */
	char mark[20];			/* the resolver's answer, describe_text.c */
};

void desc_init(struct merge_desc *d, const struct desc_ops *ops, void *priv);
void desc_close(struct merge_desc *d);	/* calls ops->close, frees @d itself; NULL allowed */

/*
 * The libtraceevent handle: byte order and sizes set, command names and printk
 * formats registered, a symbol resolver installed that loads the symbols when
 * the first address is looked up; see desc_put_text(). NULL when out of memory or interrupted.
 */
struct tep_handle *desc_tep(struct merge_desc *d);

/*
 * The parsed format of event @id, parsed when first asked for; owned by @d.
 * NULL when there is none or its fields do not parse; the text is kept either
 * way. With an unusable print format libtraceevent prints field by field.
 */
struct tep_event *desc_event(struct merge_desc *d, unsigned int id);

/* System and format text of event @id, owned by @d. 0, -ENOENT, -ENODATA, -ENOMEM */
int desc_format(struct merge_desc *d, unsigned int id, const char **system,
		const char **format);

/* The same with the names in its print format as numbers: see format.h */
int desc_format_prepared(struct merge_desc *d, unsigned int id, const char **system,
			 const char **format);

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

/*
 * What the handle prints has marks for addresses: describe_text.c. Append @text
 * to @b with the marks made the kernel's names. @plain: the first name stands
 * without its module.
 */
void desc_put_text(struct merge_desc *d, struct textbuf *b, const char *text,
		   size_t len, bool plain);

/* The handle's resolver; @priv is the description */
char *desc_resolve(void *priv, unsigned long long *addr, char **module);

/* common_type of a record: u16 at its start */
unsigned int desc_record_id(const struct merge_desc *d, const void *record);

/*
 * @format as the printk_formats file has it between the quotes: newline, tab,
 * backslash and quote escaped. @out needs 2 * strlen() + 3 bytes. Return: length
 */
size_t desc_printk_escape(const char *format, char *out, size_t size);

/* Texts of events/header_page (for one sub-buffer size) and events/header_event */
int desc_header_page(const struct merge_desc *d, uint32_t subbuf_size, char *buf, size_t size);
const char *desc_header_event(void);

#endif
