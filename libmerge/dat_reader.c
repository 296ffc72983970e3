// SPDX-License-Identifier: LGPL-2.1-or-later
/* Bytes, numbers and sections of a trace.dat file: see dat_reader.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dat_reader.h"
#include "error.h"

/* The head ends before that: two short names in it */
#define MAX_HEAD	512u

/* What is in the file in one piece and not sub-buffers is smaller than that */
#define MAX_BLOCK	(256u << 20)

#define SECTION_COMPRESSED	1u

int dat_reader_get(const struct dat_reader *r, uint64_t pos, void *data, size_t len)
{
	uint8_t *bytes = data;

	if (pos > r->size || len > r->size - pos)
		return -ENODATA;
	while (len) {
		ssize_t n = pread(r->fd, bytes, len, (off_t)pos);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (!n)		/* it became shorter */
			return -ENODATA;
		if (n > 0) {
			bytes += n;
			pos += (uint64_t)n;
			len -= (size_t)n;
		}
	}
	return 0;
}

int dat_reader_number(const struct dat_reader *r, uint64_t pos, unsigned int size,
		      uint64_t *value)
{
	uint8_t bytes[8];
	struct cursor c;
	int ret = dat_reader_get(r, pos, bytes, size);

	if (ret)
		return ret;
	cursor_init(&c, bytes, size, r->big_endian);
	*value = cursor_uint(&c, size);
	return 0;
}

int dat_reader_bytes(const struct dat_reader *r, uint64_t pos, uint64_t len,
		     void **data, size_t *got)
{
	uint64_t there = pos < r->size ? r->size - pos : 0;
	uint8_t *bytes;
	int ret;

	if (len > there)
		len = there;
	if (len > MAX_BLOCK)
		return -EBADMSG;
	bytes = malloc(len + 1);
	if (!bytes)
		return -ENOMEM;
	ret = dat_reader_get(r, len ? pos : 0, bytes, len);
	if (ret) {
		free(bytes);
		return ret;
	}
	bytes[len] = 0;
	*data = bytes;
	*got = len;
	return 0;
}

/* ---- Sections ------------------------------------------------------------ */

int dat_reader_section(const struct dat_reader *r, uint64_t pos, struct dat_in_section *s)
{
	uint8_t head[DAT_SECTION_HEAD];
	struct cursor c;
	int ret = dat_reader_get(r, pos, head, sizeof(head));

	if (ret)
		return ret;
	cursor_init(&c, head, sizeof(head), r->big_endian);
	s->id = cursor_u16(&c);
	s->compressed = cursor_u16(&c) & SECTION_COMPRESSED;
	cursor_u32(&c);		/* a string that describes it */
	s->size = cursor_u64(&c);
	s->pos = pos + sizeof(head);
	s->cut = s->size > r->size - s->pos;
	if (s->cut)
		s->size = r->size - s->pos;
	return 0;
}

static int load_compressed(const struct dat_reader *r, const struct dat_in_section *s,
			   void **data, size_t *size)
{
	uint64_t in_size, out_size;
	size_t got;
	void *in;
	int ret = dat_reader_number(r, s->pos, 4, &in_size);

	if (!ret)
		ret = dat_reader_number(r, s->pos + 4, 4, &out_size);
	if (ret)
		return ret;
	if (in_size > r->size - s->pos - DAT_ZIP_HEAD)
		return -ENODATA;
	ret = dat_reader_bytes(r, s->pos + DAT_ZIP_HEAD, in_size, &in, &got);
	if (ret)
		return ret;
	ret = dat_zip_expand(r->zip, in, got, out_size, data);
	free(in);
	if (!ret)
		*size = out_size;
	return ret;
}

int dat_reader_load(const struct dat_reader *r, const struct dat_in_section *s,
		    void **data, size_t *size)
{
	if (s->compressed)
		return load_compressed(r, s, data, size);
	return dat_reader_bytes(r, s->pos, s->size, data, size);
}

