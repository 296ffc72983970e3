// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Several sources as one: their buffers under new names, with times moved by what the
 * caller says, and with event ids of one description. Sub-buffers are changed as they
 * are read, in the reader's copy.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "format.h"
#include "join.h"
#include "page_edit.h"

/* Notices that an input got since the last look become those of the whole. */
static void pass_notices_on(struct merge_source *src, struct join_input *in)
{
	const struct join *j = src->priv;
	const struct merge_notice *notice;

	for (; (notice = merge_source_notice(in->src, in->notices)); in->notices++) {
		const struct merge_buffer *buf = NULL;

		for (unsigned int i = 0; i < src->nr_buffers; i++)
			if (notice->buffer && j->from[i] == notice->buffer)
				buf = &src->buffers[i];
		source_note(src, buf, notice->cpu, "%s: %s", in->name, notice->text);
	}
}

/* ---- reading -------------------------------------------------------------------- */

struct ids {
	struct join *join;
	struct join_input *in;
};

/* page_id_fn */
static unsigned int map_id(void *arg, unsigned int id)
{
	struct ids *ids = arg;

	return join_id(ids->join, ids->in, id);
}

/* Make the sub-buffer of an input at @data one of the whole. */
static void edit(struct join *j, struct join_input *in, uint32_t subbuf_size, void *data,
		 const struct subbuf *sb)
{
	struct subbuf whole = { .data = data, .size = sb->size };
	struct ids ids = { .join = j, .in = in };
	struct page page;

	page_load(&page, &whole, subbuf_size, in->src->long_size, in->src->big_endian);
	page_edit_ids(page, data, map_id, &ids);
	if (in->offset)
		page_edit_times(page, data, in->offset);
}

static int join_read(struct merge_source *src, const struct merge_buffer *buf,
		     unsigned int cpu_index, size_t i, void *data, struct merge_error *err,
		     struct subbuf *sb)
{
	struct join *j = src->priv;
	struct join_input *in = j->owner[buf->index];
	int ret = in->src->ops->read(in->src, j->from[buf->index], cpu_index, i, data, err, sb);

	pass_notices_on(src, in);
	if (ret)
		return ret;
	if (sb->data != data)
		memcpy(data, sb->data, sb->size);
	sb->data = data;
	edit(j, in, buf->subbuf_size, data, sb);
	return 0;
}

static int join_time(struct merge_source *src, const struct merge_buffer *buf,
		     unsigned int cpu_index, size_t i, uint64_t *ts)
{
	struct join *j = src->priv;
	struct join_input *in = j->owner[buf->index];
	int ret = in->src->ops->time(in->src, j->from[buf->index], cpu_index, i, ts);

	if (!ret)
		*ts += in->offset;
	return ret;
}

static bool join_interrupted(struct merge_source *src)
{
	struct join *j = src->priv;

	for (size_t i = 0; i < j->nr; i++)
		if (source_interrupted(j->inputs[i].src))
			return true;
	return false;
}

static void join_destroy(struct join *j)
{
	for (size_t i = 0; i < j->nr; i++) {
		merge_source_close(j->inputs[i].src);
		free(j->inputs[i].name);
	}
	free(j->inputs);
	free(j->from);
	free(j->owner);
	free(j);
}

static void join_close(struct merge_source *src)
{
	join_destroy(src->priv);
}

static const struct source_ops join_ops = {
	.name = "several sources",
	.read = join_read,
	.time = join_time,
	.interrupted = join_interrupted,
	.close = join_close,
};

/* ---- whether they fit ------------------------------------------------------------ */

static int check_layout(const struct merge_input *a, const struct merge_input *b,
			struct merge_error *err)
{
	const struct merge_source *x = a->source, *y = b->source;

	if (!y->desc)
		return error_set(err, -ENOTSUP, "%s has no description", b->name);
	if (x->long_size != y->long_size || x->big_endian != y->big_endian)
		return error_set(err, -ENOTSUP,
			"%s and %s are of machines with another size of long or byte order",
			a->name, b->name);
	if (x->desc->flag_resched_lazy != y->desc->flag_resched_lazy)
		return error_set(err, -ENOTSUP,
			"a flag of common_flags stands for different things in %s and %s",
			a->name, b->name);
	return 0;
}

static int check_names(const struct merge_input *inputs, size_t nr, struct merge_error *err)
{
	for (size_t i = 0; i < nr; i++)
		for (size_t k = 0; k < i; k++)
			if (!strcmp(inputs[i].name, inputs[k].name))
				return error_set(err, -EINVAL, "two inputs are called %s: give one another name",
						 inputs[i].name);
	return 0;
}

