// SPDX-License-Identifier: GPL-2.0-or-later
/* Persistent regions in memory: see mkpersist.h. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "describe.h"
#include "mkpersist.h"

#define ALIGN		4096u
#define NR_COMMS	64u
#define PIECE		64u	/* of the kernel's tables, so that there are several */
#define TABLES_SPARE	4096u
#define STEXT		0xffffffff81000000u
#define LOW		0x80000000u
#define HEADER(field)	offsetof(struct trace_persist_header, field)
#define SEAL(field)	offsetof(struct trace_persist_seal, field)
#define ENTRY(field)	offsetof(struct trace_persist_entry, field)

static uint64_t align(uint64_t n, uint64_t to)
{
	return (n + to - 1) / to * to;
}

void persist_put(struct persist_made *m, uint64_t at, size_t size, uint64_t value)
{
	if (at + size > m->size)
		abort();
	for (size_t i = 0; i < size; i++)
		m->data[at + i] = (uint8_t)(value >> 8 * i);
}

uint64_t persist_get(const struct persist_made *m, uint64_t at, size_t size)
{
	uint64_t value = 0;

	if (at + size > m->size)
		abort();
	for (size_t i = 0; i < size; i++)
		value |= (uint64_t)m->data[at + i] << 8 * i;
	return value;
}

uint32_t persist_crc(uint32_t crc, const void *data, size_t size)
{
	const uint8_t *bytes = data;

	crc = ~crc;
	for (size_t i = 0; i < size; i++) {
		crc ^= bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return ~crc;
}

void persist_sign(struct persist_made *m, unsigned int copy)
{
	uint64_t at = m->copies[copy];
	uint32_t size = (uint32_t)persist_get(m, at + HEADER(header_size), 4);

	persist_put(m, at + HEADER(crc), 4,
		    persist_crc(0, m->data + at + HEADER(version), size - HEADER(version)));
}

void persist_sign_entry(struct persist_made *m, uint64_t at)
{
	uint32_t size = (uint32_t)persist_get(m, at + ENTRY(size), 4);

	persist_put(m, at + ENTRY(crc), 4,
		    persist_crc(0, m->data + at + ENTRY(arming),
				sizeof(struct trace_persist_entry) - ENTRY(arming) + size));
}

void persist_sign_comm(struct persist_made *m, uint32_t i)
{
	uint64_t at = m->comms + i * sizeof(struct trace_persist_comm);
	uint8_t bytes[24];

	for (int n = 0; n < 4; n++)
		bytes[n] = (uint8_t)(m->arming >> 8 * n);
	memcpy(bytes + 4, m->data + at, 4);
	memcpy(bytes + 8, m->data + at + 8, 16);
	persist_put(m, at + 4, 4, persist_crc(0, bytes, sizeof(bytes)));
}

/* ---- Tables, into a stream ------------------------------------------------ */

struct tables {
	FILE *out;
	uint32_t arming;
	struct merge_desc *d;
	uint64_t base;
	FILE *names, *offsets;
	uint32_t nr_names;
	uint64_t module_start, module_end;
	char module[40];
	uint32_t module_number;
	FILE *module_symbols;
	char *module_text;
	size_t module_size;
	FILE *comms;
};

static void put_number(FILE *out, size_t size, bool big, uint64_t value)
{
	for (size_t i = 0; i < size; i++)
		putc((int)(value >> 8 * (big ? size - 1 - i : i)) & 0xff, out);
}

static void put_entry(struct tables *t, uint32_t type, uint32_t number, const void *payload,
		      size_t size)
{
	uint32_t head[4] = { t->arming, type, number, (uint32_t)size };
	uint8_t bytes[16];
	uint32_t crc;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(head[i / 4] >> 8 * (i % 4));
	crc = persist_crc(persist_crc(0, bytes, sizeof(bytes)), payload, size);
	put_number(t->out, 4, false, TRACE_PERSIST_ENTRY_MAGIC);
	put_number(t->out, 4, false, crc);
	fwrite(bytes, 1, sizeof(bytes), t->out);
	fwrite(payload, 1, size, t->out);
	for (; size % 8; size++)
		putc(0, t->out);
}

static int put_event(void *arg, unsigned int id)
{
	const char *system, *format;
	struct tables *t = arg;
	char *text = NULL;
	size_t size;
	FILE *out;

	if (desc_format(t->d, id, &system, &format))
		return 0;
	out = open_memstream(&text, &size);
	fprintf(out, "%s%c%s%c", system, 0, format, 0);
	fclose(out);
	put_entry(t, TRACE_PERSIST_EVENT, id, text, size);
	free(text);
	return 0;
}

static int put_printk(void *arg, uint64_t addr, const char *format)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	put_number(out, 8, false, addr);
	fprintf(out, "%s%c", format, 0);
	fclose(out);
	put_entry(arg, TRACE_PERSIST_PRINTK, 0, text, size);
	free(text);
	return 0;
}

