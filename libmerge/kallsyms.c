// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Decoding kallsyms.
 *
 * A name is a length and that many token numbers; the tokens' texts joined
 * give the type letter and the name. An address is a 32-bit offset, stored in
 * one of three ways that nothing in memory tells apart: the way that gives the
 * known address of _stext is the right one.
 */
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kallsyms.h"

#define MAX_SYMS	(1u << 24)
#define MAX_MODULES	8192
#define MAX_PARTS	64	/* enum mod_mem_type has 7 */
#define NAME_SIZE	520	/* KSYM_NAME_LEN 512 since 6.1, the type letter, the end */
#define SHORT		8

/*
 * What is read in order: a window of one page over it. There are 200,000 symbols
 * of a dozen bytes each, so a byte is to cost no more than one.
 */
struct bytes {
	struct mem *mem;
	uint64_t addr;
	size_t pos, size;
	uint8_t *window;
	int error;
};

static int bytes_init(struct bytes *b, struct mem *mem, uint64_t addr)
{
	*b = (struct bytes){ .mem = mem, .addr = addr };
	b->window = malloc(mem_kernel(mem)->page_size);
	return b->window ? 0 : -ENOMEM;
}

/* The byte behind the window; after an error it stays empty, and 0 is read */
static __attribute__((noinline)) uint8_t next_window(struct bytes *b)
{
	uint32_t page_size = mem_kernel(b->mem)->page_size;

	if (b->error)
		return 0;
	b->addr += b->size;
	b->size = page_size - b->addr % page_size;
	b->pos = 0;
	b->error = mem_read_once(b->mem, b->addr, b->window, b->size);
	if (b->error) {
		b->size = 0;
		return 0;
	}
	return b->window[b->pos++];
}

static inline uint8_t next_byte(struct bytes *b)
{
	return b->pos < b->size ? b->window[b->pos++] : next_window(b);
}

struct tables {
	struct vmcore *vm;
	uint64_t names, offsets, relative_base;
	uint32_t nr;
	char *tokens;		/* the token table, terminated */
	struct {
		uint16_t at, len;
	} token[256];
	uint64_t (*address)(const struct tables *t, uint32_t i, uint32_t offset);
};

/* base-relative: 4.6 and later without absolute per-CPU symbols */
static uint64_t from_base(const struct tables *t, uint32_t i, uint32_t offset)
{
	(void)i;
	return t->relative_base + offset;
}

/* positive offsets are absolute per-CPU values, negative ones count from the base */
static uint64_t percpu_or_base(const struct tables *t, uint32_t i, uint32_t offset)
{
	(void)i;
	return (int32_t)offset >= 0 ? offset :
		t->relative_base - 1 - (int64_t)(int32_t)offset;
}

/* relative to the place of the offset itself: since 7.0 */
static uint64_t from_place(const struct tables *t, uint32_t i, uint32_t offset)
{
	return t->offsets + 4ull * i + (int64_t)(int32_t)offset;
}

/* The next symbol's type and name into @name of NAME_SIZE + SHORT bytes (type first). */
static int next_name(const struct tables *t, struct bytes *b, char *name)
{
	unsigned int len = next_byte(b), pos = 0;

	if (len & 0x80)		/* two bytes since 6.1; before, no name was so long */
		len = (len & 0x7f) | (unsigned int)next_byte(b) << 7;
	while (len--) {
		uint8_t number = next_byte(b);
		unsigned int n = t->token[number].len;

		if (b->error)
			return b->error;
		if (pos + n >= NAME_SIZE)
			return -EBADMSG;
		/* most are short: one move in place of a call; both have room behind */
		if (n <= SHORT)
			memcpy(name + pos, t->tokens + t->token[number].at, SHORT);
		else
			memcpy(name + pos, t->tokens + t->token[number].at, n);
		pos += n;
	}
	name[pos] = 0;
	return b->error ? b->error : pos < 2 ? -EBADMSG : 0;
}

typedef int name_fn(void *arg, const struct tables *t, uint32_t i, const char *name);

static int each_name(const struct tables *t, name_fn *fn, void *arg)
{
	struct bytes b;
	char name[NAME_SIZE + SHORT];
	int ret = bytes_init(&b, t->vm->mem, t->names);

	for (uint32_t i = 0; i < t->nr && !ret; i++) {
		ret = i % 4096 == 0 && mem_interrupted(t->vm->mem) ? -EINTR :
			next_name(t, &b, name);
		if (!ret)
			ret = fn(arg, t, i, name);
	}
	free(b.window);
	return ret;
}

static int offset_of(const struct tables *t, uint32_t i, uint32_t *offset)
{
	uint64_t value;
	int ret = mem_uint(t->vm->mem, t->offsets + 4ull * i, 4, &value);

	if (!ret)
		*offset = value;
	return ret;
}

struct search {
	const char *name;
	uint32_t index;
};

