/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libmerge - ftrace ring buffers from wherever they survived, as one trace
 *
 * A source (a vmcore, a trace.dat file, a pstore file, a RAM image, a running kernel's
 * ring) holds buffers. A buffer is one ring of the traced kernel: an instance's
 * live ring, its snapshot, or a persistent one. A buffer has one stream of
 * sub-buffers per CPU. The library decodes the sub-buffers, merges the
 * streams of all CPUs into one total order, and hands events to an event sink
 * (text, JSON) or whole sub-buffers to a page sink (trace.dat).
 *
 *	merge_source_open_vmcore()	or merge_source_open()
 *	merge_sink_text_create()	or merge_sink_tracedat_create()
 *	merge_pump_events()		or merge_pump_pages()
 *	merge_sink_destroy()
 *	merge_source_close()
 *
 * Rules that hold everywhere:
 * - Functions return 0 or a negative errno; iterators return 1 for an item,
 *   0 at the end, -EAGAIN for "nothing yet" (live sources only), another
 *   negative errno for an error. -EBADMSG: corrupt bytes. -ENODATA: absent
 *   from the source. -EFAULT: not mapped. -ENOTSUP: unknown version or format.
 *   -EINVAL: misuse. -EINTR: the caller asked to stop.
 * - With an error comes one line of text in struct merge_error.
 * - Out-parameters come last and are written only on success.
 * - The library never prints, never exits, never reads the environment, and
 *   keeps no global state: objects of different sources may be used from
 *   different threads, one source from one thread at a time.
 */
#ifndef LIBMERGE_H
#define LIBMERGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

/* The version of this library */
#define MERGE_VERSION	"0.1.0"

struct merge_source;
struct merge_text;
struct merge_desc;
struct merge_shift;
struct merge_iter;
struct merge_sink;

/**
 * struct merge_error - the last error, as one line of text
 * @code: negative errno, 0 when nothing went wrong yet
 * @text: what failed, outermost layer first, with cpu, sub-buffer and offset
 *	where there is one; never ends in a newline
 *
 * Owned by the caller; zero it before the first use.
 */
struct merge_error {
	int code;
	char text[500];
};

/* ---- Memory of a crashed kernel ---------------------------------------- */

/**
 * struct merge_mem_ops - the few things asked of a vmcore reader
 * @read: copy @len bytes at kernel virtual address @addr into @buf, all or
 *	nothing. The library asks for aligned whole pages wherever it can and
 *	caches what it will need again: an adapter needs no cache of its own.
 *	Return: 0, -ENODATA (the page was excluded from the dump), -EFAULT
 *	(not mapped, or beyond the end of the dump), another negative errno.
 * @symbol: address of a symbol of the kernel image. Return: 0 or -ENOENT.
 * @member: byte offset and byte size of a member, also of one inside an
 *	anonymous struct or union. Return: 0 or -ENOENT.
 * @enumerator: value of an enumerator. Return: 0 or -ENOENT.
 * @interrupted: whether the user asked to stop; polled often. May be NULL.
 * @read_physical: as @read, at a physical address. May be NULL: only
 *	merge_source_open_vmcore_region() and merge_source_open_vmcore_ramoops() ask for it.
 *
 * All are called with the @arg of struct merge_mem.
 */
struct merge_mem_ops {
	int (*read)(void *arg, uint64_t addr, void *buf, size_t len);
	int (*symbol)(void *arg, const char *name, uint64_t *addr);
	int (*member)(void *arg, const char *type, const char *member,
		      size_t *offset, size_t *size);
	int (*enumerator)(void *arg, const char *name, int64_t *value);
	bool (*interrupted)(void *arg);
	int (*read_physical)(void *arg, uint64_t addr, void *buf, size_t len);
};

/**
 * struct merge_mem - a crashed kernel's memory and types
 * @ops: how to get at them
 * @arg: handed to every one of @ops
 * @page_size: bytes per page of the crashed kernel
 * @long_size: 4 or 8, sizeof(long) of the crashed kernel
 * @big_endian: byte order of the crashed kernel
 */
struct merge_mem {
	const struct merge_mem_ops *ops;
	void *arg;
	uint32_t page_size;
	uint32_t long_size;
	bool big_endian;
};

/* ---- Sources and their buffers ------------------------------------------ */

/**
 * enum merge_kind - what a buffer is
 * @MERGE_LIVE: the ring an instance was recording into
 * @MERGE_SNAPSHOT: its spare ring, as the last snapshot left it
 * @MERGE_PERSISTENT: a live ring in memory that outlives the kernel
 * @MERGE_UNCOMMITTED: what a live or persistent ring holds behind its last
 *	commit: events that were being written when the kernel stopped
 * @MERGE_PREVIOUS_BOOT: a persistent ring into which this boot wrote nothing:
 *	what an earlier boot left there
 * @MERGE_CONSUMED: what a reader had already taken out of a persistent ring, and
 *	was not yet written over
 *
 * The last three are apart: given only when merge_select.buffers names them.
 */
