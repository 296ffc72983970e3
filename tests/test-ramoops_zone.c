// SPDX-License-Identifier: GPL-2.0-or-later
/* What is in one zone of ramoops, oldest first, with parity and without. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ramoops-in.h"
#include "ramoops_zone.h"
#include "tests.h"

#define LENGTH	1000u

/* Letters that go on through all that is written */
static void write_letters(struct ramoops_made *z, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++)
		ramoops_write(z, &"abcdefghijklmnopqrstuvwxyz"[i % 26], 1);
}

static struct ramoops_zone zone_of(const struct ramoops_made *z, bool sized)
{
	return (struct ramoops_zone){
		.pos = z->pos, .zone_size = sized ? z->size : 0,
		.start = (uint32_t)ramoops_get(z->mem, z->pos + 4, 4),
		.size = (uint32_t)ramoops_get(z->mem, z->pos + 8, 4),
	};
}

static int read_zone(const struct ramoops_made *made, bool sized, struct ramoops_log *log)
{
	const struct merge_region_io io = ramoops_in_io(made->mem);
	const struct ramoops_area area = { .ecc = made->mem->ecc };
	struct ramoops_zone z = zone_of(made, sized);

	return ramoops_zone_read(&io, &area, &z, log);
}

static void check_letters(const char *name, const struct ramoops_log *log, unsigned int written)
{
	bool right = true;

	for (unsigned int i = 0; i < log->size; i++)
		right = right && log->data[log->size - 1 - i] == 'a' + (written - 1 - i) % 26;
	CHECK_ROW(right && !log->data[log->size], name);
}

