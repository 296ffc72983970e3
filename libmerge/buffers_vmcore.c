// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The trace buffers of a crashed kernel: every struct trace_array on
 * ftrace_trace_arrays, with its live ring and its snapshot. A persistent
 * instance is a live ring in reserved memory and is walked the same way.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "describe.h"
#include "error.h"
#include "previous_vmcore.h"
#include "src_vmcore.h"

#define MAX_INSTANCES	4096
#define MAX_CPUS	8192
/* RB_WRITE_MASK bounds a sub-buffer to 1 MiB; 4 KiB << 10 leaves room */
#define MAX_ORDER	10

void vm_buffer_deinit(struct vm_buffer *vb)
{
	for (unsigned int i = 0; i < vb->nr; i++)
		ring_deinit(&vb->rings[i]);
	free(vb->rings);
	memset(vb, 0, sizeof(*vb));
}

static const struct counter_row {
	enum vmcore_member member;
	size_t offset;
} counter_rows[] = {
	{ CPU_ENTRIES, offsetof(struct merge_counters, entries) },
	{ CPU_OVERRUN, offsetof(struct merge_counters, overrun) },
	{ CPU_COMMIT_OVERRUN, offsetof(struct merge_counters, commit_overrun) },
	{ CPU_DROPPED, offsetof(struct merge_counters, dropped) },
	{ CPU_READ, offsetof(struct merge_counters, read) },
	{ CPU_ENTRIES_BYTES, offsetof(struct merge_counters, bytes) },
};

/*
 * The counts of per_cpu/cpuN/stats: "entries" there leaves out what was
 * overwritten or read, "bytes" what was read.
 */
static void load_counters(struct vm_source *v, uint64_t cpu_buffer, struct merge_cpu *cpu)
{
	struct merge_counters *counters = &cpu->counters;
	size_t rows = sizeof(counter_rows) / sizeof(*counter_rows);
	uint64_t read_bytes;

	for (size_t i = 0; i < rows; i++)
		if (vmcore_get(&v->vm, cpu_buffer, counter_rows[i].member,
			       (uint64_t *)((char *)counters + counter_rows[i].offset)))
			return;
	if (vmcore_get(&v->vm, cpu_buffer, CPU_READ_BYTES, &read_bytes))
		return;
	counters->entries -= counters->overrun + counters->read;
	counters->bytes -= read_bytes;
	cpu->has_counters = true;
}

/* One CPU's ring into the next entries of @buf and @vb. 0 or -ENOMEM, -EINTR. */
static int add_cpu(struct vm_source *v, uint64_t cpu_buffer, unsigned int cpu,
		   struct merge_buffer *buf, struct vm_buffer *vb)
{
	struct merge_cpu *entry = &buf->cpus[buf->nr_cpus];
	struct ring *ring = &vb->rings[vb->nr];
	int ret = ring_walk(&v->vm, cpu_buffer, ring);

	if (ret == -ENOMEM || ret == -EINTR)
		return ret;
	if (ret)
		source_note(v->src, NULL, cpu,
			    "buffer %s, cpu %u: the ring at 0x%llx is unreadable (%s): nothing of it can be shown",
			    buf->name, cpu, (unsigned long long)cpu_buffer, strerror(-ret));
	else if (ring->damage[0])
		source_note(v->src, NULL, cpu, "buffer %s, cpu %u: ring at 0x%llx: %s",
			    buf->name, cpu, (unsigned long long)cpu_buffer, ring->damage);
	entry->cpu = cpu;
	entry->nr_subbufs = ring->nr;
	load_counters(v, cpu_buffer, entry);
	buf->nr_cpus++;
	vb->nr++;
	return 0;
}

static int add_cpus(struct vm_source *v, uint64_t ring_buffer,
		    struct merge_buffer *buf, struct vm_buffer *vb)
{
	uint32_t long_size = mem_kernel(v->vm.mem)->long_size;
	uint64_t table, cpu_buffer;
	int ret = vmcore_get(&v->vm, ring_buffer, RING_BUFFERS, &table);