enum merge_kind {
	MERGE_LIVE, MERGE_SNAPSHOT, MERGE_PERSISTENT,
	MERGE_UNCOMMITTED, MERGE_PREVIOUS_BOOT, MERGE_CONSUMED,
};

/**
 * struct merge_counters - what the traced kernel counted on one CPU
 * @entries: events written and neither overwritten nor read, as the
 *	"entries" line of per_cpu/cpuN/stats
 * @overrun: events overwritten by newer ones
 * @commit_overrun: events lost as writers nested too deep
 * @dropped: events dropped as the ring was full in no-overwrite mode
 * @read: events a reader has consumed
 * @bytes: bytes of event data ever written and not overwritten
 */
struct merge_counters {
	uint64_t entries;
	uint64_t overrun;
	uint64_t commit_overrun;
	uint64_t dropped;
	uint64_t read;
	uint64_t bytes;
};

/**
 * struct merge_cpu - one CPU's stream of sub-buffers
 * @cpu: the CPU's number; numbers may be sparse
 * @nr_subbufs: sub-buffers to read, in time order, 0 to @nr_subbufs - 1
 * @has_counters: @counters were readable
 * @counters: the kernel's own counts
 */
struct merge_cpu {
	unsigned int cpu;
	size_t nr_subbufs;
	bool has_counters;
	struct merge_counters counters;
};

/**
 * struct merge_buffer - one ring of the traced kernel
 * @source: the source it belongs to
 * @index: its place among the source's buffers
 * @name: unique printable name: "top" for the top-level ring, the instance's
 *	name ("instances/top" for one called top), "NAME/snapshot" for snapshots,
 *	"NAME/uncommitted" for what a ring holds behind its last commit,
 *	"NAME/consumed" for what a reader had taken out of it; "NAME~2"
 *	where a damaged dump has two of one name
 * @instance: the instance's name, "" for the top-level one
 * @kind: what it is
 * @previous_boot: its events are of an earlier boot: command names of this boot
 *	are not theirs, addresses are those of the earlier one
 * @shift: how addresses in its events have moved since that boot; opaque
 * @clock: the trace clock, as in the trace_clock file ("local", "mono", ...)
 * @clock_in_ns: time stamps are nanoseconds; else the clock's own unit
 * @uncounted: the source is of a kind that holds no count of entries: none is missed
 * @counted_reading: the kernel counted while or after a reader took the events: they
 *	are from counters.entries to entries + read, for both were not counted at once
 * @subbuf_size: bytes per sub-buffer, header included
 * @nr_cpus: entries of @cpus
 * @cpus: the CPUs that have a ring, by ascending CPU number
 */
struct merge_buffer {
	struct merge_source *source;
	unsigned int index;
	const char *name;
	const char *instance;
	enum merge_kind kind;
	bool previous_boot;
	const struct merge_shift *shift;
	const char *clock;
	bool clock_in_ns;
	bool uncounted;
	bool counted_reading;
	uint32_t subbuf_size;
	unsigned int nr_cpus;
	struct merge_cpu *cpus;
};

/**
 * struct merge_notice - something the source could not give
 * @buffer: the buffer, or NULL when no single one is meant
 * @cpu: the CPU number, or -1
 * @text: one line: what is missing, where, why, and what is done instead
 */
struct merge_notice {
	const struct merge_buffer *buffer;
	int cpu;
	const char *text;
};

/**
 * merge_source_open_vmcore() - find the trace buffers of a crashed kernel
 * @mem: access to its memory; copied, but @mem->arg must outlive the source
 * @err: filled on error
 * @out: the source; free with merge_source_close()
 *
 * Walks ftrace_trace_arrays as the kernel does (kernel/trace/trace.c,
 * kernel/trace/ring_buffer.c). What cannot be read is left out and noted: see
 * merge_source_notice(). Data pages are not read yet.
 *
 * Return: 0, also with no buffer found at all; -ENODATA when this kernel has
 * no ftrace or its root cannot be read; -EINTR; -ENOMEM.
 */
int merge_source_open_vmcore(const struct merge_mem *mem,
			     struct merge_error *err,
			     struct merge_source **out);

