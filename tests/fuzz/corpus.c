// SPDX-License-Identifier: GPL-2.0-or-later
/* What the fuzz targets start from. usage: corpus DIR; files go to DIR/TARGET/ */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "boot.h"
#include "mkbootring.h"
#include "mkimage.h"
#include "mkramoops.h"
#include "persist-in.h"

static FILE *create(const char *dir, const char *target, const char *kind, unsigned int number)
{
	char path[300];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", dir, target);
	mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/%s/%s-%u", dir, target, kind, number);
	out = fopen(path, "w");
	if (!out) {
		perror(path);
		exit(1);
	}
	return out;
}

/* All kinds of records, in all encodings */
static void make_pages(const char *dir)
{
	static const char words[] =
		"size 256\ncpu 0\npage ts=1000 missed=3\nevent +5 len=8\nextend +5000000000\n"
		"event +1 len=120\nstamp 77777777777\ndiscard +3 len=12\nevent +0 len=4\n"
		"page ts=9 missed=?\nevent +1 count=9\npad\npage ts=5\n";

	for (unsigned int i = 0; i < 4; i++) {
		struct merge_source *src;
		char *text;

		if (asprintf(&text, "long %d\n%s\n%s", i & 1 ? 4 : 8, i & 2 ? "big" : "", words) < 0)
			abort();
		src = image_open(text);
		for (unsigned int page = 0; page < 3; page++) {
			struct image_page *p = image_page(src, 0, 0, page);
			FILE *out = create(dir, "page", "image", 3 * i + page);

			putc(i, out);
			putc(0, out);
			fwrite(p->data, 1, p->have, out);
			fclose(out);
		}
		merge_source_close(src);
		free(text);
	}
}

static void make_formats(const char *dir)
{
	static const char *const printks[] = { "n=%d s=%s", "%*.*s %pI4", "" };
	struct merge_desc *boot = boot_open();
	char *system, *format, *id;

	for (unsigned int i = 1; i < UNREADABLE; i++) {
		FILE *out;

		if (boot->ops->event(boot, i, &system, &format))
			continue;
		out = create(dir, "description", "format", i);
		id = strstr(format, "\nID: ") + 5;
		fprintf(out, "f%.*s7%s", (int)(id - format), format, strchr(id, '\n'));
		fwrite("\0\1\0\0\0\0\0\0\0\4\0\0\0", 1, 13, out);
		fclose(out);
		free(system);
		free(format);
	}
	for (unsigned int i = 0; i < 3; i++) {
		FILE *out = create(dir, "description", "printk", i);

		fprintf(out, "p%s", printks[i]);
		fclose(out);
	}
	desc_close(boot);
}

/* Where fuzz-description.c looks for them: token i is the letter i */
static void make_kallsyms(const char *dir)
{
	static const char names[] = "\7T_stext\5Tvfs_\4tabc";
	uint8_t blob[1700] = { 3 };
	FILE *out = create(dir, "description", "kallsyms", 0);
	unsigned int used = 0;

	memcpy(blob + 8, "\0\0\0\x81\xff\xff\xff\xff", 8);
	for (unsigned int i = 0; i < 256; i++) {
		blob[16 + 2 * i] = used;
		blob[17 + 2 * i] = used >> 8;
		blob[560 + used++] = i;
		blob[560 + used++] = 0;
	}
	blob[532] = 0x10;
	blob[536] = 0x20;
	memcpy(blob + 1600, names, sizeof(names));
	putc('k', out);
	fwrite(blob, 1, sizeof(blob), out);
	fclose(out);
}

