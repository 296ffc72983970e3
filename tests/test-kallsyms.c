// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kallsyms.h"
#include "mkkernel.h"
#include "tests.h"

struct listing {
	FILE *out;
	unsigned int room;	/* symbols until the caller has enough */
};

static int take_symbol(void *arg, uint64_t addr, char type, const char *name, const char *module)
{
	struct listing *l = arg;

	if (!name) {
		fprintf(l->out, "%" PRIx64 " ends %s\n", addr, module);
		return --l->room ? 0 : 42;
	}
	fprintf(l->out, "%" PRIx64 " %c %s%s%s\n", addr, type, name, module ? " " : "",
		module ? module : "");
	return --l->room ? 0 : 42;
}

/* As /proc/kallsyms has them, and how it ended */
static char *render(const char *kind, const char *text, const char *more, unsigned int room,
		    unsigned int interrupt_at)
{
	struct kernel *k = kernel_open(kind, text);
	unsigned int skipped = 99;
	struct listing l = { .room = room };
	struct vmcore vm;
	char *got;
	size_t size;
	int ret;

	l.out = open_memstream(&got, &size);
	kernel_add(k, more);
	k->interrupt_at = interrupt_at;
	vmcore_init(&vm, &k->mem);
	if (kernel_find(k, "s", "kallsyms_names")) {
		ret = kallsyms_image(&vm, take_symbol, &l);
	} else {
		ret = kallsyms_modules(&vm, take_symbol, &l, &skipped);
		fprintf(l.out, "skipped %u\n", skipped);
	}
	if (ret)
		fprintf(l.out, "%s\n", ret < 0 ? strerrorname_np(-ret) : "stopped");
	fclose(l.out);
	vmcore_deinit(&vm);
	kernel_close(k);
	return got;
}

/* Addresses as kallsyms_offsets holds them in each of the three ways */
#define WORDS	"ksym D sys_table 0xffffffff81300000\n"	\
		"ksym T _text 0xffffffff81000000\n"			\
		"ksym T _stext 0xffffffff81000040\n"			\
		"ksym T do_sys_open 0xffffffff81200000\n"		\
		"ksym b x 0xffffffff81fffff0\n"
#define LISTED	"ffffffff81300000 D sys_table\n"			\
		"ffffffff81000000 T _text\n"				\
		"ffffffff81000040 T _stext\n"				\
		"ffffffff81200000 T do_sys_open\n"			\
		"ffffffff81fffff0 b x\n"
#define SHORT	"ksym T _text 0xc1000000\nksym T _stext 0xc1000040\nksym d top 0xc1ffffff\n"
#define SHORT_LISTED "c1000000 T _text\nc1000040 T _stext\nc1ffffff d top\n"

static const struct image_row {
	const char *name;
	const char *kind;
	const char *text;
	const char *more;
	const char *want;
} image_rows[] = {
	{ "from the base", "", "kallsyms base\n" WORDS, "", LISTED },
	{ "from the base, big", "big", "kallsyms base\n" WORDS, "", LISTED },
	{ "from the base, short", "long 4", "kallsyms base\n" SHORT, "", SHORT_LISTED },
	{ "the base itself is _stext", "", "kallsyms base\nksym T _stext 0xffffffff81000000\n"
	  "ksym t y 0xffffffff81000001\n", "",
	  "ffffffff81000000 T _stext\nffffffff81000001 t y\n" },
	{ "absolute or from the base", "", "kallsyms percpu\nksym A __per_cpu_start 0\n"
	  "ksym A cpu_number 0x1f000\n" WORDS, "",
	  "0 A __per_cpu_start\n1f000 A cpu_number\n" LISTED },
	{ "absolute or from the base, big", "big\nversion 601", "kallsyms percpu\n"
	  "ksym A cpu_number 0x1f000\n" WORDS, "", "1f000 A cpu_number\n" LISTED },
	{ "from its place", "version 700", "at 0xffffffff81400000\nkallsyms place\n" WORDS, "",
	  LISTED },
	{ "from its place, big, short", "version 700\nbig\nlong 4",
	  "at 0xc1400000\nkallsyms place\n" SHORT, "", SHORT_LISTED },
	{ "no symbols but one", "", "kallsyms base\nksym T _stext 0xffffffff81000000\n", "",
	  "ffffffff81000000 T _stext\n" },
};

static void test_image(void)
{
	for (size_t i = 0; i < sizeof(image_rows) / sizeof(*image_rows); i++) {
		const struct image_row *row = &image_rows[i];

		CHECK_ROW(test_text(render(row->kind, row->text, row->more, 99, 0), row->want),
			  row->name);
	}
}

/* A kernel with one more symbol, of @len letters */
static char *long_name(size_t len)
{
	static const char start[] = "kallsyms base\nksym T _stext 0xffffffff81000000\nksym T ";
	char text[1200];

	strcpy(text, start);
	memset(text + strlen(start), 'n', len);
	strcpy(text + strlen(start) + len, " 0xffffffff81000010\nksym t z 0xffffffff81000020\n");
	return render("", text, "", 99, 0);
}

