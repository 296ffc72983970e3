// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The description of a tracefs, copied file by file to where src_pages.c and
 * describe_dir.c look for it: see capture.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "capture.h"
#include "dir.h"
#include "stop.h"
#include "tool.h"

#define MAX_FILE	(256u << 20)
#define MAX_COMM	64u
#define MAX_LINES	20

#define ADVICE		"run it as root, with a tracefs: mount -t tracefs tracefs /sys/kernel/tracing"

/*
 * struct row - one file
 * @name: what it is called below the tracefs and in the copy
 * @machine: where it is on a running machine, below /; NULL: in the tracefs
 * @optional: some kernels have none
 */
struct row {
	const char *name;
	const char *machine;
	bool optional;
};

static const struct row once[] = {
	{ .name = "events/header_event" },
	{ .name = "saved_cmdlines" },
	{ .name = "saved_tgids", .optional = true },
	{ .name = "printk_formats", .optional = true },
	{ .name = "kallsyms", .machine = "proc/kallsyms" },
	{ .name = "boot_id", .machine = "proc/sys/kernel/random/boot_id" },
	{ .name = "cpus_possible", .machine = "sys/devices/system/cpu/possible" },
	{ .name = "cpus_online", .machine = "sys/devices/system/cpu/online" },
	{ .name = "btf", .machine = "sys/kernel/btf/vmlinux", .optional = true },
	{ 0 },
};

/* Of the tracefs itself and of each of its instances */
static const struct row of_instance[] = {
	{ .name = "events/header_page" },
	{ .name = "trace_clock" },
	{ .name = "trace_options" },
	{ .name = "buffer_subbuf_size_kb", .optional = true },
	{ 0 },
};

/* ---- One file ------------------------------------------------------------- */

static void tell_unread(struct capture *c, const char *folder, const char *name, int ret)
{
	progress_end(&c->progress);
	if (c->unread++ < MAX_LINES)
		tool_complain("%s/%s cannot be read: %s", folder, name,
			      ret == -EINVAL ? "no regular file" : strerror(-ret));
	else if (c->unread == MAX_LINES + 1)
		tool_complain("more cannot be read, which is only counted");
}

static int out_of_memory(struct capture *c)
{
	snprintf(c->err.text, sizeof(c->err.text), "out of memory");
	return c->err.code = -ENOMEM;
}

static int write_file(struct capture *c, const char *name, const char *text, size_t size)
{
	int ret = c->again ? outdir_replace(&c->out, name, text, size, &c->err) :
			     outdir_write(&c->out, name, text, size, &c->err);

	if (ret)
		return ret;
	c->files++;
	if (progress_due(&c->progress))
		fprintf(stderr, "\r%u files\033[K", c->files);
	return 0;
}

/* As it is for users whom the kernel does not tell addresses */
static bool hides_addresses(const char *text)
{
	for (const char *line = text; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (*line && line[strspn(line, "0")] != ' ')
			return false;
	}
	return true;
}

static void check_symbols(struct capture *c, const char *text)
{
	if (!hides_addresses(text))
		return;
	c->unread++;
	progress_end(&c->progress);
	tool_complain("kallsyms has no addresses: those in the trace will stay numbers. It has them for root, unless kernel.kptr_restrict is 2");
}

/*
 * @from, in the tracefs or below the root, becomes @name. What cannot be read is told.
 * Return: 0; 1 when it is not there; negative errno when that is an end of all
 */
static int copy(struct capture *c, int at, const char *from, const char *name)
{
	char *text;
	size_t size;
	int ret = stop_asked(NULL) ? -EINTR : dir_read(at, from, MAX_FILE, &text, &size);

	if (ret == -EINTR)
		return ret;
	if (ret == -ENOMEM)
		return out_of_memory(c);
	if (ret == -ENOENT || ret == -ENOTDIR)
		return 1;
	if (ret) {
		tell_unread(c, at == c->root ? "" : c->path, from, ret);
		return 0;
	}
	if (!strcmp(name, "kallsyms"))
		check_symbols(c, text);
	ret = write_file(c, name, text, size);
	c->traced += !ret && at == c->tracefs;
	free(text);
	return ret;
}

/* @folder: "" or "instances/NAME/", of those that are in the tracefs */
static int copy_rows(struct capture *c, const struct row *row, const char *folder)
{
	int ret = 0;

	for (; ret >= 0 && row->name; row++) {
		bool machine = row->machine && c->root >= 0;
		char path[PATH_MAX];

		if (snprintf(path, sizeof(path), "%s%s", folder, row->name) >= (int)sizeof(path))
			continue;
		ret = copy(c, machine ? c->root : c->tracefs, machine ? row->machine : path, path);
		if (ret > 0 && !row->optional)
			tell_unread(c, machine ? "" : c->path, machine ? row->machine : path,
				    -ENOENT);
	}
	return ret < 0 ? ret : 0;
}

