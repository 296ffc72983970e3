// SPDX-License-Identifier: GPL-2.0-or-later
/* The text sink with all that stands behind it: text_line.c and text_event.c. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "boot.h"
#include "sink.h"
#include "tests.h"

#define LEGEND								\
	"#\n"								\
	"#                                _-----=> irqs-off/BH-disabled\n" \
	"#                               / _----=> need-resched\n"	\
	"#                              | / _---=> hardirq/softirq\n"	\
	"#                              || / _--=> preempt-depth\n"	\
	"#                              ||| / _-=> migrate-disable\n"	\
	"#                              |||| /     delay\n"		\
	"#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION\n"	\
	"#              | |         |   |||||     |         |\n"

#define CONTEXT	"            bash-7       [001] .....     1.234567: "

/* A text sink on a source of boot.h, and what it wrote */
struct text_test {
	struct merge_source *src;
	struct merge_sink *sink;
	struct merge_error err;
	FILE *file;
	char *text;
	size_t size;
};

static void open_test(struct text_test *t)
{
	memset(t, 0, sizeof(*t));
	t->src = boot_source();
	t->file = open_memstream(&t->text, &t->size);
	CU_ASSERT_EQUAL_FATAL(merge_sink_text_create(t->file, &t->err, &t->sink), 0);
}

/* Begin a group of @nr buffers from @first on */
static void begin(struct text_test *t, unsigned int first, unsigned int nr)
{
	const struct merge_buffer *bufs[3];

	for (unsigned int i = 0; i < nr; i++)
		bufs[i] = &t->src->buffers[first + i];
	CU_ASSERT_EQUAL(t->sink->ops->begin(t->sink, bufs, nr, &t->err), 0);
}

static struct merge_event make_event(const struct text_test *t, const struct record_bytes *r)
{
	return (struct merge_event){
		.buffer = &t->src->buffers[0], .ts = 1234567000, .data = r->data,
		.size = r->size, .cpu = 1,
	};
}

static void put(struct text_test *t, const struct merge_event *ev)
{
	CU_ASSERT_EQUAL(t->sink->ops->event(t->sink, ev, &t->err), 0);
}

static void put_record(struct text_test *t, const struct record_bytes *r)
{
	struct merge_event ev = make_event(t, r);

	put(t, &ev);
}

/* End; the text without headers and summary, or all of it. Closes the test. */
static char *end_test(struct text_test *t, bool all)
{
	struct merge_stats stats = { .events = 5, .lost = 4, .lost_unknown = 3, .damaged = 2,
				     .backwards = 1 };
	char *text, *from, *to;

	CU_ASSERT_EQUAL(t->sink->ops->end(t->sink, t->src, &stats, NULL, &t->err), 0);
	merge_sink_destroy(t->sink);
	merge_source_close(t->src);
	fclose(t->file);
	from = strstr(t->text, LEGEND);
	from = from && !all ? from + strlen(LEGEND) : t->text;
	to = strstr(t->text, "# events: ");
	text = strndup(from, !to || all ? strlen(from) : (size_t)(to - from));
	free(t->text);
	return text;
}

/* One record as a line */
static char *render(const struct record_bytes *r)
{
	struct text_test t;
	char *text;

	open_test(&t);
	begin(&t, 0, 1);
	put_record(&t, r);
	text = end_test(&t, false);
	return text;
}

static void test_writes_the_kernels_columns(void)
{
	static const struct {
		const char *name;
		int pid;
		uint8_t flags, depth;
		unsigned int cpu;
		uint64_t ts;
		const char *want;
	} table[] = {
		{ "plain", 7, 0, 0, 0, 0,
		  "            bash-7       [000] .....     0.000000: tick: 7\n" },
		{ "idle", 0, 0, 0, 3, 1000,
		  "          <idle>-0       [003] .....     0.000001: tick: 0\n" },
		{ "unknown", 12345678, 0, 0, 127, 1499,
		  "           <...>-12345678 [127] .....     0.000001: tick: 12345678\n" },
		{ "rounded up", 1, 0, 0, 0, 1500,
		  "         systemd-1       [000] .....     0.000002: tick: 1\n" },
		{ "a negative pid", -5, 0, 0, 0, 99999999999999,
		  "           <XXX>--5      [000] ..... 100000.000000: tick: -5\n" },
		{ "a long name", 10, 0, 0, 1000, 0,
		  " a longer name16-10      [1000] .....     0.000000: tick: 10\n" },
		{ "flags", 7, 0x01, 0x11, 0, 0,
		  "            bash-7       [000] d..11     0.000000: tick: 7\n" },
	};
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		struct text_test t;
		struct record_bytes r;
		struct merge_event ev;
		char *text;

		open_test(&t);
		begin(&t, 0, 1);
		r = record_begin(t.src->desc, TICK, table[i].pid);
		r.data[2] = table[i].flags;
		r.data[3] = table[i].depth;
		ev = make_event(&t, &r);
		ev.cpu = table[i].cpu;
		ev.ts = table[i].ts;
		put(&t, &ev);
		text = end_test(&t, false);
		CHECK_ROW(!strcmp(text, table[i].want), table[i].name);
		free(text);
	}
}

