// SPDX-License-Identifier: GPL-2.0-or-later
/* Symbols in a persistent region: the kernel's compressed tables, modules' lists. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "boot.h"
#include "dat-make.h"
#include "persist-in.h"
#include "tests.h"

static int put_symbol(void *out, uint64_t addr, char type, const char *name, const char *module)
{
	if (name)
		fprintf(out, "%" PRIx64 " %c %s%s%s\n", addr, type, name, module ? " " : "",
			module ? module : "");
	return 0;
}

/* All symbols of @d; malloc'ed */
static char *symbols_of(struct merge_desc *d)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	CU_ASSERT_EQUAL(d->ops->each_symbol(d, put_symbol, out), 0);
	fclose(out);
	return text;
}

static char *symbols_in(struct persist_made *m)
{
	struct merge_source *src = persist_in_source(m);
	const struct merge_notice *notice;
	char *symbols = symbols_of(src->desc), *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fputs(symbols, out);
	free(symbols);
	/* they are told of once */
	free(symbols_of(src->desc));
	for (unsigned int i = 0; (notice = merge_source_notice(src, i)); i++)
		fprintf(out, "# %s\n", notice->text);
	fclose(out);
	merge_source_close(src);
	return text;
}

#define IMAGE								\
	"1000 A percpu_thing\nffffffff80fff000 T before_text\n"		\
	"ffffffff81000000 T _stext\nffffffff81200000 T vfs_read\n"	\
	"ffffffff81200000 t vfs_read_alias\nffffffff81200400 T ksys_read\n" \
	"ffffffff81300000 t tracing_mark_write\n"			\
	"ffffffff81301000 T arch_rethook_trampoline\nffffffff82000000 B _end\n"
#define MODULES								\
	"ffffffffc0202800 t ext4_last ext4\nffffffffc0201000 t ext4_read ext4\n" \
	"ffffffffc0500000 t far_away other\n"

static void test_gives_what_the_kernel_had(void)
{
	static const char *const kernels[] = { "", "big\n" };

	for (size_t i = 0; i < 2; i++) {
		const struct persist_how how = { 0 };
		struct persist_made m;
		char *text;

		CU_ASSERT_FATAL(asprintf(&text, "%s%s", kernels[i], PERSIST_SMALL) > 0);
		persist_in_make(&m, text, &how);
		CHECK_TEXT(symbols_in(&m), IMAGE MODULES);
		free(text);
	}
}

static void piece_is_damaged(struct persist_made *m)
{
	m->data[persist_entry_at(m, TRACE_PERSIST_MEMORY, 0) + 100] ^= 1;
}

/* The @n-th piece of @table */
static uint64_t piece_of(const struct persist_made *m, const char *table, unsigned int n)
{
	unsigned int i = 0;

	while (strcmp((char *)m->data + persist_entry_at(m, TRACE_PERSIST_MEMORY, i) + 24 + 24,
		      table))
		i++;
	return persist_entry_at(m, TRACE_PERSIST_MEMORY, i + n);
}

static void last_piece_is_damaged(struct persist_made *m)
{
	/* 511 bytes in pieces of 64 */
	m->data[piece_of(m, "kallsyms_token_table", 7) + 100] ^= 1;
}

/* In the place of the one behind it */
static void piece_is_there_twice(struct persist_made *m)
{
	uint64_t at = piece_of(m, "kallsyms_token_table", 2);

	m->data[piece_of(m, "kallsyms_token_table", 3) + 100] ^= 1;
	memcpy(m->data + m->tables_end, m->data + at, 24 + 64 + 64);
}

static void piece_is_elsewhere(struct persist_made *m)
{
	uint64_t at = piece_of(m, "kallsyms_token_table", 2);

	persist_put(m, at + 24, 8, 0x1234);
	persist_sign_entry(m, at);
}

static void piece_is_of_another_size(struct persist_made *m)
{
	uint64_t at = piece_of(m, "kallsyms_token_table", 2);

	persist_put(m, at + 24 + 8, 8, 512);
	persist_sign_entry(m, at);
}

static void table_is_huge(struct persist_made *m)
{
	uint64_t at = persist_entry_at(m, TRACE_PERSIST_MEMORY, 0);

	persist_put(m, at + 24 + 8, 8, UINT64_MAX);
	persist_sign_entry(m, at);
}

static void table_is_large(struct persist_made *m)
{
	uint64_t at = persist_entry_at(m, TRACE_PERSIST_MEMORY, 0);

	persist_put(m, at + 24 + 8, 8, 1ull << 42);
	persist_sign_entry(m, at);
}

