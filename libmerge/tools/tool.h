/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the subcommands of pstore-rb share. */
#ifndef PSTORE_RB_TOOL_H
#define PSTORE_RB_TOOL_H

#include "options.h"
#include "textbuf.h"

/* Exit statuses; a run that was interrupted ends by its signal */
enum { TOOL_COMPLETE = 0, TOOL_PARTIAL = 1, TOOL_USAGE = 2, TOOL_NOTHING = 3 };

/*
 * struct command - a subcommand
 * @name: what it is called
 * @synopsis: how it is called, behind its name
 * @summary: one line
 * @examples: lines of --help
 * @joins: buffers are named after their inputs, also with one input only
 * @spec: the options of options.c it takes
 * @run: do it; @opt is parsed, and not held against a source. Return: exit status
 */
struct command {
	const char *name;
	const char *synopsis;
	const char *summary;
	const char *examples;
	bool joins;
	struct options_spec spec;
	int (*run)(const struct command *cmd, struct options *opt);
};

extern const struct command cmd_info, cmd_report, cmd_convert, cmd_merge, cmd_text,
	cmd_capture, cmd_record, cmd_harvest, cmd_check, cmd_setup, cmd_selftest;

/* "pstore-rb: TEXT" on stderr */
void tool_complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Complain of @err. Return: the exit status for @ret, a negative errno */
int tool_fail(int ret, const struct merge_error *err);

/*
 * Open @path, of the kind --source tells, so that signals stop what is done with it,
 * and hold @opt against it. Return: 0; else an exit status, all complained of.
 */
int tool_open(const char *path, struct options *opt, struct merge_source **out);

/* The same, not held against @opt */
int tool_open_whole(const char *path, const struct options *opt, struct merge_source **out);

/* The same with all operands of @cmd, as one source that has something selected in it */
int tool_open_all(const struct command *cmd, struct options *opt, struct merge_source **out);

/* @b to standard output. Return: exit status, complained of */
int tool_print(const struct textbuf *b);

/* cmd_convert.c: what convert and merge do */
int tool_convert(const struct command *cmd, struct options *opt);

/* What the source could not give, what is damaged and whether all was there, on stderr */
void tool_missing(struct merge_source *src, const struct options *opt);
void tool_missing_texts(struct merge_source *src);
void tool_damage(void *arg, const struct merge_damage *damage);

#endif
