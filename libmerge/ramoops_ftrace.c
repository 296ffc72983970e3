// SPDX-License-Identifier: LGPL-2.1-or-later
/* Records of functions out of ramoops' zones: see ramoops_ftrace.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ramoops_ftrace.h"

#define CPU_BITS	8	/* TS_CPU_SHIFT */
#define SAMPLES		1000u
/* Time stamps have so many bits in a sub-buffer */
#define STAMP_MASK	((1ull << 59) - 1)
/* Records that follow each other in a zone are not farther apart */
#define MAX_STEP	(1ull << 40)
/* CPUs that count at once set the counter back by less */
#define MIN_RESTART	64u
/* Of an ARM kernel with the CPU in ip, records that follow each other are this near */
#define NEAR		128u

static struct ramoops_record decode(const uint8_t *bytes, uint32_t long_size, bool big)
{
	struct ramoops_raw raw = ramoops_record_decode(bytes, long_size, big);

	return (struct ramoops_record){ .ip = raw.ip, .parent_ip = raw.parent_ip, .ts = raw.ts };
}

/* ---- What records look like ----------------------------------------------- */

static bool is_likely(const struct ramoops_record *rec, uint32_t long_size)
{
	const struct ramoops_raw raw = { rec->ip, rec->parent_ip, rec->ts };

	return ramoops_record_is_likely(&raw, long_size);
}

/* The newest records of all zones: how many could be, and how many there are */
static void sample(const struct ramoops_log *logs, size_t nr, uint32_t long_size, bool big,
		   uint64_t *likely, uint64_t *all)
{
	uint32_t size = ramoops_record_size(long_size);

	*likely = *all = 0;
	for (size_t i = 0; i < nr; i++) {
		uint32_t left = logs[i].data ? logs[i].size - logs[i].torn : 0;

		for (unsigned int n = 0; n < SAMPLES && left >= size; n++) {
			struct ramoops_record rec;

			left -= size;
			rec = decode(logs[i].data + left, long_size, big);
			*likely += is_likely(&rec, long_size);
			(*all)++;
		}
	}
}

static uint32_t find_long_size(const struct ramoops_log *logs, size_t nr, bool big)
{
	static const uint32_t sizes[] = { 8, 4 };
	uint64_t likely, all;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		sample(logs, nr, sizes[i], big, &likely, &all);
		if (2 * likely >= all)
			return sizes[i];
	}
	return 0;
}

/* Where the CPU is not in ts, one record's is little more than that of the one before */
static uint32_t find_cpu_in_ip(const struct ramoops_log *logs, size_t nr, bool big)
{
	uint64_t near = 0, all = 0;

	for (size_t i = 0; i < nr; i++) {
		uint32_t left = logs[i].data ? logs[i].size - logs[i].torn : 0;
		uint64_t later = 0;

		for (unsigned int n = 0; n < SAMPLES && left >= 16; n++) {
			uint64_t ts;

			left -= 16;
			ts = decode(logs[i].data + left, 4, big).ts;
			near += n && ts < later && later - ts < NEAR;
			all += n > 0;
			later = ts;
		}
	}
	return all && 2 * near > all ? 3 : 0;
}

void ramoops_ftrace_init(struct ramoops_ftrace *f, const struct ramoops_how *how,
			 const struct ramoops_log *logs, size_t nr, bool big_endian)
{
	*f = (struct ramoops_ftrace){ .big_endian = big_endian, .per_cpu = nr > 1 };
	f->long_size = how->long_size ? (uint32_t)how->long_size :
		find_long_size(logs, nr, big_endian);
	if (f->long_size == 4)
		f->cpu_in_ip = how->cpu_in_ip ? (uint32_t)how->cpu_in_ip :
			find_cpu_in_ip(logs, nr, big_endian);
}

/* ---- Taking them ---------------------------------------------------------- */

/* CPU 256 and 0 have the same number in ts, and zones of their own */
static uint32_t cpu_of(const struct ramoops_ftrace *f, const struct ramoops_record *rec,
		       uint32_t zone)
{
	uint32_t mask = f->cpu_in_ip ? f->cpu_in_ip : (1u << CPU_BITS) - 1;
	uint32_t cpu = (uint32_t)(f->cpu_in_ip ? rec->ip : rec->ts) & mask;

	return f->per_cpu && (zone & mask) == cpu ? zone : cpu;
}

static uint64_t whole_address(struct ramoops_ftrace *f, uint64_t ip)
{
	if (f->long_size == 4 || ip & RAMOOPS_TOP_BIT || !ramoops_is_kernels(ip))
		return ip;
	f->nr_modules++;
	return ip | RAMOOPS_TOP_BIT;
}

/* From what is stored to what is meant */
static void convert(struct ramoops_ftrace *f, struct ramoops_record *rec, uint32_t zone)
{
	rec->cpu = cpu_of(f, rec, zone);
	rec->zone = zone;
	if (f->cpu_in_ip)
		rec->ip &= ~(uint64_t)f->cpu_in_ip;
	else
		rec->ts >>= CPU_BITS;
	rec->ts &= STAMP_MASK;
	rec->ip = whole_address(f, rec->ip);
	rec->parent_ip = whole_address(f, rec->parent_ip);
}