/* ---- Directories of files ------------------------------------------------- */

typedef int each_fn(struct capture *c, const char *folder, const char *name);

/* @fn for all that is in @folder of the tracefs; nothing when it is no directory */
static int each_name(struct capture *c, const char *folder, each_fn *fn)
{
	char **names;
	size_t nr;
	int ret = dir_names(c->tracefs, folder, &names, &nr);

	if (ret == -ENOMEM)
		return out_of_memory(c);
	if (ret) {
		if (ret != -ENOENT && ret != -ENOTDIR)
			tell_unread(c, c->path, folder, ret);
		return 0;
	}
	for (size_t i = 0; ret >= 0 && i < nr; i++)
		ret = fn(c, folder, names[i]);
	dir_names_free(names, nr);
	return ret < 0 ? ret : 0;
}

static int copy_below(struct capture *c, const char *folder, const char *name, const char *file)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s/%s", folder, name, file);
	return copy(c, c->tracefs, path, path);
}

/* A system has files beside its events: in those there is no format */
static int copy_event(struct capture *c, const char *folder, const char *name)
{
	return copy_below(c, folder, name, "format");
}

static int copy_system(struct capture *c, const char *folder, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return each_name(c, path, copy_event);
}

static int copy_stats(struct capture *c, const char *folder, const char *name)
{
	return copy_below(c, folder, name, "stats");
}

static int copy_instance(struct capture *c, const char *folder, const char *name)
{
	char path[PATH_MAX];
	int ret;

	snprintf(path, sizeof(path), "%s/%s/", folder, name);
	ret = copy_rows(c, of_instance, path);
	snprintf(path, sizeof(path), "%s/%s/per_cpu", folder, name);
	return ret ? ret : each_name(c, path, copy_stats);
}

/* ---- What is no file ------------------------------------------------------ */

static int write_uname(struct capture *c)
{
	struct utsname u;
	char text[5 * sizeof(u.release) + 100];
	int size;

	if (uname(&u))
		return 0;
	size = snprintf(text, sizeof(text),
			"sysname: %s\nnodename: %s\nrelease: %s\nversion: %s\nmachine: %s\npage_size: %ld\n",
			u.sysname, u.nodename, u.release, u.version, u.machine,
			sysconf(_SC_PAGESIZE));
	return write_file(c, "uname", text, (size_t)size);
}

static bool is_number(const char *name)
{
	return *name && !name[strspn(name, "0123456789")];
}

/* "TID NAME" of each task of @process, as long as it is there */
static int list_threads(struct capture *c, FILE *out, const char *process)
{
	char path[PATH_MAX], **names, *comm;
	size_t nr, size;

	snprintf(path, sizeof(path), "proc/%s/task", process);
	if (dir_names(c->root, path, &names, &nr))
		return 0;
	for (size_t i = 0; i < nr; i++) {
		snprintf(path, sizeof(path), "proc/%s/task/%s/comm", process, names[i]);
		if (dir_read(c->root, path, MAX_COMM, &comm, &size))
			continue;
		fprintf(out, "%s %.*s\n", names[i], (int)strcspn(comm, "\n"), comm);
		free(comm);
	}
	dir_names_free(names, nr);
	return stop_asked(NULL) ? -EINTR : 0;
}

static int list_tasks(struct capture *c, FILE *out)
{
	char **names;
	size_t nr;
	int ret = dir_names(c->root, "proc", &names, &nr);

	if (ret == -ENOMEM)
		return out_of_memory(c);
	if (ret) {
		tell_unread(c, "", "proc", ret);
		return 0;
	}
	for (size_t i = 0; !ret && i < nr; i++)
		if (is_number(names[i]))
			ret = list_threads(c, out, names[i]);
	dir_names_free(names, nr);
	return ret;
}

static int write_tasks(struct capture *c)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int ret;

	if (!out)
		return out_of_memory(c);
	ret = list_tasks(c, out);
	if (fclose(out) && !ret)
		ret = out_of_memory(c);
	if (!ret)
		ret = write_file(c, "tasks", text, size);
	free(text);
	return ret;
}

