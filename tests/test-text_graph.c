// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Calls of the function_graph tracer, from sub-buffers through the whole text
 * sink, since a call that is one line looks ahead in its stream. What is wanted
 * is what trace_functions_graph.c of the kernel prints.
 */
#include <stdlib.h>
#include <string.h>

#include "boot.h"
#include "mkimage.h"
#include "tests.h"

/*
 * An image with calls in it: words of mkimage.h, and
 *
 *	in FUNCTION DEPTH pid=7		an entry 100 ns after the event before it
 *	in2 FUNCTION DEPTH pid=7	an entry with its return address
 *	out FUNCTION DEPTH ns=5 pid=7	an exit
 *	tick				another event
 */
static const struct {
	const char *name;
	uint64_t addr;
} functions[] = {
	{ "vfs_read", VFS_READ }, { "ksys_read", KSYS_READ + 4 }, { "ext4_read", EXT4_READ },
	{ "nowhere", 0x123 },
};

static uint64_t find_function(const char *name)
{
	for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++)
		if (!strcmp(functions[i].name, name))
			return functions[i].addr;
	abort();
}

static uint64_t option(const char *line, const char *key, uint64_t otherwise)
{
	const char *found = strstr(line, key), *end = line + strcspn(line, "\n");

	return found && found < end ? strtoull(found + strlen(key), NULL, 0) : otherwise;
}

static void put_record(FILE *out, const struct record_bytes *r)
{
	fprintf(out, "head type=%u delta=100\nraw ", r->size / 4);
	for (uint32_t i = 0; i < r->size; i++)
		fprintf(out, "%02x", r->data[i]);
	fputc('\n', out);
}

static void put_line(FILE *out, const struct merge_desc *d, const char *line)
{
	struct record_bytes r;
	char word[8], name[16];
	int depth;

	if (!strncmp(line, "tick", 4)) {
		r = record_begin(d, TICK, 7);
		put_record(out, &r);
		return;
	}
	if (sscanf(line, "%7s %15s %d", word, name, &depth) != 3 ||
	    (strncmp(word, "in", 2) && strcmp(word, "out"))) {
		fprintf(out, "%.*s\n", (int)strcspn(line, "\n"), line);
		return;
	}
	r = record_begin(d, !strcmp(word, "in") ? GRAPH_ENTRY :
			 !strcmp(word, "in2") ? GRAPH_RETADDR_ENTRY : GRAPH_EXIT,
			 (int)option(line, "pid=", 7));
	record_number(&r, 8, find_function(name), 8);
	record_number(&r, 16, (uint64_t)depth, !strcmp(word, "in2") ? 8 : 4);
	if (!strcmp(word, "in2"))
		record_number(&r, 24, KSYS_READ, 8);
	if (!strcmp(word, "out")) {
		record_number(&r, 24, 1000, 8);
		record_number(&r, 32, 1000 + option(line, "ns=", 5), 8);
	}
	put_record(out, &r);
}

static struct merge_source *open_calls(const char *calls)
{
	struct merge_desc *d = boot_open();
	struct merge_source *src;
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fprintf(out, "size 1024\n");
	for (; *calls; calls += strcspn(calls, "\n") + 1)
		put_line(out, d, calls);
	fclose(out);
	src = image_open(text);
	free(text);
	desc_close(src->desc);
	src->desc = d;
	return src;
}

/* Of the columns before its text a line keeps the CPU; comments are left out */
static void shorten(FILE *out, char *text)
{
	char *line, *rest = text;

	while ((line = strsep(&rest, "\n"))) {
		char *cpu = strchr(line, '['), *end = strstr(line, ".000001: ");

		if (*line == '#' || !*line)
			continue;
		if (cpu && end)
			fprintf(out, "%d|%s\n", atoi(cpu + 1), end + strlen(".000001: "));
		else
			fprintf(out, "%s\n", line);
	}
}

static char *render_some(const char *calls, const struct merge_select *sel)
{
	struct merge_source *src = open_calls(calls);
	struct merge_error err = { 0 };
	struct merge_sink *sink;
	char *text, *got;
	size_t size;
	FILE *out = open_memstream(&text, &size), *lines = open_memstream(&got, &size);

	CU_ASSERT_EQUAL_FATAL(merge_sink_text_create(out, &err, &sink), 0);
	CU_ASSERT(merge_pump_events(src, sel, sink, NULL, &err, NULL) >= 0);
	merge_sink_destroy(sink);
	merge_source_close(src);
	fclose(out);
	shorten(lines, text);
	fclose(lines);
	free(text);
	return got;
}

static char *render(const char *calls)
{
	return render_some(calls, NULL);
}

#define PAGE	"page ts=600\n"
#define NO_TIME	"              |  "

