// SPDX-License-Identifier: GPL-2.0-or-later
/* Directories of raw sub-buffers: see mkpages.h. */
#include <ftw.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "mkpages.h"

#define SNAPSHOT	"/snapshot"
#define INSTANCES	"instances/"

static FILE *create(const char *dir, const char *path)
{
	char full[PATH_MAX];
	FILE *out;

	if (snprintf(full, sizeof(full), "%s/%s", dir, path) >= (int)sizeof(full))
		abort();
	for (char *slash = full + strlen(dir); (slash = strchr(slash + 1, '/')); *slash = '/') {
		*slash = '\0';
		mkdir(full, 0700);
	}
	out = fopen(full, "w");
	if (!out) {
		perror(full);
		abort();
	}
	return out;
}

void pages_put(const char *dir, const char *path, const void *bytes, size_t size)
{
	FILE *out = create(dir, path);

	if (fwrite(bytes, 1, size, out) != size || fclose(out))
		abort();
}

static void put_text(const char *dir, const char *path, const char *text)
{
	pages_put(dir, path, text, strlen(text));
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

void pages_remove(const char *dir)
{
	if (nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS))
		abort();
}

/* ---- Description ---------------------------------------------------------- */

struct events {
	struct merge_desc *d;
	const char *dir;
};

/* Directories only lead to a format: of two of one name one is called otherwise */
static int put_event(void *arg, unsigned int id)
{
	struct events *e = arg;
	char path[PATH_MAX], full[PATH_MAX + 256], name[200] = "";
	const char *system, *format;
	struct stat st;

	if (desc_format(e->d, id, &system, &format))
		return 0;
	sscanf(format, "name: %199s", name);
	snprintf(path, sizeof(path), "events/%s/%s/format", system, name);
	snprintf(full, sizeof(full), "%s/%s", e->dir, path);
	if (!stat(full, &st))
		snprintf(path, sizeof(path), "events/%s/%s.%u/format", system, name, id);
	put_text(e->dir, path, format);
	return 0;
}

static int put_symbol(void *out, uint64_t addr, char type, const char *name, const char *module)
{
	if (name)
		fprintf(out, "%016" PRIx64 " %c %s%s%s%s\n", addr, type, name,
			module ? "\t[" : "", module ? module : "", module ? "]" : "");
	return 0;
}

/* A line cannot hold every name: the sink of trace.dat does the same */
static int put_comm(void *out, int pid, const char *comm)
{
	if (!*comm)
		return 0;
	fprintf(out, "%d ", pid);
	for (; *comm; comm++)
		putc(*comm == '\n' ? '?' : *comm, out);
	putc('\n', out);
	return 0;
}

static int put_printk(void *out, uint64_t addr, const char *format)
{
	char text[200];

	desc_printk_escape(format, text, sizeof(text));
	fprintf(out, "0x%" PRIx64 " : \"%s\"\n", addr, text);
	return 0;
}

static void put_lists(const char *dir, struct merge_desc *d)
{
	FILE *out = create(dir, "kallsyms");

	d->ops->each_symbol(d, put_symbol, out);
	if (d->ops->each_freed)
		d->ops->each_freed(d, put_symbol, out);
	fclose(out);
	out = create(dir, "saved_cmdlines");
	d->ops->each_comm(d, put_comm, out);
	fclose(out);
	if (d->ops->each_task) {
		out = create(dir, "tasks");
		d->ops->each_task(d, put_comm, out);
		fclose(out);
	}
	out = create(dir, "printk_formats");
	d->ops->each_printk(d, put_printk, out);
	fclose(out);
}

static void put_description(const char *dir, struct merge_source *src)
{
	struct merge_desc *d = src->desc;
	struct events e = { d, dir };
	FILE *out = create(dir, "uname");

	fprintf(out, "sysname: %s\nnodename: %s\nrelease: %s\nversion: %s\nmachine: %s\n"
		"page_size: %u\n", d->sysname, d->nodename, d->release, d->version, d->machine,
		d->page_size);
	fclose(out);
	put_lists(dir, d);
	put_text(dir, "events/header_event", desc_header_event());
	put_text(dir, "events/enable", "X\n");
	d->ops->each_event(d, put_event, &e);
}

