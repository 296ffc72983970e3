// SPDX-License-Identifier: GPL-2.0-or-later
/* A crashed kernel with all there is to be read: see world.h. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

const unsigned int world_ids[] = {
	FUNCTION, KERNEL_STACK, PRINT, BPRINT, GRAPH_EXIT, GRAPH_ENTRY, USER_STACK, WAKEUP,
	CONTEXT_SWITCH, BRANCH, HWLAT, OSNOISE, TIMERLAT, BPUTS, GRAPH_RETADDR_ENTRY, RAW_DATA,
	FUNC_REPEATS, SCHED_SWITCH, SYS_ENTER_OPENAT, SYS_EXIT_OPENAT, IRQ_HANDLER_ENTRY,
	SOFTIRQ_ENTRY, TIMER_START, HRTIMER_INIT, HEX, ARRAY, BITMASK, CPUMASK, ADDRESSES,
	STRING_WIDTH, NUMBER_WIDTH, INDEX, DIVIDE, REL_STRING, TICK, STATIC_STRING, POINTERS,
	NEWLINE, NEW_OPENAT, NEW_WRITE, TASK_RENAME, SCHED_EXEC, SCHED_FORK, SCHED_WAIT,
};
const size_t world_nr_ids = sizeof(world_ids) / sizeof(*world_ids);

const struct world worlds[] = {
	{ "6.12", "pagesize 1024\n", 1024, 4, STEXT },
	{ "6.1, 32 bits, big endian", "version 601\nlong 4\nbig\npagesize 1024\n", 1024, 4,
	  0xc1000000 },
	{ "7.0", "version 700\npagesize 1024\n", 1024, 4, STEXT },
	{ .name = NULL }
};

/* trace-cmd takes no smaller sub-buffers for granted */
const struct world world_of_pages = { "4096", "", 4096, 2, STEXT };

/* ---- formats as words of mkkernel.h -------------------------------------- */

struct field {
	char type[420];
	char name[200];
	unsigned int offset, size, is_signed;
};

/* The next field of a format text behind @p; NULL: there is none. An array's
 * dimension stands behind the type, as the kernel has it. */
static const char *next_field(const char *p, struct field *f)
{
	char decl[200], *name, *array;

	p = strstr(p, "\tfield:");
	if (!p || sscanf(p, "\tfield:%199[^;];\toffset:%u;\tsize:%u;\tsigned:%u;", decl,
			 &f->offset, &f->size, &f->is_signed) != 4)
		return NULL;
	name = strrchr(decl, ' ');
	*name++ = '\0';
	array = strchr(name, '[');
	snprintf(f->type, sizeof(f->type), "%s%s", decl, array ? array : "");
	snprintf(f->name, sizeof(f->name), "%.*s", (int)strcspn(name, "["), name);
	return p + 1;
}

static unsigned int dimension(const struct field *f)
{
	const char *array = strncmp(f->type, "__data_loc", 10) ? strchr(f->type, '[') : NULL;

	return array ? strtoul(array + 1, NULL, 0) : 0;
}

static void print_event(struct merge_desc *boot, unsigned int id, FILE *out)
{
	char *system, *format, *event;
	struct field f;
	const char *print;

	if (boot->ops->event(boot, id, &system, &format))
		abort();
	event = strndup(format + strlen("name: "), strcspn(format, "\n") - strlen("name: "));
	print = strstr(format, "print fmt: ") + strlen("print fmt: ");
	fprintf(out, "call %s id=%u system=%s\n", event, id, system);
	for (const char *p = strstr(format, "\n\n"); (p = next_field(p, &f));)
		fprintf(out, "field %u %u %u %u %s %s\n", f.offset, f.size, f.is_signed,
			dimension(&f), f.type, f.name);
	fprintf(out, "print %s", print);
	free(event);
	free(format);
	free(system);
}

/* Two events more: a syscall's and a user event's fields stand elsewhere. */
static void print_events(struct merge_desc *boot, FILE *out)
{
	fputs("common\nfield 0 2 0 0 unsigned short common_type\n"
	      "field 2 1 0 0 unsigned char common_flags\n"
	      "field 3 1 0 0 unsigned char common_preempt_count\n"
	      "field 4 4 1 0 int common_pid\n", out);
	for (size_t i = 0; i < world_nr_ids; i++)
		print_event(boot, world_ids[i], out);
	fputs("call sys_enter_close id=300 system=syscalls syscall\n"
	      "field 8 4 1 0 int __syscall_nr\nfield 16 8 0 0 unsigned int fd\n"
	      "print \"fd: 0x%08lx\", ((unsigned long)(REC->fd))\n"
	      "call login id=301 system=user_events user\nfield 8 4 1 0 int uid\n"
	      "print \"uid=%d\", REC->uid\n", out);
	desc_close(boot);
}

