// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Mainline's persistent ring buffers (mkbootring.h) of what is in the memory of a kernel,
 * damaged, and described by what is in that memory: any bytes, or what is told of a CPU.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "boot.h"
#include "kinds.h"
#include "mkbootring.h"
#include "mkimage.h"

#define AT	0x2000u
#define IMAGE								\
	"size 4096\nbuffer top clock=local\n"				\
	"cpu 0\npage ts=1000\nevent +5 id=1 len=24\nevent +3 id=100 len=64\n"	\
	"page ts=2000 missed=3\nevent +10 id=118 len=40\npage ts=3000\nevent +1 id=5 len=40\n" \
	"cpu 1\npage ts=1500\nevent +1 id=118\nevent +1 id=100 len=64\npage ts=1600\nevent +1 id=5 len=40\n"

static const struct {
	const char *prefix;
	struct bootring_how how;
} kernels[] = {
	{ "", { .at = AT } }, { "", { .at = AT, .heads = true } },
	{ "", { .at = AT, .heads = true, .more = true } },
	{ "long 4\nbig\n", { .at = AT } }, { "long 4\n", { .at = AT, .heads = true } },
};

#define NR_RINGS	(sizeof(kernels) / sizeof(*kernels))

struct ring {
	struct bootring_made made;
	struct bytes whole, now;
};

struct rings {
	char dir[100];
	char path[160];		/* the damaged file */
	struct ring all[NR_RINGS];
	size_t next;
};

static void make(struct ring *ring, size_t i)
{
	struct merge_source *image;
	char *text;

	if (asprintf(&text, "%s" IMAGE, kernels[i].prefix) < 0)
		abort();
	image = boot_image(text);
	free(text);
	bootring_make(&ring->made, image, &kernels[i].how);
	merge_source_close(image);
	ring->whole = (struct bytes){
		.data = ring->made.data, .size = ring->made.size, .block = 4096, .word = 8,
		.big = ring->made.big,
	};
	bytes_find_hot(&ring->whole);
	ring->now.data = malloc(ring->whole.size);
	if (!ring->now.data)
		abort();
}

static void *prepare(const char *dir)
{
	struct rings *all = calloc(1, sizeof(*all));

	if (!all)
		abort();
	snprintf(all->dir, sizeof(all->dir), "%s", dir);
	for (size_t i = 0; i < NR_RINGS; i++)
		make(&all->all[i], i);
	return all;
}

static void release(void *input)
{
	struct rings *all = input;

	for (size_t i = 0; i < NR_RINGS; i++) {
		bootring_made_free(&all->all[i].made);
		free(all->all[i].whole.hot);
		free(all->all[i].now.data);
	}
	free(all);
}

/* Head, commit, sizes and the list of sub-buffers: numbers that may be of some */
static void damage_metas(struct ring *ring, struct random *r)
{
	struct bootring_made now = ring->made;

	now.data = ring->now.data;
	for (uint64_t n = 1 + random_below(r, 4); n; n--) {
		unsigned int cpu = (unsigned int)random_below(r, now.nr_cpus);
		size_t first = bootring_first(&ring->made, cpu);
		uint32_t ls = now.long_size;
		uint64_t base = bootring_get(&ring->made, first, ls);

		switch (random_below(r, 4)) {
		case 0:
			bootring_put(&now, first + ls * (1 + random_below(r, 2)), ls,
				     base + now.subbuf_size * random_below(r, now.nr_subbufs + 1));
			break;
		case 1:
			bootring_put(&now, now.buffers[cpu] + 4 * random_below(r, now.nr_subbufs), 4,
				     random_below(r, now.nr_subbufs + 1));
			break;
		case 2:
			bootring_put(&now, first + 3 * ls + 4 * random_below(r, 2), 4,
				     random_below(r, 2) ? random_below(r, 10) : 1ull << random_below(r, 32));
			break;
		case 3:
			now.data[now.meta[cpu] + random_below(r, 80)] = (uint8_t)random_next(r);
			break;
		}
	}
}

/* What describes it may be of another kind of kernel, and is refused then */
static void describe(struct merge_source *src)
{
	struct merge_source *by = boot_image(src->long_size == 8 ? "cpu 0\n" :
					     src->big_endian ? "long 4\nbig\ncpu 0\n" : "long 4\ncpu 0\n");
	struct merge_error err = { 0 };

	by->desc->long_size = by->long_size;
	by->desc->big_endian = by->big_endian;
	if (merge_source_describe(src, by, &err))
		merge_source_close(by);
}

static int open_ring(void *input, struct random *r, struct merge_error *err,
		     struct merge_source **src)
{
	struct rings *all = input;
	struct ring *ring = &all->all[r ? random_below(r, NR_RINGS) : all->next++ % NR_RINGS];
	uint8_t *data = ring->now.data;
	FILE *out;
	int ret;

	ring->now = ring->whole;
	ring->now.data = data;
	memcpy(data, ring->whole.data, ring->whole.size);
	if (r && random_below(r, 2))
		damage_metas(ring, r);
	else if (r)
		bytes_damage(&ring->now, r);
	snprintf(all->path, sizeof(all->path), "%s/%ld.bootring", all->dir, (long)getpid());
	unlink(all->path);
	out = fopen(all->path, "w");
	if (!out || fwrite(data, 1, ring->now.size, out) != ring->now.size || fclose(out)) {
		perror("mutate: writing the damaged ring");
		exit(2);
	}
	ret = merge_source_open(all->path, r && random_below(r, 4) == 0 ? "bootring@0x2000" : "bootring",
				err, src);
	if (!ret && (!r || random_below(r, 4)))
		describe(*src);
	return ret;
}

const struct kind kind_bootring = {
	.name = "bootring", .share = 10, .prepare = prepare, .open = open_ring,
	.release = release,
};
