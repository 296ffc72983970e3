// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading trace.dat: see dat.h. */
#include <CUnit/CUnit.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dat.h"
#include "page.h"

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

static void open_v7(struct dat *dat, const uint8_t *p)
{
	CU_ASSERT_STRING_EQUAL(take_text(&p), "none");
	CU_ASSERT_STRING_EQUAL(take_text(&p), "");
	read_sections(dat, (uint64_t)(p + 8 - dat->bytes));
	read_options(dat, dat_number(dat, p, 8));
}

/* ---- Version 6 ----------------------------------------------------------- */

static void add_section(struct dat *dat, unsigned int id, const uint8_t *start,
			const uint8_t *end)
{
	struct dat_section *s = &dat->sections[dat->nr_sections++];

	s->id = id;
	s->offset = (uint64_t)(start - dat->bytes);
	s->data = start;
	s->size = (uint64_t)(end - start);
}

/* A size of @width bytes, and as much */
static const uint8_t *skip_sized(const struct dat *dat, const uint8_t *p, unsigned int width)
{
	uint64_t size = take_number(dat, &p, width);

	CU_ASSERT_TRUE_FATAL(size <= (uint64_t)(dat->bytes + dat->size - p));
	return p + size;
}

static const uint8_t *skip_formats(const struct dat *dat, const uint8_t *p)
{
	for (uint64_t n = take_number(dat, &p, 4); n; n--)
		p = skip_sized(dat, p, 8);
	return p;
}

static const uint8_t *skip_systems(const struct dat *dat, const uint8_t *p)
{
	for (uint64_t n = take_number(dat, &p, 4); n; n--) {
		take_text(&p);
		p = skip_formats(dat, p);
	}
	return p;
}

static const uint8_t *read_descriptions(struct dat *dat, const uint8_t *p)
{
	const uint8_t *start = p;

	take_text(&p);
	p = skip_sized(dat, p, 8);
	take_text(&p);
	p = skip_sized(dat, p, 8);
	add_section(dat, HEADER_INFO, start, p);
	start = p, p = skip_formats(dat, p);
	add_section(dat, FTRACE_EVENTS, start, p);
	start = p, p = skip_systems(dat, p);
	add_section(dat, EVENT_FORMATS, start, p);
	start = p, p = skip_sized(dat, p, 4);
	add_section(dat, KALLSYMS, start, p);
	start = p, p = skip_sized(dat, p, 4);
	add_section(dat, PRINTK, start, p);
	start = p, p = skip_sized(dat, p, 8);
	add_section(dat, CMDLINES, start, p);
	return p;
}

/* "flyrecord" and a table of CPUs */
static const uint8_t *read_table(struct dat *dat, struct dat_ring *ring, const uint8_t *p)
{
	ring->section = (uint64_t)(p - dat->bytes);
	CU_ASSERT_STRING_EQUAL_FATAL(take_text(&p), "flyrecord");
	ring->page_size = dat->page_size;
	for (uint32_t i = 0; i < dat->nr_cpus; i++) {
		struct dat_ring_cpu *cpu = &ring->cpus[ring->nr_cpus];

		cpu->cpu = i;
		cpu->offset = take_number(dat, &p, 8);
		cpu->size = take_number(dat, &p, 8);
		if (cpu->size)
			ring->nr_cpus++;
		else
			CU_ASSERT_EQUAL(cpu->offset, 0);
	}
	return p;
}

static void read_ring_v6(struct dat *dat, const struct dat_option *option)
{
	struct dat_ring *ring = &dat->rings[dat->nr_rings++];
	const uint8_t *p = option->data;
	uint64_t at = take_number(dat, &p, 8);

	CU_ASSERT_FATAL(dat->nr_rings < 8);
	ring->name = take_text(&p);
	CU_ASSERT_PTR_EQUAL(p, option->data + option->size);
	p = read_table(dat, ring, dat->bytes + at);
	CU_ASSERT_EQUAL(p[8], '[');
	ring->clock = (const char *)p + 8;
	CU_ASSERT_EQUAL(ring->clock[dat_number(dat, p, 8) - 1], ']');
}

