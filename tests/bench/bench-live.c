// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bench-live FILE DIR: how fast the sub-buffers of a recording become events in one order
 * when they come out of running rings, as pstore-rb report --follow takes them, and no
 * file is written. Each CPU's sub-buffers lie in DIR as a ring's do that is mapped, a page
 * before them says what is where, and what the kernel does in its ioctls is done here;
 * libmerge's own code is as always. For read() there is a file of sub-buffers.
 *
 * The ways take turns, 3 times; measured is CPU time. One line per way: its name, then
 * millions of events per second, each time.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../mkpages.h"
#include "live_batch.h"
#include "page.h"

#define META		4096u
#define MAX_CPUS	64u
#define RUNS		3

/*
 * struct ring - one CPU's
 * @meta: the first page of the map, writable here
 * @subbufs: as PEEK lists them, the oldest first; @at: the next one
 */
struct ring {
	ino_t inode;
	uint8_t *memory;
	size_t size;
	struct live_meta *meta;
	struct live_subbuf *subbufs;
	uint32_t nr, at;
};

static struct ring rings[MAX_CPUS];
static unsigned int nr_rings;

static void die(const char *what, const char *why)
{
	fprintf(stderr, "bench-live: %s: %s\n", what, why);
	exit(1);
}

/* ---- What the kernel does -------------------------------------------------- */

/* (the system call is in place of the one that is left out) */
static struct ring *find_ring(int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		return NULL;
	for (unsigned int i = 0; i < nr_rings; i++)
		if (rings[i].inode == st.st_ino)
			return &rings[i];
	return NULL;
}

static int peek(struct ring *r, struct live_peek *p)
{
	uint32_t nr = r->nr - r->at;

	p->nr = nr < p->nr ? nr : p->nr;
	memcpy((void *)(uintptr_t)p->subbufs, r->subbufs + r->at, p->nr * sizeof(*r->subbufs));
	return 0;
}

static int advance(struct ring *r, const struct live_advance *a)
{
	while (r->at < r->nr && r->subbufs[r->at].seq <= a->seq)
		r->at++;
	return 0;
}

static int get_reader(struct ring *r)
{
	if (r->at == r->nr)
		return 0;
	r->meta->reader.id = r->at;
	r->meta->reader.read = r->subbufs[r->at].commit;
	r->meta->read += r->subbufs[r->at++].entries;
	return 0;
}

int __wrap_ioctl(int fd, unsigned long request, ...);

/* In place of the C library's: the linker sees to that */
int __wrap_ioctl(int fd, unsigned long request, ...)
{
	struct ring *r = find_ring(fd);
	va_list ap;
	void *data;

	va_start(ap, request);
	data = va_arg(ap, void *);
	va_end(ap);
	if (!r) {
		errno = ENOTTY;
		return -1;
	}
	return request == LIVE_PEEK ? peek(r, data) : request == LIVE_ADVANCE ? advance(r, data) :
	       get_reader(r);
}

/* ---- Rings of a recording -------------------------------------------------- */

/* Return: its events */
static uint32_t count(const uint8_t *data, uint32_t size, uint64_t *lost)
{
	const struct subbuf sb = { .data = data, .size = size };
	struct page_event ev;
	uint32_t nr = 0;
	struct page p;

	if (page_load(&p, &sb, size, 8, false))
		die("a sub-buffer", p.why);
	*lost = p.lost == MERGE_LOST_UNKNOWN ? 0 : p.lost;
	while (page_next(&p, &ev))
		nr++;
	return nr;
}

