// SPDX-License-Identifier: LGPL-2.1-or-later
/* A harvest as one file: see bundle.h. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "bundle.h"
#include "dir.h"
#include "error.h"
#include "kept.h"
#include "outfile.h"
#include "redact.h"
#include "stop.h"
#include "ustar.h"

#define PIECE	(128u << 10)
#define LEVEL	9	/* some more than zstd's own: it is to be sent */

/*
 * struct bundle - while it is made
 * @place: the harvest, its files
 * @redact: NULL: all is as it is
 * @line, @line_size: getline()'s
 */
struct bundle {
	const char *name;
	struct place place;
	struct outfile file;
	ZSTD_CCtx *zstd;
	uint8_t packed[PIECE];
	struct redact *redact;
	char *line;
	size_t line_size;
	unsigned int files, left_out;
	struct merge_error *err;
};

static int put_some(struct bundle *b, const void *data, size_t size, ZSTD_EndDirective how)
{
	ZSTD_inBuffer in = { data, size, 0 };
	size_t left;

	if (stop_asked(NULL))
		return error_code(b->err, -EINTR);
	do {
		ZSTD_outBuffer out = { b->packed, sizeof(b->packed), 0 };

		left = ZSTD_compressStream2(b->zstd, &out, &in, how);
		if (ZSTD_isError(left))
			return error_set(b->err, -ENOMEM, "%s: zstd: %s", b->file.path,
					 ZSTD_getErrorName(left));
		if (fwrite(b->packed, 1, out.pos, b->file.out) != out.pos)
			return error_set(b->err, -errno, "%s: %s", b->file.path, strerror(errno));
	} while (how == ZSTD_e_end ? left : in.pos < in.size);
	return 0;
}

static int put(struct bundle *b, const void *data, size_t size)
{
	return put_some(b, data, size, ZSTD_e_continue);
}

static int put_zeros(struct bundle *b, size_t size)
{
	static const uint8_t zeros[2 * USTAR_BLOCK];

	return put(b, zeros, size);
}

static int put_header(struct bundle *b, const char *file, uint64_t size, time_t modified)
{
	uint8_t block[USTAR_BLOCK];
	char path[PATH_MAX];
	int ret = -ENAMETOOLONG;

	if (snprintf(path, sizeof(path), "%s/%s", b->name, file) < (int)sizeof(path))
		ret = ustar_header(block, path, size, modified);
	if (ret)
		return error_set(b->err, ret, "%s/%s: %s", b->name, file, strerror(-ret));
	b->files++;
	return put(b, block, sizeof(block));
}

static int fail_to_read(struct bundle *b, const struct place_file *f, int ret)
{
	return error_set(b->err, ret, "%s/%s: %s", b->place.path, f->name,
			 ret == -ENODATA ? "it has become shorter" : dir_strerror(ret));
}

/* ---- As it is ------------------------------------------------------------- */

static int put_bytes(struct bundle *b, const struct place_file *f, int fd, uint64_t size)
{
	uint8_t *piece = malloc(PIECE);
	int ret = piece ? 0 : error_nomem(b->err);

	while (!ret && size) {
		ssize_t n = read(fd, piece, size < PIECE ? (size_t)size : PIECE);

		if (n < 0 && errno == EINTR)
			continue;
		ret = n > 0 ? put(b, piece, (size_t)n) : fail_to_read(b, f, n ? -errno : -ENODATA);
		size -= n > 0 ? (uint64_t)n : 0;
	}
	free(piece);
	return ret;
}

static int put_file(struct bundle *b, const struct place_file *f)
{
	uint64_t size;
	int fd = dir_open_file(b->place.fd, f->name, &size), ret;

	if (fd < 0)
		return fail_to_read(b, f, fd);
	ret = put_header(b, f->name, size, f->modified.tv_sec);
	if (!ret)
		ret = put_bytes(b, f, fd, size);
	close(fd);
	return ret ? ret : put_zeros(b, ustar_padding(size));
}

/* ---- Redacted ------------------------------------------------------------- */

static bool is_manifest(const struct place_file *f)
{
	return !strcmp(f->name, KEPT_MANIFEST);
}

static bool begins(const char *name, const char *with)
{
	return !strncmp(name, with, strlen(with));
}

static bool ends(const char *name, const char *with)
{
	size_t len = strlen(name);

	return len >= strlen(with) && !strcmp(name + len - strlen(with), with);
}

static bool is_trace(const struct place_file *f)
{
	return begins(f->name, "trace") && ends(f->name, ".txt");
}

/* What was made of a trace, and the kernel's messages; pmsg is anything of user space */
static bool is_text(const struct place_file *f)
{
	const char *slash = strrchr(f->name, '/'), *name = slash ? slash + 1 : f->name;

	return is_manifest(f) || is_trace(f) || begins(name, "console-") ||
		(begins(name, "dmesg") && !ends(name, ".z")) || begins(name, "ftrace-");
}

typedef int line_fn(struct bundle *b, void *arg, const char *line);

