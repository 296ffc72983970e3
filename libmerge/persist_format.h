/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR LGPL-2.1-or-later */
/*
 * The persistent trace region, format 1: what the tracer "pstore" leaves in
 * memory, and what reads it after a crash. docs/format.md of pstore-rb describes
 * it byte by byte, with what a crash between any two stores leaves behind.
 *
 * The area that is reserved holds one or more slots. A slot is whole in itself:
 *
 *	header, copy A		struct trace_persist_header, chunk table behind it
 *	header, copy B		the same; the valid one with the higher @update counts
 *	tables			struct trace_persist_entry one behind the other
 *	command names		struct trace_persist_comm
 *	seals			struct trace_persist_seal, one a sub-buffer
 *	chunks			of each CPU the sub-buffers of its ring
 *
 * Where each of them is, and how large, is read from the header and never
 * computed anew. Numbers are little-endian, but those inside of sub-buffers and
 * of TRACE_PERSIST_MEMORY entries, which have the traced kernel's byte order.
 * Offsets count from the start of the slot. A crc is crc32c (Castagnoli,
 * reflected, ~0 at the start, inverted at the end).
 */
#ifndef _UAPI_LINUX_TRACE_PERSIST_H
#define _UAPI_LINUX_TRACE_PERSIST_H

#include <linux/types.h>

#define TRACE_PERSIST_MAGIC		"TrcPrst\n"	/* its 0 is not stored */
#define TRACE_PERSIST_MAGIC_SIZE	8
#define TRACE_PERSIST_VERSION		1

/* Slots, and copies of the header, begin at multiples of it, in the memory and in a slot */
#define TRACE_PERSIST_ALIGN		4096

/* trace_persist_header.flags */
#define TRACE_PERSIST_BIG_ENDIAN	(1U << 0)	/* the traced kernel is */
#define TRACE_PERSIST_TABLES_FULL	(1U << 1)	/* something found no room in the tables */
#define TRACE_PERSIST_OVERWRITE		(1U << 2)	/* the oldest sub-buffer makes room */
#define TRACE_PERSIST_STOPPED		(1U << 3)	/* the tracer was switched off */
#define TRACE_PERSIST_PANIC		(1U << 4)	/* a panic ended the recording */

/**
 * struct trace_persist_anchor - one moment on three clocks
 * @clock: the trace clock, in its own unit
 * @monotonic: CLOCK_MONOTONIC, in nanoseconds
 * @wall: CLOCK_REALTIME, in nanoseconds; 0: no such moment was noted
 */
struct trace_persist_anchor {
	__le64 clock;
	__le64 monotonic;
	__le64 wall;
};

/**
 * struct trace_persist_header - who recorded what where
 * @magic: TRACE_PERSIST_MAGIC
 * @crc: of all that follows it, up to @header_size: the chunk table is included
 * @version: TRACE_PERSIST_VERSION
 * @header_size: bytes of this copy, from @magic to the end of the chunk table
 * @copy_offset: where in the slot this copy begins: 0, or a multiple of
 *	TRACE_PERSIST_ALIGN
 * @update: goes up with each write of a copy, also when the slot is armed anew
 * @generation: goes up with each arming of any slot: the highest is the newest
 * @slot_size: bytes of the slot
 * @slot: place of the slot among the @nr_slots of the area
 * @nr_slots: slots of the area, all of @slot_size
 * @phys: physical address of the slot
 * @arming: a random number, not 0, drawn when the slot was armed; what has
 *	another one is an earlier arming's and does not count
 * @flags: TRACE_PERSIST_*
 * @page_size: of the traced kernel
 * @subbuf_size: bytes of each sub-buffer, its header included
 * @long_size: sizeof(long) of the traced kernel: of a sub-buffer's commit word
 * @nr_chunks: entries of the chunk table
 * @chunk_offset: where the chunk table is, from the start of this copy
 * @chunk_entry_size: bytes of each of its entries
 * @seal_size: bytes of each seal
 * @comm_entry_size: bytes of each command name's entry
 * @nr_comms: command names there is room for
 * @nr_cpu_ids: possible CPU numbers of the traced kernel
 * @comms_offset: where the command names are
 * @tables_offset: where the tables begin, a multiple of 8
 * @tables_size: bytes of room for the tables
 * @text_base: address of _stext
 * @anchor: when the slot was armed; when the header was last written
 * @clock: name of the trace clock, as in the trace_clock file
 * @instance: name of the instance, empty for the top-level one
 * @release: of the traced kernel, as uname(2) has it, as the next three
 * @kernel_version: build number and date
 * @machine: its hardware
 * @nodename: its host
 * @build_id: of vmlinux
 * @build_id_size: bytes of @build_id, 0 when it is unknown
 * @boot_id: random, one a boot: /proc/sys/kernel/random/boot_id
 * @reserved: 0
 *
 * Texts end with 0.
 */
struct trace_persist_header {
	__u8 magic[TRACE_PERSIST_MAGIC_SIZE];
	__le32 crc;
	__le32 version;
	__le32 header_size;
	__le32 copy_offset;
	__le64 update;
	__le64 generation;
	__le64 slot_size;
	__le32 slot;
	__le32 nr_slots;
	__le64 phys;
	__le32 arming;
	__le32 flags;
	__le32 page_size;
	__le32 subbuf_size;
	__le32 long_size;
	__le32 nr_chunks;
	__le32 chunk_offset;
	__le32 chunk_entry_size;
	__le32 seal_size;
	__le32 comm_entry_size;
	__le32 nr_comms;
	__le32 nr_cpu_ids;
	__le64 comms_offset;
	__le64 tables_offset;
	__le64 tables_size;
	__le64 text_base;
	struct trace_persist_anchor anchor[2];
	char clock[32];
	char instance[64];
	char release[72];
	char kernel_version[72];
	char machine[72];
	char nodename[72];
	__u8 build_id[20];
	__le32 build_id_size;
	__u8 boot_id[16];
	__u8 reserved[24];
};

