// SPDX-License-Identifier: LGPL-2.1-or-later
/* The text of one event. */
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "btf.h"
#include "program.h"
#include "record_value.h"
#include "shift.h"
#include "text_line.h"
#include "text_print.h"

/* CONFIG_DYNAMIC_FTRACE's mark for "in a trampoline": FTRACE_TRAMPOLINE_MARKER */
#define TRAMPOLINE	0x7fffffffu

/* Where a return probe has put itself in place of the return address */
static const char kretprobe_trampoline[] = "arch_rethook_trampoline";

uint64_t print_value(const struct print *p, const struct tep_format_field *f)
{
	return tep_read_number(p->te->tep->tep, p->record + f->offset, f->size);
}

uint64_t print_number(const struct print *p, unsigned int i)
{
	return print_value(p, p->te->fields[i]);
}

void print_symbol(const struct print *p, uint64_t ip)
{
	struct desc_place place;

	ip = shift_address(p->desc->shift, ip);
	if (!ip) {
		textbuf_putc(p->out, '0');
	} else if (desc_symbol(p->desc, ip, &place)) {
		textbuf_put(p->out, "0x", 2);
		textbuf_hex(p->out, ip, 8);
	} else if (ip == place.start && !strcmp(place.name, kretprobe_trampoline)) {
		textbuf_puts(p->out, "[unknown/kretprobe'd]");
	} else {
		desc_put_place(p->out, &place, ip);
	}
}

const struct tep_format_field *print_args_field(const struct text_event *te)
{
	const struct tep_format_field *f = tep_find_field(te->tep, "args");

	return f && !f->size ? f : NULL;
}

bool print_args(const struct print *p, const struct tep_format_field *f, uint64_t ip)
{
	size_t size = p->desc->long_size;
	uint64_t args[BTF_MAX_ARGS];
	struct desc_place place;

	if (!f || (size_t)f->offset + BTF_MAX_ARGS * size > p->ev->size)
		return false;
	for (unsigned int i = 0; i < BTF_MAX_ARGS; i++)
		args[i] = tep_read_number(p->te->tep->tep,
					  p->record + (size_t)f->offset + i * size, (int)size);
	btf_put_args(desc_btf(p->desc), p->out,
		     desc_symbol(p->desc, ip, &place) ? "" : place.name, args, size);
	return true;
}

/* What print_function() found out */
struct function {
	const struct tep_format_field *args;
};

static int prepare_function(struct text_event *te, struct merge_desc *d, unsigned int id)
{
	struct function *f = calloc(1, sizeof(*f));

	(void)d;
	(void)id;
	te->own = f;
	if (f)
		f->args = print_args_field(te);
	return f ? 0 : -ENOMEM;
}

static void print_call(const struct print *p, const struct tep_format_field *args)
{
	uint64_t ip = print_number(p, 0), parent = print_number(p, 1);

	print_symbol(p, ip);
	print_args(p, args, ip);
	if (parent) {
		textbuf_put(p->out, " <-", 3);
		print_symbol(p, parent);
	}
}

static void print_function(const struct print *p)
{
	const struct function *f = p->te->own;

	print_call(p, f->args);
}

static void print_func_repeats(const struct print *p)
{
	uint64_t delta = print_number(p, 3);
	const struct tep_format_field *top;

	top = tep_find_field(p->te->tep, "top_delta_ts");
	if (top && (uint64_t)top->offset + (uint64_t)top->size <= p->ev->size)
		delta |= tep_read_number(p->te->tep->tep, p->record + top->offset,
					 top->size) << 32;
	print_call(p, NULL);
	textbuf_printf(p->out, " (repeats: %u, last_ts:", (unsigned int)print_number(p, 2));
	text_time(p->out, p->ev->buffer, p->ev->ts - delta);
	textbuf_putc(p->out, ')');
}

/* Also what is written to trace_marker: by tracing_mark_write() */
static void print_print(const struct print *p)
{
	print_symbol(p, print_number(p, 0));
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
			print_symbol(p, ip);
	}
}