/* ---- Buffers -------------------------------------------------------------- */

static void put_settings(const char *dir, struct merge_source *src,
			 const struct merge_buffer *buf, const char *base)
{
	char path[300], text[500];

	snprintf(path, sizeof(path), "%strace_clock", base);
	snprintf(text, sizeof(text), "global [%s] other\n", buf->clock);
	put_text(dir, path, text);
	snprintf(path, sizeof(path), "%sbuffer_subbuf_size_kb", base);
	snprintf(text, sizeof(text), "%u\n", buf->subbuf_size / 1024);
	put_text(dir, path, text);
	snprintf(path, sizeof(path), "%sevents/header_page", base);
	desc_header_page(src->desc, buf->subbuf_size, text, sizeof(text));
	put_text(dir, path, text);
}

static void put_stats(const char *dir, const char *base, const struct merge_cpu *cpu)
{
	const struct merge_counters *c = &cpu->counters;
	char path[300];
	FILE *out;

	snprintf(path, sizeof(path), "%sper_cpu/cpu%u/stats", base, cpu->cpu);
	out = create(dir, path);
	fprintf(out, "entries: %" PRIu64 "\noverrun: %" PRIu64 "\ncommit overrun: %" PRIu64
		"\nbytes: %" PRIu64 "\noldest event ts:     1.000001\nnow ts:     9.000001\n"
		"dropped events: %" PRIu64 "\nread events: %" PRIu64 "\n", c->entries, c->overrun,
		c->commit_overrun, c->bytes, c->dropped, c->read);
	fclose(out);
}

static void put_cpu(const char *dir, const char *base, struct merge_source *src,
		    const struct merge_buffer *buf, unsigned int cpu_index, const char *file)
{
	const struct merge_cpu *cpu = &buf->cpus[cpu_index];
	struct merge_error err = { 0 };
	char path[300], *data = malloc(buf->subbuf_size);
	FILE *out;

	snprintf(path, sizeof(path), "%sper_cpu/cpu%u/%s", base, cpu->cpu, file);
	out = create(dir, path);
	for (size_t i = 0; i < cpu->nr_subbufs; i++) {
		struct subbuf sb = { 0 };

		if (src->ops->read(src, buf, cpu_index, i, data, &err, &sb) ||
		    fwrite(sb.data, 1, sb.size, out) != sb.size)
			abort();
	}
	fclose(out);
	free(data);
}

/* Where the instance is that @buf is a ring of: "" or "instances/NAME/" */
static void find_base(const struct merge_buffer *buf, char *base, size_t size)
{
	const char *end = strstr(buf->name, SNAPSHOT);
	int len = (int)(end ? end - buf->name : (long)strlen(buf->name));

	if (len == 3 && !strncmp(buf->name, "top", 3))
		*base = '\0';
	else
		snprintf(base, size, "%s%.*s/", strncmp(buf->name, INSTANCES, strlen(INSTANCES)) ?
			 INSTANCES : "", len, buf->name);
}

void pages_make(const char *dir, struct merge_source *src)
{
	const struct merge_buffer none = { .clock = "local", .subbuf_size = 4096 };

	put_description(dir, src);
	/* that of the top-level ring tells the kernel's long, whatever rings there are */
	put_settings(dir, src, &none, "");
	for (unsigned int i = 0; i < src->nr_buffers; i++) {
		const struct merge_buffer *buf = &src->buffers[i];
		bool snapshot = strstr(buf->name, SNAPSHOT);
		char base[200];

		if (merge_buffer_is_apart(buf))
			continue;
		find_base(buf, base, sizeof(base));
		put_settings(dir, src, buf, base);
		for (unsigned int c = 0; c < buf->nr_cpus; c++) {
			put_cpu(dir, base, src, buf, c,
				snapshot ? "snapshot_raw" : "trace_pipe_raw");
			if (!snapshot)
				put_stats(dir, base, &buf->cpus[c]);
		}
	}
}
