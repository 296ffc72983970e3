// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Memories with mainline's ramoops (mkramoops.h), damaged: any bytes, or the headers of its
 * zones and what is written first in them; divided as was told, or by their headers.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kinds.h"
#include "mkramoops.h"

#define NR_MEMORIES	5u
#define FULL_ZONE	0x400u	/* a ring that went round, behind all else */
#define AT		0x1000u

struct memory {
	struct ramoops_mem made;
	struct bytes whole, now;
};

struct memories {
	char dir[100];
	char path[160];		/* the damaged file */
	struct memory all[NR_MEMORIES];
	size_t next;
};

static void make(struct memory *m, unsigned int i)
{
	struct ramoops_made z;

	m->made = (struct ramoops_mem){
		.long_size = i == 1 || i == 2 ? 4 : 8, .big = i == 2, .cpu_in_ip = i == 1,
		.ecc = i == 3 ? 16 : 0,
	};
	ramoops_small(&m->made, AT);
	if (i == 4) {
		ramoops_zone_make(&z, &m->made, AT + RAMOOPS_CPU1, FULL_ZONE, RAMOOPS_VERSION);
		for (unsigned int n = 0; n < 100; n++)
			ramoops_call(&z, RAMOOPS_IP + n, n < 70 ? 1000 + n : n, 1);
	}
	m->whole = (struct bytes){
		.data = m->made.data, .size = m->made.size, .block = 4096, .word = 4,
		.big = m->made.big,
	};
	bytes_find_hot(&m->whole);
	m->now.data = malloc(m->whole.size);
	if (!m->now.data)
		abort();
}

static void *prepare(const char *dir)
{
	struct memories *all = calloc(1, sizeof(*all));

	if (!all)
		abort();
	snprintf(all->dir, sizeof(all->dir), "%s", dir);
	for (unsigned int i = 0; i < NR_MEMORIES; i++)
		make(&all->all[i], i);
	return all;
}

static void release(void *input)
{
	struct memories *all = input;

	for (size_t i = 0; i < NR_MEMORIES; i++) {
		ramoops_mem_free(&all->all[i].made);
		free(all->all[i].whole.hot);
		free(all->all[i].now.data);
	}
	free(all);
}

/* A zone's header: sizes that are near to those that can be; and its first bytes */
static void damage_zones(struct memory *m, struct random *r)
{
	struct ramoops_mem now = m->made;

	now.data = m->now.data;
	for (uint64_t n = 1 + random_below(r, 4); n; n--) {
		size_t at = AT + 0x1000 * random_below(r, 6);
		uint64_t what = random_below(r, 4);

		if (what < 2)
			ramoops_put(&now, at + 4 + 4 * what, 4, random_below(r, 0x1100));
		else if (what == 2)
			ramoops_put(&now, at + 4, 8, random_below(r, 0x1100) * 0x100000001);
		else
			now.data[at + 12 + random_below(r, 100)] = (uint8_t)random_next(r);
	}
}

static int open_memory(void *input, struct random *r, struct merge_error *err,
		       struct merge_source **src)
{
	static const char *const types[] = {
		"ramoops", "ramoops@0x1000", "ramoops:mem_address=0x1000," RAMOOPS_SMALL_HOW,
		"ramoops:mem_address=0x1000,ecc=1," RAMOOPS_SMALL_HOW,
		"ramoops:long_size=4", "ramoops:mem_address=0x1000,nr_cpus=16," RAMOOPS_SMALL_HOW,
	};
	struct memories *all = input;
	struct memory *m = &all->all[r ? random_below(r, NR_MEMORIES) : all->next++ % NR_MEMORIES];
	uint8_t *data = m->now.data;
	FILE *out;

	m->now = m->whole;
	m->now.data = data;
	memcpy(data, m->whole.data, m->whole.size);
	if (r && random_below(r, 2))
		damage_zones(m, r);
	else if (r)
		bytes_damage(&m->now, r);
	snprintf(all->path, sizeof(all->path), "%s/%ld.ramoops", all->dir, (long)getpid());
	unlink(all->path);
	out = fopen(all->path, "w");
	if (!out || fwrite(data, 1, m->now.size, out) != m->now.size || fclose(out)) {
		perror("mutate: writing the damaged memory");
		exit(2);
	}
	return merge_source_open(all->path, types[r ? random_below(r, 6) : 0], err, src);
}

const struct kind kind_ramoops = {
	.name = "ramoops", .share = 10, .prepare = prepare, .open = open_memory,
	.release = release,
};
