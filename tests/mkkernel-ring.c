// SPDX-License-Identifier: GPL-2.0-or-later
/* The trace buffers of the crashed kernel that mkkernel.h describes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mkimage.h"
#include "mkkernel.h"

static void do_cpus(struct kernel *k)
{
	kernel_put(k, kernel_object(k, "nr_cpu_ids", 4, NULL), 4, kernel_number(k, 1));
}

static void do_clock(struct kernel *k)
{
	uint64_t at = kernel_object(k, "trace_clocks", k->mem.page_size, NULL) +
		      (uint64_t)k->nr_clocks++ * 3 * k->mem.long_size;
	char name[64];

	kernel_word(k, 1, name, sizeof(name));
	kernel_put(k, at, k->mem.long_size, 0xdead);
	kernel_put(k, at + k->mem.long_size, k->mem.long_size, kernel_string(k, name, NULL));
	kernel_put(k, at + 2 * k->mem.long_size, 4, kernel_option(k->line, "ns", 1));
}

/* A ring without CPUs, in member @id of the trace_array at @tr */
static void add_ring(struct kernel *k, uint64_t tr, enum vmcore_member id)
{
	uint64_t ring = kernel_alloc(k, KERNEL_OBJECT, "%s.ring", k->buffer);
	uint64_t cpus = kernel_alloc(k, k->mem.page_size, "%s.cpus", k->buffer);
	size_t offset, size;

	kernel_set(k, tr + kernel_offset(k, id), ARRAY_BUFFER_BUFFER, ring);
	kernel_set(k, ring, RING_BUFFERS, cpus);
	k->order = kernel_option(k->line, "order", 0);
	if (kernel_member(k, RING_SUBBUF_ORDER, &offset, &size))
		kernel_set(k, ring, RING_SUBBUF_ORDER, k->order);
}

static void do_instance(struct kernel *k)
{
	uint64_t head = kernel_list(k, "ftrace_trace_arrays"), tr, range;

	kernel_word(k, 1, k->buffer, sizeof(k->buffer));
	tr = kernel_alloc(k, KERNEL_OBJECT, "%s", k->buffer);
	if (strcmp(k->buffer, "top"))
		kernel_set(k, tr, TR_NAME, kernel_string(k, k->buffer, NULL));
	kernel_set(k, tr, TR_CLOCK_ID, kernel_option(k->line, "clock", 0));
	range = kernel_option(k->line, "range", 0);
	if (range)
		kernel_set(k, tr, TR_RANGE_START, range);
	kernel_list_add(k, head, tr + kernel_offset(k, TR_LIST));
	add_ring(k, tr, TR_ARRAY_BUFFER);
}

static void do_snapshot(struct kernel *k)
{
	uint64_t tr = kernel_place(k, k->buffer);

	strcat(k->buffer, "/snapshot");
	kernel_set(k, tr, TR_ALLOCATED_SNAPSHOT, kernel_option(k->line, "allocated", 1));
	add_ring(k, tr, k->version < 700 ? TR_MAX_BUFFER : TR_SNAPSHOT_BUFFER);
}

/* ---- the ring of a CPU --------------------------------------------------- */

static void do_cpu(struct kernel *k)
{
	if (!k->buffer[0] || strlen(k->line) >= sizeof(k->cpu))
		kernel_give_up(k);
	strcpy(k->cpu, k->line);
	k->image = strdup("");
}

void kernel_ring_line(struct kernel *k)
{
	char *longer;

	if (!k->cpu[0] || asprintf(&longer, "%s%s\n", k->image, k->line) < 0)
		kernel_give_up(k);
	free(k->image);
	k->image = longer;
}

/* A buffer_page and its data, from @page or empty; its list node's address */
static uint64_t add_page(struct kernel *k, const char *bpage_label, const char *data_label,
			 const struct image_page *page)
{
	uint64_t bpage = kernel_alloc(k, KERNEL_OBJECT, "%s", bpage_label);
	uint64_t data = kernel_alloc(k, (size_t)k->mem.page_size << k->order, "%s", data_label);

	kernel_set(k, bpage, BPAGE_PAGE, data);
	if (page) {
		kernel_set(k, bpage, BPAGE_READ, page->start);
		kernel_write(k, data, page->data, page->have);
	}
	return bpage + kernel_offset(k, BPAGE_LIST);
}

/*
 * struct making - the ring of one CPU
 * @nodes: list nodes of the @nr pages in the ring; @reader: of the reader page
 * @at: the head page
 * @used: pages from the head page on that hold something
 */
struct making {
	char label[64];
	uint64_t nodes[64];
	size_t nr, at, used;
	uint64_t reader;
};

static void add_pages(struct kernel *k, struct making *r, const struct image_cpu *image)
{
	char bpage[96], data[96];

	snprintf(bpage, sizeof(bpage), "%s.reader", r->label);
	snprintf(data, sizeof(data), "%s.data", r->label);
	r->reader = add_page(k, bpage, data, &image->pages[0]);
	for (size_t i = 0; i < r->nr; i++) {
		size_t from_head = (i + r->nr - r->at) % r->nr;

		snprintf(bpage, sizeof(bpage), "%s.p%zu", r->label, i);
		snprintf(data, sizeof(data), "%s.d%zu", r->label, i);
		r->nodes[i] = add_page(k, bpage, data, from_head < r->used ?
				       &image->pages[from_head + 1] : NULL);
	}
}