static void test_writes_the_kernels_flags(void)
{
	/* trace_print_lat_fmt() */
	static const struct {
		uint8_t flags, depth, lazy;
		const char *want;
	} table[] = {
		{ 0x00, 0x00, 0, "....." }, { 0x01, 0x01, 0, "d..1." }, { 0x02, 0, 0, "X...." },
		{ 0x03, 0, 0, "d...." }, { 0x80, 0, 0, "b...." }, { 0x81, 0, 0, "D...." },
		{ 0x82, 0, 0, "b...." }, { 0x04, 0, 0, ".n..." }, { 0x20, 0, 0, ".p..." },
		{ 0x24, 0, 0, ".N..." }, { 0x08, 0, 0, "..h.." }, { 0x10, 0, 0, "..s.." },
		{ 0x18, 0, 0, "..H.." }, { 0x40, 0, 0, "..z.." }, { 0x48, 0, 0, "..Z.." },
		{ 0x50, 0, 0, "..z.." }, { 0, 0x0f, 0, "...f." }, { 0, 0xf0, 0, "....f" },
		{ 0, 0x2a, 0, "...a2" },
		/* since 6.13 bit 1 says something else */
		{ 0x02, 0, 2, ".l..." }, { 0x06, 0, 2, ".b..." }, { 0x22, 0, 2, ".L..." },
		{ 0x26, 0, 2, ".B..." }, { 0x24, 0, 2, ".N..." }, { 0x03, 0, 2, "dl..." },
	};
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		struct text_test t;
		struct record_bytes r;
		char *text;

		open_test(&t);
		t.src->desc->flag_resched_lazy = table[i].lazy;
		begin(&t, 0, 1);
		r = record_begin(t.src->desc, TICK, 7);
		r.data[2] = table[i].flags;
		r.data[3] = table[i].depth;
		put_record(&t, &r);
		text = end_test(&t, false);
		CHECK_ROW(!strncmp(text + strlen("            bash-7       [001] "),
			table[i].want, 5),
			  table[i].want);
		free(text);
	}
}

static void test_prints_raw_time_of_other_clocks(void)
{
	struct text_test t;
	struct record_bytes r;
	struct merge_event ev;

	open_test(&t);
	begin(&t, 2, 1);
	r = record_begin(t.src->desc, TICK, 7);
	ev = make_event(&t, &r);
	ev.buffer = &t.src->buffers[2];
	ev.ts = 123;
	put(&t, &ev);
	CHECK_TEXT(end_test(&t, false),
		   "            bash-7       [001] .....          123: tick: 7\n");
}

static void test_describes_groups(void)
{
	struct text_test t;
	struct record_bytes r;
	struct merge_event ev;

	open_test(&t);
	begin(&t, 0, 2);
	r = record_begin(t.src->desc, TICK, 7);
	put_record(&t, &r);
	ev = make_event(&t, &r);
	ev.buffer = &t.src->buffers[1];
	put(&t, &ev);
	begin(&t, 2, 1);
	CHECK_TEXT(end_test(&t, true),
		   "# clock: local\n"
		   "# buffer: top: 2 CPUs, sub-buffers of 4096 bytes, entries 21, overrun 4, "
		   "dropped 6, commit overrun 2, read 8\n"
		   "# buffer: inst: 2 CPUs, sub-buffers of 4096 bytes, entries 10, overrun 2, "
		   "dropped 3, commit overrun 1, read 4, counters of 1 CPUs unknown\n"
		   LEGEND CONTEXT "tick: 7\n"
		   "inst: " CONTEXT "tick: 7\n"
		   "# clock: counter\n"
		   "# buffer: count: 2 CPUs, sub-buffers of 4096 bytes, entries 10, overrun 2, "
		   "dropped 3, commit overrun 1, read 4, counters of 1 CPUs unknown\n"
		   LEGEND
		   "# events: 5, lost: 4, gaps of unknown size: 3, damaged sub-buffers: 2, "
		   "backwards: 1, corrupt records: 0, unknown types: 0\n");
}