static const uint8_t *read_options_v6(struct dat *dat, const uint8_t *p)
{
	struct dat_option *option;
	unsigned int id;

	CU_ASSERT_STRING_EQUAL_FATAL(take_text(&p), "options  ");
	while ((id = (unsigned int)take_number(dat, &p, 2))) {
		option = &dat->options[dat->nr_options++];
		CU_ASSERT_FATAL(dat->nr_options < 80);
		option->id = id;
		option->size = (uint32_t)take_number(dat, &p, 4);
		option->data = p;
		p += option->size;
	}
	return p;
}

static void open_v6(struct dat *dat, const uint8_t *p)
{
	p = read_descriptions(dat, p);
	dat->nr_cpus = (uint32_t)take_number(dat, &p, 4);
	CU_ASSERT_FATAL(dat->nr_cpus <= 8);
	p = read_options_v6(dat, p);
	dat->rings[dat->nr_rings++].name = "";
	p = read_table(dat, &dat->rings[0], p);
	for (size_t i = 0; i < dat->nr_options; i++) {
		if (dat->options[i].id == TRACECLOCK)
			dat->clock = strndup((const char *)p + 8, dat_number(dat, p, 8));
		if (dat->options[i].id == BUFFER)
			read_ring_v6(dat, &dat->options[i]);
	}
}

struct dat *dat_open(const char *path)
{
	static const uint8_t magic[] = { 0x17, 0x08, 0x44 };
	struct dat *dat = calloc(1, sizeof(*dat));
	const uint8_t *p;
	const char *text;

	read_file(dat, path);
	CU_ASSERT_FATAL(dat->size > 40);
	CU_ASSERT_EQUAL_FATAL(memcmp(dat->bytes, magic, sizeof(magic)), 0);
	p = dat->bytes + sizeof(magic);
	text = take_text(&p);
	CU_ASSERT_FATAL(!strcmp(text, "tracing6") || !strcmp(text, "tracing7"));
	dat->version = text[7] - '0';
	dat->big_endian = *p++;
	dat->long_size = *p++;
	dat->page_size = (uint32_t)take_number(dat, &p, 4);
	if (dat->version == 6)
		open_v6(dat, p);
	else
		open_v7(dat, p);
	return dat;
}

void dat_close(struct dat *dat)
{
	free(dat->clock);
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
	const struct dat_section *s = dat->sections;
	const struct dat_option *o;

	if (dat->version == 6) {
		while (s->id != id)
			CU_ASSERT_FATAL(++s < dat->sections + dat->nr_sections);
		return s;
	}
	o = dat_option(dat, id);
	s = section_at(dat, dat_number(dat, o->data, 8));
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

static void print_page(const struct dat *dat, const uint8_t *data, uint32_t size, FILE *out)
{
	struct subbuf sb = { .data = data, .size = size };
	struct page_event ev;
	struct page page;

	CU_ASSERT_EQUAL(page_load(&page, &sb, size, dat->long_size, dat->big_endian), 0);
	if (page.lost == MERGE_LOST_UNKNOWN)
		fprintf(out, "lost ?\n");
	else if (page.lost)
		fprintf(out, "lost %" PRIu64 "\n", page.lost);
	while (page_next(&page, &ev)) {
		const uint8_t *number = (const uint8_t *)ev.data + 4;

		fprintf(out, "%" PRIu64 " %u\n", ev.ts, number[1] << 8 | number[0]);
	}
}

char *dat_events(const struct dat *dat, const struct dat_ring *ring,
		 const struct dat_ring_cpu *cpu)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	CU_ASSERT_EQUAL_FATAL(cpu->size % ring->page_size, 0);
	CU_ASSERT_EQUAL(cpu->offset % ring->page_size, 0);
	CU_ASSERT_FATAL(cpu->offset + cpu->size <= dat->size);
	for (uint64_t at = 0; at < cpu->size; at += ring->page_size)
		print_page(dat, dat->bytes + cpu->offset + at, ring->page_size, out);
	fclose(out);
	return text;
}
