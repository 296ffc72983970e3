/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Addresses that an earlier boot recorded, as addresses of this boot: the kernel
 * and its modules may lie elsewhere now.
 */
#ifndef MERGE_SHIFT_H
#define MERGE_SHIFT_H

#include "libmerge.h"

/* From @start on, up to the next one's, addresses are moved by @delta. */
struct shift_module {
	uint64_t start;
	uint64_t delta;
};

/*
 * struct merge_shift - where what was recorded lies now; all sums wrap around
 * @mask: the bits of an address
 * @text: how far the kernel moved
 * @image_start, @image_end: what does not come to lie in here was not of the
 *	kernel and stays; @image_end 0: everything moves
 * @modules: by ascending start; owned, may be NULL
 */
struct merge_shift {
	uint64_t mask;
	uint64_t text;
	uint64_t image_start, image_end;
	struct shift_module *modules;
	size_t nr_modules;
};

/* @shift may be NULL: nothing moved */
uint64_t shift_address(const struct merge_shift *shift, uint64_t addr);
void shift_destroy(struct merge_shift *shift);

#endif