static void test_shows_what_is_lost(void)
{
	struct text_test t;
	struct record_bytes r;
	struct merge_event ev;

	open_test(&t);
	begin(&t, 0, 2);
	r = record_begin(t.src->desc, TICK, 7);
	ev = make_event(&t, &r);
	ev.lost = 12;
	put(&t, &ev);
	ev.lost = MERGE_LOST_UNKNOWN;
	ev.buffer = &t.src->buffers[1];
	ev.flags = MERGE_EVENT_BACKWARDS;
	put(&t, &ev);
	t.sink->ops->damage(t.sink, &(struct merge_damage){
		.buffer = ev.buffer, .cpu = 1, .subbuf = 3, .address = 0xffff888000001000,
		.offset = 24, .code = -EBADMSG, .text = "a reason" }, &t.err);
	CHECK_TEXT(end_test(&t, false),
		   "CPU:1 [LOST 12 EVENTS]\n"
		   CONTEXT "tick: 7\n"
		   "inst: CPU:1 [LOST EVENTS]\n"
		   "# time goes backwards: buffer inst cpu 1\n"
		   "inst: " CONTEXT "tick: 7\n"
		   "# damaged: buffer inst cpu 1 sub-buffer 3 offset 24 address "
		   "0xffff888000001000: a reason\n");
}

/* ---- Events the kernel prints in its own way ----------------------------- */

static void test_prints_functions(void)
{
	struct merge_desc *d = boot_open();
	struct record_bytes r = record_begin(d, FUNCTION, 7);

	record_number(&r, 8, VFS_READ, 8);
	record_number(&r, 16, KSYS_READ + 5, 8);
	CHECK_TEXT(render(&r), CONTEXT "vfs_read <-ksys_read\n");
	record_number(&r, 16, 0, 8);
	CHECK_TEXT(render(&r), CONTEXT "vfs_read\n");
	record_number(&r, 8, 0x123, 8);
	record_number(&r, 16, RETHOOK, 8);
	CHECK_TEXT(render(&r), CONTEXT "0x00000123 <-[unknown/kretprobe'd]\n");
	record_number(&r, 8, EXT4_READ, 8);
	record_number(&r, 16, RETHOOK + 1, 8);
	CHECK_TEXT(render(&r), CONTEXT "ext4_read <-arch_rethook_trampoline\n");
	desc_close(d);
}

static void test_prints_function_repeats(void)
{
	struct merge_desc *d = boot_open();
	struct record_bytes r = record_begin(d, FUNC_REPEATS, 7);

	record_number(&r, 8, VFS_READ, 8);
	record_number(&r, 16, KSYS_READ, 8);
	record_number(&r, 24, 3, 2);
	record_number(&r, 28, 234567000, 4);
	CHECK_TEXT(render(&r),
		CONTEXT "vfs_read <-ksys_read (repeats: 3, last_ts:     1.000000)\n");
	desc_close(d);
}

static void test_prints_markers(void)
{
	struct merge_desc *d = boot_open();
	struct record_bytes r = record_begin(d, PRINT, 7);

	record_number(&r, 8, MARK_WRITE + 9, 8);
	record_text(&r, 16, "hello %s\n", 10);
	CHECK_TEXT(render(&r), CONTEXT "tracing_mark_write: hello %s\n");
	record_text(&r, 16, "no newline", 10);	/* and no NUL */
	r.size = 26;
	CHECK_TEXT(render(&r), CONTEXT "tracing_mark_write: no newline\n");
	record_number(&r, 8, 0, 8);
	record_text(&r, 16, "two\nlines\n", 11);
	CHECK_TEXT(render(&r), CONTEXT "0: two\nlines\n");
	desc_close(d);
}

