// SPDX-License-Identifier: LGPL-2.1-or-later
/* Files that a crash left in a directory: see place.h. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "dir.h"
#include "error.h"
#include "place.h"

/* systemd-pstore has directories of directories */
#define MAX_DEPTH	3

bool place_is_image(const struct place_file *f)
{
	const char *slash = strrchr(f->name, '/'), *name = slash ? slash + 1 : f->name;

	return !strncmp(name, PLACE_IMAGE, strlen(PLACE_IMAGE));
}

static int add_file(struct place *p, const char *name, const struct stat *st)
{
	struct place_file *grown = reallocarray(p->files, p->nr + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	p->files = grown;
	grown[p->nr] = (struct place_file){
		.name = strdup(name), .size = (uint64_t)st->st_size, .modified = st->st_mtim,
		.harvest = -1,
	};
	if (!grown[p->nr].name)
		return -ENOMEM;
	p->nr++;
	return 0;
}

static int add_folder(struct place *p, const char *folder, int depth);

/* What is neither a file nor a directory, or has vanished by now, is nothing to harvest */
static int add_name(struct place *p, const char *folder, const char *name, int depth)
{
	char path[PATH_MAX];
	struct stat st;

	if (snprintf(path, sizeof(path), "%s%s%s", folder, *folder ? "/" : "", name) >=
	    (int)sizeof(path))
		return -ENAMETOOLONG;
	if (fstatat(p->fd, path, &st, AT_SYMLINK_NOFOLLOW))
		return errno == ENOENT ? 0 : -errno;
	if (S_ISREG(st.st_mode))
		return add_file(p, path, &st);
	return S_ISDIR(st.st_mode) && depth < MAX_DEPTH ? add_folder(p, path, depth + 1) : 0;
}

static int add_folder(struct place *p, const char *folder, int depth)
{
	char **names;
	size_t nr;
	int ret = dir_names(p->fd, *folder ? folder : ".", &names, &nr);

	if (ret)
		return ret;
	for (size_t i = 0; !ret && i < nr; i++)
		ret = add_name(p, folder, names[i], depth);
	dir_names_free(names, nr);
	return ret;
}

static int compare(const void *a, const void *b)
{
	const struct place_file *x = a, *y = b;

	if (place_is_image(x) != place_is_image(y))
		return place_is_image(x) ? -1 : 1;
	return strcmp(x->name, y->name);
}

int place_open(struct place *p, const char *root, const char *path, struct merge_error *err)
{
	int ret;

	*p = (struct place){ .fd = -1 };
	if (asprintf(&p->path, "%s%s", root, path) < 0) {
		p->path = NULL;
		return error_nomem(err);
	}
	p->fd = open(p->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ret = p->fd < 0 ? -errno : add_folder(p, "", 1);
	if (ret)
		return error_set(err, ret, "%s: %s%s", p->path, strerror(-ret),
				 ret == -EACCES ? ": run it as root" : "");
	if (p->nr)
		qsort(p->files, p->nr, sizeof(*p->files), compare);
	return 0;
}

void place_close(struct place *p)
{
	for (size_t i = 0; i < p->nr; i++)
		free(p->files[i].name);
	free(p->files);
	free(p->path);
	if (p->fd >= 0)
		close(p->fd);
	*p = (struct place){ .fd = -1 };
}

bool place_is_pstore(const struct place *p)
{
	struct statfs fs;

	return !fstatfs(p->fd, &fs) && (unsigned long)fs.f_type == PSTOREFS_MAGIC;
}

size_t place_erase(struct place *p, struct merge_error *err)
{
	size_t erased = 0;

	for (size_t i = 0; i < p->nr; i++) {
		struct place_file *f = &p->files[i];

		if (!f->verified)
			continue;
		f->erased = !unlinkat(p->fd, f->name, 0);
		erased += f->erased;
		if (!f->erased && !err->code)
			error_set(err, -errno, "%s/%s cannot be erased: %s", p->path, f->name,
				  strerror(errno));
	}
	return erased;
}