	for (unsigned int cpu = 0; !ret && cpu < v->nr_cpu_ids; cpu++) {
		ret = mem_pointer(v->vm.mem, table + cpu * long_size, &cpu_buffer);
		if (!ret && cpu_buffer)	/* NULL: never came up */
			ret = add_cpu(v, cpu_buffer, cpu, buf, vb);
	}
	if (ret == -ENOMEM || ret == -EINTR)
		return ret;
	/* the boot CPU has one: its page may be left out, and read as zeros */
	if (!ret && !vb->nr)
		source_note(v->src, NULL, -1, "buffer %s: zeros where its table of per-CPU rings should be",
			    buf->name);
	if (!ret)
		return 0;
	source_note(v->src, NULL, -1, "buffer %s: its table of per-CPU rings is unreadable (%s)",
		    buf->name, strerror(-ret));
	return 0;
}

static uint32_t subbuf_size(struct vm_source *v, uint64_t ring_buffer, const char *name)
{
	uint32_t page_size = mem_kernel(v->vm.mem)->page_size;
	uint64_t order = 0;
	int ret = vmcore_get(&v->vm, ring_buffer, RING_SUBBUF_ORDER, &order);

	/* before 6.8 a sub-buffer is a page and the member does not exist */
	if (ret == -ENOENT)
		return page_size;
	if (!ret && order <= MAX_ORDER)
		return page_size << order;
	source_note(v->src, NULL, -1,
		    "buffer %s: subbuf_order is unreadable or out of range: taken as one page",
		    name);
	return page_size;
}

