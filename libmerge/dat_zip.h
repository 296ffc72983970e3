/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The compressions of trace.dat files: the only file that knows their libraries. */
#ifndef MERGE_DAT_ZIP_H
#define MERGE_DAT_ZIP_H

#include <stdbool.h>
#include <stddef.h>

struct dat_zip;

/* By the name in the file's head, "none" too. NULL: none that is known */
const struct dat_zip *dat_zip_find(const char *name);

/* Whether @in_size bytes can become @out_size, by the method and at all */
bool dat_zip_can_be(const struct dat_zip *zip, size_t in_size, size_t out_size);

/*
 * Exactly @out_size bytes out of the @in_size bytes at @in, malloc'ed with a NUL
 * behind. Nothing is allocated when so few bytes cannot hold so many.
 * Return: 0, -EBADMSG, -ENOMEM
 */
int dat_zip_expand(const struct dat_zip *zip, const void *in, size_t in_size,
		   size_t out_size, void **out);

#endif
