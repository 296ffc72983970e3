// SPDX-License-Identifier: LGPL-2.1-or-later
/* The text of one event. */
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "text_event.h"
#include "text_line.h"

/* CONFIG_DYNAMIC_FTRACE's mark for "in a trampoline": FTRACE_TRAMPOLINE_MARKER */
#define TRAMPOLINE	0x7fffffffu

/* Where a return probe has put itself in place of the return address */
static const char kretprobe_trampoline[] = "arch_rethook_trampoline";

/* What a printer works with */
struct print {
	const struct text_event *te;
	struct merge_desc *desc;
	const struct merge_event *ev;
	const uint8_t *record;
	struct textbuf *out;
};

/*
 * struct text_printer - how the kernel prints an event without its print format
 * @system, @event: its name; @event is a pattern for fnmatch()
 * @fields: what it uses; all but @open must lie inside the record
 * @open: the last one is an array that takes what the record has left
 * @numbers: takes events whose fields are all numbers, and uses all of them
 * @print: without the final newline; NULL: by libtraceevent, without the name
 */
struct text_printer {
	const char *system;
	const char *event;
	const char *fields[4];
	bool open;
	bool numbers;
	void (*print)(const struct print *p);
};

static uint64_t value(const struct print *p, const struct tep_format_field *f)
{
	return tep_read_number(p->te->tep->tep, p->record + f->offset, f->size);
}

static uint64_t number(const struct print *p, unsigned int i)
{
	return value(p, p->te->fields[i]);
}

/* seq_print_ip_sym() of the kernel */
static void put_symbol(const struct print *p, uint64_t ip)
{
	struct desc_place place;

	if (!ip) {
		textbuf_putc(p->out, '0');
	} else if (desc_symbol(p->desc, ip, &place)) {
		textbuf_put(p->out, "0x", 2);
		textbuf_hex(p->out, ip, 8);
	} else if (ip == place.start && !strcmp(place.name, kretprobe_trampoline)) {
		textbuf_puts(p->out, "[unknown/kretprobe'd]");
	} else {
		textbuf_puts(p->out, place.name);
	}
}

static void print_function(const struct print *p)
{
	uint64_t parent = number(p, 1);

	put_symbol(p, number(p, 0));
	if (parent) {
		textbuf_put(p->out, " <-", 3);
		put_symbol(p, parent);
	}
}

static void print_func_repeats(const struct print *p)
{
	uint64_t delta = number(p, 3);
	const struct tep_format_field *top;

	top = tep_find_field(p->te->tep, "top_delta_ts");
	if (top && (uint64_t)top->offset + (uint64_t)top->size <= p->ev->size)
		delta |= tep_read_number(p->te->tep->tep, p->record + top->offset,
					 top->size) << 32;
	print_function(p);
	textbuf_printf(p->out, " (repeats: %u, last_ts:", (unsigned int)number(p, 2));
	text_time(p->out, p->ev->buffer, p->ev->ts - delta);
	textbuf_putc(p->out, ')');
}

/* Also what is written to trace_marker: by tracing_mark_write() */
static void print_print(const struct print *p)
{
	put_symbol(p, number(p, 0));
	textbuf_put(p->out, ": ", 2);
	textbuf_puts(p->out, (const char *)p->record + p->te->fields[1]->offset);
}

static void print_kernel_stack(const struct print *p)
{
	size_t size = p->desc->long_size;
	size_t pos = (size_t)p->te->fields[0]->offset;
	uint64_t none = size == 4 ? UINT32_MAX : UINT64_MAX;

	textbuf_puts(p->out, "<stack trace>");
	for (; pos + size <= p->ev->size; pos += size) {
		uint64_t ip = tep_read_number(p->te->tep->tep, p->record + pos, (int)size);

		if (ip == none)
			break;
		textbuf_puts(p->out, "\n => ");
		if (ip == TRAMPOLINE)
			textbuf_puts(p->out, "[FTRACE TRAMPOLINE]");
		else
			put_symbol(p, ip);
	}
}

/* Addresses of a process whose memory maps are gone */
static void print_user_stack(const struct print *p)
{
	size_t size = p->desc->long_size;
	size_t pos = (size_t)p->te->fields[0]->offset;

	textbuf_puts(p->out, "<user stack trace>");
	for (; pos + size <= p->ev->size; pos += size) {
		uint64_t ip = tep_read_number(p->te->tep->tep, p->record + pos, (int)size);

		if (!ip)
			break;
		textbuf_puts(p->out, "\n =>  <");
		textbuf_hex(p->out, ip, 2 * (int)size);
		textbuf_putc(p->out, '>');
	}
}

static void print_raw_data(const struct print *p)
{
	size_t pos = (size_t)p->te->fields[1]->offset;

	textbuf_printf(p->out, "# %x buf: ", (unsigned int)number(p, 0));
	textbuf_dump(p->out, p->record + pos, p->ev->size - pos);
}

/* print_syscall_enter() of the kernel's trace_syscalls.c */
static void print_sys_enter(const struct print *p)
{
	const struct tep_format_field *f = p->te->fields[0]->next;

	textbuf_put(p->out, "sys_", 4);
	textbuf_puts(p->out, p->te->name + strlen("sys_enter_"));
	textbuf_putc(p->out, '(');
	for (; f; f = f->next) {
		textbuf_puts(p->out, f->name);
		textbuf_put(p->out, ": ", 2);
		textbuf_hex(p->out, value(p, f), 1);
		if (f->next)
			textbuf_put(p->out, ", ", 2);
	}
	textbuf_putc(p->out, ')');
}

