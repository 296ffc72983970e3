// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The compressions of trace.dat files. Sizes come from the file: what they
 * claim is held against what the method can do before memory is taken for it.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "dat_zip.h"

/* No block of a trace.dat is larger: the symbols of a kernel are some 20 MiB */
#define MAX_OUT		(256u << 20)

/*
 * @name: in the head of the file
 * @ratio: bytes that one byte can become at most
 * @expand: exactly @out_size bytes. Return: whether it did
 */
struct dat_zip {
	const char *name;
	size_t ratio;
	int (*expand)(const void *in, size_t in_size, void *out, size_t out_size);
};

static int expand_zlib(const void *in, size_t in_size, void *out, size_t out_size)
{
	uLongf size = out_size;

	return uncompress(out, &size, in, in_size) == Z_OK && size == out_size;
}

static int expand_zstd(const void *in, size_t in_size, void *out, size_t out_size)
{
	unsigned long long content = ZSTD_getFrameContentSize(in, in_size);

	if (content != out_size && content != ZSTD_CONTENTSIZE_UNKNOWN)
		return 0;
	return ZSTD_decompress(out, out_size, in, in_size) == out_size;
}

/* zlib: its documentation; zstd: a block of 128 KiB takes 4 bytes */
static const struct dat_zip zips[] = {
	{ "none", 1, NULL },
	{ "zlib", 1032, expand_zlib },
	{ "zstd", 32768, expand_zstd },
};

const struct dat_zip *dat_zip_find(const char *name)
{
	for (size_t i = 0; i < sizeof(zips) / sizeof(*zips); i++)
		if (!strcmp(zips[i].name, name))
			return &zips[i];
	return NULL;
}

bool dat_zip_can_be(const struct dat_zip *zip, size_t in_size, size_t out_size)
{
	return zip->expand && in_size && out_size <= MAX_OUT && out_size / zip->ratio <= in_size;
}

int dat_zip_expand(const struct dat_zip *zip, const void *in, size_t in_size,
		   size_t out_size, void **out)
{
	uint8_t *data;

	if (!dat_zip_can_be(zip, in_size, out_size))
		return -EBADMSG;
	data = malloc(out_size + 1);
	if (!data)
		return -ENOMEM;
	if (!zip->expand(in, in_size, data, out_size)) {
		free(data);
		return -EBADMSG;
	}
	data[out_size] = 0;
	*out = data;
	return 0;
}
