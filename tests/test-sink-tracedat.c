// SPDX-License-Identifier: GPL-2.0-or-later
/* The trace.dat sink: its files read by dat.c, and by trace-cmd where it is. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "boot.h"
#include "dat-make.h"
#include "mkimage.h"
#include "tests.h"

static void test_points_at_the_data(void)
{
	struct dat *dat = dat_write(7, TWO_BUFFERS);
	const struct dat_ring *top = &dat->rings[0], *snap = &dat->rings[1];

	CU_ASSERT_FALSE(dat->big_endian);
	CU_ASSERT_EQUAL(dat->long_size, 8);
	CU_ASSERT_EQUAL(dat->page_size, 4096);
	CU_ASSERT_EQUAL_FATAL(dat->nr_rings, 2);

	/* CPU 1 has nothing to point at */
	CU_ASSERT_STRING_EQUAL(top->name, "");
	CU_ASSERT_STRING_EQUAL(top->clock, "local");
	CU_ASSERT_EQUAL(top->page_size, 4096);
	CU_ASSERT_EQUAL_FATAL(top->nr_cpus, 2);
	CU_ASSERT_EQUAL(top->cpus[0].cpu, 0);
	CU_ASSERT_EQUAL(top->cpus[0].size, 2 * 4096);
	CU_ASSERT_EQUAL(top->cpus[0].offset % 4096, 0);
	CU_ASSERT_EQUAL(top->cpus[1].cpu, 3);
	CU_ASSERT_EQUAL(top->cpus[1].size, 4096);
	CU_ASSERT_EQUAL(top->cpus[1].offset, top->cpus[0].offset + 2 * 4096);

	/* report would show "snapshot" for "snap/snapshot" */
	CU_ASSERT_STRING_EQUAL(snap->name, "snap.snapshot");
	CU_ASSERT_STRING_EQUAL(snap->clock, "counter");
	CU_ASSERT_EQUAL(snap->page_size, 65536);
	CU_ASSERT_EQUAL_FATAL(snap->nr_cpus, 1);
	CU_ASSERT_EQUAL(snap->cpus[0].cpu, 6);
	CU_ASSERT_EQUAL(snap->cpus[0].offset % 65536, 0);
	CU_ASSERT_EQUAL(snap->cpus[0].size, 2 * 65536);
	dat_close(dat);
}

static void test_keeps_the_pages(void)
{
	struct merge_source *src = dat_image(TWO_BUFFERS);
	struct dat *dat = dat_write(7, TWO_BUFFERS);
	const struct dat_ring *snap = &dat->rings[1];
	const uint8_t *page = dat->bytes + dat->rings[0].cpus[0].offset;

	CU_ASSERT_EQUAL(memcmp(page, image_page(src, 0, 0, 0)->data, 4096), 0);
	CU_ASSERT_EQUAL(memcmp(page + 4096, image_page(src, 0, 0, 1)->data, 4096), 0);
	CU_ASSERT_EQUAL(memcmp(dat->bytes + dat->rings[0].cpus[1].offset,
			       image_page(src, 0, 2, 0)->data, 4096), 0);
	CU_ASSERT_EQUAL(memcmp(dat->bytes + snap->cpus[0].offset,
			       image_page(src, 1, 0, 0)->data, 65536), 0);
	dat_close(dat);
	merge_source_close(src);
}

static void test_says_what_it_is(void)
{
	struct dat *dat = dat_write(7, TWO_BUFFERS);
	struct dat *again = dat_write(7, TWO_BUFFERS);

	CHECK_TEXT(dat_texts(dat, TRACECLOCK), "[local]|");
	CHECK_TEXT(dat_texts(dat, UNAME), "Linux crashed 6.12.0-test x86_64|");
	CHECK_TEXT(dat_texts(dat, VERSION), "libmerge|");
	/* CPU 6 is beyond nr_cpu_ids */
	CU_ASSERT_EQUAL(dat_option(dat, CPUCOUNT)->size, 4);
	CU_ASSERT_EQUAL(dat_number(dat, dat_option(dat, CPUCOUNT)->data, 4), 7);
	CU_ASSERT_EQUAL(dat_option(dat, TRACEID)->size, 8);
	CU_ASSERT_NOT_EQUAL(dat_number(dat, dat_option(dat, TRACEID)->data, 8), 0);
	/* the same trace makes the same file */
	CU_ASSERT_EQUAL_FATAL(dat->size, again->size);
	CU_ASSERT_EQUAL(memcmp(dat->bytes, again->bytes, dat->size), 0);
	dat_close(again);
	dat_close(dat);
}