static void make_dats(const char *dir)
{
	static const char image[] =
		"size 4096\nbuffer top clock=local\n"
		"cpu 0\npage ts=1000\nevent +10 id=118\nevent +20 id=118\n"
		"page ts=2000 missed=3\nevent +10 id=118 len=40\n"
		"cpu 3\npage ts=1500\nevent +1 id=118\nevent +1 id=100 len=64\n"
		"buffer count clock=counter\ncpu 1\npage ts=1600\nevent +1 id=5 len=40\n";

	for (unsigned int version = 6; version <= 7; version++) {
		struct merge_source *src = boot_image(image);
		struct merge_error err = { 0 };
		struct merge_sink *sink;
		char path[300];

		fclose(create(dir, "tracedat", "version", version));
		snprintf(path, sizeof(path), "%s/tracedat/version-%u", dir, version);
		if (merge_sink_tracedat_create(path, version, &err, &sink) ||
		    merge_pump_pages(src, NULL, sink, NULL, &err, NULL) < 0) {
			fprintf(stderr, "corpus: %s\n", err.text);
			exit(1);
		}
		merge_sink_destroy(sink);
		merge_source_close(src);
	}
}

/* As fuzz-region.c computes them */
static void clear_crcs(struct persist_made *m)
{
	for (unsigned int i = 0; i < 2; i++)
		persist_put(m, m->copies[i] + HEADER(crc), 4, 0);
	for (uint32_t type = TRACE_PERSIST_EVENT; type <= TRACE_PERSIST_MEMORY; type++)
		for (unsigned int n = persist_entries(m, type); n--;)
			persist_put(m, persist_entry_at(m, type, n) + ENTRY(crc), 4, 0);
	for (uint32_t i = 0; i < m->nr_comms; i++)
		persist_put(m, m->comms + i * sizeof(struct trace_persist_comm) +
			    offsetof(struct trace_persist_comm, crc), 4, 0);
	for (size_t cpu = 0; cpu < m->nr_cpus; cpu++)
		for (size_t k = 0; k < m->cpus[cpu].nr; k++)
			persist_put(m, persist_seal_at(m, cpu, k) + SEAL(crc), 4, 0);
}

static void make_regions(const char *dir)
{
	static const char *const images[] = {
		PERSIST_SMALL,
		"long 4\nbig\nsize 4096\nbuffer count clock=counter\ncpu 1\npage ts=1600 missed=3\n"
		"event +1 id=5 len=40\npage ts=1700\nevent +1 id=100 len=64\n",
	};

	for (unsigned int i = 0; i < 2; i++) {
		struct persist_how how = { .consumed = i };
		struct merge_source *src = boot_image(images[i]);
		struct persist_made m;
		FILE *out = create(dir, "region", "slot", i);

		persist_make(&m, src, &how);
		clear_crcs(&m);
		fwrite(m.data, 1, m.size, out);
		fclose(out);
		persist_made_free(&m);
		merge_source_close(src);
	}
}

/* The first byte says as what: see fuzz-ramoops.c */
static void make_ramoops(const char *dir)
{
	for (unsigned int i = 0; i < 3; i++) {
		struct ramoops_mem m = { .long_size = i == 1 ? 4 : 8, .ecc = i == 2 ? 16 : 0 };
		FILE *out = create(dir, "ramoops", "zones", i);

		ramoops_small(&m, 0);
		putc(i == 2 ? 3 : 0, out);
		fwrite(m.data, 1, m.size, out);
		fclose(out);
		ramoops_mem_free(&m);
	}
	for (unsigned int i = 0; i < 2; i++) {
		const struct bootring_how how = { .heads = i };
		struct merge_source *src = boot_image("size 4096\nbuffer top clock=local\ncpu 0\n"
						      "page ts=5\nevent +1 id=100 len=64\n");
		FILE *out = create(dir, "ramoops", "ring", i);
		struct bootring_made m;

		bootring_make(&m, src, &how);
		putc(1, out);
		fwrite(m.data, 1, m.size, out);
		fclose(out);
		bootring_made_free(&m);
		merge_source_close(src);
	}
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	mkdir(argv[1], 0755);
	make_pages(argv[1]);
	make_formats(argv[1]);
	make_kallsyms(argv[1]);
	make_dats(argv[1]);
	make_regions(argv[1]);
	make_ramoops(argv[1]);
	return 0;
}