/**
 * merge_source_open() - the trace in a file or directory
 * @path: where it is
 * @type: what it is, when that is not to be found out: "trace.dat", "pages", "pstore",
 *	"region", "bootring" or "ramoops"; the last three with "@OFFSET" for one of several in a file;
 *	"ramoops:NAME=VALUE,..." with parameters of the kernel's module; else NULL
 * @err: filled on error
 * @out: the source; free with merge_source_close()
 *
 * A trace.dat file is of version 6 or 7, compressed or not, as trace-cmd and
 * merge_sink_tracedat_create() write it. It is read in pieces as they are needed:
 * memory does not grow with it, and it must not be changed while the source is
 * open. What it does not hold, or no longer, is left out and noted: see
 * merge_source_notice(). So it is with a directory of raw sub-buffers, "pages", as
 * docs/pages.md describes, and with what the kernel's tracer pstore left, "region", as
 * docs/format.md describes: the file in pstore, or the image of a memory that has it
 * somewhere; and with an image that has mainline's ramoops in it, as docs/ramoops.md
 * describes, or its persistent ring buffer, of docs/bootring.md; and
 * with the directory in which the kernel shows what ramoops had, or a copy of it, "pstore". A vmcore is recognised and refused: it takes a reader of
 * such, see merge_source_open_vmcore().
 *
 * Return: 0, also with no buffer found at all; -ENOTSUP when it is of no kind that
 * is known, or of an unknown version of it; -EBADMSG when it is damaged so that
 * nothing can be had; -EINVAL for an unknown @type; the errno of opening it;
 * -ENOMEM.
 */
int merge_source_open(const char *path, const char *type, struct merge_error *err,
		      struct merge_source **out);

/**
 * struct merge_region_io - what may hold a persistent trace region: a dump's memory
 * @read: copy @len bytes at @pos into @buf, all or nothing. Return: 0, -ENODATA when
 *	not all are there, -EINTR when the user asked to stop, another negative errno
 * @arg: handed to @read
 * @size: bytes there are; nothing is asked for behind them
 * @from: where to begin to look for one
 */
struct merge_region_io {
	int (*read)(void *arg, uint64_t pos, void *buf, size_t len);
	void *arg;
	uint64_t size;
	uint64_t from;
};

#define MERGE_REGION_NEWEST	UINT64_MAX

/**
 * merge_source_open_region() - a persistent trace region, wherever it is
 * @io: what holds it; copied, but @io->arg must outlive the source
 * @start: where it begins; MERGE_REGION_NEWEST: look everywhere, and take the
 *	one that was recorded into last
 * @err: filled on error
 * @out: the source; free with merge_source_close()
 *
 * As docs/format.md has it. What cannot be read is left out and noted.
 *
 * Return: 0; -ENOTSUP there is none, or of a version not known; -ENODATA none begins
 * at @start; -EBADMSG its headers are damaged; -EINTR; -ENOMEM.
 */
int merge_source_open_region(const struct merge_region_io *io, uint64_t start,
			     struct merge_error *err, struct merge_source **out);

/**
 * merge_source_open_vmcore_region() - the persistent trace region of a crashed kernel
 * @mem: access to its memory; copied, but @mem->arg must outlive the source
 * @earlier: what an earlier boot had left there, as this kernel copied it when it
 *	started: what /sys/fs/pstore/trace-ramoops-0 had; else the region itself
 * @err: filled on error
 * @out: the source; free with merge_source_close()
 *
 * What the tracer pstore recorded, out of the memory it recorded to, as docs/format.md has
 * it. Of the kernel's structures only the variable that tells where that is must be whole.
 * An instance that the tracer runs in is in merge_source_open_vmcore(), too, with the same
 * events. What cannot be read is left out and noted.
 *
 * Return: 0; -ENOTSUP this kernel has no such tracer, or nothing was recorded; -ENODATA it has no
 * region, or no copy, or that is not in the dump; -EBADMSG it is damaged; -EINTR; -ENOMEM.
 */
int merge_source_open_vmcore_region(const struct merge_mem *mem, bool earlier,
				    struct merge_error *err, struct merge_source **out);

/**
 * merge_source_open_vmcore_ramoops() - the zones of a crashed kernel's ramoops
 * @mem: access to its memory; copied, but @mem->arg must outlive the source
 * @err: filled on error
 * @out: the source; free with merge_source_close()
 *
 * Mainline's, as docs/ramoops.md has it, out of the physical memory where they are: dumps of
 * the kernel's log, its console and messages of user space as merge_source_text(), and
 * functions as events, whose names are the crashed kernel's. The parameters of ramoops tell
 * where; nothing of the module's own symbols is needed. What earlier boots had left is there
 * as far as this one did not write over it. What cannot be read is left out and noted.
 *
 * Return: 0; -ENOTSUP this kernel has no ramoops, or there is no zone; -ENODATA it has no memory,
 * or that is not in the dump; -EBADMSG its parameters are damaged; -EINTR; -ENOMEM.
 */
