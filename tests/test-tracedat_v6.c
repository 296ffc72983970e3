// SPDX-License-Identifier: GPL-2.0-or-later
/* trace.dat of version 6: read by dat.c, and by trace-cmd where it is. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dat-make.h"
#include "mkimage.h"
#include "tests.h"

static void test_has_tables_of_all_cpus(void)
{
	struct dat *dat = dat_write(6, TWO_BUFFERS);
	const struct dat_ring *top = &dat->rings[0], *snap = &dat->rings[1];

	CU_ASSERT_EQUAL(dat->page_size, 65536);
	CU_ASSERT_EQUAL(dat->long_size, 8);
	CU_ASSERT_EQUAL(dat->nr_cpus, 7);
	CU_ASSERT_EQUAL(dat_number(dat, dat_option(dat, CPUCOUNT)->data, 4), 7);
	CU_ASSERT_EQUAL_FATAL(dat->nr_rings, 2);
	CU_ASSERT_STRING_EQUAL(top->name, "");
	CU_ASSERT_EQUAL_FATAL(top->nr_cpus, 2);
	CU_ASSERT_EQUAL(top->cpus[0].cpu, 0);
	CU_ASSERT_EQUAL(top->cpus[1].cpu, 3);
	CU_ASSERT_STRING_EQUAL(snap->name, "snap.snapshot");
	CU_ASSERT_EQUAL(strncmp(snap->clock, "[counter]", 9), 0);
	CU_ASSERT_EQUAL_FATAL(snap->nr_cpus, 1);
	CU_ASSERT_EQUAL(snap->cpus[0].cpu, 6);
	dat_close(dat);
}

static void test_packs_small_sub_buffers(void)
{
	struct dat *dat = dat_write(6, TWO_BUFFERS);
	const struct dat_ring *top = &dat->rings[0];

	/* a loss begins a sub-buffer */
	CU_ASSERT_EQUAL(top->cpus[0].size, 2 * 65536);
	CHECK_TEXT(dat_events(dat, top, &top->cpus[0]), "1010 1\n1030 2\nlost 3\n2010 3\n");
	CHECK_TEXT(dat_events(dat, top, &top->cpus[1]), "1501 4\n");
	CU_ASSERT_EQUAL(dat->rings[1].cpus[0].size, 65536);
	dat_close(dat);
}

static void test_takes_the_largest_size(void)
{
	struct dat *dat = dat_write(6,
		"size 4096\nbuffer inst\ncpu 1\npage ts=1\nevent +1 id=118\n"
		"size 65536\nbuffer empty\ncpu 0\npage ts=1\nsize 8192\n"
		"buffer top\ncpu 0\npage ts=1\nevent +1 id=118\npage ts=2 missed=4\nevent +9 id=118\n");

	/* an empty buffer's size does not count */
	CU_ASSERT_EQUAL(dat->page_size, 8192);
	CU_ASSERT_EQUAL_FATAL(dat->nr_rings, 3);
	CHECK_TEXT(dat_events(dat, &dat->rings[0], &dat->rings[0].cpus[0]), "2 2\nlost 4\n11 3\n");
	CU_ASSERT_STRING_EQUAL(dat->rings[1].name, "inst");
	CHECK_TEXT(dat_events(dat, &dat->rings[1], &dat->rings[1].cpus[0]), "2 1\n");
	CU_ASSERT_STRING_EQUAL(dat->rings[2].name, "empty");
	CU_ASSERT_EQUAL(dat->rings[2].nr_cpus, 0);
	dat_close(dat);
}

/* An absolute time stamp in the header, a discarded event in the next one's delta */
static void test_has_only_what_old_readers_know(void)
{
	static const uint8_t want[] = {
		51, 0, 0, 0, 0, 0, 0, 0, 24, 0, 0, 0, 0, 0, 0, 0,
		2, 0, 0, 0, 118, 0, 0, 0, 1, 0, 0, 0,
		2 | 4 << 5, 0, 0, 0, 118, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0,
	};
	struct dat *dat = dat_write(6, "size 4096\nbuffer top\ncpu 0\npage ts=1\nstamp 50\n"
				       "event +1 id=118\ndiscard +3 len=8\nevent +1 id=118\n");

	CU_ASSERT_EQUAL(memcmp(dat->bytes + dat->rings[0].cpus[0].offset, want, sizeof(want)), 0);
	dat_close(dat);
}

