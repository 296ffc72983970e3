// SPDX-License-Identifier: LGPL-2.1-or-later
/* What all sources share: buffers, notices, the description, closing. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "comms.h"
#include "cursor.h"
#include "describe.h"
#include "error.h"
#include "shift.h"
#include "source.h"

struct merge_source *source_create(const struct source_ops *ops, void *priv,
				   uint32_t long_size, bool big_endian)
{
	struct merge_source *src = calloc(1, sizeof(*src));

	if (!src)
		return NULL;
	src->ops = ops;
	src->priv = priv;
	src->long_size = long_size;
	src->big_endian = big_endian;
	return src;
}

static void buffer_deinit(struct merge_buffer *buf)
{
	free((char *)buf->name);
	free((char *)buf->instance);
	free((char *)buf->clock);
	free(buf->cpus);
	shift_destroy((struct merge_shift *)buf->shift);
}

void merge_source_close(struct merge_source *src)
{
	if (!src)
		return;
	comms_destroy(src->comms);
	/* the description may still read through the source's private part */
	desc_close(src->desc);
	if (src->ops->close)
		src->ops->close(src);
	for (unsigned int i = 0; i < src->nr_buffers; i++)
		buffer_deinit(&src->buffers[i]);
	free(src->buffers);
	for (unsigned int i = 0; i < src->nr_notices; i++)
		free((char *)src->notices[i].text);
	free(src->notices);
	for (unsigned int i = 0; i < src->nr_remarks; i++)
		free(src->remarks[i]);
	free(src->remarks);
	for (unsigned int i = 0; i < src->nr_texts; i++) {
		free((char *)src->texts[i].name);
		free((char *)src->texts[i].data);
	}
	free(src->texts);
	free(src);
}

/* Room for one buffer more. Notices that name a buffer follow the move. */
static int grow_buffers(struct merge_source *src)
{
	struct merge_buffer *grown = calloc(src->nr_buffers + 1, sizeof(*grown));

	if (!grown)
		return -1;
	for (unsigned int i = 0; i < src->nr_buffers; i++)
		grown[i] = src->buffers[i];
	for (unsigned int i = 0; i < src->nr_notices; i++)
		if (src->notices[i].buffer)
			src->notices[i].buffer = &grown[src->notices[i].buffer->index];
	free(src->buffers);
	src->buffers = grown;
	return 0;
}

static bool is_taken(const struct merge_source *src, const char *name)
{
	for (unsigned int i = 0; i < src->nr_buffers; i++)
		if (!strcmp(src->buffers[i].name, name))
			return true;
	return false;
}

/*
 * @name as a line can have it, or what no other buffer is called; malloc'ed, NULL:
 * out of memory
 */
static char *unique_name(const struct merge_source *src, const char *name)
{
	char *text = error_one_line(strdup(name));

	for (unsigned int n = 2; text && is_taken(src, text); n++) {
		free(text);
		if (asprintf(&text, "%s~%u", name, n) < 0)
			text = NULL;
		error_one_line(text);
	}
	return text;
}

int source_add_buffer(struct merge_source *src, const struct merge_buffer *buf)
{
	struct merge_buffer copy = *buf;

	copy.source = src;
	copy.index = src->nr_buffers;
	copy.name = unique_name(src, buf->name);
	copy.instance = strdup(buf->instance);
	copy.clock = error_one_line(strdup(buf->clock));
	if (!copy.name || !copy.instance || !copy.clock || grow_buffers(src)) {
		buffer_deinit(&copy);
		return -ENOMEM;
	}
	src->buffers[src->nr_buffers++] = copy;
	return 0;
}

void source_note(struct merge_source *src, const struct merge_buffer *buf,
		 int cpu, const char *fmt, ...)
{
	struct merge_notice *grown;
	char *text;
	va_list args;
	int len;

	va_start(args, fmt);
	len = vasprintf(&text, fmt, args);
	va_end(args);
	if (len < 0)
		return;
	grown = realloc(src->notices, (src->nr_notices + 1) * sizeof(*grown));
	if (!grown) {
		free(text);
		return;
	}
	src->notices = grown;
	src->notices[src->nr_notices++] = (struct merge_notice){
		.buffer = buf, .cpu = cpu, .text = error_one_line(text) };
}

void source_remark(struct merge_source *src, const char *fmt, ...)
{
	char **grown = reallocarray(src->remarks, src->nr_remarks + 1, sizeof(*grown));
	va_list args;

	if (!grown)
		return;
	src->remarks = grown;
	va_start(args, fmt);
	if (vasprintf(&grown[src->nr_remarks], fmt, args) >= 0)
		error_one_line(grown[src->nr_remarks++]);
	va_end(args);
}

int source_add_text(struct merge_source *src, const struct merge_text *text)
{
	struct merge_text *grown = reallocarray(src->texts, src->nr_texts + 1, sizeof(*grown));
	char *name = strdup(text->name);

	if (grown)
		src->texts = grown;
	if (!grown || !name) {
		free(name);
		free((char *)text->data);
		return -ENOMEM;
	}
	grown[src->nr_texts] = *text;
	grown[src->nr_texts++].name = error_one_line(name);
	return 0;
}

const char *source_instance_name(const char *instance)
{
	return !*instance ? "top" : !strcmp(instance, "top") ? "instances/top" : instance;
}

void merge_source_on_interrupt(struct merge_source *src, bool (*interrupted)(void *arg),
			       void *arg)
{
	src->interrupted = interrupted;
	src->interrupted_arg = arg;
}

bool source_clock_in_ns(const char *clock)
{
	static const char *const clocks[] = {
		"local", "global", "perf", "mono", "mono_raw", "boot", "tai",
	};

	for (size_t i = 0; i < sizeof(clocks) / sizeof(*clocks); i++)
		if (!strcmp(clock, clocks[i]))
			return true;
	return false;
}

int source_head_time(const struct merge_source *src, const void *head, size_t size, uint64_t *ts)
{
	struct cursor c;

	cursor_init(&c, head, size, src->big_endian);
	*ts = cursor_u64(&c);
	return (!*ts && !cursor_uint(&c, src->long_size)) || c.bad ? -ENODATA : 0;
}

uint32_t source_page_size(const struct merge_source *src)
{
	uint32_t size = 0;

	for (unsigned int i = 0; i < src->nr_buffers; i++)
		if (!size || src->buffers[i].subbuf_size < size)
			size = src->buffers[i].subbuf_size;
	return size >= 4096 && size <= 65536 ? size : 4096;
}

bool source_interrupted(struct merge_source *src)
{
	if (src->interrupted && src->interrupted(src->interrupted_arg))
		return true;
	return src->ops->interrupted && src->ops->interrupted(src);
}

unsigned int merge_source_nr_buffers(const struct merge_source *src)
{
	return src->nr_buffers;
}

const struct merge_buffer *merge_source_buffer(const struct merge_source *src,
					       unsigned int index)
{
	return index < src->nr_buffers ? &src->buffers[index] : NULL;
}

const struct merge_notice *merge_source_notice(const struct merge_source *src,
					       unsigned int index)
{
	return index < src->nr_notices ? &src->notices[index] : NULL;
}

const char *merge_source_remark(const struct merge_source *src, unsigned int index)
{
	return index < src->nr_remarks ? src->remarks[index] : NULL;
}

const struct merge_text *merge_source_text(const struct merge_source *src, unsigned int index)
{
	return index < src->nr_texts ? &src->texts[index] : NULL;
}

struct merge_desc *merge_source_desc(const struct merge_source *src)
{
	return src->desc;
}