/* As the kernel's seq_path() does it for the trace file */
static void print_path(struct textbuf *b, const char *path)
{
	for (; *path; path++) {
		if (*path == '\n')
			textbuf_puts(b, "\\012");
		else
			textbuf_putc(b, *path);
	}
}

/* seq_print_user_ip(), but that an address between two mappings is of neither */
static void print_user_address(const struct print *p, int tgid, uint64_t ip)
{
	const struct merge_desc *d = p->desc;
	struct desc_object object;

	if (d->user_symbols && !d->ops->user_object(p->desc, p->ev, tgid, ip, &object)) {
		print_path(p->out, object.path);
		textbuf_put(p->out, "[+0x", 4);
		textbuf_hex(p->out, ip - object.start, 1);
		textbuf_putc(p->out, ']');
		return;
	}
	textbuf_put(p->out, " <", 2);
	textbuf_hex(p->out, ip, 2 * (int)d->long_size);
	textbuf_putc(p->out, '>');
}

static void print_user_stack(const struct print *p)
{
	size_t size = p->desc->long_size;
	size_t pos = (size_t)p->te->fields[1]->offset;
	int tgid = (int)print_number(p, 0);

	textbuf_puts(p->out, "<user stack trace>");
	for (; pos + size <= p->ev->size; pos += size) {
		uint64_t ip = tep_read_number(p->te->tep->tep, p->record + pos, (int)size);

		if (!ip)
			break;
		textbuf_puts(p->out, "\n => ");
		print_user_address(p, tgid, ip);
	}
}

static void print_raw_data(const struct print *p)
{
	size_t pos = (size_t)p->te->fields[1]->offset;

	textbuf_printf(p->out, "# %x buf: ", (unsigned int)print_number(p, 0));
	textbuf_dump(p->out, p->record + pos, p->ev->size - pos);
}

static const struct text_printer ftrace_printers[] = {
	{ "ftrace", "function", { "ip", "parent_ip" }, .prepare = prepare_function,
	  .print = print_function },
	{ "ftrace", "func_repeats", { "ip", "parent_ip", "count", "bottom_delta_ts" },
	  .print = print_func_repeats },
	{ "ftrace", "print", { "ip", "buf" }, .open = true, .print = print_print },
	{ "ftrace", "kernel_stack", { "caller" }, .open = true, .print = print_kernel_stack },
	{ "ftrace", "user_stack", { "tgid", "caller" }, .open = true, .print = print_user_stack },
	{ "ftrace", "raw_data", { "id", "buf" }, .open = true, .print = print_raw_data },
	{ "ftrace", "bprint", { "ip", "fmt", "buf" }, .open = true },
	{ "ftrace", "bputs", { "ip", "str" }, .print = NULL },
	{ NULL }
};

static const struct text_printer *const tables[] = {
	ftrace_printers, text_graph_printers, text_tracer_printers, text_syscall_printers,
};

/* Whether @te has the fields the printer needs */
static bool find_fields(struct text_event *te, const struct text_printer *printer)
{
	const struct tep_format_field *f;

	for (f = te->tep->format.fields; f && printer->all; f = f->next) {
		if (!(f->flags & TEP_FIELD_IS_DYNAMIC) &&
		    (f->flags & TEP_FIELD_IS_ARRAY || f->size > 8))
			return false;
	}
	for (size_t i = 0; i < TEXT_FIELDS && printer->fields[i]; i++) {
		te->fields[i] = tep_find_field(te->tep, printer->fields[i]);
		if (!te->fields[i])
			return false;
	}
	return true;
}

static bool is_for(const struct text_printer *printer, const struct text_event *te)
{
	return !strcmp(printer->system, te->tep->system) &&
	       !fnmatch(printer->event, te->name, 0);
}

static int find_printer(struct text_event *te, struct merge_desc *d, unsigned int id)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		for (const struct text_printer *p = tables[i]; p->system; p++) {
			if (!is_for(p, te) || !find_fields(te, p))
				continue;
			te->printer = p;
			return p->prepare ? p->prepare(te, d, id) : 0;
		}
	}
	return 0;
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
	te->check = record_check_create(te->tep);
	if (!te->check || find_printer(te, d, id)) {
		text_event_destroy(te);
		return NULL;
	}
	if (!te->printer || !te->printer->print)
		te->program = program_create(d, te->tep);
	return te;
}

