// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The description of a crashed kernel from its own memory: utsname, event
 * formats (events_vmcore.c), command names from savedcmd and of living tasks
 * (tasks_vmcore.c), what they have mapped (vmas_vmcore.c), printk formats, symbols
 * (kallsyms.c).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "describe_vmcore.h"
#include "events_vmcore.h"
#include "kallsyms.h"
#include "source.h"
#include "tasks_vmcore.h"
#include "vmas_vmcore.h"

#define MAX_BTF		(64u << 20)
#define MAX_FORMATS	65536
#define MAX_COMMS	(1u << 22)

struct vm_desc {
	struct vmcore *vm;
	struct merge_source *src;
	struct vm_events events;
	struct vm_vmas vmas;
	unsigned int lost_printks;	/* the last time they were asked for */
	bool noted_printks;
};

static int load_event(struct merge_desc *d, unsigned int id, char **system, char **format)
{
	struct vm_desc *vd = d->priv;

	return vm_events_load(&vd->events, id, system, format);
}

static int each_event(struct merge_desc *d, desc_event_fn *fn, void *arg)
{
	struct vm_desc *vd = d->priv;

	return vm_events_each(&vd->events, fn, arg);
}

/* Print formats name enumerators that the kernel itself did not make numbers of. */
static int find_enumerator(struct merge_desc *d, const char *name, int64_t *value)
{
	struct vm_desc *vd = d->priv;

	return vmcore_enumerator(vd->vm, name, value);
}

static int find_syscall_size(struct merge_desc *d, unsigned int id, int *arg)
{
	struct vm_desc *vd = d->priv;

	return vm_events_syscall_size(&vd->events, id, arg);
}

static int read_btf(struct merge_desc *d, void **data, size_t *size)
{
	struct vm_desc *vd = d->priv;
	uint64_t start, end;
	void *buf;

	if (vmcore_symbol(vd->vm, "__start_BTF", &start) ||
	    vmcore_symbol(vd->vm, "__stop_BTF", &end) || end < start || end - start > MAX_BTF)
		return -ENOENT;
	buf = malloc(end - start + 1);
	if (!buf || mem_read(vd->vm->mem, start, buf, end - start)) {
		free(buf);
		source_note(vd->src, NULL, -1,
			    "the kernel's types (BTF) are unreadable: arguments have no names");
		return -ENOENT;
	}
	*data = buf;
	*size = end - start;
	return 0;
}

/* ---- symbols, names, printk formats --------------------------------------- */

static int each_symbol(struct merge_desc *d, desc_symbol_fn *fn, void *arg)
{
	struct vm_desc *vd = d->priv;
	unsigned int skipped;
	int ret = kallsyms_image(vd->vm, fn, arg);

	if (ret == -EINTR || ret == -ENOMEM || ret > 0)
		return ret;
	if (ret)
		source_note(vd->src, NULL, -1,
			    "the kernel's kallsyms tables are %s: addresses stay numbers",
			    ret == -ENOTSUP ? "of an unknown form" : "unreadable or absent");
	ret = kallsyms_modules(vd->vm, fn, arg, &skipped);
	if (ret == -EINTR || ret == -ENOMEM || ret > 0)
		return ret;
	if (skipped)
		source_note(vd->src, NULL, -1,
			    "symbols of %u modules are unreadable: addresses in them stay numbers",
			    skipped);
	if (ret)
		source_note(vd->src, NULL, -1,
			    "the list of modules breaks off (%s): addresses in those behind stay numbers",
			    strerror(-ret));
	return 0;
}

static int each_freed(struct merge_desc *d, desc_symbol_fn *fn, void *arg)
{
	struct vm_desc *vd = d->priv;

	return kallsyms_freed(vd->vm, fn, arg);
}

/*
 * Whether slot @slot is the one the kernel would find for @pid: several pids
 * share an entry of the map, and only the last of them is found again.
 */
static bool slot_is_current(struct vmcore *vm, uint64_t saved, uint64_t slot, uint64_t pid)
{
	/* the map has PID_MAX_DEFAULT + 1 entries, PID_MAX_DEFAULT is a power of two */
	uint64_t mask = vmcore_size(vm, CMD_PID_MAP) / 4 - 2, mapped;

	return !mem_uint(vm->mem, saved + vmcore_offset(vm, CMD_PID_MAP) + 4 * (pid & mask),
			 4, &mapped) && mapped == slot;
}

