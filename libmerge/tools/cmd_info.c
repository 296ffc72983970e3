// SPDX-License-Identifier: LGPL-2.1-or-later
/* pstore-rb info: what is in a trace, and how complete it is. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "info.h"
#include "list.h"
#include "notes.h"
#include "tool.h"

static void print_kernel(const struct merge_about *a)
{
	printf("kernel: %s%s%s%s%s%s%s, long of %u bytes, %s endian, pages of %u bytes",
	       *a->sysname ? a->sysname : "unknown", *a->release ? " " : "", a->release,
	       *a->version ? " " : "", a->version, *a->machine ? " " : "", a->machine,
	       a->long_size, a->big_endian ? "big" : "little", a->page_size);
	if (a->nr_cpus)
		printf(", %u CPUs", a->nr_cpus);
	printf("%s%s\n", *a->nodename ? ", on " : "", a->nodename);
}

static void print_description(const struct info *info)
{
	const struct merge_about *a = &info->about;

	printf("described by: formats of %u of the %u kinds of events that occur, %" PRIu64
	       " symbols and %" PRIu64 " of modules, %" PRIu64 " printk formats, %" PRIu64
	       " names of tasks\n", info->nr_known, info->nr_kinds, a->symbols,
	       a->module_symbols, a->printks, a->comms);
	for (unsigned int i = 0, said = 0; i < INFO_IDS; i++)
		if (info->kinds[i] == INFO_UNKNOWN)
			printf("%s%u", said++ ? ", " : "without a format: type ", i);
	if (info->nr_known < info->nr_kinds)
		putchar('\n');
}

static void print_remarks(struct merge_source *src)
{
	const char *remark;

	for (unsigned int i = 0; (remark = merge_source_remark(src, i)); i++)
		printf("%s\n", remark);
}

static int print_text(struct merge_source *src, const char *path, const struct info *info,
		      struct merge_error *err)
{
	const struct merge_select all = { .buffers = info->indices,
					  .nr_buffers = merge_source_nr_buffers(src) };
	struct merge_watch nobody = { 0 };
	struct merge_stats stats = { 0 };
	int ret;

	printf("file: %s\n", path);
	print_kernel(&info->about);
	print_description(info);
	print_remarks(src);
	printf("events: %" PRIu64 ", lost between them: %" PRIu64 ", gaps of unknown size: %"
	       PRIu64 ", damaged sub-buffers: %" PRIu64 "\n\n", info->stats.events,
	       info->stats.lost, info->stats.lost_unknown, info->stats.damaged);
	ret = list_buffers(src, true, stdout, err);
	if (ret < 0)
		return ret;
	putchar('\n');
	ret = list_stat(src, &all, &nobody, stdout, err, &stats);
	return ret < 0 ? ret : 0;
}

static int info_file(struct merge_source *src, const char *path, const struct options *opt)
{
	struct merge_error err = { 0 };
	struct info *info;
	int ret = info_collect(src, &err, &info);

	if (ret < 0)
		return tool_fail(ret, &err);
	if (opt->json)
		ret = info_print_json(src, path, info, stdout) ? -ENOMEM : ret;
	else
		ret = print_text(src, path, info, &err) < 0 ? -EINTR : ret;
	info_free(info);
	if (!opt->json)
		notes_missing(stdout, src);
	return ret < 0 ? TOOL_PARTIAL : ret ? TOOL_PARTIAL : TOOL_COMPLETE;
}

static int run(const struct command *cmd, struct options *opt)
{
	int worst = TOOL_COMPLETE;

	(void)cmd;
	for (int i = 0; i < opt->nr_operands; i++) {
		struct merge_source *src;
		int status = tool_open(opt->operands[i], opt, &src);

		if (!status) {
			if (i && !opt->json)
				putchar('\n');
			status = info_file(src, opt->operands[i], opt);
			merge_source_close(src);
		}
		if (status > worst)
			worst = status;
	}
	errno = 0;
	if (fflush(stdout) || ferror(stdout)) {
		struct merge_error err = { 0 };

		snprintf(err.text, sizeof(err.text), "standard output: %s", strerror(errno));
		return tool_fail(errno ? -errno : -EIO, &err);
	}
	return worst;
}

const struct command cmd_info = {
	.name = "info",
	.synopsis = "[-j] [-S KIND] [-D PATH] FILE...",
	.summary = "what is in a trace by buffer and CPU, of which kernel, and what is missing",
	.examples =
		"  pstore-rb info trace.dat\n"
		"  pstore-rb info --json *.dat | jq -r '[.file, .kernel.release, .events] | @tsv'\n",
	.spec = { .letters = "jSDh", .min = 1, .max = 10000, .long_names = true,
		  .help = "pstore-rb info --help" },
	.run = run,
};
