// SPDX-License-Identifier: GPL-2.0-or-later
/* A trace.dat file of any bytes, read wholly. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "mutate/wholly.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wholly w = { .turn = size };
	struct merge_error err = { 0 };
	struct merge_source *src;
	char path[64];
	int fd = memfd_create("trace.dat", 0);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (!merge_source_open(path, "trace.dat", &err, &src)) {
		read_wholly(src, &w);
		merge_source_close(src);
	}
	close(fd);
	if (w.why[0]) {
		fprintf(stderr, "%s\n", w.why);
		abort();
	}
	return 0;
}