int merge_source_open_vmcore_ramoops(const struct merge_mem *mem, struct merge_error *err,
				     struct merge_source **out);

/**
 * struct merge_input - a source that becomes part of another one
 * @source: the source
 * @name: what its buffers are called in the whole: its top-level buffer NAME, others
 *	NAME/BUFFER; of no other input
 * @has_offset: @offset is known: the times of all its buffers are those of the clock
 *	of the first input's first buffer, once @offset is added
 * @offset: in the unit of that clock
 */
struct merge_input {
	struct merge_source *source;
	const char *name;
	bool has_offset;
	int64_t offset;
};

/**
 * merge_source_join() - several sources as one
 * @inputs: the sources; names are copied. On success the sources belong to the new
 *	one, on failure they stay the caller's
 * @nr: entries of @inputs, at least 1
 * @no_symbols: leave symbols out: addresses stay numbers
 * @err: filled on error
 * @out: the source; free with merge_source_close()
 *
 * The whole has one description, so that one trace.dat can hold it. Event ids are
 * mapped where formats are equal; when an event occurs whose format differs from
 * that of the same name in an earlier input, the sources do not fit together (this
 * reads the input through). Sources are taken to be of one boot when kernel, host and
 * the addresses of symbols agree; then buffers of one clock are in one order. Of
 * different boots they need an offset each, and where their symbols lie elsewhere
 * @no_symbols; command names are left out where not all agree on them.
 *
 * Buffers that merge_buffer_is_apart() are left out, and noted.
 *
 * Return: 0; -EINVAL when an offset, or @no_symbols, is missing, or clocks count in
 * different units; -ENOTSUP when formats, byte order or size of long differ;
 * -ERANGE when an offset makes times negative; -EINTR; -ENOMEM.
 */
int merge_source_join(const struct merge_input *inputs, size_t nr, bool no_symbols,
		      struct merge_error *err, struct merge_source **out);

/**
 * merge_source_describe() - let another source tell what one does not
 * @src: a source that does not tell formats of events, or symbols: "ramoops", "pstore" or "bootring"
 * @by: one of the same kernel: a trace.dat, or a directory of "pages" with a description.
 *	On success it belongs to @src, on failure it stays the caller's
 * @err: filled on error
 *
 * Before anything else is asked of @src. Names of tasks are not taken. The kernel may lie
 * elsewhere in memory: how far is found out, where anything tells.
 *
 * Return: 0; -ENOTSUP @src describes itself, or @by is of another kind of kernel; -EINTR;
 * -ENOMEM.
 */
int merge_source_describe(struct merge_source *src, struct merge_source *by,
			  struct merge_error *err);

/**
 * struct merge_live - a ring of the kernel that runs
 * @dir: a directory that describes it, as merge_source_open() takes for "pages": the CPUs'
 *	files of sub-buffers are there, and empty
 * @tracefs: the kernel's tracefs, a descriptor that must outlive the source
 * @ring: the instance's name, "" for the top-level ring
 * @way: "batch", "mmap" or "read", how it is read; NULL for the best there is
 * @stop: asked again and again whether it is to end; may be NULL
 * @arg: handed to @stop
 */
struct merge_live {
	const char *dir;
	int tracefs;
	const char *ring;
	const char *way;
	bool (*stop)(void *arg);
	void *arg;
};

/**
 * merge_source_open_live() - events of a running kernel, as they are written
 * @live: what is to be read; copied, @ring and @way are to stay until it returns
 * @err: filled on error
 * @out: the source; free with merge_source_close()
 *
 * The events are taken out of the ring. While there are none, merge_iter_next() gives
 * -EAGAIN, and merge_pump_events() calls its watcher's wait(). The order is that of all
 * sources; what a writer that was interrupted for more than 10 ms commits later is
 * handed out then, and counted as going backwards. When @stop says so the source ends,
 * and what was taken out of the ring comes at once. Positions (@from, @last of struct
 * merge_select) cannot be had.
 *
 * Return: 0; -ENOENT no such ring; -EBUSY somebody else reads it; -ENOMEM; as
 * merge_source_open() for @dir.
 */
int merge_source_open_live(const struct merge_live *live, struct merge_error *err,
			   struct merge_source **out);

/**
 * merge_source_close() - free a source with its buffers and description
 * @src: the source, or NULL. No sink or iterator on it may be in use.
 */
void merge_source_close(struct merge_source *src);

/**
 * merge_source_on_interrupt() - let the user stop what is done with a source
 * @src: the source
 * @interrupted: whether the user asked to stop; polled often; NULL: no longer
 * @arg: handed to it
 *
 * What is under way ends with -EINTR. A vmcore has its own besides, in struct
 * merge_mem_ops.
 */
