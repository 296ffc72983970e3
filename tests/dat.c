// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading trace.dat: see dat.h. */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dat.h"

#define OPTIONS	0
#define BUFFER	3

static void read_file(struct dat *dat, const char *path)
{
	FILE *file = fopen(path, "r");

	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	fseek(file, 0, SEEK_END);
	dat->size = (size_t)ftell(file);
	rewind(file);
	dat->bytes = malloc(dat->size + 1);
	CU_ASSERT_EQUAL_FATAL(fread(dat->bytes, 1, dat->size, file), dat->size);
	fclose(file);
}

uint64_t dat_number(const struct dat *dat, const uint8_t *data, unsigned int size)
{
	uint64_t value = 0;

	CU_ASSERT_TRUE_FATAL(data >= dat->bytes && data + size <= dat->bytes + dat->size);
	for (unsigned int i = 0; i < size; i++)
		value = value << 8 | data[dat->big_endian ? i : size - 1 - i];
	return value;
}

/* Sections follow each other to the end of the file */
static void read_sections(struct dat *dat, uint64_t pos)
{
	while (pos < dat->size) {
		struct dat_section *s = &dat->sections[dat->nr_sections++];

		CU_ASSERT_FATAL(dat->nr_sections < 40);
		s->id = (unsigned int)dat_number(dat, dat->bytes + pos, 2);
		s->offset = pos;
		/* not compressed, no description */
		CU_ASSERT_EQUAL_FATAL(dat_number(dat, dat->bytes + pos + 2, 2), 0);
		CU_ASSERT_EQUAL_FATAL(dat_number(dat, dat->bytes + pos + 4, 4), UINT32_MAX);
		s->size = dat_number(dat, dat->bytes + pos + 8, 8);
		s->data = dat->bytes + pos + 16;
		pos += 16 + s->size;
	}
	CU_ASSERT_EQUAL_FATAL(pos, dat->size);
}

static const struct dat_section *section_at(const struct dat *dat, uint64_t offset)
{
	for (size_t i = 0; i < dat->nr_sections; i++) {
		if (dat->sections[i].offset == offset)
			return &dat->sections[i];
	}
	CU_FAIL_FATAL("an offset that is no section's");
	return NULL;
}

static const char *take_text(const uint8_t **p)
{
	const char *text = (const char *)*p;

	*p += strlen(text) + 1;
	return text;
}

static uint64_t take_number(const struct dat *dat, const uint8_t **p, unsigned int size)
{
	*p += size;
	return dat_number(dat, *p - size, size);
}

static void read_ring(struct dat *dat, const struct dat_option *option)
{
	struct dat_ring *ring = &dat->rings[dat->nr_rings++];
	const uint8_t *p = option->data;

	CU_ASSERT_FATAL(dat->nr_rings < 8);
	ring->section = take_number(dat, &p, 8);
	ring->name = take_text(&p);
	ring->clock = take_text(&p);
	ring->page_size = (uint32_t)take_number(dat, &p, 4);
	ring->nr_cpus = (uint32_t)take_number(dat, &p, 4);
	CU_ASSERT_FATAL(ring->nr_cpus <= 8);
	for (uint32_t i = 0; i < ring->nr_cpus; i++) {
		ring->cpus[i].cpu = (uint32_t)take_number(dat, &p, 4);
		ring->cpus[i].offset = take_number(dat, &p, 8);
		ring->cpus[i].size = take_number(dat, &p, 8);
	}
	CU_ASSERT_PTR_EQUAL(p, option->data + option->size);
	CU_ASSERT_EQUAL(section_at(dat, ring->section)->id, BUFFER);
}

static void read_options(struct dat *dat, uint64_t offset)
{
	const struct dat_section *s = section_at(dat, offset);
	const uint8_t *p = s->data;
	struct dat_option *option;

	CU_ASSERT_EQUAL_FATAL(s->id, OPTIONS);
	do {
		option = &dat->options[dat->nr_options++];
		CU_ASSERT_FATAL(dat->nr_options < 80);
		option->id = (unsigned int)take_number(dat, &p, 2);
		option->size = (uint32_t)take_number(dat, &p, 4);
		option->data = p;
		p += option->size;
		CU_ASSERT_TRUE_FATAL(p <= s->data + s->size);
		if (option->id == BUFFER)
			read_ring(dat, option);
	} while (option->id != OPTIONS);
	/* the last one says where more options are: nowhere */
	CU_ASSERT_EQUAL(option->size, 8);
	CU_ASSERT_EQUAL(dat_number(dat, option->data, 8), 0);
	CU_ASSERT_PTR_EQUAL(p, s->data + s->size);
}

struct dat *dat_open(const char *path)
{
	static const uint8_t magic[] = "\x17\x08\x44tracing7";
	struct dat *dat = calloc(1, sizeof(*dat));
	const uint8_t *p;

	read_file(dat, path);
	CU_ASSERT_FATAL(dat->size > 40);
	CU_ASSERT_EQUAL_FATAL(memcmp(dat->bytes, magic, sizeof(magic)), 0);
	p = dat->bytes + sizeof(magic);
	dat->big_endian = *p++;
	dat->long_size = *p++;
	dat->page_size = (uint32_t)take_number(dat, &p, 4);
	CU_ASSERT_STRING_EQUAL(take_text(&p), "none");
	CU_ASSERT_STRING_EQUAL(take_text(&p), "");
	read_sections(dat, (uint64_t)(p + 8 - dat->bytes));
	read_options(dat, dat_number(dat, p, 8));
	return dat;
}

void dat_close(struct dat *dat)
{
	free(dat->bytes);
	free(dat);
}

const struct dat_option *dat_option(const struct dat *dat, unsigned int id)
{
	const struct dat_option *found = NULL;

	for (size_t i = 0; i < dat->nr_options; i++) {
		if (dat->options[i].id != id)
			continue;
		CU_ASSERT_PTR_NULL(found);
		found = &dat->options[i];
	}
	CU_ASSERT_PTR_NOT_NULL_FATAL(found);
	return found;
}

char *dat_texts(const struct dat *dat, unsigned int id)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (size_t i = 0; i < dat->nr_options; i++) {
		const struct dat_option *o = &dat->options[i];

		if (o->id != id)
			continue;
		CU_ASSERT_EQUAL(strnlen((const char *)o->data, o->size) + 1, o->size);
		fprintf(out, "%s|", (const char *)o->data);
	}
	fclose(out);
	return text;
}

const struct dat_section *dat_section(const struct dat *dat, unsigned int id)
{
	const struct dat_option *o = dat_option(dat, id);
	const struct dat_section *s = section_at(dat, dat_number(dat, o->data, 8));

	CU_ASSERT_EQUAL(o->size, 8);
	CU_ASSERT_EQUAL(s->id, id);
	return s;
}

char *dat_section_text(const struct dat *dat, unsigned int id, unsigned int size_bytes)
{
	const struct dat_section *s = dat_section(dat, id);
	uint64_t size = dat_number(dat, s->data, size_bytes);

	CU_ASSERT_EQUAL_FATAL(size + size_bytes, s->size);
	return strndup((const char *)s->data + size_bytes, size);
}
