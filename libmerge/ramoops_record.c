// SPDX-License-Identifier: LGPL-2.1-or-later
/* Records of functions, one by one: see ramoops_record.h. */
#include "cursor.h"
#include "ramoops_record.h"

/* Where kernels of 32 bits begin, however memory is split */
#define LOWEST_32	0x40000000u

struct ramoops_raw ramoops_record_decode(const uint8_t *bytes, uint32_t long_size, bool big)
{
	struct ramoops_raw raw;
	struct cursor c;

	cursor_init(&c, bytes, ramoops_record_size(long_size), big);
	raw.ip = cursor_uint(&c, long_size);
	raw.parent_ip = cursor_uint(&c, long_size);
	raw.ts = cursor_u64(&c);
	return raw;
}

bool ramoops_record_is_likely(const struct ramoops_raw *raw, uint32_t long_size)
{
	if (long_size == 8)
		return ramoops_is_kernels(raw->ip) && ramoops_is_kernels(raw->parent_ip);
	return raw->ip >= LOWEST_32 && raw->parent_ip >= LOWEST_32 && !(raw->ts >> 48);
}

/* Of other things some look like records, but hardly many that count up */
static bool are_likely(const uint8_t *bytes, size_t size, uint32_t long_size, bool big)
{
	uint32_t step = ramoops_record_size(long_size);
	size_t good = 0, nr = 0;
	uint64_t before = 0;

	for (size_t at = size % step; at + step <= size; at += step, nr++) {
		struct ramoops_raw raw = ramoops_record_decode(bytes + at, long_size, big);

		good += ramoops_record_is_likely(&raw, long_size) && raw.ts >= before;
		before = raw.ts;
	}
	return nr && 4 * good >= 3 * nr;
}

bool ramoops_records_are_likely(const uint8_t *bytes, size_t size, bool big)
{
	return are_likely(bytes, size, 8, big) || are_likely(bytes, size, 4, big);
}
