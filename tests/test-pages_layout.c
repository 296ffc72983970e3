// SPDX-License-Identifier: GPL-2.0-or-later
/* What is found in a directory of raw sub-buffers, and what is said of what is not. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dat-in.h"
#include "pages-in.h"
#include "tests.h"

#define RAW(n)	"per_cpu/cpu" #n "/trace_pipe_raw"

/* Of an instance and the top-level ring, with CPUs that have holes */
#define IMAGE								\
	"size 4096\nbuffer top clock=mono\ncpu 0\npage ts=10\nevent +1 id=118\n" \
	"cpu 5\npage ts=20\nevent +1 id=118\ncpu 11\n"			\
	"size 8192\nbuffer net clock=local\ncpu 5\npage ts=30\nevent +1 id=118\nevent +1 id=118\n"

/* What is done to the directory */
struct change {
	const char *unlink[3], *make_dir, *make_fifo, *make_link;
	const char *write, *text;
};

static void apply(const struct pages_place *place, const struct change *c)
{
	char full[PATH_MAX];

	for (size_t i = 0; i < 3 && c->unlink[i]; i++)
		pages_unlink(place, c->unlink[i]);
	if (c->make_dir) {
		snprintf(full, sizeof(full), "%s/%s", place->dir, c->make_dir);
		CU_ASSERT_EQUAL(mkdir(full, 0700), 0);
	}
	if (c->make_fifo) {
		snprintf(full, sizeof(full), "%s/%s", place->dir, c->make_fifo);
		CU_ASSERT_EQUAL(mkfifo(full, 0600), 0);
	}
	if (c->make_link) {
		snprintf(full, sizeof(full), "%s/%s", place->dir, c->make_link);
		CU_ASSERT_EQUAL(symlink("/dev/zero", full), 0);
	}
	if (c->write)
		pages_write(place, c->write, c->text);
}

/* "NAME cpus 0:2 size 4096 clock", a line for each buffer; 2 sub-buffers of CPU 0 */
static char *list(const struct merge_source *src)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (unsigned int i = 0; i < src->nr_buffers; i++) {
		const struct merge_buffer *b = &src->buffers[i];

		fprintf(out, "%s", b->name);
		for (unsigned int c = 0; c < b->nr_cpus; c++)
			fprintf(out, " %u:%zu", b->cpus[c].cpu, b->cpus[c].nr_subbufs);
		fprintf(out, " %u %s\n", b->subbuf_size, b->clock);
	}
	fclose(out);
	return text;
}

#define TOP	"top 0:1 5:1 11:0 4096 mono\n"
#define NET	"net 5:1 8192 local\n"

