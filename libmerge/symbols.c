// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Symbols in one array sorted by address; all names in one pool.
 *
 * Where the image begins and ends is known from its own symbols, where a part of
 * a module's memory ends from entries without a name. Where those are unreadable
 * it is taken to end on the page behind its last symbol, so that code between
 * modules (BPF programs, trampolines) does not get a module's name.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "symbols.h"

/* Symbols of one module further apart, in pages, are not both of its text */
#define MODULE_GAP	16u

/*
 * @name, @module: offsets in the pool; module 0 for the image; name 0 where a part
 *	of the module's memory ends
 * @rank: order of arrival, which decides between aliases as in the kernel
 */
struct symbol {
	uint64_t addr;
	uint32_t name;
	uint32_t module;
	uint32_t rank;
};

/*
 * @image_start, @image_end: _stext and _end; 0 while not seen
 * @last_module: offset of the module's name that came last
 */
struct desc_symbols {
	struct symbol *array;
	size_t count;
	size_t capacity;
	char *pool;
	size_t pool_used;
	size_t pool_size;
	uint64_t image_start;
	uint64_t image_end;
	uint32_t last_module;
	uint32_t page_size;
};

struct desc_symbols *symbols_create(uint32_t page_size)
{
	struct desc_symbols *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->page_size = page_size;
	/* offset 0 means "no module" */
	s->pool_used = 1;
	return s;
}

void symbols_destroy(struct desc_symbols *s)
{
	if (!s)
		return;
	free(s->array);
	free(s->pool);
	free(s);
}

static int pool_add(struct desc_symbols *s, const char *text, uint32_t *offset)
{
	size_t len = strlen(text) + 1;
	size_t size = s->pool_size ? s->pool_size : 65536;
	char *pool;

	while (size - s->pool_used < len)
		size *= 2;
	if (size > UINT32_MAX)
		return -ENOMEM;
	if (size != s->pool_size) {
		pool = realloc(s->pool, size);
		if (!pool)
			return -ENOMEM;
		s->pool = pool;
		s->pool_size = size;
	}
	memcpy(s->pool + s->pool_used, text, len);
	*offset = (uint32_t)s->pool_used;
	s->pool_used += len;
	return 0;
}

/* Symbols of one module come in a row */
static int module_add(struct desc_symbols *s, const char *module, uint32_t *offset)
{
	int ret = 0;

	if (!s->last_module || strcmp(s->pool + s->last_module, module))
		ret = pool_add(s, module, &s->last_module);
	if (!ret)
		*offset = s->last_module;
	return ret;
}

static int array_grow(struct desc_symbols *s)
{
	size_t capacity = s->capacity ? 2 * s->capacity : 16384;
	struct symbol *array;

	if (s->count < s->capacity)
		return 0;
	array = reallocarray(s->array, capacity, sizeof(*array));
	if (!array)
		return -ENOMEM;
	s->array = array;
	s->capacity = capacity;
	return 0;
}

static void image_note(struct desc_symbols *s, uint64_t addr, const char *name)
{
	if (!strcmp(name, "_stext") || (!s->image_start && !strcmp(name, "_text")))
		s->image_start = addr;
	else if (!strcmp(name, "_end"))
		s->image_end = addr;
}

/* Marks of the assembler's: listed, and no names of addresses to the kernel either */
static bool is_mark(const char *name)
{
	return !strncmp(name, ".L", 2) ||
	       (name[0] == '$' && name[1] && strchr("adtx", name[1]) &&
		(!name[2] || name[2] == '.'));
}

int symbols_add(struct desc_symbols *s, uint64_t addr, const char *name,
		const char *module)
{
	struct symbol sym = { .addr = addr, .rank = (uint32_t)s->count };

	if (module && name && is_mark(name))
		return 0;
	if (array_grow(s) || (name && pool_add(s, name, &sym.name)))
		return -ENOMEM;
	if (module && module_add(s, module, &sym.module))
		return -ENOMEM;
	if (!module && name)
		image_note(s, addr, name);
	s->array[s->count++] = sym;
	return 0;
}

static int symbol_compare(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	/* what ends does so before anything begins */
	if (!x->name != !y->name)
		return x->name ? 1 : -1;
	return x->rank < y->rank ? -1 : x->rank > y->rank;
}

void symbols_sort(struct desc_symbols *s)
{
	if (s->count)
		qsort(s->array, s->count, sizeof(*s->array), symbol_compare);
}

/* Number of symbols at or below @addr */
static size_t count_below(const struct desc_symbols *s, uint64_t addr)
{
	size_t low = 0, high = s->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (s->array[mid].addr <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Where the next symbol of the same image or module is; 0 when there is none near */
static uint64_t next_start(const struct desc_symbols *s, size_t i)
{
	const struct symbol *sym = &s->array[i], *next = sym;

	while (next < s->array + s->count && next->addr == sym->addr)
		next++;
	if (next == s->array + s->count || next->module != sym->module)
		return 0;
	/* behind a module's text, somewhere else, may be its data */
	if (sym->module && next->addr - sym->addr > MODULE_GAP * (uint64_t)s->page_size)
		return 0;
	return next->addr;
}

/* Whether @addr still belongs to symbol @i, the nearest one at or below */
static bool symbol_covers(const struct desc_symbols *s, size_t i, uint64_t addr)
{
	const struct symbol *sym = &s->array[i];
	uint64_t page = sym->addr & ~(uint64_t)(s->page_size - 1);

	if (!sym->name)
		return false;
	if (!sym->module && addr < s->image_start)
		return false;
	if (!sym->module && s->image_end)
		return addr < s->image_end;
	return next_start(s, i) || addr < page + 2 * (uint64_t)s->page_size;
}

int symbols_find(const struct desc_symbols *s, uint64_t addr, struct desc_place *place)
{
	size_t i = count_below(s, addr);
	uint64_t next;

	if (!i || !symbol_covers(s, i - 1, addr))
		return -ENOENT;
	next = next_start(s, i - 1);
	for (i--; i && s->array[i - 1].addr == s->array[i].addr && s->array[i - 1].name;)
		i--;

	place->name = s->pool + s->array[i].name;
	place->module = s->array[i].module ? s->pool + s->array[i].module : NULL;
	place->start = s->array[i].addr;
	place->size = next ? next - place->start : 0;
	return 0;
}
