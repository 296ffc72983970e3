// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Functions of modules' init sections that are freed by now. ftrace keeps their
 * names for the events they left, where some tracer was active when the section
 * was freed: aba4b5c22cba ("ftrace: Save module init functions kallsyms symbols
 * for tracing").
 */
#include <errno.h>

#include "kallsyms.h"

#define MAX_MODULES	8192
#define MAX_FUNCTIONS	65536
#define NAME_SIZE	520

struct freed {
	struct vmcore *vm;
	desc_symbol_fn *fn;
	void *arg;
	const char *module;
};

/* vmcore_node_fn: one struct ftrace_mod_func. An unreadable one stays a number. */
static int one_function(void *arg, uint64_t node)
{
	struct freed *f = arg;
	uint64_t func = node - vmcore_offset(f->vm, MODFUNC_LIST), ip, size;
	char name[NAME_SIZE];
	int ret;

	if (vmcore_get(f->vm, func, MODFUNC_IP, &ip) ||
	    vmcore_get_string(f->vm, func, MODFUNC_NAME, name, sizeof(name)))
		return 0;
	ret = f->fn(f->arg, ip, 'T', name, f->module);
	if (ret || vmcore_get(f->vm, func, MODFUNC_SIZE, &size) || !size)
		return ret;
	/* an address behind it is not of this module */
	return f->fn(f->arg, ip + size, 0, NULL, f->module);
}

static bool knows_types(struct vmcore *vm)
{
	return vmcore_has(vm, MODMAP_LIST) && vmcore_has(vm, MODMAP_FUNCS) &&
	       vmcore_has(vm, MODFUNC_LIST) && vmcore_has(vm, MODULE_NAME);
}

/*
 * vmcore_node_fn: one struct ftrace_mod_map. Only here its type is asked for: the
 * list is mostly empty, and a debugger takes long to find a type.
 */
static int one_map(void *arg, uint64_t node)
{
	struct freed *f = arg;
	uint64_t map, module;
	char name[64];
	int ret;

	if (!knows_types(f->vm))
		return 0;
	map = node - vmcore_offset(f->vm, MODMAP_LIST);
	if (vmcore_get(f->vm, map, MODMAP_MOD, &module) ||
	    mem_string(f->vm->mem, module + vmcore_offset(f->vm, MODULE_NAME), name,
		       sizeof(name)))
		return 0;
	f->module = name;
	ret = vmcore_list(f->vm, map + vmcore_offset(f->vm, MODMAP_FUNCS), false, MAX_FUNCTIONS,
			  one_function, f);
	return ret == -EINTR || ret == -ENOMEM || ret > 0 ? ret : 0;
}

int kallsyms_freed(struct vmcore *vm, desc_symbol_fn *fn, void *arg)
{
	struct freed f = { .vm = vm, .fn = fn, .arg = arg };
	uint64_t head;
	int ret;

	/* it is there only where modules are traced */
	if (vmcore_symbol(vm, "ftrace_mod_maps", &head))
		return 0;
	ret = vmcore_list(vm, head, false, MAX_MODULES, one_map, &f);
	return ret == -EINTR || ret == -ENOMEM || ret > 0 ? ret : 0;
}
