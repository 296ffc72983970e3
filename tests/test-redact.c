// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "redact.h"
#include "tests.h"

/* What becomes of @line, where @learnt were learnt of a trace */
static char *redacted(const char *const *learnt, const char *line, bool json)
{
	struct redact *r = redact_create();
	struct textbuf b = { 0 };

	redact_add_host(r, "box");
	for (; *learnt; learnt++)
		redact_learn(r, *learnt, true);
	redact_line(r, line, json, &b);
	textbuf_putc(&b, '\0');
	redact_destroy(r);
	return b.data;
}

static const char *const trace[] = {
	"# comm=no",
	"   order-worker-3-183     [003] .....    13.269310: print: a",
	"            bash-7       [000] d..2.     1.000000: sched_switch: prev_comm=bash prev_pid=7 prev_prio=120 prev_state=S ==> next_comm=my prog next_pid=9 next_prio=120",
	"          <idle>-0       [000] d..2.     1.000000: sched_wakeup: comm=order pid=4 prio=120",
	"           <...>-5       [000] .....     1.000000: sched_process_exec: filename=/usr/bin/x pid=5",
	NULL,
};

static const struct row {
	const char *line, *want;
} rows[] = {
	{ "  bash-7   [000] d..2. 1.5: sched_switch: prev_comm=bash ==> next_comm=my prog next_pid=9",
	  "  task-2-7   [000] d..2. 1.5: sched_switch: prev_comm=task-2 ==> next_comm=task-3 next_pid=9" },
	{ "order order-worker-3 orders reorder order2", "task-4 task-1 orders reorder order2" },
	{ "<idle>-0 <...>-5 no comm", "<idle>-0 <...>-5 no comm" },
	{ "box on box: BOX boxes", "host-1 on host-1: BOX boxes" },
	{ "at 0xffffffff81000000 and 0xFFFF888012345678 and 0xffffffff81000000",
	  "at ptr-1 and ptr-2 and ptr-1" },
	{ "vfs_read+0x1a0/0x2f30 flags=0x12345 0x123456", "vfs_read+0x1a0/0x2f30 flags=0x12345 ptr-1" },
	{ "RAX: ffff888012345678 RBX: 0000000000000000 c0101234 7f12abcd 12345678 4294967296",
	  "RAX: ptr-1 RBX: ptr-2 ptr-3 ptr-4 12345678 4294967296" },
	{ "boot 29ec8a6e-4f1c-4b0c-9d26-8c5f6d7e0a11", "boot 29ec8a6e-4f1c-4b0c-9d26-8c5f6d7e0a11" },
	{ "[mem 0x00100000-0xbffdffff] ffff888000000000-ffff888000001000 c0000000-c0001000",
	  "[mem ptr-1-ptr-2] ptr-3-ptr-4 c0000000-c0001000" },
	{ "deadbeefs xdeadbeef1 deadbeef.", "deadbeefs xdeadbeef1 ptr-1." },
	{ "filename=/usr/bin/x \"/etc/my file\", /etc. / a/b ../c kernel/fork.c:12 +0x1/0x2",
	  "filename=path-1 \"path-2 file\", path-3. / a/b ../c kernel/fork.c:12 +0x1/0x2" },
	{ "1.000000: /x/y: 12:34:56", "1.000000: path-1: 12:34:56" },
	{ "", "" },
};

static void lines(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		CHECK_TEXT(redacted(trace, rows[i].line, false), rows[i].want);
}

static void objects(void)
{
	CHECK_TEXT(redacted(trace, "{\"box\":\"box\",\"order\":\"order\",\"c\":\"12abcdef\",\"boxes\":\"a box\",\"p\":\"0xffffffff81000000\",\"f\":\"/sys/fs\"}", true),
		   "{\"box\":\"host-1\",\"order\":\"order\",\"c\":\"12abcdef\",\"boxes\":\"a box\",\"p\":\"ptr-1\",\"f\":\"path-1\"}");
	CHECK_TEXT(redacted(trace, "\"box\"", true), "\"box\"");
}

static void oops(void)
{
	struct redact *r = redact_create();
	struct textbuf b = { 0 };

	redact_learn(r, "<4>CPU: 0 UID: 0 PID: 1 Comm: a b Not tainted 6.12.0 #1\n", false);
	redact_learn(r, "<4>CPU: 0 PID: 1 Comm: mod Tainted: G\n", false);
	redact_learn(r, "<4>x-12 [y]\n", false);
	redact_line(r, "a b, mod, x-12 [y]\n", false, &b);
	textbuf_putc(&b, '\0');
	CHECK_TEXT(b.data, "task-1, task-2, x-12 [y]\n");
	redact_destroy(r);
}

/* More than the table has room for at first */
static void many(void)
{
	struct redact *r = redact_create();
	struct textbuf b = { 0 };
	char name[20];

	for (unsigned int i = 1; i <= 5000; i++)
		redact_add_task(r, name, (size_t)sprintf(name, "t%u", i));
	redact_line(r, "t1 t4999 t5000 t5001", false, &b);
	textbuf_putc(&b, '\0');
	CHECK_TEXT(b.data, "task-1 task-4999 task-5000 t5001");
	redact_destroy(r);
}

static const struct test tests[] = {
	{ "names, pointers and paths become numbers, the same one each time", lines },
	{ "of JSON only values change", objects },
	{ "an oops tells the name of its task", oops },
	{ "there may be many names", many },
	{ 0 },
};

const struct test_suite suite_redact = { "redact", tests };
