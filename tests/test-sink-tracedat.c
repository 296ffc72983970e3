// SPDX-License-Identifier: GPL-2.0-or-later
/* The trace.dat sink: its files read by dat.c, and by trace-cmd where it is. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "boot.h"
#include "dat.h"
#include "mkimage.h"
#include "tests.h"

/* Options and sections, as trace-cmd numbers them */
enum {
	CPUSTAT = 2, TRACECLOCK = 4, UNAME = 5, CPUCOUNT = 8, VERSION = 9, TRACEID = 11,
	HEADER_INFO = 16, FTRACE_EVENTS = 17, EVENT_FORMATS = 18, KALLSYMS = 19, PRINTK = 20,
	CMDLINES = 21,
};

/* Ids of boot.h in numbers: 5 print, 118 tick */
#define TWO_BUFFERS							\
	"size 4096\n"							\
	"buffer top clock=local\n"					\
	"cpu 0\n"							\
	"page ts=1000\nevent +10 id=118\nevent +20 id=118\n"		\
	"page ts=2000 missed=3\nevent +10 id=118 len=40\n"		\
	"cpu 1\n"							\
	"cpu 3\n"							\
	"page ts=1500\nevent +1 id=118\n"				\
	"size 65536\n"							\
	"buffer snap/snapshot clock=counter\n"				\
	"cpu 6\n"							\
	"page ts=7\nevent +1 id=118 count=4000\nevent +1 id=104 len=12\n" \
	"page ts=9000\nevent +1 id=5 len=20\n"

/* A directory of its own for a file, and what is there afterwards */
struct place {
	char dir[64];
	char path[80];
};

