// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Calls as the function_graph tracer prints them, in the columns of all events:
 * see text_graph.h. What looks ahead is given no look-ahead by some sinks: then
 * every call has a line for its entry and one for its exit, which names it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stream.h"
#include "text_graph.h"
#include "text_print.h"

/* FTRACE_RETFUNC_DEPTH: how deep the kernel remembers what is open */
#define DEPTH	50u

/* No stack is that deep: what says so is corrupt */
#define DEPTH_MAX	1024u

/*
 * struct graph_cpu - one CPU of one buffer
 * @open: functions by depth, 0 for none
 * @took, @subbuf, @offset: the exit that was printed with its entry
 */
struct graph_cpu {
	const struct merge_buffer *buffer;
	uint32_t cpu;
	uint64_t open[DEPTH];
	bool took;
	size_t subbuf;
	uint32_t offset;
};

/* Of funcgraph_exit events, in the order of the table below */
enum { FUNC, DEPTH_FIELD, CALLTIME, RETTIME, NR_FIELDS };

/*
 * struct graph_exit - what entries know of exits
 * @args: of the entry itself, or NULL
 * @id: of exits, 0: none was seen
 */
struct graph_exit {
	const struct tep_format_field *args;
	unsigned int id;
	struct tep_format_field *fields[NR_FIELDS];
};

/* ---- What is open ------------------------------------------------------------ */

void text_graph_deinit(struct text_graph *g)
{
	free(g->cpus);
	*g = (struct text_graph){ 0 };
}

void text_graph_reset(struct text_graph *g)
{
	g->nr = g->last = 0;
}

static struct graph_cpu *find_cpu(struct text_graph *g, const struct merge_event *ev)
{
	for (size_t i = 0, at = g->last; i < g->nr; i++, at = (at + 1) % g->nr) {
		if (g->cpus[at].buffer != ev->buffer || g->cpus[at].cpu != ev->cpu)
			continue;
		g->last = at;
		return &g->cpus[at];
	}
	return NULL;
}

/* NULL: out of memory, or the sink remembers nothing */
static struct graph_cpu *get_cpu(struct text_graph *g, const struct merge_event *ev)
{
	struct graph_cpu *cpu = g ? find_cpu(g, ev) : NULL;

	if (!g || cpu)
		return cpu;
	cpu = reallocarray(g->cpus, g->nr + 1, sizeof(*cpu));
	if (!cpu)
		return NULL;
	g->cpus = cpu;
	g->cpus[g->nr] = (struct graph_cpu){ .buffer = ev->buffer, .cpu = ev->cpu };
	g->last = g->nr++;
	return &g->cpus[g->last];
}

bool text_graph_took(struct text_graph *g, const struct merge_event *ev)
{
	struct graph_cpu *cpu = g->nr ? find_cpu(g, ev) : NULL;

	if (!cpu || !cpu->took || cpu->subbuf != ev->subbuf || cpu->offset != ev->offset)
		return false;
	cpu->took = false;
	return true;
}

/* ---- Columns ------------------------------------------------------------------ */

/* trace_find_mark() */
static char overhead(uint64_t ns)
{
	static const struct {
		uint64_t more_than;
		char mark;
	} marks[] = {
		{ 1000000000, '$' }, { 100000000, '@' }, { 10000000, '*' }, { 1000000, '#' },
		{ 100000, '!' }, { 10000, '+' },
	};

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (ns > marks[i].more_than)
			return marks[i].mark;
	return ' ';
}

/*
 * trace_print_graph_duration(): up to seven digits, of those behind the point
 * as many as there is room for, in a column of eight.
 */
static void put_duration(struct textbuf *b, uint64_t ns)
{
	static const char digits[] = "0123456789";
	size_t start, len;
	char fraction[3] = {
		digits[ns / 100 % 10], digits[ns / 10 % 10], digits[ns % 10],
	};

	textbuf_putc(b, overhead(ns));
	textbuf_putc(b, ' ');
	start = b->len;
	textbuf_dec(b, ns / 1000, 0, ' ');
	len = b->len - start;
	if (len < 7) {
		textbuf_putc(b, '.');
		textbuf_put(b, fraction, len < 4 ? 3 : 7 - len);
	}
	len = b->len - start;
	textbuf_puts(b, " us ");
	textbuf_put(b, "        ", len < 8 ? 8 - len : 0);
	textbuf_puts(b, "|  ");
}

static void put_indent(struct textbuf *b, uint64_t depth)
{
	for (uint64_t i = 0; i < depth; i++)
		textbuf_put(b, "  ", 2);
}

/* %ps */
static void put_function(const struct print *p, uint64_t ip)
{
	struct desc_place place;

	if (desc_symbol(p->desc, ip, &place)) {
		textbuf_put(p->out, "0x", 2);
		textbuf_hex(p->out, ip, 1);
		return;
	}
	if (!desc_put_place(p->out, &place, ip) && place.module)
		textbuf_printf(p->out, " [%s]", place.module);
}

/* ---- Entries ------------------------------------------------------------------ */

