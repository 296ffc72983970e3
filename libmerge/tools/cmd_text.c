// SPDX-License-Identifier: LGPL-2.1-or-later
/* pstore-rb text: what a source holds that is text, and no events. */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "texts.h"
#include "tool.h"

static int show(struct merge_source *src, const struct options *opt)
{
	const char *unknown = texts_unknown(src, opt);
	struct merge_error err = { 0 };

	if (unknown) {
		tool_complain("there is no text \"%s\": pstore-rb info lists them", unknown);
		return TOOL_USAGE;
	}
	tool_missing_texts(src);
	if (!merge_source_text(src, 0)) {
		tool_complain("%s: there is no text in it", opt->operands[0]);
		return TOOL_NOTHING;
	}
	texts_print(src, opt, stdout);
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
	struct stat st;
	int status;

	(void)cmd;
	/* the kinds that have any, whatever else is there */
	if (!opt->source)
		opt->source = !stat(opt->operands[0], &st) && S_ISDIR(st.st_mode) ? "pstore" : "ramoops";
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
		"  pstore-rb text /sys/fs/pstore\n"
		"  pstore-rb text ram.img\n"
		"  pstore-rb text -b dmesg-0 ram.img | less\n"
		"  pstore-rb text -S ramoops:mem_address=0x30000000,mem_size=1M,record_size=64K ram.img\n",
	.spec = { .letters = "bSh", .min = 1, .max = 1, .long_names = true,
		  .help = "pstore-rb text --help" },
	.run = run,
};
