// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mkkernel.h"
#include "source.h"
#include "tests.h"
#include "vmas_vmcore.h"

/* Process 40 has /lib at 0x1000-0x2fff and memory of its own at 0x4000-0x4fff. */
#define WORLD								\
	"tasks\ntask 1 init\ntask 40 server\nthread 41 worker\ntask 50 kthread\n"	\
	"mount main - -\ndentry lib main.root lib\nfile f main lib\n"	\
	"alloc mm 1024\nset task.40:task_struct.mm mm\n"		\
	"vma lib.vma mm 0x1000 0x3000 f\nvma own mm 0x4000 0x5000 -\n"	\
	"node leaf map\nslot 0xfff -\nslot 0x2fff lib.vma\nslot 0x3fff -\nslot 0 own\n"	\
	"set mm:mm_struct.mm_mt:maple_tree.ma_root map.in+2\n"		\
	"set task.40:task_struct.start_time 5000000000\n"		\
	"set task.40:task_struct.start_boottime 9000000000\n"

/* One that is asked about: when, by which clock, what of whom */
struct query {
	const char *clock;
	uint64_t ts;
	int tgid;
	uint64_t addr;
};

struct world {
	struct kernel *k;
	struct vmcore vm;
	struct merge_source *src;
	struct vm_vmas vmas;
};

static void open_world(struct world *w, const char *kernel, const char *more)
{
	static const struct source_ops ops = { .name = "test" };

	w->k = kernel_open(kernel, more);
	w->src = source_create(&ops, NULL, 8, false);
	CU_ASSERT_EQUAL_FATAL(vmcore_init(&w->vm, &w->k->mem), 0);
	vm_vmas_init(&w->vmas, &w->vm, w->src);
}

static void close_world(struct world *w)
{
	vm_vmas_deinit(&w->vmas);
	vmcore_deinit(&w->vm);
	merge_source_close(w->src);
	kernel_close(w->k);
}

static void ask(struct world *w, const struct query *q, bool previous, FILE *out)
{
	struct merge_buffer buf = { .clock = q->clock, .previous_boot = previous };
	struct merge_event ev = { .buffer = &buf, .ts = q->ts };
	struct desc_object object;

	if (vm_vmas_find(&w->vmas, &ev, q->tgid, q->addr, &object))
		fprintf(out, "-\n");
	else
		fprintf(out, "%s+%llx\n", object.path,
			(unsigned long long)(q->addr - object.start));
}

/* The answers, and what was noted */
static char *answers(const char *kernel, const char *more, const struct query *queries,
		     bool previous)
{
	const struct merge_notice *notice;
	struct world w;
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	open_world(&w, kernel, more);
	for (; queries->clock; queries++)
		ask(&w, queries, previous, out);
	for (unsigned int i = 0; (notice = merge_source_notice(w.src, i)); i++)
		fprintf(out, "# %s\n", notice->text);
	fclose(out);
	close_world(&w);
	return text;
}

#define LATE	6000000000u

static const struct query places[] = {
	{ "local", LATE, 40, 0x1000 }, { "local", LATE, 40, 0x2fff },
	{ "local", LATE, 40, 0x3000 }, { "local", LATE, 40, 0x4000 },
	{ "local", LATE, 41, 0x1000 }, { "local", LATE, 50, 0x1000 },
	{ "local", LATE, 99, 0x1000 }, { "local", LATE, 40, 0x1008 }, { NULL }
};

#define FOUND	"/lib+0\n/lib+1fff\n-\n-\n-\n-\n-\n/lib+8\n"
#define NONE	"-\n-\n-\n-\n-\n-\n-\n-\n"
#define UNREADABLE(why)							\
	"# the memory map of process 40 is not all readable (" why "): user addresses in it "	\
	"stay numbers, and maybe those of others\n"
#define LACKS(member)	"# this kernel has no " member ": user addresses stay numbers\n"

static const struct world_row {
	const char *name;
	const char *kernel;
	const char *more;
	const char *want;
} rows[] = {
	{ "all is there", WORLD, "", FOUND },
	{ "of 7.2, short, big", "version 700\nlong 4\nbig\n" WORLD, "", FOUND },
	{ "without a memory map", WORLD, "set task.40:task_struct.mm 0\n", NONE },
	{ "a kernel thread with one on loan", WORLD, "set task.40:task_struct.flags 0x200000\n",
	  NONE },
	{ "a mapping of another process", WORLD, "set lib.vma:vm_area_struct.vm_mm 0x1000\n",
	  NONE UNREADABLE("Bad message") },
	{ "a mapping of elsewhere", WORLD, "set lib.vma:vm_area_struct.vm_start 0x1001\n",
	  "-\n/lib+1ffe\n-\n-\n-\n-\n-\n/lib+7\n" UNREADABLE("Bad message") },
	{ "a mapping that ends before", WORLD, "set lib.vma:vm_area_struct.vm_end 0x2fff\n",
	  "/lib+0\n-\n-\n-\n-\n-\n-\n/lib+8\n" UNREADABLE("Bad message") },
	{ "a mapping that is gone", WORLD, "exclude lib.vma\n",
	  NONE UNREADABLE("No data available") },
	{ "a file of zeros", WORLD, "zero f\n", NONE UNREADABLE("Bad message") },
	{ "a task that is gone", WORLD, "exclude task.40\n",
	  NONE "# the list of processes has gaps: user addresses of those that are missing "
	  "stay numbers\n" },
	{ "no list of tasks", WORLD, "without init_task\n",
	  NONE "# the list of processes is not found: user addresses of all stay numbers\n" },
	{ "as before 6.1", WORLD, "without mm_struct.mm_mt\n", NONE LACKS("mm_struct.mm_mt") },
	{ "no names of files", WORLD, "without qstr.name\n", NONE LACKS("qstr.name") },
	{ "no keys", WORLD, "without maple_range_64.pivot\n",
	  NONE LACKS("maple_range_64.pivot") },
};

