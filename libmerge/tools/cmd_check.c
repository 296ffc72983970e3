// SPDX-License-Identifier: LGPL-2.1-or-later
/* pstore-rb check: before the crash: will this machine leave a trace that can be read? */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "dir.h"
#include "error.h"
#include "json.h"
#include "tool.h"
#include "tracer.h"

#define MAX_FILE	(16u << 20)
#define HISTORY		10e9	/* ns, of a command line when none is told */

static const char *const states[CHECK_STATES] = { "ok", "warning", "missing" };

static void (*const all[])(struct check *c) = {
	check_tracer, check_ramoops, check_placement, check_memory, check_size, check_recording,
	check_history, check_symbols, check_address, check_kdump, check_firmware, check_restart,
	check_harvest,
};

void check_say(struct check *c, enum check_state state, const char *what, const char *todo,
	       const char *fmt, ...)
{
	char why[600];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	error_one_line(why);
	c->counts[state]++;
	if (!c->opt->json) {
		textbuf_printf(&c->out, "%s %s: %s%s%s\n", states[state], what, why,
			       todo ? ", " : "", todo ? todo : "");
		return;
	}
	json_member_text(&c->out, c->out.len ? ",{\"state\":" : "{\"state\":", states[state]);
	json_member_text(&c->out, ",\"what\":", what);
	json_member_text(&c->out, ",\"why\":", why);
	textbuf_puts(&c->out, ",\"todo\":");
	if (todo)
		json_text(&c->out, todo, strlen(todo));
	else
		textbuf_puts(&c->out, "null");
	textbuf_putc(&c->out, '}');
}

char *check_read(const struct check *c, const char *path)
{
	char *text;
	size_t size;

	if (dir_read(c->root, path, MAX_FILE, &text, &size))
		return NULL;
	while (size && text[size - 1] == '\n')
		text[--size] = '\0';
	return text;
}

uint64_t check_memparse(const char *text, const char **end)
{
	static const char letters[] = "KMGTPE";
	const char *letter;
	char *behind;
	uint64_t value = strtoull(text, &behind, 0);

	letter = *behind ? strchr(letters, *behind & ~0x20) : NULL;
	if (letter)
		value <<= 10 * (letter - letters + 1);
	*end = behind + !!letter;
	return value;
}

uint64_t check_number(const struct check *c, const char *path, uint64_t otherwise)
{
	char *text = check_read(c, path);
	const char *end = text;
	uint64_t value = text ? check_memparse(text, &end) : 0;

	if (!text || end == text)
		value = otherwise;
	free(text);
	return value;
}

/* ---- What the findings share ---------------------------------------------- */

/* "0-3" or "0,2-7": the last number tells */
static unsigned int possible_cpus(const struct check *c)
{
	char *text = check_read(c, "sys/devices/system/cpu/possible"), *last = text;
	unsigned int nr = 0;

	for (char *p = text; p && *p; p++)
		if (*p == '-' || *p == ',')
			last = p + 1;
	if (last && *last >= '0' && *last <= '9')
		nr = (unsigned int)strtoul(last, NULL, 10) + 1;
	free(text);
	return nr;
}

static int open_machine(struct check *c)
{
	const char *root = *c->opt->root ? c->opt->root : "/";
	char *iomem;

	c->root = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (c->root < 0) {
		tool_complain("%s: %s", root, strerror(errno));
		return -errno;
	}
	c->tracefs = tracer_tracefs(c->root);
	c->nr_cpus = possible_cpus(c);
	c->cmdline = check_read(c, "proc/cmdline");
	if (!c->cmdline)
		c->cmdline = strdup("");
	iomem = check_read(c, "proc/iomem");
	c->has_iomem = iomem && !iomem_parse(&c->iomem, iomem);
	return c->cmdline ? 0 : -ENOMEM;
}

static void close_machine(struct check *c)
{
	if (c->root >= 0)
		close(c->root);
	free(c->cmdline);
	free(c->instance);
	if (c->has_iomem)
		iomem_free(&c->iomem);
	textbuf_deinit(&c->out);
}

/* ---- The command line to paste -------------------------------------------- */

/* Bytes of events of a CPU that are to have room */
static uint64_t wanted_data(const struct check *c)
{
	double history = c->opt->history ? (double)c->opt->history : HISTORY;
	double rate = c->bytes_per_second ? c->bytes_per_second : (double)SIZING_RATE * SIZING_EVENT;

	return (uint64_t)(history / 1e9 * rate);
}

/* What there is stays, unless it is too little, or nothing tells where it is */
static void make_plan(const struct check *c, struct sizing_plan *plan)
{
	const struct check_region *r = &c->region;
	bool enough = c->divided && !c->short_history;

	*plan = (struct sizing_plan){
		.name = *r->name ? r->name : "oops", .slots = r->slots ? r->slots : 1, .trace = r->size,
	};
	if (!enough)
		plan->trace = plan->slots * sizing_slot(wanted_data(c), c->nr_cpus ? c->nr_cpus : 1,
							SIZING_SYMBOLS);
	plan->area = enough ? r->area_size : 0;
	if (r->fixed && enough)
		plan->address = r->area;
	else if (c->has_iomem)
		plan->address = iomem_find(&c->iomem, sizing_area(plan));
}

static void put_all(struct check *c, struct textbuf *b)
{
	struct sizing_plan plan;
	struct textbuf line = { 0 };

	make_plan(c, &plan);
	sizing_command_line(&plan, &line);
	if (!c->opt->json) {
		textbuf_put(b, c->out.data, c->out.len);
		textbuf_puts(b, "command line: ");
		textbuf_put(b, line.data, line.len);
	} else {
		textbuf_puts(b, "{\"type\":\"check\",\"schema\":\"pstore_rb.check\",\"version\":1,\"findings\":[");
		textbuf_put(b, c->out.data, c->out.len);
		json_member_number(b, "],\"missing\":", c->counts[CHECK_MISSING]);
		json_member_number(b, ",\"warnings\":", c->counts[CHECK_WARNING]);
		textbuf_puts(b, ",\"command_line\":");
		json_text(b, line.data, line.len);
		textbuf_putc(b, '}');
	}
	textbuf_putc(b, '\n');
	b->failed = b->failed || c->out.failed || line.failed;
	textbuf_deinit(&line);
}

static int run(const struct command *cmd, struct options *opt)
{
	struct check c = { .opt = opt, .root = -1 };
	struct textbuf b = { 0 };
	int status = TOOL_NOTHING;

	(void)cmd;
	if (!open_machine(&c)) {
		for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
			all[i](&c);
		put_all(&c, &b);
		status = tool_print(&b);
	}
	if (!status && c.counts[CHECK_MISSING])
		status = TOOL_PARTIAL;
	textbuf_deinit(&b);
	close_machine(&c);
	return status;
}

const struct command cmd_check = {
	.name = "check",
	.synopsis = "[-H TIME] [-j] [-r DIR] [HARVESTS]",
	.summary = "before a crash: whether this machine is set up to leave a trace, and what to do",
	.examples =
		"  pstore-rb check\n"
		"  pstore-rb check --history 10s /var/lib/pstore-rb || echo 'not ready' >&2\n"
		"  pstore-rb check --json | jq -r '.findings[] | select(.state==\"missing\").todo'\n",
	.spec = { .letters = "Hjrh", .min = 0, .max = 1, .long_names = true,
		  .help = "pstore-rb check --help" },
	.run = run,
};
