// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "describe_vmcore.h"
#include "mkkernel.h"
#include "source.h"
#include "tests.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#define IGNORE_LEAKS(what)	do { __lsan_disable(); what; __lsan_enable(); } while (0)
#else
#define IGNORE_LEAKS(what)	what
#endif

/* A description without buffers: close with described_close() */
struct described {
	struct kernel *k;
	struct vmcore vm;
	struct merge_source *src;
};

static struct described describe(const char *kernel, const char *more)
{
	static const struct source_ops ops = { .name = "test" };

	return (struct described){
		.k = kernel_open(kernel, more), .src = source_create(&ops, NULL, 8, false),
	};
}

/* The description borrows d->vm: @d must stay where it is from here on. */
static struct merge_desc *described_open(struct described *d)
{
	CU_ASSERT_EQUAL_FATAL(vmcore_init(&d->vm, &d->k->mem), 0);
	d->src->desc = desc_vmcore_create(&d->vm, d->src);
	CU_ASSERT_PTR_NOT_NULL_FATAL(d->src->desc);
	return d->src->desc;
}

static void described_close(struct described *d)
{
	merge_source_close(d->src);
	vmcore_deinit(&d->vm);
	kernel_close(d->k);
}

static void print_notices(FILE *out, const struct merge_source *src)
{
	const struct merge_notice *notice;

	for (unsigned int i = 0; (notice = merge_source_notice(src, i)); i++)
		fprintf(out, "# %s\n", notice->text);
}

/* ---- formats ------------------------------------------------------------- */

/* System and format of event @id, what the second question gives, notices */
static char *format(const char *kernel, const char *more, unsigned int id)
{
	struct described d = describe(kernel, more);
	struct merge_desc *desc = described_open(&d);
	char *system, *format, *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int ret = 0;

	for (int i = 0; i < 2; i++) {
		ret = desc->ops->event(desc, id, &system, &format);
		if (!i && !ret)
			fprintf(out, "%s\n%s", system, format);
		if (!i && ret)
			fprintf(out, "%s\n", strerrorname_np(-ret));
		if (!ret) {
			free(system);
			free(format);
		}
		if (!i)
			print_notices(out, d.src);
	}
	fclose(out);
	text = kernel_relabel(d.k, text);
	described_close(&d);
	return text;
}

#define COMMON	"common\nfield 0 2 0 0 unsigned short common_type\n"			\
		"field 2 1 0 0 unsigned char common_flags\n"			\
		"field 3 1 0 0 unsigned char common_preempt_count\n"		\
		"field 4 4 1 0 int common_pid\n"
#define COMMON_TEXT								\
	"format:\n\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"	\
	"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"	\
	"\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n"	\
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n"
#define EXEC_CALL "call sched_process_exec id=301 system=sched tracepoint\n"	\
		"field 8 4 0 0 __data_loc char[] filename\n"			\
		"field 12 16 0 16 char[TASK_COMM_LEN] comm\n"			\
		"field 28 4 1 0 pid_t pid\n"					\
		"field 32 0 0 0 u32[] list\n"					\
		"print \"filename=%s pid=%d\", __get_str(filename), REC->pid\n"
#define EXEC_TEXT(comm)								\
	"sched\nname: sched_process_exec\nID: 301\n" COMMON_TEXT		\
	"\tfield:__data_loc char[] filename;\toffset:8;\tsize:4;\tsigned:0;\n"	\
	"\tfield:char comm[" comm "];\toffset:12;\tsize:16;\tsigned:0;\n"	\
	"\tfield:pid_t pid;\toffset:28;\tsize:4;\tsigned:1;\n"			\
	"\tfield:u32 list[];\toffset:32;\tsize:0;\tsigned:0;\n"			\
	"\nprint fmt: \"filename=%s pid=%d\", __get_str(filename), REC->pid\n"
#define EXEC	COMMON EXEC_CALL
#define TINY_CALL "call tiny id=5 system=test"
#define TINY(flags) COMMON TINY_CALL flags "\nprint \"x\"\n"
#define TINY_TEXT "test\nname: tiny\nID: 5\n" COMMON_TEXT "\nprint fmt: \"x\"\n"
#define OPENAT_CALL "call sys_enter_openat id=77 system=syscalls syscall\n"		\
		"field 8 4 1 0 int __syscall_nr\nfield 16 8 0 0 int dfd\nprint \"dfd\"\n"
