// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Damage told is damage done: of an image of ten sub-buffers on two CPUs some are
 * damaged, and what is counted, written and returned must say which.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "boot.h"
#include "mkimage.h"
#include "tests.h"

#define CPUS		2
#define PAGES		5	/* of each CPU */
#define EVENTS		6	/* of each sub-buffer */
#define EVENT_BYTES	12

/*
 * @page: options of a sub-buffer; @tail: words behind its events
 * @events: how many of them still come
 */
static const struct damage_row {
	const char *name;
	const char *page, *tail;
	unsigned int events;
} rows[] = {
	{ "not readable", " error=14", "", 0 },
	{ "a header that is cut off", " cut=12", "", 0 },
	{ "cut off amid the events", " cut=40", "", 2 },
	{ "a commit beyond the sub-buffer", "", "commit 0x1000\n", 0 },
	{ "a commit with other bits", "", "commit 0x4800000048\n", 0 },
	{ "a commit amid an event", "", "commit 68\n", EVENTS - 1 },
	{ "a length that is too short", "", "head type=0\nword 2\n", EVENTS },
	{ "a length beyond the commit", "", "head type=0\nword 400\n", EVENTS },
	{ "padding beyond the commit", "", "head type=29 delta=1\nword 400\n", EVENTS },
	{ "a time extend without its rest", "", "head type=30 delta=1\n", EVENTS },
	{ "a time stamp without its rest", "", "head type=31 delta=1\n", EVENTS },
	{ "a first length that is bad", "", "poke 16 00000000\npoke 20 02000000\n", 0 },
	{ "a middle length that is bad", "", "poke 52 00000000\npoke 56 03000000\n", 3 },
};

/* Sub-buffers whose bit is in @damaged are so; the bits of CPU 1 come behind those of CPU 0 */
static char *make_image(const struct damage_row *row, unsigned int damaged)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (unsigned int i = 0; i < CPUS * PAGES; i++) {
		bool bad = damaged >> i & 1;

		if (i % PAGES == 0)
			fprintf(out, "cpu %u\n", i / PAGES);
		fprintf(out, "page ts=%u%s\nevent +1 id=%u count=%u\n%s", 1000 * (i % PAGES + 1),
			bad ? row->page : "", TICK, EVENTS, bad ? row->tail : "");
	}
	fclose(out);
	return text;
}

static unsigned int count_lines(const char *text, const char *start)
{
	unsigned int count = 0;

	for (const char *line = text; *line; line = strchrnul(line, '\n'), line += !!*line)
		count += !strncmp(line, start, strlen(start));
	return count;
}

typedef int sink_fn(FILE *out, struct merge_error *err, struct merge_sink **sink);

static void count_damage(void *arg, const struct merge_damage *damage)
{
	unsigned int *mask = arg;

	*mask |= 1u << (damage->cpu * PAGES + damage->subbuf);
}

/* Read it into a sink: its text, and what was counted. @mask: what it was told of */
static char *read_into(const char *image, sink_fn *create, struct merge_stats *stats,
		       unsigned int *mask, int *ret)
{
	struct merge_watch watch = { .damage = count_damage, .arg = mask };
	struct merge_source *src = boot_image(image);
	struct merge_error err = { 0 };
	struct merge_sink *sink;
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	*mask = 0;
	CU_ASSERT_EQUAL_FATAL(create(out, &err, &sink), 0);
	*ret = merge_pump_events(src, NULL, sink, &watch, &err, stats);
	merge_sink_destroy(sink);
	merge_source_close(src);
	fclose(out);
	return text;
}

static void check_counts(const struct damage_row *row, unsigned int damaged,
			 const struct merge_stats *stats, unsigned int told, int ret)
{
	unsigned int nr = __builtin_popcount(damaged), all = CPUS * PAGES * EVENTS;
	unsigned int want = all - nr * (EVENTS - row->events);

	CHECK_ROW(told == damaged, row->name);
	CHECK_ROW(stats->damaged == nr, row->name);
	CHECK_ROW(ret == !!nr, row->name);
	CHECK_ROW(stats->subbufs == CPUS * PAGES, row->name);
	CHECK_ROW(stats->events == want, row->name);
	/* what came and what can at most have been in the damaged ones is all there was */
	CHECK_ROW(stats->events + stats->damaged * EVENTS >= all, row->name);
	CHECK_ROW(stats->bytes + stats->damaged * 256 >= CPUS * PAGES * 256, row->name);
	CHECK_ROW(stats->bytes >= stats->events * EVENT_BYTES, row->name);
	/* every gap is told, where it is: behind the damage, or at the end of a CPU */
	CHECK_ROW(stats->lost_unknown <= nr && !nr == !stats->lost_unknown, row->name);
}

