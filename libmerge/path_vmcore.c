// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Paths of files of a crashed kernel, as d_path() of its fs/d_path.c has them for a
 * reader whose root is the topmost mount: names of dentries up to the root of
 * their mount, then from where that is mounted on. Of a mount that is in no
 * namespace (any more) there is no path from anywhere.
 */
#include <errno.h>
#include <string.h>

#include "path_vmcore.h"

#define NAME_LIMIT	1024		/* longer than any file system's names */
#define MAX_STEPS	4096		/* names and mounts of a path */
#define MAX_ERRNO	4095

/* FMODE_BACKING of include/linux/fs.h: a file below overlayfs */
#define MODE_BACKING	0x1000000u

/*
 * struct place - a struct path
 * @mount: the struct mount that has its struct vfsmount
 */
struct place {
	uint64_t dentry;
	uint64_t mount;
};

/* Text that grows from the end of @buf: it starts at @at */
struct backwards {
	char *buf;
	size_t at;
};

const char *vm_path_lacks(struct vmcore *vm)
{
	static const enum vmcore_member needed[] = {
		FILE_PATH, PATH_MNT, PATH_DENTRY, DENTRY_PARENT, DENTRY_NAME, DENTRY_HASH,
		DENTRY_OP, DENTRY_OP_DNAME, HASH_PPREV, QSTR_LEN, QSTR_NAME, MNT_ROOT,
		MOUNT_MNT, MOUNT_PARENT, MOUNT_POINT, MOUNT_NS,
	};

	for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++)
		if (!vmcore_has(vm, needed[i]))
			return vmcore_member_name(needed[i]);
	return NULL;
}

static int prepend(struct backwards *b, const char *text, size_t len)
{
	if (len > b->at)
		return -ENAMETOOLONG;
	b->at -= len;
	memcpy(b->buf + b->at, text, len);
	return 0;
}

/* "/name" */
static int prepend_name(struct vmcore *vm, struct backwards *b, uint64_t dentry)
{
	uint64_t qstr = dentry + vmcore_offset(vm, DENTRY_NAME), len, text;
	char name[NAME_LIMIT];
	int ret = vmcore_get(vm, qstr, QSTR_LEN, &len);

	if (!ret)
		ret = vmcore_get(vm, qstr, QSTR_NAME, &text);
	if (!ret && (!len || len > sizeof(name)))
		ret = -EBADMSG;
	if (!ret)
		ret = mem_read(vm->mem, text, name, len);
	if (!ret && memchr(name, 0, len))
		ret = -EBADMSG;
	if (!ret)
		ret = prepend(b, name, len);
	return ret ? ret : prepend(b, "/", 1);
}

static int read_place(struct vmcore *vm, uint64_t path, struct place *place)
{
	int ret = vmcore_get(vm, path, PATH_DENTRY, &place->dentry);

	if (!ret)
		ret = vmcore_get(vm, path, PATH_MNT, &place->mount);
	if (!ret && (!place->dentry || !place->mount))
		ret = -EBADMSG;
	place->mount -= vmcore_offset(vm, MOUNT_MNT);
	return ret;
}

static int root_of(struct vmcore *vm, uint64_t mount, uint64_t *dentry)
{
	return vmcore_get(vm, mount + vmcore_offset(vm, MOUNT_MNT), MNT_ROOT, dentry);
}

/* At the root of a mount: on to where it is mounted. 1 when that is nowhere */
static int climb_mount(struct vmcore *vm, struct place *at)
{
	uint64_t parent, ns;
	int ret = vmcore_get(vm, at->mount, MOUNT_PARENT, &parent);

	if (ret)
		return ret;
	if (parent != at->mount) {
		ret = vmcore_get(vm, at->mount, MOUNT_POINT, &at->dentry);
		at->mount = parent;
		return ret;
	}
	ret = vmcore_get(vm, at->mount, MOUNT_NS, &ns);
	if (ret)
		return ret;
	if (mem_kernel(vm->mem)->long_size == 4)
		ns = (uint64_t)(int32_t)ns;
	return ns && ns < (uint64_t)-MAX_ERRNO ? 1 : -ENOENT;
}