static const struct row {
	const char *name;
	struct change change;
	const char *want, *said;
} rows[] = {
	{ "as it was made", { .write = NULL }, TOP NET, "" },
	{ "a CPU without a file", { .unlink = { RAW(5) } }, "top 0:1 5:0 11:0 4096 mono\n" NET,
	  "buffer top, cpu 5: " RAW(5) " cannot be read (No such file or directory): its events are missing\n" },
	{ "a CPU that wrote nothing, without a file", { .unlink = { RAW(11) } }, TOP NET, "" },
	{ "a directory for a file", { .unlink = { RAW(0) }, .make_dir = RAW(0) },
	  "top 0:0 5:1 11:0 4096 mono\n" NET,
	  "buffer top, cpu 0: " RAW(0) " cannot be read (no regular file): its events are missing\n" },
	{ "a pipe for a file", { .unlink = { RAW(0) }, .make_fifo = RAW(0) },
	  "top 0:0 5:1 11:0 4096 mono\n" NET,
	  "buffer top, cpu 0: " RAW(0) " cannot be read (no regular file): its events are missing\n" },
	{ "a link for a file", { .unlink = { RAW(0) }, .make_link = RAW(0) },
	  "top 0:0 5:1 11:0 4096 mono\n" NET,
	  "buffer top, cpu 0: " RAW(0) " cannot be read (a symbolic link): its events are missing\n" },
	{ "an empty file of a CPU that had events", { .write = RAW(5), .text = "" },
	  "top 0:1 5:0 11:0 4096 mono\n" NET,
	  "buffer top, cpu 5: " RAW(5) " is empty, and the kernel counted 1 events\n" },
	{ "no file of a ring with events", { .unlink = { RAW(0), RAW(5), RAW(11) } }, NET,
	  "buffer top: no CPU has a file trace_pipe_raw: its 2 events are missing\n" },
	{ "no counts of a CPU", { .unlink = { "per_cpu/cpu5/stats" } }, TOP NET,
	  "buffer top: per_cpu/cpu5/stats is missing or cut off: what was overwritten there is not known\n" },
	{ "no counts of two", { .unlink = { "per_cpu/cpu5/stats", "per_cpu/cpu0/stats" } }, TOP NET,
	  "buffer top: per_cpu/cpu0/stats and others are missing or cut off: what was overwritten there is not known\n" },
	{ "counts cut off", { .write = "per_cpu/cpu0/stats", .text = "entries: 7\noverrun: 1\n" },
	  TOP NET,
	  "buffer top: per_cpu/cpu0/stats is missing or cut off: what was overwritten there is not known\n" },
	{ "no clock", { .unlink = { "trace_clock" } }, "top 0:1 5:1 11:0 4096 local\n" NET,
	  "buffer top: trace_clock is missing: taken for local\n" },
	{ "a clock without brackets", { .write = "instances/net/trace_clock", .text = "mono\n" },
	  TOP NET, "buffer net: instances/net/trace_clock names no clock: taken for local\n" },
	{ "no buffer_subbuf_size_kb", { .unlink = { "instances/net/buffer_subbuf_size_kb" } }, TOP NET, "" },
	{ "only the top-level header_page", { .unlink = { "instances/net/buffer_subbuf_size_kb",
						 "instances/net/events/header_page" } },
	  TOP "net 5:2 4096 local\n", "" },
	{ "sizes that differ", { .write = "buffer_subbuf_size_kb", .text = "8\n" },
	  "top 0:1 5:1 11:0 8192 mono\n" NET,
	  "buffer top: sub-buffers are of 8192 bytes by buffer_subbuf_size_kb and of 4096 by events/header_page: taken for the former\n"
	  "buffer top, cpu 0: " RAW(0) " ends within sub-buffer 0: 4096 bytes of 8192\n"
	  "buffer top, cpu 5: " RAW(5) " ends within sub-buffer 0: 4096 bytes of 8192\n" },
	{ "a size that is none", { .write = "buffer_subbuf_size_kb", .text = "7\n" }, TOP NET, "" },
	{ "no size at all", { .unlink = { "buffer_subbuf_size_kb", "events/header_page" } }, TOP NET,
	  "events/header_page is missing or empty: the kernel is taken for one of 64 bits\n"
	  "buffer top: neither buffer_subbuf_size_kb nor events/header_page tells how large its sub-buffers are: taken for 4096 bytes\n" },
	{ "directories that are no CPU's", { .write = "per_cpu/cpu05/trace_pipe_raw", .text = "x" },
	  TOP NET, "" },
	{ "CPUs beyond all kernels", { .write = "per_cpu/cpu70000/trace_pipe_raw", .text = "x" },
	  TOP NET, "" },
	{ "a file where instances are", { .write = "instances/stray", .text = "x" }, TOP NET,
	  "instances/stray/per_cpu cannot be read (Not a directory): its buffers are missing\n" },
	{ "an instance called top", { .write = "instances/top/" RAW(3), .text = "" },
	  TOP NET "instances/top 3:0 4096 local\n",
	  "buffer instances/top: instances/top/trace_clock is missing: taken for local\n"
	  "buffer instances/top: per_cpu/cpu3/stats is missing or cut off: what was overwritten there is not known\n" },
	{ "a hidden instance", { .write = "instances/.net/" RAW(3), .text = "" },
	  TOP ".net 3:0 4096 local\n" NET,
	  "buffer .net: instances/.net/trace_clock is missing: taken for local\n"
	  "buffer .net: per_cpu/cpu3/stats is missing or cut off: what was overwritten there is not known\n" },
	{ "a snapshot of some CPUs", { .write = "per_cpu/cpu5/snapshot_raw", .text = "" },
	  TOP "top/snapshot 0:0 5:0 11:0 4096 mono\n" NET,
	  "buffer top/snapshot, cpu 0: per_cpu/cpu0/snapshot_raw cannot be read (No such file or directory): its events are missing\n"
	  "buffer top/snapshot, cpu 11: per_cpu/cpu11/snapshot_raw cannot be read (No such file or directory): its events are missing\n" },
};

static void test_finds_and_tells(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct merge_source *src;
		struct pages_place place;

		pages_place_make(&place, IMAGE);
		apply(&place, &rows[i].change);
		src = pages_in_open(&place);
		CHECK_ROW(src->nr_buffers > 0, rows[i].name);
		CHECK_TEXT(list(src), rows[i].want);
		CHECK_TEXT(dat_in_notices(src), rows[i].said);
		merge_source_close(src);
		pages_place_remove(&place);
	}
}

static void test_has_the_counts(void)
{
	struct merge_source *src;
	struct pages_place place;

	pages_place_make(&place, IMAGE);
	pages_write(&place, "per_cpu/cpu5/stats",
		    "entries: 1\noverrun: 22\ncommit overrun: 3\nbytes: 44\n"
		    "oldest event ts:     5.000001\nnow ts:     6.000001\n"
		    "dropped events: 5\nread events: 6\n");
	src = pages_in_open(&place);
	CU_ASSERT_TRUE(src->buffers[0].cpus[1].has_counters);
	CU_ASSERT_EQUAL(src->buffers[0].cpus[1].counters.overrun, 22);
	CU_ASSERT_EQUAL(src->buffers[0].cpus[0].counters.overrun, 0);
	CU_ASSERT_EQUAL(src->buffers[1].cpus[0].counters.entries, 2);
	CU_ASSERT_EQUAL(src->desc->nr_cpu_ids, 12);
	merge_source_close(src);
	pages_place_remove(&place);
}

static const struct test tests[] = {
	{ "buffers and CPUs are found, and what is missing is told", test_finds_and_tells },
	{ "counts are the kernel's", test_has_the_counts },
	{ NULL, NULL }
};
const struct test_suite suite_pages_layout = { "pages_layout", tests };