static void test_counts_possible_cpus(void)
{
	struct dat *dat = dat_write(7, "cpu 0\npage ts=1\nevent +1 id=118\n");

	CU_ASSERT_EQUAL(dat_number(dat, dat_option(dat, CPUCOUNT)->data, 4), 4);
	dat_close(dat);
}

/* "name\0" u64 length text, as HEADER_INFO has it */
static const uint8_t *check_header(const struct dat *dat, const uint8_t *p, const char *name,
				   const char *part)
{
	uint64_t len;
	char *text;

	CU_ASSERT_STRING_EQUAL((const char *)p, name);
	p += strlen(name) + 1;
	len = dat_number(dat, p, 8);
	text = strndup((const char *)p + 8, len);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, part));
	free(text);
	return p + 8 + len;
}

static void test_describes_the_ring_buffer(void)
{
	struct dat *dat = dat_write(7, TWO_BUFFERS);
	const struct dat_section *s = dat_section(dat, HEADER_INFO);
	const uint8_t *p;

	p = check_header(dat, s->data, "header_page", "char data;\toffset:16;\tsize:4080;");
	p = check_header(dat, p, "header_event", "type_len    :    5 bits");
	CU_ASSERT_PTR_EQUAL(p, s->data + s->size);
	dat_close(dat);
}

/* u64 length and text of a format, which names event @name */
static const uint8_t *check_format(const struct dat *dat, const uint8_t *p, const char *name,
				   const char *part)
{
	uint64_t len = dat_number(dat, p, 8);
	char *text = strndup((const char *)p + 8, len), *label;

	CU_ASSERT_EQUAL(strlen(text), len);
	if (asprintf(&label, "name: %s\nID: ", name) < 0)
		abort();
	CU_ASSERT_EQUAL(strncmp(text, label, strlen(label)), 0);
	CHECK_ROW(strstr(text, part) != NULL, name);
	free(label);
	free(text);
	return p + 8 + len;
}

static void test_holds_the_formats_seen(void)
{
	struct dat *dat = dat_write(7, TWO_BUFFERS "event +1 id=101 len=12\nevent +1 id=106 len=12\n"
				    "event +1 id=202\nevent +1 id=201\n");
	const struct dat_section *s = dat_section(dat, FTRACE_EVENTS);
	const uint8_t *p;

	CU_ASSERT_EQUAL(dat_number(dat, s->data, 4), 1);
	p = check_format(dat, s->data + 4, "print", "REC->buf");
	CU_ASSERT_PTR_EQUAL(p, s->data + s->size);

	s = dat_section(dat, EVENT_FORMATS);
	CU_ASSERT_EQUAL(dat_number(dat, s->data, 4), 4);
	p = s->data + 4;
	CU_ASSERT_STRING_EQUAL((const char *)p, "irq");
	CU_ASSERT_EQUAL(dat_number(dat, p + 4, 4), 1);
	p = check_format(dat, p + 8, "softirq_entry", "__print_symbolic");
	CU_ASSERT_STRING_EQUAL((const char *)p, "syscalls");
	p = check_format(dat, p + 9 + 4, "sys_enter_openat", "dfd");
	CU_ASSERT_STRING_EQUAL((const char *)p, "test");
	p = check_format(dat, p + 5 + 4, "tick", "REC->common_pid");
	CU_ASSERT_STRING_EQUAL((const char *)p, "timer");
	/* enumerators are numbers: no reader knows their names */
	p = check_format(dat, p + 6 + 4, "hrtimer_init", "{ 0, \"ABS\" }");
	CU_ASSERT_PTR_EQUAL(p, s->data + s->size);
	dat_close(dat);
}

