// SPDX-License-Identifier: GPL-2.0-or-later
/* Ramoops in tests: see ramoops-in.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mkimage.h"
#include "ramoops-in.h"
#include "tests.h"

struct merge_source *ramoops_in_open(const struct ramoops_mem *m, const char *type,
				     struct merge_error *err)
{
	char path[] = "/tmp/test-ramoops-XXXXXX";
	int fd = mkstemp(path);
	struct merge_source *src = NULL;

	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT_EQUAL_FATAL(write(fd, m->data, m->size), (ssize_t)m->size);
	close(fd);
	if (merge_source_open(path, type, err, &src))
		src = NULL;
	unlink(path);
	return src;
}

struct merge_source *ramoops_in_source(struct ramoops_mem *m, const char *type)
{
	struct merge_error err = { 0 };
	struct merge_source *src = ramoops_in_open(m, type, &err);

	ramoops_mem_free(m);
	CU_ASSERT_STRING_EQUAL(err.text, "");
	CU_ASSERT_PTR_NOT_NULL_FATAL(src);
	return src;
}

static int read_mem(void *arg, uint64_t pos, void *buf, size_t len)
{
	const struct ramoops_mem *m = arg;

	if (pos > m->size || len > m->size - pos)
		return -ENODATA;
	memcpy(buf, m->data + pos, len);
	return 0;
}

struct merge_region_io ramoops_in_io(const struct ramoops_mem *m)
{
	return (struct merge_region_io){
		.read = read_mem, .arg = (void *)m, .size = m->size,
	};
}

static void print_events(FILE *out, struct merge_source *src, unsigned int buffer)
{
	const struct merge_select sel = { .buffers = &buffer, .nr_buffers = 1 };
	struct merge_error err = { 0 };
	struct merge_iter *it;
	struct merge_event ev;

	if (merge_iter_create(src, &sel, NULL, NULL, &err, &it))
		abort();
	while (merge_iter_next(it, &ev) > 0) {
		uint64_t ip = 0;

		for (unsigned int i = 0; i < src->long_size; i++)
			ip |= (uint64_t)((const uint8_t *)ev.data)
				[8 + (src->big_endian ? src->long_size - 1 - i : i)] << 8 * i;
		fprintf(out, "%s/%u %llu %u%s\n", ev.buffer->name, ev.cpu,
			(unsigned long long)ev.ts, (uint32_t)ip,
			ev.flags & MERGE_EVENT_BACKWARDS ? " back" : "");
	}
	merge_iter_destroy(it);
}

char *ramoops_in_all(struct merge_source *src)
{
	const struct merge_notice *notice;
	const struct merge_text *text;
	char *all = NULL;
	size_t size;
	FILE *out = open_memstream(&all, &size);

	for (unsigned int i = 0; (text = merge_source_text(src, i)); i++)
		fprintf(out, "%s: %s", text->name, text->data);
	for (unsigned int i = 0; i < src->nr_buffers; i++)
		print_events(out, src, i);
	for (unsigned int i = 0; (notice = merge_source_notice(src, i)); i++)
		fprintf(out, "# %s\n", notice->text);
	fclose(out);
	merge_source_close(src);
	return all;
}
