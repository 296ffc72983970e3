// SPDX-License-Identifier: GPL-2.0-or-later
/* Events, names and symbols of the crashed kernel that mkkernel.h describes. */
#include <elf.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mkkernel.h"

/* ---- events -------------------------------------------------------------- */

static void do_uts(struct kernel *k)
{
	uint64_t ns = kernel_object(k, "init_uts_ns", KERNEL_OBJECT, NULL);
	char member[32], both[64];
	const char *text = kernel_rest(k, 2);

	kernel_word(k, 1, member, sizeof(member));
	snprintf(both, sizeof(both), "new_utsname.%s", member);
	kernel_write(k, ns + kernel_offset(k, UTS_NAME) +
		     kernel_offset(k, kernel_member_id(both)), text, strlen(text) + 1);
}

static void do_common(struct kernel *k)
{
	k->fields = kernel_list(k, "ftrace_common_fields");
}

/* What has the event's fields, and a function of the kernel's that finds them there */
static void add_data(struct kernel *k, uint64_t class, const char *function,
		     enum vmcore_member fields)
{
	uint64_t data;
	char name[64];

	kernel_word(k, 1, name, sizeof(name));
	data = kernel_alloc(k, KERNEL_OBJECT, "%s.data", name);
	kernel_set(k, k->call, CALL_DATA, data);
	kernel_set(k, class, CLASS_GET_FIELDS, kernel_object(k, function, 16, NULL));
	k->fields = data + kernel_offset(k, fields);
	kernel_list_init(k, k->fields);
}

/* The class that has the event's fields, or does not */
static void add_class(struct kernel *k, const char *name)
{
	uint64_t class = kernel_alloc(k, KERNEL_OBJECT, "%s.class", name);
	char system[64] = "test";
	const char *found = strstr(k->line, " system=");

	if (found)
		sscanf(found, " system=%63s", system);
	kernel_set(k, k->call, CALL_CLASS, class);
	kernel_set(k, class, CLASS_SYSTEM, kernel_string(k, system, NULL));
	kernel_set(k, class, CLASS_GET_FIELDS, kernel_option(k->line, "get_fields", 0));
	k->fields = class + kernel_offset(k, CLASS_FIELDS);
	kernel_list_init(k, k->fields);
	if (strstr(k->line, " syscall"))
		add_data(k, class, "syscall_get_enter_fields", SYSCALL_ENTER_FIELDS);
	if (strstr(k->line, " user"))
		add_data(k, class, "user_event_get_fields", USER_EVENT_FIELDS);
}

static void do_call(struct kernel *k)
{
	uint64_t head = kernel_list(k, "ftrace_events"), text;
	bool tracepoint = strstr(k->line, " tracepoint"), custom = strstr(k->line, " custom");
	char name[64];

	kernel_word(k, 1, name, sizeof(name));
	kernel_name(k, 'e', "TRACE_EVENT_FL_TRACEPOINT", 0x100);
	if (k->version >= 517)
		kernel_name(k, 'e', "TRACE_EVENT_FL_CUSTOM", 0x800);
	k->call = kernel_alloc(k, KERNEL_OBJECT, "%s", name);
	text = kernel_string(k, name, NULL);
	if (tracepoint && !custom) {
		uint64_t tp = kernel_alloc(k, KERNEL_OBJECT, NULL);

		kernel_set(k, tp, TRACEPOINT_NAME, text);
		text = tp;
	}
	kernel_set(k, k->call, CALL_NAME, text);
	kernel_set(k, k->call, CALL_FLAGS, (tracepoint ? 0x100 : 0) | (custom ? 0x800 : 0) | 0x21);
	kernel_set(k, k->call + kernel_offset(k, CALL_EVENT), EVENT_TYPE,
		   kernel_option(k->line, "id", 0));
	kernel_list_add(k, head, k->call + kernel_offset(k, CALL_LIST));
	add_class(k, name);
}

static void set_signed(struct kernel *k, uint64_t field, bool is_signed)
{
	size_t offset, size;
	uint8_t bits = k->mem.big_endian ? 0x40 | is_signed << 7 : 0x02 | is_signed;

	if (kernel_member(k, FIELD_NEEDS_TEST, &offset, &size))
		kernel_write(k, field + offset, &bits, 1);
	else
		kernel_set(k, field, FIELD_SIGNED, is_signed);
}

