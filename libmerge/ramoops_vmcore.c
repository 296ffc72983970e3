// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The zones of ramoops of a crashed kernel as a source. ramoops writes the parameters it
 * was given, also by a device tree, where its own are (ramoops_probe() of fs/pstore/ram.c):
 * the module's, or among those of the kernel. They are found by their names, so that
 * nothing need be known of the module.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "mem_io.h"
#include "ramoops_vmcore.h"
#include "src_ramoops.h"

#define MODULE		"ramoops"
#define MAX_MODULES	65536u
#define MAX_PARAMS	65536u
#define MAX_ECC		64u
#define PAGE		4096u

/* As struct ramoops_platform_data has them, but those that name no place */
enum { ADDRESS, SIZE, RECORD, CONSOLE, FTRACE, PMSG, TRACE, ECC, NR_VALUES };

/*
 * @size: of the variable, 0: of a long
 * @needed: kernels that lack it do not give their memory zones
 */
static const struct row {
	const char *name;
	size_t size;
	bool needed;
} rows[NR_VALUES] = {
	[ADDRESS] = { "mem_address", 8, true }, [SIZE] = { "mem_size", 0, true },
	[RECORD] = { "record_size", 0, true }, [CONSOLE] = { "console_size", 0, true },
	[FTRACE] = { "ftrace_size", 0, false }, [PMSG] = { "pmsg_size", 0, false },
	[TRACE] = { "trace_size", 0, false }, [ECC] = { "ecc", 4, false },
};

/*
 * struct params - struct kernel_params in a row
 * @prefix: what stands before their names
 */
struct params {
	uint64_t start, nr;
	const char *prefix;
};

/* ---- Where parameters are ------------------------------------------------- */

static uint64_t stride(struct vmcore *vm)
{
	return vmcore_offset(vm, KPARAM_ARG) + mem_kernel(vm->mem)->long_size;
}

struct search {
	struct vmcore *vm;
	uint64_t module;
};

/* vmcore_node_fn: one struct module */
static int is_ramoops(void *arg, uint64_t node)
{
	struct search *s = arg;
	uint64_t mod = node - vmcore_offset(s->vm, MODULE_LIST);
	char name[64];

	if (mem_interrupted(s->vm->mem))
		return -EINTR;
	if (mem_string(s->vm->mem, mod + vmcore_offset(s->vm, MODULE_NAME), name, sizeof(name)) ||
	    strcmp(name, MODULE))
		return 0;
	s->module = mod;
	return 1;
}

/* Return: 0; -ENOENT no such module; -ENODATA what would tell is unreadable; -EINTR */
static int params_of_module(struct vmcore *vm, struct params *p)
{
	struct search s = { .vm = vm };
	uint64_t head;
	int ret;

	if (vmcore_symbol(vm, "modules", &head))
		return -ENOENT;
	if (!vmcore_has(vm, MODULE_LIST) || !vmcore_has(vm, MODULE_NAME))
		return -ENODATA;
	ret = vmcore_list(vm, head, false, MAX_MODULES, is_ramoops, &s);
	if (ret <= 0)
		return ret == -EINTR ? ret : ret ? -ENODATA : -ENOENT;
	p->prefix = "";
	return vmcore_get(vm, s.module, MODULE_KP, &p->start) ||
	       vmcore_get(vm, s.module, MODULE_NUM_KP, &p->nr) ? -ENODATA : 0;
}

static int params_of_kernel(struct vmcore *vm, struct params *p)
{
	uint64_t end;

	if (vmcore_symbol(vm, "__start___param", &p->start) ||
	    vmcore_symbol(vm, "__stop___param", &end) || end < p->start)
		return -ENOENT;
	p->prefix = MODULE ".";
	p->nr = (end - p->start) / stride(vm);
	return 0;
}

/* ---- Their values --------------------------------------------------------- */

