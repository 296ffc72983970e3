// SPDX-License-Identifier: GPL-2.0-or-later
/* trace.dat made of selected events, in both versions. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "dat-make.h"
#include "mkimage.h"
#include "tests.h"

/* All rings of @dat: "= NAME", "CPU" and its events */
static char *rings_text(const struct dat *dat)
{
	char *text = NULL, *events;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (size_t i = 0; i < dat->nr_rings; i++) {
		const struct dat_ring *ring = &dat->rings[i];

		fprintf(out, "= %s\n", ring->name);
		for (uint32_t k = 0; k < ring->nr_cpus; k++) {
			events = dat_events(dat, ring, &ring->cpus[k]);
			fprintf(out, "cpu %u\n%s", ring->cpus[k].cpu, events);
			free(events);
		}
	}
	fclose(out);
	return text;
}

static char *selected(unsigned int version, const char *text, const struct merge_select *sel)
{
	struct dat *dat = dat_write_events(version, text, sel);
	char *rings = rings_text(dat);

	dat_close(dat);
	return rings;
}

/* Two clocks, so two groups; ids 118 is tick, 5 print; sub-buffers of two sizes */
#define MIXED								\
	"size 256\nbuffer top\n"					\
	"cpu 0\npage ts=100\nevent +0 id=118\nevent +10 id=5 len=12\n"	\
	"event +10 id=118\npage ts=200 missed=2\nevent +0 id=5 len=12\n" \
	"event +1 id=118\nevent +4 id=118\n"				\
	"cpu 1\n"							\
	"cpu 3\npage ts=105\nevent +0 id=118\nevent +300000000 id=118\n" \
	"size 512\nbuffer other clock=mono\n"				\
	"cpu 1\npage ts=7\nevent +0 id=118\nevent +1 id=118\n"		\
	"size 256\nbuffer inst\n"					\
	"cpu 3\npage ts=104\nevent +0 id=5 len=12\npage error=5\npage ts=90\nevent +0 id=118\n"

static const unsigned int versions[] = { 6, 7 };

static void check_both(const struct merge_select *sel, const char *want)
{
	for (size_t i = 0; i < 2; i++)
		CHECK_TEXT(selected(versions[i], MIXED, sel), want);
}

static void test_has_all_events(void)
{
	check_both(&(struct merge_select){ .from = 1 },
		   "= \ncpu 0\n100 1\n110 2\n120 3\nlost 2\n200 4\n201 5\n205 6\n"
		   "cpu 3\n105 7\n300000105 8\n"
		   "= inst\ncpu 3\n104 11\nlost ?\n90 12\n"
		   "= other\ncpu 1\n7 9\n8 10\n");
}

static void test_selects_events(void)
{
	static const char *const tick[] = { ":tick" }, *const none[] = { "nothing" };

	/* a loss goes to the next event that is wanted */
	check_both(&(struct merge_select){ .events = tick, .nr_events = 1 },
		   "= \ncpu 0\n100 1\n120 3\nlost 2\n201 5\n205 6\ncpu 3\n105 7\n300000105 8\n"
		   "= inst\ncpu 3\nlost ?\n90 12\n= other\ncpu 1\n7 9\n8 10\n");
	check_both(&(struct merge_select){ .events = none, .nr_events = 1 },
		   "= \n= inst\n= other\n");
}

static void test_selects_by_time_and_number(void)
{
	static const unsigned int top[] = { 0 }, cpu0[] = { 0 };

	check_both(&(struct merge_select){ .from = 110, .to = 204, .buffers = top, .nr_buffers = 1 },
		   "= \ncpu 0\n110 2\n120 3\nlost 2\n200 4\n201 5\n");
	check_both(&(struct merge_select){ .last = 2, .cpus = cpu0, .nr_cpus = 1,
					   .buffers = top, .nr_buffers = 1 },
		   "= \ncpu 0\n201 5\n205 6\n");
	/* the last of each group */
	check_both(&(struct merge_select){ .last = 1 },
		   "= \ncpu 3\n300000105 8\n= inst\n= other\ncpu 1\n8 10\n");
}

/* The events of one CPU as the merge gives them, as dat_events() prints them */
static void print_stream(FILE *out, struct merge_source *src, unsigned int buffer,
			 unsigned int cpu)
{
	struct merge_select sel = {
		.buffers = &buffer, .nr_buffers = 1, .cpus = &cpu, .nr_cpus = 1,
	};
	const char *title = "cpu %u\n";
	struct merge_iter *it;
	struct merge_event ev;

	CU_ASSERT_EQUAL_FATAL(merge_iter_create(src, &sel, NULL, NULL, NULL, &it), 0);
	for (; merge_iter_next(it, &ev) == 1; title = "") {
		fprintf(out, title, cpu);
		if (ev.lost == MERGE_LOST_UNKNOWN)
			fprintf(out, "lost ?\n");
		else if (ev.lost)
			fprintf(out, "lost %" PRIu64 "\n", ev.lost);
		fprintf(out, "%" PRIu64 " %u\n", ev.ts, ((const uint8_t *)ev.data)[4]);
	}
	merge_iter_destroy(it);
}

