/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A crashed kernel as the walkers see it: its memory and the places of the
 * members they need. Members are looked up, never assumed: one that a kernel
 * lacks is unknown, and who needs it does without.
 */
#ifndef MERGE_VMCORE_H
#define MERGE_VMCORE_H

#include "mem.h"

/* One row per member: X(id, type, member) */
#define VMCORE_MEMBERS(X)						\
	X(TR_LIST, trace_array, list)					\
	X(TR_NAME, trace_array, name)					\
	X(TR_ARRAY_BUFFER, trace_array, array_buffer)			\
	X(TR_MAX_BUFFER, trace_array, max_buffer)			\
	X(TR_SNAPSHOT_BUFFER, trace_array, snapshot_buffer)		\
	X(TR_ALLOCATED_SNAPSHOT, trace_array, allocated_snapshot)	\
	X(TR_RANGE_START, trace_array, range_addr_start)		\
	X(TR_CLOCK_ID, trace_array, clock_id)				\
	X(ARRAY_BUFFER_BUFFER, array_buffer, buffer)			\
	X(RING_BUFFERS, trace_buffer, buffers)				\
	X(RING_SUBBUF_ORDER, trace_buffer, subbuf_order)		\
	X(CPU_NR_PAGES, ring_buffer_per_cpu, nr_pages)			\
	X(CPU_PAGES, ring_buffer_per_cpu, pages)			\
	X(CPU_HEAD_PAGE, ring_buffer_per_cpu, head_page)		\
	X(CPU_TAIL_PAGE, ring_buffer_per_cpu, tail_page)		\
	X(CPU_COMMIT_PAGE, ring_buffer_per_cpu, commit_page)		\
	X(CPU_READER_PAGE, ring_buffer_per_cpu, reader_page)		\
	X(CPU_ENTRIES, ring_buffer_per_cpu, entries)			\
	X(CPU_ENTRIES_BYTES, ring_buffer_per_cpu, entries_bytes)	\
	X(CPU_OVERRUN, ring_buffer_per_cpu, overrun)			\
	X(CPU_COMMIT_OVERRUN, ring_buffer_per_cpu, commit_overrun)	\
	X(CPU_DROPPED, ring_buffer_per_cpu, dropped_events)		\
	X(CPU_READ, ring_buffer_per_cpu, read)				\
	X(CPU_READ_BYTES, ring_buffer_per_cpu, read_bytes)		\
	X(BPAGE_LIST, buffer_page, list)				\
	X(BPAGE_READ, buffer_page, read)				\
	X(BPAGE_PAGE, buffer_page, page)				\
	X(CALL_LIST, trace_event_call, list)				\
	X(CALL_CLASS, trace_event_call, class)				\
	X(CALL_NAME, trace_event_call, name)				\
	X(CALL_TP, trace_event_call, tp)				\
	X(CALL_EVENT, trace_event_call, event)				\
	X(CALL_PRINT_FMT, trace_event_call, print_fmt)			\
	X(CALL_DATA, trace_event_call, data)				\
	X(CALL_FLAGS, trace_event_call, flags)				\
	X(EVENT_TYPE, trace_event, type)				\
	X(TRACEPOINT_NAME, tracepoint, name)				\
	X(CLASS_SYSTEM, trace_event_class, system)			\
	X(CLASS_FIELDS, trace_event_class, fields)			\
	X(CLASS_GET_FIELDS, trace_event_class, get_fields)		\
	X(SYSCALL_ENTER_FIELDS, syscall_metadata, enter_fields)		\
	X(FIELD_LINK, ftrace_event_field, link)				\
	X(FIELD_NAME, ftrace_event_field, name)				\
	X(FIELD_TYPE, ftrace_event_field, type)				\
	X(FIELD_OFFSET, ftrace_event_field, offset)			\
	X(FIELD_SIZE, ftrace_event_field, size)				\
	X(FIELD_SIGNED, ftrace_event_field, is_signed)			\
	X(FIELD_NEEDS_TEST, ftrace_event_field, needs_test)		\
	X(FIELD_LEN, ftrace_event_field, len)				\
	X(BPRINTK_LIST, trace_bprintk_fmt, list)			\
	X(BPRINTK_FMT, trace_bprintk_fmt, fmt)				\
	X(CMD_PID_MAP, saved_cmdlines_buffer, map_pid_to_cmdline)	\
	X(CMD_TO_PID, saved_cmdlines_buffer, map_cmdline_to_pid)	\
	X(CMD_NUM, saved_cmdlines_buffer, cmdline_num)			\
	X(CMD_COMMS, saved_cmdlines_buffer, saved_cmdlines)		\
	X(TASK_COMM, task_struct, comm)					\
	X(UTS_NAME, uts_namespace, name)				\
	X(UTS_SYSNAME, new_utsname, sysname)				\
	X(UTS_NODENAME, new_utsname, nodename)				\
	X(UTS_RELEASE, new_utsname, release)				\
	X(UTS_VERSION, new_utsname, version)				\
	X(UTS_MACHINE, new_utsname, machine)				\
	X(MODULE_LIST, module, list)					\
	X(MODULE_NAME, module, name)					\
	X(MODULE_KALLSYMS, module, kallsyms)				\
	X(MODSYMS_SYMTAB, mod_kallsyms, symtab)				\
	X(MODSYMS_NUM, mod_kallsyms, num_symtab)			\
	X(MODSYMS_STRTAB, mod_kallsyms, strtab)				\
	X(MODSYMS_TYPETAB, mod_kallsyms, typetab)

