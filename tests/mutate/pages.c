// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Directories of raw sub-buffers (mkpages.h) of what is in the memory of kernels,
 * damaged. The bytes of all files lie one after the other, and damage meets them as
 * if they were one; besides, files go, end early, or are no files. Each process has
 * directories of its own and writes only what a mutant changes.
 */
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kinds.h"
#include "mkpages.h"
#include "world.h"

#define MAX_FILES	400

/* No kernel has sub-buffers smaller than 4096 bytes */
static const struct world kernels[] = {
	{ "folder", "", 4096, 2, STEXT },
	{ "folder-32-big", "version 601\nlong 4\nbig\n", 4096, 2, 0xc1000000 },
	{ "folder-7.0", "version 700\n", 4096, 2, STEXT },
};

#define NR_FOLDERS	(sizeof(kernels) / sizeof(*kernels))

/* One file: @size bytes at @at of all */
struct piece {
	char path[160];
	size_t at, size;
	bool changed;
};

/*
 * struct folder - the directory of one kernel
 * @whole: the bytes of all files; @now: of this mutant
 * @owner: the process whose copy it is in; 0: none
 */
struct folder {
	char dir[160];
	struct piece pieces[MAX_FILES];
	size_t nr;
	struct bytes whole, now;
	pid_t owner;
};

struct folders {
	char dir[100];
	struct folder all[NR_FOLDERS];
	size_t nr, next;
};

/* ---- Making them ---------------------------------------------------------- */

static void make_source(const struct world *world, const char *dir)
{
	struct kernel *k = world_kernel(world);
	struct merge_error err = { 0 };
	struct merge_source *src;

	if (mkdir(dir, 0700) || merge_source_open_vmcore(&k->mem, &err, &src)) {
		fprintf(stderr, "mutate: no directory %s: %s\n", dir, err.text);
		exit(2);
	}
	pages_make(dir, src);
	merge_source_close(src);
	kernel_close(k);
}

/* The file below f->dir behind those that there are */
static void load_file(struct folder *f, const char *full)
{
	struct piece *p = &f->pieces[f->nr++];
	FILE *in = fopen(full, "r");
	struct stat st;

	if (f->nr == MAX_FILES || !in || fstat(fileno(in), &st))
		abort();
	snprintf(p->path, sizeof(p->path), "%s", full + strlen(f->dir) + 1);
	p->at = f->whole.size;
	p->size = (size_t)st.st_size;
	f->whole.size += p->size;
	f->whole.data = realloc(f->whole.data, f->whole.size + 1);
	if (!f->whole.data || fread(f->whole.data + p->at, 1, p->size, in) != p->size)
		abort();
	fclose(in);
}

/* In an order that is the same in every run */
static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* nftw() hands nothing through */
static struct {
	char *paths[MAX_FILES];
	size_t nr;
} found;

static int find(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)ftw;
	if (flag != FTW_F)
		return 0;
	if (found.nr == MAX_FILES)
		abort();
	found.paths[found.nr++] = strdup(path);
	return 0;
}

static void make(struct folder *f, const struct world *world, const char *dir)
{
	snprintf(f->dir, sizeof(f->dir), "%s/%s", dir, world->name);
	make_source(world, f->dir);
	found.nr = 0;
	if (nftw(f->dir, find, 16, FTW_PHYS))
		abort();
	qsort(found.paths, found.nr, sizeof(*found.paths), compare);
	for (size_t i = 0; i < found.nr; i++) {
		load_file(f, found.paths[i]);
		free(found.paths[i]);
	}
	f->whole.block = 4096;
	f->whole.word = 8;
	f->whole.big = strstr(world->head, "big") != NULL;
	bytes_find_hot(&f->whole);
	f->now.data = malloc(f->whole.size);
	if (!f->now.data)
		abort();
}