static char *merged(const char *image)
{
	struct merge_source *src = dat_image(image);
	const struct merge_buffer *buf;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (unsigned int i = 0; (buf = merge_source_buffer(src, i)); i++) {
		fprintf(out, "= %s\n", *buf->instance ? buf->name : "");
		for (unsigned int c = 0; c < buf->nr_cpus; c++)
			print_stream(out, src, i, buf->cpus[c].cpu);
	}
	fclose(out);
	merge_source_close(src);
	return text;
}

/* Damage, losses, times that go back: all is as the merge gives it. */
static void test_random_streams(void)
{
	for (uint64_t seed = 1; seed < 60; seed++) {
		char *image = image_random(seed, 3, IMAGE_BACKWARDS | IMAGE_DAMAGE);
		char *want = merged(image);

		for (size_t i = 0; i < 2; i++)
			CHECK_TEXT(selected(versions[i], image, &(struct merge_select){ .from = 1 }),
				   want);
		free(want);
		free(image);
	}
}

/* What was overwritten before the first is told where nothing else is left out. */
static void test_tells_overruns(void)
{
	static const char image[] =
		"size 256\nbuffer top\ncpu 0\npage ts=5 overrun=9\n"
		"page ts=6 overrun=3\nevent +1 id=118\nevent +1 id=5\n"
		"cpu 1\npage ts=1 overrun=4 missed=1\nevent +0 id=5\nevent +8 id=118\n";
	static const char *const tick[] = { ":tick" };
	static const struct {
		struct merge_select sel;
		const char *want;
	} rows[] = {
		{ { .from = 1 }, "= \ncpu 0\n7 1\n8 2\ncpu 1\nlost 1\n1 3\n9 4\n" },
		{ { .from = 1, .overruns = true },
		  "= \ncpu 0\nlost 12\n7 1\n8 2\ncpu 1\nlost 5\n1 3\n9 4\n" },
		{ { .from = 8, .overruns = true }, "= \ncpu 0\n8 2\ncpu 1\n9 4\n" },
		{ { .last = 1, .overruns = true }, "= \ncpu 1\n9 4\n" },
		{ { .events = tick, .nr_events = 1, .overruns = true },
		  "= \ncpu 0\nlost 12\n7 1\ncpu 1\nlost 5\n9 4\n" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		CHECK_ROW(test_text(selected(6 + i % 2, image, &rows[i].sel), rows[i].want),
			  rows[i].want);
}

static void test_holds_the_formats_seen(void)
{
	static const char *const tick[] = { ":tick" };
	struct dat *dat = dat_write_events(7, MIXED,
		&(struct merge_select){ .events = tick, .nr_events = 1 });

	CU_ASSERT_EQUAL(dat_number(dat, dat_section(dat, FTRACE_EVENTS)->data, 4), 0);
	CU_ASSERT_EQUAL(dat_number(dat, dat_section(dat, EVENT_FORMATS)->data, 4), 1);
	dat_close(dat);
}

/* Stops the pump in the middle, at any of its polls; nothing is left. */
static void test_leaves_nothing_when_interrupted(void)
{
	for (unsigned int at = 1; at < 12; at++) {
		struct merge_source *src = dat_image(MIXED);
		struct merge_error err = { 0 };
		struct merge_sink *sink;
		struct dat_place place;
		int ret;

		dat_place_make(&place);
		CU_ASSERT_EQUAL_FATAL(merge_sink_tracedat_create(place.path, versions[at % 2],
								 &err, &sink), 0);
		image_of(src)->interrupt_at = at;
		ret = merge_pump_events(src, &(struct merge_select){ .from = 1 }, sink, NULL,
					&err, NULL);
		CU_ASSERT_EQUAL(ret, -EINTR);
		merge_sink_destroy(sink);
		CU_ASSERT_EQUAL(dat_place_count(&place), 0);
		dat_place_remove(&place);
		merge_source_close(src);
	}
}

static const struct test tests[] = {
	{ "all events with their times, CPUs and losses", test_has_all_events },
	{ "events by name; a loss goes to the next one wanted", test_selects_events },
	{ "events by time and number, as the pump gives them", test_selects_by_time_and_number },
	{ "random streams are as the merge gives them", test_random_streams },
	{ "what was overwritten before the first event is told on request", test_tells_overruns },
	{ "only the formats of selected events are there", test_holds_the_formats_seen },
	{ "an interrupt at any time leaves nothing", test_leaves_nothing_when_interrupted },
	{ NULL, NULL }
};

const struct test_suite suite_tracedat_events = { "tracedat_events", tests };
