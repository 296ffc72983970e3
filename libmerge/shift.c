// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Addresses of an earlier boot as the kernel adjusts them: by text_delta, since
 * 7.0 by trace_adjust_address() of kernel/trace/trace.c.
 */
#include <stdlib.h>

#include "shift.h"

/* The last module at or below @addr, NULL below the first */
static const struct shift_module *module_at(const struct merge_shift *shift, uint64_t addr)
{
	size_t low = 0, high = shift->nr_modules;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (shift->modules[mid].start <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low ? &shift->modules[low - 1] : NULL;
}

uint64_t shift_address(const struct merge_shift *shift, uint64_t addr)
{
	const struct shift_module *module;
	uint64_t moved;

	if (!shift)
		return addr;
	module = module_at(shift, addr);
	if (module)
		return (addr + module->delta) & shift->mask;
	moved = (addr + shift->text) & shift->mask;
	if (shift->image_end && (moved < shift->image_start || moved >= shift->image_end))
		return addr;
	return moved;
}

void shift_destroy(struct merge_shift *shift)
{
	if (!shift)
		return;
	free(shift->modules);
	free(shift);
}
