/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One record in ramoops' zones for functions (struct pstore_ftrace_record of the kernel's
 * include/linux/pstore.h):
 *
 *	unsigned long ip, parent_ip
 *	u64 ts			a number that counts up through all CPUs, from 0 at each
 *				boot, times 256, and the CPU's number
 *
 * so of 24 bytes, or 16 of a kernel of 32 bits. One for ARM with up to 4 CPUs has the CPU
 * in the low bits of ip, and ts as it is.
 */
#ifndef MERGE_RAMOOPS_RECORD_H
#define MERGE_RAMOOPS_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RAMOOPS_MAX_RECORD	24u
#define RAMOOPS_TOP_BIT		(1ull << 63)

struct ramoops_raw {
	uint64_t ip, parent_ip, ts;
};

static inline uint32_t ramoops_record_size(uint32_t long_size)
{
	return 2 * long_size + 8;
}

struct ramoops_raw ramoops_record_decode(const uint8_t *bytes, uint32_t long_size, bool big);

/* Kernels of 64 bits are in the upper half; 7.2 clears the top bit of modules' addresses */
static inline bool ramoops_is_kernels(uint64_t ip)
{
	return (ip | RAMOOPS_TOP_BIT) >> 48 == 0xffff;
}

bool ramoops_record_is_likely(const struct ramoops_raw *raw, uint32_t long_size);

/*
 * Whether the @size bytes at @bytes, whose end is that of a record, are records of either
 * layout: of kernel addresses, one after the other.
 */
bool ramoops_records_are_likely(const uint8_t *bytes, size_t size, bool big);

#endif
