// SPDX-License-Identifier: GPL-2.0-or-later
/* Mainline's persistent ring buffers: found, in order, described by another source. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bootring.h"
#include "dat-in.h"
#include "mkbootring.h"
#include "persist-in.h"
#include "tests.h"

/* CPU 0 has three sub-buffers, CPU 1 has two, CPU 2 one, CPU 3 none */
#define SMALL								\
	"size 4096\nbuffer top clock=local\nsymbol 0xffffffff81234560 name=rb_meta_init_text_addr\n" \
	"symbol 0xffffffff81234560 name=_text\n"			\
	"cpu 0\npage ts=1000\nevent +1 id=118\npage ts=2000\nevent +1 id=118\n" \
	"page ts=3000\nevent +1 id=118\n"				\
	"cpu 1\npage ts=1500\nevent +1 id=118\npage ts=2500\nevent +1 id=118\n" \
	"cpu 2\npage ts=1700\nevent +1 id=118\ncpu 3\n"
#define EVENTS								\
	"bootring/0 1001 1\nbootring/1 1501 4\nbootring/2 1701 6\nbootring/0 2001 2\n" \
	"bootring/1 2501 5\nbootring/0 3001 3\n"

static void make(struct bootring_made *m, const char *text, const struct bootring_how *how)
{
	struct merge_source *image = image_open(text);

	bootring_make(m, image, how);
	merge_source_close(image);
}

static void make_small(struct bootring_made *m, bool heads)
{
	const struct bootring_how how = { .heads = heads };

	make(m, SMALL, &how);
}

/* Events and notices, or the error; frees it */
static char *read_all(struct bootring_made *m, const char *type)
{
	struct merge_error err = { 0 };
	struct merge_source *src = persist_in_open(m->data, m->size, 0, type, &err);
	const char *text = strchr(err.text, ' ');

	bootring_made_free(m);
	/* without the file's name */
	return src ? persist_in_all(src) : strdup(text ? text + 1 : err.text);
}

static void test_gives_what_was_recorded(void)
{
	static const struct {
		const char *name, *prefix, *type;
		struct bootring_how how;
	} rows[] = {
		{ "6.12", "", NULL, { 0 } }, { "later", "", NULL, { .heads = true } },
		{ "with two numbers more", "", NULL, { .heads = true, .more = true } },
		{ "32 bits", "long 4\n", NULL, { 0 } }, { "32 bits, later", "long 4\n", NULL, { .heads = true } },
		{ "32 bits, more", "long 4\n", NULL, { .heads = true, .more = true } },
		{ "big endian", "big\n", NULL, { 0 } }, { "big, later", "big\n", NULL, { .heads = true } },
		{ "in a memory", "", NULL, { .at = 0x123000 } },
		{ "at a place", "", "bootring@0x3000", { .at = 0x3000, .heads = true } },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct bootring_made m;
		char *text;

		CU_ASSERT_FATAL(asprintf(&text, "%s" SMALL, rows[i].prefix) > 0);
		make(&m, text, &rows[i].how);
		CHECK_ROW(test_text(read_all(&m, rows[i].type), EVENTS), rows[i].name);
		free(text);
	}
}

static void test_finds_a_place_in_time(void)
{
	const struct merge_select last = { .last = 2 };
	struct merge_error err = { 0 };
	struct bootring_made m;

	make_small(&m, false);
	CHECK_TEXT(image_render(persist_in_open(m.data, m.size, 0, NULL, &err), &last, NULL),
		   "bootring/1 2501 5\nbootring/0 3001 3\n");
	bootring_made_free(&m);
}

