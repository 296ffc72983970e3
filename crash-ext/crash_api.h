/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What this extension uses of crash: exported functions and variables whose
 * prototypes and values are the same in crash 8.0.2, 8.0.6 and 9.0.2.
 *
 * crash's own defs.h is not included: its big tables (symbol_table_data,
 * machdep_table, offset_table, ...) differ from release to release, so that a
 * binary that looks into one fits a single crash. Nothing here depends on a
 * table's layout: one pstore_rb.so serves all.
 */
#ifndef PSTORE_RB_CRASH_API_H
#define PSTORE_RB_CRASH_API_H

#include <stdio.h>

struct command_table_entry {
	char *name;
	void (*func)(void);
	char **help_data;
	unsigned long flags;
};

struct datatype_member;

extern FILE *fp;		/* where output goes: terminal, pager, pipe or file */
extern char *args[];
extern int argcnt;
extern int argerrs;

void register_extension(struct command_table_entry *table);
void cmd_usage(char *command, int verbose);	/* does not return */
int __error(int type, char *fmt, ...);

int readmem(unsigned long long addr, int memtype, void *buf, long size, char *what,
	    unsigned long flags);
int kvtop(void *task, unsigned long addr, unsigned long long *phys, int verbose);
int kernel_symbol_exists(char *name);
unsigned long symbol_value(char *name);
long datatype_info(char *type, char *member, struct datatype_member *request);
int enumerator_value(char *name, long *value);
unsigned int memory_page_size(void);

enum { CRASH_INFO = 1, CRASH_WARNING = 4 };		/* __error() */
enum { CRASH_SYNOPSIS = 1 };				/* cmd_usage() */
enum { CRASH_KVADDR = 1, CRASH_PHYSADDR = 4 };		/* readmem() */
enum { CRASH_RETURN_ON_ERROR = 2, CRASH_QUIET = 4 };

/* datatype_info() takes these in place of its third argument */
#define CRASH_MEMBER_OFFSET	((struct datatype_member *)0)
#define CRASH_MEMBER_SIZE	((struct datatype_member *)-1)

#endif
