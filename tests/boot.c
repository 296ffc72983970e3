// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A traced boot for tests: see boot.h. The formats of the ftrace, sched,
 * syscalls, irq and timer systems are those of a 6.12 kernel, some lists
 * shortened; those of "test" hold what other kernels' formats hold.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "boot.h"
#include "mkimage.h"
#include "text_event.h"

struct boot_format {
	unsigned int id;
	const char *system;
	const char *name;
	const char *fields;	/* "type name offset size signed", by lines */
	const char *print;
};

static const struct boot_format formats[] = {
	{ FUNCTION, "ftrace", "function",
	  "unsigned long ip 8 8 0\nunsigned long parent_ip 16 8 0\n",
	  "\" %ps <-- %ps\", (void *)REC->ip, (void *)REC->parent_ip" },
	{ KERNEL_STACK, "ftrace", "kernel_stack",
	  "int size 8 4 1\nunsigned long caller[8] 16 64 0\n",
	  "\"\\t=> %ps\\n\", (void *)REC->caller[0]" },
	{ PRINT, "ftrace", "print", "unsigned long ip 8 8 0\nchar buf[] 16 0 0\n",
	  "\"%ps: %s\", (void *)REC->ip, REC->buf" },
	{ BPRINT, "ftrace", "bprint",
	  "unsigned long ip 8 8 0\nconst char * fmt 16 8 0\nu32 buf[] 24 0 0\n",
	  "\"%ps: %s\", (void *)REC->ip, REC->fmt" },
	{ USER_STACK, "ftrace", "user_stack",
	  "unsigned int tgid 8 4 0\nunsigned long caller[8] 16 64 0\n",
	  "\"\\t=> %ps\\n\", (void *)REC->caller[0]" },
	{ BPUTS, "ftrace", "bputs", "unsigned long ip 8 8 0\nconst char * str 16 8 0\n",
	  "\"%ps: %s\", (void *)REC->ip, REC->str" },
	{ RAW_DATA, "ftrace", "raw_data", "unsigned int id 8 4 0\nchar buf[] 12 0 0\n",
	  "\"id:%04x %08x\", REC->id, (int)REC->buf[0]" },
	{ FUNC_REPEATS, "ftrace", "func_repeats",
	  "unsigned long ip 8 8 0\nunsigned long parent_ip 16 8 0\nu16 count 24 2 0\n"
	  "u16 top_delta_ts 26 2 0\nu32 bottom_delta_ts 28 4 0\n",
	  "\" %ps <-%ps\\t(repeats:%u)\", (void *)REC->ip, (void *)REC->parent_ip, REC->count" },
	{ GRAPH_ENTRY, "ftrace", "funcgraph_entry", "unsigned long func 8 8 0\nint depth 16 4 1\n",
	  "\"--> %ps (%d)\", (void *)REC->func, REC->depth" },
	{ GRAPH_RETADDR_ENTRY, "ftrace", "fgraph_retaddr_entry",
	  "unsigned long func 8 8 0\nunsigned long depth 16 8 0\nunsigned long retaddr 24 8 0\n"
	  "unsigned long args[] 32 0 0\n",
	  "\"--> %ps (%lu) <- %ps\", (void *)REC->func, REC->depth, (void *)REC->retaddr" },
	{ GRAPH_EXIT, "ftrace", "funcgraph_exit",
	  "unsigned long func 8 8 0\nint depth 16 4 1\nunsigned int overrun 20 4 0\n"
	  "unsigned long long calltime 24 8 0\nunsigned long long rettime 32 8 0\n",
	  "\"<-- %ps (%d) (start: %llx  end: %llx) over: %d\", (void *)REC->func, REC->depth, "
	  "REC->calltime, REC->rettime, REC->depth" },
	{ CONTEXT_SWITCH, "ftrace", "context_switch",
	  "unsigned int prev_pid 8 4 0\nunsigned int next_pid 12 4 0\n"
	  "unsigned int next_cpu 16 4 0\nunsigned char prev_prio 20 1 0\n"
	  "unsigned char prev_state 21 1 0\nunsigned char next_prio 22 1 0\n"
	  "unsigned char next_state 23 1 0\n",
	  "\"%u:%u:%u  ==> %u:%u:%u [%03u]\", REC->prev_pid, REC->prev_prio, REC->prev_state, "
	  "REC->next_pid, REC->next_prio, REC->next_state, REC->next_cpu" },
	{ WAKEUP, "ftrace", "wakeup",
	  "unsigned int prev_pid 8 4 0\nunsigned int next_pid 12 4 0\n"
	  "unsigned int next_cpu 16 4 0\nunsigned char prev_prio 20 1 0\n"
	  "unsigned char prev_state 21 1 0\nunsigned char next_prio 22 1 0\n"
	  "unsigned char next_state 23 1 0\n",
	  "\"%u:%u:%u  ==+ %u:%u:%u [%03u]\", REC->prev_pid, REC->prev_prio, REC->prev_state, "
	  "REC->next_pid, REC->next_prio, REC->next_state, REC->next_cpu" },
	{ BRANCH, "ftrace", "branch",
	  "unsigned int line 8 4 0\nchar func[31] 12 31 0\nchar file[21] 43 21 0\n"
	  "char correct 64 1 0\nchar constant 65 1 0\n",
	  "\"%u:%s:%s (%u)%s\", REC->line, REC->func, REC->file, REC->correct, REC->constant ? "
	  "\" CONSTANT\" : \"\"" },
	{ HWLAT, "ftrace", "hwlat",
	  "u64 duration 8 8 0\nu64 outer_duration 16 8 0\nu64 nmi_total_ts 24 8 0\n"
	  "s64 tv_sec 32 8 1\nlong tv_nsec 40 8 1\nunsigned int nmi_count 48 4 0\n"
	  "unsigned int seqnum 52 4 0\nunsigned int count 56 4 0\n",
	  "\"cnt:%u\\tts:%010llu.%010lu\\tinner:%llu\\touter:%llu\\tcount:%d\\tnmi-ts:%llu"
	  "\\tnmi-count:%u\\n\", "
	  "REC->seqnum, REC->tv_sec, REC->tv_nsec, REC->duration, REC->outer_duration, "
	  "REC->count, REC->nmi_total_ts, REC->nmi_count" },
	{ OSNOISE, "ftrace", "osnoise",
	  "u64 noise 8 8 0\nu64 runtime 16 8 0\nu64 max_sample 24 8 0\n"
	  "unsigned int hw_count 32 4 0\nunsigned int nmi_count 36 4 0\n"
	  "unsigned int irq_count 40 4 0\nunsigned int softirq_count 44 4 0\n"
	  "unsigned int thread_count 48 4 0\n",
	  "\"noise:%llu\\tmax_sample:%llu\\thw:%u\\tnmi:%u\\tirq:%u\\tsoftirq:%u\\t"
	  "thread:%u\\n\", "
	  "REC->noise, REC->max_sample, REC->hw_count, REC->nmi_count, REC->irq_count, "
	  "REC->softirq_count, REC->thread_count" },
	{ TIMERLAT, "ftrace", "timerlat",
	  "unsigned int seqnum 8 4 0\nint context 12 4 1\nu64 timer_latency 16 8 0\n",
	  "\"seq:%u\\tcontext:%d\\ttimer_latency:%llu\\n\", REC->seqnum, REC->context, "
	  "REC->timer_latency" },
	{ SCHED_SWITCH, "sched", "sched_switch",
	  "char prev_comm[16] 8 16 0\npid_t prev_pid 24 4 1\nint prev_prio 28 4 1\n"
	  "long prev_state 32 8 1\nchar next_comm[16] 40 16 0\npid_t next_pid 56 4 1\n"
	  "int next_prio 60 4 1\n",
	  "\"prev_comm=%s prev_pid=%d prev_prio=%d prev_state=%s%s ==> next_comm=%s "
	  "next_pid=%d next_prio=%d\", REC->prev_comm, REC->prev_pid, REC->prev_prio, "
	  "(REC->prev_state & ((((0x00000000 | 0x00000001 | 0x00000002 | 0x00000004 | "
	  "0x00000008 | 0x00000010 | 0x00000020 | 0x00000040) + 1) << 1) - 1)) ? "
	  "__print_flags(REC->prev_state & ((((0x00000000 | 0x00000001 | 0x00000002 | "
	  "0x00000004 | 0x00000008 | 0x00000010 | 0x00000020 | 0x00000040) + 1) << 1) - 1), "
	  "\"|\", { 0x00000001, \"S\" }, { 0x00000002, \"D\" }, { 0x00000020, \"Z\" }, "
	  "{ 0x00000080, \"I\" }) : \"R\", REC->prev_state & 0x100 ? \"+\" : \"\", "
	  "REC->next_comm, REC->next_pid, REC->next_prio" },
	{ SYS_ENTER_OPENAT, "syscalls", "sys_enter_openat",
	  "int __syscall_nr 8 4 1\nint dfd 16 8 0\nconst char * filename 24 8 0\n"
	  "int flags 32 8 0\numode_t mode 40 8 0\n",
	  "\"dfd: 0x%08lx\", ((unsigned long)(REC->dfd))" },
	{ SYS_EXIT_OPENAT, "syscalls", "sys_exit_openat",
	  "int __syscall_nr 8 4 1\nlong ret 16 8 1\n", "\"0x%lx\", REC->ret" },
	{ IRQ_HANDLER_ENTRY, "irq", "irq_handler_entry",
	  "int irq 8 4 1\n__data_loc char[] name 12 4 0\n",
	  "\"irq=%d name=%s\", REC->irq, __get_str(name)" },
	{ SOFTIRQ_ENTRY, "irq", "softirq_entry", "unsigned int vec 8 4 0\n",
	  "\"vec=%u [action=%s]\", REC->vec, __print_symbolic(REC->vec, { 0, \"HI\" }, "
	  "{ 1, \"TIMER\" }, { 9, \"RCU\" })" },
	{ TIMER_START, "timer", "timer_start",
	  "void * timer 8 8 0\nunsigned int flags 16 4 0\n",
	  "\"flags=%s\", __print_flags(REC->flags & (0x00040000 | 0x00080000 | 0x00100000 | "
	  "0x00200000), \"|\", { 0x00040000, \"M\" }, { 0x00080000, \"D\" }, "
	  "{ 0x00100000, \"P\" }, { 0x00200000, \"I\" })" },
	{ HRTIMER_INIT, "timer", "hrtimer_init", "int mode 8 4 1\n",
	  "\"mode=%s\", __print_symbolic(REC->mode, { HRTIMER_MODE_ABS, \"ABS\" }, "
	  "{ HRTIMER_MODE_REL, \"REL\" }, "
	  "{ HRTIMER_MODE_ABS|HRTIMER_MODE_PINNED, \"ABS|PINNED\" })" },
	{ HEX, "test", "hex", "__data_loc u8[] buf 8 4 0\nint len 12 4 0\nu8 raw[8] 16 8 0\n",
	  "\"%s %s\", __print_hex(__get_dynamic_array(buf), REC->len), "
	  "__print_hex_str(REC->raw, REC->len)" },
	{ ARRAY, "test", "array", "__data_loc u32[] list 8 4 0\nu8 count 12 1 0\n",
	  "\"%s\", __print_array(__get_dynamic_array(list), "
	  "__get_dynamic_array_len(list) / sizeof(u32), 4)" },
	{ BITMASK, "test", "bitmask", "__data_loc long[] mask 8 4 0\n",
	  "\"mask=%s\", __get_bitmask(mask)" },
	{ CPUMASK, "test", "cpumask", "__data_loc cpumask_t mask 8 4 0\n",
	  "\"cpus=%s\", __get_cpumask(mask)" },
	{ ADDRESSES, "test", "addresses",
	  "__u8 v4[4] 8 4 0\n__u8 v6[16] 12 16 0\n__u8 mac[6] 28 6 0\n__u8 uuid[16] 34 16 0\n"
	  "__data_loc u8[] sa 52 4 0\n",
	  "\"%pI4 %pI6c %pM %pUb %pISpc\", REC->v4, REC->v6, REC->mac, REC->uuid, "
	  "__get_sockaddr(sa)" },
	{ STRING_WIDTH, "test", "string_width", "int len 8 4 1\n__data_loc char[] name 12 4 0\n",
	  "\"%d%% name %.*s.\", 5, REC->len, __get_str(name)" },
	{ NUMBER_WIDTH, "test", "number_width", "int width 8 4 1\nint value 12 4 1\n",
	  "\"%*d\", REC->width, REC->value" },
	{ INDEX, "test", "index", "u32 list[4] 8 16 0\nu64 i 24 8 0\n",
	  "\"%d\", REC->list[REC->i]" },
	{ DIVIDE, "test", "divide", "u32 a 8 4 0\nu32 b 12 4 0\n", "\"%u\", REC->a / REC->b" },
	{ PARENS, "test", "parens", "u32 a 8 4 0\nu32 b 12 4 0\n",
	  "\"%u %u %u\", REC->a * (REC->b + 1), REC->a < (REC->b < 20 ? 9 : 10), "
	  "REC->a & (REC->b | 4)" },
	{ DIVIDE_ZERO, "test", "divide_zero", "u32 a 8 4 0\n", "\"%u %d\", REC->a, 1000 / HZ" },
	{ REL_STRING, "test", "rel_string", "__rel_loc char[] name 8 4 0\n",
	  "\"name=%s\", __get_rel_str(name)" },
	{ TICK, "test", "tick", "", "\"%d\", REC->common_pid" },
	{ ODD_HEX, "test", "odd_hex", "u8 raw[8] 8 8 0\n",
	  "\"%s\", __print_hex((void *)REC->raw, 8)" },
	{ FAILING, "test", "failing", "u32 a 8 4 0\nchar name[4] 12 4 0\n",
	  "\"%s\", nobody_knows(REC->a)" },
	{ STATIC_STRING, "test", "static_string", "char name[8] 8 8 0\n", "\"%s\", REC->name" },
	{ POINTERS, "test", "pointers", "void * fn 8 8 0\n", "\"%ps %pS\", REC->fn, REC->fn" },
	{ BAD_FIELDS, "test", "bad_fields", "u32 a 8 400000000 0\n", "\"%d\", REC->a" },
	{ NEWLINE, "test", "newline", "u32 a 8 4 0\n", "\"a=%u\\n\", REC->a" },
	{ NEW_OPENAT, "syscalls", "sys_enter_openat",
	  "int __syscall_nr 8 4 1\nint dfd 16 8 0\nconst char * filename 24 8 0\n"
	  "int flags 32 8 0\numode_t mode 40 8 0\n__data_loc char[] __filename_val 48 4 0\n",
	  "\"dfd: 0x%08lx, filename: 0x%08lx \\\"%s\\\", flags: %s%s, mode: 0%03o\", "
	  "((unsigned long)(REC->dfd)), ((unsigned long)(REC->filename)), "
	  "__get_str(__filename_val), (REC->flags & ~3) && !(REC->flags & 3) ? \"O_RDONLY|\" : "
	  "\"\",  REC->flags ? __print_flags(REC->flags, \"|\", { 0x1, \"O_WRONLY\" }, "
	  "{ 0x2, \"O_RDWR\" }, { 0x40, \"O_CREAT\" }, { 0x200, \"O_TRUNC\" }, "
	  "{ 0x10000, \"O_DIRECTORY\" }, { 0x80000, \"O_CLOEXEC\" }) : \"O_RDONLY\",  "
	  "((unsigned long)(REC->mode))" },
	{ NEW_EXECVE, "syscalls", "sys_enter_execve",
	  "int __syscall_nr 8 4 1\nconst char * filename 16 8 0\n"
	  "const char *const * argv 24 8 0\n__data_loc char[] __filename_val 32 4 0\n",
	  "\"filename: 0x%08lx \\\"%s\\\", argv: 0x%08lx\", ((unsigned long)(REC->filename)), "
	  "__get_str(__filename_val), ((unsigned long)(REC->argv))" },
	{ NEW_WRITE, "syscalls", "sys_enter_write",
	  "int __syscall_nr 8 4 1\nunsigned int fd 16 8 0\nconst char * buf 24 8 0\n"
	  "size_t count 32 8 0\n__data_loc char[] __buf_val 40 4 0\n",
	  "\"fd: 0x%08lx, buf: 0x%08lx (%s), count: 0x%08lx\", ((unsigned long)(REC->fd)), "
	  "((unsigned long)(REC->buf)), __print_dynamic_array(__buf_val, 1), "
	  "((unsigned long)(REC->count))" },
	{ NEW_READ, "syscalls", "sys_enter_read",
	  "int __syscall_nr 8 4 1\nunsigned int fd 16 8 0\nchar * buf 24 8 0\n"
	  "size_t count 32 8 0\n",
	  "\"fd: 0x%08lx, buf: 0x%08lx, count: 0x%08lx\", ((unsigned long)(REC->fd)), "
	  "((unsigned long)(REC->buf)), ((unsigned long)(REC->count))" },
	{ TASK_RENAME, "task", "task_rename",
	  "pid_t pid 8 4 1\nchar oldcomm[16] 12 16 0\nchar newcomm[16] 28 16 0\n", "\"\"" },
	{ SCHED_EXEC, "sched", "sched_process_exec",
	  "__data_loc char[] filename 8 4 0\npid_t pid 12 4 1\npid_t old_pid 16 4 1\n", "\"\"" },
	{ SCHED_FORK, "sched", "sched_process_fork",
	  "__data_loc char[] parent_comm 8 4 0\npid_t parent_pid 12 4 1\n"
	  "__data_loc char[] child_comm 16 4 0\npid_t child_pid 20 4 1\n", "\"\"" },
	{ SCHED_WAIT, "sched", "sched_process_wait", "char comm[16] 8 16 0\npid_t pid 24 4 1\n",
	  "\"\"" },
	{ PROBE_SWITCH, "probes", "sched_switch",
	  "char prev_comm[16] 8 16 0\npid_t prev_pid 24 4 1\n", "\"\"" },
	{ SCHED_WAKING, "sched", "sched_waking", "char comm[16] 8 16 0\nu64 pid 24 8 0\n",
	  "\"\"" },
	{ WRONG_ID, "test", "wrong_id", "", "\"x\"" },
};

