// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Symbols out of a slot's tables: see persist_symbols.h. The kernel's own tables make a
 * memory with nothing else in it, so that kallsyms.c decodes them as it does a vmcore's.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cursor.h"
#include "kallsyms.h"
#include "persist_symbols.h"

#define MAX_TABLES	16u
#define NAME_SIZE	sizeof(((struct trace_persist_memory *)0)->name)
#define MODULE_HEAD	((uint32_t)sizeof(struct trace_persist_module))
/* Of a symbol: address and type */
#define SYMBOL_HEAD	9u
/* Each is held against each */
#define MAX_PARTS	16384u

/* ---- The kernel's tables as memory ---------------------------------------- */

/* @filled: bytes from its start on; all, or a piece is missing */
struct table {
	char name[NAME_SIZE + 1];
	uint64_t address, size, filled;
	uint8_t *bytes;
};

struct memory {
	const struct persist_header *h;
	struct table tables[MAX_TABLES];
	size_t nr;
};

static struct table *find_table(struct memory *m, const char *name)
{
	for (size_t i = 0; i < m->nr; i++)
		if (!strcmp(m->tables[i].name, name))
			return &m->tables[i];
	return NULL;
}

static bool is_whole(const struct table *table)
{
	return table->filled == table->size;
}

/* A table of that name, of whose size there can be no more than @max bytes; or NULL */
static struct table *get_table(struct memory *m, const struct table *like, uint64_t max)
{
	struct table *table = find_table(m, like->name);
	uint64_t end;

	if (table || m->nr == MAX_TABLES || like->size > max ||
	    __builtin_add_overflow(like->address, like->size, &end))
		return table;
	table = &m->tables[m->nr++];
	*table = *like;
	table->bytes = malloc(table->size + 1);
	return table;
}

static int add_piece(struct memory *m, const struct persist_entry *e, uint64_t max)
{
	struct table like = { 0 }, *table;
	const void *name;
	uint64_t offset;
	size_t size;
	struct cursor c;

	cursor_init(&c, e->data, e->size, false);
	like.address = cursor_u64(&c);
	like.size = cursor_u64(&c);
	offset = cursor_u64(&c);
	name = cursor_bytes(&c, NAME_SIZE);
	size = cursor_left(&c);
	if (!name)
		return 0;
	memcpy(like.name, name, NAME_SIZE);
	table = get_table(m, &like, max);
	if (table && !table->bytes)
		return -ENOMEM;
	if (!table || table->address != like.address || table->size != like.size ||
	    offset != table->filled || size > table->size - offset)
		return 0;
	memcpy(table->bytes + offset, cursor_bytes(&c, size), size);
	table->filled += size;
	return 0;
}

static int load_memory(struct memory *m, const struct persist_tables *t)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < t->nr; i++)
		if (t->entries[i].type == TRACE_PERSIST_MEMORY)
			ret = add_piece(m, &t->entries[i], t->size);
	return ret;
}

/* What lies in whole tables; beside them there are zeros, so that pages are whole */
static int read_memory(void *arg, uint64_t addr, void *buf, size_t len)
{
	struct memory *m = arg;
	int ret = -EFAULT;

	memset(buf, 0, len);
	for (size_t i = 0; i < m->nr; i++) {
		const struct table *table = &m->tables[i];
		uint64_t from = addr > table->address ? addr : table->address;
		uint64_t end = table->address + table->size;

		if (addr + len < end)
			end = addr + len;
		if (!is_whole(table) || from >= end)
			continue;
		memcpy((uint8_t *)buf + (from - addr), table->bytes + (from - table->address),
		       end - from);
		ret = 0;
	}
	return ret;
}

static int find_symbol(void *arg, const char *name, uint64_t *addr)
{
	struct memory *m = arg;
	const struct table *table = find_table(m, name);

	if (!strcmp(name, "_stext"))
		*addr = m->h->text_base;
	else if (table && is_whole(table))
		*addr = table->address;
	else
		return -ENOENT;
	return 0;
}

static int no_member(void *arg, const char *type, const char *member, size_t *offset,
		     size_t *size)
{
	(void)arg;
	(void)type;
	(void)member;
	(void)offset;
	(void)size;
	return -ENOENT;
}

static int no_enumerator(void *arg, const char *name, int64_t *value)
{
	(void)arg;
	(void)name;
	(void)value;
	return -ENOENT;
}

static const struct merge_mem_ops memory_ops = {
	.read = read_memory,
	.symbol = find_symbol,
	.member = no_member,
	.enumerator = no_enumerator,
};

static int decode(struct memory *m, desc_symbol_fn *fn, void *arg)
{
	const struct merge_mem mem = {
		.ops = &memory_ops, .arg = m, .page_size = m->h->page_size,
		.long_size = m->h->long_size,
		.big_endian = m->h->flags & TRACE_PERSIST_BIG_ENDIAN,
	};
	struct vmcore vm;
	int ret = vmcore_init(&vm, &mem);

	if (!ret)
		ret = kallsyms_image(&vm, fn, arg);
	vmcore_deinit(&vm);
	/* some tables are there: what is missing was */
	return ret == -EFAULT || ret == -ENODATA ? -EBADMSG : ret;
}

int persist_symbols_image(const struct persist_header *h, const struct persist_tables *t,
			  desc_symbol_fn *fn, void *arg)
{
	struct memory *m = calloc(1, sizeof(*m));
	int ret = m ? 0 : -ENOMEM;

	if (!m)
		return ret;
	m->h = h;
	ret = load_memory(m, t);
	if (!ret && !m->nr)
		ret = -ENODATA;
	if (!ret)
		ret = decode(m, fn, arg);
	for (size_t i = 0; i < m->nr; i++)
		free(m->tables[i].bytes);
	free(m);
	return ret;
}

