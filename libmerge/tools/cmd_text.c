// SPDX-License-Identifier: LGPL-2.1-or-later
/* pstore-rb text: what a source holds that is text, and no events. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tool.h"

static bool is_wanted(const struct options *opt, const char *name)
{
	for (size_t i = 0; i < opt->nr_names; i++)
		if (!strcmp(opt->names[i], name))
			return true;
	return !opt->nr_names;
}

static unsigned int count_wanted(struct merge_source *src, const struct options *opt)
{
	const struct merge_text *text;
	unsigned int nr = 0;

	for (unsigned int i = 0; (text = merge_source_text(src, i)); i++)
		nr += is_wanted(opt, text->name);
	return nr;
}

static bool has_text(struct merge_source *src, const char *name)
{
	const struct merge_text *text;

	for (unsigned int i = 0; (text = merge_source_text(src, i)); i++)
		if (!strcmp(text->name, name))
			return true;
	return false;
}

/* Complain of names that none has. Return: whether there was one */
static bool complain_of_names(struct merge_source *src, const struct options *opt)
{
	bool bad = false;

	for (size_t i = 0; i < opt->nr_names; i++) {
		if (has_text(src, opt->names[i]))
			continue;
		tool_complain("there is no text \"%s\": pstore-rb info lists them", opt->names[i]);
		bad = true;
	}
	return bad;
}

/* One alone is given as it is; several have a line with their name before each */
static void print_texts(struct merge_source *src, const struct options *opt, FILE *out)
{
	bool headings = count_wanted(src, opt) > 1;
	const struct merge_text *text;

	for (unsigned int i = 0; (text = merge_source_text(src, i)); i++) {
		if (!is_wanted(opt, text->name))
			continue;
		if (headings)
			fprintf(out, "==> %s <==\n", text->name);
		fwrite(text->data, 1, text->size, out);
		if (headings && text->size && text->data[text->size - 1] != '\n')
			putc('\n', out);
	}
}

static int show(struct merge_source *src, const struct options *opt)
{
	struct merge_error err = { 0 };

	if (complain_of_names(src, opt))
		return TOOL_USAGE;
	tool_missing_texts(src);
	if (!merge_source_text(src, 0)) {
		tool_complain("%s: there is no text in it", opt->operands[0]);
		return TOOL_NOTHING;
	}
	print_texts(src, opt, stdout);
	errno = 0;
	if (fflush(stdout) || ferror(stdout)) {
		snprintf(err.text, sizeof(err.text), "standard output: %s", strerror(errno));
		return tool_fail(errno ? -errno : -EIO, &err);
	}
	return merge_source_notice(src, 0) ? TOOL_PARTIAL : TOOL_COMPLETE;
}

static int run(const struct command *cmd, struct options *opt)
{
	struct merge_source *src;
	int status;

	(void)cmd;
	/* the only kind that has any, whatever else is in the file */
	opt->source = opt->source ? opt->source : "ramoops";
	status = tool_open_whole(opt->operands[0], opt, &src);
	if (status)
		return status;
	status = show(src, opt);
	merge_source_close(src);
	return status;
}

const struct command cmd_text = {
	.name = "text",
	.synopsis = "[-b NAMES] [-S KIND] FILE",
	.summary = "the kernel's log, console and messages that ramoops kept",
	.examples =
		"  pstore-rb text ram.img\n"
		"  pstore-rb text -b dmesg-0 ram.img | less\n"
		"  pstore-rb text -S ramoops:mem_address=0x30000000,mem_size=1M,record_size=64K ram.img\n",
	.spec = { .letters = "bSh", .min = 1, .max = 1, .long_names = true,
		  .help = "pstore-rb text --help" },
	.run = run,
};