static int match_name(void *arg, const struct tables *t, uint32_t i, const char *name)
{
	struct search *search = arg;

	(void)t;
	search->index = i;
	return strcmp(name + 1, search->name) == 0;
}

/* Find how addresses are stored by a symbol whose address is known. */
static int choose_address(struct tables *t)
{
	static uint64_t (*const ways[])(const struct tables *, uint32_t, uint32_t) = {
		from_base, percpu_or_base, from_place,
	};
	struct search search = { .name = "_stext" };
	uint64_t stext;
	uint32_t offset;
	int ret = each_name(t, match_name, &search);

	if (ret < 0)
		return ret;
	if (!ret || vmcore_symbol(t->vm, "_stext", &stext) ||
	    offset_of(t, search.index, &offset))
		return -ENODATA;
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		t->address = ways[i];
		if (t->address(t, search.index, offset) == stext)
			return 0;
	}
	return -ENOTSUP;
}

/* The token table has no length: it ends before its index or within 64 KiB */
static int load_tokens(struct tables *t, uint64_t table, uint64_t index)
{
	uint8_t raw[512];
	size_t size;
	int ret = mem_read(t->vm->mem, index, raw, sizeof(raw));

	if (ret)
		return ret;
	for (int i = 0; i < 256; i++)
		t->token[i].at = mem_decode(t->vm->mem, raw + 2 * i, 2);
	size = t->token[255].at;
	t->tokens = calloc(1, UINT16_MAX + NAME_SIZE + 1);
	if (!t->tokens)
		return -ENOMEM;
	ret = mem_read(t->vm->mem, table, t->tokens, size);
	/* the last token is no longer than a name */
	if (!ret)
		ret = mem_string(t->vm->mem, table + size, t->tokens + size, NAME_SIZE);
	for (int i = 0; !ret && i < 256; i++)
		t->token[i].len = strlen(t->tokens + t->token[i].at);
	return ret;
}

static int load_tables(struct tables *t, struct vmcore *vm)
{
	uint64_t nr_at, table, index, base, nr;
	int ret;

	t->vm = vm;
	if (vmcore_symbol(vm, "kallsyms_names", &t->names) ||
	    vmcore_symbol(vm, "kallsyms_num_syms", &nr_at) ||
	    vmcore_symbol(vm, "kallsyms_token_table", &table) ||
	    vmcore_symbol(vm, "kallsyms_token_index", &index) ||
	    vmcore_symbol(vm, "kallsyms_offsets", &t->offsets) ||
	    mem_uint(vm->mem, nr_at, 4, &nr) || nr > MAX_SYMS)
		return -ENODATA;
	t->nr = nr;
	/* gone with the place-relative form */
	if (!vmcore_symbol(vm, "kallsyms_relative_base", &base) &&
	    mem_pointer(vm->mem, base, &t->relative_base))
		return -ENODATA;
	ret = load_tokens(t, table, index);
	return ret ? ret : choose_address(t);
}

struct report {
	desc_symbol_fn *fn;
	void *arg;
};

/* @offsets: of the symbols from the next one on */
struct image_report {
	struct report report;
	struct bytes offsets;
};

static int report_image(void *arg, const struct tables *t, uint32_t i, const char *name)
{
	struct image_report *image = arg;
	bool big = mem_kernel(t->vm->mem)->big_endian;
	uint32_t offset = 0;

	for (unsigned int k = 0; k < 4; k++)
		offset |= (uint32_t)next_byte(&image->offsets) << 8 * (big ? 3 - k : k);
	if (image->offsets.error)
		return image->offsets.error;
	return image->report.fn(image->report.arg, t->address(t, i, offset),
				name[0], name + 1, NULL);
}

int kallsyms_image(struct vmcore *vm, desc_symbol_fn *fn, void *arg)
{
	struct image_report image = { .report = { fn, arg } };
	struct tables t = { 0 };
	int ret = load_tables(&t, vm);

	if (!ret)
		ret = bytes_init(&image.offsets, vm->mem, t.offsets);
	if (!ret)
		ret = each_name(&t, report_image, &image);
	free(image.offsets.window);
	free(t.tokens);
	return ret;
}

/* ---- modules -------------------------------------------------------------- */

struct modules {
	struct vmcore *vm;
	struct report report;
	unsigned int skipped;
};

/* ELF symbols of the kernel's own class: name, value and section are all we need */
struct symbol {
	uint32_t name;
	uint16_t section;
	uint64_t value;
};

static struct symbol decode_symbol(struct mem *mem, const uint8_t *raw)
{
	bool is64 = mem_kernel(mem)->long_size == 8;

	return (struct symbol){
		.name = mem_decode(mem, raw, 4),
		.section = mem_decode(mem, raw + (is64 ? offsetof(Elf64_Sym, st_shndx) :
						  offsetof(Elf32_Sym, st_shndx)), 2),
		.value = is64 ? mem_decode(mem, raw + offsetof(Elf64_Sym, st_value), 8) :
				mem_decode(mem, raw + offsetof(Elf32_Sym, st_value), 4),
	};
}