static void check_image(const struct damage_row *row, unsigned int damaged)
{
	unsigned int nr = __builtin_popcount(damaged), told;
	char *image = make_image(row, damaged), *text, want[100];
	struct merge_stats stats;
	int ret;

	text = read_into(image, merge_sink_text_create, &stats, &told, &ret);
	check_counts(row, damaged, &stats, told, ret);
	CHECK_ROW(count_lines(text, "# damaged: buffer top cpu ") == nr, row->name);
	snprintf(want, sizeof(want), ", damaged sub-buffers: %u,", nr);
	CHECK_ROW(strstr(text, want) != NULL, row->name);
	free(text);

	text = read_into(image, merge_sink_json_create, &stats, &told, &ret);
	check_counts(row, damaged, &stats, told, ret);
	CHECK_ROW(count_lines(text, "{\"type\":\"damage\",") == nr, row->name);
	CHECK_ROW(count_lines(text, "{\"type\":\"event\",") == stats.events, row->name);
	snprintf(want, sizeof(want), ",\"damaged\":%u,", nr);
	CHECK_ROW(strstr(strstr(text, "{\"type\":\"end\","), want) != NULL, row->name);
	free(text);
	free(image);
}

static void test_counts(void)
{
	static const unsigned int masks[] = { 0, 1, 0x10, 0x20, 0x108, 0x3ff, 0x155, 0x060 };

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		for (size_t m = 0; m < sizeof(masks) / sizeof(*masks); m++)
			check_image(&rows[i], masks[m]);
}

/* Sub-buffers whose bit is in @early have a time stamp before all others' */
static void check_times(unsigned int early)
{
	unsigned int nr = __builtin_popcount(early), told;
	struct merge_stats stats;
	char *image, *text, name[40];
	size_t size;
	FILE *out = open_memstream(&image, &size);
	int ret;

	snprintf(name, sizeof(name), "early %#x", early);
	for (unsigned int i = 0; i < PAGES; i++)
		fprintf(out, "%spage ts=%u\nevent +1 id=%u count=%u\n", i ? "" : "cpu 0\n",
			early >> i & 1 ? 1 : 1000 * (i + 1), TICK, EVENTS);
	fclose(out);

	text = read_into(image, merge_sink_text_create, &stats, &told, &ret);
	CHECK_ROW(stats.backwards == nr, name);
	CHECK_ROW(stats.events == PAGES * EVENTS, name);
	CHECK_ROW(stats.damaged == 0 && told == 0, name);
	CHECK_ROW(ret == !!nr, name);
	CHECK_ROW(count_lines(text, "# time goes backwards: buffer top cpu 0") == nr, name);
	free(text);

	text = read_into(image, merge_sink_json_create, &stats, &told, &ret);
	CHECK_ROW(stats.backwards == nr, name);
	CHECK_ROW(ret == !!nr, name);
	snprintf(name, sizeof(name), ",\"backwards\":%u,", nr);
	CHECK_ROW(strstr(strstr(text, "{\"type\":\"end\","), name) != NULL, name);
	free(text);
	free(image);
}

static void test_times(void)
{
	static const unsigned int masks[] = { 0, 0x2, 0x4, 0x10, 0xa, 0x12, 0x14 };

	for (size_t i = 0; i < sizeof(masks) / sizeof(*masks); i++)
		check_times(masks[i]);
}

static const struct test tests[] = {
	{ "as many sub-buffers are told to be damaged as are", test_counts },
	{ "as many time stamps are told to go back as do", test_times },
	{ NULL, NULL }
};

const struct test_suite suite_accounting = { "accounting", tests };
