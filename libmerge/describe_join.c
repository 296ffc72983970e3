// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * One description of several sources. Of one boot each source may know a part: names
 * and symbols are what any of them knows. Of different boots a number (a pid, an
 * address) stands for different things: then only what all say alike is said.
 */
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "format.h"
#include "join.h"

/* ---- formats ----------------------------------------------------------------- */

/* @format with @id on its "ID:" line; malloc'ed, NULL: out of memory */
static char *with_id(const char *format, unsigned int id)
{
	const char *line = strstr(format, "\nID:");
	const char *rest = line ? line + 1 + strcspn(line + 1, "\n") : format;
	char *text;

	if (!line)
		return strdup(format);
	if (asprintf(&text, "%.*s\nID: %u%s", (int)(line - format), format, id, rest) < 0)
		return NULL;
	return text;
}

static struct join_id *id_of(struct merge_desc *d, unsigned int id)
{
	struct join *j = d->priv;

	return id < JOIN_NR_IDS && j->ids[id].input ? &j->ids[id] : NULL;
}

static int join_event(struct merge_desc *d, unsigned int id, char **system, char **format)
{
	struct join_id *of = id_of(d, id);
	const char *its_system, *its_format;
	int ret = of ? desc_format(of->input->src->desc, of->id, &its_system, &its_format) :
		       -ENOENT;

	if (ret)
		return ret;
	return desc_give(strdup(its_system), with_id(its_format, id), system, format);
}

static int join_each_event(struct merge_desc *d, desc_event_fn *fn, void *arg)
{
	int ret = 0;

	for (unsigned int id = 1; !ret && id < JOIN_NR_IDS; id++) {
		struct join_id *of = id_of(d, id);
		const char *system, *format;

		if (of && desc_format(of->input->src->desc, of->id, &system, &format) !=
		    -ENOENT)
			ret = fn(arg, id);
	}
	return ret;
}

static int join_syscall_size(struct merge_desc *d, unsigned int id, int *arg)
{
	struct join_id *of = id_of(d, id);

	return of ? desc_syscall_size(of->input->src->desc, of->id, arg) : -ENOENT;
}

/* The first input's: of one boot, what one knows holds for all */
static struct merge_desc *first_of(struct merge_desc *d)
{
	struct join *j = d->priv;

	return j->inputs[0].src->desc;
}

static int join_enumerator(struct merge_desc *d, const char *name, int64_t *value)
{
	struct merge_desc *first = first_of(d);

	return first->ops->enumerator ? first->ops->enumerator(first, name, value) : -ENOENT;
}

static int join_btf(struct merge_desc *d, void **data, size_t *size)
{
	struct merge_desc *first = first_of(d);
	struct join *j = d->priv;

	return j->one_boot && first->ops->btf ? first->ops->btf(first, data, size) : -ENOENT;
}

/* ---- symbols ------------------------------------------------------------------ */

/* @first: what is known so far comes from it */
struct more_symbols {
	struct merge_desc *first;
	desc_symbol_fn *fn;
	void *arg;
};

/* desc_symbol_fn: a module that was loaded later, say */
static int add_symbol(void *arg, uint64_t addr, char type, const char *name,
		      const char *module)
{
	struct more_symbols *w = arg;
	struct desc_place place;

	if (!name || (!desc_symbol(w->first, addr, &place) && place.start == addr))
		return 0;
	return w->fn(w->arg, addr, type, name, module);
}

static int join_each_symbol(struct merge_desc *d, desc_symbol_fn *fn, void *arg)
{
	struct join *j = d->priv;
	struct more_symbols w = { .first = first_of(d), .fn = fn, .arg = arg };
	int ret = 0;

	for (size_t i = 0; j->symbols && !ret && i < j->nr; i++) {
		struct merge_desc *its = j->inputs[i].src->desc;

		if (!its->ops->each_symbol)
			continue;
		if (its == w.first)
			ret = its->ops->each_symbol(its, fn, arg);
		else
			ret = its->ops->each_symbol(its, add_symbol, &w);
	}
	return ret;
}

/* ---- names and print formats -------------------------------------------------- */

/* What one of the inputs says: @text of @number */
struct saying {
	uint64_t number;
	size_t input;
	char *text;
};

