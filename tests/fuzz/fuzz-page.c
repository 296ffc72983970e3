// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A sub-buffer of any bytes. The first byte says how it is read: bit 0 long of 4
 * bytes, bit 1 big endian; the second is the read mark, by 4.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "page_build.h"

static void walk(struct page page)
{
	struct page_event ev;
	volatile uint8_t sum = 0;

	while (page_next(&page, &ev))
		for (uint32_t i = 0; i < ev.size; i++)
			sum = sum + ((const uint8_t *)ev.data)[i];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t long_size = size && data[0] & 1 ? 4 : 8;
	bool big = size && data[0] & 2;
	struct subbuf sb;
	struct page page, again;
	uint8_t *out;

	if (size < 2 + 8 + long_size || size > 70000)
		return 0;
	sb = (struct subbuf){ .data = data + 2, .size = size - 2, .start = 4 * data[1] };
	out = malloc(size - 2);
	page_load(&page, &sb, size - 2, long_size, big);
	walk(page);
	page_trim(&page, data[1] % 4, out, size - 2);
	/* what is left is whole */
	sb = (struct subbuf){ .data = out, .size = size - 2 };
	if (page_load(&again, &sb, size - 2, long_size, big))
		abort();
	walk(again);
	free(out);
	return 0;
}
