// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Walking one per-CPU ring (struct ring_buffer_per_cpu, kernel/trace/ring_buffer.c).
 *
 * The ring is a list of struct buffer_page without an anchor. The low two bits
 * of a next pointer flag the page it points to: 1 the head page, 2 a head page
 * that a writer is just moving. cpu_buffer->head_page is only a hint that goes
 * stale on a wrapped ring, so the flag decides. The reader page stands outside
 * the list; its events are the oldest. Unread events lie in the reader page
 * from its read mark on, then from the head page to the commit page. Writers
 * that were interrupted leave what they wrote behind the commit page's commit,
 * up to `write` of each page as far as the tail page.
 *
 * A broken list is walked from the other side too: what prev pointers reach is
 * used, in its right place.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <stdio.h>

#include "ring.h"

#define LINK_FLAGS	3ull
/* 4 KiB sub-buffers of a 64 GiB ring: more is a corrupt count */
#define MAX_PAGES	(1ull << 24)
/* RB_WRITE_MASK: above are counts of interrupted updates */
#define WRITE_MASK	0xfffffu
/* Of the commit word, without RB_MISSED_EVENTS and RB_MISSED_STORED */
#define COMMIT_MASK	0x3fffffffu
/* Where it stands, behind the time stamp */
#define COMMIT_OFFSET	8

/*
 * struct walk - the ring's pages as they are found
 * @pages: addresses of the pages' list nodes. Found forward: from 0 up. Found
 *	backward: from @nr_pages - 1 down, so that ring order is kept.
 * @forward, @backward: how many of each
 * @head: index of the page flagged as head, or @nr_pages
 * @seen: open-addressed set of the nodes visited
 */
struct walk {
	struct vmcore *vm;
	uint64_t *pages;
	size_t nr_pages;
	size_t forward, backward;
	size_t head;
	uint64_t *seen;
	size_t seen_mask;
};

static int walk_init(struct walk *w, struct vmcore *vm, size_t nr_pages)
{
	size_t slots = 4;

	while (slots < nr_pages * 2)
		slots *= 2;
	memset(w, 0, sizeof(*w));
	w->vm = vm;
	w->nr_pages = w->head = nr_pages;
	w->seen_mask = slots - 1;
	w->pages = calloc(nr_pages, sizeof(*w->pages));
	w->seen = calloc(slots, sizeof(*w->seen));
	return w->pages && w->seen ? 0 : -ENOMEM;
}

static void walk_deinit(struct walk *w)
{
	free(w->pages);
	free(w->seen);
}

/* Whether @node is new; it is remembered. */
static bool walk_first_visit(struct walk *w, uint64_t node)
{
	size_t i = (node * 0x9e3779b97f4a7c15ull >> 20) & w->seen_mask;

	while (w->seen[i] && w->seen[i] != node)
		i = (i + 1) & w->seen_mask;
	if (w->seen[i])
		return false;
	w->seen[i] = node;
	return true;
}

static bool plausible(struct walk *w, uint64_t node)
{
	return node && node % mem_kernel(w->vm->mem)->long_size == 0;
}

/* A node whose links are both zero: a page of zeros stands for one that was left out. */
static bool is_missing(struct walk *w, uint64_t node, uint64_t next)
{
	uint64_t prev;

	return !next && !mem_pointer(w->vm->mem, node + mem_kernel(w->vm->mem)->long_size, &prev) &&
	       !prev;
}

/* From @start along next until the ring closes or breaks. 0 closed, else why not. */
static int walk_forward(struct walk *w, uint64_t start)
{
	uint64_t node = start, next;
	int ret;

	while (walk_first_visit(w, node)) {
		if (w->forward == w->nr_pages)
			return -ELOOP;
		ret = mem_pointer(w->vm->mem, node, &next);
		if (ret)
			return ret;
		if (is_missing(w, node, next))
			return -EBADMSG;
		w->pages[w->forward++] = node;
		if (next & LINK_FLAGS)
			w->head = w->forward % w->nr_pages;
		node = next & ~LINK_FLAGS;
		if (!plausible(w, node))
			return -EBADMSG;
		if (mem_interrupted(w->vm->mem))
			return -EINTR;
	}
	return node == start ? 0 : -ELOOP;
}

