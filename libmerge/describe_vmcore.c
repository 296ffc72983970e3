// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The description of a crashed kernel from its own memory: utsname, the format
 * of an event as events/SYSTEM/NAME/format would show it (f_show() in
 * kernel/trace/trace_events.c), command names from savedcmd, printk formats,
 * symbols from kallsyms.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "describe_vmcore.h"
#include "kallsyms.h"
#include "source.h"

#define MAX_EVENTS	65536	/* common_type has 16 bits */
#define MAX_FIELDS	512
#define MAX_FORMATS	65536
#define PRINT_FMT_SIZE	65536
#define NAME_SIZE	256
#define MAX_COMMS	(1u << 22)

struct vm_desc {
	struct vmcore *vm;
	struct merge_source *src;
	uint64_t *calls;		/* struct trace_event_call by event id */
	bool indexed;
	int64_t fl_tracepoint, fl_custom;
};

/* ---- event formats -------------------------------------------------------- */

/* vmcore_node_fn: note the call's address under its id. */
static int index_call(void *arg, uint64_t node)
{
	struct vm_desc *vd = arg;
	uint64_t call = node - vmcore_offset(vd->vm, CALL_LIST), id;

	if (!vmcore_get(vd->vm, call + vmcore_offset(vd->vm, CALL_EVENT), EVENT_TYPE, &id) &&
	    id < MAX_EVENTS)
		vd->calls[id] = call;
	return 0;
}

static int enumerator(struct vmcore *vm, const char *name, int64_t *value)
{
	const struct merge_mem *kernel = mem_kernel(vm->mem);

	return kernel->ops->enumerator(kernel->arg, name, value);
}

/* Where the events are. 0; -ENODATA without them; -ENOMEM; -EINTR (asked again later). */
static int index_calls(struct vm_desc *vd)
{
	uint64_t head;
	int ret;

	if (vd->indexed)
		return 0;
	if (!vd->calls)
		vd->calls = calloc(MAX_EVENTS, sizeof(*vd->calls));
	if (!vd->calls)
		return -ENOMEM;
	/* without these flags call->name would be taken for a string: rather no name */
	if (vmcore_symbol(vd->vm, "ftrace_events", &head) || !vmcore_has(vd->vm, CALL_LIST) ||
	    !vmcore_has(vd->vm, CALL_EVENT) ||
	    enumerator(vd->vm, "TRACE_EVENT_FL_TRACEPOINT", &vd->fl_tracepoint)) {
		vd->indexed = true;
		source_note(vd->src, NULL, -1,
			    "the kernel's list of events is not found: events are shown as numbers");
		return 0;
	}
	/* since 5.17 */
	if (enumerator(vd->vm, "TRACE_EVENT_FL_CUSTOM", &vd->fl_custom))
		vd->fl_custom = 0;
	ret = vmcore_list(vd->vm, head, false, MAX_EVENTS, index_call, vd);
	if (ret == -EINTR)
		return ret;
	vd->indexed = true;
	if (ret) {
		source_note(vd->src, NULL, -1,
			    "the kernel's list of events breaks off (%s): what is behind is looked for from its end",
			    strerror(-ret));
		vmcore_list(vd->vm, head, true, MAX_EVENTS, index_call, vd);
	}
	return 0;
}

static int event_name(struct vm_desc *vd, uint64_t call, char *name, size_t size)
{
	uint64_t flags, tp;
	int ret = vmcore_get(vd->vm, call, CALL_FLAGS, &flags);

	if (ret)
		return ret;
	if ((flags & vd->fl_custom) || !(flags & vd->fl_tracepoint))
		return vmcore_get_string(vd->vm, call, CALL_NAME, name, size);
	ret = vmcore_get(vd->vm, call, CALL_TP, &tp);
	return ret ? ret : vmcore_get_string(vd->vm, tp, TRACEPOINT_NAME, name, size);
}

/* is_signed is an int, or since 6.8 the lowest bit beside needs_test in a bit-field */
static bool field_signed(struct vm_desc *vd, uint64_t field)
{
	struct vmcore *vm = vd->vm;
	uint64_t value;

	if (!vmcore_has(vm, FIELD_NEEDS_TEST))
		return !vmcore_get(vm, field, FIELD_SIGNED, &value) && value;
	if (!vmcore_has(vm, FIELD_SIGNED) ||
	    mem_uint(vm->mem, field + vmcore_offset(vm, FIELD_SIGNED), 1, &value))
		return false;
	return value & (mem_kernel(vm->mem)->big_endian ? 0x80 : 0x01);
}

