// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Mainline's ramoops and persistent ring buffers of any bytes, read wholly. The first byte
 * says as what.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "mkramoops.h"
#include "mutate/wholly.h"

static const char *const types[] = {
	"ramoops", "bootring", "ramoops:" RAMOOPS_SMALL_HOW, "ramoops:ecc=1," RAMOOPS_SMALL_HOW,
	"ramoops:long_size=4", "bootring@0x1000",
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wholly w = { .turn = (unsigned int)size };
	struct merge_error err = { 0 };
	struct merge_source *src;
	char path[64];
	int fd;

	if (!size)
		return 0;
	fd = memfd_create("ramoops", 0);
	if (fd < 0 || write(fd, data + 1, size - 1) != (ssize_t)size - 1)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (!merge_source_open(path, types[data[0] % (sizeof(types) / sizeof(*types))], &err, &src)) {
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
