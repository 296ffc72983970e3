// SPDX-License-Identifier: LGPL-2.1-or-later
/* Earlier harvests: see kept.h. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "copyfile.h"
#include "dir.h"
#include "error.h"
#include "kept.h"
#include "outdir.h"

/* What a harvest is called while it is removed: then it is none any more */
#define REMOVED	".removed-"
#define ID_SIZE	36

static int compare(const void *a, const void *b)
{
	const struct kept *x = a, *y = b;

	if (x->made.tv_sec != y->made.tv_sec)
		return x->made.tv_sec < y->made.tv_sec ? -1 : 1;
	if (x->made.tv_nsec != y->made.tv_nsec)
		return x->made.tv_nsec < y->made.tv_nsec ? -1 : 1;
	return strcmp(x->name, y->name);
}

int kept_add(struct kept_list *k, const char *name, const struct timespec *made)
{
	struct kept *grown = reallocarray(k->all, k->nr + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	k->all = grown;
	grown[k->nr] = (struct kept){ .name = strdup(name), .made = *made };
	if (!grown[k->nr].name)
		return -ENOMEM;
	k->nr++;
	return 0;
}

/* What is no harvest at all has no manifest; one that is being made has a dot in its name */
static int add(struct kept_list *k, const char *name)
{
	char path[PATH_MAX];
	struct stat st;

	if (strchr(name, '.') ||
	    snprintf(path, sizeof(path), "%s/" KEPT_MANIFEST, name) >= (int)sizeof(path) ||
	    fstatat(k->fd, path, &st, AT_SYMLINK_NOFOLLOW) || !S_ISREG(st.st_mode))
		return 0;
	return kept_add(k, name, &st.st_mtim);
}

/* "ID.XXXXXX" of outdir.c, which a run that was killed could not finish, or REMOVED */
static bool is_left(const char *name)
{
	size_t len = strlen(name), id = strspn(name, "0123456789abcdef-");

	if (!strncmp(name, REMOVED, strlen(REMOVED)))
		return true;
	return len > 7 && name[len - 7] == '.' &&
		(id == ID_SIZE || !strncmp(name, KEPT_BEFORE, strlen(KEPT_BEFORE)));
}

/* A reason not to remove it is one not to be able to harvest, too, and told there */
static void remove_left(struct kept_list *k, const char *name)
{
	struct merge_error err = { 0 };
	char path[PATH_MAX];

	if (is_left(name) && snprintf(path, sizeof(path), "%s/%s", k->path, name) < (int)sizeof(path))
		outdir_remove(path, &err);
}

int kept_open(struct kept_list *k, const char *path, bool make, struct merge_error *err)
{
	char **names;
	size_t nr;
	int ret;

	*k = (struct kept_list){ .path = path };
	k->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (k->fd < 0 || (make && flock(k->fd, LOCK_EX)))
		ret = -errno;
	else
		ret = dir_names(k->fd, ".", &names, &nr);
	if (ret)
		return error_set(err, ret, "%s: %s", path, strerror(-ret));
	for (size_t i = 0; !ret && i < nr; i++) {
		if (make)
			remove_left(k, names[i]);
		ret = add(k, names[i]);
	}
	dir_names_free(names, nr);
	if (ret)
		return error_code(err, ret);
	if (k->nr)
		qsort(k->all, k->nr, sizeof(*k->all), compare);
	return 0;
}

void kept_close(struct kept_list *k)
{
	for (size_t i = 0; i < k->nr; i++)
		free(k->all[i].name);
	free(k->all);
	if (k->fd >= 0)
		close(k->fd);
	*k = (struct kept_list){ .fd = -1 };
}

/* Return: as copy_is_same(); 0 when one of them cannot be read */
static int has(const struct kept_list *k, const struct kept *kept, const struct place *p,
	       const struct place_file *f)
{
	char path[PATH_MAX];
	uint64_t size, kept_size;
	int theirs, ours, ret = 0;

	if (snprintf(path, sizeof(path), "%s/%s", kept->name, f->name) >= (int)sizeof(path))
		return 0;
	theirs = dir_open_file(k->fd, path, &kept_size);
	if (theirs < 0)
		return 0;
	ours = kept_size == f->size ? dir_open_file(p->fd, f->name, &size) : -1;
	if (ours >= 0) {
		ret = copy_is_same(ours, theirs);
		close(ours);
	}
	close(theirs);
	return ret == -EINTR || ret == -ENOMEM ? ret : ret > 0;
}

int kept_find(const struct kept_list *k, const struct place *p, struct place_file *f)
{
	int ret = 0;

	for (size_t i = k->nr; !ret && i-- > 0; ) {
		ret = has(k, &k->all[i], p, f);
		if (ret > 0)
			f->harvest = (long)i;
	}
	return ret < 0 ? ret : 0;
}

char *kept_new_name(const struct kept_list *k, const char *name)
{
	char *text = strdup(name);

	for (unsigned int i = 2; text && dir_has(k->fd, text); i++) {
		free(text);
		if (asprintf(&text, "%s~%u", name, i) < 0)
			text = NULL;
	}
	return text;
}

struct timespec kept_time(const struct kept_list *k)
{
	struct kept now = { .name = "" };

	clock_gettime(CLOCK_REALTIME, &now.made);
	if (k->nr && compare(&now, &k->all[k->nr - 1]) <= 0) {
		now.made = k->all[k->nr - 1].made;
		now.made.tv_sec++;
	}
	return now.made;
}

static int remove_one(struct kept_list *k, const char *name, struct merge_error *err)
{
	char from[PATH_MAX], to[PATH_MAX];

	if (snprintf(from, sizeof(from), "%s/%s", k->path, name) >= (int)sizeof(from) ||
	    snprintf(to, sizeof(to), "%s/" REMOVED "%s", k->path, name) >= (int)sizeof(to))
		return error_code(err, -ENAMETOOLONG);
	if (rename(from, to))
		return error_set(err, -errno, "%s cannot be removed: %s", from, strerror(errno));
	return outdir_remove(to, err);
}

size_t kept_remove(struct kept_list *k, size_t keep, struct merge_error *err)
{
	struct merge_error why, *to = err;
	size_t seen[2] = { 0 }, removed = 0;

	for (size_t i = k->nr; i-- > 0; ) {
		if (++seen[k->all[i].stopped] <= keep || k->all[i].needed)
			continue;
		/* the first reason is told */
		to = err->code ? &why : err;
		removed += !remove_one(k, k->all[i].name, to);
	}
	return removed;
}
