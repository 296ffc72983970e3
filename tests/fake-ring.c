// SPDX-License-Identifier: GPL-2.0-or-later
/* A mapped ring in memory: see fake-ring.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fake-ring.h"
#include "tests.h"

#define PER_PAGE	20u

static uint8_t *subbuf(struct fake_ring *f, uint32_t id)
{
	return f->memory + FAKE_META + id * FAKE_SIZE;
}

static void set_commit(struct page_build *b, uint64_t word)
{
	memcpy(b->data + 8, &word, sizeof(word));
}

static void begin(struct fake_ring *f, uint32_t id)
{
	page_build_init(&f->pages[id], subbuf(f, id), FAKE_SIZE, 8, false, f->ts);
	set_commit(&f->pages[id], 0);
	f->events[id] = 0;
	f->seq[id] = ++f->last_seq;
	f->index[id] = f->number;
}

static void update(struct fake_ring *f)
{
	f->meta->reader.id = f->reader;
	f->meta->reader.read = f->consumed;
}

/* rb_get_reader_page(): the oldest one for the reader's, which goes to the end */
static void swap(struct fake_ring *f)
{
	uint64_t lost = f->meta->overrun - f->overrun_seen;
	uint32_t id = f->ring[0];
	struct page_build *b = &f->pages[id];

	memmove(f->ring, f->ring + 1, (f->nr - 1) * sizeof(*f->ring));
	f->nr--;
	f->free = f->reader;
	f->reader = id;
	f->consumed = f->consumed_events = 0;
	f->overrun_seen = f->meta->overrun;
	f->reader_lost = lost;
	f->meta->reader.lost_events = f->old && lost ? lost : f->meta->reader.lost_events;
	if (!lost || f->old)
		return;
	memcpy(b->data + b->header + b->pos, &lost, sizeof(lost));
	set_commit(b, b->pos | PAGE_MISSED_EVENTS | PAGE_MISSED_STORED);
}

/* The writer is on the reader's sub-buffer when nothing is in the ring */
static uint32_t tail(const struct fake_ring *f)
{
	return f->nr ? f->ring[f->nr - 1] : f->reader;
}

static int get_reader(void *arg)
{
	struct fake_ring *f = arg;
	struct page_build *b = &f->pages[f->reader];

	f->calls++;
	if (f->fails)
		return f->fails;
	if (f->consumed == b->pos && f->nr) {
		swap(f);
		b = &f->pages[f->reader];
	}
	f->meta->read += f->events[f->reader] - f->consumed_events;
	f->consumed = b->pos;
	f->consumed_events = f->events[f->reader];
	update(f);
	if (f->late)
		fake_ring_write(f, f->late);
	return 0;
}

static void write_late(struct fake_ring *f)
{
	unsigned int late = f->late;

	if (f->once)
		f->late = 0;
	fake_ring_write(f, late);
}

static void list_one(struct fake_ring *f, struct live_peek *p, uint32_t id, uint64_t lost)
{
	struct live_subbuf *s = (struct live_subbuf *)(uintptr_t)p->subbufs + p->nr;
	bool is_reader = id == f->reader;

	if (f->pages[id].pos == (is_reader ? f->consumed : 0))
		return;
	*s = (struct live_subbuf){
		.seq = f->seq[id], .index = f->index[id], .lost_events = lost, .id = id,
		.commit = f->pages[id].pos, .read = is_reader ? f->consumed : 0,
		.entries = f->events[id], .flags = is_reader ? LIVE_SUBBUF_READER : 0,
	};
	if (id == tail(f))
		s->flags |= LIVE_SUBBUF_WRITER;
	p->nr++;
}

static int peek(struct fake_ring *f, struct live_peek *p)
{
	uint32_t room = p->nr;

	p->nr = 0;
	list_one(f, p, f->reader, f->reader_lost);
	for (uint32_t i = 0; i < f->nr && p->nr < room; i++)
		list_one(f, p, f->ring[i], i ? 0 : f->meta->overrun - f->overrun_seen);
	p->generation = f->generation;
	return 0;
}

static int advance(struct fake_ring *f, struct live_advance *a)
{
	a->nr = a->events = a->valid_from = 0;
	if (a->generation != f->generation)
		return -ESTALE;
	for (;;) {
		uint32_t id = f->reader, to = f->pages[id].pos;

		if (f->consumed == to) {
			if (!f->nr)
				break;
			swap(f);
			if (!a->valid_from)
				a->valid_from = f->seq[f->reader];
			continue;
		}
		if (f->seq[id] > a->seq)
			break;
		to = f->seq[id] == a->seq ? a->commit : to;
		a->events += (to - f->consumed) / 12;
		f->consumed = to;
		f->consumed_events = to / 12;
		if (to < f->pages[id].pos)
			break;
	}
	f->meta->read += a->events;
	update(f);
	return 0;
}