static void test_holds_the_boots_names(void)
{
	struct dat *dat = dat_write(7, TWO_BUFFERS);
	char *symbols = dat_section_text(dat, KALLSYMS, 4);

	CU_ASSERT_EQUAL(strncmp(symbols, "0000000000001000 A percpu_thing\n", 32), 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(symbols, "\nffffffff81200000 T vfs_read\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(symbols, "\nffffffffc0201000 t ext4_read\t[ext4]\n"));
	free(symbols);
	CHECK_TEXT(dat_section_text(dat, PRINTK, 4),
		   "0xffffffff81a00000 : \"n=%d s=%s\\n\"\n"
		   "0xffffffff81a00010 : \"x\"\n"
		   "0xffffffff81a00018 : \"\"\n"
		   "0xffffffff81a00020 : \"a \\\"quoted\\\"\\tword\"\n"
		   "0xffffffff81a00030 : \"%99999999d\"\n");
	dat_close(dat);
}

/* trace-cmd stops at a line it cannot parse: no line feeds, no empty names */
#define COMMS	"1 systemd\n7 bash\n8 two?lines\n10 a longer name16\n"

static void test_holds_the_tasks_names(void)
{
	static const struct merge_select all = { 0 }, few = { .last = 2 };
	struct dat *dat = dat_write(7, TWO_BUFFERS);

	/* pids count up through the image */
	CHECK_TEXT(dat_section_text(dat, CMDLINES, 8), COMMS "40 alive\n41 long-lived\n");
	dat_close(dat);
	dat = dat_write_events(7, TWO_BUFFERS, &all);
	CHECK_TEXT(dat_section_text(dat, CMDLINES, 8), COMMS "40 alive\n41 long-lived\n");
	dat_close(dat);
	dat = dat_write_events(7, TWO_BUFFERS, &few);
	CHECK_TEXT(dat_section_text(dat, CMDLINES, 8), COMMS);
	dat_close(dat);
}

static void test_holds_the_kernels_counts(void)
{
	struct merge_source *src = dat_image(TWO_BUFFERS);
	struct merge_error err = { 0 };
	struct merge_sink *sink;
	struct dat_place place;
	struct dat *dat;

	src->buffers[0].cpus[2].has_counters = true;
	src->buffers[0].cpus[2].counters = (struct merge_counters){ 1, 2, 3, 4, 5, 6 };
	src->buffers[1].cpus[0].has_counters = true;
	dat_place_make(&place);
	CU_ASSERT_EQUAL_FATAL(merge_sink_tracedat_create(place.path, 7, &err, &sink), 0);
	CU_ASSERT_EQUAL(merge_pump_pages(src, NULL, sink, NULL, &err, NULL), 0);
	merge_sink_destroy(sink);
	dat = dat_open(place.path);
	CHECK_TEXT(dat_texts(dat, CPUSTAT),
		   "CPU: 3\nentries: 1\noverrun: 2\ncommit overrun: 3\nbytes: 6\n"
		   "oldest event ts:     0.000002\ndropped events: 4\nread events: 5\n|"
		   "\nBuffer: snap.snapshot\n\n|"
		   "CPU: 6\nentries: 0\noverrun: 0\ncommit overrun: 0\nbytes: 0\n"
		   "oldest event ts:            7\ndropped events: 0\nread events: 0\n|");
	dat_close(dat);
	dat_place_remove(&place);
	merge_source_close(src);
}

static void test_writes_the_kernels_byte_order(void)
{
	struct dat *dat = dat_write(7, "big\nlong 4\n" TWO_BUFFERS);
	char *symbols = dat_section_text(dat, KALLSYMS, 4);

	CU_ASSERT_TRUE(dat->big_endian);
	CU_ASSERT_EQUAL(dat->long_size, 4);
	CU_ASSERT_EQUAL(dat->page_size, 4096);
	CU_ASSERT_EQUAL(dat->rings[1].cpus[0].cpu, 6);
	CU_ASSERT_EQUAL(dat_number(dat, dat->bytes + dat->rings[0].cpus[0].offset, 8), 1000);
	CU_ASSERT_EQUAL(strncmp(symbols, "00001000 A percpu_thing\n", 24), 0);
	free(symbols);
	dat_close(dat);
}

static void test_takes_the_page_size_of_the_top_buffer(void)
{
	struct dat *dat = dat_write(7, "size 4096\nbuffer inst\ncpu 0\npage ts=1\nevent +1 id=118\n"
				    "size 65536\nbuffer top\ncpu 0\npage ts=1\nevent +1 id=118\n");

	/* readers have no other size for it */
	CU_ASSERT_EQUAL(dat->page_size, 65536);
	check_header(dat, dat_section(dat, HEADER_INFO)->data, "header_page", "size:65520;");
	CU_ASSERT_EQUAL(dat->rings[0].page_size, 4096);
	CU_ASSERT_STRING_EQUAL(dat->rings[0].name, "inst");
	CU_ASSERT_EQUAL(dat->rings[1].cpus[0].offset % 65536, 0);
	dat_close(dat);
}

static void test_writes_a_file_without_buffers(void)
{
	struct dat *dat = dat_write(7, "notice\n");

	CU_ASSERT_EQUAL(dat->nr_rings, 0);
	CU_ASSERT_EQUAL(dat->page_size, 4096);
	CHECK_TEXT(dat_texts(dat, TRACECLOCK), "");
	dat_close(dat);
}

static void test_names_are_unique(void)
{
	for (unsigned int version = 6; version <= 7; version++) {
		struct dat *dat = dat_write(version, "buffer top\nbuffer a/snapshot\n"
						     "buffer a.snapshot\nbuffer a.snapshot~\n");

		CU_ASSERT_EQUAL_FATAL(dat->nr_rings, 4);
		CU_ASSERT_STRING_EQUAL(dat->rings[0].name, "");
		CU_ASSERT_STRING_EQUAL(dat->rings[1].name, "a.snapshot");
		CU_ASSERT_STRING_EQUAL(dat->rings[2].name, "a.snapshot~");
		CU_ASSERT_STRING_EQUAL(dat->rings[3].name, "a.snapshot~~");
		dat_close(dat);
	}
}

/* In whatever memory it lies; the first one, should there be two */
static void test_the_top_level_ring_has_no_name(void)
{
	struct merge_source *src = dat_image("buffer top\nbuffer again\n");
	struct merge_error err = { 0 };
	struct merge_sink *sink;
	struct dat_place place;
	struct dat *dat;

	src->buffers[0].kind = MERGE_PERSISTENT;
	*(char *)src->buffers[1].instance = '\0';
	for (unsigned int version = 6; version <= 7; version++) {
		dat_place_make(&place);
		CU_ASSERT_EQUAL_FATAL(merge_sink_tracedat_create(place.path, version, &err, &sink), 0);
		CU_ASSERT_EQUAL(merge_pump_pages(src, NULL, sink, NULL, &err, NULL), 0);
		merge_sink_destroy(sink);
		dat = dat_open(place.path);
		CU_ASSERT_EQUAL_FATAL(dat->nr_rings, 2);
		CU_ASSERT_STRING_EQUAL(dat->rings[0].name, "");
		CU_ASSERT_STRING_EQUAL(dat->rings[1].name, "again");
		dat_close(dat);
		dat_place_remove(&place);
	}
	merge_source_close(src);
}

/* ---- The file -------------------------------------------------------------- */

static void test_appears_when_complete(void)
{
	struct merge_source *src = dat_image(TWO_BUFFERS);
	const struct merge_buffer *bufs[] = { &src->buffers[0] };
	struct merge_error err = { 0 };
	struct merge_sink *sink;
	struct dat_place place;
	struct stat st;

	dat_place_make(&place);
	CU_ASSERT_EQUAL_FATAL(merge_sink_tracedat_create(place.path, 7, &err, &sink), 0);
	CU_ASSERT_EQUAL(sink->ops->begin(sink, bufs, 1, &err), 0);
	CU_ASSERT_EQUAL(stat(place.path, &st), -1);
	CU_ASSERT_EQUAL(dat_place_count(&place), 1);
	merge_sink_destroy(sink);
	CU_ASSERT_EQUAL(dat_place_count(&place), 0);

	CU_ASSERT_EQUAL_FATAL(merge_sink_tracedat_create(place.path, 7, &err, &sink), 0);
	CU_ASSERT_EQUAL(merge_pump_pages(src, NULL, sink, NULL, &err, NULL), 0);
	CU_ASSERT_EQUAL(stat(place.path, &st), 0);
	CU_ASSERT_EQUAL(st.st_mode & 0777, 0600);
	merge_sink_destroy(sink);
	CU_ASSERT_EQUAL(dat_place_count(&place), 1);
	dat_place_remove(&place);
	merge_source_close(src);
}

static void test_keeps_the_old_file_on_failure(void)
{
	struct merge_source *src = dat_image(TWO_BUFFERS);
	struct merge_error err = { 0 };
	struct merge_sink *sink;
	struct dat_place place;
	char old[4] = "";
	FILE *file;

	dat_place_make(&place);
	file = fopen(place.path, "w");
	fputs("old", file);
	fclose(file);
	CU_ASSERT_EQUAL_FATAL(merge_sink_tracedat_create(place.path, 7, &err, &sink), 0);
	image_of(src)->interrupt_at = 3;
	CU_ASSERT_EQUAL(merge_pump_pages(src, NULL, sink, NULL, &err, NULL), -EINTR);
	merge_sink_destroy(sink);
	file = fopen(place.path, "r");
	CU_ASSERT_EQUAL(fread(old, 1, 3, file), 3);
	CU_ASSERT_STRING_EQUAL(old, "old");
	fclose(file);
	CU_ASSERT_EQUAL(dat_place_count(&place), 1);
	dat_place_remove(&place);
	merge_source_close(src);
}

static void test_says_where_it_cannot_write(void)
{
	struct merge_error err = { 0 };
	struct merge_sink *sink = NULL;

	CU_ASSERT_EQUAL(merge_sink_tracedat_create("/nowhere/trace.dat", 7, &err, &sink), -ENOENT);
	CU_ASSERT_STRING_EQUAL(err.text, "/nowhere/trace.dat: No such file or directory");
	CU_ASSERT_EQUAL(merge_sink_tracedat_create("/tmp", 7, &err, &sink), -EEXIST);
	CU_ASSERT_STRING_EQUAL(err.text, "/tmp: exists and is not a regular file");
	CU_ASSERT_EQUAL(merge_sink_tracedat_create("/dev/null", 7, &err, &sink), -EEXIST);
	CU_ASSERT_PTR_NULL(sink);
}

/* No room for more than @limit bytes of the file */
static void write_limited(rlim_t limit, const char *want)
{
	struct merge_source *src = dat_image(TWO_BUFFERS);
	struct merge_error err = { 0 };
	struct merge_sink *sink;
	struct rlimit old, less;
	struct dat_place place;

	dat_count(src);
	dat_place_make(&place);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	less = (struct rlimit){ limit, old.rlim_max };
	CU_ASSERT_EQUAL_FATAL(merge_sink_tracedat_create(place.path, 7, &err, &sink), 0);
	setrlimit(RLIMIT_FSIZE, &less);
	CU_ASSERT_EQUAL(merge_pump_pages(src, NULL, sink, NULL, &err, NULL), -EFBIG);
	setrlimit(RLIMIT_FSIZE, &old);
	signal(SIGXFSZ, SIG_DFL);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, place.path));
	CHECK_ROW(strstr(err.text, want) != NULL, err.text);
	merge_sink_destroy(sink);
	CU_ASSERT_EQUAL(dat_place_count(&place), 0);
	dat_place_remove(&place);
	merge_source_close(src);
}

