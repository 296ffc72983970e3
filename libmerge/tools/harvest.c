// SPDX-License-Identifier: LGPL-2.1-or-later
/* A file of pstore into a harvest: see harvest.h. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "copyfile.h"
#include "dir.h"
#include "error.h"
#include "harvest.h"
#include "json.h"
#include "tool.h"

void harvest_problem(struct harvest *h, const char *fmt, ...)
{
	char text[600];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	tool_complain("%s", error_one_line(text));
	json_member_text(&h->problems, h->problems.len ? "," : "", text);
	h->partial = true;
}

void harvest_boot_id(const char *root, char id[BOOT_ID_SIZE])
{
	char *path;
	FILE *in;

	*id = '\0';
	if (asprintf(&path, "%s/proc/sys/kernel/random/boot_id", root) < 0)
		return;
	in = fopen(path, "re");
	free(path);
	if (!in)
		return;
	if (!fgets(id, BOOT_ID_SIZE, in) || id[strspn(id, "0123456789abcdef-")])
		*id = '\0';
	fclose(in);
}

/* The copy is read again, from the disk where that can be told, and held against pstore's */
static int verify(struct harvest *h, struct place_file *f, int from, int to)
{
	int ret = copy_settle(to);

	if (!ret)
		ret = copy_is_same(from, to);
	if (ret < 0)
		return ret;
	f->verified = ret;
	if (ret)
		return 0;
	outdir_drop(&h->out, f->name);
	harvest_problem(h, "%s/%s: what was read back of its copy is not the same: it stays where it is, and there is no copy",
			h->place->path, f->name);
	return 0;
}

static int copy_between(struct harvest *h, struct place_file *f, int from, int to)
{
	bool reading;
	int ret = copy_file(from, to, h->crc, &f->size, &f->crc, &reading);

	if (!ret)
		ret = verify(h, f, from, to);
	if (!ret || ret == -EINTR || ret == -ENOMEM)
		return ret;
	outdir_drop(&h->out, f->name);
	if (reading)
		harvest_problem(h, "%s/%s: %s: it is left out", h->place->path, f->name,
				strerror(-ret));
	else
		harvest_problem(h, "%s/%s: %s: %s/%s stays where it is", h->out.path, f->name,
				strerror(-ret), h->place->path, f->name);
	return 0;
}

int harvest_copy(struct harvest *h, struct place_file *f)
{
	struct merge_error err = { 0 };
	uint64_t size;
	int from = dir_open_file(h->place->fd, f->name, &size), to, ret = 0;

	if (from < 0) {
		harvest_problem(h, "%s/%s: %s: it is left out", h->place->path, f->name,
				dir_strerror(from));
		return 0;
	}
	to = outdir_create(&h->out, f->name, &err);
	if (to < 0) {
		harvest_problem(h, "%s: %s/%s stays where it is", err.text, h->place->path, f->name);
	} else {
		ret = copy_between(h, f, from, to);
		close(to);
	}
	close(from);
	h->nr_files += f->verified;
	return ret;
}