/**
 * struct trace_persist_chunk - one CPU's part of the slot
 * @cpu: number of the CPU
 * @nr_subbufs: sub-buffers of the chunk
 * @offset: where the chunk begins: notes of the kernel's ring buffer, which
 *	readers leave alone, may come first
 * @size: bytes of the chunk
 * @subbufs: where the first sub-buffer is; the others follow without a gap
 * @seals: where the seal of the first sub-buffer is, a multiple of 8; those of
 *	the others follow
 * @reserved: 0
 */
struct trace_persist_chunk {
	__le32 cpu;
	__le32 nr_subbufs;
	__le64 offset;
	__le64 size;
	__le64 subbufs;
	__le64 seals;
	__u8 reserved[8];
};

/**
 * struct trace_persist_seal - what a sub-buffer was when it was left
 * @time_stamp: the sub-buffer's; TRACE_PERSIST_UNSEALED while the seal is written
 * @sequence: how many of this chunk were sealed since it was armed, this one
 *	included: sub-buffers in the order they were written in
 * @overrun: events of this CPU that were overwritten until then
 * @dropped: events of this CPU that found no room, or were nested too deep
 * @arming: the header's
 * @commit: the sub-buffer's commit word without flags: bytes of events
 * @crc: of this struct up to here, with that time stamp, and then of @commit
 *	bytes of events
 * @reserved: 0
 * @consumed: set to @sequence when a reader has consumed the sub-buffer
 * @reserved2: 0
 *
 * The seal counts when @arming is the header's and time stamp and commit word of
 * the sub-buffer are the same as here; else the sub-buffer is not sealed.
 */
struct trace_persist_seal {
	__le64 time_stamp;
	__le64 sequence;
	__le64 overrun;
	__le64 dropped;
	__le32 arming;
	__le32 commit;
	__le32 crc;
	__le32 reserved;
	__le64 consumed;
	__u8 reserved2[8];
};

#define TRACE_PERSIST_UNSEALED		(~0ULL)
/* Bytes of a seal that its crc covers */
#define TRACE_PERSIST_SEAL_COVERED	40

/**
 * struct trace_persist_comm - the name of a task
 * @pid: its pid; TRACE_PERSIST_NO_PID while the entry is written or unused
 * @crc: of the header's @arming (__le32), @pid and @comm, in that order
 * @comm: its name, ends with 0
 */
struct trace_persist_comm {
	__le32 pid;
	__le32 crc;
	char comm[16];
};

#define TRACE_PERSIST_NO_PID		(~0U)

/**
 * enum trace_persist_type - what an entry of the tables holds
 * @TRACE_PERSIST_EVENT: the event of id @number: its system, 0, the text of its
 *	format file, 0
 * @TRACE_PERSIST_MODULE: struct trace_persist_module and the name, 0; @number is
 *	the module's, and goes up with each module that is loaded. A module has one
 *	entry for each part of its memory. Where a later module's memory overlaps
 *	that of an earlier one, the earlier one is gone
 * @TRACE_PERSIST_MODULE_SYMBOLS: symbols of module @number, one behind the other:
 *	__le64 address, nm's letter, the name, 0; a module may have several entries
 * @TRACE_PERSIST_PRINTK: __le64 address, then the string there, 0: a format of
 *	trace_printk(), or another string that events point to
 * @TRACE_PERSIST_MEMORY: struct trace_persist_memory and a piece of one of the
 *	kernel's own tables, such as kallsyms_names; pieces come by ascending
 *	offset and without a gap
 *
 * Readers step over others.
 */
enum trace_persist_type {
	TRACE_PERSIST_EVENT		= 1,
	TRACE_PERSIST_MODULE		= 2,
	TRACE_PERSIST_MODULE_SYMBOLS	= 3,
	TRACE_PERSIST_PRINTK		= 4,
	TRACE_PERSIST_MEMORY		= 5,
};

/**
 * struct trace_persist_entry - head of an entry of the tables
 * @magic: TRACE_PERSIST_ENTRY_MAGIC, written last
 * @crc: of all that follows it, up to the end of the payload
 * @arming: the header's
 * @type: enum trace_persist_type
 * @number: see there
 * @size: bytes of the payload that follows; the next entry begins at the next
 *	multiple of 8
 */
struct trace_persist_entry {
	__le32 magic;
	__le32 crc;
	__le32 arming;
	__le32 type;
	__le32 number;
	__le32 size;
};

#define TRACE_PERSIST_ENTRY_MAGIC	0x45507254U	/* "TrPE" */
#define TRACE_PERSIST_ENTRY_MAX		(1U << 20)	/* no payload is larger */

/**
 * struct trace_persist_module - a part of a module's memory
 * @address: where it is
 * @size: bytes of it
 * @build_id: of the module
 * @build_id_size: bytes of @build_id, 0 when it is unknown
 */
struct trace_persist_module {
	__le64 address;
	__le64 size;
	__u8 build_id[20];
	__le32 build_id_size;
};

/**
 * struct trace_persist_memory - a piece of a table of the kernel's
 * @address: where the table is in the traced kernel
 * @size: bytes of the whole table
 * @offset: of this piece in the table
 * @name: the table's symbol, ends with 0
 */
struct trace_persist_memory {
	__le64 address;
	__le64 size;
	__le64 offset;
	char name[40];
};

#endif /* _UAPI_LINUX_TRACE_PERSIST_H */