#define OPENAT	COMMON OPENAT_CALL
#define MANY	EXEC OPENAT_CALL TINY_CALL "\nprint \"x\"\n"

static const struct format_row {
	const char *name;
	const char *kernel;
	const char *more;
	unsigned int id;
	const char *want;
} format_rows[] = {
	{ "an array has the length of the field", EXEC, "", 301, EXEC_TEXT("16") },
	{ "big", "big\n" EXEC, "", 301, EXEC_TEXT("16") },
	{ "short, newest", "version 700\nlong 4\n" EXEC, "", 301, EXEC_TEXT("16") },
	{ "an array has the dimension of the source text", "version 601\n" EXEC, "", 301,
	  EXEC_TEXT("TASK_COMM_LEN") },
	{ "the same, short, big", "version 601\nlong 4\nbig\n" EXEC, "", 301,
	  EXEC_TEXT("TASK_COMM_LEN") },
	{ "name of a tracepoint", TINY(" tracepoint"), "", 5, TINY_TEXT },
	{ "name of a custom event", TINY(" tracepoint custom"), "", 5, TINY_TEXT },
	{ "name of the event itself", TINY(""), "", 5, TINY_TEXT },
	{ "no custom events yet", "version 415\n" TINY(" tracepoint"), "", 5, TINY_TEXT },
	{ "among others", MANY, "", 5, TINY_TEXT },
	{ "fields of a syscall", OPENAT, "", 77,
	  "syscalls\nname: sys_enter_openat\nID: 77\n" COMMON_TEXT
	  "\tfield:int __syscall_nr;\toffset:8;\tsize:4;\tsigned:1;\n"
	  "\tfield:int dfd;\toffset:16;\tsize:8;\tsigned:0;\n\nprint fmt: \"dfd\"\n" },
	{ "fields of a user event", COMMON "call login id=78 system=user_events user\n"
	  "field 8 4 1 0 int uid\nprint \"uid\"\n", "", 78,
	  "user_events\nname: login\nID: 78\n" COMMON_TEXT
	  "\tfield:int uid;\toffset:8;\tsize:4;\tsigned:1;\n\nprint fmt: \"uid\"\n" },
	{ "unknown", EXEC, "", 6, "ENOENT\n" },
	{ "too large an id", EXEC, "", 70000, "ENOENT\n" },
};

static void check_formats(const struct format_row *rows, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		CHECK_ROW(test_text(format(rows[i].kernel, rows[i].more, rows[i].id), rows[i].want),
			  rows[i].name);
}

static void test_formats(void)
{
	check_formats(format_rows, sizeof(format_rows) / sizeof(*format_rows));
}

#define GONE(call, id, why)							\
	"ENODATA\n# the format of event " #id " at 0x" #call " is unreadable (" why	\
	"): its fields are shown as bytes\n"
#define NUMBERS	"ENOENT\n# the kernel's list of events is not found: events are shown as numbers\n"