static const struct {
	uint64_t addr;
	char type;
	const char *name;
	const char *module;
} symbols[] = {
	{ 0x1000, 'A', "percpu_thing", NULL },
	{ STEXT - 0x1000, 'T', "before_text", NULL },
	{ STEXT, 'T', "_stext", NULL },
	{ VFS_READ, 'T', "vfs_read", NULL },
	{ VFS_READ, 't', "vfs_read_alias", NULL },
	{ KSYS_READ, 'T', "ksys_read", NULL },
	{ MARK_WRITE, 't', "tracing_mark_write", NULL },
	{ RETHOOK, 'T', "arch_rethook_trampoline", NULL },
	{ IMAGE_END, 'B', "_end", NULL },
	{ EXT4_LAST, 't', "ext4_last", "ext4" },
	{ EXT4_READ, 't', "ext4_read", "ext4" },
	{ 0xffffffffc0500000u, 't', "far_away", "other" },
};

static const struct {
	int pid;
	const char *comm;
} comms[] = {
	{ 1, "systemd" }, { 7, "bash" }, { 8, "two\nlines" }, { 9, "" }, { 10, "a longer name16" },
};

/* Some are in comms too */
static const struct {
	int pid;
	const char *comm;
} tasks[] = {
	{ 7, "alive" }, { 8, "alive" }, { 40, "alive" }, { 41, "long-lived" },
};

