// SPDX-License-Identifier: LGPL-2.1-or-later
/* Reading a source once to know what it holds, and telling that as JSON. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "info.h"
#include "json.h"
#include "json_about.h"
#include "list.h"

#define SCHEMA		"pstore_rb.info"
#define SCHEMA_VERSION	1

static void meet(struct info *info, struct merge_desc *desc, const struct merge_event *ev)
{
	const char *system, *name;
	unsigned int id;
	int ret;

	if (ev->size < 2)
		return;
	id = info->about.big_endian ?
		(unsigned int)((const uint8_t *)ev->data)[0] << 8 | ((const uint8_t *)ev->data)[1] :
		(unsigned int)((const uint8_t *)ev->data)[1] << 8 | ((const uint8_t *)ev->data)[0];
	if (info->kinds[id])
		return;
	ret = merge_desc_event_name(desc, ev->data, &id, &system, &name);
	info->kinds[id] = ret ? INFO_UNKNOWN : INFO_KNOWN;
	info->nr_kinds++;
	info->nr_known += !ret;
}

static int read_cpu(struct info *info, struct merge_source *src, const struct merge_buffer *buf,
		    unsigned int cpu, struct merge_error *err, struct merge_stats *stats)
{
	struct merge_select sel = { .buffers = &buf->index, .nr_buffers = 1,
				    .cpus = &cpu, .nr_cpus = 1 };
	struct merge_desc *desc = merge_source_desc(src);
	struct merge_iter *it;
	struct merge_event ev;
	int ret = merge_iter_create(src, &sel, NULL, NULL, err, &it);

	if (ret)
		return ret;
	while ((ret = merge_iter_next(it, &ev)) > 0)
		meet(info, desc, &ev);
	*stats = *merge_iter_stats(it);
	merge_iter_destroy(it);
	return ret;
}

static int read_all(struct info *info, struct merge_source *src, struct merge_error *err)
{
	struct merge_stats *cpu = info->cpus;
	const struct merge_buffer *buf;
	int ret = 0;

	for (unsigned int i = 0; !ret && (buf = merge_source_buffer(src, i)); i++)
		for (unsigned int c = 0; !ret && c < buf->nr_cpus; c++, cpu++) {
			ret = read_cpu(info, src, buf, buf->cpus[c].cpu, err, cpu);
			list_add_stats(&info->stats, cpu);
		}
	return ret;
}

static struct info *create(struct merge_source *src)
{
	struct info *info = calloc(1, sizeof(*info));
	const struct merge_buffer *buf;
	size_t nr = 0;

	if (!info)
		return NULL;
	for (unsigned int i = 0; (buf = merge_source_buffer(src, i)); i++)
		nr += buf->nr_cpus;
	info->cpus = calloc(nr + 1, sizeof(*info->cpus));
	info->indices = calloc(merge_source_nr_buffers(src) + 1, sizeof(*info->indices));
	if (!info->cpus || !info->indices) {
		info_free(info);
		return NULL;
	}
	for (unsigned int i = 0; i < merge_source_nr_buffers(src); i++)
		info->indices[i] = i;
	return info;
}

int info_collect(struct merge_source *src, struct merge_error *err, struct info **out)
{
	struct info *info = create(src);
	int ret;

	if (!info) {
		snprintf(err->text, sizeof(err->text), "out of memory");
		return err->code = -ENOMEM;
	}
	ret = merge_desc_about(merge_source_desc(src), err, &info->about);
	if (!ret)
		ret = read_all(info, src, err);
	if (ret) {
		info_free(info);
		return ret;
	}
	*out = info;
	return info->stats.damaged || info->stats.backwards || merge_source_notice(src, 0);
}

void info_free(struct info *info)
{
	if (!info)
		return;
	free(info->cpus);
	free(info->indices);
	free(info);
}

/* ---- JSON ---------------------------------------------------------------- */

static void put_kernel(struct textbuf *b, const struct merge_about *a)
{
	json_member_text(b, ",\"kernel\":{\"sysname\":", a->sysname);
	json_member_text(b, ",\"nodename\":", a->nodename);
	json_member_text(b, ",\"release\":", a->release);
	json_member_text(b, ",\"version\":", a->version);
	json_member_text(b, ",\"machine\":", a->machine);
	json_member_number(b, ",\"cpus\":", a->nr_cpus);
	json_member_number(b, ",\"page_size\":", a->page_size);
	json_member_number(b, ",\"long_size\":", a->long_size);
	json_member_text(b, ",\"byte_order\":", a->big_endian ? "big" : "little");
	textbuf_putc(b, '}');
}

