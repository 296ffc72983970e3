// SPDX-License-Identifier: GPL-2.0-or-later
/* Directories of raw sub-buffers in tests: see pages-in.h. */
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dat-make.h"
#include "mkimage.h"
#include "pages-in.h"
#include "tests.h"

/* An iterator over buffer @index alone: clocks differ */
static struct merge_iter *iterate(struct merge_source *src, unsigned int index)
{
	const struct merge_select sel = { .buffers = &index, .nr_buffers = 1 };
	struct merge_error err = { 0 };
	struct merge_iter *it;

	CU_ASSERT_EQUAL_FATAL(merge_iter_create(src, &sel, NULL, NULL, &err, &it), 0);
	return it;
}

static void count_entries(struct merge_source *src, unsigned int index)
{
	struct merge_buffer *buf = &src->buffers[index];
	struct merge_iter *it = iterate(src, index);
	struct merge_event ev;

	while (merge_iter_next(it, &ev) > 0)
		for (unsigned int i = 0; i < buf->nr_cpus; i++)
			buf->cpus[i].counters.entries += buf->cpus[i].cpu == ev.cpu;
	merge_iter_destroy(it);
}

char *pages_in_records(struct merge_source *src)
{
	struct merge_event ev;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (unsigned int i = 0; i < src->nr_buffers; i++) {
		struct merge_iter *it = iterate(src, i);

		while (merge_iter_next(it, &ev) > 0) {
			image_print_event(out, &ev);
			for (uint32_t at = 0; at < ev.size; at++)
				fprintf(out, "%02x", ((const uint8_t *)ev.data)[at]);
			putc('\n', out);
		}
		merge_iter_destroy(it);
	}
	fclose(out);
	return text;
}

void pages_place_make(struct pages_place *p, const char *text)
{
	struct merge_source *src = dat_image(text);

	strcpy(p->dir, "/tmp/test-pages-XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(p->dir));
	for (unsigned int i = 0; i < src->nr_buffers; i++)
		count_entries(src, i);
	pages_make(p->dir, src);
	merge_source_close(src);
}

void pages_place_remove(struct pages_place *p)
{
	pages_remove(p->dir);
}

struct merge_source *pages_in_open(const struct pages_place *p)
{
	struct merge_error err = { 0 };
	struct merge_source *src = NULL;

	if (merge_source_open(p->dir, NULL, &err, &src))
		fprintf(stderr, "%s\n", err.text);
	CU_ASSERT_PTR_NOT_NULL_FATAL(src);
	return src;
}

static void full_path(const struct pages_place *p, const char *path, char full[PATH_MAX])
{
	snprintf(full, PATH_MAX, "%s/%s", p->dir, path);
}

void pages_cut(const struct pages_place *p, const char *path, size_t size)
{
	char full[PATH_MAX];

	full_path(p, path, full);
	CU_ASSERT_EQUAL_FATAL(truncate(full, (off_t)size), 0);
}

void pages_unlink(const struct pages_place *p, const char *path)
{
	char full[PATH_MAX];

	full_path(p, path, full);
	CU_ASSERT_EQUAL_FATAL(unlink(full), 0);
}

void pages_poke(const struct pages_place *p, const char *path, size_t offset, const char *bytes,
		size_t len)
{
	char full[PATH_MAX];
	int fd;

	full_path(p, path, full);
	fd = open(full, O_WRONLY);
	CU_ASSERT_EQUAL_FATAL(pwrite(fd, bytes, len, (off_t)offset), (ssize_t)len);
	close(fd);
}

void pages_write(const struct pages_place *p, const char *path, const char *text)
{
	pages_put(p->dir, path, text, strlen(text));
}