static void place_make(struct place *p)
{
	strcpy(p->dir, "/tmp/test-tracedat-XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(p->dir));
	snprintf(p->path, sizeof(p->path), "%s/trace.dat", p->dir);
}

/* Number of files in the directory */
static unsigned int place_count(const struct place *p)
{
	DIR *dir = opendir(p->dir);
	unsigned int count = 0;

	while (readdir(dir))
		count++;
	closedir(dir);
	return count - 2;
}

static void place_remove(struct place *p)
{
	unlink(p->path);
	CU_ASSERT_EQUAL(rmdir(p->dir), 0);
}

/* An image described by a boot; the buffer "top" is the top-level one */
static struct merge_source *open_image(const char *text)
{
	struct merge_source *src = image_open(text);

	desc_close(src->desc);
	src->desc = boot_open();
	src->desc->long_size = src->long_size;
	src->desc->big_endian = src->big_endian;
	for (unsigned int i = 0; i < src->nr_buffers; i++) {
		struct merge_buffer *buf = &src->buffers[i];

		if (!strcmp(buf->name, "top"))
			*(char *)buf->instance = '\0';
	}
	return src;
}

/* The file made of @text, read back */
static struct dat *write_dat(const char *text)
{
	struct merge_source *src = open_image(text);
	struct merge_error err = { 0 };
	struct merge_sink *sink;
	struct place place;
	struct dat *dat;
	int ret;

	place_make(&place);
	CU_ASSERT_EQUAL_FATAL(merge_sink_tracedat_create(place.path, &err, &sink), 0);
	ret = merge_pump_pages(src, NULL, sink, NULL, &err, NULL);
	CU_ASSERT(ret == 0 || ret == 1);
	merge_sink_destroy(sink);
	CU_ASSERT_EQUAL(place_count(&place), 1);
	dat = dat_open(place.path);
	place_remove(&place);
	merge_source_close(src);
	return dat;
}

static void test_points_at_the_data(void)
{
	struct dat *dat = write_dat(TWO_BUFFERS);
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
	struct merge_source *src = open_image(TWO_BUFFERS);
	struct dat *dat = write_dat(TWO_BUFFERS);
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
	struct dat *dat = write_dat(TWO_BUFFERS);
	struct dat *again = write_dat(TWO_BUFFERS);

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
	struct dat *dat = write_dat("cpu 0\npage ts=1\nevent +1 id=118\n");

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
	struct dat *dat = write_dat(TWO_BUFFERS);
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
	struct dat *dat = write_dat(TWO_BUFFERS "event +1 id=101 len=12\nevent +1 id=106 len=12\n"
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
	struct dat *dat = write_dat(TWO_BUFFERS);
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
	/* trace-cmd stops at a line it cannot parse: no line feeds, no empty names */
	CHECK_TEXT(dat_section_text(dat, CMDLINES, 8),
		   "1 systemd\n7 bash\n8 two?lines\n10 a longer name16\n");
	dat_close(dat);
}

static void test_holds_the_kernels_counts(void)
{
	struct merge_source *src = open_image(TWO_BUFFERS);
	struct merge_error err = { 0 };
	struct merge_sink *sink;
	struct place place;
	struct dat *dat;

	src->buffers[0].cpus[2].has_counters = true;
	src->buffers[0].cpus[2].counters = (struct merge_counters){ 1, 2, 3, 4, 5, 6 };
	src->buffers[1].cpus[0].has_counters = true;
	place_make(&place);
	CU_ASSERT_EQUAL_FATAL(merge_sink_tracedat_create(place.path, &err, &sink), 0);
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
	place_remove(&place);
	merge_source_close(src);
}

static void test_writes_the_kernels_byte_order(void)
{
	struct dat *dat = write_dat("big\nlong 4\n" TWO_BUFFERS);
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
	struct dat *dat = write_dat("size 4096\nbuffer inst\ncpu 0\npage ts=1\nevent +1 id=118\n"
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
	struct dat *dat = write_dat("notice\n");

	CU_ASSERT_EQUAL(dat->nr_rings, 0);
	CU_ASSERT_EQUAL(dat->page_size, 4096);
	CHECK_TEXT(dat_texts(dat, TRACECLOCK), "");
	dat_close(dat);
}

/* ---- The file -------------------------------------------------------------- */

static void test_appears_when_complete(void)
{
	struct merge_source *src = open_image(TWO_BUFFERS);
	const struct merge_buffer *bufs[] = { &src->buffers[0] };
	struct merge_error err = { 0 };
	struct merge_sink *sink;
	struct place place;
	struct stat st;

	place_make(&place);
	CU_ASSERT_EQUAL_FATAL(merge_sink_tracedat_create(place.path, &err, &sink), 0);
	CU_ASSERT_EQUAL(sink->ops->begin(sink, bufs, 1, &err), 0);
	CU_ASSERT_EQUAL(stat(place.path, &st), -1);
	CU_ASSERT_EQUAL(place_count(&place), 1);
	merge_sink_destroy(sink);
	CU_ASSERT_EQUAL(place_count(&place), 0);

	CU_ASSERT_EQUAL_FATAL(merge_sink_tracedat_create(place.path, &err, &sink), 0);
	CU_ASSERT_EQUAL(merge_pump_pages(src, NULL, sink, NULL, &err, NULL), 0);
	CU_ASSERT_EQUAL(stat(place.path, &st), 0);
	CU_ASSERT_EQUAL(st.st_mode & 0777, 0600);
	merge_sink_destroy(sink);
	CU_ASSERT_EQUAL(place_count(&place), 1);
	place_remove(&place);
	merge_source_close(src);
}

static void test_keeps_the_old_file_on_failure(void)
{
	struct merge_source *src = open_image(TWO_BUFFERS);
	struct merge_error err = { 0 };
	struct merge_sink *sink;
	struct place place;
	char old[4] = "";
	FILE *file;

	place_make(&place);
	file = fopen(place.path, "w");
	fputs("old", file);
	fclose(file);
	CU_ASSERT_EQUAL_FATAL(merge_sink_tracedat_create(place.path, &err, &sink), 0);
	image_of(src)->interrupt_at = 3;
	CU_ASSERT_EQUAL(merge_pump_pages(src, NULL, sink, NULL, &err, NULL), -EINTR);
	merge_sink_destroy(sink);
	file = fopen(place.path, "r");
	CU_ASSERT_EQUAL(fread(old, 1, 3, file), 3);
	CU_ASSERT_STRING_EQUAL(old, "old");
	fclose(file);
	CU_ASSERT_EQUAL(place_count(&place), 1);
	place_remove(&place);
	merge_source_close(src);
}

static void test_says_where_it_cannot_write(void)
{
	struct merge_error err = { 0 };
	struct merge_sink *sink = NULL;

	CU_ASSERT_EQUAL(merge_sink_tracedat_create("/nowhere/trace.dat", &err, &sink), -ENOENT);
	CU_ASSERT_STRING_EQUAL(err.text, "/nowhere/trace.dat: No such file or directory");
	CU_ASSERT_EQUAL(merge_sink_tracedat_create("/tmp", &err, &sink), -EEXIST);
	CU_ASSERT_STRING_EQUAL(err.text, "/tmp: exists and is not a regular file");
	CU_ASSERT_EQUAL(merge_sink_tracedat_create("/dev/null", &err, &sink), -EEXIST);
	CU_ASSERT_PTR_NULL(sink);
}

/* No room for more than @limit bytes of the file */
static void write_limited(rlim_t limit, const char *want)
{
	struct merge_source *src = open_image(TWO_BUFFERS);
	struct merge_error err = { 0 };
	struct merge_sink *sink;
	struct rlimit old, less;
	struct place place;

	place_make(&place);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	less = (struct rlimit){ limit, old.rlim_max };
	CU_ASSERT_EQUAL_FATAL(merge_sink_tracedat_create(place.path, &err, &sink), 0);
	setrlimit(RLIMIT_FSIZE, &less);
	CU_ASSERT_EQUAL(merge_pump_pages(src, NULL, sink, NULL, &err, NULL), -EFBIG);
	setrlimit(RLIMIT_FSIZE, &old);
	signal(SIGXFSZ, SIG_DFL);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, place.path));
	CHECK_ROW(strstr(err.text, want) != NULL, err.text);
	merge_sink_destroy(sink);
	CU_ASSERT_EQUAL(place_count(&place), 0);
	place_remove(&place);
	merge_source_close(src);
}

static void test_reports_a_full_disk(void)
{
	struct dat *dat = write_dat(TWO_BUFFERS);

	/* in the middle of the sub-buffers, of what follows them, and at the very end */
	write_limited(dat->size - 1, "bytes: File too large");
	dat_close(dat);
	write_limited(10000, "bytes: File too large");
	write_limited(3 * 65536 + 1000, "bytes: File too large");
}

static void test_refuses_odd_sizes(void)
{
	struct merge_source *src = open_image("size 12288\nbuffer top\ncpu 0\n"
					     "page ts=1\nevent +1\n");
	struct merge_error err = { 0 };
	struct merge_sink *sink;
	struct place place;

	place_make(&place);
	CU_ASSERT_EQUAL_FATAL(merge_sink_tracedat_create(place.path, &err, &sink), 0);
	CU_ASSERT_EQUAL(merge_pump_pages(src, NULL, sink, NULL, &err, NULL), -ENOTSUP);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text,
		"trace.dat cannot hold sub-buffers of 12288 bytes"));
	merge_sink_destroy(sink);
	place_remove(&place);
	merge_source_close(src);
}

