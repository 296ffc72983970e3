// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The description in a copied tracefs: events/SYSTEM/EVENT/format, kallsyms,
 * saved_cmdlines, tasks, printk_formats, btf, uname. Every file is read when it is
 * first needed; one that is not there is told of then.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "btf.h"
#include "desc_lines.h"
#include "describe_dir.h"
#include "dir.h"
#include "format.h"
#include "syscall_size.h"

#define NR_IDS		65536u
#define MAX_FORMAT	(1u << 20)
#define MAX_LIST	(256u << 20)
#define PATH_SIZE	600

/*
 * @paths: by id, "SYSTEM/EVENT"; NULL where there is none
 * @bad: the first below events/ that is of no use, @why; @nr_bad: how many are
 * @copies: system calls' events have what user pointers point to
 */
struct dir_desc {
	int fd;
	struct merge_source *src;
	char **paths;
	bool indexed;
	char bad[PATH_SIZE];
	const char *why;
	unsigned int nr_bad;
	bool copies;
};

/* ---- Formats -------------------------------------------------------------- */

static void note_bad(struct dir_desc *dd, const char *path, const char *why)
{
	if (dd->nr_bad++)
		return;
	snprintf(dd->bad, sizeof(dd->bad), "%s", path);
	dd->why = why;
}

/* The system itself has files beside its events */
static bool is_no_event(int ret)
{
	return ret == -ENOENT || ret == -ENOTDIR;
}

static int read_format(struct dir_desc *dd, const char *path, char **text)
{
	char name[PATH_SIZE + 16];
	size_t size;

	snprintf(name, sizeof(name), "events/%s/format", path);
	return dir_read(dd->fd, name, MAX_FORMAT, text, &size);
}

/* Keep the event at @path under its id; of several of one id the first is taken */
static int index_event(struct dir_desc *dd, const char *path)
{
	char *text;
	int ret = read_format(dd, path, &text);
	long id;

	if (ret) {
		if (!is_no_event(ret))
			note_bad(dd, path, dir_strerror(ret));
		return ret == -ENOMEM ? ret : 0;
	}
	id = format_id(text);
	if (!strncmp(path, "syscalls/sys_enter_", 19))
		dd->copies |= syscall_has_copy(text, strlen(text));
	free(text);
	if (id < 0 || id >= (long)NR_IDS || dd->paths[id]) {
		note_bad(dd, path, id < 0 ? "there is no ID in it" : id >= (long)NR_IDS ?
			 "its ID is too large" : "another event has its ID");
		return 0;
	}
	dd->paths[id] = strdup(path);
	return dd->paths[id] ? 0 : -ENOMEM;
}

static int index_system(struct dir_desc *dd, const char *system)
{
	char path[PATH_SIZE], **names;
	size_t nr;
	int ret;

	snprintf(path, sizeof(path), "events/%s", system);
	ret = dir_names(dd->fd, path, &names, &nr);
	if (ret) {
		if (!is_no_event(ret))
			note_bad(dd, system, dir_strerror(ret));
		return ret == -ENOMEM ? ret : 0;
	}
	for (size_t i = 0; !ret && i < nr; i++) {
		snprintf(path, sizeof(path), "%s/%s", system, names[i]);
		ret = index_event(dd, path);
	}
	dir_names_free(names, nr);
	return ret;
}

static void tell_bad(struct dir_desc *dd)
{
	char more[40] = "";

	if (!dd->nr_bad)
		return;
	if (dd->nr_bad > 1)
		snprintf(more, sizeof(more), " and %u more", dd->nr_bad - 1);
	source_note(dd->src, NULL, -1,
		    "events/%s%s: the format cannot be used (%s): such events are shown as numbers",
		    dd->bad, more, dd->why);
}

static void forget_events(struct dir_desc *dd)
{
	for (unsigned int id = 0; dd->paths && id < NR_IDS; id++)
		free(dd->paths[id]);
	free(dd->paths);
	dd->paths = NULL;
	dd->nr_bad = 0;
	dd->indexed = false;
}

static int index_events(struct dir_desc *dd)
{
	char **systems;
	size_t nr;
	int ret;

	if (dd->indexed)
		return 0;
	dd->paths = calloc(NR_IDS, sizeof(*dd->paths));
	if (!dd->paths)
		return -ENOMEM;
	dd->indexed = true;
	ret = dir_names(dd->fd, "events", &systems, &nr);
	if (ret == -ENOMEM) {
		forget_events(dd);
		return ret;
	}
	if (ret) {
		source_note(dd->src, NULL, -1, "events is missing (%s): events are shown as numbers",
			    dir_strerror(ret));
		return 0;
	}
	for (size_t i = 0; !ret && i < nr; i++)
		ret = index_system(dd, systems[i]);
	dir_names_free(systems, nr);
	if (ret)
		forget_events(dd);
	else
		tell_bad(dd);
	return ret;
}

static int load_event(struct merge_desc *d, unsigned int id, char **system, char **format)
{
	struct dir_desc *dd = d->priv;
	int ret = index_events(dd);
	const char *path;

	if (ret)
		return ret;
	path = id < NR_IDS ? dd->paths[id] : NULL;
	if (!path)
		return -ENOENT;
	ret = read_format(dd, path, format);
	if (ret)
		return ret == -ENOMEM ? ret : -ENODATA;
	*system = strndup(path, strcspn(path, "/"));
	if (*system)
		return 0;
	free(*format);
	*format = NULL;
	return -ENOMEM;
}

static int each_event(struct merge_desc *d, desc_event_fn *fn, void *arg)
{
	struct dir_desc *dd = d->priv;
	int ret = index_events(dd);

	for (unsigned int id = 0; !ret && id < NR_IDS; id++)
		if (dd->paths[id])
			ret = fn(arg, id);
	return ret;
}