/* struct saved_cmdlines_buffer: slots with a name and a pid each */
static int each_saved_comm(struct vm_desc *vd, uint64_t saved, desc_comm_fn *fn, void *arg)
{
	struct vmcore *vm = vd->vm;
	uint64_t pids, nr, pid, comms, size = vmcore_size(vm, TASK_COMM);
	char comm[64] = "";
	int ret = vmcore_get(vm, saved, CMD_TO_PID, &pids);

	if (!ret)
		ret = vmcore_get(vm, saved, CMD_NUM, &nr);
	if (!ret && (!vmcore_has(vm, CMD_COMMS) || !vmcore_has(vm, CMD_PID_MAP)))
		ret = -ENOENT;
	if (!ret && (nr > MAX_COMMS || !size || size >= sizeof(comm)))
		ret = -EBADMSG;
	comms = saved + vmcore_offset(vm, CMD_COMMS);
	/* since 44dc5c41b5b1 ("tracing: Fix wasted memory in saved_cmdlines logic") an array */
	if (!ret && vmcore_size(vm, CMD_COMMS) == mem_kernel(vm->mem)->long_size)
		ret = mem_pointer(vm->mem, comms, &comms);
	for (uint64_t i = 0; !ret && i < nr; i++) {
		ret = mem_uint(vm->mem, pids + 4 * i, 4, &pid);
		if (ret || !slot_is_current(vm, saved, i, pid))
			continue;
		ret = mem_read(vm->mem, comms + size * i, comm, size);
		if (!ret)
			ret = fn(arg, (int)pid, comm);
	}
	return ret;
}

static int each_comm(struct merge_desc *d, desc_comm_fn *fn, void *arg)
{
	struct vm_desc *vd = d->priv;
	uint64_t at, saved;
	int ret = vmcore_symbol(vd->vm, "savedcmd", &at);

	if (!ret)
		ret = mem_pointer(vd->vm->mem, at, &saved);
	if (!ret && !saved)	/* nothing was ever traced */
		return 0;
	if (!ret)
		ret = each_saved_comm(vd, saved, fn, arg);
	if (ret > 0 || ret == -ENOMEM || !ret)
		return ret;
	source_note(vd->src, NULL, -1,
		    "the saved command names are unreadable (%s): names are those in the trace and of living tasks",
		    strerror(-ret));
	return 0;
}

static int each_task(struct merge_desc *d, desc_comm_fn *fn, void *arg)
{
	struct vm_desc *vd = d->priv;

	return vm_tasks_each(vd->vm, vd->src, fn, arg);
}

static int find_user_object(struct merge_desc *d, const struct merge_event *ev, int tgid,
			    uint64_t addr, struct desc_object *object)
{
	struct vm_desc *vd = d->priv;

	return vm_vmas_find(&vd->vmas, ev, tgid, addr, object);
}

/* One format string of trace_printk(), none is empty: addressed by where it stands */
static int report_printk(struct vm_desc *vd, uint64_t text, desc_printk_fn *fn, void *arg)
{
	char format[4096];

	if (!text)
		return 0;
	if (!mem_text(vd->vm->mem, text, format, sizeof(format)))
		return fn(arg, text, format);
	vd->lost_printks++;
	return 0;
}

struct printk_walk {
	struct vm_desc *vd;
	desc_printk_fn *fn;
	void *arg;
};

/*
 * vmcore_node_fn: one struct trace_bprintk_fmt, of a module. Its type is asked for
 * only where there is one: a debugger takes long to find it.
 */
static int module_printk(void *arg, uint64_t node)
{
	struct printk_walk *w = arg;
	uint64_t text;

	if (!vmcore_has(w->vd->vm, BPRINTK_LIST) ||
	    vmcore_get(w->vd->vm, node - vmcore_offset(w->vd->vm, BPRINTK_LIST),
		       BPRINTK_FMT, &text))
		return 0;
	return report_printk(w->vd, text, w->fn, w->arg);
}

