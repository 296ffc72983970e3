// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Pids and names of the tasks of a crashed kernel: init_task heads the list of
 * processes, each process has a list of its threads, itself among them.
 */
#include <errno.h>
#include <string.h>

#include "source.h"
#include "tasks_vmcore.h"

/* PID_LIMIT_MAX of the kernel; more nodes than that on a list are none */
#define MAX_TASKS	(1u << 22)

/*
 * struct walk - through all tasks, or with @process through all processes
 * @gaps: some could not be read
 * @end: what @fn returned, when that ended it
 */
struct walk {
	struct vmcore *vm;
	int (*fn)(void *arg, int pid, const char *comm);
	int (*process)(void *arg, int pid, uint64_t task);
	void *arg;
	bool gaps;
	int end;
};

static int report_task(struct walk *w, uint64_t task)
{
	char comm[64];
	size_t size = vmcore_size(w->vm, TASK_COMM);
	uint64_t pid;

	if (vmcore_get(w->vm, task, TASK_PID, &pid) ||
	    mem_read(w->vm->mem, task + vmcore_offset(w->vm, TASK_COMM), comm, size)) {
		w->gaps = true;
		return 0;
	}
	comm[size] = '\0';
	w->end = w->fn(w->arg, (int)pid, comm);
	return w->end;
}

/* vmcore_node_fn: a thread */
static int report_thread(void *arg, uint64_t node)
{
	struct walk *w = arg;

	return report_task(w, node - vmcore_offset(w->vm, TASK_THREAD_NODE));
}

/* vmcore_node_fn: a process as such */
static int report_leader(void *arg, uint64_t node)
{
	struct walk *w = arg;
	uint64_t task = node - vmcore_offset(w->vm, TASK_TASKS), pid;

	if (vmcore_get(w->vm, task, TASK_PID, &pid)) {
		w->gaps = true;
		return 0;
	}
	w->end = w->process(w->arg, (int)pid, task);
	return w->end;
}

/* vmcore_node_fn: a process; without a list of threads itself */
static int report_process(void *arg, uint64_t node)
{
	struct walk *w = arg;
	struct vmcore *vm = w->vm;
	uint64_t task = node - vmcore_offset(vm, TASK_TASKS), signal;
	int ret;

	if (!vmcore_has(vm, TASK_THREAD_NODE) || !vmcore_has(vm, SIGNAL_THREADS) ||
	    vmcore_get(vm, task, TASK_SIGNAL, &signal) || !signal)
		return report_task(w, task);
	ret = vmcore_list(vm, signal + vmcore_offset(vm, SIGNAL_THREADS), false, MAX_TASKS,
			  report_thread, w);
	if (ret == -EINTR || w->end)
		return ret;
	if (ret) {
		w->gaps = true;
		return report_task(w, task);
	}
	return 0;
}

static int walk_all(struct walk *w, uint64_t head)
{
	vmcore_node_fn *report = w->process ? report_leader : report_process;
	int ret = vmcore_list(w->vm, head, false, MAX_TASKS, report, w);

	/* a list that breaks off is walked from its other end too */
	if (ret && ret != -EINTR && !w->end) {
		w->gaps = true;
		ret = vmcore_list(w->vm, head, true, MAX_TASKS, report, w);
	}
	return w->end ? w->end : ret == -EINTR ? ret : 0;
}

int vm_tasks_each(struct vmcore *vm, struct merge_source *src,
		  int (*fn)(void *arg, int pid, const char *comm), void *arg)
{
	struct walk w = { .vm = vm, .fn = fn, .arg = arg };
	size_t size = vmcore_size(vm, TASK_COMM);
	uint64_t init;
	int ret;

	if (vmcore_symbol(vm, "init_task", &init) || !vmcore_has(vm, TASK_TASKS) ||
	    !vmcore_has(vm, TASK_PID) || !size || size >= 64) {
		source_note(src, NULL, -1,
			    "the list of tasks is not found: tasks that only it names are shown as <...>");
		return 0;
	}
	ret = walk_all(&w, init + vmcore_offset(vm, TASK_TASKS));
	if (w.gaps && !ret)
		source_note(src, NULL, -1,
			    "the list of tasks has gaps: tasks that only it names are shown as <...>");
	return ret;
}

int vm_processes_each(struct vmcore *vm, int (*fn)(void *arg, int pid, uint64_t task),
		      void *arg)
{
	struct walk w = { .vm = vm, .process = fn, .arg = arg };
	uint64_t init;
	int ret;

	if (vmcore_symbol(vm, "init_task", &init) || !vmcore_has(vm, TASK_TASKS) ||
	    !vmcore_has(vm, TASK_PID))
		return -ENOENT;
	ret = walk_all(&w, init + vmcore_offset(vm, TASK_TASKS));
	return ret ? ret : w.gaps ? -ENODATA : 0;
}
