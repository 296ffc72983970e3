/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which buffers and CPUs struct merge_select asks for. */
#ifndef MERGE_SELECT_H
#define MERGE_SELECT_H

#include "libmerge.h"

/* Selects everything but what is apart: what a NULL selection means */
extern const struct merge_select select_all;

bool select_buffer(const struct merge_select *sel, const struct merge_buffer *buf);
bool select_cpu(const struct merge_select *sel, unsigned int cpu);

/* The lists ascend and name buffers of @src. Return: 0 or -EINVAL. */
int select_check(const struct merge_select *sel, const struct merge_source *src,
		 struct merge_error *err);

/*
 * Whether events of @a and @b can be put into one order: clock and boot are the
 * same, and both are committed or both are not.
 */
bool select_same_order(const struct merge_buffer *a, const struct merge_buffer *b);

/* Something @sel asks for has a notice */
bool select_has_notice(const struct merge_select *sel, const struct merge_source *src);

#endif
