// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Text out of ramoops' zones: see ramoops_text.h. A dump of the kernel's log begins with
 * "====SECONDS.MICROSECONDS-C" and a newline, where C stands for compressed, by zlib's
 * deflate without a heading, and D for not (ramoops_write_kmsg_hdr()); old kernels have
 * neither.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "ramoops_text.h"

#define MAX_TEXT	(16u << 20)
#define MARK		"===="

/* Digits at *@at, up to @end; false: there is none, or too many */
static bool take_number(const char **at, const char *end, uint64_t *value)
{
	const char *start = *at;

	*value = 0;
	for (; *at < end && **at >= '0' && **at <= '9' && *at - start < 19; (*at)++)
		*value = *value * 10 + (uint64_t)(**at - '0');
	return *at > start;
}

/* Return: its length, 0: there is none */
static size_t take_heading(const char *data, size_t size, struct ramoops_text *text)
{
	const char *at = data + strlen(MARK), *end = data + size;
	uint64_t seconds, micro;

	if (size < strlen(MARK) || memcmp(data, MARK, strlen(MARK)) ||
	    !take_number(&at, end, &seconds) || at == end || *at++ != '.' ||
	    !take_number(&at, end, &micro))
		return 0;
	if (end - at > 2 && at[0] == '-' && at[2] == '\n') {
		text->compressed = at[1] == 'C';
		at += 2;
	}
	if (at == end || *at++ != '\n')
		return 0;
	text->time = (int64_t)seconds;
	return (size_t)(at - data);
}

static int grow(z_stream *z, struct ramoops_text *text)
{
	size_t room = text->size ? 2 * text->size : 65536;
	char *grown = realloc(text->data, room + 1);

	if (!grown)
		return -ENOMEM;
	text->data = grown;
	z->next_out = (Bytef *)grown + text->size;
	z->avail_out = (uInt)(room - text->size);
	return 0;
}

static int inflate_all(z_stream *z, struct ramoops_text *text)
{
	int ret = Z_OK;

	while (ret == Z_OK && text->size < MAX_TEXT) {
		if (!z->avail_out && grow(z, text))
			return -ENOMEM;
		ret = inflate(z, Z_SYNC_FLUSH);
		text->size = (size_t)((char *)z->next_out - text->data);
	}
	if (ret == Z_MEM_ERROR)
		return -ENOMEM;
	if (ret != Z_STREAM_END)
		text->why = ret == Z_OK ? "it becomes too long" :
			ret == Z_BUF_ERROR ? "the compressed text is cut off" :
			"the compressed text is damaged";
	return 0;
}

static int take_compressed(const uint8_t *data, size_t size, struct ramoops_text *text)
{
	z_stream z = { .next_in = (Bytef *)data, .avail_in = (uInt)size };
	int ret;

	if (inflateInit2(&z, -MAX_WBITS) != Z_OK)
		return -ENOMEM;
	ret = grow(&z, text);
	if (!ret)
		ret = inflate_all(&z, text);
	inflateEnd(&z);
	return ret;
}

static int take_plain(const uint8_t *data, size_t size, struct ramoops_text *text)
{
	text->data = malloc(size + 1);
	if (!text->data)
		return -ENOMEM;
	memcpy(text->data, data, size);
	text->size = size;
	return 0;
}

int ramoops_text_take(const struct ramoops_log *log, enum ramoops_kind kind,
		      struct ramoops_text *text)
{
	size_t size = log->size - log->torn, skip = 0;
	int ret;

	*text = (struct ramoops_text){ 0 };
	if (kind == RAMOOPS_DMESG) {
		skip = take_heading((const char *)log->data, size, text);
		if (!skip)
			return -ENODATA;
	}
	ret = text->compressed ? take_compressed(log->data + skip, size - skip, text) :
				 take_plain(log->data + skip, size - skip, text);
	if (ret) {
		free(text->data);
		text->data = NULL;
		return ret;
	}
	text->data[text->size] = '\0';
	return 0;
}
