// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Event formats from a crashed kernel's own structures, as f_show() in
 * kernel/trace/trace_events.c prints them. ftrace_events lists one struct
 * trace_event_call per event; a format is written when it is first asked for.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "events_vmcore.h"
#include "source.h"

#define MAX_EVENTS	65536	/* common_type has 16 bits */
#define MAX_FIELDS	512
#define PRINT_FMT_SIZE	65536
#define NAME_SIZE	256

/* vmcore_node_fn: note the call's address under its id. */
static int index_call(void *arg, uint64_t node)
{
	struct vm_events *ve = arg;
	uint64_t call = node - vmcore_offset(ve->vm, CALL_LIST), id;

	if (!vmcore_get(ve->vm, call + vmcore_offset(ve->vm, CALL_EVENT), EVENT_TYPE, &id) &&
	    id < MAX_EVENTS)
		ve->calls[id] = call;
	return 0;
}

/* Where the events are. 0; -ENODATA without them; -ENOMEM; -EINTR (asked again later). */
static int index_calls(struct vm_events *ve)
{
	uint64_t head;
	int ret;

	if (ve->indexed)
		return 0;
	if (!ve->calls)
		ve->calls = calloc(MAX_EVENTS, sizeof(*ve->calls));
	if (!ve->calls)
		return -ENOMEM;
	/* without these flags call->name would be taken for a string: rather no name */
	if (vmcore_symbol(ve->vm, "ftrace_events", &head) || !vmcore_has(ve->vm, CALL_LIST) ||
	    !vmcore_has(ve->vm, CALL_EVENT) || !vmcore_has(ve->vm, EVENT_TYPE) ||
	    vmcore_enumerator(ve->vm, "TRACE_EVENT_FL_TRACEPOINT", &ve->fl_tracepoint)) {
		ve->indexed = true;
		source_note(ve->src, NULL, -1,
			    "the kernel's list of events is not found: events are shown as numbers");
		return 0;
	}
	/* since 5.17 */
	if (vmcore_enumerator(ve->vm, "TRACE_EVENT_FL_CUSTOM", &ve->fl_custom))
		ve->fl_custom = 0;
	ret = vmcore_list(ve->vm, head, false, MAX_EVENTS, index_call, ve);
	if (ret == -EINTR)
		return ret;
	ve->indexed = true;
	if (ret) {
		source_note(ve->src, NULL, -1,
			    "the kernel's list of events breaks off (%s): what is behind is looked for from its end",
			    strerror(-ret));
		vmcore_list(ve->vm, head, true, MAX_EVENTS, index_call, ve);
	}
	return 0;
}

/* A string of a format: none is empty */
static int format_string(struct vmcore *vm, uint64_t addr, enum vmcore_member id, char *buf,
			 size_t size)
{
	uint64_t text;
	int ret = vmcore_get(vm, addr, id, &text);

	if (ret)
		return ret;
	return text ? mem_text(vm->mem, text, buf, size) : -ENODATA;
}

static int event_name(struct vm_events *ve, uint64_t call, char *name, size_t size)
{
	uint64_t flags, tp;
	int ret = vmcore_get(ve->vm, call, CALL_FLAGS, &flags);

	if (ret)
		return ret;
	if ((flags & ve->fl_custom) || !(flags & ve->fl_tracepoint))
		return format_string(ve->vm, call, CALL_NAME, name, size);
	ret = vmcore_get(ve->vm, call, CALL_TP, &tp);
	return ret ? ret : format_string(ve->vm, tp, TRACEPOINT_NAME, name, size);
}

/* is_signed is an int, or since 6.8 the lowest bit beside needs_test in a bit-field */
static bool field_signed(struct vm_events *ve, uint64_t field)
{
	struct vmcore *vm = ve->vm;
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
	struct vm_events *ve;
	FILE *out;
};

/* vmcore_node_fn: one struct ftrace_event_field */
static int print_field(void *arg, uint64_t node)
{
	struct format *f = arg;
	struct vmcore *vm = f->ve->vm;
	uint64_t field = node - vmcore_offset(vm, FIELD_LINK), offset, size, len = 0;
	char name[NAME_SIZE], type[NAME_SIZE];
	bool has_len = vmcore_has(vm, FIELD_LEN);
	int ret;

	ret = format_string(vm, field, FIELD_NAME, name, sizeof(name));
	if (!ret)
		ret = format_string(vm, field, FIELD_TYPE, type, sizeof(type));
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
		(unsigned int)size, field_signed(f->ve, field));
	return 0;
}

/* In what call->data points to function @get_fields finds the fields: -ENOTSUP unknown */
static int fields_member(struct vmcore *vm, uint64_t get_fields, enum vmcore_member *member)
{
	uint64_t function;

	if (!vmcore_symbol(vm, "syscall_get_enter_fields", &function) && function == get_fields)
		*member = SYSCALL_ENTER_FIELDS;
	else if (!vmcore_symbol(vm, "user_event_get_fields", &function) && function == get_fields)
		*member = USER_EVENT_FIELDS;
	else
		return -ENOTSUP;
	return 0;
}

