/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mainline's ramoops made in memory, as the kernel's fs/pstore/ram_core.c writes it, by
 * code of its own.
 */
#ifndef MKRAMOOPS_H
#define MKRAMOOPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RAMOOPS_VERSION	0x060c75u	/* 6.12.117 */
#define RAMOOPS_IP	0xffffffff81000100ull
#define RAMOOPS_PARENT	0xffffffff81000200ull

/*
 * struct ramoops_mem - a memory
 * @ecc: bytes of parity of a block
 * @cpu_in_ip: as an ARM kernel of few CPUs has it
 */
struct ramoops_mem {
	uint8_t *data;
	size_t size;
	bool big;
	uint32_t long_size, ecc;
	bool cpu_in_ip;
};

/* A zone in it: @room bytes of data, behind the header */
struct ramoops_made {
	struct ramoops_mem *mem;
	size_t pos, size;
	uint32_t room;
};

void ramoops_mem_init(struct ramoops_mem *m, size_t size);
void ramoops_mem_free(struct ramoops_mem *m);
void ramoops_put(struct ramoops_mem *m, size_t at, size_t size, uint64_t value);
uint64_t ramoops_get(const struct ramoops_mem *m, size_t at, size_t size);

/* An empty one; @version: of the kernel, of a zone for functions, else 0 */
void ramoops_zone_make(struct ramoops_made *z, struct ramoops_mem *m, size_t pos, size_t size,
		       uint32_t version);
void ramoops_write(struct ramoops_made *z, const void *bytes, size_t size);
/* Make the parity right again, of the header too, after something was put there */
void ramoops_sign(struct ramoops_made *z);
/* A function's record */
void ramoops_call(struct ramoops_made *z, uint64_t ip, uint64_t counter, unsigned int cpu);
void ramoops_dump(struct ramoops_made *z, int64_t seconds, bool compressed, const char *text);

/*
 * Two dumps of the log (the second zone empty), console, messages and the functions of two
 * CPUs, in 4 KiB each; from @at of a memory of @at + RAMOOPS_SMALL bytes
 */
#define RAMOOPS_SMALL	0x6000u
#define RAMOOPS_SMALL_HOW	\
	"mem_size=0x6000,record_size=4K,console_size=4K,pmsg_size=4K,ftrace_size=8K"
enum { RAMOOPS_CPU0 = 0x4000, RAMOOPS_CPU1 = 0x5000 };
/* As image_render() has its events: the number is the low half of ip */
#define RAMOOPS_SMALL_EVENTS						\
	"ftrace/0 0 2164260864\nftrace/1 1 2164260880\nftrace/0 2 2164260896\n"	\
	"ftrace/1 3 2164260912\nftrace/0 4 2164260928\nftrace/1 5 2164260944\n"
void ramoops_small(struct ramoops_mem *m, size_t at);

/* Parity of @data, by division by the generator */
void ramoops_parity(const uint8_t *data, size_t size, uint8_t *parity, unsigned int nr);

#endif
