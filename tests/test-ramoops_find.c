// SPDX-License-Identifier: GPL-2.0-or-later
/* Zones of ramoops found by what was told, and by their headers. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ramoops-in.h"
#include "ramoops_find.h"
#include "tests.h"

/* "kind-index@pos+zone_size" of each zone, or the error */
static char *find(const struct ramoops_mem *m, const char *text)
{
	static const char kinds[] = "dcpfe";
	const struct merge_region_io io = ramoops_in_io(m);
	struct merge_error err = { 0 };
	struct ramoops_area area;
	struct ramoops_how how;
	char *all = NULL;
	size_t size;
	FILE *out;

	if (ramoops_how_parse(text, &how, &err) ||
	    ramoops_find(&io, &how, NULL, NULL, &err, &area))
		return strdup(err.text);
	out = open_memstream(&all, &size);
	for (size_t i = 0; i < area.nr; i++)
		fprintf(out, "%c%u@%llx+%llx ", kinds[area.zones[i].kind], area.zones[i].index,
			(unsigned long long)area.zones[i].pos,
			(unsigned long long)area.zones[i].zone_size);
	if (area.ecc)
		fprintf(out, "ecc %u%s ", area.ecc, area.found_ecc ? " found" : "");
	if (area.nr_absent)
		fprintf(out, "absent %zu@%llx ", area.nr_absent, (unsigned long long)area.absent);
	if (area.others)
		fprintf(out, "others %zu@%llx ", area.others, (unsigned long long)area.other);
	fclose(out);
	ramoops_area_deinit(&area);
	return all;
}

static void test_by_parameters(void)
{
	struct ramoops_mem m = { 0 };

	ramoops_small(&m, 0x1000);
	CHECK_TEXT(find(&m, "mem_address=0x1000," RAMOOPS_SMALL_HOW),
		   "d0@1000+1000 d1@2000+1000 c0@3000+1000 p0@4000+1000 f0@5000+1000 f1@6000+1000 ");
	/* as the kernel's command line has them; sizes become powers of two */
	CHECK_TEXT(find(&m, "ramoops.mem_address=4096 ramoops.mem_size=24K ramoops.record_size=4100 "
			"ramoops.console_size=0x1fff ramoops.pmsg_size=4K ramoops.ftrace_size=8k"),
		   "d0@1000+1000 d1@2000+1000 c0@3000+1000 p0@4000+1000 f0@5000+1000 f1@6000+1000 ");
	CHECK_TEXT(find(&m, "mem_address=0x1000,mem_size=0x4000,record_size=8K,console_size=4K"),
		   "d0@1000+3000 c0@4000+1000 ");
	CHECK_TEXT(find(&m, "nr_cpus=1,mem_address=0x1000," RAMOOPS_SMALL_HOW),
		   "d0@1000+1000 d1@2000+1000 c0@3000+1000 p0@4000+1000 f0@5000+2000 ");
	/* zones that are not there */
	CHECK_TEXT(find(&m, "nr_cpus=4,mem_address=0x1000," RAMOOPS_SMALL_HOW),
		   "d0@1000+1000 d1@2000+1000 c0@3000+1000 p0@4000+1000 f0@5000+800 f1@6000+800 absent 2@5800 ");
	CHECK_TEXT(find(&m, "mem_address=0x1000,mem_size=0x5000,record_size=4K,console_size=4K"),
		   "d0@1000+1000 d1@2000+1000 d2@3000+1000 d3@4000+1000 absent 1@5000 ");
	CHECK_TEXT(find(&m, "mem_address=0x800," RAMOOPS_SMALL_HOW), "no zone of ramoops is at 0x800");
	CHECK_TEXT(find(&m, "mem_address=0x7000000," RAMOOPS_SMALL_HOW), "no zone of ramoops is at 0x7000000");
	ramoops_mem_free(&m);
}

/* Up to 6.1 */
static void test_old_order(void)
{
	struct ramoops_mem m = { 0 };
	struct ramoops_made z;

	ramoops_mem_init(&m, 0x3000);
	ramoops_zone_make(&z, &m, 0, 0x1000, 0);
	ramoops_zone_make(&z, &m, 0x1000, 0x1000, RAMOOPS_VERSION);
	ramoops_zone_make(&z, &m, 0x2000, 0x1000, 0);
	CHECK_TEXT(find(&m, "mem_size=12K,console_size=4K,ftrace_size=4K,pmsg_size=4K"),
		   "c0@0+1000 f0@1000+1000 p0@2000+1000 ");
	ramoops_mem_free(&m);
}