static const struct {
	uint64_t addr;
	const char *format;
} printks[] = {
	{ PRINTK_FORMAT, "n=%d s=%s\n" }, { PRINTK_SHORT, "x" }, { PRINTK_EMPTY, "" },
	{ PRINTK_STRING, "a \"quoted\"\tword" }, { PRINTK_WIDE, "%99999999d" },
};

static const char common_fields[] =
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
	"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"
	"\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n"
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n";

/* One line of boot_format.fields as the kernel writes it */
static void print_field(FILE *out, const char *line, size_t len)
{
	int offset, size, is_signed, end = 0;
	char text[128], *number = text;

	snprintf(text, sizeof(text), "%.*s", (int)len, line);
	/* the numbers are the last three words */
	for (int words = 3; words; words--)
		number = memrchr(text, ' ', (size_t)((words == 3 ? text + len : number) - text));
	if (!number || sscanf(number, "%d %d %d%n", &offset, &size, &is_signed, &end) != 3)
		abort();
	fprintf(out, "\tfield:%.*s;\toffset:%d;\tsize:%d;\tsigned:%d;\n", (int)(number - text),
		text, offset, size, is_signed);
}

static int boot_event(struct merge_desc *d, unsigned int id, char **system, char **format)
{
	const struct boot_format *f = formats;
	size_t size;
	FILE *out;

	boot_of(d)->asked_events++;
	if (id == UNREADABLE)
		return -ENODATA;
	while (f < formats + sizeof(formats) / sizeof(*formats) && f->id != id)
		f++;
	if (f == formats + sizeof(formats) / sizeof(*formats))
		return -ENOENT;
	out = open_memstream(format, &size);
	fprintf(out, "name: %s\nID: %u\nformat:\n%s", f->name, id + (id == WRONG_ID),
		common_fields);
	for (const char *line = f->fields; *line; line = strchr(line, '\n') + 1)
		print_field(out, line, strcspn(line, "\n"));
	fprintf(out, "\nprint fmt: %s\n", f->print);
	fclose(out);
	if (id == PRINT && boot_of(d)->signed_char)
		strstr(strstr(*format, "char buf"), "signed:")[strlen("signed:")] = '1';
	*system = strdup(f->system);
	return 0;
}

