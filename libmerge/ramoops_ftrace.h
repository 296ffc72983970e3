/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The records in ramoops' zones for functions, as lists by boot and CPU. */
#ifndef MERGE_RAMOOPS_FTRACE_H
#define MERGE_RAMOOPS_FTRACE_H

#include "ramoops_record.h"
#include "ramoops_zone.h"

/* Older boots than this are not told apart */
#define RAMOOPS_MAX_BOOTS	8u

/*
 * struct ramoops_record - one function that was called
 * @boot: 0 the last; @cpu: where; @zone: of those with records; @number: its place there
 */
struct ramoops_record {
	uint64_t ip, parent_ip, ts;
	uint32_t boot, cpu, zone, number;
};

/*
 * struct ramoops_list - the records of one CPU of one boot, as they were written
 * @first: of struct ramoops_ftrace.records
 */
struct ramoops_list {
	uint32_t boot, cpu;
	size_t first, nr;
};

/*
 * struct ramoops_ftrace - the records of all zones
 * @long_size: 0: nothing tells it
 * @cpu_in_ip: mask of the CPU's number in ip, or 0
 * @per_cpu: several zones: zone n is of CPU n
 * @nr_boots: how many there are, as counters that go back tell
 * @nr_torn: records that were counted and not yet written, and are left out
 * @nr_stale: of these the ones where an older record still stood: that is the first of its
 *	zone
 * @nr_empty: zeros where records should be
 * @nr_modules: addresses without their top bit, as 7.2 writes those of modules; they have
 *	it here
 */
struct ramoops_ftrace {
	struct ramoops_record *records;
	size_t nr, room;
	struct ramoops_list *lists;
	size_t nr_lists;
	uint32_t long_size, cpu_in_ip;
	bool per_cpu, big_endian;
	uint32_t nr_boots;
	uint64_t nr_torn, nr_stale, nr_empty, nr_modules;
};

/*
 * Find out from @logs, @nr of them, what the records look like where @how does not tell.
 * A zone that is not there has a log without data.
 */
void ramoops_ftrace_init(struct ramoops_ftrace *f, const struct ramoops_how *how,
			 const struct ramoops_log *logs, size_t nr, bool big_endian);

/* Take the records of @log, zone @zone. Return: 0 or -ENOMEM */
int ramoops_ftrace_add(struct ramoops_ftrace *f, const struct ramoops_log *log, uint32_t zone);

/* One more. Return: 0 or -ENOMEM */
int ramoops_ftrace_append(struct ramoops_ftrace *f, const struct ramoops_record *rec);

/* Records @first to @end - 1 are of one CPU, as they were written: the newest boot is 0 */
void ramoops_ftrace_number_boots(struct ramoops_ftrace *f, size_t first, size_t end);

/* Sort them into lists, by boot, then CPU. Return: 0 or -ENOMEM */
int ramoops_ftrace_finish(struct ramoops_ftrace *f);
void ramoops_ftrace_deinit(struct ramoops_ftrace *f);

#endif