static void test_prints_binary_printk(void)
{
	struct merge_desc *d = boot_open();
	struct record_bytes r = record_begin(d, BPRINT, 7);

	record_number(&r, 8, EXT4_READ, 8);
	record_number(&r, 16, PRINTK_FORMAT, 8);
	record_number(&r, 24, 42, 4);
	record_text(&r, 28, "word", 5);
	CHECK_TEXT(render(&r), CONTEXT "ext4_read: n=42 s=word\n");
	record_number(&r, 16, PRINTK_SHORT, 8);
	CHECK_TEXT(render(&r), CONTEXT "ext4_read: x\n");
	record_number(&r, 16, PRINTK_EMPTY, 8);
	CHECK_TEXT(render(&r), CONTEXT "ext4_read: \n");
	record_number(&r, 16, PRINTK_STRING, 8);
	CHECK_TEXT(render(&r), CONTEXT "ext4_read: a \"quoted\"\tword\n");
	/* one that is not known, as it would take libtraceevent ages */
	record_number(&r, 16, PRINTK_WIDE, 8);
	CHECK_TEXT(render(&r), CONTEXT "ext4_read: (NO FORMAT FOUND at ffffffff81a00030)\n");

	r = record_begin(d, BPUTS, 7);
	record_number(&r, 8, VFS_READ, 8);
	record_number(&r, 16, PRINTK_SHORT, 8);
	CHECK_TEXT(render(&r), CONTEXT "vfs_read: x\n");
	desc_close(d);
}

static void test_prints_stacks(void)
{
	struct merge_desc *d = boot_open();
	struct record_bytes r = record_begin(d, KERNEL_STACK, 7);

	/* shorter than its format says, as kernels write it */
	record_number(&r, 8, 4, 4);
	record_number(&r, 16, VFS_READ + 1, 8);
	record_number(&r, 24, 0x7fffffff, 8);
	record_number(&r, 32, 0x1234, 8);
	record_number(&r, 40, 0, 8);
	CHECK_TEXT(render(&r), CONTEXT "<stack trace>\n => vfs_read\n => [FTRACE TRAMPOLINE]\n"
		   " => 0x00001234\n => 0\n");
	record_number(&r, 24, UINT64_MAX, 8);
	CHECK_TEXT(render(&r), CONTEXT "<stack trace>\n => vfs_read\n");

	r = record_begin(d, USER_STACK, 7);
	record_number(&r, 8, 7, 4);
	record_number(&r, 16, 0x7f0012345678, 8);
	record_number(&r, 24, 0, 8);
	record_number(&r, 32, 5, 8);
	CHECK_TEXT(render(&r), CONTEXT "<user stack trace>\n =>  <00007f0012345678>\n");
	desc_close(d);
}

/* One record as a line, with user addresses by what is mapped there */
static char *render_objects(const struct record_bytes *r)
{
	struct text_test t;

	open_test(&t);
	CU_ASSERT_EQUAL(merge_desc_user_symbols(t.src->desc, true), 0);
	begin(&t, 0, 1);
	put_record(&t, r);
	return end_test(&t, false);
}

static void test_prints_user_objects(void)
{
	struct merge_desc *d = boot_open();
	struct record_bytes r = record_begin(d, USER_STACK, 7);

	record_number(&r, 8, 7, 4);
	record_number(&r, 16, 0x7f0012345678, 8);
	record_number(&r, 24, 0x7f0012346000, 8);
	record_number(&r, 32, 0x7f0012345000, 8);
	record_number(&r, 40, 0, 8);
	CHECK_TEXT(render_objects(&r), CONTEXT "<user stack trace>\n => /lib/two\\012lines[+0x678]\n"
		   " =>  <00007f0012346000>\n => /lib/two\\012lines[+0x0]\n");
	record_number(&r, 8, 8, 4);
	CHECK_TEXT(render_objects(&r), CONTEXT "<user stack trace>\n =>  <00007f0012345678>\n"
		   " =>  <00007f0012346000>\n =>  <00007f0012345000>\n");
	desc_close(d);
}

static void test_prints_raw_data(void)
{
	struct merge_desc *d = boot_open();
	struct record_bytes r = record_begin(d, RAW_DATA, 7);

	record_number(&r, 8, 0x1a, 4);
	record_number(&r, 12, 0xff0201, 4);
	CHECK_TEXT(render(&r), CONTEXT "# 1a buf: 01 02 ff 00\n");
	desc_close(d);
}

