/* SPDX-License-Identifier: GPL-2.0-or-later */
/* crash's dump and symbols as the struct merge_mem that libmerge reads. */
#ifndef PSTORE_RB_CRASH_MEM_H
#define PSTORE_RB_CRASH_MEM_H

#include "libmerge.h"

/*
 * struct crash_mem - state of one command's reads
 * @interrupted: Ctrl-C was seen; crash forgets it as soon as it is asked
 */
struct crash_mem {
	bool interrupted;
};

/* Fill @mem; its reads use @cm, which must live as long as @mem is used. */
void crash_mem_init(struct crash_mem *cm, struct merge_mem *mem);

#endif
