/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lists that a kernel shows of itself as lines of text: kallsyms, saved_cmdlines,
 * printk_formats, uname. A line that is none is stepped over.
 */
#ifndef MERGE_DESC_LINES_H
#define MERGE_DESC_LINES_H

#include "describe.h"

/* A line, terminated, that the walk may write to; other than 0 ends the walk */
typedef int desc_line_fn(void *arg, char *line);

/* The lines of @text, which is written to */
int desc_each_line(char *text, desc_line_fn *fn, void *arg);

/* What the walk is for. @has_address: not all addresses were zeros */
struct desc_symbol_walk {
	desc_symbol_fn *fn;
	void *arg;
	bool has_address;
};

struct desc_comm_walk {
	desc_comm_fn *fn;
	void *arg;
};

struct desc_printk_walk {
	desc_printk_fn *fn;
	void *arg;
};

/* Each a desc_line_fn, @arg its walk */
int desc_take_symbol(void *arg, char *line);
int desc_take_comm(void *arg, char *line);
int desc_take_printk(void *arg, char *line);

/* "Linux host 6.12.0 x86_64", of uname -snrm: the kernel's release has no blanks */
void desc_take_uname(struct merge_desc *d, const char *line);

#endif