static const struct {
	const char *name;
	const char *calls;
	const char *want;
} rows[] = {
	{ "a call in a call", "cpu 0\n" PAGE "in vfs_read 0\nin ksys_read 1\nout ksys_read 1\n"
	  "out vfs_read 0 ns=1234\n",
	  "0|" NO_TIME "vfs_read() {\n0|  0.005 us    |    ksys_read();\n0|  1.234 us    |  }\n" },
	{ "leaves in a row", "cpu 0\n" PAGE "in vfs_read 0\nout vfs_read 0\nin ksys_read 0\n"
	  "out ksys_read 0 ns=7\n",
	  "0|  0.005 us    |  vfs_read();\n0|  0.007 us    |  ksys_read();\n" },
	{ "with its return address", "cpu 0\n" PAGE "in2 vfs_read 0\nout vfs_read 0\n"
	  "in2 vfs_read 0\n", "0|  0.005 us    |  vfs_read();\n0|" NO_TIME "vfs_read() {\n" },
	{ "over the end of a sub-buffer", "cpu 0\n" PAGE "in vfs_read 0\n" PAGE PAGE
	  "out vfs_read 0\n", "0|  0.005 us    |  vfs_read();\n" },
	{ "the end", "cpu 0\n" PAGE "in vfs_read 0\n", "0|" NO_TIME "vfs_read() {\n" },
	{ "something lost between", "cpu 0\n" PAGE "in vfs_read 0\npage ts=700 missed=3\n"
	  "out vfs_read 0\n",
	  "0|" NO_TIME "vfs_read() {\nCPU:0 [LOST 3 EVENTS]\n0|  0.005 us    |  }\n" },
	{ "something unreadable between", "cpu 0\n" PAGE "in vfs_read 0\npage error=5\n" PAGE
	  "out vfs_read 0\n",
	  "0|" NO_TIME "vfs_read() {\nCPU:0 [LOST EVENTS]\n0|  0.005 us    |  }\n" },
	{ "another event between", "cpu 0\n" PAGE "in vfs_read 0\ntick\nout vfs_read 0\n",
	  "0|" NO_TIME "vfs_read() {\n0|tick: 7\n0|  0.005 us    |  }\n" },
	{ "another task's exit", "cpu 0\n" PAGE "in vfs_read 0\nout vfs_read 0 pid=1\n",
	  "0|" NO_TIME "vfs_read() {\n0|  0.005 us    |  }\n" },
	{ "another function's exit", "cpu 0\n" PAGE "in vfs_read 0\nout ext4_read 0\n",
	  "0|" NO_TIME "vfs_read() {\n0|  0.005 us    |  } /* ext4_read [ext4] */\n" },
	{ "an exit without an entry", "cpu 0\n" PAGE "out nowhere 1\nout vfs_read 0\n",
	  "0|  0.005 us    |    } /* 0x123 */\n0|  0.005 us    |  } /* vfs_read */\n" },
	{ "an exit closes once", "cpu 0\n" PAGE "in vfs_read 0\ntick\nout vfs_read 0\n"
	  "out vfs_read 0\n", "0|" NO_TIME "vfs_read() {\n0|tick: 7\n0|  0.005 us    |  }\n"
	  "0|  0.005 us    |  } /* vfs_read */\n" },
	{ "a leaf closes what was open", "cpu 0\n" PAGE "in vfs_read 0\ntick\nin vfs_read 0\n"
	  "out vfs_read 0\nout vfs_read 0\n", "0|" NO_TIME "vfs_read() {\n0|tick: 7\n"
	  "0|  0.005 us    |  vfs_read();\n0|  0.005 us    |  } /* vfs_read */\n" },
	{ "each CPU for itself", "cpu 0\n" PAGE "in vfs_read 0\ntick\nout vfs_read 0\ncpu 1\n" PAGE
	  "out vfs_read 0\nin ksys_read 0\nout ksys_read 0\n",
	  "0|" NO_TIME "vfs_read() {\n1|  0.005 us    |  } /* vfs_read */\n0|tick: 7\n"
	  "1|  0.005 us    |  ksys_read();\n0|  0.005 us    |  }\n" },
	{ "each buffer for itself", "cpu 0\n" PAGE "in vfs_read 0\ntick\nbuffer b\ncpu 0\n" PAGE
	  "in ksys_read 0\nout ksys_read 0\nout vfs_read 0\n",
	  "0|" NO_TIME "vfs_read() {\n0|  0.005 us    |  ksys_read();\n0|tick: 7\n"
	  "0|  0.005 us    |  } /* vfs_read */\n" },
	{ "deeper than the kernel remembers", "cpu 0\n" PAGE "out vfs_read 50\n",
	  "0|  0.005 us    |  "
	  "          " "          " "          " "          " "          "
	  "          " "          " "          " "          " "          " "}\n" },
};

static void test_calls(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		CHECK_ROW(test_text(render(rows[i].calls), rows[i].want), rows[i].name);
}