/* ---- Events printed by their print format -------------------------------- */

static struct record_bytes make_switch(const struct merge_desc *d)
{
	struct record_bytes r = record_begin(d, SCHED_SWITCH, 7);

	record_text(&r, 8, "bash", 16);
	record_number(&r, 24, 7, 4);
	record_number(&r, 28, 120, 4);
	record_number(&r, 32, 0x101, 8);
	record_text(&r, 40, "kworker/0:1", 16);
	record_number(&r, 56, 12, 4);
	record_number(&r, 60, 100, 4);
	return r;
}

static void test_prints_by_print_format(void)
{
	struct merge_desc *d = boot_open();
	struct record_bytes r = make_switch(d);

	CHECK_TEXT(render(&r), CONTEXT "sched_switch: prev_comm=bash prev_pid=7 prev_prio=120 "
		   "prev_state=S+ ==> next_comm=kworker/0:1 next_pid=12 next_prio=100\n");
	r = record_begin(d, IRQ_HANDLER_ENTRY, 7);
	record_number(&r, 8, 11, 4);
	record_number(&r, 12, 4 << 16 | 16, 4);
	record_text(&r, 16, "ata", 4);
	CHECK_TEXT(render(&r), CONTEXT "irq_handler_entry: irq=11 name=ata\n");
	r = record_begin(d, SOFTIRQ_ENTRY, 7);
	record_number(&r, 8, 9, 4);
	CHECK_TEXT(render(&r), CONTEXT "softirq_entry: vec=9 [action=RCU]\n");
	r = record_begin(d, TIMER_START, 7);
	record_number(&r, 16, 0x80003, 4);
	CHECK_TEXT(render(&r), CONTEXT "timer_start: flags=D\n");
	r = record_begin(d, HRTIMER_INIT, 7);
	record_number(&r, 8, 1, 4);
	CHECK_TEXT(render(&r), CONTEXT "hrtimer_init: mode=REL\n");
	r = record_begin(d, POINTERS, 7);
	record_number(&r, 8, EXT4_READ + 2, 8);
	CHECK_TEXT(render(&r), CONTEXT "pointers: ext4_read [ext4] ext4_read+0x2/0x1800 [ext4]\n");
	desc_close(d);
}

static void test_ends_every_line(void)
{
	struct merge_desc *d = boot_open();
	struct record_bytes r = record_begin(d, NEWLINE, 7);
	struct text_test t;

	record_number(&r, 8, 5, 4);
	open_test(&t);
	begin(&t, 0, 1);
	put_record(&t, &r);
	put_record(&t, &r);
	CHECK_TEXT(end_test(&t, false), CONTEXT "newline: a=5\n\n" CONTEXT "newline: a=5\n\n");
	desc_close(d);
}

static void test_prints_field_by_field_otherwise(void)
{
	struct merge_desc *d = boot_open();
	struct record_bytes r = record_begin(d, DIVIDE_ZERO, 7);

	record_number(&r, 8, 5, 4);
	CHECK_TEXT(render(&r), CONTEXT "divide_zero: [FAILED TO PARSE] a=5\n");
	desc_close(d);
}

static void test_prints_big_endian_records(void)
{
	struct text_test t;
	struct record_bytes r;

	open_test(&t);
	t.src->desc->big_endian = true;
	begin(&t, 0, 1);
	r = make_switch(t.src->desc);
	put_record(&t, &r);
	CHECK_TEXT(end_test(&t, false), CONTEXT "sched_switch: prev_comm=bash prev_pid=7 "
		   "prev_prio=120 prev_state=S+ ==> next_comm=kworker/0:1 next_pid=12 "
		   "next_prio=100\n");
}

/* ---- What is no event ----------------------------------------------------- */