static int module_symbols(struct modules *m, const char *module, uint64_t kallsyms)
{
	struct mem *mem = m->vm->mem;
	size_t entry = mem_kernel(mem)->long_size == 8 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
	uint64_t symtab, nr, strtab, typetab = 0, type;
	uint8_t raw[sizeof(Elf64_Sym)];
	char name[NAME_SIZE];
	int ret, missing = 0;

	if (vmcore_get(m->vm, kallsyms, MODSYMS_SYMTAB, &symtab) ||
	    vmcore_get(m->vm, kallsyms, MODSYMS_NUM, &nr) ||
	    vmcore_get(m->vm, kallsyms, MODSYMS_STRTAB, &strtab) || nr > MAX_SYMS)
		return -ENODATA;
	vmcore_get(m->vm, kallsyms, MODSYMS_TYPETAB, &typetab);
	for (uint64_t i = 0; i < nr; i++) {
		struct symbol sym;

		if (mem_read(mem, symtab + i * entry, raw, entry))
			return -ENODATA;
		sym = decode_symbol(mem, raw);
		if (sym.section == SHN_UNDEF)
			continue;
		if (mem_string(mem, strtab + sym.name, name, sizeof(name))) {
			missing = -ENODATA;
			continue;
		}
		if (!name[0])
			continue;
		if (!typetab || mem_uint(mem, typetab + i, 1, &type))
			type = 't';
		ret = m->report.fn(m->report.arg, sym.value, type, name, module);
		if (ret)
			return ret;
	}
	return missing;
}

static int part_end(struct modules *m, const char *module, uint64_t base, uint64_t size)
{
	return base && size ? m->report.fn(m->report.arg, base + size, 0, NULL, module) : 0;
}

/* Before 6.4: text, then all the rest in one piece */
static int layout_ends(struct modules *m, const char *module, uint64_t mod)
{
	uint64_t layout = mod + vmcore_offset(m->vm, MODULE_CORE), base, size, text_size;
	int ret;

	if (!vmcore_has(m->vm, MODULE_CORE) || vmcore_get(m->vm, layout, LAYOUT_BASE, &base) ||
	    vmcore_get(m->vm, layout, LAYOUT_SIZE, &size) ||
	    vmcore_get(m->vm, layout, LAYOUT_TEXT_SIZE, &text_size))
		return 0;
	ret = part_end(m, module, base, text_size);
	return ret ? ret : part_end(m, module, base, size);
}

/*
 * The ends of the parts of a module's memory: behind them an address is not the
 * module's. What is unreadable is left out. ac3b43283923 ("module: replace
 * module_layout with module_memory") made an array of them.
 */
static int module_ends(struct modules *m, const char *module, uint64_t mod)
{
	uint64_t part = mod + vmcore_offset(m->vm, MODULE_MEM), base, size;
	int64_t nr;

	if (!vmcore_has(m->vm, MODULE_MEM))
		return layout_ends(m, module, mod);
	if (vmcore_enumerator(m->vm, "MOD_MEM_NUM_TYPES", &nr) || nr <= 0 || nr > MAX_PARTS)
		return 0;
	for (int64_t i = 0; i < nr; i++) {
		int ret = 0;

		if (!vmcore_get(m->vm, part, MODMEM_BASE, &base) &&
		    !vmcore_get(m->vm, part, MODMEM_SIZE, &size))
			ret = part_end(m, module, base, size);
		if (ret)
			return ret;
		part += vmcore_size(m->vm, MODULE_MEM) / (uint64_t)nr;
	}
	return 0;
}

/* vmcore_node_fn: one struct module */
static int one_module(void *arg, uint64_t node)
{
	struct modules *m = arg;
	uint64_t mod = node - vmcore_offset(m->vm, MODULE_LIST), kallsyms;
	char name[64];
	int ret;

	if (mem_string(m->vm->mem, mod + vmcore_offset(m->vm, MODULE_NAME), name, sizeof(name)) ||
	    vmcore_get(m->vm, mod, MODULE_KALLSYMS, &kallsyms)) {
		m->skipped++;
		return 0;
	}
	ret = module_symbols(m, name, kallsyms);
	if (ret && ret != -ENODATA)
		return ret;
	m->skipped += ret != 0;
	return module_ends(m, name, mod);
}

int kallsyms_modules(struct vmcore *vm, desc_symbol_fn *fn, void *arg,
		     unsigned int *skipped)
{
	struct modules m = { .vm = vm, .report = { fn, arg } };
	uint64_t head;
	int ret;

	*skipped = 0;
	if (vmcore_symbol(vm, "modules", &head))	/* CONFIG_MODULES=n */
		return 0;
	if (!vmcore_has(vm, MODULE_LIST) || !vmcore_has(vm, MODULE_NAME))
		return -ENODATA;
	ret = vmcore_list(vm, head, false, MAX_MODULES, one_module, &m);
	*skipped = m.skipped;
	return ret;
}
