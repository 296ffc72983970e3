// SPDX-License-Identifier: GPL-2.0-or-later
/* Directories of raw sub-buffers: what is read, and what is said of what is not. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "dat-in.h"
#include "pages-in.h"
#include "tests.h"

#define CPU0	"per_cpu/cpu0/trace_pipe_raw"

/* Three sub-buffers, one event each, in CPU 0 and one in CPU 2 */
#define SMALL								\
	"size 4096\nbuffer top clock=local\ncpu 0\n"			\
	"page ts=1000\nevent +1 id=118\npage ts=2000\nevent +1 id=118\n" \
	"page ts=3000\nevent +1 id=118\n"				\
	"cpu 2\npage ts=1500\nevent +1 id=118\n"

/* ---- What is read ----------------------------------------------------------- */

/* @lines: as text too; the boot has names of processes 8 and 9 that no file can hold */
static void check_same(const char *name, const char *text, bool lines)
{
	struct merge_source *image = dat_image(text), *src;
	char *want = dat_in_events(image), *records = pages_in_records(image);
	struct pages_place place;

	pages_place_make(&place, text);
	src = pages_in_open(&place);
	CHECK_ROW(strlen(want) > 60 && strlen(records) > 20, name);
	if (lines)
		CHECK_TEXT(dat_in_events(src), want);
	CHECK_TEXT(pages_in_records(src), records);
	CHECK_TEXT(dat_in_notices(src), "");
	CHECK_ROW(src->nr_buffers == image->nr_buffers && src->long_size == image->long_size &&
		  src->big_endian == image->big_endian, name);
	for (unsigned int i = 0; i < src->nr_buffers; i++) {
		const struct merge_buffer *a = &src->buffers[i], *b = &image->buffers[i];

		CHECK_ROW(!strcmp(a->name, b->name) && !strcmp(a->clock, b->clock) &&
			  a->clock_in_ns == b->clock_in_ns && a->nr_cpus == b->nr_cpus &&
			  a->subbuf_size == b->subbuf_size, name);
		for (unsigned int c = 0; c < a->nr_cpus; c++)
			CHECK_ROW(a->cpus[c].cpu == b->cpus[c].cpu &&
				  a->cpus[c].nr_subbufs == b->cpus[c].nr_subbufs, name);
	}
	merge_source_close(src);
	merge_source_close(image);
	pages_place_remove(&place);
	free(want);
	free(records);
}

static void test_gives_what_the_image_has(void)
{
	static const struct {
		const char *name, *text;
		bool lines;
	} rows[] = {
		{ "two CPUs", SMALL, true },
		{ "two buffers, large sub-buffers, losses", READABLE, false },
		{ "a snapshot, another clock", TWO_BUFFERS, false },
		{ "32 bits", "long 4\n" SMALL, true },
		{ "big endian", "big\n" SMALL, true },
		{ "big endian, 32 bits", "big\nlong 4\n" SMALL, true },
		{ "big endian, large", "big\nsize 65536\ncpu 0\npage ts=7\n"
		  "event +1 id=118 count=3000\n", false },
		{ "only an instance", "size 8192\nbuffer inst clock=mono\ncpu 1\npage ts=7\n"
		  "event +1 id=118 count=3\npage ts=99\nevent +9 id=118\n", true },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		check_same(rows[i].name, rows[i].text, rows[i].lines);
}

static void test_gives_random_streams(void)
{
	for (uint64_t seed = 1; seed <= 20; seed++) {
		char *random = image_random(seed, 1 + seed % 5, seed % 2 ? IMAGE_BACKWARDS : 0);
		char *text, name[32];

		snprintf(name, sizeof(name), "seed %u", (unsigned int)seed);
		CU_ASSERT_FATAL(asprintf(&text, "size 4096\n%s", random) > 0);
		check_same(name, text, false);
		free(random);
		free(text);
	}
}

static unsigned int open_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned int nr = 0;

	while (readdir(dir))
		nr++;
	closedir(dir);
	return nr;
}

/* More CPUs than files may be open, all of them in turn */
static void test_keeps_few_files_open(void)
{
	struct pages_place place;
	struct merge_error err = { 0 };
	struct merge_source *src;
	struct merge_iter *it;
	struct merge_event ev;
	unsigned int before = open_files(), most = 0, nr = 0, wrong = 0;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fprintf(out, "size 4096\n");
	for (unsigned int cpu = 0; cpu < 300; cpu++) {
		fprintf(out, "cpu %u\n", cpu);
		for (unsigned int page = 0; page < 3; page++)
			fprintf(out, "page ts=%u\nevent +1 id=118\n", 1000 * page + cpu);
	}
	fclose(out);
	pages_place_make(&place, text);
	free(text);
	src = pages_in_open(&place);
	CU_ASSERT_EQUAL_FATAL(merge_iter_create(src, NULL, NULL, NULL, &err, &it), 0);
	for (; merge_iter_next(it, &ev) == 1; nr++) {
		unsigned int now = nr % 50 ? 0 : open_files();

		most = now > most ? now : most;
		wrong += ev.ts != 1000 * (nr / 300) + nr % 300 + 1;
	}
	CU_ASSERT_EQUAL(nr, 900);
	CU_ASSERT_EQUAL(wrong, 0);
	CU_ASSERT(most > before + 100 && most <= before + 130);
	merge_iter_destroy(it);
	merge_source_close(src);
	CU_ASSERT_EQUAL(open_files(), before);
	pages_place_remove(&place);
}

