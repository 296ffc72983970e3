// SPDX-License-Identifier: LGPL-2.1-or-later
/* Which buffers and CPUs are asked for: see select.h. */
#include <errno.h>
#include <string.h>

#include "error.h"
#include "select.h"
#include "source.h"

const struct merge_select select_all;

static bool is_listed(const unsigned int *list, size_t nr, unsigned int value)
{
	size_t lo = 0, hi = nr;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (list[mid] < value)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < nr && list[lo] == value;
}

bool merge_buffer_is_apart(const struct merge_buffer *buf)
{
	return buf->kind == MERGE_UNCOMMITTED || buf->kind == MERGE_PREVIOUS_BOOT ||
	       buf->kind == MERGE_CONSUMED;
}

bool select_buffer(const struct merge_select *sel, const struct merge_buffer *buf)
{
	if (!sel->buffers)
		return !merge_buffer_is_apart(buf);
	return is_listed(sel->buffers, sel->nr_buffers, buf->index);
}

bool select_cpu(const struct merge_select *sel, unsigned int cpu)
{
	return !sel->cpus || is_listed(sel->cpus, sel->nr_cpus, cpu);
}

bool select_same_order(const struct merge_buffer *a, const struct merge_buffer *b)
{
	/* several persistent rings may be of several boots */
	if (a->previous_boot || b->previous_boot)
		return a == b;
	return !strcmp(a->clock, b->clock) &&
	       (a->kind == MERGE_UNCOMMITTED) == (b->kind == MERGE_UNCOMMITTED) &&
	       (a->kind == MERGE_CONSUMED) == (b->kind == MERGE_CONSUMED);
}

static bool ascends(const unsigned int *list, size_t nr)
{
	for (size_t i = 1; list && i < nr; i++)
		if (list[i] <= list[i - 1])
			return false;
	return true;
}

int select_check(const struct merge_select *sel, const struct merge_source *src,
		 struct merge_error *err)
{
	unsigned int nr = merge_source_nr_buffers(src);
	unsigned int last;

	if (!ascends(sel->buffers, sel->nr_buffers))
		return error_set(err, -EINVAL, "the list of buffers does not ascend");
	if (!ascends(sel->cpus, sel->nr_cpus))
		return error_set(err, -EINVAL, "the list of CPUs does not ascend");
	if (src->live && (sel->from || sel->last))
		return error_set(err, -EINVAL, "a live trace has no positions");
	if (!sel->buffers || !sel->nr_buffers)
		return 0;
	last = sel->buffers[sel->nr_buffers - 1];
	if (last >= nr)
		return error_set(err, -EINVAL, "no buffer %u: there are %u", last, nr);
	return 0;
}

bool select_has_notice(const struct merge_select *sel, const struct merge_source *src)
{
	const struct merge_notice *notice;

	for (unsigned int i = 0; (notice = merge_source_notice(src, i)); i++)
		if ((!notice->buffer || select_buffer(sel, notice->buffer)) &&
		    (notice->cpu < 0 || select_cpu(sel, notice->cpu)))
			return true;
	return false;
}