/* Whether events of @id are exits, of which @x then knows the fields */
static bool is_exit(const struct print *p, struct graph_exit *x, unsigned int id)
{
	static const char *const names[NR_FIELDS] = { "func", "depth", "calltime", "rettime" };
	struct tep_event *event;

	if (x->id)
		return id == x->id;
	event = desc_event(p->desc, id);
	if (!event || strcmp(event->system, "ftrace") || strcmp(event->name, "funcgraph_exit"))
		return false;
	for (size_t i = 0; i < NR_FIELDS; i++) {
		x->fields[i] = tep_find_field(event, names[i]);
		if (!x->fields[i])
			return false;
	}
	x->id = id;
	return true;
}

static bool holds(const struct graph_exit *x, size_t size)
{
	for (size_t i = 0; i < NR_FIELDS; i++)
		if ((size_t)x->fields[i]->offset + (size_t)x->fields[i]->size > size)
			return false;
	return true;
}

/* get_return_for_leaf(): @next follows an entry. Is it its exit? How long was it? */
static bool is_leaf(const struct print *p, const struct merge_event *next, uint64_t *ns)
{
	struct graph_exit *x = p->te->own;
	const uint8_t *record = next->data;
	uint64_t value[NR_FIELDS];

	if (next->lost || next->size < TEXT_ENTRY_SIZE ||
	    !is_exit(p, x, desc_record_id(p->desc, record)) || !holds(x, next->size) ||
	    text_pid(p->desc, record) != text_pid(p->desc, p->record))
		return false;
	for (size_t i = 0; i < NR_FIELDS; i++)
		value[i] = tep_read_number(p->desc->tep, record + x->fields[i]->offset,
					   x->fields[i]->size);
	*ns = value[RETTIME] - value[CALLTIME];
	return value[FUNC] == print_number(p, FUNC);
}

/* The exit that makes the entry a leaf is printed with it. */
static bool take_leaf(const struct print *p, struct graph_cpu *cpu, uint64_t *ns)
{
	struct merge_event next;

	if (!cpu || !p->ev->stream || !stream_ahead(p->ev->stream, &next) ||
	    !is_leaf(p, &next, ns))
		return false;
	cpu->took = true;
	cpu->subbuf = next.subbuf;
	cpu->offset = next.offset;
	return true;
}

static void print_entry(const struct print *p)
{
	uint64_t func = print_number(p, FUNC), depth = print_number(p, DEPTH_FIELD), ns;
	const struct graph_exit *x = p->te->own;
	struct graph_cpu *cpu = get_cpu(p->graph, p->ev);
	bool leaf = take_leaf(p, cpu, &ns);

	if (cpu && depth < DEPTH)
		cpu->open[depth] = leaf ? 0 : func;
	if (leaf)
		put_duration(p->out, ns);
	else
		textbuf_puts(p->out, "              |  ");
	put_indent(p->out, depth);
	put_function(p, func);
	if (!print_args(p, x->args, func))
		textbuf_put(p->out, "()", 2);
	textbuf_puts(p->out, leaf ? ";" : " {");
}

static int prepare_entry(struct text_event *te, struct merge_desc *d, unsigned int id)
{
	struct graph_exit *x = calloc(1, sizeof(*x));

	(void)d;
	(void)id;
	te->own = x;
	if (x)
		x->args = print_args_field(te);
	return x ? 0 : -ENOMEM;
}

/* ---- Exits -------------------------------------------------------------------- */

/* Whether @func at @depth closes what is open there; what is too deep always does */
static bool closes(struct graph_cpu *cpu, uint64_t func, uint64_t depth)
{
	bool same;

	if (!cpu || depth >= DEPTH)
		return cpu;
	same = cpu->open[depth] == func;
	cpu->open[depth] = 0;
	return same;
}

static void print_exit(const struct print *p)
{
	uint64_t func = print_number(p, FUNC), depth = print_number(p, DEPTH_FIELD);

	put_duration(p->out, print_number(p, RETTIME) - print_number(p, CALLTIME));
	put_indent(p->out, depth);
	textbuf_putc(p->out, '}');
	if (closes(get_cpu(p->graph, p->ev), func, depth))
		return;
	textbuf_puts(p->out, " /* ");
	put_function(p, func);
	textbuf_puts(p->out, " */");
}

static const char *check_depth(const struct print *p)
{
	return print_number(p, DEPTH_FIELD) < DEPTH_MAX ? NULL : "deeper than any stack: field";
}

const struct text_printer text_graph_printers[] = {
	{ "ftrace", "funcgraph_entry", { "func", "depth" }, .prepare = prepare_entry,
	  .check = check_depth, .print = print_entry },
	{ "ftrace", "fgraph_retaddr_entry", { "func", "depth" }, .prepare = prepare_entry,
	  .check = check_depth, .print = print_entry },
	{ "ftrace", "funcgraph_exit", { "func", "depth", "calltime", "rettime" },
	  .check = check_depth, .print = print_exit },
	{ NULL }
};