static void list(struct ring *r, uint32_t size)
{
	uint64_t index = 0, lost;

	for (uint32_t i = 0; i < r->nr; i++) {
		const uint8_t *data = r->memory + META + (size_t)i * size;
		uint32_t word;

		memcpy(&word, data + 8, sizeof(word));
		r->subbufs[i] = (struct live_subbuf){
			.seq = i + 1, .id = i, .commit = word & PAGE_COMMIT_MASK,
			.entries = count(data, size, &lost),
			.flags = i + 1 == r->nr ? LIVE_SUBBUF_WRITER : 0,
		};
		r->subbufs[i].index = index + lost;
		index = r->subbufs[i].index + r->subbufs[i].entries;
		r->meta->entries += r->subbufs[i].entries;
	}
}

static void start(struct ring *r)
{
	r->at = 0;
	r->meta->read = 0;
	/* nothing of the first one was given yet */
	r->meta->reader.id = r->meta->reader.read = 0;
}

static void map_ring(struct ring *r, const char *path, uint32_t size)
{
	int fd = open(path, O_RDWR);
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		die(path, strerror(errno));
	r->inode = st.st_ino;
	r->size = (size_t)st.st_size;
	r->memory = mmap(NULL, r->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (r->memory == MAP_FAILED)
		die(path, strerror(errno));
	r->nr = (uint32_t)((r->size - META) / size);
	r->meta = (struct live_meta *)r->memory;
	*r->meta = (struct live_meta){
		.meta_page_size = META, .meta_struct_len = LIVE_BATCH_META, .subbuf_size = size,
		.nr_subbufs = r->nr, .flags = LIVE_BATCH_FLAG,
	};
	r->subbufs = calloc(r->nr, sizeof(*r->subbufs));
	if (!r->subbufs)
		die(path, "out of memory");
	list(r, size);
}

static void make_folder(const char *dir, const char *name, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/%s", dir, name);
	if (mkdir(path, 0700))
		die(path, strerror(errno));
}

/* A CPU's sub-buffers from DIR/about to DIR/read, and behind a page of zeroes to DIR/mapped */
static void move_cpu(const char *dir, const char *name, uint32_t size)
{
	char from[PATH_MAX], to[PATH_MAX];
	uint8_t *data;
	ssize_t len;
	FILE *in;

	snprintf(from, sizeof(from), "%s/about/%s", dir, name);
	in = fopen(from, "r+");
	if (!in || fseek(in, 0, SEEK_END))
		die(from, strerror(errno));
	len = ftell(in);
	rewind(in);
	data = calloc(1, META + (size_t)len);
	if (!data || fread(data + META, 1, (size_t)len, in) != (size_t)len)
		die(from, "cannot be read");
	if (ftruncate(fileno(in), 0))
		die(from, strerror(errno));
	fclose(in);
	snprintf(to, sizeof(to), "%s/read", dir);
	pages_put(to, name, data + META, (size_t)len);
	snprintf(to, sizeof(to), "%s/mapped", dir);
	pages_put(to, name, data, META + (size_t)len);
	free(data);
	snprintf(to, sizeof(to), "%s/mapped/%s", dir, name);
	map_ring(&rings[nr_rings++], to, size);
}

/* What a CPU that has nothing more says: so late is it */
static void put_stats(const char *dir, unsigned int cpu)
{
	static const char text[] = "now ts: 9000000000.000000\n";
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "per_cpu/cpu%u/stats", cpu);
	pages_put(dir, path, text, sizeof(text) - 1);
}

static void make_rings(const char *file, const char *dir)
{
	char about[PATH_MAX], mapped[PATH_MAX], plain[PATH_MAX];
	struct merge_error err = { 0 };
	struct merge_source *src;

	if (merge_source_open(file, NULL, &err, &src))
		die(file, err.text);
	if (src->nr_buffers != 1 || src->buffers->nr_cpus > MAX_CPUS || src->big_endian ||
	    src->long_size != 8)
		die(file, "one ring of this machine's kind is wanted");
	make_folder(dir, "about", about);
	make_folder(dir, "mapped", mapped);
	make_folder(dir, "read", plain);
	pages_make(about, src);
	for (unsigned int i = 0; i < src->buffers->nr_cpus; i++) {
		unsigned int cpu = src->buffers->cpus[i].cpu;
		char name[100];

		snprintf(name, sizeof(name), "per_cpu/cpu%u/trace_pipe_raw", cpu);
		move_cpu(dir, name, src->buffers->subbuf_size);
		put_stats(mapped, cpu);
		put_stats(plain, cpu);
	}
	merge_source_close(src);
}