/* Lines of @f; -EILSEQ when there are bytes that no text has */
static int each_line(struct bundle *b, const struct place_file *f, line_fn *fn, void *arg)
{
	uint64_t size;
	int fd = dir_open_file(b->place.fd, f->name, &size), ret = 0;
	FILE *in = fd < 0 ? NULL : fdopen(fd, "r");
	ssize_t len;

	if (!in)
		return fail_to_read(b, f, fd < 0 ? fd : -ENOMEM);
	while (!ret && (len = getline(&b->line, &b->line_size, in)) > 0)
		ret = strlen(b->line) == (size_t)len ? fn(b, arg, b->line) : -EILSEQ;
	if (!ret && ferror(in))
		ret = fail_to_read(b, f, -EIO);
	fclose(in);
	return ret;
}

static int learn_line(struct bundle *b, void *arg, const char *line)
{
	redact_learn(b->redact, line, is_trace(arg));
	return 0;
}

/* "nodename":"..." */
static int learn_host(struct bundle *b, void *arg, const char *line)
{
	static const char key[] = "\"nodename\":\"";
	char host[65];

	(void)arg;
	for (const char *p = line; (p = strstr(p, key)); ) {
		p += strlen(key);
		snprintf(host, sizeof(host), "%.*s", (int)strcspn(p, "\""), p);
		redact_add_host(b->redact, host);
	}
	return 0;
}

static int learn(struct bundle *b)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < b->place.nr; i++) {
		struct place_file *f = &b->place.files[i];

		if (is_text(f))
			ret = each_line(b, f, is_manifest(f) ? learn_host : learn_line, f);
		/* a file that is no text after all is left out later */
		ret = ret == -EILSEQ ? 0 : ret;
	}
	return ret;
}

/*
 * struct redacted - one file, twice: for its size, and then for the archive
 * @size: bytes so far
 */
struct redacted {
	struct textbuf text;
	uint64_t size;
	bool json, write;
};

static int redact_one(struct bundle *b, void *arg, const char *line)
{
	struct redacted *r = arg;

	r->text.len = 0;
	redact_line(b->redact, line, r->json, &r->text);
	if (r->text.failed)
		return error_nomem(b->err);
	r->size += r->text.len;
	if (stop_asked(NULL))
		return error_code(b->err, -EINTR);
	return r->write ? put(b, r->text.data, r->text.len) : 0;
}

static int put_redacted(struct bundle *b, const struct place_file *f)
{
	struct redacted r = { .json = is_manifest(f) };
	int ret = each_line(b, f, redact_one, &r);
	uint64_t size = r.size;

	if (!ret)
		ret = put_header(b, f->name, size, f->modified.tv_sec);
	else if (ret == -EILSEQ)
		b->left_out++;
	if (!ret) {
		r.size = 0;
		r.write = true;
		ret = each_line(b, f, redact_one, &r);
	}
	/* an archive whose sizes are wrong is none */
	if (!ret && r.size != size)
		ret = fail_to_read(b, f, -ENODATA);
	if (!ret)
		ret = put_zeros(b, ustar_padding(size));
	textbuf_deinit(&r.text);
	return ret == -EILSEQ ? 0 : ret;
}

/* ---- All of them ---------------------------------------------------------- */

static int put_all(struct bundle *b)
{
	int ret = b->redact ? learn(b) : 0;

	for (size_t i = 0; !ret && i < b->place.nr; i++) {
		const struct place_file *f = &b->place.files[i];

		if (!b->redact)
			ret = put_file(b, f);
		else if (is_text(f))
			ret = put_redacted(b, f);
		else
			b->left_out++;
	}
	if (!ret)
		ret = put_zeros(b, 2 * USTAR_BLOCK);
	return ret ? ret : put_some(b, NULL, 0, ZSTD_e_end);
}

static int begin(struct bundle *b, const char *to, bool redact)
{
	int ret = outfile_open(&b->file, to, b->err);

	if (ret)
		return ret;
	b->zstd = ZSTD_createCCtx();
	if (redact)
		b->redact = redact_create();
	if (!b->zstd || (redact && !b->redact))
		return error_nomem(b->err);
	ZSTD_CCtx_setParameter(b->zstd, ZSTD_c_compressionLevel, LEVEL);
	ZSTD_CCtx_setParameter(b->zstd, ZSTD_c_checksumFlag, 1);
	return 0;
}

static void end(struct bundle *b)
{
	outfile_close(&b->file);
	ZSTD_freeCCtx(b->zstd);
	redact_destroy(b->redact);
	place_close(&b->place);
	free(b->line);
	free(b);
}

int bundle_make(const char *path, const char *name, const char *to, bool redact,
		unsigned int *files, unsigned int *left_out, struct merge_error *err)
{
	struct bundle *b = calloc(1, sizeof(*b));
	char below[PATH_MAX];
	int ret;

	if (!b)
		return error_nomem(err);
	b->name = name;
	b->err = err;
	snprintf(below, sizeof(below), "/%s", name);
	ret = place_open(&b->place, path, below, err);
	if (!ret)
		ret = begin(b, to, redact);
	if (!ret)
		ret = put_all(b);
	if (!ret)
		ret = outfile_finish(&b->file, err);
	if (!ret) {
		*files = b->files;
		*left_out = b->left_out;
	}
	end(b);
	return ret;
}