/* In pieces */
static void put_memory(struct tables *t, const char *name, uint64_t address, const char *bytes,
		       size_t total)
{
	for (size_t at = 0; at < total; at += PIECE) {
		size_t len = total - at < PIECE ? total - at : PIECE;
		char *text = NULL, padded[40] = "";
		size_t size;
		FILE *out = open_memstream(&text, &size);

		strcpy(padded, name);
		put_number(out, 8, false, address);
		put_number(out, 8, false, total);
		put_number(out, 8, false, at);
		fwrite(padded, 1, sizeof(padded), out);
		fwrite(bytes + at, 1, len, out);
		fclose(out);
		put_entry(t, TRACE_PERSIST_MEMORY, 0, text, size);
		free(text);
	}
}

static int end_module(struct tables *t)
{
	char *text = NULL;
	size_t size;
	FILE *out;

	if (!*t->module)
		return 0;
	fclose(t->module_symbols);
	out = open_memstream(&text, &size);
	put_number(out, 8, false, t->module_start);
	put_number(out, 8, false, t->module_end - t->module_start);
	fprintf(out, "%20s", "build-id");
	put_number(out, 4, false, 20);
	fprintf(out, "%s%c", t->module, 0);
	fclose(out);
	put_entry(t, TRACE_PERSIST_MODULE, t->module_number, text, size);
	free(text);
	put_entry(t, TRACE_PERSIST_MODULE_SYMBOLS, t->module_number, t->module_text,
		  t->module_size);
	free(t->module_text);
	t->module_number++;
	*t->module = '\0';
	return 0;
}

/* A module's memory ends where it is said to, or a page behind its last symbol's */
static void module_symbol(struct tables *t, uint64_t addr, char type, const char *name,
			  const char *module)
{
	if (strcmp(t->module, module)) {
		end_module(t);
		snprintf(t->module, sizeof(t->module), "%s", module);
		t->module_start = addr / ALIGN * ALIGN;
		t->module_end = 0;
		t->module_symbols = open_memstream(&t->module_text, &t->module_size);
	}
	if (!name) {
		t->module_end = addr;
		return;
	}
	if (addr < t->module_start)
		t->module_start = addr / ALIGN * ALIGN;
	if (addr >= t->module_end)
		t->module_end = align(addr + 1, ALIGN);
	put_number(t->module_symbols, 8, false, addr);
	fprintf(t->module_symbols, "%c%s%c", type, name, 0);
}

static int put_symbol(void *arg, uint64_t addr, char type, const char *name, const char *module)
{
	struct tables *t = arg;
	size_t len = name ? strlen(name) + 1 : 0;

	if (module) {
		module_symbol(t, addr, type, name, module);
		return 0;
	}
	/* each token is a character */
	if (len > 127)
		putc((int)(len & 0x7f) | 0x80, t->names);
	putc((int)(len > 127 ? len >> 7 : len), t->names);
	fprintf(t->names, "%c%s", type, name);
	/* as kallsyms has it where per-CPU symbols are absolute */
	put_number(t->offsets, 4, t->d->big_endian, addr < LOW ? addr : t->base - 1 - addr);
	t->nr_names++;
	return 0;
}

static int find_base(void *arg, uint64_t addr, char type, const char *name, const char *module)
{
	struct tables *t = arg;

	(void)type;
	if (!module && name && addr >= LOW && addr < t->base)
		t->base = addr;
	return 0;
}

static void put_tokens(struct tables *t, uint64_t address)
{
	char *text = NULL, *index = NULL;
	size_t size, index_size;
	FILE *out = open_memstream(&text, &size), *at = open_memstream(&index, &index_size);

	for (int i = 0; i < 256; i++) {
		put_number(at, 2, t->d->big_endian, (uint64_t)ftell(out));
		if (i)
			putc(i, out);
		putc(0, out);
	}
	fclose(out);
	fclose(at);
	put_memory(t, "kallsyms_token_table", address, text, size);
	put_memory(t, "kallsyms_token_index", address + 4096, index, index_size);
	free(text);
	free(index);
}

