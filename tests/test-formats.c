// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boot.h"
#include "tests.h"

struct listing {
	FILE *out;
	unsigned int stop;
};

/* merge_format_fn */
static int take_format(void *arg, const struct merge_format *format)
{
	struct listing *l = arg;
	bool begins_well = !strncmp(format->text, "name: ", 6);

	fprintf(l->out, "%u %s:%s%s\n", format->id, format->system, format->name,
		begins_well ? "" : " (what text?)");
	return format->id == l->stop ? 42 : 0;
}

/* The formats @globs ask for, up to @stop, and what came of it */
static char *list(const char *const *globs, size_t nr, unsigned int stop)
{
	struct merge_desc *d = boot_open();
	struct merge_error err = { 0 };
	struct listing l = { .stop = stop };
	char *text;
	size_t size;
	int ret;

	l.out = open_memstream(&text, &size);
	ret = merge_desc_formats(d, globs, nr, take_format, &l, &err);
	fprintf(l.out, "%d%s\n", ret, err.text);
	fclose(l.out);
	desc_close(d);
	return text;
}

static void test_selects(void)
{
	static const char *const two[] = { "sched:*switch", "irq:softirq*" }, *const none[] = { "no:event" };

	CHECK_TEXT(list(two, 2, 0), "100 sched:sched_switch\n104 irq:softirq_entry\n1\n");
	CHECK_TEXT(list(none, 1, 0), "1\n");
}

static void test_stops(void)
{
	CHECK_TEXT(list(NULL, 0, 4), "1 ftrace:function\n4 ftrace:kernel_stack\n42\n");
}

static void test_takes_all(void)
{
	char *text = list(NULL, 0, 0);
	unsigned int lines = 0;

	for (const char *p = text; (p = strchr(p, '\n')); p++)
		lines++;
	/* one of them cannot be read: it is left out and makes the answer 1 */
	CU_ASSERT_EQUAL(lines, LAST_EVENT - SCHED_SWITCH + 1 +
			LAST_NAMING - TASK_RENAME + 1 + 17 + 1 + 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\n106 timer:hrtimer_init\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\n1\n"));
	CU_ASSERT_PTR_NULL(strstr(text, "what text"));
	free(text);
}

static int event_starved(struct merge_desc *d, unsigned int id, char **system, char **format)
{
	(void)d;
	(void)system;
	(void)format;
	return id == 1 ? -EINTR : -ENOMEM;
}

static int each_two(struct merge_desc *d, desc_event_fn *fn, void *arg)
{
	return fn(arg, d->nr_cpu_ids);
}

static void test_ends_on_errors(void)
{
	static const struct desc_ops mute = { 0 };
	static const struct desc_ops ops = { .event = event_starved, .each_event = each_two };
	struct merge_desc *d = calloc(1, sizeof(*d));
	struct merge_error err = { 0 };

	desc_init(d, &ops, NULL);
	d->nr_cpu_ids = 1;
	CU_ASSERT_EQUAL(merge_desc_formats(d, NULL, 0, take_format, NULL, &err), -EINTR);
	CU_ASSERT_STRING_EQUAL(err.text, "interrupted");
	d->nr_cpu_ids = 2;
	CU_ASSERT_EQUAL(merge_desc_formats(d, NULL, 0, take_format, NULL, &err), -ENOMEM);
	d->ops = &mute;
	CU_ASSERT_EQUAL(merge_desc_formats(d, NULL, 0, take_format, NULL, &err), -ENOTSUP);
	CU_ASSERT_EQUAL(merge_desc_formats(NULL, NULL, 0, take_format, NULL, &err), -ENOTSUP);
	CU_ASSERT_STRING_EQUAL(err.text, "this source cannot list its events");
	desc_close(d);
}

static const struct test tests[] = {
	{ "formats are those the globs name", test_selects },
	{ "a walk ends when it is told to", test_stops },
	{ "all formats are told, one that is unreadable is missed", test_takes_all },
	{ "a walk ends when memory does, or on Ctrl-C", test_ends_on_errors },
	{ NULL, NULL }
};
const struct test_suite suite_formats = { "formats", tests };
