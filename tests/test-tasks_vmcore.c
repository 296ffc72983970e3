// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mkkernel.h"
#include "source.h"
#include "tasks_vmcore.h"
#include "tests.h"

struct listing {
	FILE *out;
	const char *stop;
};

static int take(void *arg, int pid, const char *comm)
{
	struct listing *l = arg;

	fprintf(l->out, "%d %s\n", pid, comm);
	return l->stop && !strcmp(comm, l->stop) ? 42 : 0;
}

/* All tasks up to @stop, how it ended, notices */
static char *list(const char *kernel, const char *more, const char *stop, unsigned int polls)
{
	static const struct source_ops ops = { .name = "test" };
	struct kernel *k = kernel_open(kernel, more);
	struct merge_source *src = source_create(&ops, NULL, 8, false);
	const struct merge_notice *notice;
	struct listing l = { .stop = stop };
	struct vmcore vm;
	char *text;
	size_t size;
	int ret;

	l.out = open_memstream(&text, &size);
	k->interrupt_at = polls;
	CU_ASSERT_EQUAL_FATAL(vmcore_init(&vm, &k->mem), 0);
	ret = vm_tasks_each(&vm, src, take, &l);
	if (ret)
		fprintf(l.out, "%s\n", ret < 0 ? strerrorname_np(-ret) : "stopped");
	for (unsigned int i = 0; (notice = merge_source_notice(src, i)); i++)
		fprintf(l.out, "# %s\n", notice->text);
	fclose(l.out);
	vmcore_deinit(&vm);
	merge_source_close(src);
	kernel_close(k);
	return text;
}

#define TASKS	"tasks\ntask 1 systemd\ntask 40 server\nthread 41 worker\nthread 42 a worker\n"	\
		"task 50 sixteen letters_\n"
#define ALL	"50 sixteen letters_\n42 a worker\n41 worker\n40 server\n1 systemd\n"
#define LEADERS	"50 sixteen letters_\n40 server\n1 systemd\n"
#define GAPS	"# the list of tasks has gaps: tasks that only it names are shown as <...>\n"
#define NO_LIST	"# the list of tasks is not found: tasks that only it names are shown as <...>\n"

static const struct list_row {
	const char *name;
	const char *kernel;
	const char *more;
	const char *want;
} rows[] = {
	{ "all", TASKS, "", ALL },
	{ "short, big", "version 601\nlong 4\nbig\n" TASKS, "", ALL },
	{ "none but the idle ones", "tasks\n", "", "" },
	{ "no threads known", TASKS, "without task_struct.thread_node\n", LEADERS },
	{ "no heads of threads known", TASKS, "without signal_struct.thread_head\n", LEADERS },
	{ "no signals", TASKS, "set task.40:task_struct.signal 0\n",
	  "50 sixteen letters_\n40 server\n1 systemd\n" },
	{ "signals unreadable", TASKS, "set task.40:task_struct.signal 8\n", LEADERS GAPS },
	{ "a process excluded", TASKS, "exclude task.40\n",
	  "50 sixteen letters_\n1 systemd\n" GAPS },
	{ "a thread excluded", TASKS, "exclude task.41\n",
	  "50 sixteen letters_\n42 a worker\n40 server\n1 systemd\n" GAPS },
	{ "no init_task", TASKS, "without init_task\n", NO_LIST },
	{ "no list in it", TASKS, "without task_struct.tasks\n", NO_LIST },
	{ "no pids", TASKS, "without task_struct.pid\n", NO_LIST },
	{ "no names", TASKS, "without task_struct.comm\n", NO_LIST },
};

static void test_lists(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		CHECK_ROW(test_text(list(rows[i].kernel, rows[i].more, NULL, 0), rows[i].want),
			  rows[i].name);
}

static void test_ends(void)
{
	CHECK_TEXT(list(TASKS, "", "a worker", 0), "50 sixteen letters_\n42 a worker\nstopped\n");
	CHECK_TEXT(list(TASKS, "", "sixteen letters_", 0), "50 sixteen letters_\nstopped\n");
	CHECK_TEXT(list(TASKS, "", NULL, 1), "50 sixteen letters_\nEINTR\n");
	CHECK_TEXT(list(TASKS, "without task_struct.thread_node\n", NULL, 2),
		   "50 sixteen letters_\n40 server\nEINTR\n");
}

struct processes {
	FILE *out;
	struct kernel *k;
	int stop;
};

/* vm_processes_each(): ids, and that the task is the one with that id */
static int take_process(void *arg, int pid, uint64_t task)
{
	struct processes *p = arg;
	char label[32];

	snprintf(label, sizeof(label), "task.%d", pid);
	fprintf(p->out, "%d%s\n", pid, kernel_place(p->k, label) == task ? "" : " elsewhere");
	return pid == p->stop ? 42 : 0;
}

static char *processes(const char *more, int stop)
{
	struct kernel *k = kernel_open(TASKS, more);
	struct processes p = { .k = k, .stop = stop };
	struct vmcore vm;
	char *text;
	size_t size;
	int ret;

	p.out = open_memstream(&text, &size);
	CU_ASSERT_EQUAL_FATAL(vmcore_init(&vm, &k->mem), 0);
	ret = vm_processes_each(&vm, take_process, &p);
	if (ret)
		fprintf(p.out, "%s\n", ret < 0 ? strerrorname_np(-ret) : "stopped");
	fclose(p.out);
	vmcore_deinit(&vm);
	kernel_close(k);
	return text;
}

static void test_processes(void)
{
	CHECK_TEXT(processes("", 0), "50\n40\n1\n");
	CHECK_TEXT(processes("", 40), "50\n40\nstopped\n");
	CHECK_TEXT(processes("exclude task.40\n", 0), "50\n1\nENODATA\n");
	CHECK_TEXT(processes("without init_task\n", 0), "ENOENT\n");
}

static const struct test tests[] = {
	{ "processes and threads are told, as far as they can be read", test_lists },
	{ "processes are told with their tasks, without threads", test_processes },
	{ "a walk ends when it is told to, or interrupted", test_ends },
	{ NULL, NULL }
};
const struct test_suite suite_tasks_vmcore = { "tasks_vmcore", tests };
