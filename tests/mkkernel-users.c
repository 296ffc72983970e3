// SPDX-License-Identifier: GPL-2.0-or-later
/* What processes of the crashed kernel that mkkernel.h describes have mapped. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mkkernel.h"

/* Word @i: a number, a place, or 0 for "-" */
static uint64_t place_at(struct kernel *k, unsigned int i)
{
	char word[128], *end;
	uint64_t value;

	kernel_word(k, i, word, sizeof(word));
	if (!strcmp(word, "-"))
		return 0;
	value = strtoull(word, &end, 0);
	return *end ? kernel_place(k, word) : value;
}

static uint64_t object(struct kernel *k, unsigned int i)
{
	char name[40];

	kernel_word(k, i, name, sizeof(name));
	return kernel_alloc(k, KERNEL_OBJECT, "%s", name);
}

/* ---- maple trees ----------------------------------------------------------- */

static const char *const kinds[] = { "leaf", "range", "alloc" };

static void do_node(struct kernel *k)
{
	char kind[16], label[64];
	unsigned int i = 0;

	kernel_word(k, 1, kind, sizeof(kind));
	while (i < 3 && strcmp(kinds[i], kind))
		i++;
	if (i == 3)
		kernel_give_up(k);
	kernel_name(k, 'e', "maple_leaf_64", 1);
	k->node = object(k, 2);
	k->node_allocs = i == 2;
	k->nr_slots = 0;
	snprintf(label, sizeof(label), "%s.in", kernel_rest(k, 2));
	kernel_name(k, 'l', label, k->node + ((i + 1) << 3) + 4);
}

/* The slot behind the last key has none: what is written there is left out */
static void do_slot(struct kernel *k)
{
	uint64_t pivot = kernel_number(k, 1), entry = place_at(k, 2);
	size_t offset, size, long_size = k->mem.long_size, i = k->nr_slots++;

	kernel_member(k, k->node_allocs ? MAPLE_ALLOC_PIVOT : MAPLE_PIVOT, &offset, &size);
	if (i < size / long_size)
		kernel_put(k, k->node + offset + i * long_size, long_size, pivot);
	offset = kernel_offset(k, k->node_allocs ? MAPLE_ALLOC_SLOT : MAPLE_SLOT);
	kernel_put(k, k->node + offset + i * long_size, long_size, entry);
}

/* ---- files ----------------------------------------------------------------- */

/* Hashed, as what can be looked up is; its own parent without one */
static uint64_t add_dentry(struct kernel *k, uint64_t dentry, uint64_t parent, const char *name)
{
	uint64_t qstr = dentry + kernel_offset(k, DENTRY_NAME);

	kernel_set(k, dentry, DENTRY_PARENT, parent ? parent : dentry);
	kernel_set(k, dentry + kernel_offset(k, DENTRY_HASH), HASH_PPREV, 8);
	kernel_set(k, qstr, QSTR_LEN, strlen(name));
	kernel_set(k, qstr, QSTR_NAME, kernel_string(k, name, NULL));
	return dentry;
}

static void do_dentry(struct kernel *k)
{
	add_dentry(k, object(k, 1), place_at(k, 2), kernel_rest(k, 3));
}

static void do_mount(struct kernel *k)
{
	uint64_t mount = object(k, 1), parent = place_at(k, 2), root;
	char label[64], name[40];

	kernel_word(k, 1, name, sizeof(name));
	snprintf(label, sizeof(label), "%s.root", name);
	root = add_dentry(k, kernel_alloc(k, KERNEL_OBJECT, "%s", label), 0, "/");
	kernel_set(k, mount, MOUNT_PARENT, parent ? parent : mount);
	kernel_set(k, mount, MOUNT_POINT, parent ? place_at(k, 3) : root);
	kernel_set(k, mount, MOUNT_NS, 0x1000);
	kernel_set(k, mount + kernel_offset(k, MOUNT_MNT), MNT_ROOT, root);
}

static void set_path(struct kernel *k, uint64_t path, uint64_t mount, uint64_t dentry)
{
	kernel_set(k, path, PATH_MNT, mount + kernel_offset(k, MOUNT_MNT));
	kernel_set(k, path, PATH_DENTRY, dentry);
}

static void do_file(struct kernel *k)
{
	set_path(k, object(k, 1) + kernel_offset(k, FILE_PATH), place_at(k, 2), place_at(k, 3));
}

/* A file below overlayfs */
static void do_backing(struct kernel *k)
{
	uint64_t file, backing = object(k, 1);
	char label[64];

	file = backing + kernel_offset(k, BACKING_FILE);
	kernel_word(k, 1, label, sizeof(label) - 6);
	strcat(label, ".file");
	kernel_name(k, 'l', label, file);
	kernel_set(k, file, FILE_MODE, 0x1000000);
	set_path(k, file + kernel_offset(k, FILE_PATH), place_at(k, 2), place_at(k, 3));
	set_path(k, backing + kernel_offset(k, BACKING_PATH), place_at(k, 4), place_at(k, 5));
}

static void do_vma(struct kernel *k)
{
	uint64_t vma = object(k, 1);

	kernel_set(k, vma, VMA_MM, place_at(k, 2));
	kernel_set(k, vma, VMA_START, kernel_number(k, 3));
	kernel_set(k, vma, VMA_END, kernel_number(k, 4));
	kernel_set(k, vma, VMA_FILE, place_at(k, 5));
}

const struct kernel_word kernel_user_words[] = {
	{ "node", do_node }, { "slot", do_slot }, { "dentry", do_dentry },
	{ "mount", do_mount }, { "file", do_file }, { "backing", do_backing },
	{ "vma", do_vma }, { NULL, NULL }
};