/* The head page is flagged in every link to it. */
static void link_pages(struct kernel *k, const struct making *r)
{
	uint64_t flag = kernel_option(k->cpu, "flag", 1);
	size_t size = k->mem.long_size;

	for (size_t i = 0; i < r->nr; i++) {
		size_t next = (i + 1) % r->nr;

		kernel_put(k, r->nodes[i], size, r->nodes[next] | (next == r->at ? flag : 0));
		kernel_put(k, r->nodes[next] + size, size, r->nodes[i]);
	}
	kernel_put(k, r->reader, size, r->nodes[r->at] | flag);
	kernel_put(k, r->reader + size, size, r->nodes[(r->at + r->nr - 1) % r->nr]);
}

static void fill_cpu(struct kernel *k, const struct making *r, uint64_t cpu)
{
	size_t last = (r->at + r->used - 1) % r->nr, bpage = kernel_offset(k, BPAGE_LIST);
	static const struct {
		const char *name;
		enum vmcore_member id;
	} counters[] = {
		{ "entries", CPU_ENTRIES }, { "entries_bytes", CPU_ENTRIES_BYTES },
		{ "overrun", CPU_OVERRUN }, { "commit_overrun", CPU_COMMIT_OVERRUN },
		{ "last_overrun", CPU_LAST_OVERRUN }, { "lost_events", CPU_LOST_EVENTS },
		{ "dropped", CPU_DROPPED }, { "read", CPU_READ }, { "read_bytes", CPU_READ_BYTES },
	};
	const struct {
		const char *name;
		enum vmcore_member id;
		uint64_t node;
	} marks[] = {
		{ "head", CPU_HEAD_PAGE, r->nodes[r->at] },
		{ "tail", CPU_TAIL_PAGE, r->used ? r->nodes[last] : r->reader },
		{ "commit", CPU_COMMIT_PAGE, r->used ? r->nodes[last] : r->reader },
		{ "reader", CPU_READER_PAGE, r->reader },
	};

	for (size_t i = 0; i < sizeof(counters) / sizeof(*counters); i++)
		kernel_set(k, cpu, counters[i].id, kernel_option(k->cpu, counters[i].name, 0));
	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
		uint64_t page = kernel_option(k->cpu, marks[i].name, UINT64_MAX);

		kernel_set(k, cpu, marks[i].id,
			   (page < r->nr ? r->nodes[page] : marks[i].node) - bpage);
	}
	kernel_set(k, cpu, CPU_NR_PAGES, r->nr);
	kernel_set(k, cpu, CPU_PAGES, r->nodes[kernel_option(k->cpu, "start", 0)]);
}

/* The sub-buffers by mkimage; the source must be closed. */
static struct merge_source *open_image(struct kernel *k)
{
	struct merge_source *src;
	char *text;

	if (asprintf(&text, "long %u\n%s\nsize %u\ncpu 0\n%s%s", k->mem.long_size,
		     k->mem.big_endian ? "big" : "", k->mem.page_size << k->order,
		     k->image[0] ? "" : "page ts=0\n", k->image) < 0)
		kernel_give_up(k);
	src = image_open(text);
	free(text);
	return src;
}

void kernel_ring_finish(struct kernel *k)
{
	struct merge_source *src;
	struct making r = { .nr = 0 };
	uint64_t cpu;
	size_t nr;

	if (!k->cpu[0])
		return;
	nr = strtoul(k->cpu + strlen("cpu "), NULL, 0);
	src = open_image(k);
	snprintf(r.label, sizeof(r.label), "%s/%zu", k->buffer, nr);
	r.used = image_of(src)->cpus[0].nr - 1;
	r.nr = kernel_option(k->cpu, "pages", r.used ? r.used : 1);
	r.at = kernel_option(k->cpu, "at", 0);
	if (r.nr > sizeof(r.nodes) / sizeof(*r.nodes) || r.used > r.nr || r.at >= r.nr)
		kernel_give_up(k);
	add_pages(k, &r, &image_of(src)->cpus[0]);
	link_pages(k, &r);
	cpu = kernel_alloc(k, KERNEL_OBJECT, "%s", r.label);
	fill_cpu(k, &r, cpu);
	snprintf(r.label, sizeof(r.label), "%s.cpus", k->buffer);
	kernel_put(k, kernel_place(k, r.label) + nr * k->mem.long_size, k->mem.long_size, cpu);
	merge_source_close(src);
	free(k->image);
	k->cpu[0] = 0;
}

const struct kernel_word kernel_ring_words[] = {
	{ "cpus", do_cpus }, { "clock", do_clock }, { "instance", do_instance },
	{ "snapshot", do_snapshot }, { "cpu", do_cpu }, { NULL, NULL }
};