static void put_number_table(struct tables *t, const char *name, uint64_t address, size_t size,
			     uint64_t value)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	put_number(out, size, t->d->big_endian, value);
	fclose(out);
	put_memory(t, name, address, text, len);
	free(text);
}

/* None of the tables begins on a page */
static void put_symbols(struct tables *t)
{
	uint64_t place = t->d->long_size == 8 ? 0xffffffff82345678 : 0xc2345678;
	char *names = NULL, *offsets = NULL;
	size_t names_size, offsets_size;

	t->base = UINT64_MAX;
	t->d->ops->each_symbol(t->d, find_base, t);
	t->names = open_memstream(&names, &names_size);
	t->offsets = open_memstream(&offsets, &offsets_size);
	t->d->ops->each_symbol(t->d, put_symbol, t);
	end_module(t);
	fclose(t->names);
	fclose(t->offsets);
	put_memory(t, "kallsyms_names", place, names, names_size);
	put_memory(t, "kallsyms_offsets", place + 0x100000, offsets, offsets_size);
	put_tokens(t, place + 0x200000);
	put_number_table(t, "kallsyms_num_syms", place + 0x300000, 4, t->nr_names);
	put_number_table(t, "kallsyms_relative_base", place + 0x300008, t->d->long_size, t->base);
	free(names);
	free(offsets);
}

static int put_comm(void *arg, int pid, const char *comm)
{
	struct tables *t = arg;
	char padded[16] = "";

	strncpy(padded, comm, sizeof(padded) - 1);
	put_number(t->comms, 4, false, (uint32_t)pid);
	put_number(t->comms, 4, false, 0);
	fwrite(padded, 1, sizeof(padded), t->comms);
	return 0;
}

/* ---- Sub-buffers ---------------------------------------------------------- */

/* The first in time is not the first in memory */
static uint64_t index_of(const struct persist_made *m, size_t cpu, size_t k)
{
	return (k + 2) % (m->cpus[cpu].nr + 1);
}

uint64_t persist_subbuf_at(const struct persist_made *m, size_t cpu, size_t k)
{
	return m->cpus[cpu].subbufs + index_of(m, cpu, k) * m->subbuf_size;
}

uint64_t persist_seal_at(const struct persist_made *m, size_t cpu, size_t k)
{
	return m->cpus[cpu].seals + index_of(m, cpu, k) * sizeof(struct trace_persist_seal);
}

/* A number in the traced kernel's byte order */
static uint64_t get_native(const struct persist_made *m, uint64_t at, size_t size)
{
	uint64_t value = 0;

	for (size_t i = 0; i < size; i++)
		value = value << 8 | m->data[at + (m->big ? i : size - 1 - i)];
	return value;
}

void persist_seal(struct persist_made *m, size_t cpu, size_t k, uint64_t sequence)
{
	uint64_t page = persist_subbuf_at(m, cpu, k), at = persist_seal_at(m, cpu, k);
	uint32_t commit = (uint32_t)get_native(m, page + 8, m->long_size) & 0x3fffffff, crc;
	uint32_t room = m->subbuf_size - 8 - m->long_size;

	persist_put(m, at + SEAL(time_stamp), 8, get_native(m, page, 8));
	persist_put(m, at + SEAL(sequence), 8, sequence);
	persist_put(m, at + SEAL(overrun), 8, 7 * sequence);
	persist_put(m, at + SEAL(dropped), 8, 3);
	persist_put(m, at + SEAL(arming), 4, m->arming);
	persist_put(m, at + SEAL(commit), 4, commit);
	crc = persist_crc(0, m->data + at, TRACE_PERSIST_SEAL_COVERED);
	crc = persist_crc(crc, m->data + page + 8 + m->long_size,
			  commit < room ? commit : room);
	persist_put(m, at + SEAL(crc), 4, crc);
}

