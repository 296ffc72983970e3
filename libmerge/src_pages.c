// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A directory of raw sub-buffers as a source, as per_cpu/cpuN/trace_pipe_raw gives
 * them, beside a copied description: docs/pages.md. pages_layout.c finds what there
 * is; here sub-buffers are read, where and when they are needed. Only so many files
 * are open at a time.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "cursor.h"
#include "dat_headers.h"
#include "describe_dir.h"
#include "dir.h"
#include "error.h"
#include "page.h"
#include "pages_layout.h"
#include "source_open.h"

#define MAX_HEADER	65536u
#define MAX_OPEN	128u
/* Sub-buffers whose commit words tell the byte order */
#define SAMPLES		64u

/*
 * @fds: by file of the layout, -1 while it is not open
 * @open: the open ones, of @opened so far; each place is filled anew in its turn
 */
struct pages_source {
	struct pages_layout l;
	int *fds;
	size_t open[MAX_OPEN];
	size_t opened;
};

/* ---- Reading -------------------------------------------------------------- */

static int open_file(struct pages_source *ps, size_t index)
{
	size_t *place = &ps->open[ps->opened % MAX_OPEN];
	uint64_t size;
	int fd;

	if (ps->fds[index] >= 0)
		return ps->fds[index];
	fd = dir_open_file(ps->l.fd, ps->l.files[index].path, &size);
	if (fd < 0)
		return fd;
	/* the one that was opened longest ago makes room */
	if (ps->opened++ >= MAX_OPEN) {
		close(ps->fds[*place]);
		ps->fds[*place] = -1;
	}
	*place = index;
	ps->fds[index] = fd;
	return fd;
}

/* Up to @len bytes at @pos. Return: bytes, less at the end of the file; or errno */
static ssize_t read_at(struct pages_source *ps, size_t index, uint64_t pos, void *data, size_t len)
{
	int fd = open_file(ps, index);
	size_t done = 0;

	if (fd < 0)
		return fd;
	while (done < len) {
		ssize_t n = pread(fd, (uint8_t *)data + done, len - done, (off_t)(pos + done));

		if (n < 0 && errno != EINTR)
			return -errno;
		if (!n)
			break;
		done += n > 0 ? (size_t)n : 0;
	}
	return (ssize_t)done;
}

static size_t file_of(const struct pages_source *ps, const struct merge_buffer *buf,
		      unsigned int cpu_index)
{
	return ps->l.first[buf->index] + cpu_index;
}

static int read_subbuf(struct merge_source *src, const struct merge_buffer *buf,
		       unsigned int cpu_index, size_t i, void *data,
		       struct merge_error *err, struct subbuf *sb)
{
	struct pages_source *ps = src->priv;
	size_t file = file_of(ps, buf, cpu_index);
	ssize_t n;

	sb->address = (uint64_t)i * buf->subbuf_size;
	n = read_at(ps, file, sb->address, data, buf->subbuf_size);
	if (n < 0)
		return error_set(err, (int)n, "%s: %s", ps->l.files[file].path,
				 dir_strerror((int)n));
	if (!n)
		return error_set(err, -ENODATA, "%s has become shorter", ps->l.files[file].path);
	sb->data = data;
	sb->size = (uint32_t)n;
	return 0;
}

static int read_time(struct merge_source *src, const struct merge_buffer *buf,
		     unsigned int cpu_index, size_t i, uint64_t *ts)
{
	struct pages_source *ps = src->priv;
	uint8_t head[16];
	ssize_t n = read_at(ps, file_of(ps, buf, cpu_index), (uint64_t)i * buf->subbuf_size,
			    head, 8 + src->long_size);

	return n < 0 ? (int)n : source_head_time(src, head, (size_t)n, ts);
}

static void close_source(struct merge_source *src)
{
	struct pages_source *ps = src->priv;

	for (size_t i = 0; ps->fds && i < ps->l.nr_files; i++)
		if (ps->fds[i] >= 0)
			close(ps->fds[i]);
	free(ps->fds);
	pages_layout_deinit(&ps->l);
	if (ps->l.fd >= 0)
		close(ps->l.fd);
	free(ps);
}

static const struct source_ops pages_ops = {
	.name = "pages",
	.read = read_subbuf,
	.time = read_time,
	.close = close_source,
};

/* ---- Byte order and sizes ------------------------------------------------- */

static bool is_commit(const uint8_t *word, uint32_t long_size, bool big, uint32_t room)
{
	struct cursor c;
	uint64_t value;

	cursor_init(&c, word, long_size, big);
	value = cursor_uint(&c, long_size);
	return (value & PAGE_COMMIT_MASK) && (value & PAGE_COMMIT_MASK) <= room &&
		(!(value >> 32) || value >> 32 == UINT32_MAX);
}

