// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The trace buffers of a crashed kernel: every struct trace_array on
 * ftrace_trace_arrays, with its live ring and its snapshot. A persistent
 * instance is a live ring in reserved memory and is walked the same way.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cursor.h"
#include "describe_vmcore.h"
#include "error.h"
#include "ring.h"
#include "source.h"

#define MAX_INSTANCES	4096
#define MAX_CPUS	8192
/* RB_WRITE_MASK bounds a sub-buffer to 1 MiB; 4 KiB << 10 leaves room */
#define MAX_ORDER	10
/* Of a sub-buffer: time stamp and commit word */
#define HEAD_SIZE	16

/* The rings of one buffer, by the index of merge_buffer.cpus */
struct vm_buffer {
	struct ring *rings;
	unsigned int nr;
};

struct vm_source {
	struct vmcore vm;
	struct merge_source *src;
	struct merge_error *err;
	unsigned int nr_cpu_ids;
	struct vm_buffer *buffers;	/* beside src->buffers */
	uint64_t *instances;		/* struct trace_arrays already taken in */
	size_t nr_instances;
};

/* ---- reading sub-buffers ------------------------------------------------- */

static const struct ring_subbuf *subbuf_at(struct merge_source *src,
					   const struct merge_buffer *buf,
					   unsigned int cpu_index, size_t i)
{
	struct vm_source *v = src->priv;

	return &v->buffers[buf->index].rings[cpu_index].subbufs[i];
}

/*
 * From the head page to the one before the commit page every sub-buffer holds
 * events: zeros there stand for a page that the dump has not (makedumpfile
 * left it out, and crash was started with --zero_excluded).
 */
static bool is_blank(const struct ring *ring, size_t i, const uint8_t *head)
{
	static const uint8_t zeros[HEAD_SIZE];

	return i > 0 && i + 1 < ring->nr && !memcmp(head, zeros, sizeof(zeros));
}

static int read_subbuf(struct merge_source *src, const struct merge_buffer *buf,
		       unsigned int cpu_index, size_t i, void *data,
		       struct merge_error *err, struct subbuf *sb)
{
	const struct ring_subbuf *at = subbuf_at(src, buf, cpu_index, i);
	struct vm_source *v = src->priv;
	uint32_t page_size = mem_kernel(v->vm.mem)->page_size;
	uint32_t done = 0;
	int ret = 0;

	sb->address = at->data;
	if (!at->data)
		return error_set(err, -EFAULT, "its struct buffer_page is unreadable");
	while (done < buf->subbuf_size) {
		ret = mem_read_once(v->vm.mem, at->data + done,
				    (uint8_t *)data + done, page_size);
		if (ret)
			break;
		done += page_size;
	}
	if (!done)
		return error_set(err, ret, ret == -ENODATA ?
				 "page excluded from the dump" :
				 "page not in the dump");
	if (is_blank(&v->buffers[buf->index].rings[cpu_index], i, data))
		return error_set(err, -ENODATA, "zeros where the page should be");
	/* what was read stands; the decoder finds the rest missing */
	sb->data = data;
	sb->size = done;
	sb->start = at->read;
	return 0;
}

static int read_time(struct merge_source *src, const struct merge_buffer *buf,
		     unsigned int cpu_index, size_t i, uint64_t *ts)
{
	const struct ring_subbuf *at = subbuf_at(src, buf, cpu_index, i);
	struct vm_source *v = src->priv;
	uint8_t head[HEAD_SIZE];
	int ret;

	if (!at->data)
		return -EFAULT;
	ret = mem_read(v->vm.mem, at->data, head, sizeof(head));
	if (ret)
		return ret;
	if (is_blank(&v->buffers[buf->index].rings[cpu_index], i, head))
		return -ENODATA;
	*ts = mem_decode(v->vm.mem, head, 8);
	return 0;
}

static bool interrupted(struct merge_source *src)
{
	struct vm_source *v = src->priv;

	return mem_interrupted(v->vm.mem);
}

static void vm_buffer_deinit(struct vm_buffer *vb)
{
	for (unsigned int i = 0; i < vb->nr; i++)
		ring_deinit(&vb->rings[i]);
	free(vb->rings);
	memset(vb, 0, sizeof(*vb));
}

static void close_source(struct merge_source *src)
{
	struct vm_source *v = src->priv;

	for (unsigned int i = 0; i < src->nr_buffers; i++)
		vm_buffer_deinit(&v->buffers[i]);
	free(v->buffers);
	free(v->instances);
	vmcore_deinit(&v->vm);
	free(v);
}

static const struct source_ops vmcore_ops = {
	.name = "vmcore",
	.read = read_subbuf,
	.time = read_time,
	.interrupted = interrupted,
	.close = close_source,
};

/* ---- finding the buffers ------------------------------------------------- */

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
	if (!ret || ret == -ENOMEM || ret == -EINTR)
		return ret;
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

/* Take the ring at @ring_buffer in. 0 or -ENOMEM, -EINTR. */
static int add_buffer(struct vm_source *v, uint64_t ring_buffer, struct merge_buffer *buf)
{
	struct vm_buffer vb = { .rings = calloc(v->nr_cpu_ids, sizeof(*vb.rings)) };
	struct vm_buffer *grown;
	int ret = -ENOMEM;

	buf->cpus = calloc(v->nr_cpu_ids, sizeof(*buf->cpus));
	grown = realloc(v->buffers, (v->src->nr_buffers + 1) * sizeof(*grown));
	if (grown)
		v->buffers = grown;
	if (!vb.rings || !buf->cpus || !grown)
		goto err;
	buf->subbuf_size = subbuf_size(v, ring_buffer, buf->name);
	ret = add_cpus(v, ring_buffer, buf, &vb);
	if (ret)
		goto err;
	v->buffers[v->src->nr_buffers] = vb;
	ret = source_add_buffer(v->src, buf);	/* takes buf->cpus over, also on failure */
	if (ret)
		vm_buffer_deinit(&vb);
	return ret;
err:
	vm_buffer_deinit(&vb);
	free(buf->cpus);
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
		ret = add_buffer(v, ring_buffer, &(struct merge_buffer){
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
	return add_buffer(v, ring_buffer, &(struct merge_buffer){
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
	char name[256];
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
	if (ret || mem_string(v->vm.mem, text, name, sizeof(name)))
		snprintf(name, sizeof(name), "unreadable-%llx", (unsigned long long)tr);
	return add_rings(v, tr, name, name);
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

static int find_instances(struct vm_source *v)
{
	uint64_t head, addr, nr;
	int ret = check_essential(v);

	if (ret)
		return ret;
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

int merge_source_open_vmcore(const struct merge_mem *mem, struct merge_error *err,
			     struct merge_source **out)
{
	struct vm_source *v = calloc(1, sizeof(*v));
	struct merge_source *src;
	int ret;

	if (!v)
		return error_nomem(err);
	src = source_create(&vmcore_ops, v, mem->long_size, mem->big_endian);
	if (!src) {
		free(v);
		return error_nomem(err);
	}
	v->src = src;
	v->err = err;
	ret = vmcore_init(&v->vm, mem);
	if (!ret) {
		src->desc = desc_vmcore_create(&v->vm, src);
		ret = src->desc ? find_instances(v) : -ENOMEM;
	}
	if (ret) {
		merge_source_close(src);
		return ret == -ENOMEM ? error_nomem(err) : ret;
	}
	v->err = NULL;
	*out = src;
	return 0;
}
