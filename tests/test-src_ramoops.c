// SPDX-License-Identifier: GPL-2.0-or-later
/* Mainline's ramoops as a source: texts, functions in one order, and what is missing. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mkimage.h"
#include "persist-in.h"
#include "ramoops-in.h"
#include "tests.h"

#define TEXTS								\
	"dmesg-0: Panic#1 Part1\n<4>[    1.000000] it ends\n"		\
	"console: [    0.500000] hello\npmsg: a message\n"

static void test_gives_all(void)
{
	static const struct {
		const char *name, *type;
		uint32_t long_size, ecc;
		bool big;
		size_t at;
	} rows[] = {
		{ "a memory", NULL, 8, 0, false, 0x5000 }, { "at a place", "ramoops@0x5000", 8, 0, false, 0x5000 },
		{ "as told", "ramoops:" RAMOOPS_SMALL_HOW, 8, 0, false, 0 },
		{ "parity", "ramoops", 8, 16, false, 0 }, { "big endian", NULL, 8, 0, true, 0 },
		{ "as told, big endian", "ramoops:" RAMOOPS_SMALL_HOW, 8, 0, true, 0 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ramoops_mem m = { .long_size = rows[i].long_size, .ecc = rows[i].ecc,
					 .big = rows[i].big };

		ramoops_small(&m, rows[i].at);
		CHECK_ROW(test_text(ramoops_in_all(ramoops_in_source(&m, rows[i].type)),
				    TEXTS RAMOOPS_SMALL_EVENTS), rows[i].name);
	}
}

static void test_as_text(void)
{
	struct ramoops_mem m = { 0 };
	struct merge_error err = { 0 };
	struct merge_source *src;
	struct merge_sink *sink;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	ramoops_small(&m, 0);
	src = ramoops_in_source(&m, NULL);
	CU_ASSERT_EQUAL_FATAL(merge_sink_text_create(out, &err, &sink), 0);
	CU_ASSERT_EQUAL(merge_pump_events(src, NULL, sink, NULL, &err, NULL), 0);
	merge_sink_destroy(sink);
	fclose(out);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "<XXX>--1      [001] X....            5: 0xffffffff81000050 <-0xffffffff81000200\n"));
	free(text);
	merge_source_close(src);
}

static void test_tells_of_itself(void)
{
	struct ramoops_mem m = { 0 };
	struct merge_source *src;

	ramoops_small(&m, 0x1000);
	src = ramoops_in_source(&m, NULL);
	CU_ASSERT(src->nr_buffers == 1 && src->buffers[0].kind == MERGE_PERSISTENT &&
		  !strcmp(src->buffers[0].clock, "counter") && !src->buffers[0].clock_in_ns);
	CHECK_TEXT(persist_in_remarks(src),
		   "ramoops at 0x1000, divided by the headers of its zones: zones 1 dmesg, 1 console, 1 pmsg, 2 ftrace, 1 empty of a kind not known\n"
		   "text dmesg-0: 40 bytes, stored at 0x1000 in 61\n"
		   "text console: 21 bytes, stored at 0x3000 in 21\n"
		   "text pmsg: 10 bytes, stored at 0x4000 in 10\n"
		   "ftrace: 2 zones of kernel 6.12.117, 144 bytes written, records of 24 bytes\n");
	merge_source_close(src);
}

static void put_boots(struct ramoops_mem *m, unsigned int nr)
{
	struct ramoops_made z;

	ramoops_mem_init(m, 0x2000);
	ramoops_zone_make(&z, m, 0, 0x1000, RAMOOPS_VERSION);
	for (unsigned int i = 0; i < nr; i++) {
		ramoops_call(&z, RAMOOPS_IP, 5, 0);
		ramoops_call(&z, RAMOOPS_IP, 1000 + i, 0);
	}
}

static void test_boots_are_apart(void)
{
	struct ramoops_mem m = { 0 };
	struct merge_source *src;

	put_boots(&m, 2);
	src = ramoops_in_source(&m, NULL);
	CU_ASSERT_EQUAL_FATAL(src->nr_buffers, 2);
	CU_ASSERT(!merge_buffer_is_apart(&src->buffers[0]) && merge_buffer_is_apart(&src->buffers[1]));
	CHECK_TEXT(persist_in_remarks(src),
		   "ramoops at 0x0, divided by the headers of its zones: zones 0 dmesg, 0 console, 0 pmsg, 1 ftrace, 0 empty of a kind not known\n"
		   "ftrace: 1 zones of kernel 6.12.117, 96 bytes written, records of 24 bytes\n"
		   "ftrace: the counter began anew: records of 2 boots; those before the last are ftrace/boot-N, which -p gives\n");
	CHECK_TEXT(ramoops_in_all(src),
		   "ftrace/0 5 2164261120\nftrace/0 1001 2164261120\n"
		   "ftrace/boot-1/0 5 2164261120\nftrace/boot-1/0 1000 2164261120\n");
}

/* More than a sub-buffer has, and with time going back a little */
static void test_many(void)
{
	struct ramoops_mem m = { 0 };
	struct merge_stats stats;
	struct merge_source *src;
	struct ramoops_made z;
	const struct merge_select from = { .from = 1990 };

	ramoops_mem_init(&m, 0x10000);
	ramoops_zone_make(&z, &m, 0, 0x10000, RAMOOPS_VERSION);
	for (unsigned int i = 0; i < 1000; i++)
		ramoops_call(&z, RAMOOPS_IP, 1000 + i - (i % 10 == 9 ? 3 : 0), 0);
	src = ramoops_in_source(&m, NULL);
	CU_ASSERT_EQUAL(src->buffers[0].cpus[0].nr_subbufs, 10);
	free(image_render(src, NULL, &stats));	/* closes it */
	CU_ASSERT(stats.events == 1000 && stats.backwards == 100 && !stats.damaged);
	ramoops_mem_init(&m, 0x10000);
	ramoops_zone_make(&z, &m, 0, 0x10000, RAMOOPS_VERSION);
	for (unsigned int i = 0; i < 1000; i++)
		ramoops_call(&z, RAMOOPS_IP, 1000 + i, 0);
	free(image_render(ramoops_in_source(&m, NULL), &from, &stats));
	CU_ASSERT_EQUAL(stats.events, 10);
}

