// SPDX-License-Identifier: LGPL-2.1-or-later
/* pstore-rb capture-metadata: the description of a tracefs, without its events. */
#include <errno.h>
#include <stdio.h>

#include "capture.h"
#include "stop.h"
#include "tool.h"

static int capture(struct capture *c, const struct options *opt)
{
	int ret = capture_open(c, opt->tracefs);

	if (!ret)
		ret = outdir_open(&c->out, opt->operands[0], &c->err);
	if (!ret)
		ret = capture_all(c);
	if (!ret)
		ret = stop_asked(NULL) ? -EINTR : outdir_finish(&c->out, &c->err);
	progress_end(&c->progress);
	return ret;
}

static int run(const struct command *cmd, struct options *opt)
{
	struct capture c = CAPTURE_INIT;
	int ret;

	(void)cmd;
	stop_catch();
	progress_init(&c.progress, false);
	ret = capture(&c, opt);
	capture_close(&c);
	if (ret)
		return tool_fail(ret, &c.err);
	printf("%s: %u files\n", opt->operands[0], c.files);
	if (c.unread)
		tool_complain("partial: %u of what describes the trace could not be read", c.unread);
	return c.unread ? TOOL_PARTIAL : TOOL_COMPLETE;
}

const struct command cmd_capture = {
	.name = "capture-metadata",
	.synopsis = "[-T DIR] DIR",
	.summary = "copy what describes the events of the running kernel, beside raw sub-buffers",
	.examples =
		"  pstore-rb capture-metadata trace\n"
		"  dd if=/sys/kernel/tracing/per_cpu/cpu0/trace_pipe_raw bs=64k iflag=nonblock \\\n"
		"	of=trace/per_cpu/cpu0/trace_pipe_raw	# which takes the events away\n"
		"  pstore-rb report trace\n",
	.spec = { .letters = "Th", .min = 1, .max = 1, .long_names = true,
		  .help = "pstore-rb capture-metadata --help" },
	.run = run,
};
