// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel's files of pstore, damaged: any bytes of the lines of functions, or lines cut
 * off and numbers that are near to those that can be; beside a text.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kinds.h"

#define NR_CALLS	200u
#define LINE		100u

struct files {
	char dir[100];
	char path[140], functions[180], text[180];	/* the directory, and what is in it */
	struct bytes whole, now;
};

static void *prepare(const char *dir)
{
	struct files *f = calloc(1, sizeof(*f));

	if (!f)
		abort();
	snprintf(f->dir, sizeof(f->dir), "%s", dir);
	f->whole = (struct bytes){ .data = malloc(NR_CALLS * LINE), .block = 64, .word = 4 };
	f->now.data = malloc(NR_CALLS * LINE);
	if (!f->whole.data || !f->now.data)
		abort();
	for (unsigned int n = 0; n < NR_CALLS; n++)
		f->whole.size += (size_t)sprintf((char *)f->whole.data + f->whole.size,
			"CPU:%u ts:%u %08llx  ffffffff81000200  a_function <- other+0x1/0x20\n",
			n % 3, n < 150 ? 5000 + n : n, 0xffffffff81000000ull + 16 * n);
	bytes_find_hot(&f->whole);
	return f;
}

static void release(void *input)
{
	struct files *f = input;

	free(f->whole.data);
	free(f->whole.hot);
	free(f->now.data);
	free(f);
}

/* A digit, or a character that stands between two words, is another one */
static void damage_lines(struct files *f, struct random *r)
{
	static const char others[] = "0123456789abcdef :\n-+x\0CPU";

	for (uint64_t n = 1 + random_below(r, 6); n; n--)
		f->now.data[random_below(r, f->now.size)] =
			(uint8_t)others[random_below(r, sizeof(others) - 1)];
	if (!random_below(r, 4))
		f->now.size = random_below(r, f->now.size + 1);
}

static void write_file(const char *path, const void *data, size_t size)
{
	FILE *out = fopen(path, "w");

	if (!out || fwrite(data, 1, size, out) != size || fclose(out)) {
		perror("mutate: writing the damaged files");
		exit(2);
	}
}

static int open_files(void *input, struct random *r, struct merge_error *err,
		      struct merge_source **src)
{
	struct files *f = input;
	uint8_t *data = f->now.data;

	f->now = f->whole;
	f->now.data = data;
	memcpy(data, f->whole.data, f->whole.size);
	if (r && random_below(r, 2))
		damage_lines(f, r);
	else if (r)
		bytes_damage(&f->now, r);
	snprintf(f->path, sizeof(f->path), "%s/%ld.pstore", f->dir, (long)getpid());
	snprintf(f->functions, sizeof(f->functions), "%s/ftrace-ramoops-0", f->path);
	snprintf(f->text, sizeof(f->text), "%s/dmesg-ramoops-0", f->path);
	mkdir(f->path, 0700);
	write_file(f->functions, data, f->now.size);
	write_file(f->text, data, r ? random_below(r, 100) : 10);
	return merge_source_open(r && random_below(r, 2) ? f->functions : f->path, "pstore", err, src);
}

const struct kind kind_pstore = {
	.name = "pstore", .share = 5, .prepare = prepare, .open = open_files, .release = release,
};
