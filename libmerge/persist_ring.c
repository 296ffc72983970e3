// SPDX-License-Identifier: LGPL-2.1-or-later
/* Sub-buffers against their seals: see persist_ring.h. */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "cursor.h"
#include "page.h"
#include "persist_ring.h"

/* @newest: the sequence that overrun and dropped were taken with */
struct load {
	const struct merge_region_io *io;
	const struct crc32c *crc;
	const struct persist_header *h;
	const struct persist_chunk *chunk;
	struct persist_ring *ring;
	uint8_t *seals, *page;
	uint64_t newest;
};

struct seal {
	const uint8_t *bytes;
	uint64_t time_stamp, sequence, overrun, dropped, consumed;
	uint32_t arming, commit, crc;
};

void persist_ring_deinit(struct persist_ring *ring)
{
	free(ring->subbufs);
	*ring = (struct persist_ring){ 0 };
}

/* ---- One sub-buffer ------------------------------------------------------- */

static struct seal take_seal(const struct load *l, uint32_t i)
{
	struct seal s = { .bytes = l->seals + (size_t)i * l->h->seal_size };
	struct cursor c;

	cursor_init(&c, s.bytes, l->h->seal_size, false);
	s.time_stamp = cursor_u64(&c);
	s.sequence = cursor_u64(&c);
	s.overrun = cursor_u64(&c);
	s.dropped = cursor_u64(&c);
	s.arming = cursor_u32(&c);
	s.commit = cursor_u32(&c);
	s.crc = cursor_u32(&c);
	cursor_u32(&c);
	s.consumed = cursor_u64(&c);
	return s;
}

/* The events in l->page are those that were sealed */
static bool is_right(const struct load *l, const struct seal *s)
{
	uint32_t header = 8 + l->h->long_size;
	uint32_t crc;

	if (s->commit > l->h->subbuf_size - header)
		return false;
	crc = crc32c(l->crc, 0, s->bytes, TRACE_PERSIST_SEAL_COVERED);
	return crc32c(l->crc, crc, l->page + header, s->commit) == s->crc;
}

/*
 * Whether the seal is one of this recording. It may be of what was in the sub-buffer
 * before, or be half written: then its crc is wrong
 */
static bool is_seal(const struct load *l, const struct seal *s)
{
	return s->arming == l->h->arming && s->sequence;
}

static void add(struct load *l, const struct persist_subbuf *sb)
{
	struct persist_ring *ring = l->ring;

	ring->subbufs[ring->nr++] = *sb;
	ring->counts[sb->state]++;
	ring->nr_consumed += sb->consumed;
}

static void note_newest(struct load *l, const struct seal *s)
{
	if (s->sequence < l->newest)
		return;
	l->newest = s->sequence;
	l->ring->overrun = s->overrun;
	l->ring->dropped = s->dropped;
}

/* Sub-buffer @i, in l->page */
static void take_subbuf(struct load *l, uint32_t i, uint64_t pos)
{
	bool big = l->h->flags & TRACE_PERSIST_BIG_ENDIAN, same;
	struct persist_subbuf sb = { .index = i, .pos = pos, .state = PERSIST_UNSEALED };
	struct seal s = take_seal(l, i);
	struct cursor c;

	cursor_init(&c, l->page, l->h->subbuf_size, big);
	sb.time_stamp = cursor_u64(&c);
	sb.commit = (uint32_t)cursor_uint(&c, l->h->long_size) & PAGE_COMMIT_MASK;
	same = s.time_stamp == sb.time_stamp && s.commit == sb.commit;
	if (!sb.commit) {
		l->ring->nr_empty++;
		return;
	}
	if (same && s.arming != l->h->arming && is_right(l, &s)) {
		l->ring->nr_old++;
		return;
	}
	if (is_seal(l, &s)) {
		bool right = is_right(l, &s);

		if (right)
			note_newest(l, &s);
		sb.state = right ? (same ? PERSIST_SEALED : PERSIST_RESTORED) :
			same ? PERSIST_CORRUPT : PERSIST_UNSEALED;
	}
	if (sb.state != PERSIST_UNSEALED) {
		sb.sequence = s.sequence;
		sb.consumed = s.consumed == s.sequence;
		sb.time_stamp = s.time_stamp;
		sb.commit = s.commit;
	}
	add(l, &sb);
}

/* ---- Their order ---------------------------------------------------------- */

static bool has_sequence(const struct persist_subbuf *sb)
{
	return sb->state == PERSIST_SEALED || sb->state == PERSIST_RESTORED;
}