/*
 * A wrong link may lead into some other ring, whose pages are not ours: of a
 * chain that does not close, keep the part whose prev pointers agree.
 */
static void walk_cut(struct walk *w)
{
	size_t keep = 1, back = mem_kernel(w->vm->mem)->long_size;
	uint64_t prev;

	while (keep < w->forward &&
	       !mem_pointer(w->vm->mem, w->pages[keep] + back, &prev) &&
	       (prev & ~LINK_FLAGS) == w->pages[keep - 1])
		keep++;
	if (keep >= w->forward)
		return;
	w->forward = keep;
	if (w->head != w->nr_pages && w->head > keep)
		w->head = w->nr_pages;
	memset(w->seen, 0, (w->seen_mask + 1) * sizeof(*w->seen));
	for (size_t i = 0; i < keep; i++)
		walk_first_visit(w, w->pages[i]);
}

/* From @start along prev, for what the broken next chain did not reach */
static int walk_backward(struct walk *w, uint64_t start)
{
	uint64_t node = start, link;
	size_t at;

	while (w->forward + w->backward < w->nr_pages) {
		if (mem_interrupted(w->vm->mem))
			return -EINTR;
		if (mem_pointer(w->vm->mem, node + mem_kernel(w->vm->mem)->long_size, &node))
			return 0;
		node &= ~LINK_FLAGS;
		if (!plausible(w, node) || mem_pointer(w->vm->mem, node, &link) ||
		    is_missing(w, node, link) || !walk_first_visit(w, node))
			return 0;
		at = w->nr_pages - ++w->backward;
		w->pages[at] = node;
		if (link & LINK_FLAGS)
			w->head = (at + 1) % w->nr_pages;
	}
	return 0;
}

/* Close the gap a broken list left between the two parts. */
static void walk_join(struct walk *w)
{
	size_t gap = w->nr_pages - w->forward - w->backward;

	if (!gap)
		return;
	memmove(w->pages + w->forward, w->pages + w->nr_pages - w->backward,
		w->backward * sizeof(*w->pages));
	if (w->head != w->nr_pages && w->head >= w->forward + gap)
		w->head -= gap;
	else if (w->head != w->nr_pages && w->head >= w->forward)
		w->head = w->nr_pages;	/* the flagged page is in the gap */
	w->nr_pages -= gap;
	if (w->head > w->nr_pages)
		w->head = w->nr_pages;
}

static size_t walk_index(const struct walk *w, uint64_t node)
{
	size_t i = 0;

	while (i < w->nr_pages && w->pages[i] != node)
		i++;
	return i;
}

/*
 * The pages that matter, as list nodes: 0 where the pointer is unreadable.
 * @wrapped: the writer came round, so that head_page is stale
 */
struct marks {
	uint64_t reader, head, tail, commit;
	bool wrapped;
};

static bool commit_on_reader(const struct marks *marks)
{
	return marks->reader && marks->commit == marks->reader;
}

static uint64_t page_node(struct vmcore *vm, uint64_t cpu_buffer, enum vmcore_member id)
{
	uint64_t bpage;

	if (vmcore_get(vm, cpu_buffer, id, &bpage) || !bpage)
		return 0;
	return bpage + vmcore_offset(vm, BPAGE_LIST);
}

static void add_subbuf(struct ring *ring, struct vmcore *vm, uint64_t node, bool reader)
{
	uint64_t bpage = node - vmcore_offset(vm, BPAGE_LIST), read = 0, write = 0;
	struct ring_subbuf *sb = &ring->subbufs[ring->nr];

	/* An unreadable page stays in its place, to be reported when it is read. */
	if (vmcore_get(vm, bpage, BPAGE_PAGE, &sb->data))
		sb->data = 0;
	if (reader)
		vmcore_get(vm, bpage, BPAGE_READ, &read);
	sb->read = read;
	vmcore_get(vm, bpage, BPAGE_WRITE, &write);
	sb->written = (write & WRITE_MASK) > read;
	ring->nr++;
}