void text_event_destroy(struct text_event *te)
{
	if (!te)
		return;
	record_check_destroy(te->check);
	program_destroy(te->program);
	free(te->own);
	free(te);
}

static int fault_beyond(struct record_fault *fault, const struct tep_format_field *f)
{
	*fault = (struct record_fault){ "beyond the record: field", f->name };
	return -EBADMSG;
}

static bool is_inside(const struct tep_format_field *f, size_t need, size_t size)
{
	return (size_t)f->offset <= size && need <= size - (size_t)f->offset;
}

/* The fields of @te's own printer lie inside the record */
static int check_fields(const struct text_event *te, size_t size, struct record_fault *fault)
{
	for (size_t i = 0; i < TEXT_FIELDS && te->fields[i]; i++) {
		const struct tep_format_field *f = te->fields[i];
		bool last = i == TEXT_FIELDS - 1 || !te->fields[i + 1];

		if (!is_inside(f, last && te->printer->open ? 0 : (size_t)f->size, size))
			return fault_beyond(fault, f);
	}
	return 0;
}

/* All fields do, and what they say is elsewhere */
static int check_all(const struct text_event *te, const uint8_t *data, size_t size,
		     struct record_fault *fault)
{
	struct record r = { .event = te->tep, .data = data, .size = size };
	size_t start, len;

	for (const struct tep_format_field *f = te->tep->format.fields; f; f = f->next) {
		if (!is_inside(f, (size_t)f->size, size))
			return fault_beyond(fault, f);
		if (f->flags & TEP_FIELD_IS_DYNAMIC && !record_range(&r, f, &start, &len))
			return fault_beyond(fault, f);
	}
	return 0;
}

/* @p can be printed by its own printer */
static int check_record(const struct print *p, struct record_fault *fault)
{
	const struct text_event *te = p->te;
	const char *wrong;
	int ret = te->printer->all ? check_all(te, p->record, p->ev->size, fault) :
		  check_fields(te, p->ev->size, fault);

	if (ret || !te->printer->check)
		return ret;
	wrong = te->printer->check(p);
	if (!wrong)
		return 0;
	*fault = (struct record_fault){ wrong, te->fields[1]->name };
	return -EBADMSG;
}

static void print_tep(const struct text_event *te, struct text_target *to,
		      const struct merge_event *ev, const uint8_t *record)
{
	struct tep_record rec = {
		.ts = ev->ts, .cpu = (int)ev->cpu,
		.size = (int)ev->size, .data = (void *)record,
	};

	trace_seq_reset(&to->seq);
	tep_print_event(te->tep->tep, &to->seq, &rec, "%s", TEP_PRINT_INFO);
	if (to->seq.state != TRACE_SEQ__GOOD)
		to->out.failed = true;
	else
		desc_put_text(to->desc, &to->out, to->seq.buffer, to->seq.len, te->printer);
}

/* By the print format, behind the name unless the kernel prints none */
static int print_format(const struct text_event *te, struct text_target *to,
			const struct merge_event *ev, const uint8_t *record,
			struct record_fault *fault)
{
	int ret = record_check(te->check, record, ev->size, fault);

	if (ret)
		return ret;
	if (!te->printer) {
		textbuf_puts(&to->out, te->name);
		textbuf_put(&to->out, ": ", 2);
	}
	if (te->program && !to->by_tep)
		program_run(te->program, &to->out, record, ev->size, te->printer);
	else
		print_tep(te, to, ev, record);
	return 0;
}

int text_event_print(const struct text_event *te, struct text_target *to,
		     const struct merge_event *ev, const uint8_t *record,
		     struct record_fault *fault)
{
	struct print p = {
		.te = te, .desc = to->desc, .ev = ev, .record = record, .out = &to->out,
		.graph = to->graph,
	};
	int ret;

	to->desc->shift = ev->buffer->shift;
	if (!te->printer || !te->printer->print)
		return print_format(te, to, ev, record, fault);
	ret = check_record(&p, fault);
	if (!ret)
		te->printer->print(&p);
	return ret;
}