/* Room for one buffer more beside the source's. 0 or -ENOMEM. */
static int grow_buffers(struct vm_source *v)
{
	struct vm_buffer *grown = reallocarray(v->buffers, v->src->nr_buffers + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	v->buffers = grown;
	return 0;
}

/*
 * What @buf, the source's last buffer, holds behind its last commit, as a buffer
 * of its own with the CPUs that have something there; none when none has.
 */
static int add_uncommitted(struct vm_source *v)
{
	const struct merge_buffer *live = &v->src->buffers[v->src->nr_buffers - 1];
	const struct vm_buffer *from = &v->buffers[live->index];
	struct merge_buffer buf = *live;
	struct vm_buffer vb = { .nr = 0 };
	char name[320];
	int ret = -ENOMEM;

	vb.rings = calloc(from->nr + 1, sizeof(*vb.rings));
	buf.cpus = calloc(from->nr + 1, sizeof(*buf.cpus));
	if (!vb.rings || !buf.cpus)
		goto err;
	buf.nr_cpus = 0;
	for (unsigned int i = 0; i < from->nr; i++) {
		struct ring *ring = &from->rings[i];

		if (!ring->nr_uncommitted)
			continue;
		vb.rings[vb.nr++] = (struct ring){ .subbufs = ring->uncommitted,
						   .nr = ring->nr_uncommitted };
		buf.cpus[buf.nr_cpus++] = (struct merge_cpu){ .cpu = live->cpus[i].cpu,
							      .nr_subbufs = ring->nr_uncommitted };
		ring->uncommitted = NULL;
		ring->nr_uncommitted = 0;
	}
	ret = vb.nr ? grow_buffers(v) : 0;
	if (ret || !vb.nr)
		goto err;
	v->buffers[v->src->nr_buffers] = vb;
	snprintf(name, sizeof(name), "%s/uncommitted", live->name);
	buf.name = name;
	buf.shift = NULL;
	buf.kind = MERGE_UNCOMMITTED;
	ret = source_add_buffer(v->src, &buf);
	if (ret)
		vm_buffer_deinit(&vb);
	return ret;
err:
	vm_buffer_deinit(&vb);
	free(buf.cpus);
	return ret;
}

/* Whether this boot wrote to a CPU's ring, or that is unreadable */
static bool ring_touched(struct vm_source *v, uint64_t ring_buffer, unsigned int cpu)
{
	uint32_t long_size = mem_kernel(v->vm.mem)->long_size;
	uint64_t table, cpu_buffer, stamp;

	return vmcore_get(&v->vm, ring_buffer, RING_BUFFERS, &table) ||
	       mem_pointer(v->vm.mem, table + cpu * long_size, &cpu_buffer) ||
	       vmcore_get(&v->vm, cpu_buffer, CPU_WRITE_STAMP, &stamp) || stamp;
}

/* Of which boot a persistent buffer's events are, if there are any. 0 or -ENOMEM. */
static int find_boot(struct vm_source *v, uint64_t tr, uint64_t ring_buffer,
		     struct merge_buffer *buf)
{
	bool touched = false, empty = true, partial;
	struct merge_shift *shift = NULL;
	int ret;

	for (unsigned int i = 0; i < buf->nr_cpus; i++) {
		touched |= ring_touched(v, ring_buffer, buf->cpus[i].cpu);
		empty &= buf->cpus[i].has_counters && !buf->cpus[i].counters.entries;
	}
	if (empty)
		return 0;
	ret = previous_boot_load(&v->vm, tr, touched, &shift, &partial);
	if (ret || !shift)
		return ret;
	buf->kind = MERGE_PREVIOUS_BOOT;
	buf->previous_boot = true;
	buf->shift = shift;
	if (partial)
		source_note(v->src, NULL, -1,
			    "buffer %s: where modules of the previous boot were is unreadable: addresses in them may get wrong names",
			    buf->name);
	return 0;
}

/* Take the ring at @ring_buffer of the instance at @tr in. 0 or -ENOMEM, -EINTR. */
static int add_buffer(struct vm_source *v, uint64_t tr, uint64_t ring_buffer,
		      struct merge_buffer *buf)
{
	struct vm_buffer vb = { .rings = calloc(v->nr_cpu_ids, sizeof(*vb.rings)) };
	int ret = -ENOMEM;

	buf->cpus = calloc(v->nr_cpu_ids, sizeof(*buf->cpus));
	if (!vb.rings || !buf->cpus || grow_buffers(v))
		goto err;
	buf->subbuf_size = subbuf_size(v, ring_buffer, buf->name);
	ret = add_cpus(v, ring_buffer, buf, &vb);
	if (!ret && buf->kind == MERGE_PERSISTENT)
		ret = find_boot(v, tr, ring_buffer, buf);
	if (ret)
		goto err;
	v->buffers[v->src->nr_buffers] = vb;
	ret = source_add_buffer(v->src, buf);	/* takes buf->cpus over, also on failure */
	if (ret)
		vm_buffer_deinit(&vb);
	return ret ? ret : add_uncommitted(v);
err:
	vm_buffer_deinit(&vb);
	free(buf->cpus);
	shift_destroy((struct merge_shift *)buf->shift);
	return ret;
}

/*
 * The clock of trace_array @tr: entry clock_id of trace_clocks[], whose
 * anonymous struct is { function pointer, name, int in_ns }.
 */
static void load_clock(struct vm_source *v, uint64_t tr, char *name, size_t size, bool *in_ns)
{
	uint32_t long_size = mem_kernel(v->vm.mem)->long_size;
	uint64_t table, id, text, ns, entry;

	*in_ns = true;
	if (vmcore_get(&v->vm, tr, TR_CLOCK_ID, &id) || id > 64 ||
	    vmcore_symbol(&v->vm, "trace_clocks", &table))
		goto unknown;
	entry = table + id * 3 * long_size;
	if (mem_pointer(v->vm.mem, entry + long_size, &text) ||
	    mem_string(v->vm.mem, text, name, size) ||
	    mem_uint(v->vm.mem, entry + 2 * long_size, 4, &ns))
		goto unknown;
	*in_ns = ns;
	return;
unknown:
	snprintf(name, size, "unknown");
	source_note(v->src, NULL, -1,
		    "the clock of the instance at 0x%llx is unreadable: time stamps are shown as nanoseconds",
		    (unsigned long long)tr);
}

/* The live ring of @tr, and its snapshot when it is allocated */
static int add_rings(struct vm_source *v, uint64_t tr, const char *instance,
		     const char *display)
{
	uint64_t ring_buffer, allocated = 0, range = 0;
	enum vmcore_member spare;
	char clock[32], name[300];
	bool in_ns;
	int ret;

	load_clock(v, tr, clock, sizeof(clock), &in_ns);
	vmcore_get(&v->vm, tr, TR_RANGE_START, &range);
	ret = vmcore_get(&v->vm, tr + vmcore_offset(&v->vm, TR_ARRAY_BUFFER),
			 ARRAY_BUFFER_BUFFER, &ring_buffer);
	if (ret || !ring_buffer) {
		source_note(v->src, NULL, -1, "buffer %s: its ring is unreadable", display);
	} else {
		ret = add_buffer(v, tr, ring_buffer, &(struct merge_buffer){
			.name = display, .instance = instance, .clock = clock,
			.clock_in_ns = in_ns,
			.kind = range ? MERGE_PERSISTENT : MERGE_LIVE });
		if (ret)
			return ret;
	}
	/* snapshot_buffer since 7.0, max_buffer before; neither without CONFIG_TRACER_SNAPSHOT */
	spare = vmcore_has(&v->vm, TR_SNAPSHOT_BUFFER) ? TR_SNAPSHOT_BUFFER : TR_MAX_BUFFER;
	ret = vmcore_has(&v->vm, spare) ?
		vmcore_get(&v->vm, tr, TR_ALLOCATED_SNAPSHOT, &allocated) : -ENOENT;
	if (ret == -ENOENT || (!ret && !allocated))
		return 0;
	if (!ret)
		ret = vmcore_get(&v->vm, tr + vmcore_offset(&v->vm, spare), ARRAY_BUFFER_BUFFER,
				 &ring_buffer);
	if (ret || !ring_buffer) {
		source_note(v->src, NULL, -1, "buffer %s: its snapshot is unreadable", display);
		return 0;
	}
	snprintf(name, sizeof(name), "%s/snapshot", display);
	return add_buffer(v, tr, ring_buffer, &(struct merge_buffer){
		.name = name, .instance = instance, .clock = clock,
		.clock_in_ns = in_ns, .kind = MERGE_SNAPSHOT });
}

/* Whether @tr is met for the first time; 0 when not, -ENOMEM */
static int first_visit(struct vm_source *v, uint64_t tr)
{
	uint64_t *grown;

	for (size_t i = 0; i < v->nr_instances; i++)
		if (v->instances[i] == tr)
			return 0;
	grown = realloc(v->instances, (v->nr_instances + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	v->instances = grown;
	grown[v->nr_instances++] = tr;
	return 1;
}

/* vmcore_node_fn: one struct trace_array */
static int add_instance(void *arg, uint64_t node)
{
	struct vm_source *v = arg;
	uint64_t tr = node - vmcore_offset(&v->vm, TR_LIST), text, ring_buffer;
	char name[256], display[sizeof(name) + 10];
	int ret = first_visit(v, tr);

	if (ret <= 0)
		return ret;
	ret = vmcore_get(&v->vm, tr, TR_NAME, &text);
	/* only the top-level instance has no name */
	if (!ret && !text)
		return add_rings(v, tr, "", "top");
	if (ret && vmcore_get(&v->vm, tr + vmcore_offset(&v->vm, TR_ARRAY_BUFFER),
			      ARRAY_BUFFER_BUFFER, &ring_buffer)) {
		source_note(v->src, NULL, -1, "the trace instance at 0x%llx is unreadable (%s)",
			    (unsigned long long)tr, strerror(-ret));
		return 0;
	}
	/* an instance has a name: zeros stand for a page that was left out */
	if (ret || mem_string(v->vm.mem, text, name, sizeof(name)) || !name[0])
		snprintf(name, sizeof(name), "unreadable-%llx", (unsigned long long)tr);
	/* "top" is what the ring without a name is called */
	snprintf(display, sizeof(display), "%s%s", strcmp(name, "top") ? "" : "instances/", name);
	return add_rings(v, tr, name, display);
}

static const enum vmcore_member essential[] = {
	TR_LIST, TR_NAME, TR_ARRAY_BUFFER, ARRAY_BUFFER_BUFFER, RING_BUFFERS,
	CPU_NR_PAGES, CPU_PAGES, CPU_COMMIT_PAGE, CPU_READER_PAGE,
	BPAGE_LIST, BPAGE_READ, BPAGE_PAGE,
};

static int check_essential(struct vm_source *v)
{
	for (size_t i = 0; i < sizeof(essential) / sizeof(*essential); i++)
		if (!vmcore_has(&v->vm, essential[i]))
			return error_set(v->err, -ENODATA,
				"this kernel's debug data has no %s: is it built with CONFIG_TRACING?",
				vmcore_member_name(essential[i]));
	return 0;
}

static void note_missing(struct vm_source *v, enum vmcore_member id, const char *what)
{
	source_note(v->src, NULL, -1, "this kernel's debug data has no %s: %s",
		    vmcore_member_name(id), what);
}

/* What some kernel may come without: it is told once, and the rest goes on. */
static void check_wanted(struct vm_source *v)
{
	static const enum vmcore_member counters[] = {
		CPU_ENTRIES, CPU_OVERRUN, CPU_COMMIT_OVERRUN, CPU_DROPPED, CPU_READ,
		CPU_ENTRIES_BYTES, CPU_READ_BYTES,
	};
	bool spare = vmcore_has(&v->vm, TR_SNAPSHOT_BUFFER) || vmcore_has(&v->vm, TR_MAX_BUFFER);

	for (size_t i = 0; i < sizeof(counters) / sizeof(*counters); i++)
		if (!vmcore_has(&v->vm, counters[i]))
			note_missing(v, counters[i], "the kernel's own counts are unknown");
	/* without CONFIG_TRACER_SNAPSHOT a kernel has neither */
	if (spare && !vmcore_has(&v->vm, TR_ALLOCATED_SNAPSHOT))
		note_missing(v, TR_ALLOCATED_SNAPSHOT, "snapshots cannot be told from none");
	if (!spare && vmcore_has(&v->vm, TR_ALLOCATED_SNAPSHOT))
		note_missing(v, TR_SNAPSHOT_BUFFER, "snapshots cannot be found");
}

int vm_source_find(struct vm_source *v)
{
	uint64_t head, addr, nr;
	int ret = check_essential(v);

	if (ret)
		return ret;
	check_wanted(v);
	if (vmcore_symbol(&v->vm, "ftrace_trace_arrays", &head))
		return error_set(v->err, -ENODATA,
				 "this kernel has no ftrace_trace_arrays: it is built without ftrace");
	if (vmcore_symbol(&v->vm, "nr_cpu_ids", &addr) ||
	    mem_uint(v->vm.mem, addr, 4, &nr) || !nr || nr > MAX_CPUS)
		return error_set(v->err, -ENODATA, "nr_cpu_ids is unreadable or out of range");
	v->nr_cpu_ids = v->src->desc->nr_cpu_ids = nr;
	/* the list has the newest first: the other way the top-level one comes first */
	ret = vmcore_list(&v->vm, head, true, MAX_INSTANCES, add_instance, v);
	if (ret && ret != -ENOMEM && ret != -EINTR) {
		source_note(v->src, NULL, -1,
			    "the list of trace instances is broken (%s): it is walked from both ends, some may be missing",
			    strerror(-ret));
		ret = vmcore_list(&v->vm, head, false, MAX_INSTANCES, add_instance, v);
	}
	if (ret == -ENOMEM)
		return error_nomem(v->err);
	if (ret == -EINTR)
		return error_set(v->err, ret, "interrupted");
	if (ret && !v->src->nr_buffers)
		return error_set(v->err, -ENODATA,
				 "the list of trace instances at 0x%llx is unreadable (%s)",
				 (unsigned long long)head, strerror(-ret));
	return 0;
}