/* Whether @b is of the first input's boot, and what follows from it */
static int check_boot(struct join *j, const struct merge_input *a, const struct merge_input *b,
		      bool no_symbols, struct merge_error *err)
{
	char why[200];
	bool moved;
	int ret = desc_same_boot(a->source->desc, b->source->desc, why, sizeof(why), &moved);

	if (ret)
		return ret < 0 ? error_code(err, ret) : 0;
	j->one_boot = false;
	if (!b->has_offset)
		return error_set(err, -EINVAL,
			"%s and %s are of different boots (%s): how far apart are their clocks? Give an offset",
			a->name, b->name, why);
	if (no_symbols)
		j->symbols = false;
	else if (moved)
		return error_set(err, -EINVAL,
			"%s and %s are of different boots (%s): addresses of the one would get the other's names; leave symbols out",
			a->name, b->name, why);
	return 0;
}

static int check(struct join *j, const struct merge_input *inputs, size_t nr, bool no_symbols,
		 struct merge_error *err)
{
	int ret = nr ? check_names(inputs, nr, err) :
		  error_set(err, -EINVAL, "no source is given");

	for (size_t i = 0; !ret && i < nr; i++)
		ret = check_layout(&inputs[0], &inputs[i], err);
	for (size_t i = 1; !ret && i < nr; i++)
		ret = check_boot(j, &inputs[0], &inputs[i], no_symbols, err);
	return ret;
}

/* An event of @in whose format differs from an earlier input's, if any occurs */
static int find_differing(struct join_input *in, const struct merge_buffer *buf,
			  struct merge_error *err)
{
	struct merge_select sel = { .buffers = &buf->index, .nr_buffers = 1 };
	const char *system, *format;
	struct merge_event ev;
	struct merge_iter *it;
	char name[128];
	unsigned int id = 0;
	int ret = merge_iter_create(in->src, &sel, NULL, NULL, err, &it);

	if (ret)
		return ret;
	while ((ret = merge_iter_next(it, &ev)) == 1) {
		id = page_record_id(ev.data, in->src->big_endian);
		if (in->differs[id / 8] & 1 << id % 8)
			break;
	}
	merge_iter_destroy(it);
	if (ret <= 0)
		return ret ? error_code(err, ret) : 0;
	if (desc_format(in->src->desc, id, &system, &format))
		return error_nomem(err);
	format_name(format, name, sizeof(name));
	return error_set(err, -ENOTSUP,
		"events %s:%s of %s have another format than those of an earlier input: no file can hold both",
		system, name, in->name);
}

static int check_formats(struct join *j, struct merge_error *err)
{
	int ret = 0;

	for (size_t i = 0; i < j->nr; i++) {
		struct join_input *in = &j->inputs[i];

		for (unsigned int k = 0; !ret && in->nr_differs && k < in->src->nr_buffers; k++)
			ret = find_differing(in, &in->src->buffers[k], err);
	}
	return ret;
}

/* ---- putting them together -------------------------------------------------------- */

static int copy_cpus(const struct merge_buffer *from, struct merge_cpu **out)
{
	*out = calloc(from->nr_cpus + 1, sizeof(**out));
	if (!*out)
		return -ENOMEM;
	if (from->nr_cpus)
		memcpy(*out, from->cpus, from->nr_cpus * sizeof(**out));
	return 0;
}

/* What a buffer of @in is called: the input's name alone where it is the top-level one */
static char *new_name(const struct join_input *in, const struct merge_buffer *from)
{
	char *name;

	if (!strcmp(from->name, "top"))
		return strdup(in->name);
	return asprintf(&name, "%s/%s", in->name, from->name) < 0 ? NULL : name;
}

static int add_buffer(struct merge_source *src, struct join_input *in,
		      const struct merge_input *given, const struct merge_buffer *clock,
		      const struct merge_buffer *from)
{
	struct join *j = src->priv;
	struct merge_buffer buf = *from;
	char *name = new_name(in, from);
	int ret = name ? copy_cpus(from, &buf.cpus) : -ENOMEM;

	buf.name = buf.instance = name;
	buf.shift = NULL;
	/* its times are times of the first one's clock now */
	if (given->has_offset)
		buf.clock = clock->clock;
	j->from[src->nr_buffers] = from;
	j->owner[src->nr_buffers] = in;
	if (!ret)
		ret = source_add_buffer(src, &buf);
	free(name);
	return ret;
}

