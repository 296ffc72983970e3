/* SPDX-License-Identifier: GPL-2.0-or-later */
/* crash's dump and symbols as the struct merge_mem that libmerge reads. */
#ifndef PSTORE_RB_CRASH_MEM_H
#define PSTORE_RB_CRASH_MEM_H

#include <signal.h>

#include "libmerge.h"

/*
 * struct crash_mem - state of one command's reads
 * @caught: Ctrl-C comes to us, not to crash
 * @old: where it went before
 */
struct crash_mem {
	bool caught;
	struct sigaction old;
};

/* Fill @mem, and take Ctrl-C, until crash_mem_deinit(). */
void crash_mem_init(struct crash_mem *cm, struct merge_mem *mem);
void crash_mem_deinit(struct crash_mem *cm);

/* Free what is kept between commands. */
void crash_mem_forget(void);

#endif