static int boot_each_event(struct merge_desc *d, desc_event_fn *fn, void *arg)
{
	int ret = 0;

	(void)d;
	for (size_t i = 0; !ret && i < sizeof(formats) / sizeof(*formats); i++)
		ret = fn(arg, formats[i].id);
	return ret ? ret : fn(arg, UNREADABLE);
}

static int boot_enumerator(struct merge_desc *d, const char *name, int64_t *value)
{
	static const char *const names[] = {
		"HRTIMER_MODE_ABS", "HRTIMER_MODE_REL", "HRTIMER_MODE_PINNED",
	};

	if (!strcmp(name, "TRACE_FLAG_NEED_RESCHED_LAZY")) {
		*value = boot_of(d)->resched_lazy;
		return *value ? 0 : -ENOENT;
	}
	for (size_t i = 0; i < 3; i++) {
		if (!strcmp(name, names[i])) {
			*value = (int64_t)i;
			return 0;
		}
	}
	return -ENOENT;
}

static int boot_syscall_size(struct merge_desc *d, unsigned int id, int *arg)
{
	(void)d;
	*arg = id == NEW_WRITE ? 2 : -1;
	return id >= NEW_OPENAT && id <= NEW_READ ? 0 : -ENOENT;
}

/* One was where a module is by now, one is where nothing is. */
static int each_freed(struct merge_desc *d, desc_symbol_fn *fn, void *arg)
{
	int ret = fn(arg, EXT4_READ + 2, 'T', "gone_init", "ext4");

	(void)d;
	if (!ret)
		ret = fn(arg, EXT4_INIT, 'T', "ext4_init", "ext4");
	return ret ? ret : fn(arg, EXT4_INIT + 16, 0, NULL, "ext4");
}

