// SPDX-License-Identifier: LGPL-2.1-or-later
/* Buffers and CPUs of a directory of raw sub-buffers: see pages_layout.h. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dat_headers.h"
#include "dat_layout.h"
#include "dat_stats.h"
#include "dir.h"
#include "pages_layout.h"

#define MAX_CPUS	8192u
#define MAX_TEXT	65536u
/* The kernel's are of 4 KiB to 128 pages; with the largest pages 8 MiB */
#define MIN_SUBBUF	4096u
#define MAX_SUBBUF	(16u << 20)

/* The files a CPU's directory has raw sub-buffers in */
static const struct kind_row {
	const char *file;
	enum merge_kind kind;
	const char *suffix;
} kinds[] = {
	{ "trace_pipe_raw", MERGE_LIVE, "" },
	{ "snapshot_raw", MERGE_SNAPSHOT, "/snapshot" },
};

#define NR_KINDS	(sizeof(kinds) / sizeof(*kinds))

/*
 * struct ring - one kind of ring of an instance
 * @dir: of the instance, "" or "instances/NAME/"
 * @cpus, @nr_cpus: that there are directories of
 */
struct ring {
	const char *dir;
	const struct kind_row *kind;
	const unsigned int *cpus;
	size_t nr_cpus;
	char name[NAME_MAX + 32];
};

/* "per_cpu/cpu3/stats" below @dir */
static bool cpu_path(char path[PATH_MAX], const char *dir, unsigned int cpu, const char *file)
{
	return snprintf(path, PATH_MAX, "%sper_cpu/cpu%u/%s", dir, cpu, file) < PATH_MAX;
}

/* ---- Settings and counts -------------------------------------------------- */

