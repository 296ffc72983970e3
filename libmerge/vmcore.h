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
	X(TR_FLAGS, trace_array, flags)					\
	X(TR_TEXT_DELTA, trace_array, text_delta)			\
	X(TR_DATA_DELTA, trace_array, data_delta)			\
	X(TR_MODULE_DELTA, trace_array, module_delta)			\
	X(TR_SCRATCH, trace_array, scratch)				\
	X(MODULE_DELTA_DELTA, trace_module_delta, delta)		\
	X(SCRATCH_TEXT, trace_scratch, text_addr)			\
	X(SCRATCH_NR, trace_scratch, nr_entries)			\
	X(SCRATCH_ENTRIES, trace_scratch, entries)			\
	X(MOD_ENTRY_ADDR, trace_mod_entry, mod_addr)			\
	X(MOD_ENTRY_NAME, trace_mod_entry, mod_name)			\
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
	X(CPU_LAST_OVERRUN, ring_buffer_per_cpu, last_overrun)		\
	X(CPU_LOST_EVENTS, ring_buffer_per_cpu, lost_events)		\
	X(CPU_COMMIT_OVERRUN, ring_buffer_per_cpu, commit_overrun)	\
	X(CPU_DROPPED, ring_buffer_per_cpu, dropped_events)		\
	X(CPU_READ, ring_buffer_per_cpu, read)				\
	X(CPU_READ_BYTES, ring_buffer_per_cpu, read_bytes)		\
	X(CPU_WRITE_STAMP, ring_buffer_per_cpu, write_stamp)		\
	X(CPU_REMOTE, ring_buffer_per_cpu, remote)			\
	X(BPAGE_LIST, buffer_page, list)				\
	X(BPAGE_READ, buffer_page, read)				\
	X(BPAGE_WRITE, buffer_page, write)				\
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
	X(SYSCALL_USER_SIZE, syscall_metadata, user_arg_size)		\
	X(USER_EVENT_FIELDS, user_event, fields)			\
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
	X(TASK_PID, task_struct, pid)					\
	X(TASK_TASKS, task_struct, tasks)				\
	X(TASK_SIGNAL, task_struct, signal)				\
	X(TASK_THREAD_NODE, task_struct, thread_node)			\
	X(TASK_FLAGS, task_struct, flags)				\
	X(TASK_MM, task_struct, mm)					\
	X(TASK_START, task_struct, start_time)				\
	X(TASK_START_BOOT, task_struct, start_boottime)			\
	X(MM_TREE, mm_struct, mm_mt)					\
	X(MAPLE_ROOT, maple_tree, ma_root)				\
	X(MAPLE_PARENT, maple_range_64, parent)				\
	X(MAPLE_PIVOT, maple_range_64, pivot)				\
	X(MAPLE_SLOT, maple_range_64, slot)				\
	X(MAPLE_ALLOC_PIVOT, maple_arange_64, pivot)			\
	X(MAPLE_ALLOC_SLOT, maple_arange_64, slot)			\
	X(VMA_START, vm_area_struct, vm_start)				\
	X(VMA_END, vm_area_struct, vm_end)				\
	X(VMA_MM, vm_area_struct, vm_mm)				\
	X(VMA_FILE, vm_area_struct, vm_file)				\
	X(FILE_PATH, file, f_path)					\
	X(FILE_MODE, file, f_mode)					\
	X(BACKING_FILE, backing_file, file)				\
	X(BACKING_PATH, backing_file, user_path)			\
	X(PATH_MNT, path, mnt)						\
	X(PATH_DENTRY, path, dentry)					\
	X(DENTRY_PARENT, dentry, d_parent)				\
	X(DENTRY_NAME, dentry, d_name)					\
	X(DENTRY_HASH, dentry, d_hash)					\
	X(DENTRY_OP, dentry, d_op)					\
	X(DENTRY_OP_DNAME, dentry_operations, d_dname)			\
	X(HASH_PPREV, hlist_bl_node, pprev)				\
	X(QSTR_LEN, qstr, len)						\
	X(QSTR_NAME, qstr, name)					\
	X(MNT_ROOT, vfsmount, mnt_root)					\
	X(MOUNT_MNT, mount, mnt)					\
	X(MOUNT_PARENT, mount, mnt_parent)				\
	X(MOUNT_POINT, mount, mnt_mountpoint)				\
	X(MOUNT_NS, mount, mnt_ns)					\
	X(SIGNAL_THREADS, signal_struct, thread_head)			\
	X(UTS_NAME, uts_namespace, name)				\
	X(UTS_SYSNAME, new_utsname, sysname)				\
	X(UTS_NODENAME, new_utsname, nodename)				\
	X(UTS_RELEASE, new_utsname, release)				\
	X(UTS_VERSION, new_utsname, version)				\
	X(UTS_MACHINE, new_utsname, machine)				\
	X(MODULE_LIST, module, list)					\
	X(MODULE_NAME, module, name)					\
	X(MODULE_KALLSYMS, module, kallsyms)				\
	X(MODULE_KP, module, kp)					\
	X(MODULE_NUM_KP, module, num_kp)				\
	X(KPARAM_NAME, kernel_param, name)				\
	X(KPARAM_ARG, kernel_param, arg)				\
	X(MODULE_MEM, module, mem)					\
	X(MODULE_CORE, module, core_layout)				\
	X(MODMEM_BASE, module_memory, base)				\
	X(MODMEM_SIZE, module_memory, size)				\
	X(LAYOUT_BASE, module_layout, base)				\
	X(LAYOUT_SIZE, module_layout, size)				\
	X(LAYOUT_TEXT_SIZE, module_layout, text_size)			\
	X(MODSYMS_SYMTAB, mod_kallsyms, symtab)				\
	X(MODSYMS_NUM, mod_kallsyms, num_symtab)			\
	X(MODSYMS_STRTAB, mod_kallsyms, strtab)				\
	X(MODSYMS_TYPETAB, mod_kallsyms, typetab)			\
	X(MODMAP_LIST, ftrace_mod_map, list)				\
	X(MODMAP_MOD, ftrace_mod_map, mod)				\
	X(MODMAP_FUNCS, ftrace_mod_map, funcs)				\
	X(MODFUNC_LIST, ftrace_mod_func, list)				\
	X(MODFUNC_NAME, ftrace_mod_func, name)				\
	X(MODFUNC_IP, ftrace_mod_func, ip)				\
	X(MODFUNC_SIZE, ftrace_mod_func, size)				\
	X(PERSIST_START, persist_region, start)				\
	X(PERSIST_PHYS, persist_region, phys)				\
	X(PERSIST_SIZE, persist_region, size)				\
	X(PERSIST_OLD, persist_region, old)

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