static void put_description(struct textbuf *b, const struct info *info)
{
	unsigned int said = 0;

	json_member_number(b, ",\"description\":{\"event_types\":", info->nr_kinds);
	json_member_number(b, ",\"with_format\":", info->nr_known);
	textbuf_puts(b, ",\"without_format\":[");
	for (unsigned int i = 0; i < INFO_IDS; i++)
		if (info->kinds[i] == INFO_UNKNOWN)
			json_member_number(b, said++ ? "," : "", i);
	json_member_number(b, "],\"symbols\":", info->about.symbols);
	json_member_number(b, ",\"module_symbols\":", info->about.module_symbols);
	json_member_number(b, ",\"printk_formats\":", info->about.printks);
	json_member_number(b, ",\"comms\":", info->about.comms);
	textbuf_putc(b, '}');
}

static void put_stats(struct textbuf *b, const struct merge_stats *s)
{
	json_member_number(b, "\"events\":", s->events);
	json_member_number(b, ",\"lost\":", s->lost);
	json_member_number(b, ",\"lost_unknown\":", s->lost_unknown);
	json_member_number(b, ",\"damaged\":", s->damaged);
	json_member_number(b, ",\"subbufs\":", s->subbufs);
}

static void put_cpu(struct textbuf *b, const struct merge_cpu *cpu, const struct merge_stats *s)
{
	json_member_number(b, "{\"cpu\":", cpu->cpu);
	textbuf_putc(b, ',');
	put_stats(b, s);
	json_about_counters(b, cpu);
	textbuf_putc(b, '}');
}

static void put_buffer(struct textbuf *b, struct merge_source *src,
		       const struct merge_buffer *buf, const struct merge_stats *cpus)
{
	struct merge_error err = { 0 };
	char first[24], last[24];

	json_member_text(b, "{\"name\":", buf->name);
	json_member_text(b, ",\"kind\":", list_kind(buf));
	json_member_text(b, ",\"clock\":", buf->clock);
	json_member_text(b, ",\"unit\":", buf->clock_in_ns ? "ns" : "ticks");
	json_member_number(b, ",\"subbuf_size\":", buf->subbuf_size);
	if (!list_edge_times(src, buf, &err, first, last) && strcmp(first, "-")) {
		json_member_text(b, ",\"first\":", first);
		json_member_text(b, ",\"last\":", last);
	}
	textbuf_puts(b, ",\"cpus\":[");
	for (unsigned int i = 0; i < buf->nr_cpus; i++) {
		if (i)
			textbuf_putc(b, ',');
		put_cpu(b, &buf->cpus[i], &cpus[i]);
	}
	textbuf_puts(b, "]}");
}

void info_put_notices(struct textbuf *b, struct merge_source *src)
{
	const struct merge_notice *notice;

	textbuf_puts(b, ",\"notices\":[");
	for (unsigned int i = 0; (notice = merge_source_notice(src, i)); i++)
		json_member_text(b, i ? "," : "", notice->text);
	textbuf_putc(b, ']');
}

static void put_remarks(struct textbuf *b, struct merge_source *src)
{
	const char *remark;

	textbuf_puts(b, ",\"remarks\":[");
	for (unsigned int i = 0; (remark = merge_source_remark(src, i)); i++)
		json_member_text(b, i ? "," : "", remark);
	textbuf_putc(b, ']');
}

int info_print_json(struct merge_source *src, const char *path, const struct info *info,
		    FILE *out)
{
	const struct merge_stats *cpus = info->cpus;
	const struct merge_buffer *buf;
	struct textbuf b = { 0 };
	bool failed;

	json_member_text(&b, "{\"type\":\"info\",\"schema\":", SCHEMA);
	json_member_number(&b, ",\"version\":", SCHEMA_VERSION);
	json_member_text(&b, ",\"file\":", path);
	textbuf_putc(&b, ',');
	put_stats(&b, &info->stats);
	put_kernel(&b, &info->about);
	textbuf_puts(&b, ",\"buffers\":[");
	for (unsigned int i = 0; (buf = merge_source_buffer(src, i)); cpus += buf->nr_cpus, i++) {
		if (i)
			textbuf_putc(&b, ',');
		put_buffer(&b, src, buf, cpus);
	}
	textbuf_putc(&b, ']');
	put_description(&b, info);
	info_put_notices(&b, src);
	put_remarks(&b, src);
	textbuf_puts(&b, "}\n");
	failed = b.failed;
	if (!failed)
		fwrite(b.data, 1, b.len, out);
	textbuf_deinit(&b);
	return failed ? -ENOMEM : 0;
}