void merge_source_on_interrupt(struct merge_source *src,
			       bool (*interrupted)(void *arg), void *arg);

/** merge_source_nr_buffers() - number of buffers of @src */
unsigned int merge_source_nr_buffers(const struct merge_source *src);

/**
 * merge_source_buffer() - one buffer of a source
 * @src: the source
 * @index: 0 to merge_source_nr_buffers() - 1
 *
 * Return: the buffer, owned by @src; NULL when @index is out of range.
 */
const struct merge_buffer *merge_source_buffer(const struct merge_source *src,
					       unsigned int index);

/**
 * merge_source_notice() - what the source could not give
 * @src: the source
 * @index: 0 and up
 *
 * Notices may be added while the source is read.
 *
 * Return: the notice, owned by @src; NULL behind the last one.
 */
const struct merge_notice *merge_source_notice(const struct merge_source *src,
					       unsigned int index);

/**
 * merge_source_remark() - what a source tells of itself
 * @src: the source
 * @index: 0 and up
 *
 * Lines for people: where it was found, when it was recorded, what was counted in it.
 * Nothing is missing for what they say.
 *
 * Return: one line, owned by @src; NULL behind the last one.
 */
const char *merge_source_remark(const struct merge_source *src, unsigned int index);

/**
 * struct merge_text - what a source holds that is text, and no events
 * @name: "dmesg-0", "console", "pmsg": of no other text of the source
 * @data: the text as it was written, which may be any bytes; a 0 follows that is no part
 *	of it
 * @size: bytes at @data
 * @address: where it is, as in struct merge_damage
 * @stored: bytes it takes there, which are less where it is compressed
 *
 * Owned by the source.
 */
struct merge_text {
	const char *name;
	const char *data;
	size_t size;
	uint64_t address;
	uint64_t stored;
};

/**
 * merge_source_text() - one text of a source
 * @src: the source
 * @index: 0 and up
 *
 * Dumps of the kernel's log, its console, and messages of user space, of mainline's
 * ramoops: docs/ramoops.md.
 *
 * Return: the text, owned by @src; NULL behind the last one.
 */
const struct merge_text *merge_source_text(const struct merge_source *src, unsigned int index);

/**
 * merge_buffer_is_apart() - whether a buffer is only given when it is named
 * @buf: the buffer
 *
 * Return: true for uncommitted events, for those of an earlier boot, and for those
 * that a reader had consumed.
 */
bool merge_buffer_is_apart(const struct merge_buffer *buf);

/** merge_source_desc() - the description of the traced boot, owned by @src */
struct merge_desc *merge_source_desc(const struct merge_source *src);

/**
 * struct merge_format - the format file of one event of the traced boot
 * @id: common_type of its records
 * @system: the event's system ("sched")
 * @name: the event's name ("sched_switch")
 * @text: what events/SYSTEM/NAME/format held, byte for byte
 *
 * All is borrowed for the call.
 */
struct merge_format {
	unsigned int id;
	const char *system;
	const char *name;
	const char *text;
};

/**
 * typedef merge_format_fn - told of an event's format
 * @arg: the caller's
 * @format: the format
 *
 * Return: 0 to go on; a positive number to end the walk with it.
 */
typedef int merge_format_fn(void *arg, const struct merge_format *format);

/**
 * merge_desc_formats() - the format files of all events of the traced boot
 * @desc: its description: merge_source_desc()
 * @events: globs as merge_select.events has them, NULL for all
 * @nr_events: entries of @events
 * @fn: called for each of them, by ascending id
 * @arg: handed to @fn
 * @err: filled on error
 *
 * All events the kernel knew, not only those that were recorded. What is
 * unreadable is left out and noted: see merge_source_notice(). As f_show() of
 * kernel/trace/trace_events.c prints them.
 *
 * Return: 0; 1 when formats are missing; what @fn returned; -EINTR; -ENOMEM;
 * -ENOTSUP.
 */
int merge_desc_formats(struct merge_desc *desc, const char *const *events,
		       size_t nr_events, merge_format_fn *fn, void *arg,
		       struct merge_error *err);

/**
 * merge_desc_user_symbols() - show user addresses by what was mapped there
 * @desc: the description: merge_source_desc()
 * @on: whether sinks show the entries of user stacks as "path[+0xoffset]", as the
 *	kernel does with its option sym-userobj (seq_print_user_ip() of
 *	kernel/trace/trace_output.c), where the process is there in the source with
 *	its memory map. At first they are addresses, as the kernel shows them by default
 *
 * Return: 0; -ENOTSUP the source has no memory maps of processes: they stay addresses.
 */
int merge_desc_user_symbols(struct merge_desc *desc, bool on);

