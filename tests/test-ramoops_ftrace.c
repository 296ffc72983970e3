// SPDX-License-Identifier: GPL-2.0-or-later
/* Records of functions: layouts, CPUs, boots, and what was being written. */
#include <stdlib.h>
#include <string.h>

#include "ramoops-in.h"
#include "ramoops_ftrace.h"
#include "tests.h"

#define PLACE	0x1000u
#define ROOM	(5 * 24 + 12)	/* of five records */

/* All zones of @m that begin at multiples of PLACE, of @length bytes each */
static char *records(const struct ramoops_mem *m, size_t nr, size_t length, const char *how_text)
{
	const struct merge_region_io io = ramoops_in_io(m);
	const struct ramoops_area area = { 0 };
	struct merge_error err = { 0 };
	struct ramoops_log logs[8];
	struct ramoops_how how;
	struct ramoops_ftrace f;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	CU_ASSERT_EQUAL_FATAL(ramoops_how_parse(how_text, &how, &err), 0);
	for (size_t i = 0; i < nr; i++) {
		const struct ramoops_zone z = {
			.pos = PLACE * i, .zone_size = length,
			.start = (uint32_t)ramoops_get(m, PLACE * i + 4, 4),
			.size = (uint32_t)ramoops_get(m, PLACE * i + 8, 4),
		};

		CU_ASSERT_EQUAL_FATAL(ramoops_zone_read(&io, &area, &z, &logs[i]), 0);
	}
	ramoops_ftrace_init(&f, &how, logs, nr, m->big);
	fprintf(out, "long %u", f.long_size);
	if (f.cpu_in_ip)
		fprintf(out, ", cpu in ip & %u", f.cpu_in_ip);
	for (uint32_t i = 0; f.long_size && i < nr; i++)
		CU_ASSERT_EQUAL(ramoops_ftrace_add(&f, &logs[i], i), 0);
	CU_ASSERT_EQUAL(ramoops_ftrace_finish(&f), 0);
	for (size_t l = 0; l < f.nr_lists; l++) {
		fprintf(out, "\n%u/%u", f.lists[l].boot, f.lists[l].cpu);
		for (size_t i = f.lists[l].first; i < f.lists[l].first + f.lists[l].nr; i++)
			fprintf(out, " %llu:%llx", (unsigned long long)f.records[i].ts,
				(unsigned long long)f.records[i].ip & 0xffffff);
	}
	if (f.nr_torn || f.nr_stale || f.nr_empty)
		fprintf(out, "\ntorn %llu, %llu stale; empty %llu", (unsigned long long)f.nr_torn,
			(unsigned long long)f.nr_stale, (unsigned long long)f.nr_empty);
	fputc('\n', out);
	fclose(out);
	for (size_t i = 0; i < nr; i++)
		ramoops_log_deinit(&logs[i]);
	ramoops_ftrace_deinit(&f);
	return text;
}

static void zones(struct ramoops_mem *m, struct ramoops_made *z, size_t nr, size_t length)
{
	ramoops_mem_init(m, PLACE * nr);
	for (size_t i = 0; i < nr; i++)
		ramoops_zone_make(&z[i], m, PLACE * i, length, RAMOOPS_VERSION);
}