static void test_places(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		CHECK_ROW(test_text(answers(rows[i].kernel, rows[i].more, places, false),
				    rows[i].want), rows[i].name);
	CHECK_TEXT(answers(WORLD, "", places, true), NONE);
}

/* It began at 5 s by mono, 9 s by boot. */
static void test_ids(void)
{
	static const struct query times[] = {
		{ "mono", 4998000000, 40, 0x1000 }, { "mono", 5000000000, 40, 0x1000 },
		{ "boot", 8998000000, 40, 0x1000 }, { "boot", 9000000000, 40, 0x1000 },
		{ "local", 3900000000, 40, 0x1000 }, { "local", 4100000000, 40, 0x1000 },
		{ "global", 1, 40, 0x1000 }, { "perf", 1, 40, 0x1000 },
		{ "mono_raw", 1, 40, 0x1000 }, { "counter", 1, 40, 0x1000 },
		{ "tai", 1, 40, 0x1000 }, { NULL }
	};

	CHECK_TEXT(answers(WORLD, "", times, false),
		   "-\n/lib+0\n-\n/lib+0\n-\n/lib+0\n-\n-\n-\n/lib+0\n/lib+0\n");
	CHECK_TEXT(answers(WORLD, "without task_struct.start_time\n", times, false),
		   "/lib+0\n/lib+0\n-\n/lib+0\n/lib+0\n/lib+0\n/lib+0\n/lib+0\n/lib+0\n"
		   "/lib+0\n/lib+0\n");
}

static void test_interrupted(void)
{
	const struct query q = { "local", LATE, 40, 0x1000 };
	struct world w;
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	open_world(&w, WORLD, "");
	w.k->interrupt_at = 1;
	ask(&w, &q, false, out);
	w.k->interrupt_at = 0;
	ask(&w, &q, false, out);
	CU_ASSERT_PTR_NULL(merge_source_notice(w.src, 0));
	close_world(&w);
	fclose(out);
	CHECK_TEXT(text, "-\n/lib+0\n");
}

/* More mappings than are kept: 300, each in a tree of its own */
static void test_many(void)
{
	struct merge_buffer buf = { .clock = "local" };
	struct merge_event ev = { .buffer = &buf, .ts = LATE };
	struct desc_object object;
	struct world w;
	char line[200];
	bool good = true;

	open_world(&w, WORLD, "");
	for (unsigned int i = 0; i < 300; i++) {
		snprintf(line, sizeof(line), "vma v%u mm %#x %#x f\nnode leaf n%u\nslot 0xfffff v%u\n"
			 "set mm:mm_struct.mm_mt:maple_tree.ma_root n%u.in+2\n", i,
			 0x10000 + i * 16, 0x10010 + i * 16, i, i, i);
		kernel_add(w.k, line);
	}
	for (unsigned int i = 0; i < 300; i++) {
		snprintf(line, sizeof(line), "set mm:mm_struct.mm_mt:maple_tree.ma_root n%u.in+2\n",
			 i);
		kernel_add(w.k, line);
		mem_destroy(w.vm.mem);
		w.vm.mem = mem_create(&w.k->mem);
		good = good && w.vm.mem &&
		       !vm_vmas_find(&w.vmas, &ev, 40, 0x10008 + i * 16, &object) &&
		       object.start == 0x10000 + i * 16 && !strcmp(object.path, "/lib");
	}
	CU_ASSERT_TRUE(good);
	/* the first are known still, whatever the tree says now */
	CU_ASSERT_EQUAL(vm_vmas_find(&w.vmas, &ev, 40, 0x10008, &object), 0);
	close_world(&w);
}

static const struct test tests[] = {
	{ "an address is in a file, where all that says so is there", test_places },
	{ "a process that began after the event is not its own", test_ids },
	{ "after an interruption it can be asked again", test_interrupted },
	{ "more mappings than are kept are found", test_many },
	{ NULL, NULL }
};
const struct test_suite suite_vmas_vmcore = { "vmas_vmcore", tests };