static int each_symbol(struct merge_desc *d, desc_symbol_fn *fn, void *arg)
{
	struct boot *boot = boot_of(d);
	int ret = 0;

	boot->walked_symbols++;
	for (size_t i = 0; !ret && i < sizeof(symbols) / sizeof(*symbols); i++) {
		if (i == 5 && boot->fail_symbols)
			return boot->fail_symbols;
		ret = fn(arg, symbols[i].addr, symbols[i].type, symbols[i].name,
			 symbols[i].module);
	}
	return ret;
}

static int each_comm(struct merge_desc *d, desc_comm_fn *fn, void *arg)
{
	int ret = 0;

	boot_of(d)->walked_comms++;
	for (size_t i = 0; !ret && i < sizeof(comms) / sizeof(*comms); i++) {
		if (i == 2 && boot_of(d)->fail_comms)
			return boot_of(d)->fail_comms;
		ret = fn(arg, comms[i].pid, comms[i].comm);
	}
	return ret;
}

static int each_task(struct merge_desc *d, desc_comm_fn *fn, void *arg)
{
	int ret = 0;

	boot_of(d)->walked_tasks++;
	for (size_t i = 0; !ret && i < sizeof(tasks) / sizeof(*tasks); i++) {
		if (i == 2 && boot_of(d)->fail_tasks)
			return boot_of(d)->fail_tasks;
		ret = fn(arg, tasks[i].pid, tasks[i].comm);
	}
	return ret;
}