static void test_layouts(void)
{
	static const struct {
		const char *name;
		uint32_t long_size;
		bool big, in_ip;
		const char *says;
	} rows[] = {
		{ "64 bits", 8, false, false, "long 8\n0/0 5:100\n0/1 6:110 7:120\n" },
		{ "64 bits, big endian", 8, true, false, "long 8\n0/0 5:100\n0/1 6:110 7:120\n" },
		{ "32 bits", 4, false, false, "long 4\n0/0 5:100\n0/1 6:110 7:120\n" },
		{ "32 bits, big endian", 4, true, false, "long 4\n0/0 5:100\n0/1 6:110 7:120\n" },
		{ "ARM of few CPUs", 4, false, true,
		  "long 4, cpu in ip & 3\n0/0 5:100\n0/1 6:110 7:120\n" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ramoops_mem m = { .long_size = rows[i].long_size, .big = rows[i].big,
					 .cpu_in_ip = rows[i].in_ip };
		uint64_t top = rows[i].long_size == 8 ? 0xffffffff81000000 : 0xc1000000;
		struct ramoops_made z[2];

		zones(&m, z, 2, PLACE);
		ramoops_call(&z[0], top + 0x100, 5, 0);
		ramoops_call(&z[1], top + 0x110, 6, 1);
		ramoops_call(&z[1], top + 0x120, 7, 1);
		CHECK_ROW(test_text(records(&m, 2, PLACE, ""), rows[i].says), rows[i].name);
		ramoops_mem_free(&m);
	}
}

static void test_one_zone(void)
{
	struct ramoops_mem m = { 0 };
	struct ramoops_made z;

	zones(&m, &z, 1, PLACE);
	ramoops_call(&z, RAMOOPS_IP, 1, 3);
	ramoops_call(&z, RAMOOPS_IP, 2, 0);
	ramoops_call(&z, RAMOOPS_IP, 3, 3);
	CHECK_TEXT(records(&m, 1, PLACE, ""), "long 8\n0/0 2:100\n0/3 1:100 3:100\n");
	ramoops_mem_free(&m);
}

static void test_told_layout(void)
{
	struct ramoops_mem m = { .long_size = 4 };
	struct ramoops_made z;

	zones(&m, &z, 1, PLACE);
	for (unsigned int i = 0; i < 3; i++)
		ramoops_call(&z, 0x100 + i, i, 2);	/* of no kernel */
	CHECK_TEXT(records(&m, 1, PLACE, ""), "long 0\n");
	CHECK_TEXT(records(&m, 1, PLACE, "long_size=4"), "long 4\n0/2 0:100 1:101 2:102\n");
	CHECK_TEXT(records(&m, 1, PLACE, "long_size=4,cpu_in_ip=1"),
		   "long 4, cpu in ip & 1\n0/0 2:100 514:102\n0/1 258:100\n");
	ramoops_mem_free(&m);
}

/* 7.2 clears the top bit of addresses in modules */
static void test_modules(void)
{
	struct ramoops_mem m = { 0 };
	struct ramoops_made z;
	struct ramoops_log log = { 0 };
	struct ramoops_ftrace f;
	const struct ramoops_how how = { 0 };

	zones(&m, &z, 1, PLACE);
	ramoops_call(&z, 0x7fffffffc0201000, 1, 0);
	ramoops_call(&z, RAMOOPS_IP, 2, 0);
	log.data = m.data + 12;
	log.size = 48;
	ramoops_ftrace_init(&f, &how, &log, 1, false);
	CU_ASSERT_EQUAL(ramoops_ftrace_add(&f, &log, 0), 0);
	CU_ASSERT_EQUAL_FATAL(f.nr, 2);
	CU_ASSERT(f.records[0].ip == 0xffffffffc0201000 && f.records[1].ip == RAMOOPS_IP &&
		  f.nr_modules == 1);
	ramoops_ftrace_deinit(&f);
	ramoops_mem_free(&m);
}

static void test_boots(void)
{
	struct ramoops_mem m = { 0 };
	struct ramoops_made z[2];

	zones(&m, z, 2, PLACE);
	ramoops_call(&z[0], RAMOOPS_IP, 1000, 0);
	ramoops_call(&z[0], RAMOOPS_IP, 1002, 0);
	ramoops_call(&z[0], RAMOOPS_IP, 7, 0);
	ramoops_call(&z[1], RAMOOPS_IP, 1001, 1);
	ramoops_call(&z[1], RAMOOPS_IP, 3, 1);
	ramoops_call(&z[1], RAMOOPS_IP, 9, 1);
	CHECK_TEXT(records(&m, 2, PLACE, ""),
		   "long 8\n0/0 7:100\n0/1 3:100 9:100\n1/0 1000:100 1002:100\n1/1 1001:100\n");
	/* CPUs that counted at once are not another boot */
	ramoops_call(&z[0], RAMOOPS_IP, 500, 0);
	ramoops_call(&z[0], RAMOOPS_IP, 400, 0);
	ramoops_call(&z[0], RAMOOPS_IP, 60, 0);
	ramoops_call(&z[0], RAMOOPS_IP, 7, 0);
	CHECK_TEXT(records(&m, 2, PLACE, ""),
		   "long 8\n0/0 60:100 7:100\n0/1 3:100 9:100\n1/0 7:100 500:100 400:100\n1/1 1001:100\n"
		   "2/0 1000:100 1002:100\n");
	ramoops_mem_free(&m);
}

static void test_many_boots(void)
{
	struct ramoops_mem m = { 0 };
	struct ramoops_made z;
	char *text;

	zones(&m, &z, 1, PLACE);
	for (unsigned int i = 0; i < 20; i++) {
		ramoops_call(&z, RAMOOPS_IP, 1000, 0);
		ramoops_call(&z, RAMOOPS_IP, i, 0);
	}
	text = records(&m, 1, PLACE, "");
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\n7/0 "));
	CU_ASSERT_PTR_NULL(strstr(text, "\n8/0 "));
	free(text);
	ramoops_mem_free(&m);
}

/* CPU 256 has the number of CPU 0 in its records */
static void test_many_cpus(void)
{
	struct ramoops_mem m = { 0 };
	struct ramoops_made z;
	struct ramoops_log log = { 0 };
	struct ramoops_ftrace f;
	const struct ramoops_how how = { 0 };

	zones(&m, &z, 1, PLACE);
	ramoops_call(&z, RAMOOPS_IP, 1, 257);
	log.data = m.data + 12;
	log.size = 24;
	ramoops_ftrace_init(&f, &how, &log, 1, false);
	f.per_cpu = true;
	CU_ASSERT_EQUAL(ramoops_ftrace_add(&f, &log, 257), 0);
	CU_ASSERT_EQUAL(ramoops_ftrace_add(&f, &log, 2), 0);
	CU_ASSERT(f.nr == 2 && f.records[0].cpu == 257 && f.records[1].cpu == 1);
	ramoops_ftrace_deinit(&f);
	ramoops_mem_free(&m);
}

/* Seven calls into a ring, the last of which was counted and not yet written */
static void torn_ring(struct ramoops_mem *m, size_t length, unsigned int written)
{
	uint8_t before[PLACE];
	struct ramoops_made z;

	zones(m, &z, 1, length);
	for (unsigned int i = 0; i < written; i++)
		ramoops_call(&z, RAMOOPS_IP + 16 * i, 1000 + i, 0);
	memcpy(before, m->data, PLACE);
	ramoops_call(&z, RAMOOPS_IP + 16 * written, 1000 + written, 0);
	memcpy(m->data + 12, before + 12, PLACE - 12);
}

static void test_torn(void)
{
	struct ramoops_mem m = { 0 };

	/* of whole records: the oldest stands where the newest should */
	torn_ring(&m, ROOM, 6);
	CHECK_TEXT(records(&m, 1, ROOM, ""),
		   "long 8\n0/0 1001:110 1002:120 1003:130 1004:140 1005:150\ntorn 1, 1 stale; empty 0\n");
	ramoops_mem_free(&m);
	/* it reaches over the ring's end */
	torn_ring(&m, ROOM + 8, 6);
	CHECK_TEXT(records(&m, 1, ROOM + 8, ""),
		   "long 8\n0/0 1001:110 1002:120 1003:130 1004:140 1005:150\ntorn 1, 1 stale; empty 0\n");
	ramoops_mem_free(&m);
	/* not yet gone round: zeros are there */
	torn_ring(&m, ROOM, 3);
	CHECK_TEXT(records(&m, 1, ROOM, ""),
		   "long 8\n0/0 1000:100 1001:110 1002:120\ntorn 1, 0 stale; empty 0\n");
	ramoops_mem_free(&m);
}

static void test_counted_only(void)
{
	struct ramoops_mem m = { 0 };
	struct ramoops_made z;

	zones(&m, &z, 1, PLACE);
	ramoops_call(&z, RAMOOPS_IP, 1, 0);
	ramoops_call(&z, RAMOOPS_IP, 2, 0);
	ramoops_put(&m, 8, 4, 72);
	CHECK_TEXT(records(&m, 1, PLACE, ""),
		   "long 8\n0/0 1:100 2:100\ntorn 1, 0 stale; empty 0\n");
	memset(m.data + 12, 0, 24);
	CHECK_TEXT(records(&m, 1, PLACE, ""), "long 8\n0/0 2:100\ntorn 1, 0 stale; empty 1\n");
	ramoops_mem_free(&m);
}

/* A ring that went round, in which the oldest record is half written over */
static void test_whole_rings(void)
{
	struct ramoops_mem m = { 0 };
	struct ramoops_made z;

	zones(&m, &z, 1, ROOM + 8);
	for (unsigned int i = 0; i < 9; i++)
		ramoops_call(&z, RAMOOPS_IP + 16 * i, 1000 + i, 0);
	CHECK_TEXT(records(&m, 1, ROOM + 8, ""),
		   "long 8\n0/0 1004:140 1005:150 1006:160 1007:170 1008:180\n");
	ramoops_mem_free(&m);
}

static const struct test tests[] = {
	{ "knows the layouts of records", test_layouts },
	{ "takes the CPU from records where one zone is of all", test_one_zone },
	{ "believes the layout that is told", test_told_layout },
	{ "gives addresses of modules their top bit", test_modules },
	{ "tells boots apart by a counter that began anew", test_boots },
	{ "tells only so many boots apart", test_many_boots },
	{ "takes more than 256 CPUs from their zones", test_many_cpus },
	{ "leaves a record out that was not yet written", test_torn },
	{ "leaves records out that are zeros", test_counted_only },
	{ "gives the whole records of a ring that went round", test_whole_rings },
	{ 0 }
};

const struct test_suite suite_ramoops_ftrace = { "ramoops_ftrace", tests };
