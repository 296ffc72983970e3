// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Event ids of several sources as those of one: two boots, and even two kernels, number
 * their events differently. See join.h.
 */
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "format.h"
#include "join.h"

/* An event by its name; @id is the one it has in the whole. */
struct known {
	unsigned int id;
	char name[];
};

/* @names: a tsearch() tree of struct known */
struct assign {
	struct join *join;
	struct join_input *in;
	void *names;
};

static int compare_names(const void *a, const void *b)
{
	return strcmp(((const struct known *)a)->name, ((const struct known *)b)->name);
}

static void claim(struct join *j, struct join_input *in, unsigned int id, unsigned int as)
{
	j->ids[as] = (struct join_id){ .input = in, .id = id };
	in->ids[id] = as;
}

unsigned int join_id(struct join *j, struct join_input *in, unsigned int id)
{
	unsigned int as = id;

	if (in->ids[id] || !id)
		return in->ids[id];
	/* from the top: what kernels number by themselves begins at the bottom */
	if (j->ids[as].input)
		for (as = JOIN_NR_IDS - 1; as && j->ids[as].input; as--)
			;
	if (as)
		claim(j, in, id, as);
	return as;
}

/* Whether @a and @b are equal but for their "ID:" lines, as far as @end if it is not NULL */
static bool same_text(const char *a, const char *b, const char *end)
{
	const char *id_a = strstr(a, "\nID:"), *id_b = strstr(b, "\nID:");
	const char *end_a, *end_b;

	if (!id_a || !id_b || id_a - a != id_b - b || memcmp(a, b, id_a - a))
		return false;
	a = id_a + 1 + strcspn(id_a + 1, "\n");
	b = id_b + 1 + strcspn(id_b + 1, "\n");
	end_a = end ? strstr(a, end) : NULL;
	end_b = end ? strstr(b, end) : NULL;
	if (end_a && end_b)
		return end_a - a == end_b - b && !memcmp(a, b, end_a - a);
	return !strcmp(a, b);
}

/*
 * Whether event @id of @in is the event @as of the whole. One file may have the print
 * format as the kernel writes it, the other made plain.
 */
static int same_format(struct assign *w, unsigned int id, unsigned int as)
{
	const struct join_id *other = &w->join->ids[as];
	struct merge_desc *a = other->input->src->desc, *b = w->in->src->desc;
	const char *system, *text_a, *text_b;
	int ret = desc_format(a, other->id, &system, &text_a);

	if (!ret)
		ret = desc_format(b, id, &system, &text_b);
	if (!ret && same_text(text_a, text_b, w->join->one_boot ? "\nprint fmt:" : NULL))
		return 1;
	if (!ret)
		ret = desc_format_prepared(a, other->id, &system, &text_a);
	if (!ret)
		ret = desc_format_prepared(b, id, &system, &text_b);
	return ret ? ret : same_text(text_a, text_b, NULL);
}

/* An event of this name is there already. */
static int take_known(struct assign *w, unsigned int id, const struct known *known)
{
	int ret = same_format(w, id, known->id);

	if (ret < 0)
		return ret;
	if (ret) {
		w->in->ids[id] = known->id;
		return 0;
	}
	w->in->differs[id / 8] |= 1 << id % 8;
	w->in->nr_differs++;
	join_id(w->join, w->in, id);
	return 0;
}

/* desc_event_fn */
static int take_event(void *arg, unsigned int id)
{
	struct assign *w = arg;
	const char *system, *format;
	char name[128];
	struct known *known, **at;
	int ret = desc_format(w->in->src->desc, id, &system, &format);

	if (ret == -EINTR || ret == -ENOMEM)
		return ret;
	if (ret || id >= JOIN_NR_IDS)
		return 0;
	format_name(format, name, sizeof(name));
	known = malloc(sizeof(*known) + strlen(system) + strlen(name) + 2);
	if (!known)
		return -ENOMEM;
	sprintf(known->name, "%s:%s", system, name);
	at = tsearch(known, &w->names, compare_names);
	if (!at || *at != known) {
		free(known);
		return at ? take_known(w, id, *at) : -ENOMEM;
	}
	known->id = join_id(w->join, w->in, id);
	return 0;
}

int join_ids_assign(struct join *j)
{
	struct assign w = { .join = j };
	int ret = 0;

	for (size_t i = 0; !ret && i < j->nr; i++) {
		struct merge_desc *d = j->inputs[i].src->desc;

		w.in = &j->inputs[i];
		if (d->ops->each_event)
			ret = d->ops->each_event(d, take_event, &w);
		if (ret != -EINTR && ret != -ENOMEM)
			ret = 0;	/* what it cannot describe, it cannot */
	}
	tdestroy(w.names, free);
	return ret;
}