static bool is_restart(uint64_t before, uint64_t ts)
{
	return ts < before / 2 && before - ts > MIN_RESTART;
}

static bool follows(uint64_t before, uint64_t ts)
{
	return ts >= before && ts - before < MAX_STEP;
}

/*
 * Whether the place of the newest record still holds the oldest: then that, which may
 * reach over the end of the data to its beginning, is put at @rec.
 */
static bool is_stale(const struct ramoops_ftrace *f, const struct ramoops_log *log,
		     uint32_t zone, struct ramoops_record *rec)
{
	uint32_t size = ramoops_record_size(f->long_size), head = log->size % size;
	uint32_t nr = log->size / size, tail = size - head;
	struct ramoops_ftrace ignore = *f;
	struct ramoops_record first, before, last;
	uint8_t bytes[RAMOOPS_MAX_RECORD];

	if (!log->wrapped || nr < 3)
		return false;
	first = decode(log->data + head, f->long_size, f->big_endian);
	before = decode(log->data + log->size - 2 * size, f->long_size, f->big_endian);
	last = decode(log->data + log->size - size, f->long_size, f->big_endian);
	memcpy(bytes, log->data + log->size - tail, tail);
	memcpy(bytes + tail, log->data, head);
	*rec = decode(bytes, f->long_size, f->big_endian);
	convert(&ignore, &first, zone);
	convert(&ignore, &before, zone);
	convert(&ignore, &last, zone);
	if (follows(before.ts, last.ts) || !is_likely(rec, f->long_size))
		return false;
	convert(&ignore, rec, zone);
	return rec->ts < first.ts && !is_restart(first.ts, rec->ts);
}

int ramoops_ftrace_append(struct ramoops_ftrace *f, const struct ramoops_record *rec)
{
	if (f->nr == f->room) {
		size_t room = f->room ? 2 * f->room : 1024;
		struct ramoops_record *grown = reallocarray(f->records, room, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		f->records = grown;
		f->room = room;
	}
	f->records[f->nr++] = *rec;
	return 0;
}

void ramoops_ftrace_number_boots(struct ramoops_ftrace *f, size_t first, size_t end)
{
	uint32_t boot = 0;

	for (size_t i = end; i-- > first;) {
		f->records[i].number = (uint32_t)(i - first);
		f->records[i].boot = boot;
		if (i > first && boot + 1 < RAMOOPS_MAX_BOOTS &&
		    is_restart(f->records[i - 1].ts, f->records[i].ts))
			boot++;
	}
	if (end > first && boot >= f->nr_boots)
		f->nr_boots = boot + 1;
}

int ramoops_ftrace_add(struct ramoops_ftrace *f, const struct ramoops_log *log, uint32_t zone)
{
	uint32_t size = ramoops_record_size(f->long_size), end = log->size - log->torn;
	struct ramoops_record rec;
	size_t first = f->nr;
	int ret = 0;

	f->nr_torn += (log->torn + size - 1) / size;
	if (is_stale(f, log, zone, &rec)) {
		f->nr_torn++;
		f->nr_stale++;
		end -= size;
		ret = ramoops_ftrace_append(f, &rec);
	}
	for (uint32_t at = end % size; !ret && at + size <= end; at += size) {
		rec = decode(log->data + at, f->long_size, f->big_endian);
		if (!rec.ip && !rec.parent_ip) {
			if (at + size == end)
				f->nr_torn++;
			else
				f->nr_empty++;
			continue;
		}
		convert(f, &rec, zone);
		ret = ramoops_ftrace_append(f, &rec);
	}
	ramoops_ftrace_number_boots(f, first, f->nr);
	return ret;
}

/* ---- Lists ---------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
	const struct ramoops_record *x = a, *y = b;

	if (x->boot != y->boot)
		return x->boot < y->boot ? -1 : 1;
	if (x->cpu != y->cpu)
		return x->cpu < y->cpu ? -1 : 1;
	if (x->zone != y->zone)
		return x->zone < y->zone ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

int ramoops_ftrace_finish(struct ramoops_ftrace *f)
{
	struct ramoops_list *l = NULL;

	if (f->nr)
		qsort(f->records, f->nr, sizeof(*f->records), compare);
	for (size_t i = 0; i < f->nr; i++) {
		const struct ramoops_record *rec = &f->records[i];

		if (!l || l->boot != rec->boot || l->cpu != rec->cpu) {
			struct ramoops_list *grown = reallocarray(f->lists, f->nr_lists + 1,
								  sizeof(*grown));

			if (!grown)
				return -ENOMEM;
			f->lists = grown;
			l = &grown[f->nr_lists++];
			*l = (struct ramoops_list){ .boot = rec->boot, .cpu = rec->cpu, .first = i };
		}
		l->nr++;
	}
	return 0;
}

void ramoops_ftrace_deinit(struct ramoops_ftrace *f)
{
	free(f->records);
	free(f->lists);
	*f = (struct ramoops_ftrace){ 0 };
}