static void text_lies_elsewhere(struct persist_made *m)
{
	for (unsigned int copy = 0; copy < 2; copy++) {
		persist_put(m, m->copies[copy] + HEADER(text_base), 8, 0xffffffff91000000);
		persist_sign(m, copy);
	}
}

static void no_pieces(struct persist_made *m)
{
	while (persist_entries(m, TRACE_PERSIST_MEMORY)) {
		uint64_t at = persist_entry_at(m, TRACE_PERSIST_MEMORY, 0);

		persist_put(m, at + ENTRY(type), 4, 99);
		persist_sign_entry(m, at);
	}
}

#define NONE(why) \
	"# the kernel's symbols are " why " in the region: its addresses stay numbers\n"

/* Rather none than wrong ones: those of modules are there */
static void test_without_a_piece_there_are_none(void)
{
	static const struct {
		const char *name;
		void (*how)(struct persist_made *m);
		const char *why;
	} rows[] = {
		{ "a damaged piece", piece_is_damaged, NONE("not whole") },
		{ "a damaged last piece", last_piece_is_damaged, NONE("not whole") },
		{ "a piece twice", piece_is_there_twice, NONE("not whole") },
		{ "a piece of another place", piece_is_elsewhere, NONE("not whole") },
		{ "a table of another size", piece_is_of_another_size, NONE("not whole") },
		{ "a table of 4 TiB", table_is_large, NONE("not whole") },
		{ "a table of all memory", table_is_huge, NONE("not whole") },
		{ "text elsewhere", text_lies_elsewhere, NONE("of an unknown form") },
		{ "no tables", no_pieces, NONE("not") },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct persist_made m;
		char *text;

		persist_in_small(&m);
		rows[i].how(&m);
		text = symbols_in(&m);
		CHECK_ROW(!strncmp(text, MODULES, strlen(MODULES)), rows[i].name);
		CHECK_ROW(strstr(text, rows[i].why) != NULL, text);
		free(text);
	}
}

static char *print_at(struct merge_desc *d, uint64_t addr)
{
	struct textbuf b = { 0 };

	if (!desc_put_symbol(d, &b, addr, true, false))
		textbuf_puts(&b, "none");
	textbuf_put(&b, "\n", 2);
	return b.data;
}

/* A module that was loaded into the memory of ext4 later */
static void add_module(struct persist_made *m, uint64_t start, const char *name)
{
	uint64_t at = m->tables_end;

	memcpy(m->data + at, m->data + persist_entry_at(m, TRACE_PERSIST_MODULE, 0), 24 + 40);
	persist_put(m, at + ENTRY(number), 4, 9);
	persist_put(m, at + ENTRY(size), 4, 40 + strlen(name) + 1);
	persist_put(m, at + 24, 8, start);
	persist_put(m, at + 32, 8, 0x1000);
	strcpy((char *)m->data + at + 24 + 40, name);
	persist_sign_entry(m, at);
}

static void test_modules_without_symbols(void)
{
	struct merge_source *src;
	struct persist_made m;

	persist_in_small(&m);
	add_module(&m, 0xffffffffc0900000, "zram");
	src = persist_in_source(&m);
	CHECK_TEXT(print_at(src->desc, EXT4_READ + 4), "ext4_read+0x4/0x1800 [ext4]\n");
	CHECK_TEXT(print_at(src->desc, 0xffffffffc0900123), "[zram]+0x123\n");
	CHECK_TEXT(print_at(src->desc, 0xffffffffc0901000), "none\n");
	CHECK_TEXT(print_at(src->desc, 0xffffffffc08fffff), "none\n");
	merge_source_close(src);
}

static void test_modules_that_were_gone(void)
{
	struct persist_made m;

	persist_in_small(&m);
	add_module(&m, EXT4_READ, "zram");
	CHECK_TEXT(symbols_in(&m), IMAGE "ffffffffc0500000 t far_away other\n"
		   "ffffffffc0201000 t [zram] zram\n"
		   "# others took the memory of 1 modules that were gone: addresses there are shown as the later ones'\n");
}

static const struct test tests[] = {
	{ "are what the kernel had", test_gives_what_the_kernel_had },
	{ "are not there when a piece of them is not", test_without_a_piece_there_are_none },
	{ "show a module without any by its name", test_modules_without_symbols },
	{ "are not those of a module that was gone", test_modules_that_were_gone },
	{ 0 }
};

const struct test_suite suite_persist_symbols = { "persist_symbols", tests };