/* The text of @dir/@file */
static int read_text(struct pages_layout *l, const char *dir, const char *file, char **text)
{
	char path[PATH_MAX];
	size_t size;

	if (snprintf(path, sizeof(path), "%s%s", dir, file) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	return dir_read(l->fd, path, MAX_TEXT, text, &size);
}

static int load_clock(struct pages_layout *l, const struct ring *r, char clock[32])
{
	char *text;
	int ret = read_text(l, r->dir, "trace_clock", &text);
	bool found = !ret && dat_layout_clock(text, clock, 32);

	if (!ret)
		free(text);
	if (found || ret == -ENOMEM)
		return found ? 0 : ret;
	strcpy(clock, "local");
	source_note(l->src, NULL, -1, "buffer %s: %strace_clock %s: taken for local", r->name,
		    r->dir, ret ? "is missing" : "names no clock");
	return 0;
}

static bool is_size(uint64_t size)
{
	return size >= MIN_SUBBUF && size <= MAX_SUBBUF && !(size & (size - 1));
}

/* In a file buffer_subbuf_size_kb, which kernels have since 6.8 */
static uint64_t size_in_kb(struct pages_layout *l, const char *dir)
{
	uint64_t kb;
	char *text;

	if (read_text(l, dir, "buffer_subbuf_size_kb", &text))
		return 0;
	kb = strtoull(text, NULL, 10);
	free(text);
	return kb <= MAX_SUBBUF / 1024 ? kb * 1024 : 0;
}

static uint64_t size_in_header(struct pages_layout *l, const char *dir)
{
	struct dat_headers h = { 0 };
	char *text;

	if (read_text(l, dir, "events/header_page", &text))
		return 0;
	dat_headers_page(text, &h, NULL);
	free(text);
	return h.subbuf_size;
}

/* Of what tells it, the first that makes sense; an instance may have only the first */
static uint32_t subbuf_size(struct pages_layout *l, const struct ring *r)
{
	const uint64_t sizes[] = {
		size_in_kb(l, r->dir), size_in_header(l, r->dir), size_in_header(l, ""),
	};

	if (is_size(sizes[0]) && is_size(sizes[1]) && sizes[0] != sizes[1])
		source_note(l->src, NULL, -1,
			    "buffer %s: sub-buffers are of %" PRIu64 " bytes by buffer_subbuf_size_kb and of %" PRIu64
			    " by events/header_page: taken for the former", r->name, sizes[0],
			    sizes[1]);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		if (is_size(sizes[i]))
			return (uint32_t)sizes[i];
	source_note(l->src, NULL, -1,
		    "buffer %s: neither buffer_subbuf_size_kb nor events/header_page tells how large its sub-buffers are: taken for %u bytes",
		    r->name, MIN_SUBBUF);
	return MIN_SUBBUF;
}

static void load_stats(struct pages_layout *l, const char *dir, struct merge_cpu *cpu)
{
	char path[PATH_MAX], *text;

	if (!cpu_path(path, dir, cpu->cpu, "stats") || read_text(l, "", path, &text))
		return;
	cpu->has_counters = dat_stats_cpu(text, &cpu->counters);
	free(text);
}

/* ---- CPUs ----------------------------------------------------------------- */

/* The number of directory "cpuN", as the kernel writes it */
static bool cpu_number(const char *name, unsigned int *cpu)
{
	char *end;
	unsigned long n;

	if (strncmp(name, "cpu", 3) || name[3] < '0' || name[3] > '9' ||
	    (name[3] == '0' && name[4]))
		return false;
	n = strtoul(name + 3, &end, 10);
	*cpu = (unsigned int)n;
	return !*end && n < MAX_CPUS;
}

static int compare_cpus(const void *a, const void *b)
{
	unsigned int x = *(const unsigned int *)a, y = *(const unsigned int *)b;

	return (x > y) - (x < y);
}

/* The CPUs there are directories of, ascending, malloc'ed. Return: 0 or errno */
static int list_cpus(int fd, const char *dir, unsigned int **cpus, size_t *nr)
{
	char path[PATH_MAX], **names;
	size_t nr_names;
	int ret;

	if (snprintf(path, sizeof(path), "%sper_cpu", dir) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	ret = dir_names(fd, path, &names, &nr_names);
	if (ret)
		return ret;
	*nr = 0;
	*cpus = calloc(nr_names + 1, sizeof(**cpus));
	for (size_t i = 0; *cpus && i < nr_names; i++)
		*nr += cpu_number(names[i], &(*cpus)[*nr]);
	dir_names_free(names, nr_names);
	if (!*cpus)
		return -ENOMEM;
	qsort(*cpus, *nr, sizeof(**cpus), compare_cpus);
	return 0;
}

/* Of a CPU that wrote nothing no file is missed */
static bool wrote_nothing(const struct merge_cpu *cpu)
{
	return cpu->has_counters && !cpu->counters.entries && !cpu->counters.read;
}

/* What is there of one CPU, in the next of @l->files */
static int add_cpu(struct pages_layout *l, const struct ring *r, struct merge_cpu *cpu)
{
	struct pages_file *f = &l->files[l->nr_files];
	char path[PATH_MAX];
	int fd = -ENAMETOOLONG;

	/* what stats counts is the live ring's */
	if (r->kind->kind == MERGE_LIVE)
		load_stats(l, r->dir, cpu);
	if (cpu_path(path, r->dir, cpu->cpu, r->kind->file))
		fd = dir_open_file(l->fd, path, &f->size);
	if (fd == -ENOMEM)
		return fd;
	if (fd >= 0)
		close(fd);
	if (fd >= 0 && !f->size && cpu->counters.entries)
		source_note(l->src, NULL, (int)cpu->cpu,
			    "buffer %s, cpu %u: %s is empty, and the kernel counted %" PRIu64
			    " events", r->name, cpu->cpu, path, cpu->counters.entries);
	else if (fd < 0 && (fd != -ENOENT || !wrote_nothing(cpu)))
		source_note(l->src, NULL, (int)cpu->cpu,
			    "buffer %s, cpu %u: %s cannot be read (%s): its events are missing",
			    r->name, cpu->cpu, path, dir_strerror(fd));
	f->path = strdup(path);
	l->nr_files++;
	return f->path ? 0 : -ENOMEM;
}

static void count_subbufs(struct pages_layout *l, const struct ring *r, size_t first,
			  struct merge_buffer *buf)
{
	for (unsigned int i = 0; i < buf->nr_cpus; i++) {
		const struct pages_file *f = &l->files[first + i];
		uint64_t rest = f->size % buf->subbuf_size;

		buf->cpus[i].nr_subbufs = f->size / buf->subbuf_size + !!rest;
		if (rest)
			source_note(l->src, NULL, (int)buf->cpus[i].cpu,
				    "buffer %s, cpu %u: %s ends within sub-buffer %zu: %" PRIu64
				    " bytes of %u", r->name, buf->cpus[i].cpu, f->path,
				    buf->cpus[i].nr_subbufs - 1, rest, buf->subbuf_size);
	}
}

static void note_uncounted(struct pages_layout *l, const struct ring *r,
			   const struct merge_buffer *buf)
{
	unsigned int uncounted = 0, first = 0;

	for (unsigned int i = buf->nr_cpus; i-- > 0;)
		if (!buf->cpus[i].has_counters) {
			uncounted++;
			first = buf->cpus[i].cpu;
		}
	if (uncounted && r->kind->kind == MERGE_LIVE)
		source_note(l->src, NULL, -1,
			    "buffer %s: per_cpu/cpu%u/stats%s missing or cut off: what was overwritten there is not known",
			    r->name, first, uncounted > 1 ? " and others are" : " is");
}

/* ---- Buffers -------------------------------------------------------------- */

static bool has_files(int fd, const struct ring *r)
{
	char path[PATH_MAX];

	for (size_t i = 0; i < r->nr_cpus; i++)
		if (cpu_path(path, r->dir, r->cpus[i], r->kind->file) && dir_has(fd, path))
			return true;
	return false;
}

/* No CPU has its file: told when the kernel had counted events */
static void note_absent(struct pages_layout *l, const struct ring *r)
{
	uint64_t events = 0;

	for (size_t i = 0; i < r->nr_cpus && r->kind->kind == MERGE_LIVE; i++) {
		struct merge_cpu cpu = { .cpu = r->cpus[i] };

		load_stats(l, r->dir, &cpu);
		events += cpu.counters.entries;
	}
	if (events)
		source_note(l->src, NULL, -1,
			    "buffer %s: no CPU has a file %s: its %" PRIu64 " events are missing",
			    r->name, r->kind->file, events);
}

/* Room for the CPUs of @r */
static int grow(struct pages_layout *l, const struct ring *r, struct merge_buffer *buf)
{
	struct pages_file *files = reallocarray(l->files, l->nr_files + r->nr_cpus,
						sizeof(*files));
	size_t *first = reallocarray(l->first, l->src->nr_buffers + 1, sizeof(*first));

	if (files)
		l->files = files;
	if (first)
		l->first = first;
	buf->cpus = calloc(r->nr_cpus, sizeof(*buf->cpus));
	if (!files || !first || !buf->cpus)
		return -ENOMEM;
	memset(l->files + l->nr_files, 0, r->nr_cpus * sizeof(*files));
	l->first[l->src->nr_buffers] = l->nr_files;
	return 0;
}

static int add_ring(struct pages_layout *l, const struct ring *r, const char *instance)
{
	char clock[32];
	struct merge_buffer buf = { .name = r->name, .instance = instance,
				    .kind = r->kind->kind, .clock = clock,
				    .counted_reading = true };
	size_t first = l->nr_files;
	int ret = grow(l, r, &buf);

	for (size_t i = 0; !ret && i < r->nr_cpus; i++) {
		buf.cpus[buf.nr_cpus].cpu = r->cpus[i];
		ret = add_cpu(l, r, &buf.cpus[buf.nr_cpus++]);
	}
	if (!ret)
		ret = load_clock(l, r, clock);
	if (ret) {
		free(buf.cpus);
		return ret;
	}
	buf.clock_in_ns = source_clock_in_ns(clock);
	buf.subbuf_size = subbuf_size(l, r);
	count_subbufs(l, r, first, &buf);
	note_uncounted(l, r, &buf);
	return source_add_buffer(l->src, &buf);
}

/* @dir: "" or "instances/NAME/" */
static int add_instance(struct pages_layout *l, const char *dir, const char *instance)
{
	struct ring r = { .dir = dir };
	unsigned int *cpus;
	int ret = list_cpus(l->fd, dir, &cpus, &r.nr_cpus);

	if (ret && ret != -ENOENT && ret != -ENOMEM)
		source_note(l->src, NULL, -1, "%sper_cpu cannot be read (%s): its buffers are missing",
			    dir, dir_strerror(ret));
	if (ret)
		return ret == -ENOMEM ? ret : 0;
	r.cpus = cpus;
	if (r.nr_cpus && l->nr_cpu_ids <= cpus[r.nr_cpus - 1])
		l->nr_cpu_ids = cpus[r.nr_cpus - 1] + 1;
	for (size_t i = 0; !ret && i < NR_KINDS; i++) {
		r.kind = &kinds[i];
		snprintf(r.name, sizeof(r.name), "%s%s%s",
			 strcmp(instance, "top") ? "" : "instances/",
			 *instance ? instance : "top", r.kind->suffix);
		if (has_files(l->fd, &r))
			ret = add_ring(l, &r, instance);
		else
			note_absent(l, &r);
	}
	free(cpus);
	return ret;
}

int pages_layout_load(struct pages_layout *l)
{
	char **names, dir[NAME_MAX + 16];
	size_t nr;
	int ret = add_instance(l, "", ""), end;

	if (ret)
		return ret;
	end = dir_names(l->fd, "instances", &names, &nr);
	if (end && end != -ENOENT && end != -ENOMEM)
		source_note(l->src, NULL, -1,
			    "instances cannot be read (%s): their buffers are missing",
			    dir_strerror(end));
	if (end)
		return end == -ENOMEM ? end : 0;
	for (size_t i = 0; !ret && i < nr; i++) {
		snprintf(dir, sizeof(dir), "instances/%s/", names[i]);
		ret = add_instance(l, dir, names[i]);
	}
	dir_names_free(names, nr);
	return ret;
}

void pages_layout_deinit(struct pages_layout *l)
{
	for (size_t i = 0; i < l->nr_files; i++)
		free(l->files[i].path);
	free(l->files);
	free(l->first);
}

/* ---- Probing -------------------------------------------------------------- */

static bool has_raw(int fd, const char *dir)
{
	struct ring r = { .dir = dir };
	unsigned int *cpus;
	bool found = false;

	if (list_cpus(fd, dir, &cpus, &r.nr_cpus))
		return false;
	r.cpus = cpus;
	for (size_t i = 0; !found && i < NR_KINDS; i++) {
		r.kind = &kinds[i];
		found = has_files(fd, &r);
	}
	free(cpus);
	return found;
}

bool pages_layout_probe(int fd)
{
	char **names, dir[NAME_MAX + 16];
	bool found = has_raw(fd, "");
	size_t nr;

	if (found || dir_names(fd, "instances", &names, &nr))
		return found;
	for (size_t i = 0; !found && i < nr; i++) {
		snprintf(dir, sizeof(dir), "instances/%s/", names[i]);
		found = has_raw(fd, dir);
	}
	dir_names_free(names, nr);
	return found;
}
