// SPDX-License-Identifier: LGPL-2.1-or-later
/* Bytes from one file to another: see copyfile.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "copyfile.h"
#include "stop.h"

#define PIECE	(256u << 10)

/* As much of @size as there is */
static ssize_t read_at(int fd, uint8_t *data, size_t size, uint64_t pos)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = pread(fd, data + done, size - done, (off_t)(pos + done));

		if (n < 0 && errno != EINTR)
			return -errno;
		if (!n)
			break;
		done += n > 0 ? (size_t)n : 0;
	}
	return (ssize_t)done;
}

static int write_all(int fd, const uint8_t *data, size_t size)
{
	while (size) {
		ssize_t n = write(fd, data, size);

		if (n < 0 && errno != EINTR)
			return -errno;
		data += n > 0 ? n : 0;
		size -= n > 0 ? (size_t)n : 0;
	}
	return 0;
}

int copy_file(int from, int to, const struct crc32c *table, uint64_t *size, uint32_t *crc,
	      bool *reading)
{
	uint8_t *piece = malloc(PIECE);
	uint32_t sum = 0;
	uint64_t pos = 0;
	ssize_t n = -ENOMEM;
	int ret = 0;

	*reading = false;
	while (piece && !ret && (n = read_at(from, piece, PIECE, pos)) > 0) {
		ret = stop_asked(NULL) ? -EINTR : write_all(to, piece, (size_t)n);
		sum = crc32c(table, sum, piece, (size_t)n);
		pos += (uint64_t)n;
	}
	free(piece);
	if (ret)
		return ret;
	if (n < 0) {
		*reading = n != -ENOMEM;
		return (int)n;
	}
	*size = pos;
	*crc = sum;
	return 0;
}

int copy_is_same(int a, int b)
{
	uint8_t *pieces = malloc(2 * PIECE);
	ssize_t n, m;
	int ret = pieces ? 1 : -ENOMEM;

	for (uint64_t pos = 0; ret == 1; pos += (uint64_t)n) {
		n = read_at(a, pieces, PIECE, pos);
		m = n < 0 ? n : read_at(b, pieces + PIECE, PIECE, pos);
		if (stop_asked(NULL))
			ret = -EINTR;
		else if (m < 0)
			ret = (int)m;
		else if (n != m || memcmp(pieces, pieces + PIECE, (size_t)n))
			ret = 0;
		else if (!n)
			break;
	}
	free(pieces);
	return ret;
}

int copy_settle(int fd)
{
	if (fsync(fd))
		return -errno;
	/* only advice: where it is not taken, memory is compared */
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	return 0;
}
