// SPDX-License-Identifier: LGPL-2.1-or-later
/* The columns of a line of the kernel's trace file. */
#include "comms.h"
#include "text_line.h"

/* enum trace_flag_type of include/linux/trace_events.h */
enum {
	FLAG_IRQS_OFF		= 0x01,
	FLAG_IRQS_NOSUPPORT	= 0x02,
	FLAG_NEED_RESCHED	= 0x04,
	FLAG_HARDIRQ		= 0x08,
	FLAG_SOFTIRQ		= 0x10,
	FLAG_PREEMPT_RESCHED	= 0x20,
	FLAG_NMI		= 0x40,
	FLAG_BH_OFF		= 0x80,
};

static char irqs_column(unsigned int flags, unsigned int lazy)
{
	if (flags & FLAG_IRQS_OFF)
		return flags & FLAG_BH_OFF ? 'D' : 'd';
	if (flags & FLAG_BH_OFF)
		return 'b';
	return flags & FLAG_IRQS_NOSUPPORT & ~lazy ? 'X' : '.';
}

static char resched_column(unsigned int flags, unsigned int lazy)
{
	/* indexed by lazy, preempt, need, from high to low */
	static const char columns[] = ".npNlbLB";

	return columns[(flags & lazy ? 4 : 0) | (flags & FLAG_PREEMPT_RESCHED ? 2 : 0) |
		       (flags & FLAG_NEED_RESCHED ? 1 : 0)];
}

static char irq_column(unsigned int flags)
{
	if (flags & FLAG_NMI)
		return flags & FLAG_HARDIRQ ? 'Z' : 'z';
	if (flags & FLAG_HARDIRQ)
		return flags & FLAG_SOFTIRQ ? 'H' : 'h';
	return flags & FLAG_SOFTIRQ ? 's' : '.';
}

void text_flags_init(struct text_flags *flags, const struct merge_desc *d)
{
	for (unsigned int i = 0; i < 256; i++) {
		flags->columns[i][0] = irqs_column(i, d->flag_resched_lazy);
		flags->columns[i][1] = resched_column(i, d->flag_resched_lazy);
		flags->columns[i][2] = irq_column(i);
	}
}

int text_pid(const struct merge_desc *d, const uint8_t *record)
{
	return (int)tep_read_number(d->tep, record + 4, 4);
}

static void put_comm(struct textbuf *b, const struct merge_buffer *buf, int pid)
{
	const char *comm = comms_find(buf, pid);
	size_t len = strlen(comm);

	if (len < 16)
		textbuf_put(b, "                ", 16 - len);
	textbuf_put(b, comm, len);
}

/* "%-7d " */
static void put_pid(struct textbuf *b, int pid)
{
	size_t start = b->len;

	if (pid < 0)
		textbuf_putc(b, '-');
	textbuf_dec(b, pid < 0 ? 0u - (unsigned int)pid : (unsigned int)pid, 0, ' ');
	do {
		textbuf_putc(b, ' ');
	} while (b->len - start < 8 && !b->failed);
}

static char nibble(unsigned int value)
{
	return ".123456789abcdef"[value & 15];
}

void text_columns(const struct text_flags *flags, const uint8_t *record,
		  char columns[TEXT_COLUMNS])
{
	memcpy(columns, flags->columns[record[2]], 3);
	columns[3] = nibble(record[3]);
	columns[4] = nibble(record[3] >> 4);
}

void text_time(struct textbuf *b, const struct merge_buffer *buf, uint64_t ts)
{
	char time[24];
	size_t len;

	merge_time_print(buf, ts, time, sizeof(time));
	len = strlen(time);
	textbuf_put(b, "             ", len < 12 ? 13 - len : 1);
	textbuf_put(b, time, len);
}

void text_context(struct textbuf *b, struct merge_desc *d,
		  const struct text_flags *flags, const struct merge_event *ev,
		  const uint8_t *record)
{
	int pid = text_pid(d, record);
	char columns[TEXT_COLUMNS];

	put_comm(b, ev->buffer, pid);
	textbuf_putc(b, '-');
	put_pid(b, pid);
	textbuf_putc(b, '[');
	textbuf_dec(b, ev->cpu, 3, '0');
	textbuf_put(b, "] ", 2);

	text_columns(flags, record, columns);
	textbuf_put(b, columns, sizeof(columns));
	text_time(b, ev->buffer, ev->ts);
	textbuf_put(b, ": ", 2);
}
