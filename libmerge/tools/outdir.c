// SPDX-License-Identifier: LGPL-2.1-or-later
/* A directory of files that is complete or not there: see outdir.h. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "outdir.h"

#define MAX_DEPTH	16	/* directories open at a time while they are removed */

static int fail(struct merge_error *err, int code, const char *path, const char *why)
{
	snprintf(err->text, sizeof(err->text), "%.400s: %s", path, why);
	return err->code = code;
}

static int fail_errno(struct merge_error *err, const char *path)
{
	return fail(err, -errno, path, strerror(errno));
}

static void free_names(struct outdir *d)
{
	free(d->path);
	free(d->temp);
	d->path = d->temp = NULL;
}

static int name_it(struct outdir *d, const char *path, struct merge_error *err)
{
	size_t len = strlen(path);

	while (len > 1 && path[len - 1] == '/')
		len--;
	d->path = strndup(path, len);
	if (!d->path || asprintf(&d->temp, "%s.XXXXXX", d->path) < 0) {
		d->temp = NULL;
		return fail(err, -ENOMEM, path, "out of memory");
	}
	return 0;
}

static int make_it(struct outdir *d, struct merge_error *err)
{
	struct stat st;

	if (!lstat(d->path, &st))
		return fail(err, -EEXIST, d->path, "exists already");
	/* mode 0700 is mkdtemp()'s own */
	if (!mkdtemp(d->temp))
		return fail_errno(err, d->path);
	d->fd = open(d->temp, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (d->fd >= 0)
		return 0;
	fail_errno(err, d->path);
	rmdir(d->temp);
	return err->code;
}

int outdir_open(struct outdir *d, const char *path, struct merge_error *err)
{
	int ret;

	*d = (struct outdir){ .fd = -1 };
	ret = name_it(d, path, err);
	if (!ret)
		ret = make_it(d, err);
	if (ret)
		free_names(d);
	return ret;
}

/* The directories that stand in @name before its file */
static int make_parents(struct outdir *d, const char *name)
{
	char path[PATH_MAX];

	for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
		if (snprintf(path, sizeof(path), "%.*s", (int)(slash - name), name) >=
		    (int)sizeof(path)) {
			errno = ENAMETOOLONG;
			return -1;
		}
		if (mkdirat(d->fd, path, 0700) && errno != EEXIST)
			return -1;
	}
	return 0;
}

static int write_all(int fd, const char *data, size_t size)
{
	while (size) {
		ssize_t n = write(fd, data, size);

		if (n < 0 && errno != EINTR)
			return -1;
		data += n > 0 ? n : 0;
		size -= n > 0 ? (size_t)n : 0;
	}
	return 0;
}

int outdir_create(struct outdir *d, const char *name, struct merge_error *err)
{
	char path[PATH_MAX];
	int fd = make_parents(d, name);

	if (!fd)
		fd = openat(d->fd, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd >= 0)
		return fd;
	snprintf(path, sizeof(path), "%s/%s", d->path, name);
	return fail_errno(err, path);
}

void outdir_drop(struct outdir *d, const char *name)
{
	unlinkat(d->fd, name, 0);
}

int outdir_write(struct outdir *d, const char *name, const void *data, size_t size,
		 struct merge_error *err)
{
	char path[PATH_MAX];
	int fd = outdir_create(d, name, err), bad;

	if (fd < 0)
		return fd;
	snprintf(path, sizeof(path), "%s/%s", d->path, name);
	bad = write_all(fd, data, size);
	if (bad)
		fail_errno(err, path);
	/* close() is where some file systems say that there was no room */
	if (close(fd) && !bad) {
		fail_errno(err, path);
		bad = -1;
	}
	return bad ? err->code : 0;
}

int outdir_replace(struct outdir *d, const char *name, const void *data, size_t size,
		   struct merge_error *err)
{
	char path[PATH_MAX];
	int ret;

	snprintf(path, sizeof(path), "%s.new", name);
	unlinkat(d->fd, path, 0);
	ret = outdir_write(d, path, data, size, err);
	if (!ret && renameat(d->fd, path, d->fd, name))
		ret = fail_errno(err, path);
	if (ret)
		unlinkat(d->fd, path, 0);
	return ret;
}

int outdir_finish(struct outdir *d, struct merge_error *err)
{
	/* one for all, as there may be thousands of files */
	int bad = syncfs(d->fd);

	if (!bad) {
		bad = renameat2(AT_FDCWD, d->temp, AT_FDCWD, d->path, RENAME_NOREPLACE);
		/* a file system without that: it replaces nothing but an empty directory */
		if (bad && (errno == EINVAL || errno == ENOSYS))
			bad = rename(d->temp, d->path);
	}
	if (bad)
		return fail_errno(err, d->path);
	free(d->temp);
	d->temp = NULL;
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	remove(path);
	return 0;
}

void outdir_close(struct outdir *d)
{
	if (d->fd >= 0)
		close(d->fd);
	d->fd = -1;
	if (d->temp)
		nftw(d->temp, remove_one, MAX_DEPTH, FTW_DEPTH | FTW_PHYS);
	free_names(d);
}

int outdir_remove(const char *path, struct merge_error *err)
{
	struct stat st;

	nftw(path, remove_one, MAX_DEPTH, FTW_DEPTH | FTW_PHYS);
	if (!lstat(path, &st))
		return fail(err, -EBUSY, path, "cannot be removed");
	return 0;
}