/*
 * The list of the event's fields. Most classes hold it; syscall entries share a
 * class, and so they and user events have a function that finds it.
 */
static int fields_head(struct vm_events *ve, uint64_t call, uint64_t class, uint64_t *head)
{
	struct vmcore *vm = ve->vm;
	enum vmcore_member member;
	uint64_t get_fields, data;
	int ret = vmcore_get(vm, class, CLASS_GET_FIELDS, &get_fields);

	if (ret)
		return ret;
	if (!get_fields) {
		*head = class + vmcore_offset(vm, CLASS_FIELDS);
		return vmcore_has(vm, CLASS_FIELDS) ? 0 : -ENOENT;
	}
	ret = fields_member(vm, get_fields, &member);
	if (!ret)
		ret = vmcore_get(vm, call, CALL_DATA, &data);
	if (ret)
		return ret;
	*head = data + vmcore_offset(vm, member);
	return vmcore_has(vm, member) ? 0 : -ENOENT;
}

/* Fields stand on their lists last first. */
static int print_fields(struct format *f, uint64_t head)
{
	return vmcore_list(f->ve->vm, head, true, MAX_FIELDS, print_field, f);
}

static int print_format(struct format *f, uint64_t call, uint64_t class, unsigned int id,
			char *print_fmt)
{
	char name[NAME_SIZE];
	uint64_t common, head;
	int ret = event_name(f->ve, call, name, sizeof(name));

	if (!ret)
		ret = vmcore_symbol(f->ve->vm, "ftrace_common_fields", &common);
	if (!ret)
		ret = fields_head(f->ve, call, class, &head);
	if (ret)
		return ret;
	fprintf(f->out, "name: %s\nID: %u\nformat:\n", name, id);
	ret = print_fields(f, common);
	fputc('\n', f->out);
	if (!ret)
		ret = print_fields(f, head);
	if (!ret)
		ret = format_string(f->ve->vm, call, CALL_PRINT_FMT, print_fmt, PRINT_FMT_SIZE);
	if (!ret)
		fprintf(f->out, "\nprint fmt: %s\n", print_fmt);
	return ret;
}

/* The text of print_format(), malloc'ed */
static int format_text(struct vm_events *ve, uint64_t call, uint64_t class, unsigned int id,
		       char **text)
{
	struct format f = { .ve = ve };
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

int vm_events_load(struct vm_events *ve, unsigned int id, char **system, char **format)
{
	char system_name[NAME_SIZE], *copy, *text;
	uint64_t class;
	int ret = index_calls(ve);

	if (ret)
		return ret;
	if (id >= MAX_EVENTS || !ve->calls[id])
		return -ENOENT;
	ret = vmcore_get(ve->vm, ve->calls[id], CALL_CLASS, &class);
	if (!ret)
		ret = format_string(ve->vm, class, CLASS_SYSTEM, system_name,
				    sizeof(system_name));
	if (!ret)
		ret = format_text(ve, ve->calls[id], class, id, &text);
	if (ret == -ENOMEM || ret == -EINTR)
		return ret;
	if (ret) {
		source_note(ve->src, NULL, -1,
			    "the format of event %u at 0x%llx is unreadable (%s): its fields are shown as bytes",
			    id, (unsigned long long)ve->calls[id], strerror(-ret));
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

int vm_events_each(struct vm_events *ve, int (*fn)(void *arg, unsigned int id), void *arg)
{
	int ret = index_calls(ve);

	for (unsigned int id = 0; !ret && id < MAX_EVENTS; id++)
		if (ve->calls[id])
			ret = fn(arg, id);
	return ret;
}

int vm_events_syscall_size(struct vm_events *ve, unsigned int id, int *arg)
{
	uint64_t metadata, value;

	/* since 6.19, as are the copies of what user pointers point to */
	if (!vmcore_has(ve->vm, SYSCALL_USER_SIZE))
		return -ENOENT;
	*arg = -1;
	if (id < MAX_EVENTS && ve->calls && ve->calls[id] &&
	    !vmcore_get(ve->vm, ve->calls[id], CALL_DATA, &metadata) &&
	    !vmcore_get(ve->vm, metadata, SYSCALL_USER_SIZE, &value))
		*arg = (int8_t)value;
	return 0;
}

void vm_events_init(struct vm_events *ve, struct vmcore *vm, struct merge_source *src)
{
	memset(ve, 0, sizeof(*ve));
	ve->vm = vm;
	ve->src = src;
}

void vm_events_deinit(struct vm_events *ve)
{
	free(ve->calls);
	ve->calls = NULL;
}