static const struct row *find_row(const char *name, const char *prefix)
{
	if (strncmp(name, prefix, strlen(prefix)))
		return NULL;
	for (size_t i = 0; i < NR_VALUES; i++)
		if (!strcmp(name + strlen(prefix), rows[i].name))
			return &rows[i];
	return NULL;
}

/* Those that are known, with a bit in @*found. Return: 0; -ENODATA; -EINTR */
static int take_one(struct vmcore *vm, const struct params *p, uint64_t param,
		    uint64_t values[NR_VALUES], unsigned int *found)
{
	const struct row *row;
	char name[64];
	uint64_t arg;

	if (mem_interrupted(vm->mem))
		return -EINTR;
	/* one that is unreadable or longer is of someone else, or will be missed */
	if (vmcore_get_string(vm, param, KPARAM_NAME, name, sizeof(name)))
		return 0;
	row = find_row(name, p->prefix);
	if (!row)
		return 0;
	if (vmcore_get(vm, param, KPARAM_ARG, &arg) ||
	    mem_uint(vm->mem, arg, row->size ? row->size : mem_kernel(vm->mem)->long_size,
		     &values[row - rows]))
		return -ENODATA;
	*found |= 1u << (row - rows);
	return 0;
}

static int take_all(struct vmcore *vm, const struct params *p, uint64_t values[NR_VALUES],
		    unsigned int *found)
{
	int ret = 0;

	for (uint64_t i = 0; !ret && i < p->nr && i < MAX_PARAMS; i++)
		ret = take_one(vm, p, p->start + i * stride(vm), values, found);
	return ret;
}

/* Return: 0; -ENOENT there is no ramoops, or none that tells; -ENODATA; -EINTR */
static int read_values(struct vmcore *vm, uint64_t values[NR_VALUES])
{
	struct params p;
	unsigned int found = 0;
	int ret = params_of_module(vm, &p);
	bool built_in = ret == -ENOENT;

	if (built_in)
		ret = params_of_kernel(vm, &p);
	if (!ret)
		ret = take_all(vm, &p, values, &found);
	if (!ret && !found && built_in)
		return -ENOENT;
	for (size_t i = 0; !ret && i < NR_VALUES; i++)
		if (rows[i].needed && !(found & 1u << i))
			ret = -ENODATA;
	return ret;
}

/* The trace of the tracer pstore has whole pages at the end: ramoops_trace_attach() */
static uint64_t zones_size(const uint64_t values[NR_VALUES])
{
	uint64_t end = (values[ADDRESS] + values[SIZE]) / PAGE * PAGE;
	uint64_t trace = (values[TRACE] + PAGE - 1) / PAGE * PAGE;

	return trace && trace <= end - values[ADDRESS] ? end - trace - values[ADDRESS] : values[SIZE];
}

static int convert(const uint64_t values[NR_VALUES], uint32_t long_size, struct merge_error *err,
		   struct ramoops_how *how)
{
	uint64_t end;

	if (!values[SIZE])
		return error_set(err, -ENODATA, "ramoops has no memory: its mem_size is 0");
	if (__builtin_add_overflow(values[ADDRESS], values[SIZE], &end) || end > INT64_MAX ||
	    values[RECORD] > RAMOOPS_MAX_ZONE || values[CONSOLE] > RAMOOPS_MAX_ZONE ||
	    values[FTRACE] > RAMOOPS_MAX_ZONE || values[PMSG] > RAMOOPS_MAX_ZONE ||
	    values[ECC] > MAX_ECC)
		return error_set(err, -EBADMSG, "the parameters of ramoops are damaged: 0x%" PRIx64 " bytes at 0x%" PRIx64,
				 values[SIZE], values[ADDRESS]);
	*how = (struct ramoops_how){
		.has_address = true, .mem_address = values[ADDRESS], .mem_size = zones_size(values),
		.record_size = values[RECORD], .console_size = values[CONSOLE],
		.ftrace_size = values[FTRACE], .pmsg_size = values[PMSG],
		/* 0: a device tree may have told it, and then the zones do */
		.ecc = values[ECC] == 1 ? 16 : values[ECC], .long_size = long_size,
	};
	return 0;
}