static void test_finds_a_place_in_time(void)
{
	struct merge_select sel = { .from = 2500 };
	struct pages_place place;

	pages_place_make(&place, SMALL);
	CHECK_TEXT(image_render(pages_in_open(&place), &sel, NULL), "top/0 3001 3\n");
	/* zeros behind the last sub-buffer have no time that a search could go by */
	pages_cut(&place, CPU0, 9 * 4096);
	CHECK_TEXT(image_render(pages_in_open(&place), &sel, NULL), "top/0 3001 3\n");
	pages_place_remove(&place);
}

/* ---- What is damaged ---------------------------------------------------------- */

#define ALL	"top/0 1001 1\ntop/2 1501 4\ntop/0 2001 2\ntop/0 3001 3\n"
#define ONLY_2	"top/2 1501 4\n"

/*
 * @cut: CPU 0's file ends there; or @at with @bytes, of @len: it is overwritten
 * @want: all that comes; @said: the notices
 */
static const struct damage_row {
	const char *name;
	size_t cut, at;
	const char *bytes;
	size_t len;
	const char *want, *said;
} damages[] = {
	{ "whole", .want = ALL, .said = "" },
	{ "cut amid an event", 8192 + 20,
	  .want = "top/0 1001 1\ntop/2 1501 4\ntop/0 2001 2\n"
		  "! top/0 2@16 EBADMSG rest of the sub-buffer missing\n",
	  .said = "buffer top, cpu 0: " CPU0 " ends within sub-buffer 2: 20 bytes of 4096\n" },
	{ "cut amid a header", 4096 + 9,
	  .want = "top/0 1001 1\n! top/0 1@9 EBADMSG header cut off\ntop/2 1501 4\n",
	  .said = "buffer top, cpu 0: " CPU0 " ends within sub-buffer 1: 9 bytes of 4096\n" },
	{ "cut behind all events", 8192 + 100, .want = ALL,
	  .said = "buffer top, cpu 0: " CPU0 " ends within sub-buffer 2: 100 bytes of 4096\n" },
	{ "a commit beyond the sub-buffer", 0, 4096 + 8, "\xff\xff", 2,
	  .want = "top/0 1001 1\n! top/0 1@8 EBADMSG commit larger than the sub-buffer\n"
		  "top/2 1501 4\ntop/0 3001 3 lost=?\n",
	  .said = "" },
	{ "an event too long", 0, 4096 + 16, "\x1c", 1,
	  .want = "top/0 1001 1\n! top/0 1@16 EBADMSG event longer than what was committed\n"
		  "top/2 1501 4\ntop/0 3001 3 lost=?\n",
	  .said = "" },
};

static void test_tells_damage_of_sub_buffers(void)
{
	for (size_t i = 0; i < sizeof(damages) / sizeof(*damages); i++) {
		const struct damage_row *row = &damages[i];
		struct merge_source *src;
		struct pages_place place;

		pages_place_make(&place, SMALL);
		if (row->cut)
			pages_cut(&place, CPU0, row->cut);
		if (row->bytes)
			pages_poke(&place, CPU0, row->at, row->bytes, row->len);
		src = pages_in_open(&place);
		CHECK_TEXT(dat_in_notices(src), row->said);
		CHECK_TEXT(image_render(src, NULL, NULL), row->want);
		pages_place_remove(&place);
	}
}

/* A file that gets shorter, or away, while it is read */
static void test_tells_of_files_that_go(void)
{
	struct merge_source *src;
	struct pages_place place;

	pages_place_make(&place, SMALL);
	src = pages_in_open(&place);
	pages_cut(&place, CPU0, 8192);
	CHECK_TEXT(image_render(src, NULL, NULL),
		   "top/0 1001 1\ntop/2 1501 4\ntop/0 2001 2\n"
		   "! top/0 2@0 ENODATA " CPU0 " has become shorter\n");
	pages_place_remove(&place);
}

static void check_headers(const char *text, const char *path, int code, const char *part)
{
	struct merge_error err = { 0 };
	struct merge_source *src = NULL;
	struct pages_place place;

	pages_place_make(&place, SMALL);
	pages_write(&place, path, text);
	CU_ASSERT_EQUAL(merge_source_open(place.dir, NULL, &err, &src), code);
	CU_ASSERT_EQUAL(err.code, code);
	CU_ASSERT_EQUAL(strncmp(err.text, place.dir, strlen(place.dir)), 0);
	CHECK_ROW(strstr(err.text, part) != NULL, err.text);
	pages_place_remove(&place);
}