static int each_printk(struct merge_desc *d, desc_printk_fn *fn, void *arg)
{
	int ret = boot_of(d)->fail_printks;

	for (size_t i = 0; !ret && i < sizeof(printks) / sizeof(*printks); i++)
		ret = fn(arg, printks[i].addr, printks[i].format);
	return ret;
}

static void boot_close(struct merge_desc *d)
{
	free(d->priv);
}

/* Process 7 has one file, with an odd name, at 0x7f0012345000. */
static int user_object(struct merge_desc *d, const struct merge_event *ev, int tgid,
		       uint64_t addr, struct desc_object *object)
{
	(void)d;
	(void)ev;
	if (tgid != 7 || addr >> 12 != 0x7f0012345)
		return -ENOENT;
	*object = (struct desc_object){ "/lib/two\nlines", 0x7f0012345000 };
	return 0;
}

static const struct desc_ops boot_ops = {
	.event = boot_event,
	.each_event = boot_each_event,
	.enumerator = boot_enumerator,
	.syscall_size = boot_syscall_size,
	.each_symbol = each_symbol,
	.each_freed = each_freed,
	.each_comm = each_comm,
	.each_task = each_task,
	.each_printk = each_printk,
	.user_object = user_object,
	.close = boot_close,
};

struct merge_desc *boot_open(void)
{
	struct merge_desc *d = calloc(1, sizeof(*d));
	struct boot *boot = calloc(1, sizeof(*boot));