static void test_tells_damage(void)
{
	static const struct {
		const char *name, *type;
		size_t at, size;
		uint64_t value;
		const char *says;
	} rows[] = {
		{ "no heading", "ramoops:" RAMOOPS_SMALL_HOW, 12, 4, 0,
		  "# zone dmesg-0 has no heading of a dump: it is left out\n" },
		{ "a size beyond the room", "ramoops:" RAMOOPS_SMALL_HOW, 0x2008, 4, 0x2000,
		  "# zone console at 0x2000 is left out: more was written than it has room for (8192 bytes)\n" },
		{ "another signature", "ramoops:" RAMOOPS_SMALL_HOW, 0x3000, 4, 0,
		  "# 1 zones are not where they should be as ramoops was told to be divided, the first at 0x3000\n" },
		{ "compressed text", NULL, 36, 1, 7, "# zone dmesg-0: the compressed text is damaged\n" },
		{ "addresses of no kernel", "ramoops:" RAMOOPS_SMALL_HOW, 0, 0, 0,
		  "# ftrace: 2 zones with 144 bytes of records of no known layout" },
		{ "a record of zeros", "ramoops:" RAMOOPS_SMALL_HOW, 0x4000 + 12, 8, 0, "# ftrace: 1 records are zeros, and left out\n" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ramoops_mem m = { 0 };
		char *text;

		ramoops_small(&m, 0);
		ramoops_put(&m, rows[i].at, rows[i].size, rows[i].value);
		if (!rows[i].size)	/* both halves of them, in all records */
			for (unsigned int r = 0; r < 6; r++)
				memset(m.data + 0x4000 + 0x1000 * (r % 2) + 12 + 24 * (r / 2), 0x11, 24);
		if (rows[i].at == 0x4000 + 12)
			ramoops_put(&m, rows[i].at + 8, 8, 0);
		text = ramoops_in_all(ramoops_in_source(&m, rows[i].type));
		CHECK_ROW(strstr(text, rows[i].says) != NULL, rows[i].name);
		free(text);
	}
}

static void test_cut_off(void)
{
	struct ramoops_mem m = { 0 };
	struct ramoops_made z;
	char *text, words[3000];

	memset(words, 'w', sizeof(words));
	ramoops_mem_init(&m, 0x3000);
	ramoops_zone_make(&z, &m, 0, 0x3000, 0);
	for (unsigned int i = 0; i < 3; i++)
		ramoops_write(&z, words, sizeof(words));
	m.size = 0x2000;
	text = ramoops_in_all(ramoops_in_source(&m, NULL));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "# zone pmsg at 0x0: 820 bytes cannot be read: behind the end, or left out\n"));
	free(text);
}

