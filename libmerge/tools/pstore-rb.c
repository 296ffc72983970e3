// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * pstore-rb: traces that outlived their kernel, on the command line. One row per
 * subcommand; what they share.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inputs.h"
#include "notes.h"
#include "stop.h"
#include "tool.h"

#define MAX_DAMAGE_LINES	10

static const struct command *const commands[] = {
	&cmd_info, &cmd_report, &cmd_convert, &cmd_merge, &cmd_text, &cmd_capture,
	&cmd_record, &cmd_harvest, &cmd_check, &cmd_setup, &cmd_selftest,
};

#define NR_COMMANDS	(sizeof(commands) / sizeof(*commands))

void tool_complain(const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fputs("pstore-rb: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	putc('\n', stderr);
}

int tool_fail(int ret, const struct merge_error *err)
{
	/* who interrupts or closes the pipe knows that he did */
	if (ret == -EINTR)
		return TOOL_PARTIAL;
	if (ret == -EPIPE)
		stop_by_pipe();
	tool_complain("%s", err->text);
	return TOOL_NOTHING;
}

int tool_print(const struct textbuf *b)
{
	struct merge_error err = { 0 };

	if (b->failed) {
		tool_complain("out of memory");
		return TOOL_NOTHING;
	}
	errno = 0;
	fwrite(b->data, 1, b->len, stdout);
	if (!fflush(stdout) && !ferror(stdout))
		return TOOL_COMPLETE;
	snprintf(err.text, sizeof(err.text), "standard output: %s", strerror(errno ? errno : EIO));
	return tool_fail(errno ? -errno : -EIO, &err);
}

/* Complain of what opening said. Return: exit status */
static int fail_to_open(int ret, const struct merge_error *err)
{
	if (ret == -EINTR)
		return TOOL_PARTIAL;
	tool_complain("%s", err->text);
	return ret == -EINVAL ? TOOL_USAGE : TOOL_NOTHING;
}

/* Captured metadata is a directory of which no sub-buffers need be there */
static int open_describer(const char *path, struct merge_error *err, struct merge_source **out)
{
	struct merge_error ignore = { 0 };

	if (!merge_source_open(path, NULL, &ignore, out))
		return 0;
	return merge_source_open(path, "pages", err, out);
}

/* Let what --described-by names describe @src. Return: 0, or an exit status */
static int describe(struct merge_source *src, const char *path)
{
	struct merge_error err = { 0 };
	struct merge_source *by;
	int ret = open_describer(path, &err, &by);

	if (ret)
		return fail_to_open(ret, &err);
	ret = merge_source_describe(src, by, &err);
	if (!ret)
		return 0;
	merge_source_close(by);
	tool_complain("--described-by %s: %s", path, err.text);
	return TOOL_USAGE;
}

int tool_open_whole(const char *path, const struct options *opt, struct merge_source **out)
{
	struct merge_error err = { 0 };
	int ret = merge_source_open(path, opt->source, &err, out);

	if (ret)
		return fail_to_open(ret, &err);
	stop_catch();
	merge_source_on_interrupt(*out, stop_asked, NULL);
	ret = opt->described_by ? describe(*out, opt->described_by) : 0;
	if (ret)
		merge_source_close(*out);
	return ret;
}

/* Hold @opt against @src, which is closed when they do not fit. */
static int select_from(struct merge_source *src, struct options *opt, struct merge_source **out)
{
	struct merge_error err = { 0 };

	if (options_select(opt, src, "pstore-rb info", &err)) {
		tool_complain("%s", err.text);
		merge_source_close(src);
		return TOOL_USAGE;
	}
	*out = src;
	return 0;
}

int tool_open(const char *path, struct options *opt, struct merge_source **out)
{
	struct merge_source *src;
	int status = tool_open_whole(path, opt, &src);

	return status ? status : select_from(src, opt, out);
}

/* Open all @inputs and join them. Return: 0, or an exit status */
static int open_joined(const struct options *opt, const struct input *inputs,
		       struct merge_source **out)
{
	struct merge_source **sources = calloc(opt->nr_operands, sizeof(*sources));
	struct merge_error err = { 0 };
	int nr = 0, status = 0, ret;

	while (sources && !status && nr < opt->nr_operands) {
		status = tool_open_whole(inputs[nr].path, opt, &sources[nr]);
		nr += !status;
	}
	if (!sources || (!status && (ret = inputs_join(opt, inputs, sources, &err, out)))) {
		status = sources ? fail_to_open(ret, &err) : TOOL_NOTHING;
	} else if (!status) {
		merge_source_on_interrupt(*out, stop_asked, NULL);
		nr = 0;		/* they are *out's now */
	}
	for (int i = 0; i < nr; i++)
		merge_source_close(sources[i]);
	free(sources);
	return status;
}

/* Close @src and complain when @opt selects nothing of it. */
static int want_buffers(struct merge_source *src, const struct options *opt)
{
	if (options_select_nothing(opt)) {
		notes_nothing(stderr, opt);
	} else if (!merge_source_nr_buffers(src)) {
		tool_missing(src, opt);
		tool_complain("%s: there is no buffer in it%s", opt->operands[0],
			      merge_source_text(src, 0) ? ", but text: pstore-rb text shows it" : "");
	} else {
		return 0;
	}
	merge_source_close(src);
	return TOOL_NOTHING;
}

/* All operands as one source, not held against @opt */
static int open_inputs(const struct options *opt, struct merge_source **out)
{
	struct input *inputs = inputs_parse(opt);
	int status;

	if (!inputs) {
		tool_complain("out of memory");
		return TOOL_NOTHING;
	}
	status = open_joined(opt, inputs, out);
	inputs_free(inputs, opt->nr_operands);
	return status;
}

int tool_open_all(const struct command *cmd, struct options *opt, struct merge_source **out)
{
	bool one = opt->nr_operands == 1 && !opt->nr_offsets && !cmd->joins;
	struct merge_source *src;
	int status = one ? tool_open_whole(opt->operands[0], opt, &src) : open_inputs(opt, &src);

	if (!status)
		status = select_from(src, opt, &src);
	if (!status)
		status = want_buffers(src, opt);
	if (!status)
		*out = src;
	return status;
}

void tool_missing_texts(struct merge_source *src)
{
	const struct merge_notice *notice;

	for (unsigned int i = 0; (notice = merge_source_notice(src, i)); i++)
		tool_complain("warning: %s", notice->text);
}

void tool_missing(struct merge_source *src, const struct options *opt)
{
	const struct merge_buffer *buf;

	tool_missing_texts(src);
	for (unsigned int i = 0; !opt->sel.buffers && (buf = merge_source_buffer(src, i)); i++)
		if (merge_buffer_is_apart(buf))
			tool_complain("buffer %s is left out: -b %s gives it", buf->name, buf->name);
}

/* @arg: unsigned int, how many there were so far */
void tool_damage(void *arg, const struct merge_damage *damage)
{
	unsigned int *count = arg;

	if ((*count)++ < MAX_DAMAGE_LINES)
		tool_complain("damaged: buffer %s, cpu %u, sub-buffer %zu at 0x%llx, offset %u: %s",
			      damage->buffer->name, damage->cpu, damage->subbuf,
			      (unsigned long long)damage->address, damage->offset, damage->text);
	else if (*count == MAX_DAMAGE_LINES + 1)
		tool_complain("damaged: more sub-buffers, which are only counted");
}

/* ---- Usage --------------------------------------------------------------- */

static void print_usage(FILE *out)
{
	fputs("usage: pstore-rb COMMAND [OPTION]... FILE...\n\n", out);
	for (size_t i = 0; i < NR_COMMANDS; i++)
		fprintf(out, "  %-16s %s\n", commands[i]->name, commands[i]->summary);
	fputs("\npstore-rb COMMAND --help explains a command, pstore-rb --version tells which this is.\n"
	      "Exit status: 0 all was there, 1 a part is missing or damaged, 2 usage,\n"
	      "3 nothing could be read or written.\n", out);
}

static void print_synopsis(FILE *out, const struct command *cmd)
{
	fprintf(out, "usage: pstore-rb %s %s\n", cmd->name, cmd->synopsis);
}

static void print_option(FILE *out, const struct option_row *row)
{
	char name[60];

	snprintf(name, sizeof(name), "-%c, --%s%s%s", row->letter, row->name,
		 row->arg ? " " : "", row->arg ? row->arg : "");
	fprintf(out, "  %-26s %s\n", name, row->help);
}

static void print_help(const struct command *cmd)
{
	print_synopsis(stdout, cmd);
	printf("\n%s\n\n", cmd->summary);
	for (const struct option_row *row = options_rows(&cmd->spec); row->letter; row++)
		if (row->name && strchr(cmd->spec.letters, row->letter))
			print_option(stdout, row);
	printf("\nExamples:\n%s", cmd->examples);
}

static int run(const struct command *cmd, int argc, char **argv)
{
	struct merge_error err = { 0 };
	struct options opt;
	char name[40];
	int status;

	/* what getopt() calls it */
	snprintf(name, sizeof(name), "pstore-rb %s", cmd->name);
	argv[0] = name;
	if (options_parse(&opt, &cmd->spec, argc, argv, &err)) {
		tool_complain("%s", err.text);
		print_synopsis(stderr, cmd);
		status = TOOL_USAGE;
	} else if (opt.help) {
		print_help(cmd);
		status = TOOL_COMPLETE;
	} else {
		status = cmd->run(cmd, &opt);
	}
	options_free(&opt);
	return status;
}

int main(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : "";

	for (size_t i = 0; i < NR_COMMANDS; i++) {
		if (strcmp(word, commands[i]->name))
			continue;
		argc = run(commands[i], argc - 1, argv + 1);
		stop_if_asked();
		return argc;
	}
	if (!strcmp(word, "--version")) {
		puts("pstore-rb " MERGE_VERSION);
		return TOOL_COMPLETE;
	}
	if (!strcmp(word, "--help") || !strcmp(word, "-h") || !strcmp(word, "help")) {
		print_usage(stdout);
		return TOOL_COMPLETE;
	}
	if (*word)
		tool_complain("there is no command \"%s\"", word);
	print_usage(stderr);
	return TOOL_USAGE;
}