/* What was written to the page and not committed. 0 or -ENOMEM. */
static int add_uncommitted(struct ring *ring, struct vmcore *vm, uint64_t node, bool commit_page)
{
	uint64_t bpage = node - vmcore_offset(vm, BPAGE_LIST), data, write, ts, commit = 0;
	struct ring_subbuf *grown;

	if (vmcore_get(vm, bpage, BPAGE_WRITE, &write) || vmcore_get(vm, bpage, BPAGE_PAGE, &data))
		return 0;
	if (commit_page && (mem_uint(vm->mem, data, COMMIT_OFFSET, &ts) ||
			    mem_pointer(vm->mem, data + COMMIT_OFFSET, &commit)))
		return 0;
	/* zeros stand for a page that was left out: what it had committed is not known */
	if (commit_page && !ts && !commit)
		return 0;
	write &= WRITE_MASK;
	commit &= COMMIT_MASK;
	if (write <= commit)
		return 0;
	grown = reallocarray(ring->uncommitted, ring->nr_uncommitted + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	ring->uncommitted = grown;
	grown[ring->nr_uncommitted++] = (struct ring_subbuf){
		.data = data, .read = commit, .write = write, .written = true };
	return 0;
}

static void damaged(struct ring *ring, const char *what)
{
	size_t len = strlen(ring->damage);

	snprintf(ring->damage + len, sizeof(ring->damage) - len, "%s%s",
		 len ? "; " : "", what);
}

/* Where reading starts; a lost head flag is made up for by the next best mark. */
static size_t first_page(struct walk *w, const struct marks *marks, struct ring *ring)
{
	size_t i;

	if (w->head < w->nr_pages)
		return w->head;
	damaged(ring, "no page is flagged as head");
	i = walk_index(w, marks->tail);
	if (i < w->nr_pages)
		return (i + 1) % w->nr_pages;
	i = marks->wrapped ? w->nr_pages : walk_index(w, marks->head);
	/* the tail is in the gap of a broken list: what is behind it is the oldest */
	return i < w->nr_pages ? i : w->forward % w->nr_pages;
}

/* How many pages from index @first on it takes to come to @last, both counted */
static size_t distance(const struct walk *w, size_t first, size_t last)
{
	return (last + w->nr_pages - first) % w->nr_pages + 1;
}

/* The pages from index @first on, to the tail page. 0 or -ENOMEM. */
static int collect_uncommitted(struct walk *w, size_t first, const struct marks *marks,
			       struct ring *ring)
{
	size_t tail = walk_index(w, marks->tail), n;
	int ret = 0;

	n = tail < w->nr_pages ? distance(w, first, tail) : 0;
	for (size_t i = 0; !ret && i < n; i++) {
		uint64_t node = w->pages[(first + i) % w->nr_pages];

		ret = add_uncommitted(ring, w->vm, node, node == marks->commit);
	}
	return ret;
}

static int collect(struct walk *w, const struct marks *marks, struct ring *ring)
{
	size_t first = first_page(w, marks, ring), n = w->nr_pages;
	size_t commit = walk_index(w, marks->commit);
	bool sure = w->head < w->nr_pages && commit < w->nr_pages;

	if (commit_on_reader(marks))
		return collect_uncommitted(w, first, marks, ring);
	if (commit < w->nr_pages)
		n = distance(w, first, commit);
	else
		damaged(ring, "the commit page is not on the list");
	for (size_t i = 0; i < n; i++) {
		add_subbuf(ring, w->vm, w->pages[(first + i) % w->nr_pages], false);
		/* also where an earlier boot wrote it, and nothing was counted */
		if (sure && i + 1 < n)
			ring->subbufs[ring->nr - 1].written = true;
	}
	return commit < w->nr_pages ? collect_uncommitted(w, commit, marks, ring) : 0;
}

/* The list from @start, forward and where it breaks backward too */
static int walk_list(struct walk *w, uint64_t start, struct ring *ring)
{
	size_t want = w->nr_pages;
	char text[120];
	int ret = walk_forward(w, start);

	if (ret == -EINTR)
		return ret;
	if (!ret && w->forward == w->nr_pages)
		return 0;
	walk_cut(w);
	if (walk_backward(w, start) == -EINTR)
		return -EINTR;
	snprintf(text, sizeof(text), "the page list %s: %zu of %zu pages reached",
		 ret == -ELOOP ? "runs into itself" : ret ? "is broken" : "is too short",
		 w->forward + w->backward, want);
	walk_join(w);
	damaged(ring, text);
	return 0;
}

static int walk_pages(struct vmcore *vm, uint64_t start, size_t nr_pages,
		      const struct marks *marks, struct ring *ring)
{
	struct walk w;
	int ret = walk_init(&w, vm, nr_pages);

	if (!ret)
		ret = walk_list(&w, start, ring);
	if (!ret && w.nr_pages)
		ret = collect(&w, marks, ring);
	walk_deinit(&w);
	return ret;
}

/* cpu_buffer->pages is any page of the ring; where it is unreadable or zeros another mark does. */
static uint64_t first_link(struct vmcore *vm, uint64_t pages, const struct marks *marks)
{
	const uint64_t links[] = { pages & ~LINK_FLAGS, marks->head, marks->tail, marks->commit };
	uint64_t next;

	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++)
		if (links[i] && links[i] != marks->reader &&
		    !mem_pointer(vm->mem, links[i], &next) && next)
			return links[i];
	return links[0];
}