/* Signatures of kernel/'s series: of one layout, each by the kernel that wrote last */
static void test_signed_by_layout(void)
{
	static const uint32_t signatures[][2] = {
		{ 0x18abcd, 0x18abcd }, { 0x18abcd, 0x181234 }, { 0x130001, 0x13ffff },
		{ 0x18abcd, 0x13abcd }, { RAMOOPS_VERSION, RAMOOPS_VERSION + 1 },
	};

	for (size_t i = 0; i < sizeof(signatures) / sizeof(*signatures); i++) {
		bool together = i < 3;
		struct ramoops_mem m = { 0 };
		struct ramoops_made z;

		ramoops_mem_init(&m, 0x3000);
		ramoops_zone_make(&z, &m, 0, 0x1000, 0);
		ramoops_write(&z, "a message\n", 10);
		ramoops_zone_make(&z, &m, 0x1000, 0x1000, signatures[i][0]);
		ramoops_call(&z, RAMOOPS_IP, 4, 1);
		ramoops_zone_make(&z, &m, 0x2000, 0x1000, signatures[i][1]);
		ramoops_call(&z, RAMOOPS_IP, 5, 0);
		CHECK_TEXT(find(&m, "mem_size=12K,ftrace_size=8K,pmsg_size=4K"),
			   together ? "p0@0+1000 f0@1000+1000 f1@2000+1000 " : "p0@0+1000 f0@1000+2000 ");
		CHECK_TEXT(find(&m, ""), together ? "p0@0+1000 f0@1000+1000 f1@2000+1000 " :
			   "p0@0+1000 f0@1000+0 ");
		ramoops_mem_free(&m);
	}
}

static void test_refuses_parameters(void)
{
	static const struct {
		const char *how, *says;
	} rows[] = {
		{ "size=4", "ramoops has no parameter \"size=4\"" },
		{ "mem_size", "ramoops has no parameter \"mem_size\"" },
		{ "mem_size=", "mem_size cannot be \"\"" },
		{ "mem_size=4X", "mem_size cannot be \"4X\"" },
		{ "mem_size=-4", "mem_size cannot be \"-4\"" },
		{ "mem_size=99999999999999999999", "mem_size cannot be" },
		{ "mem_size=18446744073709551615K", "mem_size cannot be" },
		{ "record_size=1G", "record_size cannot be \"1G\"" },
		{ "ecc=128", "ecc cannot be \"128\"" },
		{ "long_size=5", "long_size is 4 or 8" },
		{ "cpu_in_ip=2", "cpu_in_ip is 1 or 3" },
		{ "mem_size=1M", "mem_size without the size of any zone" },
		{ "record_size=4K", "want mem_size" },
		{ "mem_size=4K,console_size=8K", "larger than mem_size" },
		{ "mem_size=1G,record_size=2K", "more than 65536 zones" },
	};
	struct ramoops_mem m = { 0 };

	ramoops_small(&m, 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char *text = find(&m, rows[i].how);

		CHECK_ROW(strstr(text, rows[i].says) != NULL, rows[i].how);
		free(text);
	}
	ramoops_mem_free(&m);
}

static void test_by_headers(void)
{
	struct ramoops_mem m = { 0 }, big = { .big = true };

	ramoops_small(&m, 0x3000);
	CHECK_TEXT(find(&m, ""),
		   "d0@3000+1000 e0@4000+1000 c0@5000+1000 p0@6000+1000 f0@7000+1000 f1@8000+1000 ");
	/* one of them, and what is behind it */
	CHECK_TEXT(find(&m, "mem_address=0x7000"), "f0@7000+1000 f1@8000+1000 ");
	CHECK_TEXT(find(&m, "mem_address=0x7004"), "no zone of ramoops is at 0x7004");
	ramoops_mem_free(&m);
	ramoops_small(&big, 0);
	CHECK_TEXT(find(&big, ""),
		   "d0@0+1000 e0@1000+1000 c0@2000+1000 p0@3000+1000 f0@4000+1000 f1@5000+1000 ");
	CHECK_TEXT(find(&big, RAMOOPS_SMALL_HOW),
		   "d0@0+1000 d1@1000+1000 c0@2000+1000 p0@3000+1000 f0@4000+1000 f1@5000+1000 ");
	ramoops_mem_free(&big);
}

