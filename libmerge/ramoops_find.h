/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where mainline's ramoops has its zones (fs/pstore/ram.c, ram_core.c of the kernel). No
 * table in memory says so: the kernel computes it anew from its parameters at each boot.
 * They are told, or it is guessed by the headers that zones begin with:
 *
 *	u32 sig			"DBGC"; of zones for functions xor LINUX_VERSION_CODE, or
 *				with the series of kernel/ xor a layout and a kernel
 *	u32 start		where the next byte goes
 *	u32 size		bytes written, at most all there is room for
 *	u8 data[], and with ECC the parity of each 128 bytes, then of the header
 */
#ifndef MERGE_RAMOOPS_FIND_H
#define MERGE_RAMOOPS_FIND_H

#include "libmerge.h"

#define RAMOOPS_HEADER		12u
#define RAMOOPS_SIGNATURE	0x43474244u
#define RAMOOPS_BLOCK		128u	/* bytes that have parity of their own */
/* No zone is larger; nor is what lies between what was written of two */
#define RAMOOPS_MAX_ZONE	(64u << 20)

/* RAMOOPS_EMPTY: nothing tells which of the first three it is */
enum ramoops_kind {
	RAMOOPS_DMESG, RAMOOPS_CONSOLE, RAMOOPS_PMSG, RAMOOPS_FTRACE, RAMOOPS_EMPTY,
};

/*
 * struct ramoops_how - the parameters of the kernel's module, 0 where not known
 * @mem_address: where in the file it is; @has_address: it is known
 * @ecc: bytes of parity of a block
 * @nr_cpus: zones for functions, 0: as many as there are
 * @long_size: of the kernel, 0: find out
 * @cpu_in_ip: the bits of a function's address that are the CPU's number (32-bit ARM)
 */
struct ramoops_how {
	bool has_address;
	uint64_t mem_address, mem_size;
	uint64_t record_size, console_size, ftrace_size, pmsg_size;
	uint64_t ecc, nr_cpus, long_size, cpu_in_ip;
};

/*
 * struct ramoops_zone - a zone
 * @pos: where it is
 * @zone_size: header, data and parity; 0: not known
 * @version: of zones for functions: LINUX_VERSION_CODE of the kernel, or what
 *	ramoops_tells_layout()
 * @index: which of its kind
 */
struct ramoops_zone {
	uint64_t pos, zone_size;
	uint32_t version, start, size;
	enum ramoops_kind kind;
	unsigned int index;
};

/*
 * struct ramoops_area - the zones of one kernel
 * @ecc: bytes of parity of a block, 0: none
 * @found_ecc: nobody told it
 * @nr_absent: zones that should be there by what was told, and are not; the first is at
 *	@absent
 * @others: further areas; the first is at @other
 */
struct ramoops_area {
	struct ramoops_zone *zones;
	size_t nr;
	bool big_endian;
	uint32_t ecc;
	bool found_ecc;
	size_t nr_absent;
	uint64_t absent;
	size_t others;
	uint64_t other;
};

/*
 * Whether @version is no kernel's, but in its upper half the size of records and the bits of
 * an address that are the CPU; the lower half tells kernels apart (pstore_ftrace_signature()
 * of kernel/patches-6.12/0026)
 */
static inline bool ramoops_tells_layout(uint32_t version)
{
	return version >> 16 == 24 || version >> 16 == 16 || version >> 16 == 17 ||
	       version >> 16 == 19;
}

/*
 * Parse "NAME=VALUE,...", as in the kernel's command line, with "ramoops." before the
 * names or not; sizes may end in K, M or G. Return: 0 or -EINVAL
 */
int ramoops_how_parse(const char *text, struct ramoops_how *how, struct merge_error *err);

/*
 * Find the zones: of the area at how->mem_address, or of the first in @io that has
 * something in it. @stop, with @arg, is asked now and then, and may be NULL.
 * Return: 0, then ramoops_area_deinit(); -ENOTSUP there are none; -EINVAL the parameters
 * cannot be; -EINTR; -ENOMEM
 */
int ramoops_find(const struct merge_region_io *io, const struct ramoops_how *how,
		 bool (*stop)(void *arg), void *arg, struct merge_error *err,
		 struct ramoops_area *area);
void ramoops_area_deinit(struct ramoops_area *area);

/* Whether there is an area anywhere in @io that begins on a page */
bool ramoops_find_any(const struct merge_region_io *io);

#endif
