// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * trace.dat files, damaged: versions 7 and 6 as the library writes them of a
 * kernel's memory, and compressed by trace-cmd.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kinds.h"
#include "world.h"

#define MAX_FILES	4

struct files {
	char dir[100];
	char path[160];		/* the damaged file */
	struct bytes whole[MAX_FILES], now[MAX_FILES];
	size_t nr, next;
};

static void load(struct bytes *b, const char *path)
{
	FILE *in = fopen(path, "r");
	long size;

	if (!in || fseek(in, 0, SEEK_END) || (size = ftell(in)) <= 0) {
		fprintf(stderr, "mutate: there is no %s\n", path);
		exit(2);
	}
	rewind(in);
	*b = (struct bytes){ .size = size, .data = malloc(size), .block = 4096, .word = 8 };
	if (!b->data || fread(b->data, 1, size, in) != (size_t)size)
		abort();
	fclose(in);
	bytes_find_hot(b);
}

static void add(struct files *f, const char *path)
{
	load(&f->whole[f->nr], path);
	f->now[f->nr].data = malloc(f->whole[f->nr].size);
	if (!f->now[f->nr].data)
		abort();
	f->nr++;
}

/* The file of all that is in the memory of a kernel */
static void write_dat(const char *path, unsigned int version)
{
	struct kernel *k = world_kernel(&world_of_pages);
	struct merge_error err = { 0 };
	struct merge_source *src;
	struct merge_sink *sink;

	if (merge_source_open_vmcore(&k->mem, &err, &src) ||
	    merge_sink_tracedat_create(path, version, &err, &sink) ||
	    merge_pump_pages(src, NULL, sink, NULL, &err, NULL) < 0) {
		fprintf(stderr, "mutate: no trace.dat file: %s\n", err.text);
		exit(2);
	}
	merge_sink_destroy(sink);
	merge_source_close(src);
	kernel_close(k);
}

static void *prepare(const char *dir)
{
	struct files *f = calloc(1, sizeof(*f));
	char path[2][160], zip[160], command[500];

	if (!f)
		abort();
	snprintf(f->dir, sizeof(f->dir), "%s", dir);
	for (unsigned int version = 7; version >= 6; version--) {
		snprintf(path[7 - version], sizeof(*path), "%s/v%u.dat", dir, version);
		write_dat(path[7 - version], version);
		add(f, path[7 - version]);
	}
	/* trace-cmd 3.1.6 of Debian 12 knows no other compression */
	snprintf(zip, sizeof(zip), "%s/zstd.dat", dir);
	snprintf(command, sizeof(command), "trace-cmd convert -i %s -o %s --compression zstd "
		 ">/dev/null 2>&1", path[0], zip);
	if (!system(command))
		add(f, zip);
	else
		fprintf(stderr, "SKIPPED: no compressed files: trace-cmd convert fails\n");
	return f;
}

static void release(void *input)
{
	struct files *f = input;

	for (size_t i = 0; i < f->nr; i++) {
		free(f->whole[i].data);
		free(f->whole[i].hot);
		free(f->now[i].data);
	}
	free(f);
}

static int open_file(void *input, struct random *r, struct merge_error *err,
		     struct merge_source **src)
{
	struct files *f = input;
	size_t i = r ? random_below(r, f->nr) : f->next++ % f->nr;
	uint8_t *data = f->now[i].data;
	struct bytes *b = &f->now[i];
	FILE *out;

	*b = f->whole[i];
	b->data = data;
	memcpy(data, f->whole[i].data, b->size);
	if (r)
		bytes_damage(b, r);
	snprintf(f->path, sizeof(f->path), "%s/%ld.damaged", f->dir, (long)getpid());
	unlink(f->path);
	out = fopen(f->path, "w");
	if (!out || fwrite(data, 1, b->size, out) != b->size || fclose(out)) {
		perror("mutate: writing the damaged file");
		exit(2);
	}
	return merge_source_open(f->path, NULL, err, src);
}

const struct kind kind_tracedat = {
	.name = "tracedat", .share = 30, .prepare = prepare, .open = open_file,
	.release = release,
};