/**
 * struct merge_about - what is known of the traced boot
 * @sysname: and the others to @machine: as uname tells them, "" when unknown;
 *	owned by the source
 * @nodename: the machine's name
 * @release: of the kernel
 * @version: of the kernel
 * @machine: the architecture
 * @nr_cpus: CPU numbers there could be, 0 when unknown
 * @page_size: of the kernel, in bytes
 * @long_size: 4 or 8
 * @big_endian: byte order
 * @symbols: symbols of the kernel image that are there to name addresses
 * @module_symbols: those of modules
 * @printks: formats of trace_printk()
 * @comms: names of tasks that the kernel saved
 */
struct merge_about {
	const char *sysname;
	const char *nodename;
	const char *release;
	const char *version;
	const char *machine;
	unsigned int nr_cpus;
	uint32_t page_size;
	uint32_t long_size;
	bool big_endian;
	uint64_t symbols;
	uint64_t module_symbols;
	uint64_t printks;
	uint64_t comms;
};

/**
 * merge_desc_about() - who the traced boot was, and how much describes it
 * @desc: its description: merge_source_desc()
 * @err: filled on error
 * @about: what is known
 *
 * Walks all symbols, printk formats and names. What is unreadable is not counted.
 *
 * Return: 0, -EINTR, -ENOMEM.
 */
int merge_desc_about(struct merge_desc *desc, struct merge_error *err,
		     struct merge_about *about);

/**
 * merge_desc_event_name() - which event a record is of
 * @desc: the description
 * @record: a record: merge_event.data, of 2 bytes at least
 * @id: its common_type; set in any case
 * @system: the event's system, owned by @desc
 * @name: the event's name, owned by @desc; NULL when its format does not parse
 *
 * Return: 0; -ENOENT without a format of it; -ENODATA when that is unreadable;
 * -ENOMEM.
 */
int merge_desc_event_name(struct merge_desc *desc, const void *record, unsigned int *id,
			  const char **system, const char **name);

/* ---- Events in one order ------------------------------------------------ */

/* struct merge_event.lost: some events are missing, nobody knows how many */
#define MERGE_LOST_UNKNOWN	UINT64_MAX

/* struct merge_event.flags */
#define MERGE_EVENT_BACKWARDS	1u	/* earlier than the one before on its CPU */

/**
 * struct merge_event - one event
 * @buffer: the buffer it is from
 * @ts: time stamp in the unit of the buffer's clock
 * @lost: events lost on this CPU just before this one, 0 when none,
 *	MERGE_LOST_UNKNOWN when uncounted
 * @data: the record, common_type first, in the traced kernel's byte order
 * @size: bytes at @data
 * @cpu: CPU number
 * @flags: MERGE_EVENT_*
 * @subbuf: index of the sub-buffer in its stream
 * @offset: offset of @data in the sub-buffer
 * @stream: the library's own: where it came from; NULL in events made elsewhere
 *
 * @data is borrowed: valid until the next call on the same iterator.
 */
struct merge_event {
	const struct merge_buffer *buffer;
	uint64_t ts;
	uint64_t lost;
	const void *data;
	uint32_t size;
	uint32_t cpu;
	uint32_t flags;
	uint32_t offset;
	size_t subbuf;
	void *stream;
};

/**
 * struct merge_damage - a piece of a stream that could not be had
 * @buffer: the buffer
 * @cpu: CPU number
 * @subbuf: index of the sub-buffer in its stream
 * @address: where it lives, in the source's own terms (for a vmcore the kernel
 *	virtual address)
 * @offset: first bad byte in the sub-buffer; events before it were delivered
 * @code: -ENODATA, -EFAULT, -EBADMSG or another negative errno
 * @text: the reason, one line, without the place; borrowed for the call
 */
struct merge_damage {
	const struct merge_buffer *buffer;
	unsigned int cpu;
	size_t subbuf;
	uint64_t address;
	uint32_t offset;
	int code;
	const char *text;
};

/**
 * struct merge_stats - what an iterator or a pump went through
 * @events: events delivered
 * @lost: events known to be lost between delivered ones, and before the first ones
 *	with merge_select.overruns
 * @lost_unknown: gaps of unknown size
 * @backwards: events earlier than their predecessor on the same CPU
 * @subbufs: sub-buffers read
 * @damaged: sub-buffers that were unreadable, wholly or from some offset on
 * @bytes: bytes of sub-buffers read
 */
struct merge_stats {
	uint64_t events;
	uint64_t lost;
	uint64_t lost_unknown;
	uint64_t backwards;
	uint64_t subbufs;
	uint64_t damaged;
	uint64_t bytes;
};

