// SPDX-License-Identifier: LGPL-2.1-or-later
/* Many sub-buffers of a mapped ring at a time: see live_batch.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "error.h"
#include "live_batch.h"

/* Bytes that are taken at once: what the cache of a core holds */
#define AT_ONCE		(256u * 1024)
#define MIN_ROOM	4u
#define MAX_ROOM	512u	/* TRACE_MMAP_PEEK_MAX */

/* So often it is tried again when the writer was faster, or the ring was emptied */
#define TRIES		16

int live_batch_init(struct live_batch *b, struct merge_error *err)
{
	const volatile struct live_meta *meta = (const void *)b->map.memory;
	uint32_t room = AT_ONCE / b->map.subbuf_size;

	if (meta->meta_struct_len < LIVE_BATCH_META || !(meta->flags & LIVE_BATCH_FLAG))
		return error_set(err, -ENOTSUP,
				 "this kernel gives one sub-buffer at a time");
	b->room = room < MIN_ROOM ? MIN_ROOM : room > MAX_ROOM ? MAX_ROOM : room;
	b->list = calloc(b->room, sizeof(*b->list));
	b->copies = malloc((size_t)b->room * b->map.subbuf_size);
	if (b->list && b->copies)
		return 0;
	live_batch_deinit(b);
	return error_nomem(err);
}

void live_batch_deinit(struct live_batch *b)
{
	free(b->list);
	free(b->copies);
	b->list = NULL;
	b->copies = NULL;
}

static uint8_t *copy_of(const struct live_batch *b, uint32_t i)
{
	return b->copies + (size_t)i * b->map.subbuf_size;
}

/* Return: 0, or -EBADMSG when there cannot be such a sub-buffer */
static int copy_all(struct live_batch *b)
{
	const struct live_map *map = &b->map;
	uint32_t header = LIVE_HEADER(map->long_size);

	for (uint32_t i = 0; i < b->nr; i++) {
		const struct live_subbuf *s = &b->list[i];

		if (s->id >= map->nr_subbufs || s->commit > map->subbuf_size - header ||
		    s->read > s->commit)
			return -EBADMSG;
		memcpy(copy_of(b, i), map->memory + map->meta_size +
		       (size_t)s->id * map->subbuf_size, header + s->commit);
	}
	return 0;
}

/* What was there before belongs to nobody; numbers begin anew when it is emptied */
static void begin(struct live_batch *b, uint64_t generation)
{
	const struct live_subbuf *first = b->list;

	if (!b->begun)
		b->next = first->index - (first->read ? 0 : first->lost_events);
	else if (generation != b->generation)
		b->next = 0;
	if (!b->begun || generation != b->generation)
		b->seq = 0;
	b->begun = true;
	b->generation = generation;
}

static int peek(struct live_batch *b)
{
	struct live_peek p = { .subbufs = (uintptr_t)b->list, .nr = b->room };
	int ret = b->ioctl(b->arg, LIVE_PEEK, &p);

	b->nr = b->at = 0;
	if (ret)
		return ret;
	if (p.nr > b->room)
		return -EBADMSG;
	b->nr = p.nr;
	if (b->nr)
		begin(b, p.generation);
	ret = copy_all(b);
	if (ret)
		b->nr = 0;
	return ret;
}

/* Consume what was copied; of nothing: have the next one taken out of the ring */
static int advance(struct live_batch *b)
{
	struct live_advance a = { .generation = b->generation };
	int ret;

	if (b->nr) {
		a.seq = b->list[b->nr - 1].seq;
		a.commit = b->list[b->nr - 1].commit;
	}
	ret = b->ioctl(b->arg, LIVE_ADVANCE, &a);
	if (ret)
		b->nr = 0;
	b->valid_from = a.valid_from;
	return ret;
}

/* Return: 1 there is something, 0 nothing now, negative errno */
static int fetch(struct live_batch *b)
{
	int ret = 0;

	b->outrun = false;
	for (int tries = 0; tries < TRIES; tries++) {
		ret = peek(b);
		if (!ret && !b->nr)
			return 0;
		if (!ret || (ret == -EAGAIN && b->begun))
			ret = advance(b);
		if (!ret && b->nr)
			return 1;
		if (ret && ret != -EAGAIN && ret != -ESTALE)
			return ret;
	}
	b->outrun = true;
	return 0;
}

static bool is_overwritten(const struct live_batch *b, const struct live_subbuf *s)
{
	return !(s->flags & LIVE_SUBBUF_READER) && s->seq < b->valid_from;
}

/* Return: the next one that may be given; b->nr: none */
static uint32_t next_good(const struct live_batch *b)
{
	uint32_t i = b->at;

	while (i < b->nr && is_overwritten(b, &b->list[i]))
		i++;
	return i;
}

static void give(struct live_batch *b, uint32_t i, struct live_page *page)
{
	const struct live_subbuf *s = &b->list[i];
	bool again = s->seq == b->seq && s->read && s->read == b->end;

	if (!again) {
		/* what others have read of it is theirs, and they were told of the loss */
		b->base = s->read;
		b->lost = s->read || s->index < b->next ? 0 : s->index - b->next;
	}
	*page = (struct live_page){
		.data = copy_of(b, i), .end = s->commit, .lost = b->lost, .base = b->base,
		.again = again, .start = again ? s->read : 0,
	};
	b->seq = s->seq;
	b->end = s->commit;
	b->next = s->index + s->entries;
}

bool live_batch_holds(const struct live_batch *b)
{
	return next_good(b) < b->nr;
}

int live_batch_next(struct live_batch *b, struct live_page *page, bool *tail)
{
	int ret;

	while (!live_batch_holds(b)) {
		b->at = b->nr;
		ret = fetch(b);
		if (ret <= 0)
			return ret;
	}
	b->at = next_good(b);
	*tail = b->list[b->at].flags & LIVE_SUBBUF_WRITER;
	give(b, b->at++, page);
	return 1;
}

/* ---- The kernel's ---------------------------------------------------------- */

static int ask_kernel(void *arg, unsigned int request, void *data)
{
	const struct live_reader *r = arg;

	return ioctl(r->fd, request, data) ? -errno : 0;
}

static void batch_close(struct live_reader *r)
{
	struct live_batch *b = r->priv;

	live_batch_deinit(b);
	live_map_unmap(&b->map);
	free(b);
	r->priv = NULL;
}

static int batch_open(struct live_reader *r, struct merge_error *err)
{
	struct live_batch *b = calloc(1, sizeof(*b));
	int ret;

	if (!b)
		return error_nomem(err);
	r->priv = b;
	b->ioctl = ask_kernel;
	b->arg = r;
	ret = live_map_map(&b->map, r, err);
	if (!ret)
		ret = live_batch_init(b, err);
	if (ret)
		batch_close(r);
	else
		r->subbuf_size = b->map.subbuf_size;
	return ret;
}

static int batch_next(struct live_reader *r, struct live_page *page)
{
	struct live_batch *b = r->priv;
	int ret = live_batch_next(b, page, &r->tail);

	r->unsure = !ret && b->outrun;
	return ret;
}

static bool batch_holds(const struct live_reader *r)
{
	return live_batch_holds(r->priv);
}

const struct live_ops live_batch_ops = {
	.name = "batch",
	.open = batch_open,
	.next = batch_next,
	.holds = batch_holds,
	.close = batch_close,
};