/* Every block that both versions have is the same in both. */
static void test_says_what_version_7_says(void)
{
	static const unsigned int sections[] = {
		FTRACE_EVENTS, EVENT_FORMATS, KALLSYMS, PRINTK, CMDLINES,
	};
	static const unsigned int texts[] = { CPUSTAT, TRACECLOCK, UNAME, VERSION };
	struct dat *six = dat_write(6, TWO_BUFFERS), *seven = dat_write(7, TWO_BUFFERS);

	for (size_t i = 0; i < sizeof(sections) / sizeof(*sections); i++) {
		const struct dat_section *a = dat_section(six, sections[i]);
		const struct dat_section *b = dat_section(seven, sections[i]);

		CU_ASSERT_EQUAL_FATAL(a->size, b->size);
		CU_ASSERT_EQUAL(memcmp(a->data, b->data, a->size), 0);
	}
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		char *want = dat_texts(seven, texts[i]);

		CHECK_TEXT(dat_texts(six, texts[i]), want);
		free(want);
	}
	CU_ASSERT_STRING_EQUAL(six->clock, "[local]");
	CU_ASSERT_EQUAL(dat_number(six, dat_option(six, TRACEID)->data, 8),
			dat_number(seven, dat_option(seven, TRACEID)->data, 8));
	dat_close(seven);
	dat_close(six);
}

static void test_describes_its_page_size(void)
{
	struct dat *dat = dat_write(6, TWO_BUFFERS);
	const struct dat_section *s = dat_section(dat, HEADER_INFO);

	CU_ASSERT_STRING_EQUAL((const char *)s->data, "header_page");
	CU_ASSERT_PTR_NOT_NULL(memmem(s->data, s->size, "size:65520;", 11));
	dat_close(dat);
}

static void test_writes_the_kernels_byte_order(void)
{
	struct dat *dat = dat_write(6, "big\nlong 4\n" TWO_BUFFERS);

	CU_ASSERT_TRUE(dat->big_endian);
	CU_ASSERT_EQUAL(dat->long_size, 4);
	CHECK_TEXT(dat_events(dat, &dat->rings[0], &dat->rings[0].cpus[0]),
		   "1010 1\n1030 2\nlost 3\n2010 3\n");
	dat_close(dat);
}

static void test_writes_files_without_a_top_buffer(void)
{
	struct dat *none = dat_write(6, "notice\n");
	struct dat *inst = dat_write(6, "size 4096\nbuffer inst clock=mono\ncpu 2\n"
					"page ts=1\nevent +1 id=118\n");

	CU_ASSERT_EQUAL(none->nr_rings, 1);
	CU_ASSERT_EQUAL(none->rings[0].nr_cpus, 0);
	CU_ASSERT_EQUAL(none->page_size, 4096);
	CU_ASSERT_PTR_NULL(none->clock);
	CU_ASSERT_EQUAL(inst->nr_rings, 2);
	CU_ASSERT_EQUAL(inst->rings[0].nr_cpus, 0);
	CU_ASSERT_STRING_EQUAL(inst->clock, "[mono]");
	CHECK_TEXT(dat_events(inst, &inst->rings[1], &inst->rings[1].cpus[0]), "2 1\n");
	dat_close(inst);
	dat_close(none);
}

static void test_stops_when_interrupted(void)
{
	struct merge_source *src = dat_image(TWO_BUFFERS);
	struct merge_error err = { 0 };
	struct merge_sink *sink;
	struct dat_place place;

	/* five sub-buffers are read, then they are put in their places */
	dat_place_make(&place);
	CU_ASSERT_EQUAL_FATAL(merge_sink_tracedat_create(place.path, 6, &err, &sink), 0);
	image_of(src)->interrupt_at = 7;
	CU_ASSERT_EQUAL(merge_pump_pages(src, NULL, sink, NULL, &err, NULL), -EINTR);
	CU_ASSERT_EQUAL(image_pages_read(src), 5);
	merge_sink_destroy(sink);
	CU_ASSERT_EQUAL(dat_place_count(&place), 0);
	dat_place_remove(&place);
	merge_source_close(src);
}

static void test_is_read_by_trace_cmd(void)
{
	char *six = dat_report(6, READABLE), *seven;

	if (!six)
		return;
	seven = dat_report(7, READABLE);
	CU_ASSERT_PTR_NOT_NULL(strstr(six, "CPU:0 [3 EVENTS DROPPED]"));
	CU_ASSERT_PTR_NOT_NULL(strstr(six, "big:"));
	CHECK_TEXT(six, seven);
	free(seven);
}

static const struct test tests[] = {
	{ "every buffer has a table of all CPUs", test_has_tables_of_all_cpus },
	{ "small sub-buffers are packed into those of the largest size",
	  test_packs_small_sub_buffers },
	{ "the largest size is that of a buffer with events", test_takes_the_largest_size },
	{ "records are those that old readers know", test_has_only_what_old_readers_know },
	{ "descriptions and options are those of version 7", test_says_what_version_7_says },
	{ "the ring buffer is described with the file's size", test_describes_its_page_size },
	{ "numbers are in the kernel's byte order", test_writes_the_kernels_byte_order },
	{ "files without a top-level buffer can be written",
	  test_writes_files_without_a_top_buffer },
	{ "an interrupt while the sub-buffers are put in place ends it",
	  test_stops_when_interrupted },
	{ "trace-cmd reads it as it reads version 7", test_is_read_by_trace_cmd },
	{ NULL, NULL }
};

const struct test_suite suite_tracedat_v6 = { "tracedat_v6", tests };