/* To the parent of a dentry that is no root of its mount */
static int climb_dentry(struct vmcore *vm, struct backwards *b, struct place *at)
{
	uint64_t parent;
	int ret = vmcore_get(vm, at->dentry, DENTRY_PARENT, &parent);

	if (!ret && parent == at->dentry)	/* moved out of what is mounted */
		ret = -ENOENT;
	if (!ret)
		ret = prepend_name(vm, b, at->dentry);
	if (!ret)
		at->dentry = parent;
	return ret;
}

static int prepend_path(struct vmcore *vm, struct backwards *b, struct place at)
{
	int ret = 0;

	for (unsigned int i = 0; !ret && i < MAX_STEPS; i++) {
		uint64_t root;

		ret = root_of(vm, at.mount, &root);
		if (!ret)
			ret = at.dentry == root ? climb_mount(vm, &at) : climb_dentry(vm, b, &at);
	}
	return ret > 0 ? 0 : ret ? ret : -ELOOP;
}

/*
 * Files on file systems that are never mounted, which make up their names: memory
 * shared by tasks, memfd_create(). 1 when it is none.
 */
static int prepend_made_up(struct vmcore *vm, struct backwards *b, const struct place *at)
{
	uint64_t op, dname = 0, root, parent, simple;
	int ret = vmcore_get(vm, at->dentry, DENTRY_OP, &op);

	if (!ret && op)
		ret = vmcore_get(vm, op, DENTRY_OP_DNAME, &dname);
	if (!ret)
		ret = root_of(vm, at->mount, &root);
	if (!ret)
		ret = vmcore_get(vm, at->dentry, DENTRY_PARENT, &parent);
	if (ret)
		return ret;
	if (!dname || (parent == at->dentry && root == at->dentry))
		return 1;
	if (vmcore_symbol(vm, "simple_dname", &simple) || simple != dname)
		return -ENOENT;
	ret = prepend(b, " (deleted)", strlen(" (deleted)"));
	return ret ? ret : prepend_name(vm, b, at->dentry);
}

static int is_unlinked(struct vmcore *vm, uint64_t dentry, bool *unlinked)
{
	uint64_t pprev, parent;
	int ret = vmcore_get(vm, dentry + vmcore_offset(vm, DENTRY_HASH), HASH_PPREV, &pprev);

	if (!ret)
		ret = vmcore_get(vm, dentry, DENTRY_PARENT, &parent);
	if (!ret)
		*unlinked = !pprev && parent != dentry;
	return ret;
}

static int path_at(struct vmcore *vm, struct backwards *b, uint64_t path)
{
	struct place place;
	bool unlinked;
	size_t end;
	int ret = read_place(vm, path, &place);

	if (!ret)
		ret = prepend_made_up(vm, b, &place);
	if (ret <= 0)
		return ret;
	ret = is_unlinked(vm, place.dentry, &unlinked);
	if (!ret && unlinked)
		ret = prepend(b, " (deleted)", strlen(" (deleted)"));
	end = b->at;
	if (!ret)
		ret = prepend_path(vm, b, place);
	return !ret && b->at == end ? prepend(b, "/", 1) : ret;
}

/* Where the struct path is that overlayfs keeps for users, 0 without one */
static uint64_t user_path(struct vmcore *vm, uint64_t file)
{
	uint64_t mode;

	if (!vmcore_has(vm, BACKING_FILE) || !vmcore_has(vm, BACKING_PATH) ||
	    vmcore_get(vm, file, FILE_MODE, &mode) || !(mode & MODE_BACKING))
		return 0;
	return file - vmcore_offset(vm, BACKING_FILE) + vmcore_offset(vm, BACKING_PATH);
}

int vm_path(struct vmcore *vm, uint64_t file, char *buf, size_t size)
{
	struct backwards b = { buf, size };
	int ret = prepend(&b, "", 1);
	uint64_t user;

	if (!ret)
		ret = path_at(vm, &b, file + vmcore_offset(vm, FILE_PATH));
	/* what is in no namespace may lie below a mount that is */
	user = ret == -ENOENT ? user_path(vm, file) : 0;
	if (user) {
		b.at = size - 1;
		ret = path_at(vm, &b, user);
	}
	if (!ret)
		memmove(buf, buf + b.at, size - b.at);
	return ret;
}