static void put_subbufs(struct persist_made *m, struct merge_source *src, size_t cpu,
			size_t consumed)
{
	const struct merge_buffer *buf = &src->buffers[0];
	struct persist_made_cpu *c = &m->cpus[cpu];
	struct merge_error err = { 0 };

	for (size_t k = 0; k < c->nr; k++) {
		struct subbuf sb = { 0 };
		uint8_t *room = calloc(1, m->subbuf_size);

		if (src->ops->read(src, buf, (unsigned int)cpu, k, room, &err, &sb))
			abort();
		memcpy(m->data + persist_subbuf_at(m, cpu, k), sb.data, sb.size);
		free(room);
		if (k + 1 == c->nr)
			continue;
		persist_seal(m, cpu, k, 11 + k);
		if (k < consumed)
			persist_put(m, persist_seal_at(m, cpu, k) + SEAL(consumed), 8, 11 + k);
	}
	/* as the kernel leaves the one it is going to write */
	memset(m->data + persist_subbuf_at(m, cpu, c->nr), 0, 8 + m->long_size);
}

/* ---- The whole ------------------------------------------------------------ */

static void put_text(struct persist_made *m, uint64_t at, const char *text, size_t size)
{
	if (strlen(text) < size)
		strcpy((char *)m->data + at, text);
}

static void put_chunks(struct persist_made *m, uint64_t at)
{
	for (size_t i = 0; i < m->nr_cpus; i++, at += sizeof(struct trace_persist_chunk)) {
		const struct persist_made_cpu *c = &m->cpus[i];
		uint64_t start = c->subbufs - PERSIST_NOTES;

		persist_put(m, at, 4, c->cpu);
		persist_put(m, at + 4, 4, c->nr + 1);
		persist_put(m, at + 8, 8, start);
		persist_put(m, at + 16, 8, PERSIST_NOTES + (c->nr + 1) * m->subbuf_size);
		persist_put(m, at + 24, 8, c->subbufs);
		persist_put(m, at + 32, 8, c->seals);
		memset(m->data + start, 0xee, PERSIST_NOTES);
	}
}

static void put_header(struct persist_made *m, unsigned int copy, const struct merge_source *src,
		       const struct persist_how *how)
{
	const struct merge_desc *d = src->desc;
	uint64_t at = m->copies[copy];
	const struct {
		size_t offset, size;
		uint64_t value;
	} rows[] = {
		{ HEADER(version), 4, 1 },
		{ HEADER(header_size), 4, 640 + 48 * m->nr_cpus },
		{ HEADER(copy_offset), 4, at },
		{ HEADER(update), 8, 5 - copy },
		{ HEADER(generation), 8, how->generation ? how->generation : 1 },
		{ HEADER(slot_size), 8, m->size },
		{ HEADER(slot), 4, how->slot },
		{ HEADER(nr_slots), 4, how->nr_slots ? how->nr_slots : 1 },
		{ HEADER(phys), 8, how->phys ? how->phys : 0x10000000 },
		{ HEADER(arming), 4, m->arming },
		{ HEADER(flags), 4, how->flags | (m->big ? TRACE_PERSIST_BIG_ENDIAN : 0) },
		{ HEADER(page_size), 4, d->page_size },
		{ HEADER(subbuf_size), 4, m->subbuf_size },
		{ HEADER(long_size), 4, m->long_size },
		{ HEADER(nr_chunks), 4, m->nr_cpus },
		{ HEADER(chunk_offset), 4, 640 },
		{ HEADER(chunk_entry_size), 4, 48 },
		{ HEADER(seal_size), 4, 64 },
		{ HEADER(comm_entry_size), 4, 24 },
		{ HEADER(nr_comms), 4, m->nr_comms },
		{ HEADER(nr_cpu_ids), 4, d->nr_cpu_ids },
		{ HEADER(comms_offset), 8, m->comms },
		{ HEADER(tables_offset), 8, m->tables },
		{ HEADER(tables_size), 8, m->tables_size },
		{ HEADER(text_base), 8, m->long_size == 8 ? STEXT : (uint32_t)STEXT },
		{ HEADER(anchor), 8, 1000 },
		{ HEADER(anchor) + 16, 8, 1732795200000000000 },
		{ HEADER(build_id_size), 4, 20 },
	};

	memcpy(m->data + at, TRACE_PERSIST_MAGIC, TRACE_PERSIST_MAGIC_SIZE);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		persist_put(m, at + rows[i].offset, rows[i].size, rows[i].value);
	put_text(m, at + HEADER(clock), src->buffers[0].clock, 32);
	put_text(m, at + HEADER(instance), how->instance ? how->instance : "", 64);
	put_text(m, at + HEADER(release), d->release, 72);
	put_text(m, at + HEADER(kernel_version), d->version, 72);
	put_text(m, at + HEADER(machine), d->machine, 72);
	put_text(m, at + HEADER(nodename), d->nodename, 72);
	memset(m->data + at + HEADER(build_id), 0xab, 20);
	memset(m->data + at + HEADER(boot_id), 0xcd, 16);
	put_chunks(m, at + 640);
	persist_sign(m, copy);
}