static void print_names(uint64_t stext, FILE *out)
{
	fputs("uts sysname Linux\nuts release 6.12.0-mutated\nuts machine x86_64\n"
	      "comms 6\ncomm 1 systemd\ncomm 7 bash\ncomm 40 a longer name16\n"
	      "tasks\ntask 1 systemd\ntask 41 worker\nthread 42 worker/1\n"
	      "printk n=%d s=%s\nprintk plain\ntracepoint_str started\n"
	      "enumerator HRTIMER_MODE_ABS 0\nenumerator HRTIMER_MODE_REL 1\n"
	      "enumerator HRTIMER_MODE_PINNED 2\n", out);
	fprintf(out, "kallsyms base\nksym T _stext 0x%" PRIx64 "\nksym T vfs_read 0x%" PRIx64
		"\nksym t sys_do_it 0x%" PRIx64 "\nmodule ext4\nmsym t ext4_read 0x%" PRIx64 "\n"
		"msym U nothing 0\nfreed ext4_init 0x%" PRIx64 "\n",
		stext, stext + 0x200000, stext + 0x300000, stext + 0x3f000000, stext + 0x3f100000);
}

/* ---- records ------------------------------------------------------------- */

static const char *const words[] = { "", "bash", "kworker/0:1", "a longer name1", "/bin/sh", "x" };

static const char *random_word(struct random *r)
{
	return words[random_below(r, sizeof(words) / sizeof(*words))];
}

static uint64_t random_address(uint64_t stext, struct random *r)
{
	static const uint32_t offsets[] = { 0x200000, 0x200010, 0x300000, 0x3f000020, 0x10 };

	return stext + offsets[random_below(r, 5)];
}

/* What a __data_loc (@base 0) or __rel_loc at @offset leads to, behind all else */
static void put_located(struct record_bytes *b, const struct field *f, uint32_t base,
			struct random *r)
{
	uint32_t start = b->size, size;

	if (strstr(f->type, "char")) {
		const char *text = random_word(r);

		size = strlen(text) + 1;
		record_text(b, start, text, size);
	} else {
		size = 8 * (1 + random_below(r, 2));
		for (uint32_t i = 0; i < size; i += 4)
			record_number(b, start + i, random_below(r, 300), 4);
	}
	record_number(b, f->offset, size << 16 | (start - base), 4);
}

static void put_array(struct record_bytes *b, const struct field *f, uint64_t stext,
		      struct random *r)
{
	uint32_t size = f->size ? f->size : 16;

	if (strstr(f->type, "char")) {
		record_text(b, f->offset, random_word(r), size);
		return;
	}
	for (uint32_t i = 0; i + 8 <= size; i += 8)
		record_number(b, f->offset + i, random_address(stext, r), 8);
}

static void put_number(struct record_bytes *b, const struct field *f, uint64_t stext,
		       uint64_t printk, struct random *r)
{
	static const unsigned int pids[] = { 0, 1, 7, 40, 41, 42, 100 };
	uint64_t value = 1 + random_below(r, 8);

	if (!strcmp(f->name, "fmt") || !strcmp(f->name, "str"))
		value = printk;
	else if (strstr(f->name, "pid"))
		value = pids[random_below(r, 7)];
	else if (!strcmp(f->name, "i"))
		value = random_below(r, 4);
	else if (f->size == 8 && (strstr(f->type, "long") || strchr(f->type, '*')))
		value = random_address(stext, r);
	record_number(b, f->offset, value, f->size);
}

void world_record(const struct merge_desc *d, unsigned int id, uint64_t stext, uint64_t printk,
		  struct random *r, struct record_bytes *record)
{
	struct merge_desc *boot = boot_open();
	char *system, *format;
	struct field f;

	*record = record_begin(d, id, 7);
	record_number(record, 2, random_below(r, 4), 1);
	if (boot->ops->event(boot, id, &system, &format))
		abort();
	/* first all fields of fixed size, since what they lead to stands behind */
	for (const char *p = strstr(format, "\n\n"); (p = next_field(p, &f));)
		if (f.size)
			record_number(record, f.offset + f.size - 1, 0, 1);
	for (const char *p = strstr(format, "\n\n"); (p = next_field(p, &f));)
		if (!strncmp(f.type, "__data_loc", 10))
			put_located(record, &f, 0, r);
		else if (!strncmp(f.type, "__rel_loc", 9))
			put_located(record, &f, f.offset + f.size, r);
		else if (strchr(f.type, '['))
			put_array(record, &f, stext, r);
		else
			put_number(record, &f, stext, printk, r);
	free(system);
	free(format);
	desc_close(boot);
}

/* ---- sub-buffers --------------------------------------------------------- */