static void test_reports_a_full_disk(void)
{
	struct dat *dat = dat_write(7, TWO_BUFFERS);

	/* in the middle of the sub-buffers, of what follows them, and at the very end */
	write_limited(dat->size - 1, "bytes: File too large");
	dat_close(dat);
	write_limited(10000, "bytes: File too large");
	write_limited(3 * 65536 + 1000, "bytes: File too large");
}

static void refuse(struct merge_source *src, const char *want)
{
	struct merge_error err = { 0 };
	struct merge_sink *sink;
	struct dat_place place;

	dat_place_make(&place);
	CU_ASSERT_EQUAL_FATAL(merge_sink_tracedat_create(place.path, 7, &err, &sink), 0);
	CU_ASSERT_EQUAL(merge_pump_pages(src, NULL, sink, NULL, &err, NULL), -ENOTSUP);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, want));
	merge_sink_destroy(sink);
	CU_ASSERT_EQUAL(dat_place_count(&place), 0);
	dat_place_remove(&place);
	merge_source_close(src);
}

static void test_refuses_odd_sizes(void)
{
	refuse(dat_image("size 12288\nbuffer top\ncpu 0\npage ts=1\nevent +1\n"),
	       "trace.dat cannot hold sub-buffers of 12288 bytes");
}

static void test_refuses_another_boot(void)
{
	struct merge_source *src = dat_image("buffer old\ncpu 0\npage ts=1\nevent +1\n");

	src->buffers[0].previous_boot = true;
	refuse(src, "buffer old is of a previous boot: ");
}