/*
 * The reader page, and what is in the ring. While the writer is still on the
 * reader page the ring has nothing, unless a writer was interrupted behind it.
 */
static int walk_ring(struct vmcore *vm, uint64_t pages, size_t nr_pages,
		     const struct marks *marks, struct ring *ring)
{
	bool on_reader = commit_on_reader(marks);
	int ret = 0;

	if (marks->reader)
		add_subbuf(ring, vm, marks->reader, true);
	else
		damaged(ring, "the reader page is unreadable");
	if (on_reader)
		ret = add_uncommitted(ring, vm, marks->reader, true);
	if (!ret && (!on_reader || (marks->tail && marks->tail != marks->reader)))
		ret = walk_pages(vm, first_link(vm, pages, marks), nr_pages, marks, ring);
	return ret;
}

/*
 * What the next reader would be told is lost, as rb_get_reader_page() counts it:
 * before the reader page what was found when it became that, and before the head
 * page what was overwritten since.
 */
static void load_overrun(struct vmcore *vm, uint64_t cpu_buffer, struct ring *ring,
			 bool has_reader)
{
	uint64_t told, overrun, last;

	if (has_reader && ring->nr > 0 &&
	    !vmcore_get(vm, cpu_buffer, CPU_LOST_EVENTS, &told))
		ring->subbufs[0].overrun = told;
	if (ring->nr > has_reader && !vmcore_get(vm, cpu_buffer, CPU_OVERRUN, &overrun) &&
	    !vmcore_get(vm, cpu_buffer, CPU_LAST_OVERRUN, &last) && overrun > last)
		ring->subbufs[has_reader].overrun = overrun - last;
}

int ring_walk(struct vmcore *vm, uint64_t cpu_buffer, struct ring *ring)
{
	struct marks marks = {
		.reader = page_node(vm, cpu_buffer, CPU_READER_PAGE),
		.head = page_node(vm, cpu_buffer, CPU_HEAD_PAGE),
		.tail = page_node(vm, cpu_buffer, CPU_TAIL_PAGE),
		.commit = page_node(vm, cpu_buffer, CPU_COMMIT_PAGE),
	};
	uint64_t start, nr_pages, overrun = 0;
	int ret;

	memset(ring, 0, sizeof(*ring));
	vmcore_get(vm, cpu_buffer, CPU_OVERRUN, &overrun);
	marks.wrapped = overrun;
	ret = vmcore_get(vm, cpu_buffer, CPU_PAGES, &start);
	if (!ret)
		ret = vmcore_get(vm, cpu_buffer, CPU_NR_PAGES, &nr_pages);
	if (ret)
		return ret;
	if (!nr_pages || nr_pages > MAX_PAGES)
		return -EBADMSG;
	ring->subbufs = calloc(nr_pages + 1, sizeof(*ring->subbufs));
	if (!ring->subbufs)
		return -ENOMEM;
	ret = walk_ring(vm, start, nr_pages, &marks, ring);
	if (ret)
		ring_deinit(ring);
	else
		load_overrun(vm, cpu_buffer, ring, marks.reader);
	return ret;
}

void ring_deinit(struct ring *ring)
{
	free(ring->subbufs);
	free(ring->uncommitted);
	memset(ring, 0, sizeof(*ring));
}