/* ---- The head ------------------------------------------------------------ */

/* A string that ends within @c; NULL and c->bad when it does not */
static const char *take_text(struct cursor *c)
{
	size_t left = cursor_left(c), len = strnlen((const char *)c->data + c->pos, left);

	return cursor_bytes(c, len + 1);
}

static int parse_version(struct dat_reader *r, const char *text, struct merge_error *err)
{
	r->version = !strcmp(text, "6") ? 6 : !strcmp(text, "7") ? 7 : 0;
	if (r->version)
		return 0;
	return error_set(err, -ENOTSUP, "a trace.dat of version %.20s: 6 and 7 are known", text);
}

/* Version 7 goes on with the compression and where the options are */
static int parse_v7(struct dat_reader *r, struct cursor *c, struct merge_error *err)
{
	const char *name = take_text(c), *version = take_text(c);

	r->start = cursor_u64(c);
	if (c->bad)
		return error_set(err, -EBADMSG, "the head of this trace.dat is cut off");
	(void)version;		/* of the library; what it wrote, later ones read */
	r->zip = dat_zip_find(name);
	if (!r->zip)
		return error_set(err, -ENOTSUP, "compressed with %.20s: zlib and zstd are known",
				 name);
	if (!r->start)
		return error_set(err, -EBADMSG,
				 "this trace.dat was never finished: it does not say where its options are");
	return 0;
}

static int parse_head(struct dat_reader *r, const uint8_t *head, size_t size,
		      struct merge_error *err)
{
	const char *version;
	struct cursor c;
	int ret;

	cursor_init(&c, head, size, false);
	if (size < DAT_MAGIC_SIZE ||
	    memcmp(cursor_bytes(&c, DAT_MAGIC_SIZE), DAT_MAGIC, DAT_MAGIC_SIZE))
		return error_set(err, -EBADMSG, "this is no trace.dat");
	version = take_text(&c);
	ret = c.bad ? 0 : parse_version(r, version, err);
	if (ret)
		return ret;
	r->big_endian = c.big_endian = cursor_u8(&c);
	r->long_size = cursor_u8(&c);
	r->page_size = cursor_u32(&c);
	r->start = c.pos;
	if (c.bad)
		return error_set(err, -EBADMSG, "the head of this trace.dat is cut off");
	if (r->long_size != 4 && r->long_size != 8)
		return error_set(err, -EBADMSG, "a trace.dat with long integers of %u bytes",
				 r->long_size);
	return r->version == 7 ? parse_v7(r, &c, err) : 0;
}

static int check_file(struct dat_reader *r, struct merge_error *err)
{
	struct stat st;

	if (fstat(r->fd, &st))
		return error_set(err, -errno, "%s", strerror(errno));
	if (S_ISDIR(st.st_mode))
		return error_set(err, -EISDIR, "%s", strerror(EISDIR));
	if (!S_ISREG(st.st_mode))
		return error_set(err, -ESPIPE,
				 "not a regular file: trace.dat is read at many places, save it first");
	r->size = (uint64_t)st.st_size;
	return 0;
}

int dat_reader_open(struct dat_reader *r, const char *path, struct merge_error *err)
{
	uint8_t head[MAX_HEAD];
	size_t size;
	int ret;

	*r = (struct dat_reader){ .zip = dat_zip_find("none") };
	/* of a pipe without a writer it would wait for one */
	r->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (r->fd < 0)
		return error_set(err, -errno, "%s: %s", path, strerror(errno));
	ret = check_file(r, err);
	size = r->size < sizeof(head) ? r->size : sizeof(head);
	if (!ret) {
		ret = dat_reader_get(r, 0, head, size);
		ret = ret ? error_code(err, ret) : parse_head(r, head, size, err);
	}
	if (ret) {
		dat_reader_close(r);
		error_prepend(err, "%s", path);
	}
	return ret;
}

void dat_reader_close(struct dat_reader *r)
{
	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
}