int ramoops_vmcore_find(struct vmcore *vm, struct merge_error *err, struct ramoops_how *how)
{
	uint64_t values[NR_VALUES] = { 0 };
	int ret;

	if (!vmcore_has(vm, KPARAM_NAME) || !vmcore_has(vm, KPARAM_ARG))
		return error_set(err, -ENOTSUP, "where ramoops has its memory is not known: %s is none of this kernel's members",
				 vmcore_member_name(vmcore_has(vm, KPARAM_NAME) ? KPARAM_ARG : KPARAM_NAME));
	ret = read_values(vm, values);
	if (ret == -ENOENT)
		return error_set(err, -ENOTSUP, "this kernel has no ramoops: no module of that name was loaded, and it is not built in");
	if (ret == -EINTR)
		return error_code(err, ret);
	if (ret)
		return error_set(err, -ENODATA, "where ramoops has its memory is not known: its parameters are unreadable");
	return convert(values, mem_kernel(vm->mem)->long_size, err, how);
}

/* ---- As a source ----------------------------------------------------------- */

static int find(const struct merge_mem *mem, struct merge_error *err, struct ramoops_how *how)
{
	struct vmcore vm;
	int ret = vmcore_init(&vm, mem);

	ret = ret ? error_nomem(err) : ramoops_vmcore_find(&vm, err, how);
	vmcore_deinit(&vm);
	return ret;
}

/* Why no zone was found: often because a dump has only what was System RAM */
static int tell(const struct merge_region_io *io, const struct ramoops_how *how, int ret,
		struct merge_error *err)
{
	uint8_t byte;

	if (ret != -ENOTSUP || !io->read(io->arg, how->mem_address, &byte, 1))
		return ret;
	return error_set(err, -ENODATA, "the memory of ramoops, 0x%" PRIx64 " bytes at physical address 0x%" PRIx64 ", is not in this dump. In the machine's next boot /sys/fs/pstore may have it; an image of its RAM has it",
			 how->mem_size, how->mem_address);
}

/* The kernel that crashed names the functions; without it they stay numbers */
static int describe(struct merge_source *src, const struct merge_mem *mem)
{
	struct merge_error err = { 0 };
	struct merge_source *by;
	int ret;

	if (!merge_source_nr_buffers(src))
		return 0;
	ret = merge_source_open_vmcore(mem, &err, &by);
	if (!ret) {
		ret = merge_source_describe(src, by, &err);
		if (ret)
			merge_source_close(by);
	}
	if (source_interrupted(src))
		return -EINTR;
	if (ret && ret != -EINTR && ret != -ENOMEM) {
		source_note(src, NULL, -1, "functions have no names: %s", err.text);
		ret = 0;
	}
	return ret;
}

int merge_source_open_vmcore_ramoops(const struct merge_mem *mem, struct merge_error *err,
				     struct merge_source **out)
{
	struct merge_region_io io = { 0 };
	struct ramoops_how how;
	struct merge_source *src;
	struct mem_io *m;
	int ret = find(mem, err, &how);

	if (ret)
		return ret;
	if (!mem->ops->read_physical)
		return error_set(err, -ENOTSUP, "physical addresses cannot be read");
	m = mem_io_create(mem, true, &io);
	if (!m)
		return error_nomem(err);
	io.size = how.mem_address + how.mem_size;
	ret = ramoops_open_io(&io, &how, err, &src);
	if (ret) {
		ret = tell(&io, &how, ret, err);
		free(m);
		return ret;
	}
	merge_source_on_interrupt(src, mem->ops->interrupted, mem->arg);
	ret = describe(src, mem);
	if (ret) {
		merge_source_close(src);
		return error_code(err, ret);
	}
	*out = src;
	return 0;
}