static void do_field(struct kernel *k)
{
	uint64_t field = kernel_alloc(k, KERNEL_OBJECT, NULL);
	char type[128];
	const char *name;
	size_t offset, size;

	snprintf(type, sizeof(type), "%s", kernel_rest(k, 5));
	name = strrchr(type, ' ');
	if (!k->fields || !name)
		kernel_give_up(k);
	type[name++ - type] = 0;
	kernel_set(k, field, FIELD_NAME, kernel_string(k, name, NULL));
	kernel_set(k, field, FIELD_TYPE, kernel_string(k, type, NULL));
	kernel_set(k, field, FIELD_OFFSET, kernel_number(k, 1));
	kernel_set(k, field, FIELD_SIZE, kernel_number(k, 2));
	set_signed(k, field, kernel_number(k, 3));
	if (kernel_member(k, FIELD_LEN, &offset, &size))
		kernel_set(k, field, FIELD_LEN, kernel_number(k, 4));
	kernel_list_add(k, k->fields, field + kernel_offset(k, FIELD_LINK));
}

static void do_print(struct kernel *k)
{
	kernel_set(k, k->call, CALL_PRINT_FMT, kernel_string(k, kernel_rest(k, 1), NULL));
}

/* ---- command names, printk formats --------------------------------------- */

/* Nobody is in the map at first: its entries are all ones. */
static void do_comms(struct kernel *k)
{
	uint64_t nr = kernel_number(k, 1), saved, comms;
	size_t offset, size, comm_size;

	kernel_member(k, TASK_COMM, &offset, &comm_size);
	saved = kernel_alloc(k, KERNEL_OBJECT + nr * comm_size, "saved");
	kernel_put(k, kernel_object(k, "savedcmd", 8, NULL), k->mem.long_size, saved);
	kernel_set(k, saved, CMD_NUM, nr);
	kernel_set(k, saved, CMD_TO_PID, kernel_alloc(k, 4 * nr, "saved.pids"));
	kernel_member(k, CMD_COMMS, &offset, &size);
	comms = saved + offset;
	if (size) {
		comms = kernel_alloc(k, nr * comm_size, "saved.comms");
		kernel_set(k, saved, CMD_COMMS, comms);
	}
	kernel_name(k, 'l', "comms", comms);
	kernel_member(k, CMD_PID_MAP, &offset, &size);
	for (size_t i = 0; i < size; i++)
		kernel_write(k, saved + offset + i, "\xff", 1);
	for (uint64_t i = 0; i < nr; i++)
		kernel_put(k, kernel_place(k, "saved.pids") + 4 * i, 4, UINT32_MAX);
}

static void do_comm(struct kernel *k)
{
	uint64_t pid = kernel_number(k, 1), slot = k->nr_comms++;
	const char *name = kernel_rest(k, 2);
	size_t offset, size;

	kernel_put(k, kernel_place(k, "saved") + kernel_offset(k, CMD_PID_MAP) + 4 * (pid % 16),
		   4, slot);
	kernel_put(k, kernel_place(k, "saved.pids") + 4 * slot, 4, pid);
	kernel_member(k, TASK_COMM, &offset, &size);
	kernel_write(k, kernel_place(k, "comms") + size * slot, name, strlen(name) + 1);
}

static void do_tasks(struct kernel *k)
{
	uint64_t init = kernel_object(k, "init_task", KERNEL_OBJECT, NULL);

	kernel_list_init(k, init + kernel_offset(k, TASK_TASKS));
}

/* A task on the list of threads of k->signal */
static uint64_t add_thread(struct kernel *k)
{
	uint64_t pid = kernel_number(k, 1);
	uint64_t task = kernel_alloc(k, KERNEL_OBJECT, "task.%u", (unsigned int)pid);
	const char *name = kernel_rest(k, 2);

	kernel_set(k, task, TASK_PID, pid);
	kernel_set(k, task, TASK_SIGNAL, k->signal);
	kernel_write(k, task + kernel_offset(k, TASK_COMM), name, strlen(name) + 1);
	kernel_list_add(k, k->signal + kernel_offset(k, SIGNAL_THREADS),
			task + kernel_offset(k, TASK_THREAD_NODE));
	return task;
}

static void do_thread(struct kernel *k)
{
	add_thread(k);
}

static void do_task(struct kernel *k)
{
	k->signal = kernel_alloc(k, KERNEL_OBJECT, NULL);
	kernel_list_init(k, k->signal + kernel_offset(k, SIGNAL_THREADS));
	kernel_list_add(k, kernel_place(k, "init_task") + kernel_offset(k, TASK_TASKS),
			add_thread(k) + kernel_offset(k, TASK_TASKS));
}

