// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What processes had mapped where when the kernel stopped: a process by its id, its
 * memory map (mm_struct.mm_mt), the mapping that holds an address, its file's path.
 * What was found is kept, as stacks are of few processes and few files.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "path_vmcore.h"
#include "source.h"
#include "tasks_vmcore.h"
#include "vmas_vmcore.h"

/* PF_KTHREAD of include/linux/sched.h: such a task's mm is on loan */
#define FLAG_KTHREAD	0x00200000u

/* Mappings kept of a process; of one that has more the rest is looked up each time */
#define MAX_AREAS	256

#define PATH_SIZE	4096

/* A mapping of a file */
struct area {
	uint64_t start, end;
	char *path;
};

/*
 * struct vm_process - a process
 * @mm: its struct mm_struct, 0 without one
 * @start, @start_boot: when it began, by the clocks mono and boot; 0 unknown
 * @asked: the above were looked up
 * @last: the mapping that was found last but is not kept
 */
struct vm_process {
	int pid;
	uint64_t task;
	uint64_t mm;
	uint64_t start, start_boot;
	bool asked;
	struct area *areas;
	size_t nr;
	struct area last;
};

void vm_vmas_init(struct vm_vmas *v, struct vmcore *vm, struct merge_source *src)
{
	*v = (struct vm_vmas){ .vm = vm, .src = src };
}

void vm_vmas_deinit(struct vm_vmas *v)
{
	for (size_t i = 0; i < v->nr; i++) {
		for (size_t k = 0; k < v->processes[i].nr; k++)
			free(v->processes[i].areas[k].path);
		free(v->processes[i].areas);
		free(v->processes[i].last.path);
	}
	free(v->processes);
	v->processes = NULL;
	v->nr = v->room = 0;
}

/* ---- Processes ------------------------------------------------------------- */

static int add_process(void *arg, int pid, uint64_t task)
{
	struct vm_vmas *v = arg;

	if (v->nr == v->room) {
		size_t room = v->room ? 2 * v->room : 256;
		struct vm_process *grown = reallocarray(v->processes, room, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		v->processes = grown;
		v->room = room;
	}
	v->processes[v->nr++] = (struct vm_process){ .pid = pid, .task = task };
	return 0;
}

static int compare_pids(const void *a, const void *b)
{
	const struct vm_process *x = a, *y = b;

	return x->pid < y->pid ? -1 : x->pid > y->pid;
}

/* The name of what this kernel lacks, or NULL */
static const char *lacks(struct vm_vmas *v)
{
	static const enum vmcore_member needed[] = {
		TASK_FLAGS, TASK_MM, MM_TREE, VMA_START, VMA_END, VMA_MM, VMA_FILE,
	};
	const char *path;

	for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++)
		if (!vmcore_has(v->vm, needed[i]))
			return vmcore_member_name(needed[i]);
	path = vm_path_lacks(v->vm);
	return path ? path : maple_init(&v->maple, v->vm);
}

static int list_processes(struct vm_vmas *v)
{
	const char *missing = lacks(v);
	int ret;

	if (missing) {
		source_note(v->src, NULL, -1,
			    "this kernel has no %s: user addresses stay numbers", missing);
		return -ENOENT;
	}
	v->nr = 0;
	ret = vm_processes_each(v->vm, add_process, v);
	if (ret == -EINTR)
		return ret;
	if (ret)
		source_note(v->src, NULL, -1, "the list of processes %s: user addresses of %s stay numbers",
			    ret == -ENODATA ? "has gaps" : ret == -ENOMEM ? "is too long for this machine's memory" :
			    "is not found", ret == -ENODATA ? "those that are missing" : "all");
	if (ret && ret != -ENODATA)
		return ret;
	if (v->nr)
		qsort(v->processes, v->nr, sizeof(*v->processes), compare_pids);
	return 0;
}

/* When the kernel does not say, 0: then it may be older than any event */
static uint64_t start_of(struct vm_vmas *v, uint64_t task, enum vmcore_member member)
{
	uint64_t ns;

	return vmcore_get(v->vm, task, member, &ns) ? 0 : ns;
}

/* Unreadable memory of a process that is there: said once, since it is for all alike */
static void note(struct vm_vmas *v, const struct vm_process *p, int error)
{
	if (!v->noted)
		source_note(v->src, NULL, -1,
			    "the memory map of process %d is not all readable (%s): user addresses in it stay numbers, and maybe those of others",
			    p->pid, strerror(-error));
	v->noted = true;
}

static void ask(struct vm_vmas *v, struct vm_process *p)
{
	uint64_t flags;
	int ret = vmcore_get(v->vm, p->task, TASK_FLAGS, &flags);

	p->asked = true;
	if (!ret)
		ret = vmcore_get(v->vm, p->task, TASK_MM, &p->mm);
	if (ret)
		note(v, p, ret);
	if (ret || flags & FLAG_KTHREAD)
		p->mm = 0;
	p->start = start_of(v, p->task, TASK_START);
	p->start_boot = start_of(v, p->task, TASK_START_BOOT);
}

