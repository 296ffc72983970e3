// SPDX-License-Identifier: LGPL-2.1-or-later
/* Writing a file that is complete or not there. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"
#include "tracedat_file.h"

/* larger writes are slower: 72 MiB took 17 ms by 64 KiB, 38 to 173 by 256 KiB */
#define BUFFER	(64u * 1024)

/* What was written goes to the disk meanwhile, so that the end waits for this much only */
#define AHEAD	(8u * 1024 * 1024)

/* Size of a section's header, and where in it the size of its data is */
#define SECTION_HEADER	16u
#define SECTION_SIZE	8u

/* rename() replaces a file; what else bears the name is not to be replaced */
static int check_target(const char *path, struct merge_error *err)
{
	struct stat st;

	if (!lstat(path, &st) && !S_ISREG(st.st_mode))
		return error_set(err, -EEXIST, "%s: exists and is not a regular file", path);
	return 0;
}

int datfile_open(struct datfile *f, const char *path, struct merge_error *err)
{
	int ret = check_target(path, err);

	*f = (struct datfile){ .fd = -1 };
	if (ret)
		return ret;
	ret = -ENOMEM;
	f->path = strdup(path);
	f->buf = malloc(BUFFER);
	if (!f->path || !f->buf || asprintf(&f->temp, "%s.XXXXXX", path) < 0) {
		f->temp = NULL;
		error_nomem(err);
		goto err;
	}
	/* O_EXCL and mode 0600 are mkostemp()'s own */
	f->fd = mkostemp(f->temp, O_CLOEXEC);
	if (f->fd < 0) {
		ret = error_set(err, -errno, "%s: %s", path, strerror(errno));
		free(f->temp);
		f->temp = NULL;
		goto err;
	}
	return 0;
err:
	datfile_close(f);
	return ret;
}

int datfile_open_spool(struct datfile *f, const char *path, struct merge_error *err)
{
	int ret = datfile_open(f, path, err);

	if (ret)
		return ret;
	unlink(f->temp);
	free(f->temp);
	f->temp = NULL;
	return 0;
}

void datfile_close(struct datfile *f)
{
	if (f->path && f->fd >= 0)
		close(f->fd);
	if (f->temp)
		unlink(f->temp);
	free(f->temp);
	free(f->path);
	free(f->buf);
	*f = (struct datfile){ .fd = -1 };
}

/* A hint: where it cannot be followed, fsync() at the end does all. A spool needs none. */
static void start_writeback(struct datfile *f)
{
	uint64_t size = f->written - f->started;

	if (!f->temp || size < AHEAD)
		return;
	sync_file_range(f->fd, (off_t)f->started, (off_t)size, SYNC_FILE_RANGE_WRITE);
	f->started = f->written;
}

static void write_all(struct datfile *f, const uint8_t *data, size_t len)
{
	while (len && !f->err) {
		ssize_t n = write(f->fd, data, len);

		if (n < 0 && errno != EINTR)
			f->err = -errno;
		if (n > 0) {
			data += n;
			len -= (size_t)n;
			f->written += (uint64_t)n;
		}
	}
	start_writeback(f);
}

static void flush(struct datfile *f)
{
	write_all(f, f->buf, f->used);
	f->used = 0;
}

int datfile_error(const struct datfile *f, struct merge_error *err)
{
	if (!f->err)
		return 0;
	return error_set(err, f->err, "%s: writing %llu bytes: %s", f->path,
			 (unsigned long long)f->pos, strerror(-f->err));
}

static int sync_directory(const char *path)
{
	char *dir = strdup(path);
	char *slash = dir ? strrchr(dir, '/') : NULL;
	int fd, ret;

	if (!dir)
		return -ENOMEM;
	if (slash)
		slash[slash == dir] = '\0';
	fd = open(slash ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(dir);
	if (fd < 0)
		return -errno;
	/* some file systems cannot; the file itself is safe */
	ret = fsync(fd) && errno != EINVAL ? -errno : 0;
	close(fd);
	return ret;
}

int datfile_finish(struct datfile *f, struct merge_error *err)
{
	flush(f);
	if (!f->err && fsync(f->fd))
		f->err = -errno;
	/* close() is where some file systems say that there was no room */
	if (close(f->fd) && !f->err)
		f->err = -errno;
	f->fd = -1;
	if (datfile_error(f, err))
		return f->err;
	if (rename(f->temp, f->path))
		return error_set(err, -errno, "%s: renaming %s: %s", f->path, f->temp,
				 strerror(errno));
	free(f->temp);
	f->temp = NULL;
	f->err = sync_directory(f->path);
	return datfile_error(f, err);
}

void datfile_put(struct datfile *f, const void *data, size_t len)
{
	f->pos += len;
	if (len > BUFFER - f->used)
		flush(f);
	if (len > BUFFER) {
		write_all(f, data, len);
		return;
	}
	memcpy(f->buf + f->used, data, len);
	f->used += len;
}

void datfile_encode(const struct datfile *f, uint64_t value, unsigned int size, uint8_t *out)
{
	for (unsigned int i = 0; i < size; i++)
		out[f->big_endian ? size - 1 - i : i] = (uint8_t)(value >> 8 * i);
}

void datfile_number(struct datfile *f, uint64_t value, unsigned int size)
{
	uint8_t bytes[8];

	datfile_encode(f, value, size, bytes);
	datfile_put(f, bytes, size);
}

void datfile_text(struct datfile *f, const char *text)
{
	datfile_put(f, text, strlen(text) + 1);
}

void datfile_align(struct datfile *f, uint32_t size)
{
	static const uint8_t zeros[4096];
	uint64_t left = (size - f->pos % size) % size;

	for (; left; left -= left < sizeof(zeros) ? left : sizeof(zeros))
		datfile_put(f, zeros, left < sizeof(zeros) ? left : sizeof(zeros));
}

void datfile_patch(struct datfile *f, uint64_t pos, uint64_t value, unsigned int size)
{
	uint8_t bytes[8];
	ssize_t n;

	flush(f);
	if (f->err)
		return;
	datfile_encode(f, value, size, bytes);
	n = pwrite(f->fd, bytes, size, (off_t)pos);
	if (n != (ssize_t)size)
		f->err = n < 0 ? -errno : -EIO;
}

void datfile_get(struct datfile *f, uint64_t pos, void *data, size_t len)
{
	uint8_t *bytes = data;

	flush(f);
	memset(data, 0, len);
	while (len && !f->err) {
		ssize_t n = pread(f->fd, bytes, len, (off_t)pos);

		if (!n || (n < 0 && errno != EINTR))
			f->err = n < 0 ? -errno : -EIO;
		if (n > 0) {
			bytes += n;
			pos += (uint64_t)n;
			len -= (size_t)n;
		}
	}
}

uint64_t datfile_section(struct datfile *f, enum tracedat_id id)
{
	uint64_t start = f->pos;

	datfile_number(f, id, 2);
	datfile_number(f, 0, 2);		/* not compressed */
	datfile_number(f, UINT32_MAX, 4);	/* no description */
	datfile_number(f, 0, 8);
	f->section = f->pos;
	return start;
}

void datfile_section_end(struct datfile *f)
{
	datfile_patch(f, f->section - SECTION_HEADER + SECTION_SIZE, f->pos - f->section, 8);
}
