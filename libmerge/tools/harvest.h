/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One harvest while it is made: files of a crash, what was read out of them, a manifest. */
#ifndef PSTORE_RB_HARVEST_H
#define PSTORE_RB_HARVEST_H

#include "kept.h"
#include "outdir.h"
#include "place.h"
#include "textbuf.h"

/* 16 bytes as /proc/sys/kernel/random/boot_id has them */
#define BOOT_ID_SIZE	37

/*
 * struct harvest - what is made
 * @out: its directory
 * @place: what it is made of
 * @boot_id: of the boot that was recorded, "" when no image tells
 * @now_boot_id: of the boot that harvests, or ""
 * @recordings, @problems: JSON, what is in the brackets of an array
 * @nr_recordings, @nr_files: there are
 * @events, @about: of the first recording: how many, and which kernel and time, for people
 * @partial: something is missing or damaged
 */
struct harvest {
	struct outdir out;
	const struct place *place;
	const struct crc32c *crc;
	char boot_id[BOOT_ID_SIZE], now_boot_id[BOOT_ID_SIZE];
	struct textbuf recordings, problems;
	unsigned int nr_recordings, nr_files;
	uint64_t events;
	char about[300];
	bool partial;
};

/* Of the boot that runs below @root, "" when it cannot be read */
void harvest_boot_id(const char *root, char id[BOOT_ID_SIZE]);

/* Complain, and note it for the manifest */
void harvest_problem(struct harvest *h, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Copy @f, and compare: what cannot be copied is a problem, and not .verified.
 * Return: 0; -EINTR; -ENOMEM
 */
int harvest_copy(struct harvest *h, struct place_file *f);

/*
 * struct recording_facts - what the header of a recording tells of where it was made
 * @area: address of the region
 * @stopped: it ended in order
 * @tables_full: not all formats and names found room
 */
struct recording_facts {
	char boot_id[BOOT_ID_SIZE];
	uint64_t area;
	bool stopped, tables_full;
};

/* harvest_recordings.c: of the newest recording in an image. Return: 0; -ENODATA; -EINTR; -ENOMEM */
int recordings_look(int at, const char *image, const struct crc32c *crc,
		    struct recording_facts *facts);
/* The same of the first image in @folder that has one */
int recordings_look_in(int at, const char *folder, const struct crc32c *crc,
		       struct recording_facts *facts);

/*
 * All recordings of @image, which was copied: trace.dat, text, and what the manifest says of
 * them. What cannot be is a problem. Return: 0; -EINTR; -ENOMEM
 */
int recordings_make(struct harvest *h, const char *image);

/* manifest.c: write it, of time @made. Return: 0; errno with @err set */
int manifest_write(struct harvest *h, const struct timespec *made, struct merge_error *err);

/* A member of an object, null for "" */
void manifest_text(struct textbuf *b, const char *key, const char *text);

/* Of nanoseconds since 1970, as "2026-11-28T12:33:01.123456Z" */
#define WALL_SIZE	40
void manifest_wall(uint64_t ns, char text[WALL_SIZE]);

#endif
