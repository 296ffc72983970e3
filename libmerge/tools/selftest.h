/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A trial: marks in the trace of a machine that is then reset, and whether they are found
 * in the next boot.
 */
#ifndef PSTORE_RB_SELFTEST_H
#define PSTORE_RB_SELFTEST_H

#include "harvest.h"

/* Below the directory of harvests */
#define SELFTEST_STATE	"selftest"

/* Marks on each CPU; numbers of CPUs that are known */
#define SELFTEST_RUN	16u
#define SELFTEST_CPUS	8192u

/* 16 digits */
#define SELFTEST_NONCE	17

/*
 * struct selftest - a trial
 * @nonce: what only its marks have
 * @boot_id: of the boot that was to leave them
 * @time: when, of the wall
 * @marked: by CPU, whether it has SELFTEST_RUN marks, numbered from 1
 * @nr_cpus: that have
 */
struct selftest {
	char nonce[SELFTEST_NONCE], boot_id[BOOT_ID_SIZE], time[WALL_SIZE];
	bool marked[SELFTEST_CPUS];
	unsigned int nr_cpus;
};

/* selftest_state.c: what one boot tells the next; @dir: of harvests */

/* A new one of this boot, of all CPUs this process may be on. Return: 0; errno, @err set */
int selftest_new(struct selftest *t, const char *boot_id, struct merge_error *err);
/* Onto the disk */
int selftest_save(const struct selftest *t, const char *dir, struct merge_error *err);
/* -ENOENT: there is none; -EBADMSG: that is none */
int selftest_load(struct selftest *t, const char *dir, struct merge_error *err);
void selftest_forget(const char *dir);

/* selftest_mark.c: write the marks, through @fd of a trace_marker. Return: 0; errno, @err set */
int selftest_mark(const struct selftest *t, int fd, struct merge_error *err);

/* What mark @nr of @cpu says; @text has SELFTEST_TEXT bytes */
#define SELFTEST_TEXT	80
void selftest_text(const struct selftest *t, unsigned int cpu, unsigned int nr,
		   char text[SELFTEST_TEXT]);

/*
 * struct selftest_found - what an image has of it
 * @path: of the image, malloc'ed; NULL: none has a mark
 * @runs: by CPU, bit N - 1 for mark N
 * @marks: found; @misplaced: on another CPU, not in order, or there twice
 * @damaged: sub-buffers of the image; @notices: what else it could not give
 * @images: that were looked at
 */
struct selftest_found {
	char *path;
	uint32_t runs[SELFTEST_CPUS];
	unsigned int marks, misplaced, damaged, notices, images;
};

/*
 * selftest_verify.c: look in pstore below @root, then in the harvests of @dir, the newest
 * first. Return: 0, also when there is none; -EINTR; -ENOMEM, @err set. The caller frees
 * @f->path in every case.
 */
int selftest_find(const struct selftest *t, const char *root, const char *dir,
		  struct selftest_found *f, struct merge_error *err);

/* What that comes to: an exit status of tool.h */
int selftest_result(const struct selftest *t, const struct selftest_found *f);

/* In words, or as JSON */
void selftest_tell(const struct selftest *t, const struct selftest_found *f, const char *where,
		   bool json, struct textbuf *b);

#endif