/* An array of pointers to strings between two symbols of the kernel image */
static int printk_section(struct vm_desc *vd, const char *start, const char *stop,
			  desc_printk_fn *fn, void *arg)
{
	size_t long_size = mem_kernel(vd->vm->mem)->long_size;
	uint64_t at, end, text;
	int ret = 0;

	if (vmcore_symbol(vd->vm, start, &at) || vmcore_symbol(vd->vm, stop, &end) ||
	    end < at || (end - at) / long_size > MAX_FORMATS)
		return 0;
	for (; !ret && at < end; at += long_size)
		if (!mem_pointer(vd->vm->mem, at, &text))
			ret = report_printk(vd, text, fn, arg);
	return ret;
}

static int each_printk(struct merge_desc *d, desc_printk_fn *fn, void *arg)
{
	struct vm_desc *vd = d->priv;
	struct printk_walk w = { vd, fn, arg };
	uint64_t head;
	int ret;

	vd->lost_printks = 0;
	ret = printk_section(vd, "__start___trace_bprintk_fmt", "__stop___trace_bprintk_fmt",
			     fn, arg);
	if (!ret)
		ret = printk_section(vd, "__start___tracepoint_str", "__stop___tracepoint_str",
				     fn, arg);
	if (!ret && !vmcore_symbol(vd->vm, "trace_bprintk_fmt_list", &head))
		ret = vmcore_list(vd->vm, head, false, MAX_FORMATS, module_printk, &w);
	/* a broken list ends early: what uses the rest shows its address */
	if (vd->lost_printks && !vd->noted_printks)
		source_note(vd->src, NULL, -1,
			    "%u of the kernel's printk formats and constant strings are unreadable: their addresses are shown",
			    vd->lost_printks);
	vd->noted_printks = vd->noted_printks || vd->lost_printks;
	return ret == -ENOMEM || ret == -EINTR || ret > 0 ? ret : 0;
}

/* ---- identity -------------------------------------------------------------- */

static void load_utsname(struct merge_desc *d, struct vmcore *vm)
{
	const struct {
		enum vmcore_member member;
		char *text;
	} rows[] = {
		{ UTS_SYSNAME, d->sysname }, { UTS_NODENAME, d->nodename },
		{ UTS_RELEASE, d->release }, { UTS_VERSION, d->version },
		{ UTS_MACHINE, d->machine },
	};
	uint64_t ns;

	if (vmcore_symbol(vm, "init_uts_ns", &ns) || !vmcore_has(vm, UTS_NAME))
		return;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (!vmcore_has(vm, rows[i].member) ||
		    mem_string(vm->mem, ns + vmcore_offset(vm, UTS_NAME) +
			       vmcore_offset(vm, rows[i].member),
			       rows[i].text, sizeof(d->release)))
			rows[i].text[0] = 0;
}

static void close_desc(struct merge_desc *d)
{
	struct vm_desc *vd = d->priv;

	vm_events_deinit(&vd->events);
	vm_vmas_deinit(&vd->vmas);
	free(vd);
}

static const struct desc_ops vmcore_desc_ops = {
	.event = load_event,
	.each_event = each_event,
	.enumerator = find_enumerator,
	.syscall_size = find_syscall_size,
	.btf = read_btf,
	.each_symbol = each_symbol,
	.each_freed = each_freed,
	.each_comm = each_comm,
	.each_task = each_task,
	.each_printk = each_printk,
	.user_object = find_user_object,
	.close = close_desc,
};

struct merge_desc *desc_vmcore_create(struct vmcore *vm, struct merge_source *src)
{
	struct merge_desc *d = calloc(1, sizeof(*d));
	struct vm_desc *vd = calloc(1, sizeof(*vd));

	if (!d || !vd) {
		free(d);
		free(vd);
		return NULL;
	}
	vd->vm = vm;
	vd->src = src;
	vm_events_init(&vd->events, vm, src);
	vm_vmas_init(&vd->vmas, vm, src);
	desc_init(d, &vmcore_desc_ops, vd);
	d->long_size = mem_kernel(vm->mem)->long_size;
	d->page_size = mem_kernel(vm->mem)->page_size;
	d->big_endian = mem_kernel(vm->mem)->big_endian;
	/* nothing tells that text but the text; this member came at about that time */
	d->overwrite_is_char = vmcore_has(vm, CPU_REMOTE);
	load_utsname(d, vm);
	return d;
}
