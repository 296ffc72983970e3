// SPDX-License-Identifier: LGPL-2.1-or-later
/* A file of sub-buffers, all or the last: see rec_file.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "rec_file.h"

int rec_file_open(struct rec_file *f, int dir, const char *name, uint32_t size, uint64_t max)
{
	*f = (struct rec_file){ .size = size, .max = max };
	f->fd = openat(dir, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return f->fd < 0 ? -errno : 0;
}

uint64_t rec_file_kept(const struct rec_file *f)
{
	return f->max && f->count > f->max ? f->max : f->count;
}

uint64_t rec_file_over(const struct rec_file *f)
{
	return f->count - rec_file_kept(f);
}

/* @len bytes at @pos, by pread() or pwrite(). Return: how many; less with *@err set */
static size_t transfer(int fd, void *data, size_t len, uint64_t pos, bool write, int *err)
{
	size_t done = 0;

	while (done < len && !*err) {
		void *at = (uint8_t *)data + done;
		ssize_t n = write ? pwrite(fd, at, len - done, (off_t)(pos + done)) :
				    pread(fd, at, len - done, (off_t)(pos + done));

		if (!n || (n < 0 && errno != EINTR))
			*err = n < 0 ? -errno : -EIO;
		done += n > 0 ? (size_t)n : 0;
	}
	return done;
}

int rec_file_put(struct rec_file *f, const void *data, uint64_t nr)
{
	const uint8_t *bytes = data;
	int ret = 0;

	while (nr && !ret) {
		uint64_t slot = f->max ? f->count % f->max : f->count;
		uint64_t run = f->max && nr > f->max - slot ? f->max - slot : nr;

		run = transfer(f->fd, (void *)bytes, run * f->size, slot * f->size, true, &ret) /
		      f->size;
		bytes += run * f->size;
		nr -= run;
		f->count += run;
	}
	/* a part of one at the end of a full disk would be damage */
	if (ret && !rec_file_over(f) && ftruncate(f->fd, (off_t)(f->count * f->size)))
		return -errno;
	return ret;
}

/* Sub-buffers @from to @to - 1 the other way round; @room is for two of them */
static int reverse(struct rec_file *f, uint64_t from, uint64_t to, uint8_t *room)
{
	int ret = 0;

	for (; !ret && from + 1 < to; from++, to--) {
		uint64_t low = from * f->size, high = (to - 1) * f->size;

		transfer(f->fd, room, f->size, low, false, &ret);
		transfer(f->fd, room + f->size, f->size, high, false, &ret);
		transfer(f->fd, room, f->size, high, true, &ret);
		transfer(f->fd, room + f->size, f->size, low, true, &ret);
	}
	return ret;
}

/* In place, since the disk may be full: both parts reversed, then the whole */
static int rotate(struct rec_file *f)
{
	uint64_t oldest = f->count % f->max;
	uint8_t *room = malloc(2 * (size_t)f->size);
	int ret;

	if (!room)
		return -ENOMEM;
	ret = reverse(f, 0, oldest, room);
	if (!ret)
		ret = reverse(f, oldest, f->max, room);
	if (!ret)
		ret = reverse(f, 0, f->max, room);
	free(room);
	return ret;
}

int rec_file_finish(struct rec_file *f)
{
	int ret;

	if (f->fd < 0)
		return 0;
	ret = rec_file_over(f) && f->count % f->max ? rotate(f) : 0;
	if (close(f->fd) && !ret)
		ret = -errno;
	f->fd = -1;
	return ret;
}