static void test_lengths(void)
{
	static const size_t lens[] = { 1, 125, 126, 127, 128, 254, 255, 256, 400, 511 };
	char want[1200];

	for (size_t i = 0; i < sizeof(lens) / sizeof(*lens); i++) {
		int n = sprintf(want, "ffffffff81000000 T _stext\nffffffff81000010 T ");

		memset(want + n, 'n', lens[i]);
		strcpy(want + n + lens[i], "\nffffffff81000020 t z\n");
		CHECK_TEXT(long_name(lens[i]), want);
	}
	CHECK_TEXT(long_name(519), "ffffffff81000000 T _stext\nEBADMSG\n");
	CHECK_TEXT(long_name(900), "ffffffff81000000 T _stext\nEBADMSG\n");
}

#define BASE	"kallsyms base\n" WORDS

static const struct image_row damaged_rows[] = {
	{ "no known way", "", BASE, "symbol _stext 0xffffffff81000041\n", "EOPNOTSUPP\n" },
	{ "no _stext among them", "", "kallsyms base\nksym T _text 0xffffffff81000000\n",
	  "symbol _stext 0xffffffff81000000\n", "ENODATA\n" },
	{ "_stext is not known", "", BASE, "without _stext\n", "ENODATA\n" },
	{ "no names", "", BASE, "without kallsyms_names\n", "ENODATA\n" },
	{ "no offsets", "", BASE, "without kallsyms_offsets\n", "ENODATA\n" },
	{ "no tokens", "", BASE, "without kallsyms_token_table\n", "ENODATA\n" },
	{ "no index", "", BASE, "without kallsyms_token_index\n", "ENODATA\n" },
	{ "no number", "", BASE, "without kallsyms_num_syms\n", "ENODATA\n" },
	{ "names unreadable", "", BASE, "unmap kallsyms_names\n", "EFAULT\n" },
	{ "names excluded", "", BASE, "exclude kallsyms_names\n", "ENODATA\n" },
	{ "offsets unreadable", "", BASE, "unmap kallsyms_offsets\n", "ENODATA\n" },
	{ "tokens unreadable", "", BASE, "unmap kallsyms_token_table\n", "EFAULT\n" },
	{ "index unreadable", "", BASE, "unmap kallsyms_token_index\n", "EFAULT\n" },
	{ "number unreadable", "", BASE, "unmap kallsyms_num_syms\n", "ENODATA\n" },
	{ "base unreadable", "", BASE, "unmap kallsyms_relative_base\n", "ENODATA\n" },
	{ "number too large", "", BASE, "set kallsyms_num_syms 0x1000001\n", "ENODATA\n" },
	{ "no symbols", "", BASE, "set kallsyms_num_syms 0\n", "ENODATA\n" },
	{ "an empty name", "", "kallsyms base\nksym T _stext 0xffffffff81000000\n",
	  "set kallsyms_num_syms 2\n", "ffffffff81000000 T _stext\nEBADMSG\n" },
};

static void test_damaged(void)
{
	for (size_t i = 0; i < sizeof(damaged_rows) / sizeof(*damaged_rows); i++) {
		const struct image_row *row = &damaged_rows[i];

		CHECK_ROW(test_text(render(row->kind, row->text, row->more, 99, 0), row->want),
			  row->name);
	}
}

/* The token table stands just before what is not mapped. */
static void test_tokens_at_the_end(void)
{
	CHECK_TEXT(render("", "at 0xffff888000300d00\nalloc tokens 700\n"
			  "symbol kallsyms_token_table tokens\n" BASE, "", 99, 0), LISTED);
}

/* Newer modules stand first on the list. */
#define MODULES	"module ext4\nmsym U printk 0\nmsym t ext4_read 0xffffffffc0201000\n"	\
		"msym b ext4_data 0xffffffffc0300000\n"					\
		"module crc32\nmsym T crc32_le 0xffffffffc0100000\n"
#define CRC32	"ffffffffc0100000 T crc32_le crc32\n"
#define EXT4	"ffffffffc0201000 t ext4_read ext4\nffffffffc0300000 b ext4_data ext4\n"

/* A part of module a's memory, at so many bytes behind the first of them */
#define PART(at, base, size)	"set a:module.mem:module_memory.base+" #at " " base "\n"	\
				"set a:module.mem:module_memory.size+" #at " " size "\n"