static void test_stops_when_interrupted_at_the_end(void)
{
	struct merge_source *src = dat_image(TWO_BUFFERS);
	struct merge_error err = { 0 };
	struct merge_sink *sink;
	struct dat_place place;

	dat_place_make(&place);
	boot_of(src->desc)->fail_symbols = -EINTR;
	CU_ASSERT_EQUAL_FATAL(merge_sink_tracedat_create(place.path, 7, &err, &sink), 0);
	CU_ASSERT_EQUAL(merge_pump_pages(src, NULL, sink, NULL, &err, NULL), -EINTR);
	merge_sink_destroy(sink);
	CU_ASSERT_EQUAL(dat_place_count(&place), 0);
	dat_place_remove(&place);
	merge_source_close(src);
}

/* ---- Other readers ---------------------------------------------------------- */

static void test_is_read_by_trace_cmd(void)
{
	char *got = dat_report(7, READABLE);

	if (!got)
		return;
	CHECK_TEXT(dat_plain_report(got),
		   "cpus=4\n"
		   "systemd-1 [000] 0.000001010: tick: 1\n"
		   "<...>-2 [000] 0.000001030: tick: 2\n"
		   "<...>-4 [003] 0.000001501: tick: 4\n"
		   "big: <...>-5 [001] 0.000001601: tick: 5\n"
		   "big: <...>-6 [001] 0.000001602: tick: 6\n"
		   "big: bash-7 [001] 0.000001603: tick: 7\n"
		   "big: two?lines-8 [001] 0.000001604: tick: 8\n"
		   "big: <...>-9 [001] 0.000001701: tick: 9\n"
		   "CPU:0 [3 EVENTS DROPPED]\n"
		   "<...>-3 [000] 0.000002010: tick: 3\n");
}

