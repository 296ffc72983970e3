// SPDX-License-Identifier: GPL-2.0-or-later
/* A crashed kernel from a description in text: see mkkernel.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mkkernel.h"

_Noreturn void kernel_give_up(const struct kernel *k)
{
	fprintf(stderr, "mkkernel: this makes no sense: %s\n", k->line);
	abort();
}

uint64_t kernel_option(const char *line, const char *key, uint64_t fallback)
{
	char label[32];
	const char *found;

	snprintf(label, sizeof(label), " %s=", key);
	found = strstr(line, label);
	return found ? strtoull(found + strlen(label), NULL, 0) : fallback;
}

const char *kernel_rest(struct kernel *k, unsigned int i)
{
	const char *text = k->line;

	for (; i; i--) {
		text += strcspn(text, " ");
		text += strspn(text, " ");
	}
	return text;
}

void kernel_word(struct kernel *k, unsigned int i, char *word, size_t size)
{
	const char *text = kernel_rest(k, i);
	size_t len = strcspn(text, " ");

	if (!len || len >= size)
		kernel_give_up(k);
	memcpy(word, text, len);
	word[len] = 0;
}

uint64_t kernel_number(struct kernel *k, unsigned int i)
{
	const char *text = kernel_rest(k, i);
	char *end;
	uint64_t value = strtoull(text, &end, 0);

	if (end == text)
		kernel_give_up(k);
	return value;
}

static void do_version(struct kernel *k)
{
	k->version = kernel_number(k, 1);
}

static void do_long(struct kernel *k)
{
	k->mem.long_size = kernel_number(k, 1);
	k->next = 0xc0100000;
}

static void do_big(struct kernel *k)
{
	k->mem.big_endian = true;
}

static void do_pagesize(struct kernel *k)
{
	k->mem.page_size = kernel_number(k, 1);
}

static void do_at(struct kernel *k)
{
	k->next = kernel_number(k, 1);
}

static void do_alloc(struct kernel *k)
{
	char label[64];

	kernel_word(k, 1, label, sizeof(label));
	kernel_alloc(k, kernel_number(k, 2), "%s", label);
}

static void do_string(struct kernel *k)
{
	char label[64];

	kernel_word(k, 1, label, sizeof(label));
	kernel_string(k, kernel_rest(k, 2), label);
}

/* Word @i: a number or a place */
static uint64_t value_at(struct kernel *k, unsigned int i)
{
	char word[128], *end;
	uint64_t value;

	kernel_word(k, i, word, sizeof(word));
	value = strtoull(word, &end, 0);
	return *end ? kernel_place(k, word) : value;
}

static void do_symbol(struct kernel *k)
{
	char name[64];

	kernel_word(k, 1, name, sizeof(name));
	kernel_name(k, 's', name, value_at(k, 2));
}

static void do_enumerator(struct kernel *k)
{
	char name[64];

	kernel_word(k, 1, name, sizeof(name));
	kernel_name(k, 'e', name, kernel_number(k, 2));
}

static void do_without(struct kernel *k)
{
	char name[64];

	kernel_word(k, 1, name, sizeof(name));
	kernel_name(k, 'w', name, 0);
}

static void do_set(struct kernel *k)
{
	size_t offset, size = k->mem.long_size;
	char place[128], *member;

	kernel_word(k, 1, place, sizeof(place));
	member = strchr(place, '+') ? NULL : strrchr(place, ':');
	if (member && (!kernel_member(k, kernel_member_id(member + 1), &offset, &size) || size > 8))
		size = k->mem.long_size;
	kernel_put(k, kernel_place(k, place), size, value_at(k, 2));
}

static struct kernel_page *page_of_line(struct kernel *k)
{
	struct kernel_page *page = kernel_page(k, value_at(k, 1));

	if (!page)
		kernel_give_up(k);
	return page;
}

static void do_unmap(struct kernel *k)
{
	page_of_line(k)->status = -EFAULT;
}

static void do_exclude(struct kernel *k)
{
	page_of_line(k)->status = -ENODATA;
}

static void do_zero(struct kernel *k)
{
	memset(page_of_line(k)->bytes, 0, k->mem.page_size);
}

static const struct kernel_word words[] = {
	{ "version", do_version }, { "long", do_long }, { "big", do_big },
	{ "pagesize", do_pagesize }, { "at", do_at }, { "alloc", do_alloc },
	{ "string", do_string }, { "symbol", do_symbol }, { "enumerator", do_enumerator },
	{ "without", do_without }, { "set", do_set }, { "unmap", do_unmap },
	{ "exclude", do_exclude }, { "zero", do_zero }, { NULL, NULL }
};

static const struct kernel_word *const tables[] = {
	words, kernel_ring_words, kernel_desc_words, kernel_user_words,
};

static void run_line(struct kernel *k)
{
	size_t len = strcspn(k->line, " ");

	for (size_t t = 0; t < sizeof(tables) / sizeof(*tables); t++)
		for (const struct kernel_word *word = tables[t]; word->name; word++)
			if (strlen(word->name) == len && !strncmp(k->line, word->name, len)) {
				kernel_ring_finish(k);
				word->run(k);
				return;
			}
	kernel_ring_line(k);
}

void kernel_add(struct kernel *k, const char *text)
{
	char *copy = strdup(text), *rest = copy;

	while ((k->line = strsep(&rest, "\n"))) {
		k->line += strspn(k->line, "\t ");
		if (k->line[0])
			run_line(k);
	}
	k->line = "(the end)";
	kernel_ring_finish(k);
	free(copy);
}

struct kernel *kernel_open(const char *text, const char *more)
{
	struct kernel *k = calloc(1, sizeof(*k));

	if (!k)
		abort();
	k->mem = (struct merge_mem){
		.ops = &kernel_ops, .arg = k, .page_size = 4096, .long_size = 8,
	};
	k->version = 612;
	k->next = 0xffff888000100000;
	kernel_add(k, text);
	if (more)
		kernel_add(k, more);
	return k;
}

void kernel_close(struct kernel *k)
{
	for (size_t i = 0; i < k->nr_pages; i++)
		free(k->pages[i].bytes);
	free(k->pages);
	free(k->names);
	free(k);
}

unsigned int kernel_reads(struct kernel *k, const char *place)
{
	return kernel_page(k, kernel_place(k, place))->reads;
}

/* The label of @addr, NULL without one */
static const char *label_of(const struct kernel *k, uint64_t addr)
{
	for (size_t i = 0; i < k->nr_names; i++)
		if (strchr("ls", k->names[i].kind) && k->names[i].value == addr)
			return k->names[i].name;
	return NULL;
}

char *kernel_relabel(struct kernel *k, char *text)
{
	char *got, *end;
	size_t size;
	FILE *out = open_memstream(&got, &size);

	for (const char *p = text; *p; p++) {
		const char *label = strncmp(p, "0x", 2) ? NULL : label_of(k, strtoull(p, &end, 0));

		if (label)
			fprintf(out, "0x%s", label);
		else
			fputc(*p, out);
		if (label)
			p = end - 1;
	}
	fclose(out);
	free(text);
	return got;
}