/**
 * struct merge_select - which events
 * @buffers: indices of the buffers wanted, ascending; NULL for all but those
 *	that merge_buffer_is_apart()
 * @nr_buffers: entries of @buffers
 * @cpus: CPU numbers wanted, ascending; NULL for all
 * @nr_cpus: entries of @cpus
 * @events: "system:event", "system" or ":event" globs as fnmatch(3) knows;
 *	NULL for all
 * @nr_events: entries of @events
 * @from: first time stamp wanted, inclusive
 * @to: last time stamp wanted, inclusive; 0 for no end
 * @last: only the last so many of the events that are otherwise selected;
 *	0 for all
 * @overruns: the first event of a CPU tells what was overwritten before it, since a
 *	reader last came by, as trace_pipe and trace-cmd extract do; the trace file
 *	of the kernel does not. Where something is left out before it by @from or
 *	@last, it tells nothing
 *
 * @from, @to and @last position the streams by binary search over sub-buffer
 * time stamps, which are taken to ascend; they do not read what is not wanted.
 * Within a CPU they cut where time first reaches them: where it goes back
 * behind @from, earlier events follow. All zero selects all.
 */
struct merge_select {
	const unsigned int *buffers;
	size_t nr_buffers;
	const unsigned int *cpus;
	size_t nr_cpus;
	const char *const *events;
	size_t nr_events;
	uint64_t from;
	uint64_t to;
	uint64_t last;
	bool overruns;
};

/**
 * typedef merge_damage_fn - told of every damaged sub-buffer as it is met
 * @arg: the caller's
 * @damage: what and where; borrowed for the call
 */
typedef void merge_damage_fn(void *arg, const struct merge_damage *damage);

/**
 * merge_iter_create() - merge buffers of one clock into one order
 * @src: the source; must outlive the iterator
 * @sel: what is wanted; @sel->buffers must name buffers of one clock and one
 *	boot, not uncommitted ones beside others; copied.
 *	@sel->events is not looked at (merge_pump_events() filters). NULL for all
 * @damage: called for damaged sub-buffers; may be NULL
 * @arg: handed to @damage
 * @err: filled on error
 * @out: the iterator; free with merge_iter_destroy()
 *
 * The order is total: (time stamp, buffer, CPU, position). Within a CPU events
 * keep the order they were written in, also where time goes backwards.
 *
 * Return: 0, -EINVAL (no common order, no such buffer), -ENOMEM, -EINTR.
 */
int merge_iter_create(struct merge_source *src, const struct merge_select *sel,
		      merge_damage_fn *damage, void *arg,
		      struct merge_error *err, struct merge_iter **out);

/** merge_iter_destroy() - free an iterator; NULL is allowed */
void merge_iter_destroy(struct merge_iter *it);

/**
 * merge_iter_next() - the next event of all CPUs
 * @it: the iterator
 * @ev: the event; @ev->data is valid until the next call on @it
 *
 * Return: 1 an event, 0 the end, -EAGAIN nothing that is safely ordered for now (live
 * sources: ask again later), another negative errno (-EINTR, -ENOMEM) otherwise. Damage in
 * the data is not an error: it is reported and stepped over.
 */
int merge_iter_next(struct merge_iter *it, struct merge_event *ev);

/** merge_iter_stats() - counts so far; owned by @it */
const struct merge_stats *merge_iter_stats(const struct merge_iter *it);

/* ---- Sinks and pumps ----------------------------------------------------- */

/**
 * merge_sink_text_create() - events as lines of text
 * @out: where the lines go; flushed at the end, not closed
 * @err: filled on error
 * @out_sink: the sink; free with merge_sink_destroy()
 *
 * Lines look like the kernel's own trace file: task-pid, [cpu], flags, time
 * stamp, event name and its fields by the event's print format, as
 * libtraceevent prints it. Lines that begin with "#" are not events.
 *
 * Return: 0 or -ENOMEM.
 */
int merge_sink_text_create(FILE *out, struct merge_error *err,
			   struct merge_sink **out_sink);

/**
 * merge_sink_json_create() - events as JSON Lines
 * @out: where the lines go; flushed at the end, not closed
 * @err: filled on error
 * @out_sink: the sink; free with merge_sink_destroy()
 *
 * One object a line: a header, groups of buffers, events with their fields and
 * their text, damage, notices, and an end, also when the run had to stop.
 * docs/json.md and docs/events.schema.json say what they hold. Every line is
 * valid JSON whatever the bytes of the dump.
 *
 * Return: 0 or -ENOMEM.
 */
int merge_sink_json_create(FILE *out, struct merge_error *err,
			   struct merge_sink **out_sink);