struct sayings {
	struct saying *array;
	size_t nr, room;
	size_t input;
};

static int add_saying(struct sayings *s, uint64_t number, const char *text)
{
	if (s->nr == s->room) {
		size_t room = s->room ? 2 * s->room : 256;
		struct saying *grown = reallocarray(s->array, room, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		s->array = grown;
		s->room = room;
	}
	s->array[s->nr] = (struct saying){ number, s->input, strdup(text) };
	return s->array[s->nr].text ? s->nr++, 0 : -ENOMEM;
}

/* desc_comm_fn */
static int add_comm(void *arg, int pid, const char *comm)
{
	return add_saying(arg, (unsigned int)pid, comm);
}

/* desc_printk_fn */
static int add_printk(void *arg, uint64_t addr, const char *format)
{
	return add_saying(arg, addr, format);
}

static int compare_sayings(const void *a, const void *b)
{
	const struct saying *x = a, *y = b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return x->input < y->input ? -1 : x->input > y->input;
}

static void sayings_deinit(struct sayings *s)
{
	for (size_t i = 0; i < s->nr; i++)
		free(s->array[i].text);
	free(s->array);
}

typedef int gather_fn(struct merge_desc *d, struct sayings *s);

static int gather_comms(struct merge_desc *d, struct sayings *s)
{
	return d->ops->each_comm ? d->ops->each_comm(d, add_comm, s) : 0;
}

static int gather_printk(struct merge_desc *d, struct sayings *s)
{
	return d->ops->each_printk ? d->ops->each_printk(d, add_printk, s) : 0;
}

/* What all inputs say, by number */
static int gather(const struct join *j, gather_fn *fn, struct sayings *s)
{
	int ret = 0;

	for (s->input = 0; !ret && s->input < j->nr; s->input++)
		ret = fn(j->inputs[s->input].src->desc, s);
	if (s->nr)
		qsort(s->array, s->nr, sizeof(*s->array), compare_sayings);
	return ret;
}

/*
 * The next saying from *@i on that holds: of one boot the first one about a number, of
 * several what all inputs say alike. NULL behind the last one.
 */
static const struct saying *next_saying(const struct join *j, const struct sayings *s, size_t *i)
{
	while (*i < s->nr) {
		const struct saying *first = &s->array[*i];
		size_t said = 1;

		for (++*i; *i < s->nr && s->array[*i].number == first->number; ++*i)
			said += s->array[*i].input != s->array[*i - 1].input &&
				!strcmp(s->array[*i].text, first->text);
		if (j->one_boot || said == j->nr)
			return first;
	}
	return NULL;
}

static int join_each_comm(struct merge_desc *d, desc_comm_fn *fn, void *arg)
{
	const struct saying *saying;
	struct sayings s = { 0 };
	size_t i = 0;
	int ret = gather(d->priv, gather_comms, &s);

	while (!ret && (saying = next_saying(d->priv, &s, &i)))
		ret = fn(arg, (int)saying->number, saying->text);
	sayings_deinit(&s);
	return ret;
}

static int join_each_printk(struct merge_desc *d, desc_printk_fn *fn, void *arg)
{
	const struct saying *saying;
	struct sayings s = { 0 };
	size_t i = 0;
	int ret = gather(d->priv, gather_printk, &s);

	while (!ret && (saying = next_saying(d->priv, &s, &i)))
		ret = fn(arg, saying->number, saying->text);
	sayings_deinit(&s);
	return ret;
}

static const struct desc_ops join_desc_ops = {
	.event = join_event,
	.each_event = join_each_event,
	.enumerator = join_enumerator,
	.syscall_size = join_syscall_size,
	.btf = join_btf,
	.each_symbol = join_each_symbol,
	.each_comm = join_each_comm,
	.each_printk = join_each_printk,
};

struct merge_desc *desc_join_create(struct join *j)
{
	const struct merge_desc *first = j->inputs[0].src->desc;
	struct merge_desc *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	desc_init(d, &join_desc_ops, j);
	d->long_size = first->long_size;
	d->page_size = first->page_size;
	d->big_endian = first->big_endian;
	d->flag_resched_lazy = first->flag_resched_lazy;
	d->overwrite_is_char = first->overwrite_is_char;
	for (size_t i = 0; i < j->nr; i++)
		if (j->inputs[i].src->desc->nr_cpu_ids > d->nr_cpu_ids)
			d->nr_cpu_ids = j->inputs[i].src->desc->nr_cpu_ids;
	memcpy(d->sysname, first->sysname, sizeof(d->sysname));
	memcpy(d->nodename, first->nodename, sizeof(d->nodename));
	memcpy(d->release, first->release, sizeof(d->release));
	memcpy(d->version, first->version, sizeof(d->version));
	memcpy(d->machine, first->machine, sizeof(d->machine));
	return d;
}

/* ---- are they of one boot? ------------------------------------------------------ */

#define START	"_stext"

/* desc_symbol_fn */
static int find_start(void *arg, uint64_t addr, char type, const char *name,
		      const char *module)
{
	(void)type;
	if (module || !name || strcmp(name, START))
		return 0;
	*(uint64_t *)arg = addr;
	return 1;
}

/* @modules: a tsearch() tree of names of modules of @d */
struct modules {
	struct merge_desc *d;
	void *modules;
};

static int compare_names(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* desc_symbol_fn */
static int add_module(void *arg, uint64_t addr, char type, const char *name,
		      const char *module)
{
	struct modules *m = arg;
	char *copy;

	(void)addr;
	(void)type;
	(void)name;
	if (!module || tfind(module, &m->modules, compare_names))
		return 0;
	copy = strdup(module);
	if (copy && tsearch(copy, &m->modules, compare_names))
		return 0;
	free(copy);
	return -ENOMEM;
}

/* desc_symbol_fn: 2 for a symbol of a module that both have, where @d has something else */
static int find_moved(void *arg, uint64_t addr, char type, const char *name,
		      const char *module)
{
	struct modules *m = arg;
	struct desc_place place;

	(void)type;
	if (!module || !name || !tfind(module, &m->modules, compare_names))
		return 0;
	return !desc_symbol(m->d, addr, &place) && place.module &&
	       !strcmp(place.module, module) ? 0 : 2;
}

static int each_symbol(struct merge_desc *d, desc_symbol_fn *fn, void *arg)
{
	return d->ops->each_symbol ? d->ops->each_symbol(d, fn, arg) : 0;
}

static const struct {
	const char *name;
	size_t offset;
} identity[] = {
	{ "release", offsetof(struct merge_desc, release) },
	{ "version", offsetof(struct merge_desc, version) },
	{ "machine", offsetof(struct merge_desc, machine) },
	{ "host name", offsetof(struct merge_desc, nodename) },
};

/* 1 when symbols of @a and @b lie at other addresses, 0 when not or nobody knows */
static int has_moved(struct merge_desc *a, struct merge_desc *b)
{
	struct modules m = { .d = a };
	uint64_t start_a = 0, start_b = 0;
	int ret = each_symbol(a, find_start, &start_a);

	if (ret >= 0)
		ret = each_symbol(b, find_start, &start_b);
	if (ret < 0 || !start_a || !start_b)
		return ret < 0 ? ret : 0;
	if (start_a != start_b)
		return 1;
	ret = each_symbol(a, add_module, &m);
	if (ret >= 0)
		ret = each_symbol(b, find_moved, &m);
	tdestroy(m.modules, free);
	return ret < 0 ? ret : ret == 2;
}

int desc_same_boot(struct merge_desc *a, struct merge_desc *b, char *why, size_t size,
		   bool *moved)
{
	int ret = has_moved(a, b);

	if (ret < 0)
		return ret;
	*moved = ret;
	for (size_t i = 0; i < sizeof(identity) / sizeof(*identity); i++) {
		const char *x = (const char *)a + identity[i].offset;
		const char *y = (const char *)b + identity[i].offset;

		if (!*x || !*y || !strcmp(x, y))
			continue;
		snprintf(why, size, "the %ss are \"%s\" and \"%s\"", identity[i].name, x, y);
		return 0;
	}
	if (*moved)
		snprintf(why, size, "kernel or modules lie at other addresses");
	return !*moved;
}
