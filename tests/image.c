// SPDX-License-Identifier: GPL-2.0-or-later
/* The source that hands out an image made by mkimage.c, in memory. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mkimage.h"
#include "page.h"

struct image *image_of(const struct merge_source *src)
{
	return src->priv;
}

struct image_page *image_page(const struct merge_source *src, unsigned int buffer,
			      unsigned int cpu_index, size_t i)
{
	struct image *image = src->priv;

	return &image->cpus[image->first[buffer] + cpu_index].pages[i];
}

unsigned int image_pages_read(const struct merge_source *src)
{
	const struct image *image = src->priv;
	unsigned int count = 0;

	for (size_t c = 0; c < image->nr_cpus; c++)
		for (size_t i = 0; i < image->cpus[c].nr; i++)
			count += image->cpus[c].pages[i].reads > 0;
	return count;
}

static int read_subbuf(struct merge_source *src, const struct merge_buffer *buf,
		       unsigned int cpu_index, size_t i, void *data,
		       struct merge_error *err, struct subbuf *sb)
{
	struct image_page *page = image_page(src, buf->index, cpu_index, i);

	(void)err;
	sb->address = 0x1000 * (i + 1);
	page->reads++;
	if (image_of(src)->fail)
		return image_of(src)->fail;
	if (page->error)
		return page->error;
	memset(data, 0xaa, buf->subbuf_size);	/* what was borrowed is gone */
	memcpy(data, page->data, page->have);
	sb->data = data;
	sb->size = page->have;
	sb->start = page->start;
	sb->overrun = page->overrun;
	return 0;
}

static int read_time(struct merge_source *src, const struct merge_buffer *buf,
		     unsigned int cpu_index, size_t i, uint64_t *ts)
{
	struct image_page *page = image_page(src, buf->index, cpu_index, i);

	page->times++;
	if (page->error)
		return page->error;
	*ts = page_time(page->data, src->big_endian);
	return 0;
}

static bool interrupted(struct merge_source *src)
{
	struct image *image = src->priv;

	image->polls++;
	return image->interrupt_at && image->polls >= image->interrupt_at;
}

static void close_image(struct merge_source *src)
{
	struct image *image = src->priv;

	for (size_t c = 0; c < image->nr_cpus; c++) {
		for (size_t i = 0; i < image->cpus[c].nr; i++)
			free(image->cpus[c].pages[i].data);
		free(image->cpus[c].pages);
	}
	free(image->cpus);
	free(image->first);
	free(image->formats);
	free(image->sayings);
	free(image);
}

const struct source_ops image_ops = {
	.name = "image",
	.read = read_subbuf,
	.time = read_time,
	.interrupted = interrupted,
	.close = close_image,
};

static int describe_event(struct merge_desc *d, unsigned int id, char **system, char **format)
{
	struct image *image = d->priv;

	for (size_t i = 0; i < image->nr_formats; i++) {
		if (image->formats[i].id != id)
			continue;
		*system = strdup(image->formats[i].system);
		if (asprintf(format, "%s%s\nID: %u\nformat:\n%s%s%s%s%s",
			     image->formats[i].name[0] ? "name: " : "",
			     image->formats[i].name, id, image->formats[i].fields,
			     image->formats[i].fields[0] ? "\n" : "",
			     image->formats[i].print[0] ? "\nprint fmt: " : "",
			     image->formats[i].print, image->formats[i].print[0] ? "\n" : "") < 0)
			return -ENOMEM;
		return 0;
	}
	return -ENOENT;
}

static int each_event(struct merge_desc *d, desc_event_fn *fn, void *arg)
{
	struct image *image = d->priv;
	int ret = 0;

	for (unsigned int id = 0; !ret && id < 65536; id++)
		for (size_t i = 0; !ret && i < image->nr_formats; i++)
			if (image->formats[i].id == id)
				ret = fn(arg, id);
	return ret;
}

static int each_symbol(struct merge_desc *d, desc_symbol_fn *fn, void *arg)
{
	struct image *image = d->priv;
	int ret = 0;

	for (size_t i = 0; !ret && i < image->nr_sayings; i++) {
		const struct image_saying *s = &image->sayings[i];

		if (s->what == IMAGE_SYMBOL)
			ret = fn(arg, s->number, 't', s->text, s->module[0] ? s->module : NULL);
	}
	return ret;
}

static int each_comm(struct merge_desc *d, desc_comm_fn *fn, void *arg)
{
	struct image *image = d->priv;
	int ret = 0;

	for (size_t i = 0; !ret && i < image->nr_sayings; i++)
		if (image->sayings[i].what == IMAGE_COMM)
			ret = fn(arg, (int)image->sayings[i].number, image->sayings[i].text);
	return ret;
}

static int each_printk(struct merge_desc *d, desc_printk_fn *fn, void *arg)
{
	struct image *image = d->priv;
	int ret = 0;

	for (size_t i = 0; !ret && i < image->nr_sayings; i++)
		if (image->sayings[i].what == IMAGE_PRINTK)
			ret = fn(arg, image->sayings[i].number, image->sayings[i].text);
	return ret;
}

const struct desc_ops image_desc_ops = {
	.event = describe_event,
	.each_event = each_event,
	.each_symbol = each_symbol,
	.each_comm = each_comm,
	.each_printk = each_printk,
};