int fake_ring_batch(void *arg, unsigned int request, void *data)
{
	struct fake_ring *f = arg;
	int ret;

	f->calls++;
	if (f->fails)
		return f->fails;
	ret = request == LIVE_PEEK ? peek(f, data) : advance(f, data);
	if (f->late)
		write_late(f);
	return ret;
}

/* A sub-buffer nobody needs, or the oldest unread one, which is lost then */
static uint32_t next_subbuf(struct fake_ring *f)
{
	uint32_t id = f->free;

	if (id != UINT32_MAX) {
		f->free = f->spare;
		f->spare = UINT32_MAX;
		return id;
	}
	for (id = 0; id < FAKE_SUBBUFS; id++) {
		bool used = id == f->reader;

		for (uint32_t i = 0; i < f->nr; i++)
			used |= f->ring[i] == id;
		if (!used)
			return id;
	}
	id = f->ring[0];
	memmove(f->ring, f->ring + 1, (f->nr - 1) * sizeof(*f->ring));
	f->nr--;
	f->meta->overrun += f->events[id];
	return id;
}

void fake_ring_write(struct fake_ring *f, unsigned int nr)
{
	while (nr--) {
		uint32_t id = tail(f), record[2] = { 1 };

		if (f->events[id] == PER_PAGE) {
			id = next_subbuf(f);
			f->ring[f->nr++] = id;
			begin(f, id);
		}
		f->ts += 10;
		record[1] = ++f->number;
		page_build_event(&f->pages[id], f->events[id] ? 10 : 0, record, sizeof(record));
		if (!f->events[id])
			memcpy(f->pages[id].data, &f->ts, sizeof(f->ts));
		f->events[id]++;
		f->meta->entries++;
		set_commit(&f->pages[id], f->pages[id].pos);
	}
}

void fake_ring_init(struct fake_ring *f)
{
	size_t size = FAKE_META + FAKE_SUBBUFS * FAKE_SIZE;

	*f = (struct fake_ring){ .ts = 1000, .free = UINT32_MAX, .spare = UINT32_MAX };
	f->memory = calloc(1, size);
	f->meta = (void *)f->memory;
	*f->meta = (struct live_meta){
		.meta_page_size = FAKE_META, .meta_struct_len = 96, .subbuf_size = FAKE_SIZE,
		.nr_subbufs = FAKE_SUBBUFS, .flags = LIVE_BATCH_FLAG,
	};
	begin(f, 0);
	f->map = (struct live_map){
		.memory = f->memory, .size = size, .long_size = 8, .get_reader = get_reader,
		.arg = f,
	};
}

void fake_ring_deinit(struct fake_ring *f)
{
	free(f->memory);
}

void fake_ring_print(FILE *out, const uint8_t *data, bool again)
{
	struct subbuf sb = { .data = data, .size = FAKE_SIZE };
	uint32_t first = 0, last = 0;
	struct page_event ev;
	struct page p;

	CU_ASSERT_EQUAL(page_load(&p, &sb, FAKE_SIZE, 8, false), 0);
	for (uint32_t i = 16 + p.commit; i < FAKE_SIZE && p.lost == 0; i++)
		CU_ASSERT_EQUAL(data[i], 0);
	while (page_next(&p, &ev)) {
		memcpy(&last, (const uint8_t *)ev.data + 4, sizeof(last));
		first = first ? first : last;
		CU_ASSERT_EQUAL(ev.ts, 1000 + 10 * last);
	}
	fprintf(out, "%u-%u%s", first, last, again ? "+" : "");
	if (p.lost == MERGE_LOST_UNKNOWN)
		fprintf(out, " lost=?");
	else if (p.lost)
		fprintf(out, " lost=%llu", (unsigned long long)p.lost);
	fprintf(out, " ");
}

void fake_ring_print_page(FILE *out, const struct live_page *page)
{
	struct live_reader r = { .subbuf_size = FAKE_SIZE, .long_size = 8 };
	uint8_t copy[FAKE_SIZE];

	live_copy(&r, page, copy);
	fake_ring_print(out, copy, page->again);
}

char *fake_ring_drain(struct fake_ring *f, bool resumed)
{
	struct live_page page;
	bool stop = false;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int ret = 0;

	for (int i = 0; i < 20 && !stop; i++) {
		ret = live_map_next(&f->map, resumed, &page, &stop);
		if (ret <= 0)
			break;
		resumed = false;
		fake_ring_print_page(out, &page);
	}
	fprintf(out, "%s\n", ret < 0 ? strerror(-ret) : stop ? "tail" : ret ? "endless" : ".");
	fclose(out);
	return text;
}