/* An entry that is a leaf takes its exit, nothing else, whether it comes or not. */
static void test_filtered(void)
{
	static const char calls[] = "cpu 0\n" PAGE "in vfs_read 0\nout vfs_read 0\n"
		"in ksys_read 0\nout ksys_read 0 ns=7\n";
	const char *entries = "ftrace:funcgraph_entry", *exits = "ftrace:funcgraph_exit";

	CHECK_TEXT(render_some(calls, &(struct merge_select){ .events = &entries, .nr_events = 1 }),
		   "0|  0.005 us    |  vfs_read();\n0|  0.007 us    |  ksys_read();\n");
	CHECK_TEXT(render_some(calls, &(struct merge_select){ .events = &exits, .nr_events = 1 }),
		   "0|  0.005 us    |  } /* vfs_read */\n0|  0.007 us    |  } /* ksys_read */\n");
}

static void test_durations(void)
{
	static const struct {
		uint64_t ns;
		const char *want;
	} durations[] = {
		{ 0, "  0.000 us    |" }, { 999, "  0.999 us    |" }, { 10000, "  10.000 us   |" },
		{ 10001, "+ 10.001 us   |" }, { 100000, "+ 100.000 us  |" },
		{ 100001, "! 100.001 us  |" }, { 1000001, "# 1000.001 us |" },
		{ 5329860, "# 5329.860 us |" }, { 19332537, "* 19332.53 us |" },
		{ 300805299, "@ 300805.2 us |" }, { 1000000000, "@ 1000000 us  |" },
		{ 1000000001, "$ 1000000 us  |" }, { 12345678999, "$ 12345678 us |" },
		{ 123456789999, "$ 123456789 us |" },
	};

	for (size_t i = 0; i < sizeof(durations) / sizeof(*durations); i++) {
		char calls[100], want[100];

		snprintf(calls, sizeof(calls), "cpu 0\n" PAGE "in vfs_read 0\nout vfs_read 0 ns=%llu\n",
			 (unsigned long long)durations[i].ns);
		snprintf(want, sizeof(want), "0|%s  vfs_read();\n", durations[i].want);
		CHECK_ROW(test_text(render(calls), want), durations[i].want);
	}
}

/* A sink that prints event by event */
static void test_one_by_one(void)
{
	struct merge_desc *d = boot_open();
	struct record_bytes r = record_begin(d, GRAPH_ENTRY, 7);

	record_number(&r, 8, VFS_READ, 8);
	record_number(&r, 16, 1, 4);
	CHECK_TEXT(record_print(d, &r), NO_TIME "  vfs_read() {");
	r = record_begin(d, GRAPH_EXIT, 7);
	record_number(&r, 8, VFS_READ, 8);
	record_number(&r, 32, 1500, 8);
	CHECK_TEXT(record_print(d, &r), "  1.500 us    |  } /* vfs_read */");
	r = record_begin(d, GRAPH_RETADDR_ENTRY, 7);
	record_number(&r, 8, VFS_READ, 8);
	for (unsigned int i = 0; i < 6; i++)
		record_number(&r, 32 + 8 * i, i, 8);
	CHECK_TEXT(record_print(d, &r), NO_TIME "vfs_read(0x0, 0x1, 0x2, 0x3, 0x4, 0x5) {");
	r.size -= 4;
	CHECK_TEXT(record_print(d, &r), NO_TIME "vfs_read() {");
	desc_close(d);
}

static void test_corrupt(void)
{
	struct merge_desc *d = boot_open();
	struct record_bytes r = record_begin(d, GRAPH_ENTRY, 7);

	CHECK_TEXT(record_print(d, &r), "[beyond the record: field func]");
	record_number(&r, 8, VFS_READ, 8);
	record_number(&r, 16, 1024, 4);
	CHECK_TEXT(record_print(d, &r), "[deeper than any stack: field depth]");
	record_number(&r, 16, UINT32_MAX, 4);
	CHECK_TEXT(record_print(d, &r), "[deeper than any stack: field depth]");
	desc_close(d);
	/* an exit cut short ends no call */
	CHECK_TEXT(render("cpu 0\n" PAGE "in vfs_read 0\nhead type=2\nraw 0a00000007000000\n"),
		   "0|" NO_TIME "vfs_read() {\n0|funcgraph_exit: [CORRUPT: beyond the record: "
		   "field func] 0a 00 00 00 07 00 00 00\n");
}

static const struct test tests[] = {
	{ "calls are one line or two, as in the kernel", test_calls },
	{ "a filter hides entries or exits, nothing else", test_filtered },
	{ "durations have the kernel's column", test_durations },
	{ "without look-ahead every event has its line", test_one_by_one },
	{ "corrupt records are not printed", test_corrupt },
	{ NULL, NULL }
};
const struct test_suite suite_text_graph = { "text_graph", tests };
