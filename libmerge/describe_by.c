// SPDX-License-Identifier: LGPL-2.1-or-later
/* A description that is another source's: see describe_by.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "describe_by.h"
#include "describe_ramoops.h"
#include "error.h"

/*
 * @by: NULL: nobody describes it
 * @told: that was noted
 */
struct by_desc {
	struct merge_source *src, *by;
	uint64_t delta;
	bool function, told;
};

static const struct desc_ops *ops_of(const struct by_desc *bd)
{
	static const struct desc_ops none;

	return bd->by && bd->by->desc ? bd->by->desc->ops : &none;
}

/* ---- Formats -------------------------------------------------------------- */

static int tell(struct by_desc *bd)
{
	if (!bd->by && !bd->told)
		source_note(bd->src, NULL, -1,
			    "nothing here tells the formats of events: they are shown as numbers; a trace.dat or captured metadata of that kernel can describe them");
	bd->told = true;
	return -ENOENT;
}

static int load_event(struct merge_desc *d, unsigned int id, char **system, char **format)
{
	const char *its_system, *its_format;
	struct by_desc *bd = d->priv;
	int ret;

	if (bd->function)
		return ramoops_format(id, d->long_size, system, format);
	if (!ops_of(bd)->event)
		return tell(bd);
	ret = desc_format(bd->by->desc, id, &its_system, &its_format);
	if (ret)
		return ret;
	return desc_give(strdup(its_system), strdup(its_format), system, format);
}

static int each_event(struct merge_desc *d, desc_event_fn *fn, void *arg)
{
	struct by_desc *bd = d->priv;

	if (bd->function)
		return fn(arg, RAMOOPS_FUNCTION);
	return ops_of(bd)->each_event ? ops_of(bd)->each_event(bd->by->desc, fn, arg) : 0;
}

static int enumerator(struct merge_desc *d, const char *name, int64_t *value)
{
	struct by_desc *bd = d->priv;

	return ops_of(bd)->enumerator ? ops_of(bd)->enumerator(bd->by->desc, name, value) : -ENOENT;
}

static int syscall_size(struct merge_desc *d, unsigned int id, int *arg)
{
	struct by_desc *bd = d->priv;

	return bd->by && bd->by->desc ? desc_syscall_size(bd->by->desc, id, arg) : -ENOENT;
}

static int btf(struct merge_desc *d, void **data, size_t *size)
{
	struct by_desc *bd = d->priv;

	return ops_of(bd)->btf ? ops_of(bd)->btf(bd->by->desc, data, size) : -ENOENT;
}

/* ---- Addresses ------------------------------------------------------------ */

struct walk {
	const struct by_desc *bd;
	uint32_t long_size;
	desc_symbol_fn *symbol;
	desc_printk_fn *printk;
	void *arg;
};

/* What is in the lower half is no address: the offset of a CPU's variable, say */
static uint64_t recorded(const struct walk *w, uint64_t addr)
{
	unsigned int top = 8 * w->long_size - 1;
	uint64_t mask = UINT64_MAX >> (63 - top);

	return addr >> top ? (addr - w->bd->delta) & mask : addr;
}

static int take_symbol(void *arg, uint64_t addr, char type, const char *name, const char *module)
{
	struct walk *w = arg;

	if (w->bd->delta == DESC_BY_NOTHING || (module && w->bd->delta))
		return 0;
	return w->symbol(w->arg, recorded(w, addr), type, name, module);
}

static int take_printk(void *arg, uint64_t addr, const char *format)
{
	struct walk *w = arg;

	if (w->bd->delta == DESC_BY_NOTHING)
		return 0;
	return w->printk(w->arg, recorded(w, addr), format);
}

static int each_symbol(struct merge_desc *d, desc_symbol_fn *fn, void *arg)
{
	struct by_desc *bd = d->priv;
	struct walk w = { .bd = bd, .long_size = d->long_size, .symbol = fn, .arg = arg };

	return ops_of(bd)->each_symbol ?
		ops_of(bd)->each_symbol(bd->by->desc, take_symbol, &w) : 0;
}

static int each_printk(struct merge_desc *d, desc_printk_fn *fn, void *arg)
{
	struct by_desc *bd = d->priv;
	struct walk w = { .bd = bd, .long_size = d->long_size, .printk = fn, .arg = arg };

	return ops_of(bd)->each_printk ?
		ops_of(bd)->each_printk(bd->by->desc, take_printk, &w) : 0;
}

struct search {
	const char *name;
	uint64_t addr;
};

static int is_it(void *arg, uint64_t addr, char type, const char *name, const char *module)
{
	struct search *s = arg;

	(void)type;
	if (module || !name || strcmp(name, s->name))
		return 0;
	s->addr = addr;
	return 1;
}

int desc_by_symbol(struct merge_source *by, const char *name, uint64_t *addr)
{
	struct search s = { .name = name };
	struct merge_desc *d = by->desc;
	int ret = d && d->ops->each_symbol ? d->ops->each_symbol(d, is_it, &s) : 0;

	if (ret <= 0)
		return ret ? ret : -ENOENT;
	*addr = s.addr;
	return 0;
}

/* ---- Making it ------------------------------------------------------------ */

static void close_desc(struct merge_desc *d)
{
	struct by_desc *bd = d->priv;

	merge_source_close(bd->by);
	free(bd);
}

static const struct desc_ops by_desc_ops = {
	.event = load_event,
	.each_event = each_event,
	.enumerator = enumerator,
	.syscall_size = syscall_size,
	.btf = btf,
	.each_symbol = each_symbol,
	.each_printk = each_printk,
	.close = close_desc,
};

struct merge_desc *desc_by_create(struct merge_source *src, bool function)
{
	struct merge_desc *d = calloc(1, sizeof(*d));
	struct by_desc *bd = calloc(1, sizeof(*bd));

	if (!d || !bd) {
		free(d);
		free(bd);
		return NULL;
	}
	*bd = (struct by_desc){ .src = src, .function = function };
	desc_init(d, &by_desc_ops, bd);
	d->long_size = src->long_size;
	d->big_endian = src->big_endian;
	d->page_size = 4096;
	return d;
}

static void copy_name(char to[65], const char *from)
{
	snprintf(to, 65, "%s", from);
}

void desc_by_take(struct merge_desc *d, struct merge_source *by, uint64_t delta)
{
	struct by_desc *bd = d->priv;
	const struct merge_desc *its = by->desc;

	merge_source_close(bd->by);
	bd->by = by;
	bd->delta = delta;
	d->page_size = its->page_size;
	d->nr_cpu_ids = its->nr_cpu_ids;
	d->overwrite_is_char = its->overwrite_is_char;
	copy_name(d->sysname, its->sysname);
	copy_name(d->nodename, its->nodename);
	copy_name(d->release, its->release);
	copy_name(d->version, its->version);
	copy_name(d->machine, its->machine);
}

int merge_source_describe(struct merge_source *src, struct merge_source *by,
			  struct merge_error *err)
{
	if (!src->ops->describe)
		return error_set(err, -ENOTSUP, "what is of kind %s describes itself",
				 src->ops->name);
	if (!by->desc)
		return error_set(err, -ENOTSUP, "there is no description in it");
	if (by->long_size != src->long_size || by->big_endian != src->big_endian)
		return error_set(err, -ENOTSUP,
				 "it describes a kernel of %u bits, %s endian, and this is of %u bits, %s endian",
				 8 * by->long_size, by->big_endian ? "big" : "little",
				 8 * src->long_size, src->big_endian ? "big" : "little");
	return src->ops->describe(src, by, err);
}
