// SPDX-License-Identifier: LGPL-2.1-or-later
/* The header of a file in a tar archive: see ustar.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ustar.h"

#define OCTAL_MAX	077777777777u	/* 11 digits */

/* Where the parts of a header are, and how long */
enum {
	NAME = 0, NAME_SIZE = 100, MODE = 100, UID = 108, GID = 116, SIZE = 124, SIZE_SIZE = 12,
	MTIME = 136, SUM = 148, SUM_SIZE = 8, TYPE = 156, MAGIC = 257, PREFIX = 345,
	PREFIX_SIZE = 155,
};

static void put_octal(uint8_t *at, int digits, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%0*llo", digits, (unsigned long long)value);
	memcpy(at, text, (size_t)digits + 1);
}

/* Big-endian, with the highest bit set: GNU's way for what octal digits cannot say */
static void put_size(uint8_t *at, uint64_t size)
{
	if (size <= OCTAL_MAX) {
		put_octal(at, SIZE_SIZE - 1, size);
		return;
	}
	at[0] = 0x80;
	for (int i = 1; i < SIZE_SIZE; i++)
		at[i] = i < 4 ? 0 : (uint8_t)(size >> 8 * (SIZE_SIZE - 1 - i));
}

/* A long name has what is before one of its slashes in the prefix */
static int put_name(uint8_t *block, const char *name)
{
	size_t len = strlen(name);
	const char *slash = name;

	if (len <= NAME_SIZE) {
		memcpy(block + NAME, name, len);
		return 0;
	}
	while ((slash = strchr(slash + 1, '/'))) {
		size_t before = (size_t)(slash - name);

		if (before > PREFIX_SIZE || len - before - 1 > NAME_SIZE || !slash[1])
			continue;
		memcpy(block + PREFIX, name, before);
		memcpy(block + NAME, slash + 1, len - before - 1);
		return 0;
	}
	return -ENAMETOOLONG;
}

int ustar_header(uint8_t block[USTAR_BLOCK], const char *name, uint64_t size, time_t modified)
{
	unsigned int sum = 0;
	int ret;

	memset(block, 0, USTAR_BLOCK);
	ret = put_name(block, name);
	if (ret)
		return ret;
	put_octal(block + MODE, 7, 0600);
	put_octal(block + UID, 7, 0);
	put_octal(block + GID, 7, 0);
	put_size(block + SIZE, size);
	put_octal(block + MTIME, 11, modified > 0 && (uint64_t)modified <= OCTAL_MAX ?
		  (uint64_t)modified : 0);
	block[TYPE] = '0';
	memcpy(block + MAGIC, "ustar\00000", 8);
	/* the sum counts its own place as blanks */
	memset(block + SUM, ' ', SUM_SIZE);
	for (size_t i = 0; i < USTAR_BLOCK; i++)
		sum += block[i];
	put_octal(block + SUM, 6, sum);
	return 0;
}

size_t ustar_padding(uint64_t size)
{
	return (USTAR_BLOCK - size % USTAR_BLOCK) % USTAR_BLOCK;
}