static void test_tells_of_itself(void)
{
	const struct bootring_how mono = { .heads = true, .clock_id = 5 }, odd = { .heads = true, .clock_id = 99 };
	struct merge_error err = { 0 };
	struct merge_source *src;
	struct bootring_made m;

	make_small(&m, false);
	src = persist_in_open(m.data, m.size, 0, NULL, &err);
	CU_ASSERT_PTR_NOT_NULL_FATAL(src);
	CU_ASSERT(!strcmp(src->buffers[0].clock, "local") && src->buffers[0].clock_in_ns &&
		  src->buffers[0].kind == MERGE_PERSISTENT && src->buffers[0].nr_cpus == 4);
	CHECK_TEXT(persist_in_remarks(src),
		   "persistent ring buffer at 0x0, as kernels from 6.12 to 6.14 lay it out: 4 CPUs with 6 sub-buffers of 4096 bytes each; the kernel that wrote had text at 0xffffffff81234560\n"
		   "nothing tells the trace clock: it is taken to be local, as it is unless somebody changed it\n");
	merge_source_close(src);
	bootring_made_free(&m);
	make(&m, SMALL, &mono);
	src = persist_in_open(m.data, m.size, 0, NULL, &err);
	CU_ASSERT(!strcmp(src->buffers[0].clock, "mono") && src->buffers[0].clock_in_ns);
	merge_source_close(src);
	bootring_made_free(&m);
	make(&m, SMALL, &odd);
	src = persist_in_open(m.data, m.size, 0, NULL, &err);
	CU_ASSERT(!strcmp(src->buffers[0].clock, "unknown") && !src->buffers[0].clock_in_ns);
	merge_source_close(src);
	bootring_made_free(&m);
}

static void test_several(void)
{
	const struct bootring_how behind = { .at = 0x100000 };
	struct bootring_made m, first;
	struct merge_error err = { 0 };
	struct merge_source *src;
	char *remarks;

	make_small(&first, true);
	make(&m, "size 4096\ncpu 0\npage ts=7\nevent +1 id=118\n", &behind);
	memcpy(m.data, first.data, first.size);
	src = persist_in_open(m.data, m.size, 0, NULL, &err);
	remarks = persist_in_remarks(src);
	CU_ASSERT_PTR_NOT_NULL(strstr(remarks, "1 more persistent ring buffers, the first at 0x100000"));
	free(remarks);
	CHECK_TEXT(persist_in_all(src), EVENTS);
	bootring_made_free(&first);
	CHECK_TEXT(read_all(&m, "bootring@0x100000"), "bootring/0 8 1\n");
}

/* ---- Damage --------------------------------------------------------------- */

#define BY_TIME	": sub-buffers are ordered by their times, and what a reader had got may be among them\n"

#define AMID	1	/* of the second sub-buffer */