/* Where everything is; the tables have @tables bytes, and room for more */
static void lay_out(struct persist_made *m, const struct merge_source *src, size_t tables)
{
	const struct merge_buffer *buf = &src->buffers[0];
	uint64_t at;

	if (buf->nr_cpus > PERSIST_MAX_CPUS)
		abort();
	m->copies[1] = ALIGN;
	m->tables = 2 * ALIGN;
	m->tables_end = m->tables + tables;
	m->tables_size = tables + TABLES_SPARE;
	m->comms = align(m->tables + m->tables_size, 8);
	at = m->comms + m->nr_comms * sizeof(struct trace_persist_comm);
	for (unsigned int i = 0; i < buf->nr_cpus; i++) {
		m->cpus[i].cpu = buf->cpus[i].cpu;
		m->cpus[i].nr = buf->cpus[i].nr_subbufs;
		m->cpus[i].seals = at;
		at += (m->cpus[i].nr + 1) * sizeof(struct trace_persist_seal);
	}
	for (unsigned int i = 0; i < buf->nr_cpus; i++) {
		m->cpus[i].subbufs = align(at, ALIGN) + PERSIST_NOTES;
		at = m->cpus[i].subbufs + (m->cpus[i].nr + 1) * m->subbuf_size;
	}
	m->nr_cpus = buf->nr_cpus;
	m->size = align(at, ALIGN);
	m->data = calloc(1, m->size);
	if (!m->data)
		abort();
}

void persist_make(struct persist_made *m, struct merge_source *src, const struct persist_how *how)
{
	struct tables t = { .arming = how->arming ? how->arming : PERSIST_ARMING, .d = src->desc };
	char *tables = NULL, *comms = NULL;
	size_t tables_size, comms_size;

	*m = (struct persist_made){
		.arming = t.arming, .subbuf_size = src->buffers[0].subbuf_size,
		.long_size = src->long_size, .big = src->big_endian,
	};
	t.out = open_memstream(&tables, &tables_size);
	t.comms = open_memstream(&comms, &comms_size);
	t.d->ops->each_event(t.d, put_event, &t);
	t.d->ops->each_printk(t.d, put_printk, &t);
	put_symbols(&t);
	t.d->ops->each_comm(t.d, put_comm, &t);
	fclose(t.out);
	fclose(t.comms);
	m->nr_comms = (uint32_t)(comms_size / sizeof(struct trace_persist_comm)) + NR_COMMS;
	lay_out(m, src, tables_size);
	memcpy(m->data + m->tables, tables, tables_size);
	memset(m->data + m->comms, 0xff, m->nr_comms * sizeof(struct trace_persist_comm));
	memcpy(m->data + m->comms, comms, comms_size);
	for (uint32_t i = 0; i < comms_size / sizeof(struct trace_persist_comm); i++)
		persist_sign_comm(m, i);
	for (size_t i = 0; i < m->nr_cpus; i++)
		put_subbufs(m, src, i, how->consumed);
	put_header(m, 0, src, how);
	put_header(m, 1, src, how);
	free(tables);
	free(comms);
}

void persist_made_free(struct persist_made *m)
{
	free(m->data);
	m->data = NULL;
}

/* Of entries of @type the @n-th, or 0; *@nr: how many there are before it */
static uint64_t find_entry(const struct persist_made *m, uint32_t type, unsigned int n,
			   unsigned int *nr)
{
	uint64_t at = m->tables;

	for (*nr = 0; at < m->tables_end;) {
		if (persist_get(m, at + ENTRY(type), 4) == type && (*nr)++ == n)
			return at;
		at += align(sizeof(struct trace_persist_entry) +
			    persist_get(m, at + ENTRY(size), 4), 8);
	}
	return 0;
}

unsigned int persist_entries(const struct persist_made *m, uint32_t type)
{
	unsigned int nr;

	find_entry(m, type, UINT32_MAX, &nr);
	return nr;
}

uint64_t persist_entry_at(const struct persist_made *m, uint32_t type, unsigned int n)
{
	unsigned int nr;
	uint64_t at = find_entry(m, type, n, &nr);

	if (!at)
		abort();
	return at;
}