static void test_uncorrectable(void)
{
	struct ramoops_mem m = { .ecc = 16 };
	char *text;

	ramoops_small(&m, 0);
	memset(m.data + 0x3000 + 12, 'x', 10);
	text = ramoops_in_all(ramoops_in_source(&m, NULL));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "# zone pmsg: 1 blocks of 128 bytes are damaged beyond what their parity can correct\n"));
	free(text);
}

static void test_refuses(void)
{
	struct ramoops_mem m = { 0 };
	struct merge_error err = { 0 };

	ramoops_mem_init(&m, 0x2000);
	CU_ASSERT_PTR_NULL(ramoops_in_open(&m, "ramoops", &err));
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "there is no zone of ramoops in it"));
	CU_ASSERT_PTR_NULL(ramoops_in_open(&m, "ramoops:x=1", &err));
	CU_ASSERT_EQUAL(err.code, -EINVAL);
	CU_ASSERT_PTR_NULL(ramoops_in_open(&m, NULL, &err));
	CU_ASSERT_EQUAL(err.code, -ENOTSUP);
	ramoops_mem_free(&m);
}

static void test_changed_bytes(void)
{
	uint64_t state = 17;

	for (unsigned int n = 0; n < 1500; n++) {
		struct ramoops_mem m = { .ecc = n % 3 ? 0 : 16, .long_size = n % 5 ? 8 : 4,
					 .big = n % 7 == 0 };
		struct merge_error err = { 0 };
		struct merge_source *src;

		ramoops_small(&m, 0);
		for (uint64_t i = 0; i <= test_random(&state) % 8; i++) {
			uint64_t zone = test_random(&state) % 6 * 0x1000;

			m.data[zone + test_random(&state) % (n % 2 ? 12 : 0x1000)] =
				(uint8_t)test_random(&state);
		}
		m.size -= test_random(&state) % 4 ? 0 : test_random(&state) % m.size;
		src = ramoops_in_open(&m, n % 4 ? "ramoops" : "ramoops:" RAMOOPS_SMALL_HOW, &err);
		CU_ASSERT_EQUAL(!src, !!*err.text);
		if (src)
			free(ramoops_in_all(src));
		ramoops_mem_free(&m);
	}
}

static const struct test tests[] = {
	{ "gives texts, and functions in one order", test_gives_all },
	{ "shows functions as the kernel does", test_as_text },
	{ "tells what it is", test_tells_of_itself },
	{ "keeps boots apart", test_boots_are_apart },
	{ "gives more than a sub-buffer has", test_many },
	{ "tells what is damaged", test_tells_damage },
	{ "tells what is cut off", test_cut_off },
	{ "tells what parity cannot correct", test_uncorrectable },
	{ "refuses what has none", test_refuses },
	{ "changed bytes of ramoops do no harm", test_changed_bytes },
	{ 0 }
};

const struct test_suite suite_src_ramoops = { "src_ramoops", tests };