static const struct format_row damaged_rows[] = {
	{ "an unknown get_fields", OPENAT TINY_CALL " get_fields=0x1234", "", 5,
	  GONE(tiny, 5, "Operation not supported") },
	{ "no syscalls", TINY(" syscall"), "without syscall_get_enter_fields\n", 5,
	  GONE(tiny, 5, "Operation not supported") },
	{ "no metadata type", TINY(" syscall"), "without syscall_metadata.enter_fields\n", 5,
	  GONE(tiny, 5, "No such file or directory") },
	{ "metadata unreadable", TINY(" syscall"), "unmap tiny.data\n", 5,
	  GONE(tiny, 5, "Bad address") },
	{ "no common fields", TINY(""), "without ftrace_common_fields\n", 5,
	  GONE(tiny, 5, "No such file or directory") },
	{ "no print format", TINY(""), "set tiny:trace_event_call.print_fmt 0\n", 5,
	  GONE(tiny, 5, "No data available") },
	{ "print format excluded", TINY(""), "string p x\nexclude p\n"
	  "set tiny:trace_event_call.print_fmt p\n", 5, GONE(tiny, 5, "No data available") },
	{ "print format of zeros", TINY(""), "string p x\nzero p\n"
	  "set tiny:trace_event_call.print_fmt p\n", 5, GONE(tiny, 5, "No data available") },
	{ "print format that goes on in zeros", TINY(""), "at 0xffff888000a00ffe\n"
	  "string p \"xyz\"\nzero p+2\nset tiny:trace_event_call.print_fmt p\n", 5,
	  GONE(tiny, 5, "No data available") },
	{ "a system of zeros", TINY(""), "string p x\nzero p\n"
	  "set tiny.class:trace_event_class.system p\n", 5, GONE(tiny, 5, "No data available") },
	{ "no name", TINY(""), "set tiny:trace_event_call.name 0\n", 5,
	  GONE(tiny, 5, "No data available") },
	{ "no class", TINY(""), "unmap tiny.class\n", 5, GONE(tiny, 5, "Bad address") },
	{ "no flags", TINY(""), "without trace_event_call.flags\n", 5,
	  GONE(tiny, 5, "No such file or directory") },
	{ "a field unreadable", EXEC, "set sched_process_exec.class:trace_event_class.fields+8 0\n",
	  301, GONE(sched_process_exec, 301, "Bad address") },
	{ "a common field unreadable", EXEC,
	  "set ftrace_common_fields+8 ftrace_common_fields+4096\n", 301,
	  GONE(sched_process_exec, 301, "Bad address") },
	{ "no list of events", TINY(""), "without ftrace_events\n", 5, NUMBERS },
	{ "no list in events", TINY(""), "without trace_event_call.list\n", 5, NUMBERS },
	{ "no flag for tracepoints", TINY(""), "without TRACE_EVENT_FL_TRACEPOINT\n", 5, NUMBERS },
	{ "an event excluded", MANY, "exclude sys_enter_openat\n", 77,
	  "ENOENT\n# the kernel's list of events breaks off (No data available): what is behind is "
	  "looked for from its end\n" },
};

static void test_damaged(void)
{
	check_formats(damaged_rows, sizeof(damaged_rows) / sizeof(*damaged_rows));
}

/* libtraceevent ends amid such fields, and would print the records without the others;
 * it leaks a type's name then. */
static void test_half_a_format(void)
{
	struct described d = describe(COMMON "call odd id=9\nfield 8 4 0 0 u32 a\n"
				      "field 12 4 0 0 u32)( b\nprint \"x\"\n" TINY_CALL
				      "\nprint \"x\"\n", NULL);
	struct merge_desc *desc = described_open(&d);

	IGNORE_LEAKS(CU_ASSERT_PTR_NULL(desc_event(desc, 9)));
	CU_ASSERT_PTR_NOT_NULL(desc_event(desc, 5));
	described_close(&d);
}

struct ids {
	char text[100];
	unsigned int stop;
};

/* desc_event_fn */
static int take_id(void *arg, unsigned int id)
{
	struct ids *ids = arg;

	snprintf(ids->text + strlen(ids->text), sizeof(ids->text) - strlen(ids->text), "%u ", id);
	return id == ids->stop ? 42 : 0;
}

static void test_each_event(void)
{
	struct described d = describe(MANY, NULL);
	struct merge_desc *desc = described_open(&d);
	struct ids all = { .stop = 0 }, some = { .stop = 77 };

	d.k->interrupt_at = 1;
	CU_ASSERT_EQUAL(desc->ops->each_event(desc, take_id, &all), -EINTR);
	d.k->interrupt_at = 0;
	CU_ASSERT_EQUAL(desc->ops->each_event(desc, take_id, &all), 0);
	CU_ASSERT_STRING_EQUAL(all.text, "5 77 301 ");
	CU_ASSERT_EQUAL(desc->ops->each_event(desc, take_id, &some), 42);
	CU_ASSERT_STRING_EQUAL(some.text, "5 77 ");
	described_close(&d);
}