/* Whether @offset takes no time stamp of @buf below zero, as far as it is in order */
static int check_offset(struct join_input *in, const struct merge_buffer *buf,
			struct merge_error *err)
{
	for (unsigned int c = 0; c < buf->nr_cpus; c++) {
		uint64_t ts;

		if ((int64_t)in->offset >= 0 || !buf->cpus[c].nr_subbufs ||
		    in->src->ops->time(in->src, buf, c, 0, &ts) || ts >= -in->offset)
			continue;
		return error_set(err, -ERANGE,
			"%s: the offset would move the first time stamp of %s, cpu %u (%llu) below zero",
			in->name, buf->name, buf->cpus[c].cpu, (unsigned long long)ts);
	}
	return 0;
}

static int add_buffers(struct merge_source *src, struct join_input *in,
		       const struct merge_input *given, struct merge_error *err)
{
	struct join *j = src->priv;
	int ret = 0;

	for (unsigned int i = 0; !ret && i < in->src->nr_buffers; i++) {
		const struct merge_buffer *from = &in->src->buffers[i];
		const struct merge_buffer *clock =
			j->inputs[0].src->nr_buffers ? &j->inputs[0].src->buffers[0] : from;

		if (given->has_offset && clock->clock_in_ns != from->clock_in_ns)
			return error_set(err, -EINVAL,
				"%s: an offset does not make %s and %s one clock: they count in different units",
				in->name, from->clock, clock->clock);
		/* a trace has room for one boot's words */
		if (merge_buffer_is_apart(from)) {
			source_note(src, NULL, -1, "%s: buffer %s is left out: it has no part in an order with others",
				    in->name, from->name);
			continue;
		}
		ret = check_offset(in, from, err);
		if (!ret && add_buffer(src, in, given, clock, from))
			ret = error_nomem(err);
	}
	return ret;
}

static int take_inputs(struct join *j, const struct merge_input *inputs, size_t nr)
{
	size_t buffers = 0;

	j->inputs = calloc(nr, sizeof(*j->inputs));
	if (!j->inputs)
		return -ENOMEM;
	for (size_t i = 0; i < nr; i++) {
		j->inputs[i].offset = inputs[i].has_offset ? (uint64_t)inputs[i].offset : 0;
		j->inputs[i].name = strdup(inputs[i].name);
		if (!j->inputs[i].name)
			return -ENOMEM;
		j->inputs[i].src = inputs[i].source;
		j->nr++;
		buffers += inputs[i].source->nr_buffers;
	}
	j->from = calloc(buffers + 1, sizeof(*j->from));
	j->owner = calloc(buffers + 1, sizeof(*j->owner));
	return j->from && j->owner ? 0 : -ENOMEM;
}

/* The sources stay the caller's. */
static void give_inputs_back(struct join *j)
{
	for (size_t i = 0; i < j->nr; i++)
		j->inputs[i].src = NULL;
}

static int build(struct merge_source *src, const struct merge_input *inputs, struct merge_error *err)
{
	struct join *j = src->priv;
	int ret = join_ids_assign(j);

	if (ret)
		return error_code(err, ret);
	ret = check_formats(j, err);
	for (size_t i = 0; !ret && i < j->nr; i++)
		ret = add_buffers(src, &j->inputs[i], &inputs[i], err);
	if (ret)
		return ret;
	src->many_boots = !j->one_boot;
	src->desc = desc_join_create(j);
	if (!src->desc)
		return error_nomem(err);
	for (size_t i = 0; i < j->nr; i++)
		pass_notices_on(src, &j->inputs[i]);
	if (!j->one_boot)
		source_note(src, NULL, -1, "the inputs are of different boots: names of tasks are left out where not all say the same%s",
			    j->symbols ? "" : ", symbols everywhere");
	return 0;
}

int merge_source_join(const struct merge_input *inputs, size_t nr, bool no_symbols,
		      struct merge_error *err, struct merge_source **out)
{
	struct join *j = calloc(1, sizeof(*j));
	struct merge_source *src;
	int ret;

	if (!j)
		return error_nomem(err);
	j->one_boot = j->symbols = true;
	ret = check(j, inputs, nr, no_symbols, err);
	if (ret) {
		join_destroy(j);
		return ret;
	}
	ret = take_inputs(j, inputs, nr);
	src = ret ? NULL : source_create(&join_ops, j, inputs[0].source->long_size,
					 inputs[0].source->big_endian);
	if (!src) {
		give_inputs_back(j);
		join_destroy(j);
		return error_nomem(err);
	}
	ret = build(src, inputs, err);
	if (ret) {
		give_inputs_back(j);
		merge_source_close(src);
		return ret;
	}
	*out = src;
	return 0;
}