/**
 * merge_sink_tracedat_create() - a trace.dat file
 * @path: the file; written beside and renamed when complete, mode 0600
 * @version: of the format: 7, which trace-cmd 3.0 and later read; or 6, for
 *	older ones, which the later ones read too
 * @err: filled on error
 * @out_sink: the sink; free with merge_sink_destroy(), which removes what was
 *	written when the pump did not finish
 *
 * A page sink: sub-buffers are stored as they are, one buffer after the other.
 * Damaged sub-buffers are stored up to the damage; the gap is marked. A file with the
 * marks that trace-cmd extract makes wants merge_select.overruns. Version 6
 * has one size of sub-buffers for all: the largest there is. Its events are encoded
 * anew into such, as older readers know them. It needs room for all sub-buffers
 * once more, in a file without a name beside @path, while it is written.
 *
 * An event sink as well: events are encoded anew into sub-buffers of their
 * buffer's size, which takes the same room.
 *
 * Return: 0, -EINVAL, -ENOMEM, or the errno of creating the file.
 */
int merge_sink_tracedat_create(const char *path, unsigned int version,
			       struct merge_error *err, struct merge_sink **out_sink);

/**
 * merge_sink_tracedat_compress() - compress the file
 * @sink: of merge_sink_tracedat_create(), nothing pumped into it yet
 * @method: "zlib", "zstd", or "none"
 * @err: filled on error
 *
 * In pieces of 64 KiB, or a sub-buffer where that is larger, as trace-cmd 3.0 and
 * later read it. Only version 7 has compression. It takes room for the description
 * of the boot, uncompressed, in a file without a name beside the path.
 *
 * Return: 0, -EINVAL, -ENOMEM.
 */
int merge_sink_tracedat_compress(struct merge_sink *sink, const char *method,
				 struct merge_error *err);

/** merge_sink_destroy() - free a sink, removing half-made files; NULL allowed */
void merge_sink_destroy(struct merge_sink *sink);

/**
 * struct merge_watch - how the caller follows a pump; zero what is not wanted
 * @damage: called for every damaged sub-buffer
 * @progress: called now and then with the statistics so far and the number of
 *	sub-buffers there are in all
 * @arg: handed to all
 * @wait: called when a live source has nothing for now: to show what there was, and to
 *	sleep; merge_source_open_live()'s stop ends it
 */
struct merge_watch {
	merge_damage_fn *damage;
	void (*progress)(void *arg, const struct merge_stats *stats,
			 uint64_t subbufs_total);
	void *arg;
	void (*wait)(void *arg);
};

/**
 * merge_pump_events() - from a source through the merge into an event sink
 * @src: the source
 * @sel: what is wanted, or NULL for all
 * @sink: an event sink
 * @watch: or NULL
 * @err: filled on error
 * @stats: sums over all groups; may be NULL
 *
 * Buffers of one clock are merged; buffers of another clock follow as a group
 * of their own, announced to the sink, and so do those that are apart. There is no order between groups: each
 * gives its own @sel->last events.
 *
 * Return: 0 complete; 1 something was damaged, went back in time or is missing; negative errno
 * when it had to stop (the sink failed, -EINTR, -ENOMEM).
 */
int merge_pump_events(struct merge_source *src, const struct merge_select *sel,
		      struct merge_sink *sink, const struct merge_watch *watch,
		      struct merge_error *err, struct merge_stats *stats);

/**
 * merge_pump_pages() - from a source into a page sink, sub-buffer by sub-buffer
 * @src: the source
 * @sel: only @buffers and @cpus are allowed; NULL for all
 * @sink: a page sink
 * @watch: or NULL
 * @err: filled on error
 * @stats: sums over all buffers; may be NULL
 *
 * Return: as merge_pump_events(); -EINVAL when @sel has what needs decoding.
 */
int merge_pump_pages(struct merge_source *src, const struct merge_select *sel,
		     struct merge_sink *sink, const struct merge_watch *watch,
		     struct merge_error *err, struct merge_stats *stats);

/* ---- Time ---------------------------------------------------------------- */

/**
 * merge_time_parse() - a time stamp as people write it
 * @buffer: gives the unit: "123.456789" seconds for clocks in nanoseconds, a
 *	plain number of the clock's units otherwise
 * @text: the text
 * @ts: the time stamp
 *
 * Return: 0 or -EINVAL.
 */
int merge_time_parse(const struct merge_buffer *buffer, const char *text,
		     uint64_t *ts);

/**
 * merge_time_print() - a time stamp as the kernel's trace file has it
 * @buffer: gives the unit
 * @ts: the time stamp
 * @buf: the text, at most @size bytes with the terminating 0
 * @size: 24 is always enough
 */
void merge_time_print(const struct merge_buffer *buffer, uint64_t ts,
		      char *buf, size_t size);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif
#endif
