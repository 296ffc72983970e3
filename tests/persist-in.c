// SPDX-License-Identifier: GPL-2.0-or-later
/* Persistent regions in tests: see persist-in.h. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dat-in.h"
#include "persist-in.h"
#include "tests.h"

void persist_in_make(struct persist_made *m, const char *text, const struct persist_how *how)
{
	struct merge_source *image = dat_image(text);

	persist_make(m, image, how);
	merge_source_close(image);
}

void persist_in_small(struct persist_made *m)
{
	const struct persist_how how = { 0 };

	persist_in_make(m, PERSIST_SMALL, &how);
}

struct merge_source *persist_in_open(const void *data, size_t size, size_t before,
				     const char *type, struct merge_error *err)
{
	char path[] = "/tmp/test-persist-XXXXXX";
	int fd = mkstemp(path);
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
	struct merge_source *src = NULL;

	CU_ASSERT_PTR_NOT_NULL_FATAL(out);
	for (size_t i = 0; i < before; i++)
		putc('x', out);
	CU_ASSERT_EQUAL_FATAL(fwrite(data, 1, size, out), size);
	fclose(out);
	if (merge_source_open(path, type, err, &src))
		src = NULL;
	unlink(path);
	return src;
}

struct merge_source *persist_in_source(struct persist_made *m)
{
	struct merge_error err = { 0 };
	struct merge_source *src = persist_in_open(m->data, m->size, 0, NULL, &err);

	persist_made_free(m);
	CU_ASSERT_STRING_EQUAL(err.text, "");
	CU_ASSERT_PTR_NOT_NULL_FATAL(src);
	return src;
}

char *persist_in_remarks(const struct merge_source *src)
{
	const char *remark;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (unsigned int i = 0; (remark = merge_source_remark(src, i)); i++)
		fprintf(out, "%s\n", remark);
	fclose(out);
	return text;
}

char *persist_in_all(struct merge_source *src)
{
	const struct merge_notice *notice;
	char *notices = NULL, *events, *text = NULL;
	size_t size;
	FILE *out = open_memstream(&notices, &size);

	for (unsigned int i = 0; (notice = merge_source_notice(src, i)); i++)
		fprintf(out, "# %s\n", notice->text);
	fclose(out);
	events = image_render(src, NULL, NULL);
	if (asprintf(&text, "%s%s", events, notices) < 0)
		abort();
	free(events);
	free(notices);
	return text;
}