static void test_shows_corrupt_records(void)
{
	struct text_test t;
	struct record_bytes r;

	open_test(&t);
	begin(&t, 0, 1);
	r = record_begin(t.src->desc, IRQ_HANDLER_ENTRY, 7);
	record_number(&r, 12, 200 << 16 | 16, 4);
	put_record(&t, &r);
	r = record_begin(t.src->desc, FUNCTION, 7);
	put_record(&t, &r);
	r.size = 6;
	put_record(&t, &r);
	r.size = 0;
	put_record(&t, &r);
	CHECK_TEXT(end_test(&t, true), "# clock: local\n"
		   "# buffer: top: 2 CPUs, sub-buffers of 4096 bytes, entries 21, overrun 4, "
		   "dropped 6, commit overrun 2, read 8\n" LEGEND
		   CONTEXT "irq_handler_entry: [CORRUPT: beyond the record: field name] "
		   "67 00 00 00 07 00 00 00 00 00 00 00 10 00 c8 00\n"
		   CONTEXT "function: [CORRUPT: beyond the record: field ip] "
		   "01 00 00 00 07 00 00 00\n"
		   "           <...>-?       [001] .....     1.234567: "
		   "[CORRUPT: a record of 6 bytes] 01 00 00 00 07 00\n"
		   "           <...>-?       [001] .....     1.234567: "
		   "[CORRUPT: a record of 0 bytes] \n"
		   "# events: 5, lost: 4, gaps of unknown size: 3, damaged sub-buffers: 2, "
		   "backwards: 1, corrupt records: 4, unknown types: 0\n");
}

static void test_shows_unknown_types(void)
{
	struct merge_desc *d = boot_open();
	struct record_bytes r = record_begin(d, UNKNOWN, 7);

	CHECK_TEXT(render(&r), CONTEXT "Unknown type 202 ca 00 00 00 07 00 00 00\n");
	r = record_begin(d, UNREADABLE, 7);
	CHECK_TEXT(render(&r), CONTEXT "Unknown type 201 c9 00 00 00 07 00 00 00\n");
	desc_close(d);
}

/* Any bytes as any event, through the whole sink */
static void test_survives_random_records(void)
{
	struct text_test t;
	uint64_t state = 1;
	char *text;

	open_test(&t);
	begin(&t, 0, 1);
	for (unsigned int i = 0; i < 20000; i++) {
		unsigned int id = (unsigned int)(test_random(&state) % (LAST_EVENT + 2));
		uint32_t size = (uint32_t)(test_random(&state) % 100);
		uint8_t *data = malloc(size + !size);
		struct merge_event ev = {
			.buffer = &t.src->buffers[0], .ts = test_random(&state), .data = data,
			.size = size, .cpu = 1,
		};

		for (uint32_t k = 0; k < size; k++)
			data[k] = (uint8_t)(test_random(&state) >> (k % 3 ? 0 : 60));
		if (size > 2) {
			data[0] = (uint8_t)id;
			data[1] = 0;
		}
		put(&t, &ev);
		free(data);
	}
	text = end_test(&t, true);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "[CORRUPT: "));
	free(text);
}

/* ---- The file -------------------------------------------------------------- */

static void test_reports_a_full_disk(void)
{
	struct merge_source *src = boot_source();
	struct record_bytes r = make_switch(src->desc);
	const struct merge_buffer *bufs[] = { &src->buffers[0] };
	struct merge_event ev = { .buffer = bufs[0], .data = r.data, .size = r.size };
	struct merge_stats stats = { 0 };
	struct merge_error err = { 0 };
	FILE *file = fopen("/dev/full", "w");
	struct merge_sink *sink;
	int ret = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	CU_ASSERT_EQUAL_FATAL(merge_sink_text_create(file, &err, &sink), 0);
	CU_ASSERT_EQUAL(sink->ops->begin(sink, bufs, 1, &err), 0);
	for (unsigned int i = 0; i < 10000 && !ret; i++)
		ret = sink->ops->event(sink, &ev, &err);
	CU_ASSERT_EQUAL(ret, -ENOSPC);
	CU_ASSERT_EQUAL(err.code, -ENOSPC);
	CU_ASSERT_STRING_EQUAL(err.text, "writing text: No space left on device");
	merge_sink_destroy(sink);

	/* little text stays in the buffers until the end */
	memset(&err, 0, sizeof(err));
	CU_ASSERT_EQUAL_FATAL(merge_sink_text_create(file, &err, &sink), 0);
	CU_ASSERT_EQUAL(sink->ops->end(sink, src, &stats, NULL, &err), -ENOSPC);
	merge_sink_destroy(sink);
	fclose(file);
	merge_source_close(src);
}

