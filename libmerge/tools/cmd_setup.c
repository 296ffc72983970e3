// SPDX-License-Identifier: LGPL-2.1-or-later
/* pstore-rb setup: how much memory a flight recorder takes, and how the kernel is told. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dir.h"
#include "iomem.h"
#include "json.h"
#include "sizing.h"
#include "tool.h"

#define MAX_IOMEM	(16u << 20)

/*
 * struct setup - what is computed
 * @bytes: events a CPU records in the time that is wanted
 * @remark: of the address, or NULL
 */
struct setup {
	const struct options *opt;
	struct sizing_plan plan;
	struct sizing sizes;
	uint64_t bytes;
	const char *remark;
};

/* An address that is free in this machine, which may be another than the one it is for */
static uint64_t find_address(struct setup *s)
{
	int root = open(*s->opt->root ? s->opt->root : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct iomem iomem;
	uint64_t found;
	char *text;
	size_t size;
	int ret = root < 0 ? -errno : dir_read(root, "proc/iomem", MAX_IOMEM, &text, &size);

	if (root >= 0)
		close(root);
	s->remark = "/proc/iomem cannot be read: is the address in System RAM of the machine?";
	if (ret || iomem_parse(&iomem, text))
		return 0;
	found = iomem_find(&iomem, sizing_area(&s->plan));
	s->remark = iomem.hidden ? "/proc/iomem shows addresses to root only: is this one in System RAM of the machine?" :
		!found ? "this machine has no such piece of memory that is free: is it for another one?" : NULL;
	iomem_free(&iomem);
	return found;
}

static int compute(struct setup *s)
{
	const struct options *opt = s->opt;
	double bytes = (double)opt->history / 1e9 * (double)opt->rate * SIZING_EVENT;

	if (bytes > (double)(UINT64_C(1) << 42))
		return -ENOSPC;
	s->bytes = (uint64_t)bytes;
	s->plan.name = "oops";
	s->plan.slots = opt->generations;
	s->plan.trace = opt->generations * sizing_slot(s->bytes, opt->nr_cpus, SIZING_SYMBOLS);
	if (sizing_divide(s->plan.trace / opt->generations, opt->nr_cpus, SIZING_SYMBOLS, &s->sizes))
		return -ENOSPC;
	s->plan.address = opt->at ? opt->at : find_address(s);
	return 0;
}

/* Apart from the line, which a script takes as it is */
static void put_about(const struct setup *s, struct textbuf *b)
{
	const struct options *opt = s->opt;

	textbuf_printf(b, "# %g s of %" PRIu64 " events a second, %u bytes each, on each of %u CPUs: ",
		       (double)opt->history / 1e9, opt->rate, SIZING_EVENT, opt->nr_cpus);
	sizing_put(b, s->plan.trace);
	textbuf_printf(b, " of %u recording%s, %" PRIu64 " sub-buffers a CPU\n", s->plan.slots,
		       s->plan.slots > 1 ? "s" : "", s->sizes.subbufs);
	if (s->remark)
		textbuf_printf(b, "# %s\n", s->remark);
}

static void put_text(const struct setup *s, struct textbuf *b)
{
	struct textbuf about = { 0 };

	put_about(s, &about);
	if (!about.failed)
		fwrite(about.data, 1, about.len, stderr);
	textbuf_deinit(&about);
	sizing_command_line(&s->plan, b);
	textbuf_putc(b, '\n');
}

static void put_json(const struct setup *s, struct textbuf *b)
{
	struct textbuf line = { 0 };

	sizing_command_line(&s->plan, &line);
	textbuf_putc(&line, '\0');
	textbuf_puts(b, "{\"type\":\"setup\",\"schema\":\"pstore_rb.setup\",\"version\":1,\"command_line\":");
	if (line.failed)
		b->failed = true;
	else
		json_text(b, line.data, line.len - 1);
	json_member_number(b, ",\"trace_size\":", s->plan.trace);
	json_member_number(b, ",\"area_size\":", sizing_area(&s->plan));
	json_member_number(b, ",\"recordings\":", s->plan.slots);
	textbuf_puts(b, ",\"address\":");
	json_address(b, s->plan.address ? s->plan.address : SIZING_ADDRESS);
	json_member_number(b, ",\"cpus\":", s->opt->nr_cpus);
	json_member_number(b, ",\"subbufs_per_cpu\":", s->sizes.subbufs);
	json_member_number(b, ",\"bytes_per_cpu\":", s->sizes.data);
	textbuf_puts(b, ",\"remark\":");
	if (s->remark)
		json_text(b, s->remark, strlen(s->remark));
	else
		textbuf_puts(b, "null");
	textbuf_puts(b, "}\n");
	textbuf_deinit(&line);
}

static const char *wrong_options(const struct options *opt)
{
	return !opt->history ? "--history TIME is wanted: how far back the trace is to go, such as 10s" :
	       !opt->nr_cpus ? "--cpus N is wanted: how many CPUs the machine may have" : NULL;
}

static int run(const struct command *cmd, struct options *opt)
{
	struct setup s = { .opt = opt };
	struct textbuf b = { 0 };
	const char *wrong = wrong_options(opt);
	int status;

	opt->rate = opt->rate ? opt->rate : SIZING_RATE;
	opt->generations = opt->generations ? opt->generations : 1;
	if (wrong) {
		tool_complain("%s: see %s", wrong, cmd->spec.help);
		return TOOL_USAGE;
	}
	if (compute(&s)) {
		tool_complain("no machine has so much memory: less --history, --rate or --cpus");
		return TOOL_USAGE;
	}
	if (opt->json)
		put_json(&s, &b);
	else
		put_text(&s, &b);
	status = tool_print(&b);
	textbuf_deinit(&b);
	return status;
}

const struct command cmd_setup = {
	.name = "setup",
	.synopsis = "-H TIME -m N [-w RATE] [-g N] [-A ADDRESS] [-j] [-r DIR]",
	.summary = "the kernel's command line for a trace that goes back so far",
	.examples =
		"  pstore-rb setup --history 10s --cpus 4\n"
		"  pstore-rb setup --history 2m --cpus 64 --rate 50000 --generations 2\n"
		"  pstore-rb setup --history 10s --cpus $(nproc --all) --json | jq -r .command_line\n",
	.spec = { .letters = "HmwgAjrh", .min = 0, .max = 0, .long_names = true,
		  .help = "pstore-rb setup --help" },
	.run = run,
};