static void print_sys_exit(const struct print *p)
{
	textbuf_put(p->out, "sys_", 4);
	textbuf_puts(p->out, p->te->name + strlen("sys_exit_"));
	textbuf_put(p->out, " -> 0x", 6);
	textbuf_hex(p->out, number(p, 0), 1);
}

static const struct text_printer printers[] = {
	{ "ftrace", "function", { "ip", "parent_ip" }, .print = print_function },
	{ "ftrace", "func_repeats", { "ip", "parent_ip", "count", "bottom_delta_ts" },
	  .print = print_func_repeats },
	{ "ftrace", "print", { "ip", "buf" }, .open = true, .print = print_print },
	{ "ftrace", "kernel_stack", { "caller" }, .open = true, .print = print_kernel_stack },
	{ "ftrace", "user_stack", { "caller" }, .open = true, .print = print_user_stack },
	{ "ftrace", "raw_data", { "id", "buf" }, .open = true, .print = print_raw_data },
	{ "ftrace", "bprint", { "ip", "fmt", "buf" }, .open = true },
	{ "ftrace", "bputs", { "ip", "str" }, .print = NULL },
	{ "syscalls", "sys_enter_*", { "__syscall_nr" }, .numbers = true,
	  .print = print_sys_enter },
	{ "syscalls", "sys_exit_*", { "ret" }, .numbers = true, .print = print_sys_exit },
};

/* Whether @te has the fields the printer needs */
static bool find_fields(struct text_event *te, const struct text_printer *printer)
{
	const struct tep_format_field *f;

	for (f = te->tep->format.fields; f && printer->numbers; f = f->next) {
		if (f->flags & TEP_FIELD_IS_ARRAY || f->size > 8)
			return false;
	}
	for (size_t i = 0; i < 4 && printer->fields[i]; i++) {
		te->fields[i] = tep_find_field(te->tep, printer->fields[i]);
		if (!te->fields[i])
			return false;
	}
	return true;
}

static void find_printer(struct text_event *te)
{
	for (size_t i = 0; i < sizeof(printers) / sizeof(printers[0]); i++) {
		const struct text_printer *printer = &printers[i];

		if (!strcmp(printer->system, te->tep->system) &&
		    !fnmatch(printer->event, te->name, 0) && find_fields(te, printer))
			te->printer = printer;
	}
}

struct text_event *text_event_create(struct merge_desc *d, unsigned int id)
{
	struct text_event *te = calloc(1, sizeof(*te));

	if (!te)
		return NULL;
	te->tep = desc_event(d, id);
	if (!te->tep)
		return te;
	te->name = te->tep->name;
	find_printer(te);
	te->check = record_check_create(te->tep);
	if (!te->check) {
		text_event_destroy(te);
		return NULL;
	}
	return te;
}

void text_event_destroy(struct text_event *te)
{
	if (!te)
		return;
	record_check_destroy(te->check);
	free(te);
}

/* The fields of @te's own printer lie inside the record */
static int check_fields(const struct text_event *te, size_t size, struct record_fault *fault)
{
	for (size_t i = 0; i < 4 && te->fields[i]; i++) {
		const struct tep_format_field *f = te->fields[i];
		bool last = i == 3 || !te->fields[i + 1];
		size_t need = last && te->printer->open ? 0 : (size_t)f->size;

		if ((size_t)f->offset > size || need > size - (size_t)f->offset) {
			*fault = (struct record_fault){ "beyond the record: field", f->name };
			return -EBADMSG;
		}
	}
	return 0;
}

static int print_tep(const struct text_event *te, struct text_target *to,
		     const struct merge_event *ev, const uint8_t *record,
		     struct record_fault *fault)
{
	struct tep_record rec = {
		.ts = ev->ts, .cpu = (int)ev->cpu,
		.size = (int)ev->size, .data = (void *)record,
	};
	int ret = record_check(te->check, record, ev->size, fault);

	if (ret)
		return ret;
	if (!te->printer) {
		textbuf_puts(&to->out, te->name);
		textbuf_put(&to->out, ": ", 2);
	}
	trace_seq_reset(&to->seq);
	tep_print_event(te->tep->tep, &to->seq, &rec, "%s", TEP_PRINT_INFO);
	if (to->seq.state != TRACE_SEQ__GOOD)
		to->out.failed = true;
	else
		desc_put_text(to->desc, &to->out, to->seq.buffer, to->seq.len, te->printer);
	return 0;
}

int text_event_print(const struct text_event *te, struct text_target *to,
		     const struct merge_event *ev, const uint8_t *record,
		     struct record_fault *fault)
{
	struct print p = {
		.te = te, .desc = to->desc, .ev = ev, .record = record, .out = &to->out,
	};
	int ret;

	if (!te->printer || !te->printer->print)
		return print_tep(te, to, ev, record, fault);
	ret = te->printer->numbers ? record_check(te->check, record, ev->size, fault) :
	      check_fields(te, ev->size, fault);
	if (!ret)
		te->printer->print(&p);
	return ret;
}
