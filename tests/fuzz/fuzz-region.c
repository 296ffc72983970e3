// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A persistent region of any bytes, read wholly. Bytes that were changed seldom have
 * their crc, and behind it nothing would be reached: here every crc is 0.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "crc32c.h"
#include "fuzz.h"
#include "mutate/wholly.h"

/* In place of libmerge's own; all of the data is read, to see that it may be */
void crc32c_init(struct crc32c *t)
{
	t->table[0][0] = 0;
}

uint32_t crc32c(const struct crc32c *t, uint32_t crc, const void *data, size_t size)
{
	const uint8_t *bytes = data;
	volatile uint8_t sum = 0;

	(void)crc;
	for (size_t i = 0; i < size; i++)
		sum = sum + bytes[i];
	return t->table[0][0];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wholly w = { .turn = size };
	struct merge_error err = { 0 };
	struct merge_source *src;
	char path[64];
	int fd = memfd_create("region", 0);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (!merge_source_open(path, "region", &err, &src)) {
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
