// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * How large a region must be: see sizing.h. The kernel divides it: persist_layout() of
 * kernel/trace/trace_persist_write.c and ring_buffer_alloc_range(), whose arithmetic this is.
 */
#include <errno.h>
#include <inttypes.h>

#include "persist_format.h"
#include "sizing.h"

#define KIB		1024u
#define MIB		(1024u * 1024)

/* As the kernel has them */
#define TABLES_MIN	(64 * KIB)
#define TABLES_MAX	(4 * MIB)
#define COMMS_MIN	512u
#define COMMS_MAX	8192u
#define SUBBUFS_MIN	4u
#define NOTES		56u	/* struct ring_buffer_meta */
#define NOTE		4u	/* of a sub-buffer in it */

/* Beside the trace: messages, whose zones have these sizes */
#define MESSAGES	MIB
#define RECORD		(64 * KIB)
#define CONSOLE		(256 * KIB)

/* No memory is larger, and no division of it is tried in vain */
#define SLOT_MAX	(UINT64_C(1) << 44)

static uint64_t align(uint64_t value, uint64_t to)
{
	return (value + to - 1) / to * to;
}

static uint64_t clamp(uint64_t value, uint64_t min, uint64_t max)
{
	return value < min ? min : value > max ? max : value;
}

static uint64_t power_of_two_below(uint64_t value)
{
	uint64_t power = 1;

	while (power <= value / 2)
		power *= 2;
	return power;
}

/* The most sub-buffers whose notes fit beside them into @size bytes */
static uint64_t fit(uint64_t size)
{
	uint64_t nr = size / (SIZING_PAGE + NOTE);

	while (nr && align(NOTES + NOTE * nr, SIZING_PAGE) + SIZING_PAGE * nr > size)
		nr--;
	return nr;
}

static int divide(uint64_t slot_size, unsigned int nr_cpus, uint64_t symbols, struct sizing *s)
{
	const uint64_t seal = sizeof(struct trace_persist_seal);
	uint64_t header = align(sizeof(struct trace_persist_header) +
				nr_cpus * sizeof(struct trace_persist_chunk), TRACE_PERSIST_ALIGN);
	uint64_t tables = symbols + clamp(align(slot_size / 16, 8), TABLES_MIN, TABLES_MAX);
	uint64_t comms = clamp(power_of_two_below(slot_size >> 11), COMMS_MIN, COMMS_MAX);
	uint64_t per_cpu;

	s->tables = 2 * header;
	s->seals = align(align(s->tables + tables, 8) +
			 comms * sizeof(struct trace_persist_comm), 64);
	if (s->seals >= slot_size)
		return -ENOSPC;
	per_cpu = (slot_size - s->seals) / nr_cpus / (SIZING_PAGE + seal);
	s->chunks = align(s->seals + nr_cpus * (per_cpu + 1) * seal, SIZING_PAGE);
	if (s->chunks >= slot_size ||
	    (slot_size - s->chunks) / nr_cpus < (SUBBUFS_MIN + 1) * SIZING_PAGE)
		return -ENOSPC;
	s->symbols = symbols;
	s->subbufs = fit((slot_size - s->chunks) / nr_cpus);
	/* one is the reader's, one is being written, over what was oldest */
	s->data = s->subbufs > 2 ? (s->subbufs - 2) * SIZING_SUBBUF_DATA : 0;
	return s->data ? 0 : -ENOSPC;
}

int sizing_divide(uint64_t slot_size, unsigned int nr_cpus, uint64_t symbols, struct sizing *s)
{
	slot_size = slot_size / SIZING_PAGE * SIZING_PAGE;
	if (!nr_cpus || slot_size > SLOT_MAX)
		return -ENOSPC;
	/* the kernel leaves symbols out before it refuses */
	return divide(slot_size, nr_cpus, symbols > slot_size / 2 ? 0 : symbols, s);
}

static bool is_enough(uint64_t slot_size, uint64_t data, unsigned int nr_cpus, uint64_t symbols)
{
	struct sizing s;

	return !sizing_divide(slot_size, nr_cpus, symbols, &s) && s.data >= data &&
		(s.symbols || !symbols);
}

uint64_t sizing_slot(uint64_t data, unsigned int nr_cpus, uint64_t symbols)
{
	uint64_t low = 0, high = MIB;

	while (high < SLOT_MAX && !is_enough(high, data, nr_cpus, symbols)) {
		low = high;
		high *= 2;
	}
	/* @high is enough, @low is not */
	while (high - low > MIB) {
		uint64_t middle = (low + high) / 2 / MIB * MIB;

		if (is_enough(middle, data, nr_cpus, symbols))
			high = middle;
		else
			low = middle;
	}
	return high;
}

uint64_t sizing_area(const struct sizing_plan *plan)
{
	uint64_t least = align(plan->trace, MIB) + MESSAGES;

	return plan->area > least ? plan->area : least;
}

void sizing_put(struct textbuf *b, uint64_t bytes)
{
	if (bytes && !(bytes % MIB))
		textbuf_printf(b, "%" PRIu64 "M", bytes / MIB);
	else
		textbuf_printf(b, "%" PRIu64 "K", bytes / KIB);
}

void sizing_command_line(const struct sizing_plan *plan, struct textbuf *b)
{
	textbuf_puts(b, "reserve_mem=");
	sizing_put(b, sizing_area(plan));
	textbuf_printf(b, "@0x%" PRIx64 ":4096:%s ramoops.mem_name=%s ramoops.trace_size=",
		       plan->address ? plan->address : SIZING_ADDRESS, plan->name, plan->name);
	sizing_put(b, plan->trace);
	if (plan->slots > 1)
		textbuf_printf(b, " ramoops.trace_generations=%u", plan->slots);
	textbuf_printf(b, " ramoops.record_size=%u ramoops.console_size=%u", RECORD, CONSOLE);
}