/* ---- What is measured ------------------------------------------------------ */

/* @sum: of time stamps: what was given, in which order */
struct got {
	uint64_t events, sum;
};

static void take(struct got *g, const struct merge_event *ev)
{
	g->events++;
	g->sum = g->sum * 31 + ev->ts;
}

/* The file itself, as pstore-rb report reads it */
static struct got of_file(const char *file)
{
	struct merge_error err = { 0 };
	struct got got = { 0 };
	struct merge_source *src;
	struct merge_iter *it;
	struct merge_event ev;

	if (merge_source_open(file, NULL, &err, &src) ||
	    merge_iter_create(src, NULL, NULL, NULL, &err, &it))
		die(file, err.text);
	while (merge_iter_next(it, &ev) == 1)
		take(&got, &ev);
	merge_iter_destroy(it);
	merge_source_close(src);
	return got;
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void want_way(struct merge_source *src, const char *way)
{
	char words[30];
	const char *said = merge_source_remark(src, 0);

	snprintf(words, sizeof(words), ": read by %s", way);
	if (!said || !strstr(said, words))
		die(way, said ? said : "nothing is said");
}

/* Return: millions of events per second */
static double follow(const char *dir, const char *way, const struct got *wanted)
{
	char about[PATH_MAX], tracefs[PATH_MAX];
	struct merge_live live = { .dir = about, .ring = "", .way = way };
	struct merge_error err = { 0 };
	struct got got = { 0 };
	struct merge_source *src;
	struct merge_iter *it;
	struct merge_event ev;
	double begin;
	int ret;

	snprintf(about, sizeof(about), "%s/about", dir);
	snprintf(tracefs, sizeof(tracefs), "%s/%s", dir, strcmp(way, "read") ? "mapped" : "read");
	live.tracefs = open(tracefs, O_RDONLY | O_DIRECTORY);
	for (unsigned int i = 0; i < nr_rings; i++)
		start(&rings[i]);
	if (merge_source_open_live(&live, &err, &src) ||
	    merge_iter_create(src, NULL, NULL, NULL, &err, &it))
		die(way, err.text);
	want_way(src, way);
	begin = now();
	/* a reader stops at what a writer is on, and looks again later */
	for (unsigned int idle = 0; got.events < wanted->events && idle < 10; idle++) {
		while ((ret = merge_iter_next(it, &ev)) == 1) {
			take(&got, &ev);
			idle = 0;
		}
		if (ret != -EAGAIN)
			die(way, "the ring ended");
	}
	begin = now() - begin;
	merge_iter_destroy(it);
	merge_source_close(src);
	close(live.tracefs);
	if (got.events != wanted->events || got.sum != wanted->sum)
		die(way, "these are not the events of the file");
	return (double)got.events / begin / 1e6;
}

int main(int argc, char **argv)
{
	static const char *const ways[] = { "batch", "mmap", "read" };
	double rates[3][RUNS];
	struct got wanted;

	if (argc != 3)
		die("usage", "bench-live FILE DIR");
	wanted = of_file(argv[1]);
	make_rings(argv[1], argv[2]);
	for (unsigned int i = 0; i < RUNS; i++)
		for (unsigned int w = 0; w < 3; w++)
			rates[w][i] = follow(argv[2], ways[w], &wanted);
	for (unsigned int w = 0; w < 3; w++) {
		printf("%s", ways[w]);
		for (unsigned int i = 0; i < RUNS; i++)
			printf(" %.2f", rates[w][i]);
		printf("\n");
	}
	return 0;
}