static void test_stops_when_interrupted_at_the_end(void)
{
	struct merge_source *src = open_image(TWO_BUFFERS);
	struct merge_error err = { 0 };
	struct merge_sink *sink;
	struct place place;

	place_make(&place);
	boot_of(src->desc)->fail_symbols = -EINTR;
	CU_ASSERT_EQUAL_FATAL(merge_sink_tracedat_create(place.path, &err, &sink), 0);
	CU_ASSERT_EQUAL(merge_pump_pages(src, NULL, sink, NULL, &err, NULL), -EINTR);
	merge_sink_destroy(sink);
	CU_ASSERT_EQUAL(place_count(&place), 0);
	place_remove(&place);
	merge_source_close(src);
}

/* ---- Other readers ---------------------------------------------------------- */

/* What trace-cmd report says of the file made of @text; NULL: no trace-cmd */
static char *report(const char *text)
{
	struct merge_source *src = open_image(text);
	struct merge_error err = { 0 };
	char command[200], *out = NULL;
	struct merge_sink *sink;
	struct place place;
	size_t size;
	FILE *pipe, *all;
	int c;

	if (system("command -v trace-cmd >/dev/null")) {
		fprintf(stderr, "skipped: trace-cmd is not installed ");
		merge_source_close(src);
		return NULL;
	}
	place_make(&place);
	CU_ASSERT_EQUAL_FATAL(merge_sink_tracedat_create(place.path, &err, &sink), 0);
	CU_ASSERT_EQUAL(merge_pump_pages(src, NULL, sink, NULL, &err, NULL), 0);
	merge_sink_destroy(sink);
	/* -t: all digits of the time */
	snprintf(command, sizeof(command), "trace-cmd report -t %s 2>&1", place.path);
	all = open_memstream(&out, &size);
	pipe = popen(command, "r");
	while ((c = getc(pipe)) != EOF)
		putc(c, all);
	CU_ASSERT_EQUAL(pclose(pipe), 0);
	fclose(all);
	place_remove(&place);
	merge_source_close(src);
	return out;
}

