// SPDX-License-Identifier: LGPL-2.1-or-later
/* Reading a file at any place: see file_io.h. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file_io.h"

static int read_file(void *arg, uint64_t pos, void *buf, size_t len)
{
	const int *fd = arg;
	size_t done = 0;

	if (pos > INT64_MAX - len)
		return -ENODATA;
	while (done < len) {
		ssize_t n = pread(*fd, (uint8_t *)buf + done, len - done, (off_t)(pos + done));

		if (n < 0 && errno != EINTR)
			return -errno;
		if (!n)
			return -ENODATA;
		done += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

int file_io_open(const char *path, int *fd, struct merge_region_io *io)
{
	struct stat st;

	*fd = open(path, O_RDONLY | O_CLOEXEC);
	if (*fd < 0 || fstat(*fd, &st))
		return -errno;
	*io = (struct merge_region_io){
		.read = read_file, .arg = fd, .size = (uint64_t)st.st_size,
	};
	return S_ISREG(st.st_mode) ? 0 : -EINVAL;
}
