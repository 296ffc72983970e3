// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Names of tasks that events tell: which fields do is a table, where they are
 * is looked up in the event's format when its id is first met.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "comms_trace.h"
#include "describe.h"
#include "format.h"
#include "page.h"
#include "record_value.h"
#include "source.h"
#include "stream.h"

#define NR_IDS		65536u
/* Longer names are none: PATH_MAX of the kernel */
#define TEXT_SIZE	4096

/*
 * Fields of events that are a task's pid and its name. Not here: events that
 * have the name of one task and the pid of another (sched_process_wait).
 */
static const struct row {
	const char *system, *event;
	const char *pid, *name;
} rows[] = {
	{ "sched", "sched_switch", "prev_pid", "prev_comm" },
	{ "sched", "sched_switch", "next_pid", "next_comm" },
	{ "sched", "sched_waking", "pid", "comm" },
	{ "sched", "sched_wakeup", "pid", "comm" },
	{ "sched", "sched_wakeup_new", "pid", "comm" },
	{ "sched", "sched_migrate_task", "pid", "comm" },
	{ "sched", "sched_stat_runtime", "pid", "comm" },
	{ "sched", "sched_stat_wait", "pid", "comm" },
	{ "sched", "sched_stat_sleep", "pid", "comm" },
	{ "sched", "sched_stat_iowait", "pid", "comm" },
	{ "sched", "sched_stat_blocked", "pid", "comm" },
	{ "sched", "sched_process_fork", "parent_pid", "parent_comm" },
	{ "sched", "sched_process_fork", "child_pid", "child_comm" },
	{ "sched", "sched_process_exec", "pid", "filename" },
	{ "sched", "sched_process_exit", "pid", "comm" },
	{ "sched", "sched_process_free", "pid", "comm" },
	{ "sched", "sched_process_hang", "pid", "comm" },
	{ "sched", "sched_pi_setprio", "pid", "comm" },
	{ "sched", "sched_kthread_stop", "pid", "comm" },
	{ "task", "task_newtask", "pid", "comm" },
	{ "task", "task_rename", "pid", "newcomm" },
	{ "signal", "signal_generate", "pid", "comm" },
	{ "oom", "oom_score_adj_update", "pid", "comm" },
	{ "oom", "mark_victim", "pid", "comm" },
	{ "cgroup", "cgroup_attach_task", "pid", "comm" },
};

#define NR_ROWS		(sizeof(rows) / sizeof(rows[0]))

/*
 * struct pair - a row with its fields
 * @path: the name is that of a file
 * @next: another pair of the same event, or NULL
 */
struct pair {
	struct tep_event *event;
	struct tep_format_field *pid, *name;
	bool path;
	struct pair *next;
};

/*
 * struct walk - one look at all events
 * @asked: by id: its pairs are in @by_id
 * @pairs: room for all that can be found
 */
struct walk {
	struct merge_source *src;
	comms_trace_fn *fn;
	void *arg;
	unsigned int clock;
	bool asked[NR_IDS];
	struct pair *by_id[NR_IDS];
	struct pair pairs[NR_ROWS];
	size_t nr_pairs;
};

/* ---- Which events ------------------------------------------------------- */

static void add_pair(struct walk *w, unsigned int id, const struct row *row)
{
	struct tep_event *event = desc_event(w->src->desc, id);
	struct pair pair = { .event = event, .next = w->by_id[id] };

	if (!event || w->nr_pairs == NR_ROWS)
		return;
	pair.pid = tep_find_field(event, row->pid);
	pair.name = tep_find_field(event, row->name);
	pair.path = !strcmp(row->name, "filename");
	if (!pair.pid || !pair.name || (pair.pid->flags & TEP_FIELD_IS_DYNAMIC) ||
	    pair.pid->size != 4)
		return;
	w->by_id[id] = &w->pairs[w->nr_pairs];
	w->pairs[w->nr_pairs++] = pair;
}

static struct pair *find_pairs(struct walk *w, unsigned int id)
{
	const char *system, *format;
	char name[128];