/* Bytes of a record with its head */
static uint32_t room_for(const struct record_bytes *record)
{
	return record->size + (record->size / 4 <= 28 ? 4 : 8);
}

/* Now and then something between events; bytes it takes */
static uint32_t put_between(struct random *r, uint64_t ts, FILE *out)
{
	switch (random_below(r, 12)) {
	case 0:
		fprintf(out, "extend +%u\n", (unsigned int)random_below(r, 5000));
		return 8;
	case 1:
		fprintf(out, "stamp %" PRIu64 "\n", ts);
		return 8;
	case 2:
		fputs("discard +1 len=12\n", out);
		return 16;
	default:
		return 0;
	}
}

void world_pages(const struct merge_desc *d, uint32_t size, unsigned int pages, uint64_t stext,
		 uint64_t printk, struct random *r, FILE *out)
{
	uint64_t ts = 1000000 + random_below(r, 1000), next = random_below(r, world_nr_ids);

	for (unsigned int i = 0; i < pages; i++) {
		uint32_t used = 8 + d->long_size;
		struct record_bytes record;

		ts += 1000;
		fprintf(out, "page ts=%" PRIu64 "%s\n", ts, random_below(r, 4) ? "" : " missed=3");
		for (;;) {
			unsigned int delta = random_below(r, 50);

			world_record(d, world_ids[next++ % world_nr_ids], stext, printk, r, &record);
			if (used + room_for(&record) + 16 + d->long_size > size)
				break;
			ts += delta + 50;
			used += put_between(r, ts, out) + room_for(&record);
			record_words(&record, delta, out);
		}
	}
}

/* ---- the kernel ---------------------------------------------------------- */

static void print_ring(const struct world *w, const struct merge_desc *d, uint64_t printk,
		       unsigned int cpu, struct random *r, FILE *out)
{
	fprintf(out, "cpu %u pages=%u at=%u entries=100 overrun=%u\n", cpu,
		w->pages + cpu, cpu % w->pages, cpu % 2 * 9);
	world_pages(d, w->subbuf, cpu % 2 ? w->pages : w->pages - 1, w->stext, printk, r, out);
}

static void print_buffers(const struct world *w, const struct merge_desc *d, uint64_t printk,
			  FILE *out)
{
	static const struct {
		const char *words;
		unsigned int nr_cpus;
	} buffers[] = {
		{ "instance top\n", 3 }, { "snapshot\n", 2 },
		{ "instance other clock=1\n", 1 }, { "instance kept range=0x1000 clock=2\n", 2 },
		{ "instance old range=0x2000\n", 1 },
	};
	struct random r = { .state = 1 };

	fputs("cpus 4\nclock local\nclock counter ns=0\nclock mono\n", out);
	for (size_t i = 0; i < sizeof(buffers) / sizeof(*buffers); i++) {
		/* 6.1 has no memory that outlives it */
		if (strstr(buffers[i].words, "range") && strstr(w->head, "version 601"))
			continue;
		fputs(buffers[i].words, out);
		for (unsigned int cpu = 0; cpu < buffers[i].nr_cpus; cpu++)
			print_ring(w, d, printk, cpu, &r, out);
	}
}

/* What this boot wrote, and what nobody committed */
static const char finish[] =
	"set top/1.p2:buffer_page.write 800\n"
	"set top/2.p1:buffer_page.write 900\n";
static const char finish_kept[] = "set kept/0:ring_buffer_per_cpu.write_stamp 5\n";

static void add(struct kernel *k, FILE *out, char **text)
{
	fclose(out);
	kernel_add(k, *text);
	free(*text);
}

/* Where the format of the first printk word stands: the array's first pointer */
static uint64_t first_printk(struct kernel *k)
{
	uint64_t at = kernel_place(k, "__start___trace_bprintk_fmt"), value = 0;
	const struct kernel_page *page = kernel_page(k, at);
	unsigned int size = k->mem.long_size;

	for (unsigned int i = 0; i < size; i++)
		value |= (uint64_t)page->bytes[at - page->addr + (k->mem.big_endian ? size - 1 - i : i)]
			 << 8 * i;
	return value;
}

struct kernel *world_kernel(const struct world *world)
{
	struct kernel *k = kernel_open(world->head, NULL);
	struct merge_desc d = { .long_size = k->mem.long_size, .big_endian = k->mem.big_endian };
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	print_events(boot_open(), out);
	print_names(world->stext, out);
	add(k, out, &text);
	out = open_memstream(&text, &size);
	print_buffers(world, &d, first_printk(k), out);
	add(k, out, &text);
	kernel_add(k, finish);
	if (kernel_find(k, "l", "kept"))
		kernel_add(k, finish_kept);
	return k;
}