static int describe_machine(struct capture *c)
{
	static const struct row copied[] = {
		{ .name = "uname" }, { .name = "tasks", .optional = true }, { 0 },
	};
	int ret;

	if (c->root < 0)
		return copy_rows(c, copied, "");
	ret = write_uname(c);
	return ret ? ret : write_tasks(c);
}

/* ---- The tracefs ---------------------------------------------------------- */

static int nothing_there(struct capture *c, int code)
{
	snprintf(c->err.text, sizeof(c->err.text), "%.300s: %s: " ADVICE, c->path,
		 code ? strerror(code) : "nothing in it can be read");
	return c->err.code = code ? -code : -ENODATA;
}

/* Open what has events below @path */
static int open_tracefs(struct capture *c, const char *path)
{
	struct statfs fs;
	int events;

	c->path = path;
	c->tracefs = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (c->tracefs < 0)
		return nothing_there(c, errno);
	events = dir_open_dir(c->tracefs, "events");
	if (events < 0) {
		close(c->tracefs);
		c->tracefs = -1;
		return nothing_there(c, -events);
	}
	close(events);
	if (!fstatfs(c->tracefs, &fs) && fs.f_type == TRACEFS_MAGIC)
		c->root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return 0;
}

int capture_open(struct capture *c, const char *path)
{
	struct merge_error first;

	if (path)
		return open_tracefs(c, path);
	if (!open_tracefs(c, "/sys/kernel/tracing"))
		return 0;
	first = c->err;
	if (open_tracefs(c, "/sys/kernel/debug/tracing"))
		c->err = first;
	return c->tracefs < 0 ? c->err.code : 0;
}

/* ---- All of it ------------------------------------------------------------- */

int capture_all(struct capture *c)
{
	int ret = copy_rows(c, once, "");

	if (!ret)
		ret = copy_rows(c, of_instance, "");
	if (!ret)
		ret = each_name(c, "per_cpu", copy_stats);
	if (!ret)
		ret = each_name(c, "events", copy_system);
	if (!ret)
		ret = each_name(c, "instances", copy_instance);
	if (!ret)
		ret = describe_machine(c);
	return !ret && !c->traced ? nothing_there(c, 0) : ret;
}

int capture_ring(struct capture *c, const char *instance)
{
	char folder[PATH_MAX] = "";
	int ret = copy_rows(c, once, "");

	if (*instance)
		snprintf(folder, sizeof(folder), "instances/%s/", instance);
	if (!ret)
		ret = copy_rows(c, of_instance, "");
	if (!ret && *instance)
		ret = copy_rows(c, of_instance, folder);
	if (!ret)
		ret = copy_system(c, "events", "ftrace");
	return ret ? ret : describe_machine(c);
}

int capture_event(struct capture *c, const char *name)
{
	const char *colon = strchr(name, ':');
	char path[PATH_MAX];
	int ret;

	if (!colon || strchr(name, '/'))
		return 0;
	snprintf(path, sizeof(path), "events/%.*s/%s/format", (int)(colon - name), name, colon + 1);
	ret = dir_has(c->out.fd, path) ? 0 : copy(c, c->tracefs, path, path);
	return ret < 0 ? ret : 0;
}

int capture_enabled(struct capture *c, const char *instance)
{
	char path[PATH_MAX], *lines, *rest, *line;
	size_t size;
	int ret;

	snprintf(path, sizeof(path), "%s%.200s%sset_event", *instance ? "instances/" : "", instance,
		 *instance ? "/" : "");
	ret = dir_read(c->tracefs, path, MAX_FILE, &lines, &size);
	if (ret)
		return nothing_there(c, -ret);
	for (rest = lines; !ret && (line = strsep(&rest, "\n")); )
		ret = capture_event(c, line);
	free(lines);
	return ret;
}

int capture_names(struct capture *c)
{
	static const struct row names[] = {
		{ .name = "saved_cmdlines" }, { .name = "saved_tgids", .optional = true }, { 0 },
	};

	c->again = true;
	return copy_rows(c, names, "");
}

int capture_end(struct capture *c, const char *instance)
{
	char folder[PATH_MAX] = "per_cpu";
	int ret;

	if (*instance)
		snprintf(folder, sizeof(folder), "instances/%s/per_cpu", instance);
	c->again = true;
	ret = each_name(c, folder, copy_stats);
	if (!ret)
		ret = capture_names(c);
	return ret || c->root < 0 ? ret : write_tasks(c);
}

void capture_close(struct capture *c)
{
	outdir_close(&c->out);
	if (c->tracefs >= 0)
		close(c->tracefs);
	if (c->root >= 0)
		close(c->root);
	c->tracefs = c->root = -1;
}