static int find_syscall_size(struct merge_desc *d, unsigned int id, int *arg)
{
	struct dir_desc *dd = d->priv;
	const char *system, *format;

	if (index_events(dd) || !dd->copies)
		return -ENOENT;
	*arg = desc_format(d, id, &system, &format) ? -1 : syscall_size_argument(format);
	return 0;
}

/* ---- Lists ---------------------------------------------------------------- */

/*
 * The text of a file; NULL when it cannot be had, of which @lost says what that
 * means, unless NULL. Return: 0 or -ENOMEM
 */
static int read_list(struct merge_desc *d, const char *file, const char *lost, char **text)
{
	struct dir_desc *dd = d->priv;
	size_t size;
	int ret = dir_read(dd->fd, file, MAX_LIST, text, &size);

	if (!ret)
		return 0;
	*text = NULL;
	if (ret == -ENOMEM)
		return ret;
	if (lost)
		source_note(dd->src, NULL, -1, "%s cannot be read (%s): %s", file,
			    dir_strerror(ret), lost);
	return 0;
}

static int each_line(struct merge_desc *d, const char *file, const char *lost, desc_line_fn *fn,
		     void *arg)
{
	char *text;
	int ret = read_list(d, file, lost, &text);

	if (text)
		ret = desc_each_line(text, fn, arg);
	free(text);
	return ret;
}

struct kernel_walk {
	desc_symbol_fn *fn;
	void *arg;
};

/* Trampolines are in kallsyms; asked for a name of an address the kernel has none */
static int take_kernels(void *arg, uint64_t addr, char type, const char *name, const char *module)
{
	struct kernel_walk *w = arg;

	if (module && !strncmp(module, "__builtin__", 11))
		return 0;
	return w->fn(w->arg, addr, type, name, module);
}

static int each_symbol(struct merge_desc *d, desc_symbol_fn *fn, void *arg)
{
	struct dir_desc *dd = d->priv;
	struct kernel_walk k = { fn, arg };
	struct desc_symbol_walk w = { take_kernels, &k, false };
	char *text;
	int ret = read_list(d, "kallsyms", "addresses stay numbers", &text);

	if (!text)
		return ret;
	ret = desc_each_line(text, desc_take_symbol, &w);
	if (!ret && !w.has_address)
		source_note(dd->src, NULL, -1,
			    "kallsyms has no addresses, as without root or with kptr_restrict: addresses stay numbers");
	free(text);
	return ret;
}

static int each_comm(struct merge_desc *d, desc_comm_fn *fn, void *arg)
{
	struct desc_comm_walk w = { fn, arg };

	return each_line(d, "saved_cmdlines", "names are those in the trace and of tasks",
			 desc_take_comm, &w);
}

static int each_task(struct merge_desc *d, desc_comm_fn *fn, void *arg)
{
	struct desc_comm_walk w = { fn, arg };

	return each_line(d, "tasks", NULL, desc_take_comm, &w);
}

static int each_printk(struct merge_desc *d, desc_printk_fn *fn, void *arg)
{
	struct desc_printk_walk w = { fn, arg };

	return each_line(d, "printk_formats", "what trace_printk() wrote is shown as numbers",
			 desc_take_printk, &w);
}

/* ---- Types and identity --------------------------------------------------- */

static int read_btf(struct merge_desc *d, void **data, size_t *size)
{
	struct dir_desc *dd = d->priv;
	char *text;

	if (dir_read(dd->fd, "btf", MAX_LIST, &text, size))
		return -ENOENT;
	*data = text;
	return 0;
}

static int find_enumerator(struct merge_desc *d, const char *name, int64_t *value)
{
	return btf_enumerator(desc_btf(d), name, value);
}

/* "release: 6.12.0", which may hold what uname's own line cannot; or such a line */
static int take_uname(void *arg, char *line)
{
	struct merge_desc *d = arg;
	const struct {
		const char *name;
		char *text;
	} rows[] = {
		{ "sysname: ", d->sysname }, { "nodename: ", d->nodename },
		{ "release: ", d->release }, { "version: ", d->version },
		{ "machine: ", d->machine },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		size_t len = strlen(rows[i].name);

		if (strncmp(line, rows[i].name, len))
			continue;
		snprintf(rows[i].text, sizeof(d->release), "%s", line + len);
		return 0;
	}
	if (!strncmp(line, "page_size: ", 11)) {
		unsigned long size = strtoul(line + 11, NULL, 10);

		if (size >= 4096 && size <= 65536 && !(size & (size - 1)))
			d->page_size = (uint32_t)size;
	} else if (!*d->release) {
		desc_take_uname(d, line);
	}
	return 0;
}

static void close_desc(struct merge_desc *d)
{
	forget_events(d->priv);
	free(d->priv);
}

static const struct desc_ops dir_desc_ops = {
	.event = load_event,
	.each_event = each_event,
	.enumerator = find_enumerator,
	.syscall_size = find_syscall_size,
	.btf = read_btf,
	.each_symbol = each_symbol,
	.each_comm = each_comm,
	.each_task = each_task,
	.each_printk = each_printk,
	.close = close_desc,
};

struct merge_desc *desc_dir_create(int fd, struct merge_source *src)
{
	struct merge_desc *d = calloc(1, sizeof(*d));
	struct dir_desc *dd = calloc(1, sizeof(*dd));

	if (!d || !dd) {
		free(d);
		free(dd);
		return NULL;
	}
	dd->fd = fd;
	dd->src = src;
	desc_init(d, &dir_desc_ops, dd);
	if (each_line(d, "uname", NULL, take_uname, d)) {
		desc_close(d);
		return NULL;
	}
	return d;
}