	if (!d || !boot)
		abort();
	desc_init(d, &boot_ops, boot);
	d->long_size = 8;
	d->page_size = 4096;
	d->nr_cpu_ids = 4;
	strcpy(d->sysname, "Linux");
	strcpy(d->nodename, "crashed");
	strcpy(d->release, "6.12.0-test");
	strcpy(d->machine, "x86_64");
	return d;
}

struct boot *boot_of(const struct merge_desc *d)
{
	return d->priv;
}

/* ---- A source ------------------------------------------------------------ */

static void add_buffer(struct merge_source *src, const char *name, const char *clock)
{
	struct merge_buffer buf = {
		.name = name, .instance = strcmp(name, "top") ? name : "", .clock = clock,
		.clock_in_ns = strcmp(clock, "counter"), .subbuf_size = 4096, .nr_cpus = 2,
	};

	buf.cpus = calloc(2, sizeof(*buf.cpus));
	if (!buf.cpus)
		abort();
	for (unsigned int i = 0; i < 2; i++) {
		buf.cpus[i].cpu = i;
		buf.cpus[i].has_counters = !i || !strcmp(name, "top");
		buf.cpus[i].counters = (struct merge_counters){
			.entries = 10 + i, .overrun = 2, .commit_overrun = 1, .dropped = 3,
			.read = 4, .bytes = 100,
		};
	}
	if (source_add_buffer(src, &buf))
		abort();
}

