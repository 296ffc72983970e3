// SPDX-License-Identifier: LGPL-2.1-or-later
/* pstore-rb merge: several traces into one file, each a named buffer of it. */
#include "tool.h"

const struct command cmd_merge = {
	.name = "merge",
	.synopsis = "-o OUT [-F KIND] [-V N] [-z HOW] [-O NAME=TIME] [-N] [-b NAMES] [-c CPUS] [-e PATTERNS] [-f TIME] [-t TIME] [-n N] [NAME=]FILE...",
	.summary = "several traces into one trace.dat, a named buffer for each",
	.examples =
		"  pstore-rb merge -o both.dat net.dat disk.dat\n"
		"  pstore-rb merge -o both.dat host=a.dat guest=b.dat --offset guest=-1.25 --no-symbols\n"
		"  trace-cmd report both.dat\n",
	.joins = true,
	.spec = { .letters = "oFVzONbceftnSh", .min = 1, .max = 1000, .long_names = true,
		  .help = "pstore-rb merge --help" },
	.run = tool_convert,
};
