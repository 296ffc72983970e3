// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The events of small tracers as the kernel's trace_output.c and trace_branch.c
 * print them: osnoise, timerlat, hwlat, wakeup and its context switches, branch.
 */
#include <string.h>

#include "comms.h"
#include "text_print.h"

typedef unsigned long long ull;

/* ---- osnoise, timerlat, hwlat -------------------------------------------------- */

enum { NOISE, RUNTIME, MAX_SAMPLE, HW, NMI, IRQ, SOFTIRQ, THREAD };

static const char *check_osnoise(const struct print *p)
{
	return (uint32_t)print_number(p, RUNTIME) ? NULL : "division by zero";
}

static void print_osnoise(const struct print *p)
{
	uint64_t runtime = print_number(p, RUNTIME), noise = print_number(p, NOISE);
	/* do_div() divides by 32 bits; a runtime in microseconds has no more */
	uint64_t ratio = (runtime - noise) * 10000000 / (uint32_t)runtime;

	textbuf_printf(p->out, "%llu %10llu %3llu.%05llu %7llu", (ull)runtime, (ull)noise,
		       (ull)(ratio / 100000), (ull)(ratio % 100000),
		       (ull)print_number(p, MAX_SAMPLE));
	for (unsigned int i = HW; i <= THREAD; i++)
		textbuf_printf(p->out, " %6u", (unsigned int)print_number(p, i));
}

static const char *const contexts[] = { "irq", "thread", "user-ret" };

static const char *check_timerlat(const struct print *p)
{
	return print_number(p, 1) < sizeof(contexts) / sizeof(contexts[0]) ? NULL :
	       "unknown to the kernel: field";
}

static void print_timerlat(const struct print *p)
{
	textbuf_printf(p->out, "#%-5u context %6s timer_latency %9llu ns",
		       (unsigned int)print_number(p, 0), contexts[print_number(p, 1)],
		       (ull)print_number(p, 2));
}

enum { SEQNUM, DURATION, OUTER_DURATION, SECONDS, NANOSECONDS, COUNT, NMI_COUNT, NMI_TOTAL };

static void print_hwlat(const struct print *p)
{
	textbuf_printf(p->out, "#%-5u inner/outer(us): %4llu/%-5llu ts:%lld.%09lld count:%d",
		       (unsigned int)print_number(p, SEQNUM), (ull)print_number(p, DURATION),
		       (ull)print_number(p, OUTER_DURATION), (ull)print_number(p, SECONDS),
		       (ull)print_number(p, NANOSECONDS), (int)print_number(p, COUNT));
	if (!print_number(p, NMI_COUNT))
		return;
	/* kernels whose sched_clock() is generic neither add it up nor print it */
	if (print_number(p, NMI_TOTAL))
		textbuf_printf(p->out, " nmi-total:%llu", (ull)print_number(p, NMI_TOTAL));
	textbuf_printf(p->out, " nmi-count:%u", (unsigned int)print_number(p, NMI_COUNT));
}

/* ---- wakeup --------------------------------------------------------------------- */

enum { PREV_PID, PREV_PRIO, PREV_STATE, NEXT_CPU, NEXT_PID, NEXT_PRIO, NEXT_STATE };

/* task_index_to_char() */
static char state(const struct print *p, unsigned int field)
{
	static const char letters[] = "RSDTtXZPI";
	uint64_t index = print_number(p, field);

	return index < sizeof(letters) - 1 ? letters[index] : '?';
}

/* trace_ctxwake_print() */
static void print_tasks(const struct print *p, const char *arrow)
{
	int next = (int)print_number(p, NEXT_PID);

	textbuf_printf(p->out, " %7d:%3d:%c %s [%03d] %7d:%3d:%c %s",
		       (int)print_number(p, PREV_PID), (int)print_number(p, PREV_PRIO),
		       state(p, PREV_STATE), arrow, (int)print_number(p, NEXT_CPU), next,
		       (int)print_number(p, NEXT_PRIO), state(p, NEXT_STATE),
		       comms_find(p->ev->buffer, next));
}

static void print_switch(const struct print *p)
{
	print_tasks(p, "==>");
}

static void print_wakeup(const struct print *p)
{
	print_tasks(p, "  +");
}

/* ---- branch --------------------------------------------------------------------- */

static void put_chars(const struct print *p, const struct tep_format_field *f)
{
	const char *text = (const char *)p->record + f->offset;

	textbuf_put(p->out, text, strnlen(text, (size_t)f->size));
	textbuf_putc(p->out, ':');
}

static void print_branch(const struct print *p)
{
	textbuf_puts(p->out, print_number(p, 3) ? "[  ok  ] " : "[ MISS ] ");
	put_chars(p, p->te->fields[1]);
	put_chars(p, p->te->fields[2]);
	textbuf_printf(p->out, "%d", (int)print_number(p, 0));
}

#define TASKS	{ "prev_pid", "prev_prio", "prev_state", "next_cpu", "next_pid",	\
		  "next_prio", "next_state" }

const struct text_printer text_tracer_printers[] = {
	{ "ftrace", "osnoise", { "noise", "runtime", "max_sample", "hw_count", "nmi_count",
	  "irq_count", "softirq_count", "thread_count" }, .check = check_osnoise,
	  .print = print_osnoise },
	{ "ftrace", "timerlat", { "seqnum", "context", "timer_latency" },
	  .check = check_timerlat, .print = print_timerlat },
	{ "ftrace", "hwlat", { "seqnum", "duration", "outer_duration", "tv_sec", "tv_nsec",
	  "count", "nmi_count", "nmi_total_ts" }, .print = print_hwlat },
	{ "ftrace", "context_switch", TASKS, .print = print_switch },
	{ "ftrace", "wakeup", TASKS, .print = print_wakeup },
	{ "ftrace", "branch", { "line", "func", "file", "correct" }, .print = print_branch },
	{ NULL }
};
