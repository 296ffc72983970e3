// SPDX-License-Identifier: LGPL-2.1-or-later
/* Which way a CPU's ring is read, and what all ways share: see live_reader.h. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cursor.h"
#include "error.h"
#include "live_reader.h"
#include "page_build.h"

#define BIG_ENDIAN_HOST	(__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)

/* The best first */
static const struct live_ops *const ways[] = { &live_batch_ops, &live_map_ops, &live_read_ops };

#define NR_WAYS		(sizeof(ways) / sizeof(*ways))

/* A long at @p, of this machine's kernel */
static uint64_t load_long(const uint8_t *p, uint32_t long_size)
{
	struct cursor c;

	cursor_init(&c, p, long_size, BIG_ENDIAN_HOST);
	return cursor_uint(&c, long_size);
}

uint32_t live_end(const struct live_reader *r, const void *data)
{
	uint32_t room = r->subbuf_size - LIVE_HEADER(r->long_size);
	uint64_t end = load_long((const uint8_t *)data + 8, r->long_size) & PAGE_COMMIT_MASK;

	return end < room ? (uint32_t)end : room;
}

uint64_t live_lost(const void *data, uint32_t size, uint32_t long_size)
{
	const uint8_t *bytes = data;
	uint64_t word = load_long(bytes + 8, long_size), count;
	uint32_t end = word & PAGE_COMMIT_MASK, room = size - LIVE_HEADER(long_size);

	if (!(word & PAGE_MISSED_EVENTS))
		return 0;
	if (!(word & PAGE_MISSED_STORED) || end > room || room - end < long_size)
		return MERGE_LOST_UNKNOWN;
	count = load_long(bytes + LIVE_HEADER(long_size) + end, long_size);
	return count ? count : MERGE_LOST_UNKNOWN;
}

/* Try one; what it says is kept */
static int try_way(struct live_reader *r, const struct live_ops *ops, struct merge_error *err)
{
	struct merge_error why = { 0 };
	size_t len = strlen(r->refused);
	int ret = ops->open(r, &why);

	if (!ret) {
		r->ops = ops;
		return 0;
	}
	snprintf(r->refused + len, sizeof(r->refused) - len, "%s%s: %.150s", len ? "; " : "",
		 ops->name, why.text);
	return error_set(err, ret, "%s", why.text);
}

static int choose(struct live_reader *r, const char *way, struct merge_error *err)
{
	int ret = way ? error_set(err, -EINVAL, "no ring is read by \"%s\"", way) : 0;

	for (size_t i = 0; i < NR_WAYS; i++) {
		if (way && strcmp(way, ways[i]->name))
			continue;
		ret = try_way(r, ways[i], err);
		if (!ret)
			break;
	}
	return ret;
}

int live_open(int fd, uint32_t subbuf_size, uint32_t long_size, const char *way,
	      struct merge_error *err, struct live_reader **out)
{
	struct live_reader *r = calloc(1, sizeof(*r));
	int ret;

	if (!r) {
		close(fd);
		return error_nomem(err);
	}
	*r = (struct live_reader){ .fd = fd, .subbuf_size = subbuf_size, .long_size = long_size };
	ret = choose(r, way, err);
	if (ret) {
		live_close(r);
		return ret;
	}
	*out = r;
	return 0;
}

bool live_has_ring(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) < 0 || !(p.revents & POLLERR);
}

void live_close(struct live_reader *r)
{
	if (!r)
		return;
	if (r->ops && r->ops->close)
		r->ops->close(r);
	close(r->fd);
	free(r);
}

int live_next(struct live_reader *r, bool all, struct live_page *page)
{
	bool stop = r->tail && !all;
	int ret;

	r->tail = false;
	ret = stop ? 0 : r->ops->next(r, page);
	r->resumed = !ret;
	return ret;
}

bool live_holds(const struct live_reader *r)
{
	return r->ops->holds && r->ops->holds(r);
}

void live_copy(const struct live_reader *r, const struct live_page *page, void *out)
{
	struct subbuf sb = { .data = page->data, .size = r->subbuf_size, .start = page->base };
	struct page_build b = {
		.data = out, .size = r->subbuf_size, .header = LIVE_HEADER(r->long_size),
		.pos = page->end, .long_size = r->long_size, .big_endian = BIG_ENDIAN_HOST,
	};
	struct page cut;

	memcpy(out, page->data, b.header + page->end);
	page_build_finish(&b, page->lost);
	if (!page->base)
		return;
	/* the time of the first event that is ours stands in those before it */
	sb.data = out;
	page_load(&cut, &sb, r->subbuf_size, r->long_size, BIG_ENDIAN_HOST);
	memmove((uint8_t *)out + b.header, (uint8_t *)out + b.header + cut.pos, cut.commit - cut.pos);
	page_build_init(&b, out, r->subbuf_size, r->long_size, BIG_ENDIAN_HOST, cut.ts);
	b.pos = cut.commit - cut.pos;
	page_build_finish(&b, page->lost);
}