/* The process with that id that lives on when the kernel stops, or NULL */
static struct vm_process *find_process(struct vm_vmas *v, int tgid)
{
	struct vm_process key = { .pid = tgid }, *p;

	if (v->state == VMAS_UNASKED) {
		int ret = list_processes(v);

		if (ret == -EINTR)	/* may be asked again */
			return NULL;
		v->state = ret ? VMAS_MISSING : VMAS_THERE;
	}
	if (v->state == VMAS_MISSING || !v->nr)
		return NULL;
	p = bsearch(&key, v->processes, v->nr, sizeof(*p), compare_pids);
	if (p && !p->asked)
		ask(v, p);
	return p && p->mm ? p : NULL;
}

/*
 * Ids are used again: a process that began after the event is another one. The clocks
 * local, global, perf and mono_raw run beside mono, from about the same time on, but
 * nobody sets them right; the others have nothing in common with it.
 */
static bool began_later(const struct vm_process *p, const struct merge_event *ev)
{
	static const struct clock {
		const char *name;
		bool boot;
		uint64_t slack;		/* ns */
		unsigned int drift;	/* one in so many */
	} clocks[] = {
		{ "mono", .slack = 1000000 }, { "boot", .boot = true, .slack = 1000000 },
		{ "local", .slack = 1000000000, .drift = 1000 },
		{ "global", .slack = 1000000000, .drift = 1000 },
		{ "perf", .slack = 1000000000, .drift = 1000 },
		{ "mono_raw", .slack = 1000000000, .drift = 1000 },
	};

	for (size_t i = 0; i < sizeof(clocks) / sizeof(*clocks); i++) {
		const struct clock *c = &clocks[i];
		uint64_t start = c->boot ? p->start_boot : p->start;
		uint64_t slack = c->slack + (c->drift ? ev->ts / c->drift : 0);

		if (!strcmp(c->name, ev->buffer->clock))
			return start > slack && start - slack > ev->ts;
	}
	return false;
}

/* ---- Mappings -------------------------------------------------------------- */

static const struct area *find_known(const struct vm_process *p, uint64_t addr)
{
	for (size_t i = 0; i < p->nr; i++)
		if (addr >= p->areas[i].start && addr < p->areas[i].end)
			return &p->areas[i];
	return NULL;
}

/* The struct file that is mapped at @addr, 0 when none is; the mapping's place */
static int find_file(struct vm_vmas *v, const struct vm_process *p, uint64_t addr,
		     struct area *area, uint64_t *file)
{
	uint64_t vma, mm;
	int ret = maple_find(&v->maple, p->mm + vmcore_offset(v->vm, MM_TREE), addr, &vma);

	if (!ret)
		ret = vmcore_get(v->vm, vma, VMA_MM, &mm);
	if (!ret)
		ret = vmcore_get(v->vm, vma, VMA_START, &area->start);
	if (!ret)
		ret = vmcore_get(v->vm, vma, VMA_END, &area->end);
	if (!ret)
		ret = vmcore_get(v->vm, vma, VMA_FILE, file);
	/* a torn tree must not give it what another process has mapped */
	if (!ret && (mm != p->mm || addr < area->start || addr >= area->end))
		ret = -EBADMSG;
	return ret;
}

static int find_new(struct vm_vmas *v, const struct vm_process *p, uint64_t addr,
		    struct area *area)
{
	char path[PATH_SIZE];
	uint64_t file = 0;
	int ret = find_file(v, p, addr, area, &file);

	if (!ret)
		ret = file ? vm_path(v->vm, file, path, sizeof(path)) : -ENOENT;
	if (ret)
		return ret;
	area->path = strdup(path);
	return area->path ? 0 : -ENOMEM;
}

/* Where it stays until the next one that is not kept */
static const struct area *keep(struct vm_process *p, const struct area *area)
{
	if (!p->areas)
		p->areas = calloc(MAX_AREAS, sizeof(*p->areas));
	if (p->areas && p->nr < MAX_AREAS) {
		p->areas[p->nr] = *area;
		return &p->areas[p->nr++];
	}
	free(p->last.path);
	p->last = *area;
	return &p->last;
}

int vm_vmas_find(struct vm_vmas *v, const struct merge_event *ev, int tgid, uint64_t addr,
		 struct desc_object *object)
{
	struct vm_process *p = ev->buffer->previous_boot ? NULL : find_process(v, tgid);
	const struct area *area;
	struct area found;
	int ret;

	if (!p || began_later(p, ev))
		return -ENOENT;
	area = find_known(p, addr);
	if (!area) {
		ret = find_new(v, p, addr, &found);
		if (ret && ret != -ENOENT)
			note(v, p, ret);
		if (ret)
			return -ENOENT;
		area = keep(p, &found);
	}
	object->path = area->path;
	object->start = area->start;
	return 0;
}