/* ---- Modules -------------------------------------------------------------- */

/* A part of a module's memory; @rank: the order of writing */
struct part {
	uint64_t start, size;
	uint32_t number;
	size_t rank;
	const char *name;
};

/*
 * @parts, @symbols: by the number of the module, then as they were written: those of
 * one module stand in a row
 */
struct modules {
	struct part *parts;
	size_t nr;
	const struct persist_entry **symbols;
	size_t nr_symbols;
	desc_symbol_fn *fn;
	void *arg;
};

static bool take_part(const struct persist_entry *e, struct part *part)
{
	uint32_t pos = MODULE_HEAD;
	uint64_t end;
	struct cursor c;

	cursor_init(&c, e->data, e->size, false);
	part->start = cursor_u64(&c);
	part->size = cursor_u64(&c);
	part->number = e->number;
	part->name = persist_entry_text(e, &pos);
	return part->name && *part->name &&
		!__builtin_add_overflow(part->start, part->size, &end);
}

static int compare_parts(const void *a, const void *b)
{
	const struct part *x = a, *y = b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return x->rank < y->rank ? -1 : x->rank > y->rank;
}

static int compare_symbols(const void *a, const void *b)
{
	const struct persist_entry *x = *(const struct persist_entry *const *)a;
	const struct persist_entry *y = *(const struct persist_entry *const *)b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return x < y ? -1 : x > y;
}

static int load_modules(struct modules *m, const struct persist_tables *t)
{
	m->parts = calloc(t->nr + 1, sizeof(*m->parts));
	m->symbols = calloc(t->nr + 1, sizeof(*m->symbols));
	if (!m->parts || !m->symbols)
		return -ENOMEM;
	for (size_t i = 0; i < t->nr; i++) {
		const struct persist_entry *e = &t->entries[i];

		if (e->type == TRACE_PERSIST_MODULE_SYMBOLS)
			m->symbols[m->nr_symbols++] = e;
		if (e->type != TRACE_PERSIST_MODULE || m->nr == MAX_PARTS ||
		    !take_part(e, &m->parts[m->nr]))
			continue;
		m->parts[m->nr].rank = i;
		m->nr++;
	}
	qsort(m->parts, m->nr, sizeof(*m->parts), compare_parts);
	qsort(m->symbols, m->nr_symbols, sizeof(*m->symbols), compare_symbols);
	return 0;
}

/* Whether another module has some of the memory of part @a, and was loaded later */
static bool is_taken(const struct modules *m, const struct part *a)
{
	for (size_t i = 0; i < m->nr; i++) {
		const struct part *b = &m->parts[i];

		if (b->number != a->number && b->rank > a->rank &&
		    a->start < b->start + b->size && b->start < a->start + a->size)
			return true;
	}
	return false;
}

/* The symbols in one entry; *@named: there are some */
static int give_entry(const struct modules *m, const struct persist_entry *e,
		      const char *module, bool *named)
{
	uint32_t pos = 0;
	int ret = 0;

	while (!ret && e->size - pos > SYMBOL_HEAD) {
		const char *name;
		uint64_t addr;
		uint8_t type;
		struct cursor c;

		cursor_init(&c, e->data, e->size, false);
		cursor_seek(&c, pos);
		addr = cursor_u64(&c);
		type = cursor_u8(&c);
		pos += SYMBOL_HEAD;
		name = persist_entry_text(e, &pos);
		if (!name)
			break;
		*named = true;
		if (*name)
			ret = m->fn(m->arg, addr, (char)type, name, module);
	}
	return ret;
}

/* Those of the module whose parts begin at @first; *@next: those of the one behind it */
static int give_symbols(const struct modules *m, const struct part *first, size_t *next,
			bool *named)
{
	int ret = 0;

	while (*next < m->nr_symbols && m->symbols[*next]->number < first->number)
		++*next;
	for (; !ret && *next < m->nr_symbols && m->symbols[*next]->number == first->number;
	     ++*next)
		ret = give_entry(m, m->symbols[*next], first->name, named);
	return ret;
}

/* Where a part ends; of a module without symbols where it begins, too */
static int give_part(const struct modules *m, const struct part *p, bool named)
{
	char name[80];
	int ret = 0;

	snprintf(name, sizeof(name), "[%.64s]", p->name);
	if (!named)
		ret = m->fn(m->arg, p->start, 't', name, p->name);
	return ret ? ret : m->fn(m->arg, p->start + p->size, 0, NULL, p->name);
}

int persist_symbols_modules(const struct persist_tables *t, desc_symbol_fn *fn, void *arg,
			    unsigned int *gone)
{
	struct modules m = { .fn = fn, .arg = arg };
	int ret = load_modules(&m, t);
	size_t next = 0;

	*gone = 0;
	for (size_t i = 0, end; !ret && i < m.nr; i = end) {
		bool named = false, taken = false;

		for (end = i; end < m.nr && m.parts[end].number == m.parts[i].number; end++)
			taken = taken || is_taken(&m, &m.parts[end]);
		*gone += taken;
		if (taken)
			continue;
		ret = give_symbols(&m, &m.parts[i], &next, &named);
		for (size_t p = i; !ret && p < end; p++)
			ret = give_part(&m, &m.parts[p], named);
	}
	free(m.parts);
	free(m.symbols);
	return ret;
}