static void *prepare(const char *dir)
{
	struct folders *all = calloc(1, sizeof(*all));

	if (!all)
		abort();
	snprintf(all->dir, sizeof(all->dir), "%s", dir);
	for (; all->nr < NR_FOLDERS; all->nr++)
		make(&all->all[all->nr], &kernels[all->nr], dir);
	return all;
}

static void release(void *input)
{
	struct folders *all = input;

	for (size_t i = 0; i < all->nr; i++) {
		free(all->all[i].whole.data);
		free(all->all[i].whole.hot);
		free(all->all[i].now.data);
	}
	free(all);
}

/* ---- Damaging them -------------------------------------------------------- */

static void write_piece(const struct folder *f, const struct piece *p, const uint8_t *data,
			size_t size)
{
	char full[400];

	snprintf(full, sizeof(full), "%s/%s", f->dir, p->path);
	remove(full);
	pages_put(f->dir, p->path, data + p->at, size);
}

/* This process's copy, as it was made */
static void restore(struct folders *all, struct folder *f)
{
	bool mine = f->owner == getpid();

	if (!mine) {
		char dir[sizeof(f->dir)];

		snprintf(dir, sizeof(dir), "%s/%ld.%zu", all->dir, (long)getpid(),
			 (size_t)(f - all->all));
		strcpy(f->dir, dir);
		if (mkdir(dir, 0700))
			abort();
		f->owner = getpid();
	}
	for (size_t i = 0; i < f->nr; i++) {
		struct piece *p = &f->pieces[i];

		if (!mine || p->changed)
			write_piece(f, p, f->whole.data, p->size);
		p->changed = false;
	}
}

static void write_changed(struct folder *f)
{
	for (size_t i = 0; i < f->nr; i++) {
		struct piece *p = &f->pieces[i];
		size_t left = f->now.size > p->at ? f->now.size - p->at : 0;
		size_t size = left < p->size ? left : p->size;

		if (size == p->size && !memcmp(f->now.data + p->at, f->whole.data + p->at, size))
			continue;
		write_piece(f, p, f->now.data, size);
		p->changed = true;
	}
}

/* A file that is gone, cut off, or something else */
static void damage_file(struct folder *f, struct random *r)
{
	struct piece *p = &f->pieces[random_below(r, f->nr)];
	const struct piece *other = &f->pieces[random_below(r, f->nr)];
	char full[400];
	int ret = 0;

	snprintf(full, sizeof(full), "%s/%s", f->dir, p->path);
	p->changed = true;
	switch (random_below(r, 6)) {
	case 0:
		ret = truncate(full, (off_t)random_below(r, p->size + 1));
		break;
	case 1:
		ret = remove(full) || mkdir(full, 0700);
		break;
	case 2:
		ret = remove(full) || mkfifo(full, 0600);
		break;
	case 3:
		ret = remove(full) || symlink("/dev/zero", full);
		break;
	case 4:
		/* it may be a pipe by now, which would wait */
		remove(full);
		pages_put(f->dir, p->path, f->whole.data + other->at, other->size);
		break;
	default:
		ret = remove(full);
	}
	/* it is not there when it was met before */
	(void)ret;
}

static int open_pages(void *input, struct random *r, struct merge_error *err,
		      struct merge_source **src)
{
	struct folders *all = input;
	struct folder *f = &all->all[r ? random_below(r, all->nr) : all->next++ % all->nr];
	uint8_t *data = f->now.data;

	restore(all, f);
	f->now = f->whole;
	f->now.data = data;
	memcpy(data, f->whole.data, f->whole.size);
	if (r && random_below(r, 4)) {
		bytes_damage(&f->now, r);
		write_changed(f);
	}
	for (uint64_t n = r ? random_below(r, 3) : 0; n; n--)
		damage_file(f, r);
	return merge_source_open(f->dir, "pages", err, src);
}

const struct kind kind_pages = {
	.name = "pages", .share = 20, .prepare = prepare, .open = open_pages,
	.release = release,
};
