// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "maple.h"
#include "mkkernel.h"
#include "tests.h"

/*
 * Two leaves below an inner node, entries that say where they begin, nothing at 0,
 * 0x2000 and from 0x7000 on. Of the last slots the keys are not kept.
 */
#define LEAVES								\
	"alloc tree 256\n"						\
	"node leaf low\nslot 0xfff -\nslot 0x1fff 0x11\nslot 0x2fff -\nslot 0x3fff 0x33\n"	\
	"node leaf high\nslot 0x4fff 0x44\nslot 0x6fff 0x55\nslot 0 -\n"
#define TREE								\
	LEAVES "node alloc top\nslot 0x3fff low.in\nslot 0 high.in\n"	\
	"set tree:maple_tree.ma_root top.in+2\n"
#define ALL	"- 11 - 33 44 55 -\n"

/* What is found at some indices, errors by name */
static char *find(const char *kernel, const char *more)
{
	static const uint64_t indices[] = { 0, 0x1000, 0x2abc, 0x3fff, 0x4000, 0x6fff, 0x7000 };
	struct kernel *k = kernel_open(kernel, more);
	struct vmcore vm;
	struct maple maple;
	const char *missing;
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	CU_ASSERT_EQUAL_FATAL(vmcore_init(&vm, &k->mem), 0);
	missing = maple_init(&maple, &vm);
	if (missing)
		fprintf(out, "no %s", missing);
	for (size_t i = 0; !missing && i < sizeof(indices) / sizeof(*indices); i++) {
		uint64_t entry;
		int ret = maple_find(&maple, kernel_place(k, "tree"), indices[i], &entry);

		if (ret)
			fprintf(out, "%s%s", i ? " " : "",
				ret == -ENOENT ? "-" : strerrorname_np(-ret));
		else
			fprintf(out, "%s%llx", i ? " " : "", (unsigned long long)entry);
	}
	fprintf(out, "\n");
	fclose(out);
	vmcore_deinit(&vm);
	kernel_close(k);
	return text;
}

static const struct tree_row {
	const char *name;
	const char *kernel;
	const char *more;
	const char *want;
} rows[] = {
	{ "two leaves", TREE, "", ALL },
	{ "of 6.1", "version 601\n" TREE, "", ALL },
	{ "short, big", "long 4\nbig\n" TREE, "", ALL },
	{ "an inner node of the other kind", LEAVES "node range top\nslot 0x3fff low.in\n"
	  "slot 0x7fff high.in\nset tree:maple_tree.ma_root top.in+2\n", "", "- 11 - 33 44 55 -\n" },
	{ "three levels", TREE "node alloc root\nslot 0x7fff top.in\n"
	  "set tree:maple_tree.ma_root root.in+2\n", "", ALL },
	{ "a leaf alone", LEAVES, "set tree:maple_tree.ma_root low.in+2\n",
	  "- 11 - 33 33 33 33\n" },
	{ "nothing", LEAVES, "", "- - - - - - -\n" },
	{ "an entry for a root", LEAVES, "set tree:maple_tree.ma_root 0x5000\n", "- - - - - - -\n" },
	{ "a root that is reserved", LEAVES, "set tree:maple_tree.ma_root 0x402\n",
	  "- - - - - - -\n" },
	{ "a leaf that is gone", TREE, "exclude high\n",
	  "- 11 - 33 ENODATA ENODATA ENODATA\n" },
	{ "a leaf of zeros", TREE, "zero high\n", "- 11 - 33 - - -\n" },
	{ "an inner node of zeros", TREE, "zero top\n",
	  "EBADMSG EBADMSG EBADMSG EBADMSG EBADMSG EBADMSG EBADMSG\n" },
	{ "a dead leaf", TREE, "set low:maple_range_64.parent low\n",
	  "EBADMSG EBADMSG EBADMSG EBADMSG 44 55 -\n" },
	{ "a node of no kind", LEAVES "node alloc top\nslot 0x3fff low.in\nslot 0 high.in+0x70\n"
	  "set tree:maple_tree.ma_root top.in+2\n", "", "- 11 - 33 EBADMSG EBADMSG EBADMSG\n" },
	{ "a node in itself", TREE, "node alloc ring\nslot 0x3fff low.in\nslot 0 ring.in\n"
	  "set tree:maple_tree.ma_root ring.in+2\n", "- 11 - 33 EBADMSG EBADMSG EBADMSG\n" },
	{ "no tree", TREE, "exclude tree\n",
	  "ENODATA ENODATA ENODATA ENODATA ENODATA ENODATA ENODATA\n" },
	{ "no keys", TREE, "without maple_arange_64.pivot\n", "no maple_arange_64.pivot\n" },
	{ "no kinds", TREE, "without maple_leaf_64\n", "no enum maple_type\n" },
};

static void test_trees(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		CHECK_ROW(test_text(find(rows[i].kernel, rows[i].more), rows[i].want),
			  rows[i].name);
}

static const struct test tests[] = {
	{ "what a tree has is found, through whole nodes and broken ones", test_trees },
	{ NULL, NULL }
};
const struct test_suite suite_maple = { "maple", tests };