/* One more pointer to the text in an array between two symbols */
static void add_format(struct kernel *k, const char *section)
{
	char start[64], stop[64];
	struct kernel_name *end;

	snprintf(start, sizeof(start), "__start___%s", section);
	snprintf(stop, sizeof(stop), "__stop___%s", section);
	kernel_object(k, start, k->mem.page_size, NULL);
	if (!kernel_find(k, "s", stop))
		kernel_name(k, 's', stop, kernel_place(k, start));
	end = kernel_find(k, "s", stop);
	end->value += k->mem.long_size;
	kernel_put(k, end->value - k->mem.long_size, k->mem.long_size,
		   kernel_string(k, kernel_rest(k, 1), NULL));
}

static void do_printk(struct kernel *k)
{
	add_format(k, "trace_bprintk_fmt");
}

static void do_tracepoint_str(struct kernel *k)
{
	add_format(k, "tracepoint_str");
}

static void do_module_printk(struct kernel *k)
{
	uint64_t entry = kernel_alloc(k, KERNEL_OBJECT, NULL);

	kernel_set(k, entry, BPRINTK_FMT, kernel_string(k, kernel_rest(k, 1), NULL));
	kernel_list_add(k, kernel_list(k, "trace_bprintk_fmt_list"),
			entry + kernel_offset(k, BPRINTK_LIST));
}

/* ---- symbols ------------------------------------------------------------- */

/* Token i is the letter i, but 1 and 2 are more than a letter, for whom they help. */
static void do_kallsyms(struct kernel *k)
{
	uint64_t tokens = kernel_object(k, "kallsyms_token_table", 2048, NULL), used = 0;
	uint64_t index = kernel_object(k, "kallsyms_token_index", 512, NULL);

	for (unsigned int i = 0; i < 256; i++) {
		char letter[2] = { i, 0 };
		const char *token = i == 1 ? "sys_" : i == 2 ? "Tdo_" : letter;

		kernel_write(k, tokens + used, token, strlen(token) + 1);
		kernel_put(k, index + 2 * i, 2, used);
		used += strlen(token) + 1;
	}
	k->names_end = kernel_object(k, "kallsyms_names", 8192, NULL);
	kernel_object(k, "kallsyms_offsets", 4096, NULL);
	kernel_object(k, "kallsyms_num_syms", 4, NULL);
	if (!strcmp(kernel_rest(k, 1), "place"))
		return;
	kernel_put(k, kernel_object(k, "kallsyms_relative_base", 8, NULL), k->mem.long_size,
		   k->mem.long_size == 8 ? 0xffffffff81000000 : 0xc1000000);
	if (!strcmp(kernel_rest(k, 1), "percpu"))
		kernel_name(k, 'l', "percpu", 0);
}

static uint64_t ksym_offset(struct kernel *k, uint64_t addr)
{
	uint64_t base = k->mem.long_size == 8 ? 0xffffffff81000000 : 0xc1000000;

	if (!kernel_find(k, "s", "kallsyms_relative_base"))
		return addr - kernel_place(k, "kallsyms_offsets") - 4 * k->nr_ksyms;
	if (!kernel_find(k, "l", "percpu"))
		return addr - base;
	return addr < 0x80000000 ? addr : base - 1 - addr;
}

static void add_byte(struct kernel *k, unsigned int byte)
{
	kernel_put(k, k->names_end++, 1, byte);
}

static void add_name(struct kernel *k, const char *name)
{
	uint8_t tokens[1024];
	size_t len = 0;

	for (; *name && len < sizeof(tokens); len++) {
		tokens[len] = !strncmp(name, "Tdo_", 4) ? 2 : !strncmp(name, "sys_", 4) ? 1 : *name;
		name += tokens[len] <= 2 ? 4 : 1;
	}
	add_byte(k, len < 128 ? len : 128 | (len & 127));
	if (len >= 128)
		add_byte(k, len >> 7);
	kernel_write(k, k->names_end, tokens, len);
	k->names_end += len;
}

static void do_ksym(struct kernel *k)
{
	char name[1000], type[4], whole[1004];
	uint64_t addr;

	kernel_word(k, 1, type, sizeof(type));
	kernel_word(k, 2, name, sizeof(name));
	addr = kernel_number(k, 3);
	snprintf(whole, sizeof(whole), "%s%s", type, name);
	if (!strcmp(name, "_stext"))
		kernel_name(k, 's', name, addr);
	add_name(k, whole);
	kernel_put(k, kernel_place(k, "kallsyms_offsets") + 4 * k->nr_ksyms, 4,
		   ksym_offset(k, addr));
	kernel_put(k, kernel_place(k, "kallsyms_num_syms"), 4, ++k->nr_ksyms);
}

