// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files for the cases of pstore-rb, made from a description in text (mkimage.h)
 * of the boot of boot.h. usage: make-trace FILE|DIR/|FILE.region|FILE.2.region <IMAGE;
 * FILE.bootring; or FILE.ramoops, mainline's, of which nothing is described.
 * Of a 2.region the first slot has the older recording.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boot.h"
#include "mkbootring.h"
#include "mkpages.h"
#include "mkpersist.h"
#include "mkramoops.h"

/* As the kernel would have counted them */
static void count_entries(struct merge_source *src)
{
	struct merge_error err = { 0 };
	struct merge_iter *it;
	struct merge_event ev;

	if (merge_iter_create(src, NULL, NULL, NULL, &err, &it))
		return;
	while (merge_iter_next(it, &ev) > 0) {
		struct merge_buffer *buf = &src->buffers[ev.buffer->index];

		for (unsigned int i = 0; i < buf->nr_cpus; i++) {
			buf->cpus[i].counters.entries += buf->cpus[i].cpu == ev.cpu;
			buf->cpus[i].has_counters = true;
		}
	}
	merge_iter_destroy(it);
}

static struct merge_source *open_image(const char *text)
{
	struct merge_source *src = boot_image(text);

	src->desc->long_size = src->long_size;
	src->desc->big_endian = src->big_endian;
	for (unsigned int i = 0; i < src->nr_buffers; i++)
		if (!strcmp(src->buffers[i].name, "top"))
			*(char *)src->buffers[i].instance = '\0';
	return src;
}

static int make_file(const char *path, struct merge_source *src)
{
	struct merge_error err = { 0 };
	struct merge_sink *sink;
	int ret = merge_sink_tracedat_create(path, 7, &err, &sink);

	if (!ret) {
		ret = merge_pump_pages(src, NULL, sink, NULL, &err, NULL);
		merge_sink_destroy(sink);
	}
	if (ret < 0)
		fprintf(stderr, "%s\n", err.text);
	return ret < 0;
}

/* The first sub-buffer of each CPU was consumed */
static int make_region(const char *path, struct merge_source *src, uint32_t nr_slots)
{
	struct persist_how how = { .consumed = 1, .nr_slots = nr_slots, .phys = 0x10000000 };
	FILE *out = fopen(path, "w");
	int ret = !out;

	for (; !ret && how.slot < nr_slots; how.slot++) {
		struct persist_made m;

		how.generation = how.slot + 1;
		persist_make(&m, src, &how);
		ret = fwrite(m.data, 1, m.size, out) != m.size;
		how.phys += m.size;
		persist_made_free(&m);
	}
	return ret || fclose(out);
}

/* At 0x3000 of a memory, as 6.12 has it */
static int make_bootring(const char *path, struct merge_source *src)
{
	const struct bootring_how how = { .at = 0x3000 };
	struct bootring_made m;
	FILE *out = fopen(path, "w");
	int ret;

	bootring_make(&m, src, &how);
	ret = !out || fwrite(m.data, 1, m.size, out) != m.size || fclose(out);
	bootring_made_free(&m);
	return ret;
}

/* At 0x5000 of a memory */
static int make_ramoops(const char *path)
{
	struct ramoops_mem m = { 0 };
	FILE *out = fopen(path, "w");
	int ret;

	ramoops_small(&m, 0x5000);
	ret = !out || fwrite(m.data, 1, m.size, out) != m.size || fclose(out);
	ramoops_mem_free(&m);
	return ret;
}

static bool ends(const char *text, const char *end)
{
	size_t len = strlen(text);

	return len >= strlen(end) && !strcmp(text + len - strlen(end), end);
}

int main(int argc, char **argv)
{
	struct merge_source *src;
	char *text = NULL;
	size_t size = 0;
	int ret = 0;

	if (argc != 2 || getdelim(&text, &size, '\0', stdin) < 0)
		return 2;
	src = open_image(text);
	count_entries(src);
	if (ends(argv[1], "/"))
		pages_make(argv[1], src);
	else if (ends(argv[1], ".region"))
		ret = make_region(argv[1], src, ends(argv[1], ".2.region") ? 2 : 1);
	else if (ends(argv[1], ".bootring"))
		ret = make_bootring(argv[1], src);
	else if (ends(argv[1], ".ramoops"))
		ret = make_ramoops(argv[1]);
	else
		ret = make_file(argv[1], src);
	merge_source_close(src);
	free(text);
	return ret;
}