/* "TYPE NAME", with an array's dimension behind the name as the kernel shows it */
static void print_declaration(FILE *out, const char *type, const char *name,
			      bool has_len, uint64_t len)
{
	const char *array = strncmp(type, "__data_loc", 10) ? strchr(type, '[') : NULL;

	if (!array) {
		fprintf(out, "%s %s", type, name);
		return;
	}
	fprintf(out, "%.*s %s", (int)(array - type), type, name);
	if (!has_len)
		fprintf(out, "%s", array);	/* before 5.19 the source text */
	else if (len)
		fprintf(out, "[%u]", (unsigned int)len);
	else
		fprintf(out, "[]");
}

struct format {
	struct vm_desc *vd;
	FILE *out;
};

/* vmcore_node_fn: one struct ftrace_event_field */
static int print_field(void *arg, uint64_t node)
{
	struct format *f = arg;
	struct vmcore *vm = f->vd->vm;
	uint64_t field = node - vmcore_offset(vm, FIELD_LINK), offset, size, len = 0;
	char name[NAME_SIZE], type[NAME_SIZE];
	bool has_len = vmcore_has(vm, FIELD_LEN);
	int ret;

	ret = vmcore_get_string(vm, field, FIELD_NAME, name, sizeof(name));
	if (!ret)
		ret = vmcore_get_string(vm, field, FIELD_TYPE, type, sizeof(type));
	if (!ret)
		ret = vmcore_get(vm, field, FIELD_OFFSET, &offset);
	if (!ret)
		ret = vmcore_get(vm, field, FIELD_SIZE, &size);
	if (!ret && has_len)
		ret = vmcore_get(vm, field, FIELD_LEN, &len);
	if (ret)
		return ret;
	fputs("\tfield:", f->out);
	print_declaration(f->out, type, name, has_len, len);
	fprintf(f->out, ";\toffset:%u;\tsize:%u;\tsigned:%d;\n", (unsigned int)offset,
		(unsigned int)size, field_signed(f->vd, field));
	return 0;
}

/*
 * The list of the event's fields. Most classes hold it; syscall entries share a
 * class whose get_fields() takes it from the syscall's metadata.
 */
static int fields_head(struct vm_desc *vd, uint64_t call, uint64_t class, uint64_t *head)
{
	struct vmcore *vm = vd->vm;
	uint64_t get_fields, syscalls, metadata;
	int ret = vmcore_get(vm, class, CLASS_GET_FIELDS, &get_fields);

	if (ret)
		return ret;
	if (!get_fields) {
		*head = class + vmcore_offset(vm, CLASS_FIELDS);
		return vmcore_has(vm, CLASS_FIELDS) ? 0 : -ENOENT;
	}
	if (vmcore_symbol(vm, "syscall_get_enter_fields", &syscalls) || syscalls != get_fields)
		return -ENOTSUP;
	ret = vmcore_get(vm, call, CALL_DATA, &metadata);
	*head = metadata + vmcore_offset(vm, SYSCALL_ENTER_FIELDS);
	return ret ? ret : vmcore_has(vm, SYSCALL_ENTER_FIELDS) ? 0 : -ENOENT;
}

/* Fields stand on their lists last first. */
static int print_fields(struct format *f, uint64_t head)
{
	return vmcore_list(f->vd->vm, head, true, MAX_FIELDS, print_field, f);
}

static int print_format(struct format *f, uint64_t call, uint64_t class, unsigned int id,
			char *print_fmt)
{
	char name[NAME_SIZE];
	uint64_t common, head;
	int ret = event_name(f->vd, call, name, sizeof(name));

	if (!ret)
		ret = vmcore_symbol(f->vd->vm, "ftrace_common_fields", &common);
	if (!ret)
		ret = fields_head(f->vd, call, class, &head);
	if (ret)
		return ret;
	fprintf(f->out, "name: %s\nID: %u\nformat:\n", name, id);
	ret = print_fields(f, common);
	fputc('\n', f->out);
	if (!ret)
		ret = print_fields(f, head);
	if (!ret)
		ret = vmcore_get_string(f->vd->vm, call, CALL_PRINT_FMT, print_fmt, PRINT_FMT_SIZE);
	if (!ret)
		fprintf(f->out, "\nprint fmt: %s\n", print_fmt);
	return ret;
}

