// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Persistent regions (mkpersist.h) of what is in the memory of kernels, damaged: any bytes;
 * or the header, or entries of the tables and sub-buffers, whose crc is then made right, so
 * that damage gets behind it.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kinds.h"
#include "mkpersist.h"
#include "world.h"

static const struct world kernels[] = {
	{ "region", "", 4096, 2, STEXT },
	{ "region-32-big", "version 601\nlong 4\nbig\n", 4096, 2, 0xc1000000 },
	{ "region-7.0", "version 700\n", 4096, 2, STEXT },
};

#define NR_REGIONS	(sizeof(kernels) / sizeof(*kernels))

struct region {
	struct persist_made made;
	struct bytes whole, now;
};

struct regions {
	char dir[100];
	char path[160];		/* the damaged file */
	struct region all[NR_REGIONS];
	size_t next;
};

static void make(struct region *region, const struct world *world)
{
	const struct persist_how how = { .consumed = 1 };
	struct kernel *k = world_kernel(world);
	struct merge_error err = { 0 };
	struct merge_source *src;

	if (merge_source_open_vmcore(&k->mem, &err, &src)) {
		fprintf(stderr, "mutate: no region: %s\n", err.text);
		exit(2);
	}
	persist_make(&region->made, src, &how);
	merge_source_close(src);
	kernel_close(k);
	region->whole = (struct bytes){
		.data = region->made.data, .size = region->made.size, .block = 4096,
		.word = 8, .big = region->made.big,
	};
	bytes_find_hot(&region->whole);
	region->now.data = malloc(region->whole.size);
	if (!region->now.data)
		abort();
}

static void *prepare(const char *dir)
{
	struct regions *all = calloc(1, sizeof(*all));

	if (!all)
		abort();
	snprintf(all->dir, sizeof(all->dir), "%s", dir);
	for (size_t i = 0; i < NR_REGIONS; i++)
		make(&all->all[i], &kernels[i]);
	return all;
}

static void release(void *input)
{
	struct regions *all = input;

	for (size_t i = 0; i < NR_REGIONS; i++) {
		persist_made_free(&all->all[i].made);
		free(all->all[i].whole.hot);
		free(all->all[i].now.data);
	}
	free(all);
}

/* Numbers of the header, damaged, under a crc that is right */
static void damage_header(struct region *region, struct random *r)
{
	struct persist_made now = region->made;
	unsigned int copy = (unsigned int)random_below(r, 2);
	uint64_t at = now.copies[copy];

	now.data = region->now.data;
	now.size = region->now.size;
	if (now.size < 3 * 4096)
		return;
	for (uint64_t n = random_below(r, 3); n; n--) {
		uint64_t end = random_below(r, 4) ?
			offsetof(struct trace_persist_header, anchor) : 640 + 48 * now.nr_cpus;
		uint64_t field = 20 + random_below(r, end - 20);

		now.data[at + field] = (uint8_t)random_next(r);
	}
	persist_put(&now, at + offsetof(struct trace_persist_header, header_size), 4,
		    640 + 48 * now.nr_cpus);
	persist_sign(&now, copy);
	if (random_below(r, 2))
		memset(now.data + now.copies[!copy], 0, 8);
}

static void change(struct persist_made *m, uint64_t at, uint64_t size, struct random *r)
{
	for (uint64_t n = 1 + random_below(r, 4); n; n--)
		m->data[at + random_below(r, size)] = (uint8_t)random_next(r);
}

/* What entries hold, and how long they are; and what sub-buffers hold */
static void damage_contents(struct region *region, struct random *r)
{
	struct persist_made now = region->made;

	now.data = region->now.data;
	for (uint64_t n = 1 + random_below(r, 8); n; n--) {
		uint32_t type = 1 + (uint32_t)random_below(r, TRACE_PERSIST_MEMORY);
		unsigned int nr = persist_entries(&region->made, type);
		uint64_t at = nr ? persist_entry_at(&region->made, type,
						    (unsigned int)random_below(r, nr)) : 0;
		uint64_t size = at ? persist_get(&region->made, at + 20, 4) : 0;

		if (!size)
			continue;
		persist_put(&now, at + 20, 4, random_below(r, 4) ? size : random_below(r, size));
		change(&now, at + 24, size, r);
		persist_sign_entry(&now, at);
	}
	for (uint64_t n = random_below(r, 4); n; n--) {
		size_t cpu = random_below(r, now.nr_cpus);
		size_t k = random_below(r, now.cpus[cpu].nr + 1);

		change(&now, persist_subbuf_at(&now, cpu, k), 64, r);
		persist_seal(&now, cpu, k, random_below(r, 20));
	}
}

static int open_region(void *input, struct random *r, struct merge_error *err,
		       struct merge_source **src)
{
	struct regions *all = input;
	struct region *region = &all->all[r ? random_below(r, NR_REGIONS) :
					  all->next++ % NR_REGIONS];
	uint8_t *data = region->now.data;
	FILE *out;

	region->now = region->whole;
	region->now.data = data;
	memcpy(data, region->whole.data, region->whole.size);
	switch (r ? random_below(r, 4) : 3) {
	case 0:
		bytes_damage(&region->now, r);
		break;
	case 1:
		damage_header(region, r);
		break;
	case 2:
		damage_contents(region, r);
		break;
	}
	snprintf(all->path, sizeof(all->path), "%s/%ld.region", all->dir, (long)getpid());
	unlink(all->path);
	out = fopen(all->path, "w");
	if (!out || fwrite(data, 1, region->now.size, out) != region->now.size || fclose(out)) {
		perror("mutate: writing the damaged region");
		exit(2);
	}
	return merge_source_open(all->path, "region", err, src);
}

const struct kind kind_region = {
	.name = "region", .share = 20, .prepare = prepare, .open = open_region,
	.release = release,
};
