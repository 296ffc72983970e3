/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Directories of raw sub-buffers made from images, and what is done to them, for tests. */
#ifndef PAGES_IN_H
#define PAGES_IN_H

#include "mkpages.h"

struct pages_place {
	char dir[64];
};

/* A directory made of the image @text (dat_image()), counted as the kernel would have */
void pages_place_make(struct pages_place *p, const char *text);
void pages_place_remove(struct pages_place *p);

/* It as a source; the test ends when it cannot be opened */
struct merge_source *pages_in_open(const struct pages_place *p);

/* All records of all buffers, with their bytes; malloc'ed */
char *pages_in_records(struct merge_source *src);

/* What is done to a file below the directory, before it is opened */
void pages_cut(const struct pages_place *p, const char *path, size_t size);
void pages_unlink(const struct pages_place *p, const char *path);
void pages_poke(const struct pages_place *p, const char *path, size_t offset, const char *bytes,
		size_t len);
void pages_write(const struct pages_place *p, const char *path, const char *text);

#endif