/* The text of print_format(), malloc'ed */
static int format_text(struct vm_desc *vd, uint64_t call, uint64_t class, unsigned int id,
		       char **text)
{
	struct format f = { .vd = vd };
	char *print_fmt = malloc(PRINT_FMT_SIZE), *buf = NULL;
	size_t size;
	int ret = -ENOMEM;

	f.out = open_memstream(&buf, &size);
	if (f.out && print_fmt)
		ret = print_format(&f, call, class, id, print_fmt);
	if (f.out && fclose(f.out) && !ret)
		ret = -ENOMEM;
	free(print_fmt);
	if (ret)
		free(buf);
	else
		*text = buf;
	return ret;
}

static int load_event(struct merge_desc *d, unsigned int id, char **system, char **format)
{
	struct vm_desc *vd = d->priv;
	char system_name[NAME_SIZE], *copy, *text;
	uint64_t class;
	int ret = index_calls(vd);

	if (ret)
		return ret;
	if (id >= MAX_EVENTS || !vd->calls[id])
		return -ENOENT;
	ret = vmcore_get(vd->vm, vd->calls[id], CALL_CLASS, &class);
	if (!ret)
		ret = vmcore_get_string(vd->vm, class, CLASS_SYSTEM, system_name,
					sizeof(system_name));
	if (!ret)
		ret = format_text(vd, vd->calls[id], class, id, &text);
	if (ret == -ENOMEM || ret == -EINTR)
		return ret;
	if (ret) {
		source_note(vd->src, NULL, -1,
			    "the format of event %u at 0x%llx is unreadable (%s): its fields are shown as bytes",
			    id, (unsigned long long)vd->calls[id], strerror(-ret));
		return -ENODATA;
	}
	copy = strdup(system_name);
	if (!copy) {
		free(text);
		return -ENOMEM;
	}
	*system = copy;
	*format = text;
	return 0;
}

/* Print formats name enumerators that the kernel itself did not make numbers of. */
static int find_enumerator(struct merge_desc *d, const char *name, int64_t *value)
{
	struct vm_desc *vd = d->priv;

	return enumerator(vd->vm, name, value);
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
		    "the saved command names are unreadable (%s): tasks are shown as <...>",
		    strerror(-ret));
	return 0;
}

/* One format string of trace_printk(): addressed by where it stands */
static int report_printk(struct vm_desc *vd, uint64_t text, desc_printk_fn *fn, void *arg)
{
	char format[4096];

	/* an unreadable one shows where it is used */
	if (!text || mem_string(vd->vm->mem, text, format, sizeof(format)))
		return 0;
	return fn(arg, text, format);
}

struct printk_walk {
	struct vm_desc *vd;
	desc_printk_fn *fn;
	void *arg;
};

/* vmcore_node_fn: one struct trace_bprintk_fmt, of a module */
static int module_printk(void *arg, uint64_t node)
{
	struct printk_walk *w = arg;
	uint64_t text;

	if (vmcore_get(w->vd->vm, node - vmcore_offset(w->vd->vm, BPRINTK_LIST),
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

	ret = printk_section(vd, "__start___trace_bprintk_fmt", "__stop___trace_bprintk_fmt",
			     fn, arg);
	if (!ret)
		ret = printk_section(vd, "__start___tracepoint_str", "__stop___tracepoint_str",
				     fn, arg);
	if (!ret && vmcore_has(vd->vm, BPRINTK_LIST) &&
	    !vmcore_symbol(vd->vm, "trace_bprintk_fmt_list", &head))
		ret = vmcore_list(vd->vm, head, false, MAX_FORMATS, module_printk, &w);
	/* a broken list ends early: what uses the rest shows its address */
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

	free(vd->calls);
	free(vd);
}

static const struct desc_ops vmcore_desc_ops = {
	.event = load_event,
	.enumerator = find_enumerator,
	.each_symbol = each_symbol,
	.each_comm = each_comm,
	.each_printk = each_printk,
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
	desc_init(d, &vmcore_desc_ops, vd);
	d->long_size = mem_kernel(vm->mem)->long_size;
	d->page_size = mem_kernel(vm->mem)->page_size;
	d->big_endian = mem_kernel(vm->mem)->big_endian;
	load_utsname(d, vm);
	return d;
}