static void test_rings(void)
{
	static const struct {
		const char *name;
		uint32_t ecc;
		unsigned int written;
	} rows[] = {
		{ "some", 0, 100 }, { "all but one", 0, LENGTH - 13 }, { "full", 0, LENGTH - 12 },
		{ "one more", 0, LENGTH - 11 }, { "twice round", 0, 2500 },
		{ "some, parity", 16, 100 }, { "full, parity", 16, 844 }, { "round, parity", 16, 2500 },
		{ "round, other parity", 5, 2500 }, { "round, most parity", 127, 2500 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ramoops_mem m = { .ecc = rows[i].ecc };
		struct ramoops_made z;
		struct ramoops_log log;

		ramoops_mem_init(&m, LENGTH + 64);
		ramoops_zone_make(&z, &m, 64, LENGTH, 0);
		CHECK_ROW(ramoops_room(LENGTH, rows[i].ecc) == z.room, rows[i].name);
		write_letters(&z, rows[i].written);
		CHECK_ROW(!read_zone(&z, true, &log) && !log.why && !log.torn && !log.corrected &&
			  !log.bad_blocks && !log.lost, rows[i].name);
		CHECK_ROW(log.size == (rows[i].written < z.room ? rows[i].written : z.room),
			  rows[i].name);
		CHECK_ROW(log.wrapped == (rows[i].written >= z.room), rows[i].name);
		check_letters(rows[i].name, &log, rows[i].written);
		ramoops_log_deinit(&log);
		/* without the size of the zone: the same, but nothing is corrected */
		CHECK_ROW(!read_zone(&z, false, &log) && log.no_parity == !!rows[i].ecc &&
			  log.wrapped == (rows[i].written >= z.room), rows[i].name);
		check_letters(rows[i].name, &log, rows[i].written);
		ramoops_log_deinit(&log);
		ramoops_mem_free(&m);
	}
}

/* The size is counted first, then the place to write at, then bytes are written */
static void test_torn(void)
{
	struct ramoops_mem m = { 0 };
	struct ramoops_made z;
	struct ramoops_log log;

	ramoops_mem_init(&m, LENGTH);
	ramoops_zone_make(&z, &m, 0, LENGTH, 0);
	write_letters(&z, 100);
	ramoops_put(&m, 8, 4, 124);
	CU_ASSERT_EQUAL_FATAL(read_zone(&z, true, &log), 0);
	CU_ASSERT(log.size == 124 && log.torn == 24 && !log.wrapped);
	CU_ASSERT(!memcmp(log.data, "abcdef", 6) && log.data[100] == 0);
	ramoops_log_deinit(&log);
	ramoops_mem_free(&m);
}

static void test_corrects(void)
{
	struct ramoops_mem m = { .ecc = 16 };
	struct ramoops_made z;
	struct ramoops_log log;

	ramoops_mem_init(&m, LENGTH);
	ramoops_zone_make(&z, &m, 0, LENGTH, 0);
	write_letters(&z, 500);
	m.data[12 + 5] ^= 1;		/* a byte of the first block */
	memset(m.data + 12 + 128, 0, 8);	/* eight of the second */
	m.data[12 + z.room + 2 * 16] ^= 9;	/* one of the third's parity */
	CU_ASSERT_EQUAL_FATAL(read_zone(&z, true, &log), 0);
	CU_ASSERT(log.corrected == 10 && !log.bad_blocks);
	check_letters("corrected", &log, 500);
	ramoops_log_deinit(&log);
	memset(m.data + 12 + 128, 0, 20);
	CU_ASSERT_EQUAL_FATAL(read_zone(&z, true, &log), 0);
	CU_ASSERT(log.bad_blocks == 1 && log.corrected == 2);
	CU_ASSERT(!memcmp(log.data, "abcdefghij", 10) && !log.data[130]);
	ramoops_log_deinit(&log);
	ramoops_mem_free(&m);
}

static void test_impossible(void)
{
	static const struct {
		const char *name;
		uint64_t pos, zone_size;
		uint32_t ecc, size;
		const char *why;
	} rows[] = {
		{ "more than room", 0, LENGTH, 0, LENGTH, "more was written than it has room for" },
		{ "more than parity leaves", 0, LENGTH, 16, LENGTH - 12,
		  "more was written than it has room for" },
		{ "only a header", 0, 12, 0, 0, "it has no room for anything" },
		{ "only parity", 0, 40, 16, 0, "it has no room for anything" },
		{ "no zone is so large", 0, 1ull << 40, 0, 8, "it has no room for anything" },
		{ "behind the end", LENGTH - 4, LENGTH, 0, 8, "it lies behind the end" },
	};
	struct ramoops_mem m = { 0 };
	struct merge_region_io io;

	ramoops_mem_init(&m, LENGTH);
	io = ramoops_in_io(&m);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct ramoops_area area = { .ecc = rows[i].ecc };
		const struct ramoops_zone z = {
			.pos = rows[i].pos, .zone_size = rows[i].zone_size, .size = rows[i].size,
		};
		struct ramoops_log log;

		CHECK_ROW(!ramoops_zone_read(&io, &area, &z, &log) && !log.data && log.why &&
			  !strcmp(log.why, rows[i].why), rows[i].name);
	}
	ramoops_mem_free(&m);
}

static void test_cut_off(void)
{
	struct ramoops_mem m = { 0 };
	struct ramoops_made z;
	struct ramoops_log log;

	ramoops_mem_init(&m, 3 * 4096);
	ramoops_zone_make(&z, &m, 0, 3 * 4096, 0);
	write_letters(&z, 3 * 4096 - 12);
	m.size = 4096;
	CU_ASSERT_EQUAL_FATAL(read_zone(&z, false, &log), 0);
	CU_ASSERT(log.size == 3 * 4096 - 12 && log.lost == 2 * 4096);
	ramoops_log_deinit(&log);
	ramoops_mem_free(&m);
}

static const struct test tests[] = {
	{ "gives the oldest byte first", test_rings },
	{ "tells of bytes that were counted and not written", test_torn },
	{ "corrects by parity, and tells of what it cannot", test_corrects },
	{ "refuses sizes that cannot be", test_impossible },
	{ "gives zeros for what cannot be read, and tells", test_cut_off },
	{ 0 }
};

const struct test_suite suite_ramoops_zone = { "ramoops_zone", tests };