static void test_refuses_other_layouts(void)
{
	check_headers("\tfield: u64 timestamp;\toffset:0;\tsize:4;\tsigned:0;\n",
		      "events/header_page", -ENOTSUP, "events/header_page: its sub-buffers have no");
	check_headers("\ttype_len    :    4 bits\n", "events/header_event", -ENOTSUP,
		      "events/header_event: its events have a type_len of 4 bits");
}

static void test_goes_on_without_header_page(void)
{
	static const char said[] =
		"events/header_page is missing or empty: the kernel is taken for one of 64 bits\n";
	struct merge_source *src;
	struct pages_place place;

	pages_place_make(&place, SMALL);
	pages_write(&place, "events/header_page", "");
	src = pages_in_open(&place);
	CHECK_TEXT(dat_in_notices(src), said);
	CHECK_TEXT(image_render(src, NULL, NULL), ALL);
	pages_unlink(&place, "events/header_page");
	src = pages_in_open(&place);
	CHECK_TEXT(dat_in_notices(src), said);
	CHECK_TEXT(image_render(src, NULL, NULL), ALL);
	pages_place_remove(&place);
}

static void change_byte(const struct pages_place *place, uint64_t *state)
{
	static const char *const paths[] = {
		CPU0, CPU0, CPU0, "per_cpu/cpu2/trace_pipe_raw", "events/header_page",
		"events/test/tick/format", "kallsyms", "saved_cmdlines", "printk_formats",
		"trace_clock", "buffer_subbuf_size_kb", "uname", "per_cpu/cpu0/stats",
	};
	const char *path = paths[test_random(state) % (sizeof(paths) / sizeof(*paths))];
	char byte = (char)test_random(state);

	pages_poke(place, path, test_random(state) % 80, &byte, 1);
}

/* Any byte changed: no harm, seen under ASan */
static void test_is_not_harmed(void)
{
	uint64_t state = 11;
	unsigned int opened = 0;

	for (size_t i = 0; i < 200; i++) {
		struct merge_error err = { 0 };
		struct pages_place place;
		struct merge_source *src;

		pages_place_make(&place, SMALL);
		for (uint64_t n = 1 + test_random(&state) % 4; n; n--)
			change_byte(&place, &state);
		if (!merge_source_open(place.dir, "pages", &err, &src)) {
			opened++;
			free(dat_in_events(src));
			merge_source_close(src);
		} else {
			CU_ASSERT_EQUAL(err.code, -ENOTSUP);
		}
		pages_place_remove(&place);
	}
	CU_ASSERT(opened > 150);
}

/* ---- What is no such directory -------------------------------------------- */

static void test_refuses_what_is_none(void)
{
	struct merge_error err = { 0 };
	struct merge_source *src = NULL;
	struct pages_place place = { "/tmp/test-pages-XXXXXX" };

	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(place.dir));
	CU_ASSERT_EQUAL(merge_source_open(place.dir, NULL, &err, &src), -ENOTSUP);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "a directory: no trace that is known"));
	/* forced, there is just nothing in it */
	CU_ASSERT_EQUAL(merge_source_open(place.dir, "pages", &err, &src), 0);
	CU_ASSERT_EQUAL(merge_source_nr_buffers(src), 0);
	merge_source_close(src);
	src = NULL;
	CU_ASSERT_EQUAL(merge_source_open("/dev/null", "pages", &err, &src), -ENOTDIR);
	CU_ASSERT_STRING_EQUAL(err.text, "/dev/null: Not a directory");
	CU_ASSERT_PTR_NULL(src);
	pages_place_remove(&place);
}

static void test_refuses_the_running_kernels(void)
{
	struct merge_error err = { 0 };
	struct merge_source *src = NULL;
	struct statfs fs;

	if (statfs("/sys/kernel/tracing", &fs) || fs.f_type != 0x74726163) {
		fprintf(stderr, "SKIPPED: no tracefs is mounted ");
		return;
	}
	CU_ASSERT_EQUAL(merge_source_open("/sys/kernel/tracing", "pages", &err, &src), -ENOTSUP);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "docs/pages.md"));
	CU_ASSERT_PTR_NULL(src);
}

static const struct test tests[] = {
	{ "a directory gives what the image has that it is made of", test_gives_what_the_image_has },
	{ "so it is with random streams", test_gives_random_streams },
	{ "only so many files are open at a time", test_keeps_few_files_open },
	{ "a time is found, also before empty sub-buffers", test_finds_a_place_in_time },
	{ "damage of sub-buffers is told where it was done", test_tells_damage_of_sub_buffers },
	{ "files that become shorter while they are read are told of", test_tells_of_files_that_go },
	{ "another layout of sub-buffers or events is refused", test_refuses_other_layouts },
	{ "without a header_page it goes on, and says so", test_goes_on_without_header_page },
	{ "changed bytes of a directory do no harm", test_is_not_harmed },
	{ "what is no such directory is refused", test_refuses_what_is_none },
	{ "the running kernel's tracefs is refused", test_refuses_the_running_kernels },
	{ NULL, NULL }
};
const struct test_suite suite_src_pages = { "src_pages", tests };