struct merge_source *boot_source(void)
{
	static const struct source_ops ops = { .name = "boot" };
	struct merge_source *src = source_create(&ops, NULL, 8, false);

	if (!src)
		abort();
	src->desc = boot_open();
	add_buffer(src, "top", "local");
	add_buffer(src, "inst", "local");
	add_buffer(src, "count", "counter");
	return src;
}

struct merge_source *boot_image(const char *image)
{
	struct merge_source *src = image_open(image);

	desc_close(src->desc);
	src->desc = boot_open();
	return src;
}

/* ---- Records ------------------------------------------------------------- */

struct record_bytes record_begin(const struct merge_desc *d, unsigned int id, int pid)
{
	struct record_bytes r = { .desc = d };

	record_number(&r, 0, id, 2);
	record_number(&r, 4, (unsigned int)pid, 4);
	return r;
}

static void record_grow(struct record_bytes *r, uint32_t end)
{
	if (end > sizeof(r->data))
		abort();
	/* the ring buffer's records are multiples of 4 */
	end = (end + 3) & ~3u;
	if (end > r->size)
		r->size = end;
}

void record_number(struct record_bytes *r, uint32_t offset, uint64_t value, unsigned int size)
{
	record_grow(r, offset + size);
	for (unsigned int i = 0; i < size; i++)
		r->data[offset + (r->desc->big_endian ? size - 1 - i : i)] =
			(uint8_t)(value >> 8 * i);
}

void record_text(struct record_bytes *r, uint32_t offset, const char *text, uint32_t size)
{
	record_grow(r, offset + size);
	memset(r->data + offset, 0, size);
	memcpy(r->data + offset, text, strnlen(text, size));
}

char *record_print(struct merge_desc *d, const struct record_bytes *r)
{
	struct text_event *te = text_event_create(d, desc_record_id(d, r->data));
	struct text_target to = { .desc = d };
	struct merge_source *src = boot_source();	/* for the names of its tasks */
	struct merge_event ev = { .buffer = &src->buffers[0], .data = r->data, .size = r->size };
	struct record_fault fault;

	trace_seq_init(&to.seq);
	/* the bytes behind r->size are zero, and enough */
	if (text_event_print(te, &to, &ev, r->data, &fault))
		textbuf_printf(&to.out, "[%s %s]", fault.text, fault.field);
	textbuf_putc(&to.out, '\0');
	trace_seq_destroy(&to.seq);
	text_event_destroy(te);
	merge_source_close(src);
	return to.out.data;
}

void record_string(struct record_bytes *r, uint32_t offset, const char *text)
{
	uint32_t start = r->size, size = (uint32_t)strlen(text) + 1;

	record_text(r, start, text, size);
	record_number(r, offset, size << 16 | start, 4);
}

void record_words(const struct record_bytes *r, unsigned int delta, FILE *out)
{
	if (r->size / 4 <= 28)
		fprintf(out, "head type=%u delta=%u", r->size / 4, delta);
	else
		fprintf(out, "head type=0 delta=%u\nword %u", delta, r->size + 4);
	for (uint32_t i = 0; i < r->size; i++)
		fprintf(out, "%s%02x", i % 32 ? "" : "\nraw ", r->data[i]);
	fputc('\n', out);
}