static void test_damaged_order(void)
{
	static const struct {
		const char *name;
		int field;	/* of first, head, commit; -1: buffers[] at @index */
		uint32_t index;
		uint64_t value;
		const char *why;
	} rows[] = {
		{ "head elsewhere", 1, 0, 0x1234, "its head is no sub-buffer" },
		{ "head amid one", 1, 0, AMID, "its head is no sub-buffer" },
		{ "commit elsewhere", 2, 0, 0, "what was committed last is no sub-buffer" },
		{ "another first", 0, 0, 0xffffffffffff0000, "its head is no sub-buffer" },
		{ "a number too high", -1, 4, 6, "it names a sub-buffer there is not" },
		{ "a negative number", -1, 4, 0xffffffff, "it names a sub-buffer there is not" },
		{ "one twice", -1, 4, 5, "it names sub-buffers twice" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct bootring_made m;
		char *want;

		make_small(&m, i % 2);
		bootring_put(&m, rows[i].field < 0 ? m.buffers[0] + 4 * rows[i].index :
			     bootring_first(&m, 0) + 8 * (unsigned int)rows[i].field,
			     rows[i].field < 0 ? 4 : 8, rows[i].value != AMID ? rows[i].value :
			     bootring_get(&m, bootring_first(&m, 0), 8) + 4096 + 8);
		CU_ASSERT_FATAL(asprintf(&want, EVENTS "# cpu 0 at 0x%zx: %s" BY_TIME, m.meta[0],
					 rows[i].why) > 0);
		CHECK_ROW(test_text(read_all(&m, NULL), want), rows[i].name);
		free(want);
	}
}

/* Only what is between head and commit is unread; the head may be the reader's */
static void test_stale(void)
{
	struct bootring_made m;
	uint64_t first;

	make_small(&m, false);
	first = bootring_get(&m, bootring_first(&m, 0), 8);
	bootring_put(&m, bootring_first(&m, 0) + 16, 8, first + 4096ull * bootring_index(&m, 1));
	CHECK_TEXT(read_all(&m, NULL),
		   "bootring/0 1001 1\nbootring/1 1501 4\nbootring/2 1701 6\nbootring/0 2001 2\nbootring/1 2501 5\n");
	make_small(&m, false);
	bootring_put(&m, bootring_first(&m, 0) + 8, 8, first + 4096ull * bootring_index(&m, 0));
	CHECK_TEXT(read_all(&m, NULL), EVENTS "# cpu 0 at 0x0: its head is not in the ring" BY_TIME);
}

/* Between two stores of rb_update_meta_reader(): the new reader's is named twice */
static void test_repairs(void)
{
	struct merge_error err = { 0 };
	struct merge_source *src;
	struct bootring_made m;
	char *remarks;

	make_small(&m, false);
	/* the reader's sub-buffer was read, and gets the place of the one it gets */
	bootring_put(&m, m.buffers[0], 4, bootring_index(&m, 1));
	src = persist_in_open(m.data, m.size, 0, NULL, &err);
	remarks = persist_in_remarks(src);
	CU_ASSERT_PTR_NOT_NULL(strstr(remarks, "cpu 0: the kernel stopped while its reader got another sub-buffer\n"));
	free(remarks);
	merge_source_close(src);
	/* the head is what the reader has now */
	CHECK_TEXT(read_all(&m, NULL), EVENTS "# cpu 0 at 0x0: its head is not in the ring" BY_TIME);
	make_small(&m, false);
	bootring_put(&m, m.buffers[0], 4, bootring_index(&m, 1));
	bootring_put(&m, bootring_first(&m, 0) + 8, 8,
		     bootring_get(&m, bootring_first(&m, 0), 8) + 4096ull * bootring_index(&m, 2));
	CHECK_TEXT(read_all(&m, NULL),
		   "bootring/1 1501 4\nbootring/2 1701 6\nbootring/0 2001 2\nbootring/1 2501 5\nbootring/0 3001 3\n");
}

static void test_damaged_meta(void)
{
	struct bootring_made m;
	char *want;

	/* one amid others */
	make_small(&m, false);
	bootring_put(&m, m.meta[1], 4, 0);
	CU_ASSERT_FATAL(asprintf(&want, EVENTS "# cpu 1 at 0x%zx: what is told of it is damaged" BY_TIME,
				 m.meta[1]) > 0);
	CHECK_TEXT(read_all(&m, NULL), want);
	free(want);
	make_small(&m, true);
	bootring_put(&m, bootring_first(&m, 1) + 28, 4, 7);
	CU_ASSERT_FATAL(asprintf(&want, EVENTS "# cpu 1 at 0x%zx: what is told of it is damaged" BY_TIME,
				 m.meta[1]) > 0);
	CHECK_TEXT(read_all(&m, NULL), want);
	free(want);
}

static void test_refuses(void)
{
	static const struct {
		const char *name;
		bool heads;
		size_t at;
		uint32_t size;
		uint64_t value;
		const char *says;
	} rows[] = {
		{ "another magic", false, 0, 4, 1, "a file of unknown kind: no trace that is known" },
		{ "another size", false, 4, 4, 60, "a file of unknown kind: no trace that is known" },
		{ "sub-buffers of 5000 bytes", false, 48, 4, 5000, "tell of themselves is damaged" },
		{ "sub-buffers of 1024 bytes", false, 48, 4, 1024, "tell of themselves is damaged" },
		{ "one sub-buffer", false, 52, 4, 1, "tell of themselves is damaged" },
		{ "more than the file", false, 52, 4, 1000, "tell of themselves is damaged" },
		{ "more than any", false, 52, 4, 0xffffffff, "tell of themselves is damaged" },
		{ "a total behind the end", true, 8, 8, 1 << 24, "tell of themselves is damaged" },
		{ "buffers behind the total", true, 16, 8, 1 << 24, "tell of themselves is damaged" },
		{ "buffers in the head", true, 16, 8, 8, "tell of themselves is damaged" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct bootring_made m;
		char *text;

		make_small(&m, rows[i].heads);
		/* alone: no other CPU's could be taken for the first */
		if (!rows[i].heads)
			m.size = m.meta[1];
		bootring_put(&m, rows[i].at, rows[i].size, rows[i].value);
		text = read_all(&m, NULL);
		CHECK_ROW(strstr(text, rows[i].says) != NULL, rows[i].name);
		free(text);
	}
}

static void test_no_place(void)
{
	struct bootring_made m;

	make_small(&m, false);
	CHECK_TEXT(read_all(&m, "bootring@0x10"), "no persistent ring buffer begins at 0x10");
	make_small(&m, false);
	CHECK_TEXT(read_all(&m, "bootring@0x7000000"), "no persistent ring buffer begins at 0x7000000");
	make_small(&m, false);
	m.size = 4;
	CHECK_TEXT(read_all(&m, "bootring"), "there is no persistent ring buffer in it");
}

/* What is there of a file that ends anywhere */
static void test_ends_early(void)
{
	unsigned int before = 0;
	struct bootring_made m;
	struct merge_error err = { 0 };

	make_small(&m, false);
	for (size_t size = m.meta[1]; size < m.size; size += 1024) {
		struct merge_source *src = persist_in_open(m.data, size, 0, NULL, &err);
		struct merge_stats stats;

		CU_ASSERT_PTR_NOT_NULL_FATAL(src);
		free(image_render(src, NULL, &stats));
		CU_ASSERT(stats.events >= before && stats.events <= 6);
		before = (unsigned int)stats.events;
	}
	CU_ASSERT_EQUAL(before, 6);
	bootring_made_free(&m);
}

static void test_changed_bytes(void)
{
	uint64_t state = 23;

	for (unsigned int n = 0; n < 2000; n++) {
		struct merge_error err = { 0 };
		struct merge_source *src;
		struct bootring_made m;

		make_small(&m, n % 2);
		for (uint64_t i = 0; i <= test_random(&state) % 6; i++) {
			size_t at = m.meta[test_random(&state) % 4];

			m.data[n % 4 ? at + test_random(&state) % 90 : test_random(&state) % m.size] =
				(uint8_t)test_random(&state);
		}
		m.size -= test_random(&state) % 4 ? 0 : test_random(&state) % m.size;
		src = persist_in_open(m.data, m.size, 0, "bootring", &err);
		CU_ASSERT_EQUAL(!src, !!*err.text);
		if (src)
			free(persist_in_all(src));
		bootring_made_free(&m);
	}
}

static const struct test tests[] = {
	{ "gives what was recorded", test_gives_what_was_recorded },
	{ "finds a place in time", test_finds_a_place_in_time },
	{ "tells what it is", test_tells_of_itself },
	{ "gives one of several", test_several },
	{ "goes by times where the order is damaged", test_damaged_order },
	{ "gives what is unread, and no more", test_stale },
	{ "repairs what was being changed", test_repairs },
	{ "goes by times where all that is told of a CPU is damaged", test_damaged_meta },
	{ "refuses what cannot be one", test_refuses },
	{ "is at no other place", test_no_place },
	{ "gives what there is of a file that ends early", test_ends_early },
	{ "changed bytes of a ring do no harm", test_changed_bytes },
	{ 0 }
};

const struct test_suite suite_src_bootring = { "src_bootring", tests };
