/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The options of all commands, those of the crash extension and those of the
 * tool: one table, parsed first (nothing is looked up), then held against a
 * source.
 */
#ifndef PSTORE_RB_OPTIONS_H
#define PSTORE_RB_OPTIONS_H

#include "libmerge.h"

/*
 * struct options - what the user asked for
 * @sel: the selection; its arrays are owned by this struct
 * @names: buffers by name
 * @from, @to: times, whose unit the source knows
 * @uncommitted, @previous_boot, @consumed: -u, -p and -C: their buffers are in
 *	@sel, or there are none
 * @region, @earlier_region, @zones: -R, -B and -Z: what is opened in place of the kernel's
 *	buffers
 * @version: of the trace.dat format
 * @json: as JSON
 * @user_symbols: user addresses by what was mapped there
 * @output: the file to write
 * @format, @compress: what kind of file
 * @source: what kind of source, NULL: find out
 * @described_by: what describes one that does not itself, or NULL
 * @tracefs: where it is, NULL: find out
 * @stat: a table of CPUs at the end
 * @no_pager: no pager
 * @follow: the running kernel's events, as they come
 * @help: only explain
 * @offsets: "NAME=TIME", how far apart the clocks of inputs are
 * @no_symbols: of inputs whose symbols lie at different addresses
 * @root: where the machine's / is, "" unless told
 * @bundle: a file to make of the newest harvest; @redact: without names and pointers
 * @erase: what was harvested; @keep: so many harvests, 0: all
 * @history: how far back a trace is to go, in ns; @rate: of its events, a second on each CPU;
 *	@nr_cpus: of them; @generations: so many traces; @at: where; 0: not told
 * @tracer, @instance, @way: of a recording: the tracer, the ring, how that is read
 * @buffer_kb, @max_kb: size of a CPU's ring, and how much is kept of it; 0: not said
 * @verbose: tell more
 * @yes: do not ask; @verify: look for what a trial left; @way is how that ends
 * @operands: what is no option
 * All strings are the caller's argv.
 */
struct options {
	struct merge_select sel;
	unsigned int *buffers;
	unsigned int *cpus;
	const char **events;
	const char **names;
	size_t nr_names;
	const char *from, *to;
	bool uncommitted, previous_boot, consumed;
	bool region, earlier_region, zones;
	unsigned int version;
	bool json;
	bool user_symbols;
	const char *output, *format, *compress, *source, *described_by, *tracefs;
	bool stat, no_pager, follow, help;
	const char **offsets;
	size_t nr_offsets;
	bool no_symbols;
	const char *root, *bundle;
	bool erase, redact;
	unsigned int keep;
	uint64_t history, rate, at;
	unsigned int nr_cpus, generations;
	const char *tracer, *instance, *way;
	unsigned long buffer_kb, max_kb;
	bool verbose, yes, verify;
	char **operands;
	int nr_operands;
};

/*
 * struct option_row - one option
 * @letter: its short name
 * @name: its long name, NULL: none
 * @arg: what its value is called, NULL: it takes none
 * @help: what it does, in a few words; NULL: the crash extension's only
 * @flag: offset of the bool in struct options that it sets, 0: none
 * @text: offset of the string there that its value becomes, 0: none
 * @set: or NULL: take @value, which may be changed. Return: 0 or -EINVAL, @err set
 */
struct option_row {
	char letter;
	const char *name;
	const char *arg;
	const char *help;
	size_t flag;
	size_t text;
	int (*set)(struct options *opt, char *value, struct merge_error *err);
};

/* All end with a row whose letter is 0; the latter are those of record and selftest */
extern const struct option_row option_rows[], option_rows_record[], option_rows_selftest[];

/*
 * struct options_spec - what one command takes
 * @letters: its options, of @rows, NULL: option_rows
 * @command: its operands are a command with options of its own
 * @min, @max: how many operands
 * @long_names: options have long names, too
 * @help: where it is explained, for messages
 */
struct options_spec {
	const char *letters;
	const struct option_row *rows;
	bool command;
	int min, max;
	bool long_names;
	const char *help;
};

/* The table of @spec */
const struct option_row *options_rows(const struct options_spec *spec);

/*
 * Parse @argv, whose first word is the command's name; getopt() itself writes to
 * stderr about options there are not.
 * Return: 0; -EINVAL with @err set. The caller frees @opt in both cases.
 */
int options_parse(struct options *opt, const struct options_spec *spec, int argc,
		  char **argv, struct merge_error *err);

/*
 * Make what was parsed the selection opt->sel of @src. @lister: what tells the
 * names of buffers, for a message.
 * Return: 0; -EINVAL with @err set.
 */
int options_select(struct options *opt, struct merge_source *src, const char *lister,
		   struct merge_error *err);

/* -u, -p or -C, and @src has no such buffer: nothing is selected */
bool options_select_nothing(const struct options *opt);

/* Whether @sel asks for less than all events of its buffers and CPUs */
bool options_filter(const struct merge_select *sel);

void options_free(struct options *opt);

#endif