static const struct image_row module_rows[] = {
	{ "two", "", MODULES, "", CRC32 EXT4 "skipped 0\n" },
	{ "two, big", "big", MODULES, "", CRC32 EXT4 "skipped 0\n" },
	{ "short", "long 4\nversion 601", "module a\nmsym t f 0xd0201000\n", "",
	  "d0201000 t f a\nskipped 0\n" },
	{ "short, big", "long 4\nbig", "module a\nmsym t f 0xd0201000\n", "",
	  "d0201000 t f a\nskipped 0\n" },
	{ "two parts of memory", "", "module a\nmsym t f 0xd0201000\n",
	  "enumerator MOD_MEM_NUM_TYPES 2\n" PART(0, "0xd0201000", "0x2000")
	  PART(48, "0xd0300000", "0x1000"),
	  "d0201000 t f a\nd0203000 ends a\nd0301000 ends a\nskipped 0\n" },
	{ "a part is empty", "", "module a\nmsym t f 0xd0201000\n",
	  "enumerator MOD_MEM_NUM_TYPES 2\n" PART(48, "0xd0300000", "0x1000"),
	  "d0201000 t f a\nd0301000 ends a\nskipped 0\n" },
	{ "how many parts is not known", "", "module a\nmsym t f 0xd0201000\n",
	  PART(0, "0xd0201000", "0x2000"), "d0201000 t f a\nskipped 0\n" },
	{ "too many parts", "", "module a\nmsym t f 0xd0201000\n",
	  "enumerator MOD_MEM_NUM_TYPES 65\n" PART(0, "0xd0201000", "0x2000"),
	  "d0201000 t f a\nskipped 0\n" },
	{ "text and the rest, before 6.4", "version 601", "module a\nmsym t f 0xd0201000\n",
	  "set a:module.core_layout:module_layout.base 0xd0201000\n"
	  "set a:module.core_layout:module_layout.size 0x5000\n"
	  "set a:module.core_layout:module_layout.text_size 0x2000\n",
	  "d0201000 t f a\nd0203000 ends a\nd0206000 ends a\nskipped 0\n" },
	{ "none", "", "alloc modules 16\nsymbol modules modules\nset modules modules\n", "",
	  "skipped 0\n" },
	{ "without types", "", MODULES, "without mod_kallsyms.typetab\n",
	  "ffffffffc0100000 t crc32_le crc32\nffffffffc0201000 t ext4_read ext4\n"
	  "ffffffffc0300000 t ext4_data ext4\nskipped 0\n" },
	{ "types unreadable", "", "module a\nmsym T f 0xd0201000\n", "unmap typetab\n",
	  "d0201000 t f a\nskipped 0\n" },
	{ "names unreadable", "", MODULES, "unmap strtab\n", EXT4 "skipped 1\n" },
	{ "symbols unreadable", "", MODULES, "unmap symtab\n", EXT4 "skipped 1\n" },
	{ "its table unreadable", "", MODULES, "unmap crc32.syms\n", EXT4 "skipped 1\n" },
	{ "too many symbols", "", MODULES, "set crc32.syms:mod_kallsyms.num_symtab 0x1000001\n",
	  EXT4 "skipped 1\n" },
	{ "a name that does not end", "", "module a\n", "set a:module.name+0 -1\n"
	  "set a:module.name+8 -1\nset a:module.name+16 -1\nset a:module.name+24 -1\n"
	  "set a:module.name+32 -1\nset a:module.name+40 -1\nset a:module.name+48 -1\n"
	  "set a:module.name+56 -1\nset a:module.name+64 -1\n", "skipped 1\n" },
	{ "the last one unreadable", "", MODULES, "unmap ext4\n", CRC32 "skipped 1\nEFAULT\n" },
	{ "the list unreadable", "", MODULES, "unmap modules\n", "skipped 0\nEFAULT\n" },
	{ "no list", "", MODULES, "without modules\n", "skipped 0\n" },
	{ "no module.list", "", MODULES, "without module.list\n", "skipped 0\nENODATA\n" },
	{ "no module.kallsyms", "", MODULES, "without module.kallsyms\n", "skipped 2\n" },
};

static void test_modules(void)
{
	for (size_t i = 0; i < sizeof(module_rows) / sizeof(*module_rows); i++) {
		const struct image_row *row = &module_rows[i];

		CHECK_ROW(test_text(render(row->kind, row->text, row->more, 99, 0), row->want),
			  row->name);
	}
}

static void test_stop(void)
{
	CHECK_TEXT(render("", BASE, "", 1, 0), "ffffffff81300000 D sys_table\nstopped\n");
	CHECK_TEXT(render("", BASE, "", 99, 1), "EINTR\n");
	CHECK_TEXT(render("", BASE, "", 99, 2), "EINTR\n");
	CHECK_TEXT(render("", MODULES, "", 1, 0), CRC32 "skipped 0\nstopped\n");
	CHECK_TEXT(render("", MODULES, "", 99, 1), CRC32 "skipped 0\nEINTR\n");
}

static const struct test tests[] = {
	{ "addresses are found in each of the three ways they are stored", test_image },
	{ "names may be as long as the kernel allows, not longer", test_lengths },
	{ "tables that cannot be used are told from unknown ones", test_damaged },
	{ "the token table may end where its page does", test_tokens_at_the_end },
	{ "modules are listed, unreadable ones counted", test_modules },
	{ "a walk ends when the caller or the user has enough", test_stop },
	{ NULL, NULL }
};

const struct test_suite suite_kallsyms = { "kallsyms", tests };
