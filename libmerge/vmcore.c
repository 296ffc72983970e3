// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A crashed kernel's memory and the places of the members the walkers need.
 */
#include <errno.h>
#include <string.h>

#include "vmcore.h"

static const struct member_row {
	const char *type;
	const char *member;
	const char *both;
} member_rows[VMCORE_NR_MEMBERS] = {
#define X(id, type, member) [id] = { #type, #member, #type "." #member },
	VMCORE_MEMBERS(X)
#undef X
};

int vmcore_init(struct vmcore *vm, const struct merge_mem *kernel)
{
	memset(vm, 0, sizeof(*vm));
	vm->mem = mem_create(kernel);
	return vm->mem ? 0 : -ENOMEM;
}

void vmcore_deinit(struct vmcore *vm)
{
	mem_destroy(vm->mem);
	vm->mem = NULL;
}

/* The place of @id, or NULL when this kernel has no such member */
static const struct vmcore_place *place_of(struct vmcore *vm, enum vmcore_member id)
{
	const struct merge_mem *kernel = mem_kernel(vm->mem);
	struct vmcore_place *place = &vm->members[id];

	if (place->state == PLACE_UNASKED)
		place->state = kernel->ops->member(kernel->arg, member_rows[id].type,
						   member_rows[id].member,
						   &place->offset, &place->size) ?
			PLACE_MISSING : PLACE_KNOWN;
	return place->state == PLACE_KNOWN ? place : NULL;
}

bool vmcore_has(struct vmcore *vm, enum vmcore_member id)
{
	return place_of(vm, id) != NULL;
}

const char *vmcore_member_name(enum vmcore_member id)
{
	return member_rows[id].both;
}

size_t vmcore_offset(struct vmcore *vm, enum vmcore_member id)
{
	const struct vmcore_place *place = place_of(vm, id);

	return place ? place->offset : 0;
}

size_t vmcore_size(struct vmcore *vm, enum vmcore_member id)
{
	const struct vmcore_place *place = place_of(vm, id);

	return place ? place->size : 0;
}

int vmcore_symbol(struct vmcore *vm, const char *name, uint64_t *addr)
{
	const struct merge_mem *kernel = mem_kernel(vm->mem);

	return kernel->ops->symbol(kernel->arg, name, addr);
}

int vmcore_enumerator(struct vmcore *vm, const char *name, int64_t *value)
{
	const struct merge_mem *kernel = mem_kernel(vm->mem);

	return kernel->ops->enumerator(kernel->arg, name, value);
}

int vmcore_get(struct vmcore *vm, uint64_t addr, enum vmcore_member id,
	       uint64_t *value)
{
	const struct vmcore_place *place = place_of(vm, id);

	if (!place)
		return -ENOENT;
	return mem_uint(vm->mem, addr + place->offset, place->size, value);
}

int vmcore_get_string(struct vmcore *vm, uint64_t addr,
		      enum vmcore_member id, char *buf, size_t size)
{
	uint64_t text;
	int ret = vmcore_get(vm, addr, id, &text);

	if (ret)
		return ret;
	return text ? mem_string(vm->mem, text, buf, size) : -ENODATA;
}

int vmcore_list(struct vmcore *vm, uint64_t head, bool back, size_t max,
		vmcore_node_fn *fn, void *arg)
{
	size_t link = back ? mem_kernel(vm->mem)->long_size : 0;
	uint64_t node = head;
	int ret;

	for (size_t n = 0; n <= max; n++) {
		ret = mem_pointer(vm->mem, node + link, &node);
		if (ret)
			return ret;
		if (node == head)
			return 0;
		ret = fn(arg, node);
		if (ret)
			return ret;
		if (mem_interrupted(vm->mem))
			return -EINTR;
	}
	return -ELOOP;
}
