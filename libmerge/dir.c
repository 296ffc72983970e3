// SPDX-License-Identifier: LGPL-2.1-or-later
/* Files in a directory that others filled: see dir.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dir.h"

#define NO_WAIT	(O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW)

/* @path, one name after the other, so that O_NOFOLLOW holds for all of them */
static int open_below(int at, const char *path, int flags)
{
	char copy[PATH_MAX], *rest = copy, *name;
	int fd = -1, next;

	if (strlen(path) >= sizeof(copy))
		return -ENAMETOOLONG;
	strcpy(copy, path);
	while ((name = strsep(&rest, "/"))) {
		next = openat(fd < 0 ? at : fd, name, NO_WAIT | (rest ? O_DIRECTORY : flags));
		if (next < 0)
			next = -errno;
		if (fd >= 0)
			close(fd);
		if (next < 0)
			return next;
		fd = next;
	}
	return fd;
}

int dir_open_file(int at, const char *path, uint64_t *size)
{
	int fd = open_below(at, path, 0), ret = 0;
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st))
		ret = -errno;
	else if (!S_ISREG(st.st_mode))
		ret = -EINVAL;
	if (ret) {
		close(fd);
		return ret;
	}
	*size = (uint64_t)st.st_size;
	return fd;
}

int dir_open_dir(int at, const char *path)
{
	return open_below(at, path, O_DIRECTORY);
}

bool dir_has(int at, const char *path)
{
	struct stat st;

	return !fstatat(at, path, &st, AT_SYMLINK_NOFOLLOW);
}

const char *dir_strerror(int code)
{
	return code == -EINVAL ? "no regular file" : code == -ELOOP ? "a symbolic link" :
	       code == -EFBIG ? "too large" : strerror(-code);
}

/* Up to the end or @max + 1 bytes */
static int read_all(int fd, size_t max, char **text, size_t *size)
{
	size_t room = 0;
	char *grown;
	ssize_t n;

	for (;;) {
		if (*size + 1 >= room) {
			room = room ? 2 * room : 16384;
			grown = realloc(*text, room);
			if (!grown)
				return -ENOMEM;
			*text = grown;
		}
		n = read(fd, *text + *size, room - 1 - *size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		*size += (size_t)n;
		if (*size > max)
			return -EFBIG;
		if (!n)
			break;
	}
	(*text)[*size] = '\0';
	return 0;
}

int dir_read(int at, const char *path, size_t max, char **text, size_t *size)
{
	uint64_t unused;
	int fd = dir_open_file(at, path, &unused), ret;
	char *all = NULL;
	size_t len = 0;

	if (fd < 0)
		return fd;
	ret = read_all(fd, max, &all, &len);
	close(fd);
	if (ret) {
		free(all);
		return ret;
	}
	*text = all;
	*size = len;
	return 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void dir_names_free(char **names, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		free(names[i]);
	free(names);
}

static int add_name(char ***names, size_t *nr, const char *name)
{
	char **grown = *names;

	/* by powers of two */
	if (!(*nr & (*nr - 1))) {
		grown = reallocarray(*names, *nr ? 2 * *nr : 1, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		*names = grown;
	}
	grown[*nr] = strdup(name);
	if (!grown[*nr])
		return -ENOMEM;
	++*nr;
	return 0;
}

int dir_names(int at, const char *path, char ***names, size_t *nr)
{
	int fd = dir_open_dir(at, path), ret = 0;
	struct dirent *entry;
	char **all = NULL;
	size_t count = 0;
	DIR *dir;

	if (fd < 0)
		return fd;
	dir = fdopendir(fd);
	if (!dir) {
		ret = -errno;
		close(fd);
		return ret;
	}
	for (errno = 0; !ret && (entry = readdir(dir)); errno = 0)
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			ret = add_name(&all, &count, entry->d_name);
	if (!ret && errno)
		ret = -errno;
	closedir(dir);
	if (ret) {
		dir_names_free(all, count);
		return ret;
	}
	if (count)
		qsort(all, count, sizeof(*all), compare);
	*names = all;
	*nr = count;
	return 0;
}
