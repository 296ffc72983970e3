// SPDX-License-Identifier: GPL-2.0-or-later
/* Calls a fuzz target with the contents of files: for compilers without libFuzzer. */
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

static int replay(const char *path)
{
	FILE *in = fopen(path, "r");
	uint8_t *data = NULL;
	size_t size = 0, got;

	if (!in) {
		perror(path);
		return 1;
	}
	do {
		data = realloc(data, size + 4096);
		if (!data)
			abort();
		got = fread(data + size, 1, 4096, in);
		size += got;
	} while (got);
	fclose(in);
	/* exactly that large, so that what is read beyond it is seen */
	data = realloc(data, size + !size);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	return 0;
}

int main(int argc, char **argv)
{
	int ret = 0;

	for (int i = 1; i < argc; i++)
		ret |= replay(argv[i]);
	return ret;
}
