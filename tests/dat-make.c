// SPDX-License-Identifier: GPL-2.0-or-later
/* Files for the tests of the trace.dat sink: see dat-make.h. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "boot.h"
#include "dat-make.h"
#include "mkimage.h"
#include "tests.h"

void dat_place_make(struct dat_place *p)
{
	strcpy(p->dir, "/tmp/test-tracedat-XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(p->dir));
	snprintf(p->path, sizeof(p->path), "%s/trace.dat", p->dir);
}

unsigned int dat_place_count(const struct dat_place *p)
{
	DIR *dir = opendir(p->dir);
	unsigned int count = 0;

	while (readdir(dir))
		count++;
	closedir(dir);
	return count - 2;
}

void dat_place_remove(struct dat_place *p)
{
	unlink(p->path);
	CU_ASSERT_EQUAL(rmdir(p->dir), 0);
}

struct merge_source *dat_image(const char *text)
{
	struct merge_source *src = boot_image(text);

	src->desc->long_size = src->long_size;
	src->desc->big_endian = src->big_endian;
	for (unsigned int i = 0; i < src->nr_buffers; i++) {
		struct merge_buffer *buf = &src->buffers[i];

		if (!strcmp(buf->name, "top"))
			*(char *)buf->instance = '\0';
	}
	return src;
}

void dat_count(struct merge_source *src)
{
	for (unsigned int i = 0; i < src->nr_buffers; i++)
		for (unsigned int c = 0; c < src->buffers[i].nr_cpus; c++)
			src->buffers[i].cpus[c].has_counters = true;
}

void dat_make_file(struct dat_place *place, unsigned int version, const char *text,
		   const struct merge_select *sel)
{
	struct merge_source *src = dat_image(text);
	struct merge_error err = { 0 };
	struct merge_sink *sink;
	int ret;

	dat_count(src);
	dat_place_make(place);
	CU_ASSERT_EQUAL_FATAL(merge_sink_tracedat_create(place->path, version, &err, &sink), 0);
	ret = sel ? merge_pump_events(src, sel, sink, NULL, &err, NULL) :
		    merge_pump_pages(src, NULL, sink, NULL, &err, NULL);
	CU_ASSERT(ret == 0 || ret == 1);
	merge_sink_destroy(sink);
	CU_ASSERT_EQUAL(dat_place_count(place), 1);
	merge_source_close(src);
}

struct dat *dat_write_events(unsigned int version, const char *text,
			     const struct merge_select *sel)
{
	struct dat_place place;
	struct dat *dat;

	dat_make_file(&place, version, text, sel);
	dat = dat_open(place.path);
	CU_ASSERT_EQUAL(dat->version, version);
	dat_place_remove(&place);
	return dat;
}

struct dat *dat_write(unsigned int version, const char *text)
{
	return dat_write_events(version, text, NULL);
}

char *dat_report(unsigned int version, const char *text)
{
	char command[200], *out = NULL;
	struct dat_place place;
	size_t size;
	FILE *pipe, *all;
	int c;

	if (system("command -v trace-cmd >/dev/null")) {
		fprintf(stderr, "skipped: trace-cmd is not installed ");
		return NULL;
	}
	dat_make_file(&place, version, text, NULL);
	/* -t: all digits of the time */
	snprintf(command, sizeof(command), "trace-cmd report -t %s 2>&1", place.path);
	all = open_memstream(&out, &size);
	pipe = popen(command, "r");
	while ((c = getc(pipe)) != EOF)
		putc(c, all);
	CU_ASSERT_EQUAL(pclose(pipe), 0);
	fclose(all);
	dat_place_remove(&place);
	return out;
}

char *dat_plain_report(char *text)
{
	char *out = NULL, *rest = text, *line, *word;
	size_t size;
	FILE *file = open_memstream(&out, &size);

	while ((line = strsep(&rest, "\n")) && *line) {
		bool behind_cpu = false;

		for (const char *space = ""; (word = strsep(&line, " ")); ) {
			if (!*word || (behind_cpu && !strchr(word, ':')))
				continue;
			fprintf(file, "%s%s", space, word);
			space = " ";
			behind_cpu = *word == '[' && strchr(word, ']');
		}
		putc('\n', file);
	}
	fclose(file);
	free(text);
	return out;
}
