/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Persistent regions in files, and what the source makes of them, for tests. */
#ifndef PERSIST_IN_H
#define PERSIST_IN_H

#include <stddef.h>

#include "mkpersist.h"

#define HEADER(field)	offsetof(struct trace_persist_header, field)
#define SEAL(field)	offsetof(struct trace_persist_seal, field)
#define ENTRY(field)	offsetof(struct trace_persist_entry, field)
#define CHUNK(field)	offsetof(struct trace_persist_chunk, field)

/* CPU 0 has three sub-buffers, CPU 2 has two, an event in each */
#define PERSIST_SMALL							\
	"size 4096\nbuffer top clock=local\ncpu 0\n"			\
	"page ts=1000\nevent +1 id=118\npage ts=2000\nevent +1 id=118\n" \
	"page ts=3000\nevent +1 id=118\n"				\
	"cpu 2\npage ts=1500\nevent +1 id=118\npage ts=2500\nevent +1 id=118\n"

/* Its events: as image_render() has them */
#define PERSIST_SMALL_EVENTS						\
	"top/0 1001 1\ntop/2 1501 4\ntop/0 2001 2\ntop/2 2501 5\ntop/0 3001 3\n"

/* The slot of the image @text (dat_image()) */
void persist_in_make(struct persist_made *m, const char *text, const struct persist_how *how);
/* That of PERSIST_SMALL */
void persist_in_small(struct persist_made *m);

/*
 * @size bytes at @data, behind @before bytes of other things, as a file that is a source
 * of kind @type; NULL with @err filled when it is refused
 */
struct merge_source *persist_in_open(const void *data, size_t size, size_t before,
				     const char *type, struct merge_error *err);

/* The slot alone; frees it. The test ends when it is refused */
struct merge_source *persist_in_source(struct persist_made *m);

/* All remarks, each with a newline behind; malloc'ed */
char *persist_in_remarks(const struct merge_source *src);

/* As image_render() of its buffers, then its notices, each behind "# "; closes @src */
char *persist_in_all(struct merge_source *src);

#endif