static int compare(const void *a, const void *b)
{
	const struct persist_subbuf *x = a, *y = b;

	if (x->sequence != y->sequence)
		return x->sequence < y->sequence ? -1 : 1;
	/* what follows a sealed one stands behind it */
	if (has_sequence(x) != has_sequence(y))
		return has_sequence(x) ? -1 : 1;
	if (x->time_stamp != y->time_stamp)
		return x->time_stamp < y->time_stamp ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

static void sort(struct persist_ring *ring)
{
	if (ring->nr)
		qsort(ring->subbufs, ring->nr, sizeof(*ring->subbufs), compare);
}

/* The sequence of the last of the @nr sealed ones that is not later than @ts; 0: none is */
static uint64_t sequence_before(const struct persist_subbuf *sealed, size_t nr, uint64_t ts)
{
	while (nr && sealed[nr - 1].time_stamp > ts)
		nr--;
	return nr ? sealed[nr - 1].sequence : 0;
}

/*
 * Sealed ones come by sequence, the others by time among them. Of a corrupt one the
 * sequence may be what is wrong: it counts where nobody else has it.
 */
static void order(struct persist_ring *ring)
{
	size_t nr = 0;

	for (size_t i = 0; i < ring->nr; i++) {
		struct persist_subbuf sb = ring->subbufs[i];

		if (!has_sequence(&sb))
			continue;
		ring->subbufs[i] = ring->subbufs[nr];
		ring->subbufs[nr++] = sb;
	}
	if (nr)
		qsort(ring->subbufs, nr, sizeof(*ring->subbufs), compare);
	for (size_t i = nr; i < ring->nr; i++)
		ring->subbufs[i].sequence = sequence_before(ring->subbufs, nr,
							    ring->subbufs[i].time_stamp);
	sort(ring);
}

/*
 * Sequences that are nowhere, as an entry before the one that follows them. What is
 * corrupt or unsealed there stands for one of them.
 */
static int add_missing(struct persist_ring *ring)
{
	struct persist_subbuf *all = calloc(2 * ring->nr + 1, sizeof(*all));
	uint64_t last = 0, others = 0;
	size_t nr = 0;

	if (!all)
		return -ENOMEM;
	for (size_t i = 0; i < ring->nr; i++) {
		const struct persist_subbuf *sb = &ring->subbufs[i];
		uint64_t gap = has_sequence(sb) && last && sb->sequence > last + 1 ?
			sb->sequence - last - 1 : 0;

		if (gap > others) {
			all[nr++] = (struct persist_subbuf){
				.state = PERSIST_MISSING, .sequence = last + 1,
				.nr_missing = gap - others, .time_stamp = sb->time_stamp,
				.consumed = sb->consumed, .pos = sb->pos,
			};
			ring->counts[PERSIST_MISSING] += gap - others;
		}
		others++;
		if (has_sequence(sb)) {
			last = sb->sequence;
			others = 0;
		}
		all[nr++] = *sb;
	}
	free(ring->subbufs);
	ring->subbufs = all;
	ring->nr = nr;
	return 0;
}

/* ---- The whole ------------------------------------------------------------ */

/* How many of @nr pieces of @size bytes there are from @pos on */
static uint32_t count_there(const struct merge_region_io *io, uint64_t pos, uint32_t nr, uint32_t size)
{
	uint64_t there = pos < io->size ? (io->size - pos) / size : 0;

	return there < nr ? (uint32_t)there : nr;
}

/* The seals of @nr sub-buffers; of those that cannot be read there are none */
static int load_seals(struct load *l, uint32_t nr)
{
	uint64_t at = l->h->start + l->chunk->seals, lost;

	nr = count_there(l->io, at, nr, l->h->seal_size);
	return persist_read(l->io, at, l->seals, (uint64_t)nr * l->h->seal_size, &lost);
}

static int load_subbufs(struct load *l, uint32_t nr)
{
	for (uint32_t i = 0; i < nr; i++) {
		uint64_t pos = l->h->start + l->chunk->subbufs + (uint64_t)i * l->h->subbuf_size;
		int ret = l->io->read(l->io->arg, pos, l->page, l->h->subbuf_size);

		if (ret == -EINTR || ret == -ENOMEM)
			return ret;
		if (ret)
			l->ring->nr_cut++;
		else
			take_subbuf(l, i, pos);
	}
	return 0;
}

int persist_ring_load(const struct merge_region_io *io, const struct crc32c *crc,
		      const struct persist_header *h, const struct persist_chunk *chunk,
		      struct persist_ring *ring)
{
	struct load l = { .io = io, .crc = crc, .h = h, .chunk = chunk, .ring = ring };
	uint32_t nr = count_there(io, h->start + chunk->subbufs, chunk->nr_subbufs,
				  h->subbuf_size);
	int ret = 0;

	*ring = (struct persist_ring){ .nr_cut = chunk->nr_subbufs - nr };
	l.seals = calloc((size_t)nr + 1, h->seal_size);
	l.page = malloc(h->subbuf_size);
	ring->subbufs = calloc((size_t)nr + 1, sizeof(*ring->subbufs));
	if (!l.seals || !l.page || !ring->subbufs)
		ret = -ENOMEM;
	if (!ret)
		ret = load_seals(&l, nr);
	if (!ret)
		ret = load_subbufs(&l, nr);
	if (!ret) {
		order(ring);
		ret = add_missing(ring);
	}
	free(l.seals);
	free(l.page);
	return ret;
}