/*
 * @text with single spaces and without the flags behind "[cpu]": releases differ
 * in how they align lines and whether they show flags. Frees @text.
 */
static char *plain_report(char *text)
{
	char *out = NULL, *rest = text, *line, *word;
	size_t size;
	FILE *file = open_memstream(&out, &size);

	while ((line = strsep(&rest, "\n")) && *line) {
		bool behind_cpu = false;

		for (const char *space = ""; (word = strsep(&line, " ")); ) {
			if (!*word || (behind_cpu && !strchr(word, ':')))
				continue;
			fprintf(file, "%s%s", space, word);
			space = " ";
			behind_cpu = *word == '[' && strchr(word, ']');
		}
		putc('\n', file);
	}
	fclose(file);
	free(text);
	return out;
}

static void test_is_read_by_trace_cmd(void)
{
	static const char text[] =
		"size 4096\nbuffer top clock=local\n"
		"cpu 0\npage ts=1000\nevent +10 id=118\nevent +20 id=118\n"
		"page ts=2000 missed=3\nevent +10 id=118 len=40\n"
		"cpu 3\npage ts=1500\nevent +1 id=118\n"
		"size 65536\nbuffer big clock=local\n"
		"cpu 1\npage ts=1600\nevent +1 id=118 count=4\n"
		"page ts=1700\nevent +1 id=118\n";
	char *got = report(text);

	if (!got)
		return;
	CHECK_TEXT(plain_report(got),
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
	char *got = report(text);
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
	{ "the kernel's counts are there", test_holds_the_kernels_counts },
	{ "numbers are in the kernel's byte order", test_writes_the_kernels_byte_order },
	{ "the file's page size is the top buffer's",
	  test_takes_the_page_size_of_the_top_buffer },
	{ "a file without buffers can be written", test_writes_a_file_without_buffers },
	{ "the file appears when it is complete", test_appears_when_complete },
	{ "a failure keeps the old file", test_keeps_the_old_file_on_failure },
	{ "an unusable path is an error with its name", test_says_where_it_cannot_write },
	{ "a full disk is an error with file and bytes", test_reports_a_full_disk },
	{ "sub-buffers of odd sizes are refused", test_refuses_odd_sizes },
	{ "an interrupt while describing ends it", test_stops_when_interrupted_at_the_end },
	{ "trace-cmd reads the file", test_is_read_by_trace_cmd },
	{ "trace-cmd reads large sub-buffers", test_large_pages_are_read_by_trace_cmd },
	{ NULL, NULL }
};
const struct test_suite suite_sink_tracedat = { "sink_tracedat", tests };