/* Lines not handed on yet are not lost when the run stops */
static void test_keeps_lines_when_stopped(void)
{
	struct merge_stats stats = { 0 };
	struct record_bytes r;
	struct text_test t;

	open_test(&t);
	begin(&t, 0, 1);
	r = record_begin(t.src->desc, TICK, 7);
	put_record(&t, &r);
	t.sink->ops->stop(t.sink, t.src, &stats, -EINTR, &t.err);
	merge_sink_destroy(t.sink);
	merge_source_close(t.src);
	CU_ASSERT_STRING_EQUAL(t.text + strlen(t.text) - strlen(CONTEXT "tick: 7\n"),
			       CONTEXT "tick: 7\n");
	fclose(t.file);
	free(t.text);
}

/* Rather no line than one with numbers for names; and it goes on when there is memory. */
static void test_writes_no_poor_line_for_want_of_memory(void)
{
	struct record_bytes r;
	struct merge_event ev;
	struct text_test t;
	char *text;

	open_test(&t);
	begin(&t, 0, 1);
	r = record_begin(t.src->desc, FUNCTION, 7);
	record_number(&r, 8, VFS_READ, 8);
	record_number(&r, 16, 0, 8);
	ev = make_event(&t, &r);
	boot_of(t.src->desc)->fail_symbols = -ENOMEM;
	CU_ASSERT_EQUAL(t.sink->ops->event(t.sink, &ev, &t.err), -ENOMEM);
	boot_of(t.src->desc)->fail_symbols = 0;
	begin(&t, 0, 1);
	put(&t, &ev);
	text = end_test(&t, true);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, LEGEND CONTEXT "vfs_read\n# events: "));
	CU_ASSERT_PTR_NULL(strstr(text, "0xffffffff81200000"));
	free(text);
}

static void test_changes_descriptions(void)
{
	struct text_test t, other;
	struct record_bytes r;
	char *text;

	open_test(&t);
	open_test(&other);
	other.src->desc->flag_resched_lazy = 2;
	begin(&t, 0, 1);
	r = record_begin(t.src->desc, TICK, 7);
	r.data[2] = 2;
	put_record(&t, &r);
	/* the same sink goes on with another source */
	t.sink->ops->begin(t.sink, (const struct merge_buffer *[]){ &other.src->buffers[0] }, 1,
			   &t.err);
	r = record_begin(other.src->desc, TICK, 7);
	r.data[2] = 2;
	put_record(&t, &r);
	free(end_test(&other, true));
	text = end_test(&t, true);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "[001] X....     1.234567: tick: 7\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "[001] .l...     1.234567: tick: 7\n"));
	free(text);
}

static const struct test tests[] = {
	{ "lines have the kernel's columns", test_writes_the_kernels_columns },
	{ "flags are the kernel's letters", test_writes_the_kernels_flags },
	{ "clocks without nanoseconds print raw numbers", test_prints_raw_time_of_other_clocks },
	{ "groups have a header, several buffers a prefix", test_describes_groups },
	{ "losses, damage and time going back are shown", test_shows_what_is_lost },
	{ "functions print as in the kernel", test_prints_functions },
	{ "repeated functions print as in the kernel", test_prints_function_repeats },
	{ "markers print as in the kernel", test_prints_markers },
	{ "binary trace_printk() prints as in the kernel", test_prints_binary_printk },
	{ "stacks print as in the kernel", test_prints_stacks },
	{ "user addresses print by what is mapped, when asked for", test_prints_user_objects },
	{ "raw data print as in the kernel", test_prints_raw_data },
	{ "other events print by their print format", test_prints_by_print_format },
	{ "a print format's own newline is kept", test_ends_every_line },
	{ "events without a print format print field by field",
	  test_prints_field_by_field_otherwise },
	{ "records in the other byte order print the same", test_prints_big_endian_records },
	{ "corrupt records are shown as bytes and counted", test_shows_corrupt_records },
	{ "unknown types are shown as bytes", test_shows_unknown_types },
	{ "random records do no harm", test_survives_random_records },
	{ "a full disk is an error", test_reports_a_full_disk },
	{ "lines up to an interruption are kept", test_keeps_lines_when_stopped },
	{ "memory that is short costs a message, not names",
	  test_writes_no_poor_line_for_want_of_memory },
	{ "a sink can change from source to source", test_changes_descriptions },
	{ NULL, NULL }
};
const struct test_suite suite_sink_text = { "sink_text", tests };