	if (w->asked[id])
		return w->by_id[id];
	w->asked[id] = true;
	if (desc_format(w->src->desc, id, &system, &format))
		return NULL;
	format_name(format, name, sizeof(name));
	for (size_t i = 0; i < NR_ROWS; i++)
		if (!strcmp(rows[i].system, system) && !strcmp(rows[i].event, name))
			add_pair(w, id, &rows[i]);
	return w->by_id[id];
}

/* ---- What a record tells ------------------------------------------------ */

static bool inside(const struct record *r, const struct tep_format_field *field)
{
	return field->offset >= 0 && field->size > 0 &&
	       (size_t)field->offset + (size_t)field->size <= r->size;
}

/* The string in the field; "" without one. @text has TEXT_SIZE bytes. */
static void take_string(const struct record *r, const struct tep_format_field *field, char *text)
{
	size_t start, len;

	if (!inside(r, field) || !record_range(r, field, &start, &len) || len >= TEXT_SIZE)
		len = start = 0;
	memcpy(text, r->data + start, len);
	text[len] = '\0';
}

/*
 * What begin_new_exec() of the kernel's exec.c makes of a file's name. What is
 * executed by its descriptor gets another name, since 6.14.
 */
static const char *name_of_path(char *path)
{
	char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

	if (!strncmp(path, "/dev/fd/", 8))
		return "";
	if (strlen(name) > 15)
		name[15] = '\0';
	return name;
}

static int tell(struct walk *w, const struct pair *pair, const struct page_event *ev)
{
	struct record r = { .event = pair->event, .data = ev->data, .size = ev->size };
	struct comms_told told = { .ts = ev->ts, .clock = w->clock };
	char text[TEXT_SIZE];

	if (!inside(&r, pair->pid))
		return 0;
	told.pid = (int)tep_read_number(pair->event->tep, r.data + pair->pid->offset, 4);
	take_string(&r, pair->name, text);
	told.name = pair->path ? name_of_path(text) : text;
	/* the idle tasks share a pid, and have a name of their own in the trace file */
	return told.pid > 0 && told.name[0] ? w->fn(w->arg, &told) : 0;
}

/* ---- All events --------------------------------------------------------- */

static int walk_page(struct walk *w, struct page *page)
{
	struct page_event ev;
	int ret = 0;

	while (!ret && page_next(page, &ev)) {
		const struct pair *pair = find_pairs(w, page_record_id(ev.data, page->big_endian));

		for (; !ret && pair; pair = pair->next)
			ret = tell(w, pair, &ev);
	}
	return ret;
}

static int walk_cpu(struct walk *w, const struct merge_buffer *buf, unsigned int cpu)
{
	struct merge_stats stats = { 0 };
	struct merge_error err = { 0 };
	struct stream s;
	int ret = stream_init(&s, w->src, buf, cpu, &stats, NULL, NULL, &err);

	while (!ret && (ret = stream_load(&s)) == 1)
		ret = walk_page(w, &s.page);
	stream_deinit(&s);
	return ret;
}

static unsigned int first_of_clock(const struct merge_source *src, const struct merge_buffer *buf)
{
	unsigned int i = 0;

	while (strcmp(src->buffers[i].clock, buf->clock))
		i++;
	return i;
}

static bool is_wanted(const struct merge_buffer *only, const struct merge_buffer *buf)
{
	return only ? buf == only : !buf->previous_boot && !merge_buffer_is_apart(buf);
}

int comms_trace(struct merge_source *src, const struct merge_buffer *only,
		comms_trace_fn *fn, void *arg)
{
	struct walk *w;
	int ret = 0;

	if (!src->desc)
		return 0;
	w = calloc(1, sizeof(*w));
	if (!w)
		return -ENOMEM;
	w->src = src;
	w->fn = fn;
	w->arg = arg;
	for (unsigned int i = 0; !ret && i < src->nr_buffers; i++) {
		const struct merge_buffer *buf = &src->buffers[i];

		w->clock = first_of_clock(src, buf);
		for (unsigned int c = 0; !ret && is_wanted(only, buf) && c < buf->nr_cpus; c++)
			ret = walk_cpu(w, buf, c);
	}
	free(w);
	return ret;
}