/* Every module starts with the symbol that stands for nothing. */
static void do_module(struct kernel *k)
{
	uint64_t head = kernel_list(k, "modules");
	char name[64];

	kernel_word(k, 1, name, sizeof(name));
	k->module = kernel_alloc(k, KERNEL_OBJECT, "%s", name);
	kernel_write(k, k->module + kernel_offset(k, MODULE_NAME), name, strlen(name) + 1);
	k->syms = kernel_alloc(k, KERNEL_OBJECT, "%s.syms", name);
	kernel_set(k, k->module, MODULE_KALLSYMS, k->syms);
	kernel_set(k, k->syms, MODSYMS_SYMTAB, kernel_alloc(k, 4096, "symtab"));
	kernel_set(k, k->syms, MODSYMS_STRTAB, kernel_alloc(k, 4096, "strtab"));
	kernel_set(k, k->syms, MODSYMS_TYPETAB, kernel_alloc(k, 4096, "typetab"));
	kernel_set(k, k->syms, MODSYMS_NUM, 1);
	k->nr_msyms = 1;
	k->strings_end = 1;
	kernel_list_add(k, head, k->module + kernel_offset(k, MODULE_LIST));
}

/* Type U: undefined, to be left out */
static void do_msym(struct kernel *k)
{
	bool is64 = k->mem.long_size == 8;
	uint64_t at = kernel_place(k, "symtab") +
		      k->nr_msyms * (is64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym));
	char type[4], name[64];

	kernel_word(k, 1, type, sizeof(type));
	kernel_word(k, 2, name, sizeof(name));
	kernel_put(k, at, 4, k->strings_end);
	kernel_put(k, at + (is64 ? offsetof(Elf64_Sym, st_shndx) : offsetof(Elf32_Sym, st_shndx)),
		   2, type[0] == 'U' ? SHN_UNDEF : 7);
	kernel_put(k, at + (is64 ? offsetof(Elf64_Sym, st_value) : offsetof(Elf32_Sym, st_value)),
		   k->mem.long_size, kernel_number(k, 3));
	kernel_write(k, kernel_place(k, "strtab") + k->strings_end, name, strlen(name) + 1);
	k->strings_end += strlen(name) + 1;
	kernel_write(k, kernel_place(k, "typetab") + k->nr_msyms, type, 1);
	kernel_set(k, k->syms, MODSYMS_NUM, ++k->nr_msyms);
}

/* A function of the module, in a part of it that is freed by now, of 16 bytes */
static void do_freed(struct kernel *k)
{
	uint64_t map = kernel_alloc(k, KERNEL_OBJECT, "map"), func, funcs;
	char name[64];

	kernel_word(k, 1, name, sizeof(name));
	kernel_set(k, map, MODMAP_MOD, k->module);
	kernel_list_add(k, kernel_list(k, "ftrace_mod_maps"),
			map + kernel_offset(k, MODMAP_LIST));
	funcs = map + kernel_offset(k, MODMAP_FUNCS);
	kernel_put(k, funcs, k->mem.long_size, funcs);
	kernel_put(k, funcs + k->mem.long_size, k->mem.long_size, funcs);
	func = kernel_alloc(k, KERNEL_OBJECT, "%s", name);
	kernel_set(k, func, MODFUNC_IP, kernel_number(k, 2));
	kernel_set(k, func, MODFUNC_NAME, kernel_string(k, name, NULL));
	kernel_set(k, func, MODFUNC_SIZE, 16);
	kernel_list_add(k, funcs, func + kernel_offset(k, MODFUNC_LIST));
}

const struct kernel_word kernel_desc_words[] = {
	{ "uts", do_uts }, { "common", do_common }, { "call", do_call },
	{ "field", do_field }, { "print", do_print }, { "comms", do_comms },
	{ "comm", do_comm }, { "tasks", do_tasks },
	{ "task", do_task }, { "thread", do_thread }, { "printk", do_printk }, { "tracepoint_str", do_tracepoint_str },
	{ "module_printk", do_module_printk }, { "kallsyms", do_kallsyms },
	{ "ksym", do_ksym }, { "module", do_module }, { "msym", do_msym },
	{ "freed", do_freed }, { NULL, NULL }
};
