// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A big trace.dat, made and read:
 *
 *	bench-big make FILE	256 CPUs with 40 MiB each, 10 GiB in all
 *	bench-big all FILE	decode and merge it: events, seconds, VmHWM in KiB
 *	bench-big last FILE	open it and print the last 20 events: seconds
 *
 * In the file all CPUs' sections are the same 40 MiB, so that it needs no more room;
 * whoever reads it reads 10 GiB, piece by piece.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../boot.h"
#include "../mkimage.h"
#include "page_build.h"

#define NR_CPUS		256u
#define NR_SUBBUFS	10240u
#define SUBBUF_SIZE	4096u

/* What the option BUFFER has for each CPU: u32 number, u64 offset, u64 size */
#define ENTRY_SIZE	20u

static void die(const char *what, const char *why)
{
	fprintf(stderr, "bench-big: %s: %s\n", what, why);
	exit(1);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* ---- make ------------------------------------------------------------------ */

static struct merge_source *small_source(void)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct merge_source *src;

	fprintf(out, "size %u\nbuffer top clock=local\n", SUBBUF_SIZE);
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		fprintf(out, "cpu %u\npage ts=1000\nevent +1 id=%u\n", cpu, TICK);
	fclose(out);
	src = boot_image(text);
	free(text);
	src->desc->long_size = src->long_size;
	src->desc->big_endian = src->big_endian;
	return src;
}

/* With one sub-buffer on each CPU */
static void write_small(const char *path)
{
	struct merge_source *src = small_source();
	struct merge_error err = { 0 };
	struct merge_sink *sink;

	if (merge_sink_tracedat_create(path, 7, &err, &sink) ||
	    merge_pump_pages(src, NULL, sink, NULL, &err, NULL) < 0)
		die(path, err.text);
	merge_sink_destroy(sink);
	merge_source_close(src);
}

static bool is_entry(const uint8_t *at, uint32_t cpu)
{
	uint64_t size;
	uint32_t number;

	memcpy(&number, at, 4);
	memcpy(&size, at + 12, 8);
	return number == cpu && size == SUBBUF_SIZE;
}

static uint8_t *find_entries(uint8_t *data, size_t size)
{
	for (size_t i = 0; i + NR_CPUS * ENTRY_SIZE <= size; i++) {
		unsigned int cpu = 0;

		while (cpu < NR_CPUS && is_entry(data + i + cpu * ENTRY_SIZE, cpu))
			cpu++;
		if (cpu == NR_CPUS)
			return data + i;
	}
	die("the file made", "has no list of CPUs");
	return NULL;
}

static void write_subbufs(FILE *file)
{
	uint8_t page[SUBBUF_SIZE], record[60] = { TICK };
	uint64_t ts = 1000000;

	for (unsigned int i = 0; i < NR_SUBBUFS; i++) {
		struct page_build build;
		uint64_t delta = 0;

		memset(page, 0, sizeof(page));
		page_build_init(&build, page, SUBBUF_SIZE, 8, false, ts);
		for (unsigned int n = 0; !page_build_event(&build, delta, record, 12 + n % 8 * 4);
		     n++) {
			ts += delta;
			delta = 500 + (ts * 31 + n) % 1000;
		}
		ts += delta;
		page_build_finish(&build, 0);
		if (fwrite(page, sizeof(page), 1, file) != 1)
			die("writing", strerror(errno));
	}
}

/* Every CPU's section is the one at the end */
static void grow(const char *path)
{
	FILE *file = fopen(path, "r+b");
	uint64_t size = (uint64_t)NR_SUBBUFS * SUBBUF_SIZE, place, end;
	uint8_t *data, *entries;

	if (!file || fseek(file, 0, SEEK_END))
		die(path, strerror(errno));
	end = (uint64_t)ftell(file);
	place = (end + SUBBUF_SIZE - 1) / SUBBUF_SIZE * SUBBUF_SIZE;
	data = malloc(end);
	rewind(file);
	if (!data || fread(data, end, 1, file) != 1)
		die(path, "unreadable");
	entries = find_entries(data, end);
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		memcpy(entries + cpu * ENTRY_SIZE + 4, &place, 8);
		memcpy(entries + cpu * ENTRY_SIZE + 12, &size, 8);
	}
	rewind(file);
	if (fwrite(data, end, 1, file) != 1 || fseek(file, (long)place, SEEK_SET))
		die(path, strerror(errno));
	write_subbufs(file);
	if (fclose(file))
		die(path, strerror(errno));
	free(data);
}

/* ---- all, last ---------------------------------------------------------------- */

static struct merge_source *open_file(const char *path)
{
	struct merge_error err = { 0 };
	struct merge_source *src;

	if (merge_source_open(path, NULL, &err, &src))
		die(path, err.text);
	return src;
}

/* The most memory this process ever had resident */
static unsigned long peak_kib(void)
{
	FILE *file = fopen("/proc/self/status", "r");
	unsigned long kib = 0;
	char line[128];

	while (file && fgets(line, sizeof(line), file))
		sscanf(line, "VmHWM: %lu", &kib);
	if (file)
		fclose(file);
	return kib;
}

static void read_all(const char *path)
{
	double start = now();
	struct merge_source *src = open_file(path);
	struct merge_error err = { 0 };
	struct merge_iter *it;
	struct merge_event ev;
	int ret;

	if (merge_iter_create(src, NULL, NULL, NULL, &err, &it))
		die(path, err.text);
	while ((ret = merge_iter_next(it, &ev)) == 1)
		;
	if (ret || merge_iter_stats(it)->bytes != (uint64_t)NR_CPUS * NR_SUBBUFS * SUBBUF_SIZE)
		die(path, "not all was read");
	printf("all %llu %.3f %lu\n", (unsigned long long)merge_iter_stats(it)->events,
	       now() - start, peak_kib());
	merge_iter_destroy(it);
	merge_source_close(src);
}

static void read_last(const char *path)
{
	double start = now();
	struct merge_source *src = open_file(path);
	struct merge_select sel = { .last = 20 };
	struct merge_error err = { 0 };
	struct merge_stats stats;
	struct merge_sink *sink;

	if (merge_sink_text_create(stdout, &err, &sink) ||
	    merge_pump_events(src, &sel, sink, NULL, &err, &stats) < 0 || stats.events != 20)
		die(path, err.text);
	merge_sink_destroy(sink);
	merge_source_close(src);
	printf("last %.3f\n", now() - start);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(const char *path);
	} commands[] = { { "all", read_all }, { "last", read_last } };

	if (argc != 3)
		die("usage", "bench-big make|all|last FILE");
	if (!strcmp(argv[1], "make")) {
		write_small(argv[2]);
		grow(argv[2]);
		return 0;
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (!strcmp(argv[1], commands[i].name))
			commands[i].run(argv[2]);
	return 0;
}
