// SPDX-License-Identifier: LGPL-2.1-or-later
/* Names in memory that was freed: see symbols_freed.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "symbols_freed.h"

/* Both strings are in one block, which begins with @name */
struct function {
	uint64_t start, end;
	char *name;
	const char *module;
};

struct symbols_freed {
	struct function *array;
	size_t count, capacity;
	uint32_t page_size;
};

struct symbols_freed *symbols_freed_create(uint32_t page_size)
{
	struct symbols_freed *s = calloc(1, sizeof(*s));

	if (s)
		s->page_size = page_size;
	return s;
}

void symbols_freed_destroy(struct symbols_freed *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->count; i++)
		free(s->array[i].name);
	free(s->array);
	free(s);
}

static int grow(struct symbols_freed *s)
{
	size_t capacity = s->capacity ? 2 * s->capacity : 256;
	struct function *array;

	if (s->count < s->capacity)
		return 0;
	array = reallocarray(s->array, capacity, sizeof(*array));
	if (!array)
		return -ENOMEM;
	s->array = array;
	s->capacity = capacity;
	return 0;
}

int symbols_freed_add(struct symbols_freed *s, uint64_t addr, const char *name,
		      const char *module)
{
	struct function f = { .start = addr, .end = (addr | (s->page_size - 1)) + 1 };
	size_t len;

	if (!name) {
		if (s->count)
			s->array[s->count - 1].end = addr;
		return 0;
	}
	if (grow(s))
		return -ENOMEM;
	len = strlen(name) + 1;
	f.name = malloc(len + strlen(module) + 1);
	if (!f.name)
		return -ENOMEM;
	memcpy(f.name, name, len);
	f.module = strcpy(f.name + len, module);
	s->array[s->count++] = f;
	return 0;
}

int symbols_freed_find(const struct symbols_freed *s, uint64_t addr, struct desc_place *place)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct function *f = &s->array[i];

		if (addr < f->start || addr >= f->end)
			continue;
		*place = (struct desc_place){ .name = f->name, .module = f->module,
					      .start = f->start, .size = f->end - f->start };
		return 0;
	}
	return -ENOENT;
}