enum vmcore_member {
#define X(id, type, name) id,
	VMCORE_MEMBERS(X)
#undef X
	VMCORE_NR_MEMBERS
};

/* A member's place, looked up when first asked for: type lookups are slow. */
struct vmcore_place {
	size_t offset;
	size_t size;
	enum { PLACE_UNASKED, PLACE_KNOWN, PLACE_MISSING } state;
};

struct vmcore {
	struct mem *mem;
	struct vmcore_place members[VMCORE_NR_MEMBERS];
};

/* 0 or -ENOMEM. */
int vmcore_init(struct vmcore *vm, const struct merge_mem *kernel);
void vmcore_deinit(struct vmcore *vm);

bool vmcore_has(struct vmcore *vm, enum vmcore_member id);
/* "type.member", for messages */
const char *vmcore_member_name(enum vmcore_member id);
/* Byte offset and byte size of a member that vmcore_has() */
size_t vmcore_offset(struct vmcore *vm, enum vmcore_member id);
size_t vmcore_size(struct vmcore *vm, enum vmcore_member id);

/* Return: 0 or -ENOENT */
int vmcore_symbol(struct vmcore *vm, const char *name, uint64_t *addr);
int vmcore_enumerator(struct vmcore *vm, const char *name, int64_t *value);

/*
 * The number (or pointer) in member @id of the object at @addr. -ENOENT when
 * this kernel has no such member, else as mem_read().
 */
int vmcore_get(struct vmcore *vm, uint64_t addr, enum vmcore_member id,
	       uint64_t *value);

/* The string that pointer member @id of the object at @addr points to */
int vmcore_get_string(struct vmcore *vm, uint64_t addr,
		      enum vmcore_member id, char *buf, size_t size);

/*
 * Walk a struct list_head ring from @head, through next or (@back) prev.
 * @fn gets the address of each node; it returns 0 to go on, else the walk ends
 * with that value. At most @max nodes are visited.
 * Return: 0 when the walk came back to @head; -ELOOP when it did not within
 * @max nodes; the error of an unreadable link; @fn's value.
 */
typedef int vmcore_node_fn(void *arg, uint64_t node);
int vmcore_list(struct vmcore *vm, uint64_t head, bool back, size_t max,
		vmcore_node_fn *fn, void *arg);

#endif