static void test_large_pages_are_read_by_trace_cmd(void)
{
	static const char text[] =
		"size 65536\nbuffer top clock=local\n"
		"cpu 0\npage ts=1000\nevent +10 id=118 count=5000\n"
		"page ts=100000\nevent +1 id=118 count=3000\n"
		"size 4096\nbuffer small clock=local\n"
		"cpu 2\npage ts=1600\nevent +1 id=118 count=300\n";
	char *got = dat_report(7, text);
	unsigned int lines = 0, small = 0;

	if (!got)
		return;
	for (char *p = got; (p = strchr(p, '\n')); p++) {
		lines++;
		small += !strncmp(p + 1, "small:", 6);
	}
	/* and the line "cpus=" */
	CU_ASSERT_EQUAL(lines, 5000 + 3000 + 300 + 1);
	CU_ASSERT_EQUAL(small, 300);
	free(got);
}

static const struct test tests[] = {
	{ "buffers point at their data, aligned and by CPU", test_points_at_the_data },
	{ "sub-buffers are kept as they are", test_keeps_the_pages },
	{ "the file says of what it is", test_says_what_it_is },
	{ "CPUCOUNT covers possible CPUs", test_counts_possible_cpus },
	{ "the ring buffer is described", test_describes_the_ring_buffer },
	{ "formats of the events seen are there", test_holds_the_formats_seen },
	{ "symbols, printk formats and names are there", test_holds_the_boots_names },
	{ "tasks of the events in it have their names", test_holds_the_tasks_names },
	{ "the kernel's counts are there", test_holds_the_kernels_counts },
	{ "numbers are in the kernel's byte order", test_writes_the_kernels_byte_order },
	{ "the file's page size is the top buffer's",
	  test_takes_the_page_size_of_the_top_buffer },
	{ "no two buffers have one name", test_names_are_unique },
	{ "the top-level ring has no name, persistent or not", test_the_top_level_ring_has_no_name },
	{ "a file without buffers can be written", test_writes_a_file_without_buffers },
	{ "the file appears when it is complete", test_appears_when_complete },
	{ "a failure keeps the old file", test_keeps_the_old_file_on_failure },
	{ "an unusable path is an error with its name", test_says_where_it_cannot_write },
	{ "a full disk is an error with file and bytes", test_reports_a_full_disk },
	{ "sub-buffers of odd sizes are refused", test_refuses_odd_sizes },
	{ "events of a previous boot are refused", test_refuses_another_boot },
	{ "an interrupt while describing ends it", test_stops_when_interrupted_at_the_end },
	{ "trace-cmd reads the file", test_is_read_by_trace_cmd },
	{ "trace-cmd reads large sub-buffers", test_large_pages_are_read_by_trace_cmd },
	{ NULL, NULL }
};
const struct test_suite suite_sink_tracedat = { "sink_tracedat", tests };