/*
 * No file tells the byte order. A commit word of one order makes no sense in the
 * other; those that are the first of their CPUs' decide, and where none does it is little.
 */
static bool find_big_endian(struct pages_source *ps, uint32_t long_size)
{
	const struct merge_source *src = ps->l.src;
	unsigned int samples = 0;
	int big = 0;

	for (unsigned int b = 0; b < src->nr_buffers; b++) {
		const struct merge_buffer *buf = &src->buffers[b];
		uint32_t room = buf->subbuf_size - 8 - long_size;

		for (unsigned int i = 0; i < buf->nr_cpus && samples < SAMPLES; i++) {
			uint8_t head[16];

			if (!buf->cpus[i].nr_subbufs ||
			    read_at(ps, file_of(ps, buf, i), 0, head, sizeof(head)) < 16)
				continue;
			samples++;
			big += is_commit(head + 8, long_size, true, room);
			big -= is_commit(head + 8, long_size, false, room);
		}
	}
	return big > 0;
}

/* The text of @path, "" when it is not there: tar copies the kernel's files as empty ones */
static int read_header(struct pages_source *ps, const char *path, char **text)
{
	size_t size;
	int ret = dir_read(ps->l.fd, path, MAX_HEADER, text, &size);

	if (ret && ret != -ENOMEM)
		*text = strdup("");
	return ret == -ENOMEM || !*text ? -ENOMEM : 0;
}

static int check_header_event(struct pages_source *ps, struct merge_error *err)
{
	char *text;
	int ret = read_header(ps, "events/header_event", &text);

	if (ret)
		return error_nomem(err);
	if (*text && dat_headers_event(text, err))
		ret = error_prepend(err, "events/header_event");
	free(text);
	return ret;
}

static int load_header_page(struct pages_source *ps, struct merge_error *err)
{
	struct dat_headers h = { .long_size = 8 };
	struct merge_source *src = ps->l.src;
	char *text;
	int ret = read_header(ps, "events/header_page", &text);

	if (ret)
		return error_nomem(err);
	if (!*text)
		source_note(src, NULL, -1,
			    "events/header_page is missing or empty: the kernel is taken for one of 64 bits");
	else if (dat_headers_page(text, &h, err))
		ret = error_prepend(err, "events/header_page");
	free(text);
	src->long_size = src->desc->long_size = h.long_size;
	src->desc->overwrite_is_char = h.overwrite_is_char;
	return ret;
}

static int open_fds(struct pages_source *ps)
{
	ps->fds = malloc((ps->l.nr_files + 1) * sizeof(*ps->fds));
	for (size_t i = 0; ps->fds && i < ps->l.nr_files; i++)
		ps->fds[i] = -1;
	return ps->fds ? 0 : -ENOMEM;
}

static int load(struct pages_source *ps, struct merge_source *src, struct merge_error *err)
{
	struct merge_desc *d;
	struct statfs fs;
	int ret;

	if (!fstatfs(ps->l.fd, &fs) && fs.f_type == TRACEFS_MAGIC)
		return error_set(err, -ENOTSUP,
				 "the tracefs of the running kernel, which reading empties: copy it into a directory first, as docs/pages.md says");
	d = src->desc = desc_dir_create(ps->l.fd, src);
	if (!d)
		return error_nomem(err);
	ret = load_header_page(ps, err);
	if (!ret)
		ret = check_header_event(ps, err);
	if (ret)
		return ret;
	ret = pages_layout_load(&ps->l);
	if (!ret)
		ret = open_fds(ps);
	if (ret)
		return error_code(err, ret);
	src->big_endian = d->big_endian = find_big_endian(ps, src->long_size);
	d->nr_cpu_ids = ps->l.nr_cpu_ids;
	if (!d->page_size)
		d->page_size = source_page_size(src);
	return 0;
}

bool pages_probe(const struct source_look *look)
{
	bool found;
	int fd;

	if (!S_ISDIR(look->st.st_mode))
		return false;
	fd = open(look->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return false;
	found = pages_layout_probe(fd);
	close(fd);
	return found;
}

int pages_open(const char *path, struct merge_error *err, struct merge_source **out)
{
	struct pages_source *ps = calloc(1, sizeof(*ps));
	struct merge_source *src = ps ? source_create(&pages_ops, ps, 8, false) : NULL;
	int ret;

	if (!src) {
		free(ps);
		return error_nomem(err);
	}
	ps->l.src = src;
	ps->l.fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ret = ps->l.fd < 0 ? error_code(err, -errno) : load(ps, src, err);
	if (ret) {
		error_prepend(err, "%s", path);
		merge_source_close(src);
		return ret;
	}
	*out = src;
	return 0;
}