static void test_enumerators(void)
{
	struct described d = describe("enumerator HRTIMER_MODE_ABS 7\nenumerator NEGATIVE -1\n",
				      NULL);
	struct merge_desc *desc = described_open(&d);
	int64_t value = 0;

	CU_ASSERT_EQUAL(desc->ops->enumerator(desc, "HRTIMER_MODE_ABS", &value), 0);
	CU_ASSERT_EQUAL(value, 7);
	CU_ASSERT_EQUAL(desc->ops->enumerator(desc, "HRTIMER_MODE_REL", &value), -ENOENT);
	CU_ASSERT_EQUAL(desc->ops->enumerator(desc, "NEGATIVE", &value), 0);
	CU_ASSERT_EQUAL(value, -1);
	described_close(&d);
}

static void test_syscall_sizes(void)
{
	static const struct {
		const char *name, *kernel, *more;
		int ret, want;
	} rows[] = {
		{ "an older kernel", OPENAT, "", -ENOENT, 99 },
		{ "an argument", "version 700\n" OPENAT,
		  "set sys_enter_openat.data:syscall_metadata.user_arg_size 2\n", 0, 2 },
		{ "none", "version 700\n" OPENAT,
		  "set sys_enter_openat.data:syscall_metadata.user_arg_size 255\n", 0, -1 },
		{ "unreadable", "version 700\n" OPENAT,
		  "unmap sys_enter_openat:trace_event_call.data\n", 0, -1 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct described d = describe(rows[i].kernel, rows[i].more);
		struct merge_desc *desc = described_open(&d);
		char *system, *text;
		int arg = 99;

		if (!desc->ops->event(desc, 77, &system, &text)) {
			free(system);
			free(text);
		}
		CHECK_ROW(desc_syscall_size(desc, 77, &arg) == rows[i].ret && arg == rows[i].want,
			  rows[i].name);
		described_close(&d);
	}
}

static void test_types(void)
{
	static const char blob[] = "alloc blob 4096\nsymbol __start_BTF blob+8\n"
				   "symbol __stop_BTF blob+24\nset blob+8 0x1234\n";
	struct described d = describe(blob, NULL);
	struct merge_desc *desc = described_open(&d);
	void *data;
	size_t size;

	CU_ASSERT_EQUAL_FATAL(desc->ops->btf(desc, &data, &size), 0);
	CU_ASSERT_EQUAL(size, 16);
	CU_ASSERT(!memcmp(data, "\x34\x12", 3));
	free(data);
	CU_ASSERT_PTR_NULL(desc_btf(desc));
	described_close(&d);
	d = describe(blob, "exclude blob\n");
	desc = described_open(&d);
	CU_ASSERT_EQUAL(desc->ops->btf(desc, &data, &size), -ENOENT);
	CU_ASSERT_EQUAL(d.src->nr_notices, 1);
	described_close(&d);
	d = describe(blob, "without __stop_BTF\n");
	desc = described_open(&d);
	CU_ASSERT_EQUAL(desc->ops->btf(desc, &data, &size), -ENOENT);
	CU_ASSERT_EQUAL(d.src->nr_notices, 0);
	described_close(&d);
}

/* One question after the other: what breaks the list is told once. */
static void test_broken_list(void)
{
	static const unsigned int ids[] = { 5, 77, 301 };
	struct described d = describe(MANY, "exclude sys_enter_openat\n");
	struct merge_desc *desc = described_open(&d);
	char *system, *text;

	for (size_t i = 0; i < 3; i++) {
		int ret = desc->ops->event(desc, ids[i], &system, &text);

		CU_ASSERT_EQUAL(ret, ids[i] == 77 ? -ENOENT : 0);
		if (!ret) {
			free(system);
			free(text);
		}
	}
	CU_ASSERT_EQUAL(d.src->nr_notices, 1);
	described_close(&d);
}

static void test_interrupt(void)
{
	struct described d = describe(EXEC, NULL);
	struct merge_desc *desc = described_open(&d);
	char *system, *text;

	d.k->interrupt_at = 1;
	CU_ASSERT_EQUAL(desc->ops->event(desc, 301, &system, &text), -EINTR);
	d.k->interrupt_at = d.k->polls + 3;
	CU_ASSERT_EQUAL(desc->ops->event(desc, 301, &system, &text), -EINTR);
	d.k->interrupt_at = 0;
	CU_ASSERT_EQUAL_FATAL(desc->ops->event(desc, 301, &system, &text), 0);
	CU_ASSERT_STRING_EQUAL(system, "sched");
	CU_ASSERT_EQUAL(d.src->nr_notices, 0);
	free(system);
	free(text);
	described_close(&d);
}

/* ---- names, printk formats, symbols --------------------------------------- */

struct listing {
	FILE *out;
	unsigned int room;
};

static int take_comm(void *arg, int pid, const char *comm)
{
	struct listing *l = arg;

	fprintf(l->out, "%d %s\n", pid, comm);
	return --l->room ? 0 : 42;
}

static int take_printk(void *arg, uint64_t addr, const char *text)
{
	struct listing *l = arg;

	fprintf(l->out, "%s %s\n", addr ? "at" : "nowhere", text);
	return --l->room ? 0 : 42;
}

static int take_symbol(void *arg, uint64_t addr, char type, const char *name, const char *module)
{
	struct listing *l = arg;

	fprintf(l->out, "%" PRIx64 " %c %s%s%s\n", addr, type, name, module ? " " : "",
		module ? module : "");
	return --l->room ? 0 : 42;
}

enum what { COMMS, PRINTKS, SYMBOLS };

/* All there is of one kind, how it ended, notices */
static char *list(enum what what, const char *kernel, const char *more, unsigned int room)
{
	struct described d = describe(kernel, more);
	struct merge_desc *desc = described_open(&d);
	struct listing l = { .room = room };
	char *text;
	size_t size;
	int ret;

	l.out = open_memstream(&text, &size);
	ret = what == COMMS ? desc->ops->each_comm(desc, take_comm, &l) :
	      what == PRINTKS ? desc->ops->each_printk(desc, take_printk, &l) :
	      desc->ops->each_symbol(desc, take_symbol, &l);
	if (ret)
		fprintf(l.out, "%s\n", ret < 0 ? strerrorname_np(-ret) : "stopped");
	print_notices(l.out, d.src);
	fclose(l.out);
	described_close(&d);
	return text;
}

struct list_row {
	const char *name;
	const char *kernel;
	const char *more;
	const char *want;
};

static void check_lists(enum what what, const struct list_row *rows, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		CHECK_ROW(test_text(list(what, rows[i].kernel, rows[i].more, 99), rows[i].want),
			  rows[i].name);
}

/* 5 and 21 share an entry of the map */
#define SAVED	"comms 5\ncomm 5 bash\ncomm 900 kworker/0:1\ncomm 21 a new task\n"
#define NAMES	"900 kworker/0:1\n21 a new task\n"
#define NO_NAMES(why) "# the saved command names are unreadable (" why "): names are those in "	\
		      "the trace and of living tasks\n"

static const struct list_row comm_rows[] = {
	{ "of two that collide the last", SAVED, "", NAMES },
	{ "big", "big\n" SAVED, "", NAMES },
	{ "the names stand elsewhere", "version 601\n" SAVED, "", NAMES },
	{ "the same, short, big", "version 601\nlong 4\nbig\n" SAVED, "", NAMES },
	{ "a slot used again", SAVED, "set saved:saved_cmdlines_buffer.map_pid_to_cmdline+20 0\n",
	  "5 bash\n900 kworker/0:1\n" },
	{ "never traced", SAVED, "set savedcmd 0\n", "" },
	{ "not there", SAVED, "without savedcmd\n", NO_NAMES("No such file or directory") },
	{ "unreadable", SAVED, "unmap savedcmd\n", NO_NAMES("Bad address") },
	{ "its buffer excluded", SAVED, "exclude saved\n", NO_NAMES("No data available") },
	{ "pids excluded", SAVED, "exclude saved.pids\n", NO_NAMES("No data available") },
	{ "too many", SAVED, "set saved:saved_cmdlines_buffer.cmdline_num 0x400001\n",
	  NO_NAMES("Bad message") },
	{ "no size of a name", SAVED, "without task_struct.comm\n", NO_NAMES("Bad message") },
	{ "no names in it", SAVED, "without saved_cmdlines_buffer.saved_cmdlines\n",
	  NO_NAMES("No such file or directory") },
	{ "names unreadable", "version 601\n" SAVED, "unmap saved.comms\n",
	  NO_NAMES("Bad address") },
};

static void test_comms(void)
{
	check_lists(COMMS, comm_rows, sizeof(comm_rows) / sizeof(*comm_rows));
	CHECK_TEXT(list(COMMS, SAVED, "", 1), "900 kworker/0:1\nstopped\n");
}

#define PRINTK	"printk n=%d\nprintk two words\ntracepoint_str rcu_sched\n"			\
		"module_printk from a module\nmodule_printk another\n"
#define PRINTED	"at n=%d\nat two words\nat rcu_sched\nat another\nat from a module\n"

#define LOST(n)	"# " n " of the kernel's printk formats and constant strings are unreadable: "	\
		"their addresses are shown\n"

static const struct list_row printk_rows[] = {
	{ "all", PRINTK, "", PRINTED },
	{ "short, big", "version 601\nlong 4\nbig\n" PRINTK, "", PRINTED },
	{ "none", "", "", "" },
	{ "one unreadable", PRINTK, "set __start___trace_bprintk_fmt 8\n",
	  "at two words\nat rcu_sched\nat another\nat from a module\n" LOST("1") },
	{ "two of zeros", PRINTK, "string p x\nzero p\nset __start___trace_bprintk_fmt p\n"
	  "set __start___tracepoint_str p\n",
	  "at two words\nat another\nat from a module\n" LOST("2") },
	{ "one cleared", PRINTK, "set __start___trace_bprintk_fmt+8 0\n",
	  "at n=%d\nat rcu_sched\nat another\nat from a module\n" },
	{ "a table unreadable", PRINTK, "unmap __start___trace_bprintk_fmt\n",
	  "at rcu_sched\nat another\nat from a module\n" },
	{ "an end before its start", PRINTK, "symbol __stop___trace_bprintk_fmt 1\n",
	  "at rcu_sched\nat another\nat from a module\n" },
	{ "an end far away", PRINTK, "symbol __stop___tracepoint_str 0xffffffffffffffff\n",
	  "at n=%d\nat two words\nat another\nat from a module\n" },
	{ "no formats of modules", PRINTK, "without trace_bprintk_fmt.list\n",
	  "at n=%d\nat two words\nat rcu_sched\n" },
	{ "their list broken", PRINTK, "unmap trace_bprintk_fmt_list\n",
	  "at n=%d\nat two words\nat rcu_sched\n" },
};

static void test_printks(void)
{
	check_lists(PRINTKS, printk_rows, sizeof(printk_rows) / sizeof(*printk_rows));
	for (unsigned int room = 1; room < 5; room += 2)
		CHECK_TEXT(list(PRINTKS, PRINTK, "", room), room == 1 ? "at n=%d\nstopped\n" :
			   "at n=%d\nat two words\nat rcu_sched\nstopped\n");
	CHECK_TEXT(list(PRINTKS, PRINTK, "", 4),
		   "at n=%d\nat two words\nat rcu_sched\nat another\nstopped\n");
}

#define SYMS	"kallsyms base\nksym T _stext 0xffffffff81000000\n"		\
		"module a\nmsym t f 0xffffffffc0000000\nmodule b\nmsym t g 0xffffffffc0100000\n"
#define IMAGE	"ffffffff81000000 T _stext\n"
#define MODULES	"ffffffffc0100000 t g b\nffffffffc0000000 t f a\n"
#define NO_IMAGE(what) "# the kernel's kallsyms tables are " what ": addresses stay numbers\n"

static const struct list_row symbol_rows[] = {
	{ "all", SYMS, "", IMAGE MODULES },
	{ "no tables", SYMS, "without kallsyms_names\n",
	  MODULES NO_IMAGE("unreadable or absent") },
	{ "names excluded", SYMS, "exclude kallsyms_names\n",
	  MODULES NO_IMAGE("unreadable or absent") },
	{ "unknown form", SYMS, "symbol _stext 0xffffffff81000001\n",
	  MODULES NO_IMAGE("of an unknown form") },
	{ "a name too many", SYMS, "set kallsyms_num_syms 2\n",
	  IMAGE MODULES NO_IMAGE("unreadable or absent") },
	{ "a module unreadable", SYMS, "unmap b.syms\n", IMAGE "ffffffffc0000000 t f a\n"
	  "# symbols of 1 modules are unreadable: addresses in them stay numbers\n" },
	{ "modules unreadable", SYMS, "unmap modules\n", IMAGE
	  "# the list of modules breaks off (Bad address): addresses in those behind stay "
	  "numbers\n" },
	{ "no modules", SYMS, "without modules\n", IMAGE },
};

static void test_symbols(void)
{
	check_lists(SYMBOLS, symbol_rows, sizeof(symbol_rows) / sizeof(*symbol_rows));
	CHECK_TEXT(list(SYMBOLS, SYMS, "", 1), IMAGE "stopped\n");
	CHECK_TEXT(list(SYMBOLS, SYMS, "", 2), IMAGE "ffffffffc0100000 t g b\nstopped\n");
}

/* ---- identity ------------------------------------------------------------ */

#define UTS	"uts sysname Linux\nuts nodename crashed.example\nuts release 6.12.1-test\n"	\
		"uts version #1 SMP Sat\nuts machine x86_64\n"

static const struct list_row uts_rows[] = {
	{ "all", UTS, "", "Linux|crashed.example|6.12.1-test|#1 SMP Sat|x86_64" },
	{ "short, big", "version 601\nlong 4\nbig\n" UTS, "",
	  "Linux|crashed.example|6.12.1-test|#1 SMP Sat|x86_64" },
	{ "unreadable", UTS, "unmap init_uts_ns\n", "||||" },
	{ "not there", UTS, "without init_uts_ns\n", "||||" },
	{ "no name in it", UTS, "without uts_namespace.name\n", "||||" },
	{ "no nodename", UTS, "without new_utsname.nodename\n",
	  "Linux||6.12.1-test|#1 SMP Sat|x86_64" },
	{ "longer than it may be", "", "uts release "
	  "0123456789012345678901234567890123456789012345678901234567890123456789\nuts machine m\n",
	  "||||m" },
};

static void test_identity(void)
{
	for (size_t i = 0; i < sizeof(uts_rows) / sizeof(*uts_rows); i++) {
		struct described d = describe(uts_rows[i].kernel, uts_rows[i].more);
		struct merge_desc *desc = described_open(&d);
		char text[400];

		snprintf(text, sizeof(text), "%s|%s|%s|%s|%s", desc->sysname, desc->nodename,
			 desc->release, desc->version, desc->machine);
		CHECK_ROW(!strcmp(text, uts_rows[i].want), uts_rows[i].name);
		CU_ASSERT_EQUAL(desc->long_size, d.k->mem.long_size);
		CU_ASSERT_EQUAL(desc->page_size, 4096);
		CU_ASSERT_EQUAL(desc->big_endian, d.k->mem.big_endian);
		described_close(&d);
	}
}

static void test_header_page(void)
{
	for (unsigned int i = 0; i < 2; i++) {
		struct described d = describe(i ? "version 700\n" : "version 612\n", NULL);

		CU_ASSERT_EQUAL(described_open(&d)->overwrite_is_char, i);
		described_close(&d);
	}
}

static const struct test tests[] = {
	{ "a format is what the kernel shows", test_formats },
	{ "all events are told by ascending id", test_each_event },
	{ "enumerators are those of the kernel", test_enumerators },
	{ "the kernel's types are read", test_types },
	{ "what has the size of a syscall's data is found", test_syscall_sizes },
	{ "what a format lacks is noted", test_damaged },
	{ "a format that is read in half is not used", test_half_a_format },
	{ "a broken list of events is walked from both ends, noted once", test_broken_list },
	{ "an interrupted question may be asked again", test_interrupt },
	{ "a command name is the one the kernel would find", test_comms },
	{ "printk formats come from the image and from modules", test_printks },
	{ "symbols of modules come without those of the image", test_symbols },
	{ "header_page is that of older and newer kernels", test_header_page },
	{ "the kernel tells its name as far as it can be read", test_identity },
	{ NULL, NULL }
};

const struct test_suite suite_describe_vmcore = { "describe_vmcore", tests };
