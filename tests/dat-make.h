/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trace.dat files made from images (mkimage.h) of the boot of boot.h, for tests. */
#ifndef DAT_MAKE_H
#define DAT_MAKE_H

#include "dat.h"
#include "libmerge.h"

/* Ids of boot.h in numbers: 5 print, 118 tick */
#define TWO_BUFFERS							\
	"size 4096\n"							\
	"buffer top clock=local\n"					\
	"cpu 0\n"							\
	"page ts=1000\nevent +10 id=118\nevent +20 id=118\n"		\
	"page ts=2000 missed=3\nevent +10 id=118 len=40\n"		\
	"cpu 1\n"							\
	"cpu 3\n"							\
	"page ts=1500\nevent +1 id=118\n"				\
	"size 65536\n"							\
	"buffer snap/snapshot clock=counter\n"				\
	"cpu 6\n"							\
	"page ts=7\nevent +1 id=118 count=4000\nevent +1 id=104 len=12\n" \
	"page ts=9000\nevent +1 id=5 len=20\n"

/* All that trace-cmd is to read */
#define READABLE \
	"size 4096\nbuffer top clock=local\n" \
	"cpu 0\npage ts=1000\nevent +10 id=118\nevent +20 id=118\n" \
	"page ts=2000 missed=3\nevent +10 id=118 len=40\n" \
	"cpu 3\npage ts=1500\nevent +1 id=118\n" \
	"size 65536\nbuffer big clock=local\n" \
	"cpu 1\npage ts=1600\nevent +1 id=118 count=4\n" \
	"page ts=1700\nevent +1 id=118\n"

/* A directory of its own for a file */
struct dat_place {
	char dir[64];
	char path[80];
};

void dat_place_make(struct dat_place *p);
/* Number of files in the directory */
unsigned int dat_place_count(const struct dat_place *p);
void dat_place_remove(struct dat_place *p);

/* An image described by a boot; the buffer "top" is the top-level one */
struct merge_source *dat_image(const char *text);

/* All CPUs have counters, as those that files are made of have */
void dat_count(struct merge_source *src);

/* The file made of @text at @place; of its sub-buffers when @sel is NULL */
void dat_make_file(struct dat_place *place, unsigned int version, const char *text,
		   const struct merge_select *sel);

/* The file made of the sub-buffers of @text, or of events of them, read back */
struct dat *dat_write(unsigned int version, const char *text);
struct dat *dat_write_events(unsigned int version, const char *text,
			     const struct merge_select *sel);

/* What trace-cmd report says of the file made of @text; NULL: no trace-cmd */
char *dat_report(unsigned int version, const char *text);

/*
 * @text with single spaces and without the flags behind "[cpu]": releases differ
 * in how they align lines and whether they show flags. Frees @text.
 */
char *dat_plain_report(char *text);

#endif
