// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mkkernel.h"
#include "path_vmcore.h"
#include "tests.h"

/* The topmost mount with usr/bin, on which another one is, with a file "my shell" in dir */
#define MOUNTS	"mount main - -\n"					\
	"dentry usr main.root usr\ndentry bin usr bin\n"		\
	"mount other main bin\ndentry dir other.root dir\ndentry shell dir my shell\n"
#define FILE_IN	MOUNTS "file f other shell\n"
#define PATH	"/usr/bin/dir/my shell\n"
#define MADE_UP	"alloc ops 256\nset ops:dentry_operations.d_dname simple\n"	\
		"set shell:dentry.d_op ops\n"
#define SIMPLE	"alloc simple 16\nsymbol simple_dname simple\n"

/* The path of the file @label, or the error's name */
static char *path_of(const char *kernel, const char *more, const char *label)
{
	struct kernel *k = kernel_open(kernel, more);
	struct vmcore vm;
	const char *missing;
	char *text, path[64];
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int ret;

	CU_ASSERT_EQUAL_FATAL(vmcore_init(&vm, &k->mem), 0);
	missing = vm_path_lacks(&vm);
	if (missing) {
		fprintf(out, "no %s\n", missing);
	} else {
		ret = vm_path(&vm, kernel_place(k, label), path, sizeof(path));
		fprintf(out, "%s\n", ret ? strerrorname_np(-ret) : path);
	}
	fclose(out);
	vmcore_deinit(&vm);
	kernel_close(k);
	return text;
}

static const struct path_row {
	const char *name;
	const char *kernel;
	const char *more;
	const char *want;
} rows[] = {
	{ "across mounts", FILE_IN, "", PATH },
	{ "of 6.1", "version 601\n" FILE_IN, "", PATH },
	{ "of 7.2, short, big", "version 700\nlong 4\nbig\n" FILE_IN, "", PATH },
	{ "removed", FILE_IN, "set shell:dentry.d_hash:hlist_bl_node.pprev 0\n",
	  "/usr/bin/dir/my shell (deleted)\n" },
	{ "the topmost root", MOUNTS "file f main main.root\n", "", "/\n" },
	{ "the root of another mount", MOUNTS "file f other other.root\n", "", "/usr/bin\n" },
	{ "shared memory", FILE_IN, SIMPLE MADE_UP, "/my shell (deleted)\n" },
	{ "a root is never made up", MOUNTS "file f other other.root\n",
	  SIMPLE "alloc ops 256\nset ops:dentry_operations.d_dname simple\n"
	  "set other.root:dentry.d_op ops\n", "/usr/bin\n" },
	{ "made up otherwise", FILE_IN, "alloc other_way 16\nsymbol simple_dname other_way\n"
	  "alloc simple 16\n" MADE_UP, "ENOENT\n" },
	{ "not mounted", FILE_IN, "set other:mount.mnt_parent other\nset other:mount.mnt_ns 0\n",
	  "ENOENT\n" },
	{ "mounted for the kernel only", FILE_IN, "set other:mount.mnt_parent other\n"
	  "set other:mount.mnt_ns 0xffffffffffffffea\n", "ENOENT\n" },
	{ "moved out of what is mounted", FILE_IN, "set dir:dentry.d_parent dir\n", "ENOENT\n" },
	{ "a ring of directories", FILE_IN, "set dir:dentry.d_parent shell\n", "ENAMETOOLONG\n" },
	{ "a ring of mounts", FILE_IN, "set main:mount.mnt_parent other\n"
	  "set main:mount.mnt_mountpoint other.root\nset other:mount.mnt_mountpoint main.root\n",
	  "ELOOP\n" },
	{ "a name of zeros", FILE_IN, "set dir:dentry.d_name:qstr.len 0\n", "EBADMSG\n" },
	{ "a name too long", FILE_IN, "set dir:dentry.d_name:qstr.len 5000\n", "EBADMSG\n" },
	{ "a name with a zero in it", FILE_IN, "set dir:dentry.d_name:qstr.len 4\n", "EBADMSG\n" },
	{ "a directory is gone", FILE_IN, "exclude dir\n", "ENODATA\n" },
	{ "a mount is gone", FILE_IN, "exclude other\n", "ENODATA\n" },
	{ "no file", FILE_IN, "zero f\n", "EBADMSG\n" },
	{ "no mounts known", FILE_IN, "without mount.mnt_parent\n", "no mount.mnt_parent\n" },
	{ "a path too long", MOUNTS "dentry long dir a name of sixty-three letters, which is "
	  "just too much for it\nfile f other long\n", "", "ENAMETOOLONG\n" },
};

static void test_paths(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		CHECK_ROW(test_text(path_of(rows[i].kernel, rows[i].more, "f"), rows[i].want),
			  rows[i].name);
}

#define LAYERS	MOUNTS "mount layer - -\nset layer:mount.mnt_ns 0xffffffffffffffea\n"	\
		"dentry real layer.root real\nbacking b layer real other shell\n"

static void test_overlay(void)
{
	CHECK_TEXT(path_of(LAYERS, "", "b.file"), PATH);
	CHECK_TEXT(path_of(LAYERS, "set b.file:file.f_mode 0\n", "b.file"), "ENOENT\n");
	CHECK_TEXT(path_of(LAYERS, "without backing_file.user_path\n", "b.file"), "ENOENT\n");
	/* a file with that bit that is mounted is none of overlayfs */
	CHECK_TEXT(path_of(LAYERS, "set layer:mount.mnt_ns 8\n", "b.file"), "/real\n");
}

static const struct test tests[] = {
	{ "a path is the kernel's, or there is a reason why not", test_paths },
	{ "a file of overlayfs has the path its users know", test_overlay },
	{ NULL, NULL }
};
const struct test_suite suite_path_vmcore = { "path_vmcore", tests };