/* As of 7 CPUs in 64 KiB: zones of 9362 bytes */
static void test_odd_sizes(void)
{
	struct ramoops_mem m = { 0 };
	struct ramoops_made z;
	char *text, *told;

	ramoops_mem_init(&m, 0x11000);
	ramoops_zone_make(&z, &m, 0, 0x1000, 0);
	for (unsigned int i = 0; i < 7; i++) {
		ramoops_zone_make(&z, &m, 0x1000 + 9362 * i, 9362, RAMOOPS_VERSION);
		if (!i)
			ramoops_call(&z, RAMOOPS_IP, 1, 0);
	}
	text = find(&m, "");
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "f0@1000+2492 f1@3492+2492 "));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "f6@eb6c+2492 "));
	told = find(&m, "mem_size=68K,console_size=4K,ftrace_size=64K");
	CU_ASSERT_STRING_EQUAL(text + 1, told + 1);	/* but for what the empty one is */
	free(text);
	free(told);
	ramoops_mem_free(&m);
}

/* What only looks like a header begins no zone */
static void test_headers_that_are_none(void)
{
	static const struct {
		const char *name;
		uint32_t sig, start, size;
		bool good;
		size_t at;
	} rows[] = {
		{ "another signature", 0x43474245, 0, 8, false, 0 },
		{ "version 2.6", 0x43474244 ^ 0x020600, 48, 48, false, 0 },
		{ "version 3.0", 0x43474244 ^ 0x030000, 48, 48, true, 0 },
		{ "version 3.0, and no records", 0x43474244 ^ 0x030000, 0, 8, false, 0 },
		{ "version 32.0", 0x43474244 ^ 0x200000, 48, 48, false, 0 },
		{ "version 6.12 amid a memory", 0x43474244 ^ 0x060c00, 48, 48, false, 0x1000 },
		{ "start behind the size", 0x43474244, 9, 8, false, 0x1000 },
		{ "more than any zone", 0x43474244, 0, 64 << 20, false, 0x1000 },
		{ "all there is room for", 0x43474244, 0, (64 << 20) - 12, true, 0x1000 },
		{ "start at the size", 0x43474244, 8, 8, true, 0x1000 },
		{ "an empty one", 0x43474244, 0, 0, true, 0x1000 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ramoops_mem m = { 0 };
		struct merge_region_io io;
		struct ramoops_made z;

		ramoops_mem_init(&m, 0x2000);
		ramoops_zone_make(&z, &m, rows[i].at, 0x1000, RAMOOPS_VERSION);
		ramoops_call(&z, RAMOOPS_IP, 1, 0);
		ramoops_call(&z, RAMOOPS_IP, 2, 0);
		ramoops_put(&m, rows[i].at, 4, rows[i].sig);
		ramoops_put(&m, rows[i].at + 4, 4, rows[i].start);
		ramoops_put(&m, rows[i].at + 8, 4, rows[i].size);
		io = ramoops_in_io(&m);
		CHECK_ROW(ramoops_find_any(&io) == rows[i].good, rows[i].name);
		ramoops_mem_free(&m);
	}
}

/* A version is any of many numbers: records must be there, and count up */
static void test_functions_alone(void)
{
	static const struct {
		const char *name;
		unsigned int spoilt;	/* of eight records */
		bool back;
		const char *zones;
	} rows[] = {
		{ "records", 0, false, "e0@0+1000 f0@1000+0 " }, { "two of eight are none", 2, false, "e0@0+1000 f0@1000+0 " },
		{ "four of eight are none", 4, false, "e0@0+0 " }, { "counting down", 0, true, "e0@0+0 " },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ramoops_mem m = { 0 };
		struct ramoops_made z;

		ramoops_mem_init(&m, 0x2000);
		ramoops_zone_make(&z, &m, 0, 0x1000, 0);
		ramoops_zone_make(&z, &m, 0x1000, 0x1000, RAMOOPS_VERSION);
		for (unsigned int n = 0; n < 8; n++)
			ramoops_call(&z, n < rows[i].spoilt ? 0x1234 : RAMOOPS_IP,
				     rows[i].back ? 8 - n : n, 0);
		CHECK_ROW(test_text(find(&m, ""), rows[i].zones), rows[i].name);
		ramoops_mem_free(&m);
	}
}

/* Console and messages by what is in them where there is one, else by their order */
static void test_names(void)
{
	static const struct {
		const char *texts[4], *zones;
	} rows[] = {
		{ { "====1.2-D\nx", "[    1.000000] x" }, "d0@0+1000 c0@1000+0 " },
		{ { "<6>[   12.5] x" }, "c0@0+0 " }, { { "a [1.5] b" }, "p0@0+0 " }, { { "[x.5]" }, "p0@0+0 " },
		{ { "first", "second" }, "c0@0+1000 p0@1000+0 " },
		{ { "[    1.000000] x", "", "[    1.000000] y" }, "c0@0+1000 e0@1000+1000 p0@2000+0 " },
		{ { "first", "====1.2-D\nx", "second", "third" }, "d0@0+1000 d1@1000+1000 c0@2000+1000 p0@3000+0 " },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ramoops_mem m = { 0 };
		struct ramoops_made z;

		ramoops_mem_init(&m, 0x4000);
		for (unsigned int n = 0; n < 4 && rows[i].texts[n]; n++) {
			ramoops_zone_make(&z, &m, 0x1000 * n, 0x1000, 0);
			ramoops_write(&z, rows[i].texts[n], strlen(rows[i].texts[n]));
		}
		CHECK_ROW(test_text(find(&m, ""), rows[i].zones), rows[i].texts[0]);
		ramoops_mem_free(&m);
	}
}

static void test_several_areas(void)
{
	struct ramoops_mem m = { 0 };
	struct ramoops_made z;

	ramoops_mem_init(&m, 0x3100000);
	ramoops_zone_make(&z, &m, 0, 0x1000, 0);
	ramoops_zone_make(&z, &m, 0x1800000, 0x1000, 0);
	ramoops_write(&z, "a message", 9);
	ramoops_zone_make(&z, &m, 0x3000000, 0x1000, 0);
	CHECK_TEXT(find(&m, ""), "p0@1800000+0 others 2@0 ");
	CHECK_TEXT(find(&m, "mem_address=0"), "e0@0+0 ");
	ramoops_mem_free(&m);
}

static void test_parity(void)
{
	struct ramoops_mem m = { .ecc = 16 };

	ramoops_small(&m, 0);
	CHECK_TEXT(find(&m, ""),
		   "d0@0+1000 e0@1000+1000 c0@2000+1000 p0@3000+1000 f0@4000+1000 f1@5000+1000 ecc 16 found ");
	CHECK_TEXT(find(&m, "ecc=1"),
		   "d0@0+1000 e0@1000+1000 c0@2000+1000 p0@3000+1000 f0@4000+1000 f1@5000+1000 ecc 16 ");
	/* a header that is only right once its parity was asked */
	m.data[0x2001] ^= 0xff;
	CHECK_TEXT(find(&m, "ecc=1," RAMOOPS_SMALL_HOW),
		   "d0@0+1000 d1@1000+1000 c0@2000+1000 p0@3000+1000 f0@4000+1000 f1@5000+1000 ecc 16 ");
	CHECK_TEXT(find(&m, RAMOOPS_SMALL_HOW),
		   "d0@0+1000 d1@1000+1000 p0@3000+1000 f0@4000+1000 f1@5000+1000 ecc 16 found absent 1@2000 ");
	ramoops_mem_free(&m);
}

static bool stop(void *arg)
{
	return ++*(unsigned int *)arg > 2;
}

static void test_stops(void)
{
	const struct ramoops_how how = { 0 };
	struct merge_error err = { 0 };
	struct ramoops_mem m = { 0 };
	struct ramoops_area area;
	struct merge_region_io io;
	unsigned int asked = 0;

	ramoops_mem_init(&m, 4 << 20);
	io = ramoops_in_io(&m);
	CU_ASSERT_EQUAL(ramoops_find(&io, &how, stop, &asked, &err, &area), -EINTR);
	CU_ASSERT_EQUAL(ramoops_find(&io, &how, NULL, NULL, &err, &area), -ENOTSUP);
	CU_ASSERT_STRING_EQUAL(err.text, "there is no zone of ramoops in it");
	ramoops_mem_free(&m);
}

static const struct test tests[] = {
	{ "divides an area as the kernel's parameters do", test_by_parameters },
	{ "knows the order of older kernels", test_old_order },
	{ "zones for functions signed by their layout go together", test_signed_by_layout },
	{ "refuses parameters that cannot be", test_refuses_parameters },
	{ "finds zones by their headers", test_by_headers },
	{ "finds zones that begin at odd places", test_odd_sizes },
	{ "takes nothing for a header that is none", test_headers_that_are_none },
	{ "wants records where a version may be by chance", test_functions_alone },
	{ "names console and messages", test_names },
	{ "takes the first of several areas that has anything in it", test_several_areas },
	{ "sees parity, and corrects headers", test_parity },
	{ "stops when it is asked to", test_stops },
	{ 0 }
};

const struct test_suite suite_ramoops_find = { "ramoops_find", tests };
