// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Opening what is behind a path. Programs that do not do that, such as crash's
 * extension, get neither this file nor what it needs out of libmerge.a.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "source_open.h"

/* ---- Dumps of a kernel's memory ------------------------------------------- */

/* e_type of an ELF header, in the byte order it says it has */
static bool is_elf_core(const struct source_look *look)
{
	const uint8_t *h = look->head;
	const size_t type = offsetof(Elf64_Ehdr, e_type);

	return look->size >= type + 2 && !memcmp(h, ELFMAG, SELFMAG) &&
	       (h[EI_DATA] == ELFDATA2MSB ? h[type] << 8 | h[type + 1] :
		h[type + 1] << 8 | h[type]) == ET_CORE;
}

/* Dumps of makedumpfile, and its flattened ones, and of QEMU */
static bool is_vmcore(const struct source_look *look)
{
	static const char *const signatures[] = { "KDUMP   ", "DISKDUMP", "makedumpfile" };

	for (size_t i = 0; i < sizeof(signatures) / sizeof(*signatures); i++) {
		size_t len = strlen(signatures[i]);

		if (look->size >= len && !memcmp(look->head, signatures[i], len))
			return true;
	}
	return is_elf_core(look);
}

static int refuse_vmcore(const char *path, struct merge_error *err, struct merge_source **out)
{
	(void)out;
	return error_set(err, -ENOTSUP,
			 "%s: the dump of a kernel's memory: open it with crash and the kernel's vmlinux, then \"extend pstore_rb.so\" and \"pstore_rb show\", or \"pstore_rb dump FILE\" for a trace.dat",
			 path);
}

/* ---- The table ------------------------------------------------------------ */

static const struct source_type types[] = {
	{ "trace.dat", tracedat_probe, tracedat_open, NULL, NULL },
	{ "pages", pages_probe, pages_open, NULL, NULL },
	{ "pstore", pstore_probe, pstore_open, NULL, NULL },
	{ "vmcore", is_vmcore, refuse_vmcore, NULL, NULL },
	{ "region", region_probe, region_open, region_open_at, NULL },
	{ "bootring", bootring_probe, bootring_open, bootring_open_at, NULL },
	{ "ramoops", ramoops_probe, ramoops_open, ramoops_open_at, ramoops_open_how },
};

#define NR_TYPES	(sizeof(types) / sizeof(*types))

/* The first bytes of a regular file; what cannot be read is not looked at */
static int look_at(const char *path, struct source_look *look)
{
	ssize_t n;
	int fd;

	*look = (struct source_look){ .path = path };
	if (stat(path, &look->st))
		return -errno;
	if (!S_ISREG(look->st.st_mode))
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = pread(fd, look->head, sizeof(look->head), 0);
	close(fd);
	if (n < 0)
		return -errno;
	look->size = (size_t)n;
	return 0;
}

static int unknown(const struct source_look *look, struct merge_error *err)
{
	const char *what = S_ISDIR(look->st.st_mode) ? "a directory" :
		S_ISFIFO(look->st.st_mode) ? "a pipe, which cannot be read at any place: save it to a file" :
		!S_ISREG(look->st.st_mode) ? "not a regular file" :
		!look->size ? "an empty file" : "a file of unknown kind";

	return error_set(err, -ENOTSUP, "%s: %s: no trace that is known", look->path, what);
}

/* Whether @type is "NAME@PLACE": one of several in a file */
static bool names_place(const struct source_type *row, const char *type, uint64_t *place)
{
	size_t len = strlen(row->name);
	char *end;

	if (!row->open_at || strncmp(row->name, type, len) || type[len] != '@' ||
	    type[len + 1] < '0' || type[len + 1] > '9')
		return false;
	*place = strtoull(type + len + 1, &end, 0);
	return !*end;
}

/* Whether @type is "NAME:PARAMETERS" */
static bool names_how(const struct source_type *row, const char *type)
{
	size_t len = strlen(row->name);

	return row->open_how && !strncmp(row->name, type, len) && type[len] == ':';
}

int merge_source_open(const char *path, const char *type, struct merge_error *err,
		      struct merge_source **out)
{
	struct source_look look;
	uint64_t place;
	int ret;

	for (size_t i = 0; type && i < NR_TYPES; i++) {
		if (!strcmp(types[i].name, type))
			return types[i].open(path, err, out);
		if (names_place(&types[i], type, &place))
			return types[i].open_at(path, place, err, out);
		if (names_how(&types[i], type))
			return types[i].open_how(path, type + strlen(types[i].name) + 1, err, out);
	}
	if (type)
		return error_set(err, -EINVAL, "no kind of source is called %s", type);
	ret = look_at(path, &look);
	if (ret)
		return error_set(err, ret, "%s: %s", path, strerror(-ret));
	for (size_t i = 0; i < NR_TYPES; i++)
		if (types[i].probe(&look))
			return types[i].open(path, err, out);
	return unknown(&look, err);
}
