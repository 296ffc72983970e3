// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Whether a persistent instance holds what an earlier boot recorded, and how far
 * the kernel has moved since.
 *
 * At boot the kernel takes over what it finds in the reserved memory, and clears
 * it when tracing is switched on there (update_last_data() of trace.c). Until
 * then 7.2 keeps TRACE_ARRAY_FL_LAST_BOOT set, and has the earlier boot's
 * addresses in a scratch area: none when the memory was new. 6.12 has only how
 * far text and data have moved, which is zero without KASLR. Then a ring that has
 * events though this boot never wrote to it tells.
 */
#include <errno.h>
#include <stdlib.h>

#include "previous_vmcore.h"

/* The scratch area has room for 128 */
#define MAX_MODULES	65536

/* Where the earlier boot's modules were, and how far each has moved. 0, -ENOMEM or an errno. */
static int load_modules(struct vmcore *vm, uint64_t tr, uint64_t scratch, struct merge_shift *s)
{
	size_t long_size = mem_kernel(vm->mem)->long_size, stride;
	uint64_t deltas, nr, entries = scratch + vmcore_offset(vm, SCRATCH_ENTRIES);
	int ret = vmcore_get(vm, tr, TR_MODULE_DELTA, &deltas);

	if (!ret)
		ret = vmcore_get(vm, scratch, SCRATCH_NR, &nr);
	if (ret || !deltas || !nr)
		return ret;
	if (nr > MAX_MODULES || !vmcore_has(vm, SCRATCH_ENTRIES) ||
	    !vmcore_has(vm, MOD_ENTRY_NAME) || !vmcore_has(vm, MODULE_DELTA_DELTA))
		return -EBADMSG;
	stride = vmcore_offset(vm, MOD_ENTRY_NAME) + vmcore_size(vm, MOD_ENTRY_NAME);
	stride = (stride + long_size - 1) / long_size * long_size;
	deltas += vmcore_offset(vm, MODULE_DELTA_DELTA);
	s->modules = calloc(nr, sizeof(*s->modules));
	if (!s->modules)
		return -ENOMEM;
	for (uint64_t i = 0; !ret && i < nr; i++) {
		ret = vmcore_get(vm, entries + i * stride, MOD_ENTRY_ADDR, &s->modules[i].start);
		if (!ret)
			ret = mem_pointer(vm->mem, deltas + i * long_size, &s->modules[i].delta);
		s->nr_modules += !ret;
	}
	return ret;
}

/* 7.2: by its flag. 1 an earlier boot's, 0 this one's, -ENOENT the kernel has no flag. */
static int by_flag(struct vmcore *vm, uint64_t tr, uint64_t *scratch)
{
	uint64_t flags, text;
	int64_t last_boot;

	*scratch = 0;
	if (!vmcore_has(vm, TR_SCRATCH) || !vmcore_has(vm, SCRATCH_TEXT) ||
	    vmcore_enumerator(vm, "TRACE_ARRAY_FL_LAST_BOOT", &last_boot))
		return -ENOENT;
	if (vmcore_get(vm, tr, TR_FLAGS, &flags) || !(flags & last_boot))
		return 0;
	/* an unreadable scratch area is no sign of new memory */
	if (vmcore_get(vm, tr, TR_SCRATCH, scratch) || !*scratch ||
	    vmcore_get(vm, *scratch, SCRATCH_TEXT, &text))
		return 1;
	return text != 0;
}

/* 6.12: by how far text and data have moved */
static bool by_delta(struct vmcore *vm, uint64_t tr, bool touched)
{
	uint64_t text = 0, data = 0;

	vmcore_get(vm, tr, TR_TEXT_DELTA, &text);
	vmcore_get(vm, tr, TR_DATA_DELTA, &data);
	return text || data || !touched;
}

int previous_boot_load(struct vmcore *vm, uint64_t tr, bool touched,
		       struct merge_shift **shift, bool *partial)
{
	struct merge_shift *s;
	uint64_t scratch;
	int ret = by_flag(vm, tr, &scratch);
	bool flagged = ret >= 0;

	*shift = NULL;
	*partial = false;
	if (flagged ? !ret : !by_delta(vm, tr, touched))
		return 0;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->mask = mem_kernel(vm->mem)->long_size == 4 ? UINT32_MAX : UINT64_MAX;
	vmcore_get(vm, tr, TR_TEXT_DELTA, &s->text);
	ret = scratch ? load_modules(vm, tr, scratch, s) : 0;
	if (ret == -ENOMEM) {
		shift_destroy(s);
		return ret;
	}
	*partial = ret || (flagged && !scratch);
	if (flagged && (vmcore_symbol(vm, "_text", &s->image_start) ||
			vmcore_symbol(vm, "_end", &s->image_end)))
		s->image_end = 0;
	*shift = s;
	return 0;
}
