// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Mainline's files in /sys/fs/pstore, or copies of them, as a source: what the kernel itself
 * read out of ramoops' zones, or another backend's. The directory has all of them; the file
 * of functions may be given alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "describe_by.h"
#include "dir.h"
#include "error.h"
#include "ramoops_lines.h"
#include "source_open.h"
#include "src_ramoops.h"

#define MAX_FILE	(1u << 30)

/* What files begin with, up to their backend's name: "dmesg-efi-1" */
static const char *const texts[] = { "dmesg-", "console-", "pmsg-" };

#define FUNCTIONS	"ftrace-"
#define REGION		"trace-"
/* Of a dump that this kernel could not decompress */
#define PACKED		".enc.z"

static bool begins(const char *name, const char *with)
{
	return !strncmp(name, with, strlen(with)) && name[strlen(with)];
}

static bool ends(const char *name, const char *with)
{
	size_t len = strlen(name);

	return len > strlen(with) && !strcmp(name + len - strlen(with), with);
}

static bool is_text(const char *name)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (begins(name, texts[i]))
			return true;
	return false;
}

/* ---- Files ---------------------------------------------------------------- */

static int add_functions(struct merge_source *src, const char *name, const char *text,
			 size_t size)
{
	struct ramoops_source *rs = src->priv;
	uint64_t nr_other;
	int ret = ramoops_lines_take(&rs->ftrace, text, &nr_other);

	if (!ret && nr_other)
		source_note(src, NULL, -1, "%s: %" PRIu64 " lines are no records of functions", name,
			    nr_other);
	rs->functions += size;
	rs->nr_logs++;
	return ret;
}

static int add_text(struct merge_source *src, const char *name, char *text, size_t size)
{
	source_remark(src, "text %s: %zu bytes", name, size);
	return source_add_text(src, &(struct merge_text){
		.name = name, .data = text, .size = size, .stored = size,
	});
}

static int add_file(struct merge_source *src, int at, const char *name)
{
	char *text;
	size_t size;
	int ret;

	if (begins(name, REGION))
		source_remark(src, "%s is what the tracer pstore left: give that file for it", name);
	if (ends(name, PACKED))
		source_note(src, NULL, -1, "%s is compressed in a way that the kernel which runs does not know: it is left out",
			    name);
	if ((!is_text(name) && !begins(name, FUNCTIONS)) || ends(name, PACKED))
		return 0;
	ret = dir_read(at, name, MAX_FILE, &text, &size);
	if (ret == -ENOMEM)
		return ret;
	if (ret) {
		source_note(src, NULL, -1, "%s cannot be read (%s): it is left out", name, dir_strerror(ret));
		return 0;
	}
	if (is_text(name))
		return add_text(src, name, text, size);
	ret = add_functions(src, name, text, size);
	free(text);
	return ret;
}

static int add_files(struct merge_source *src, int at)
{
	char **names;
	size_t nr;
	int ret = dir_names(at, ".", &names, &nr);

	if (ret)
		return ret;
	for (size_t i = 0; !ret && i < nr; i++)
		ret = source_interrupted(src) ? -EINTR : add_file(src, at, names[i]);
	dir_names_free(names, nr);
	return ret;
}

/* ---- Opening -------------------------------------------------------------- */

/* A directory, or the file @name in it */
static int load(struct merge_source *src, const char *path, const char *name,
		struct merge_error *err)
{
	struct ramoops_source *rs = src->priv;
	int at = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), ret;

	if (at < 0)
		return error_code(err, -errno);
	ret = name ? add_file(src, at, name) : add_files(src, at);
	close(at);
	if (!ret)
		ret = ramoops_lines_finish(&rs->ftrace);
	if (!ret)
		ret = ramoops_add_buffers(src, rs->ftrace.long_size, false);
	if (ret)
		return error_code(err, ret);
	if (rs->ftrace.nr)
		source_remark(src, "ftrace: %zu records in %zu files", rs->ftrace.nr, rs->nr_logs);
	if (rs->ftrace.nr_boots > 1)
		ramoops_tell_boots(src);
	return 0;
}

static int open_path(const char *path, struct merge_source *src, struct merge_error *err)
{
	const char *slash = strrchr(path, '/');
	struct stat st;
	char *folder;
	int ret;

	if (stat(path, &st))
		return error_code(err, -errno);
	if (S_ISDIR(st.st_mode))
		return load(src, path, NULL, err);
	folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	if (!folder)
		return error_nomem(err);
	ret = load(src, folder, slash ? slash + 1 : path, err);
	free(folder);
	return ret;
}

static bool has_files(const char *path)
{
	int at = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool found = false;
	char **names;
	size_t nr;

	if (at < 0 || dir_names(at, ".", &names, &nr)) {
		if (at >= 0)
			close(at);
		return false;
	}
	for (size_t i = 0; !found && i < nr; i++)
		found = is_text(names[i]) || begins(names[i], FUNCTIONS);
	dir_names_free(names, nr);
	close(at);
	return found;
}

bool pstore_probe(const struct source_look *look)
{
	const char *slash = strrchr(look->path, '/'), *name = slash ? slash + 1 : look->path;

	if (S_ISDIR(look->st.st_mode))
		return has_files(look->path);
	return begins(name, FUNCTIONS) && ramoops_lines_probe((const char *)look->head, look->size);
}

int pstore_open(const char *path, struct merge_error *err, struct merge_source **out)
{
	const struct ramoops_how how = { 0 };
	struct merge_source *src = ramoops_create(&how);
	int ret;

	if (!src)
		return error_nomem(err);
	ret = open_path(path, src, err);
	if (ret) {
		error_prepend(err, "%s", path);
		merge_source_close(src);
		return ret;
	}
	*out = src;
	return 0;
}
