// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Walking a slot's tables: see persist_tables.h. Entries vouch for themselves, so
 * behind one that is damaged the walk goes on at the next that is right.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cursor.h"
#include "persist_tables.h"

#define HEAD_SIZE	((uint32_t)sizeof(struct trace_persist_entry))
#define CRC_START	offsetof(struct trace_persist_entry, arming)
#define MAX_TABLES	(1u << 30)
/* Behind so many wrong ones nothing is looked for: each may take a crc of a megabyte */
#define MAX_DAMAGED	1000u

/* How far an entry at a place is one */
enum finding { NOTHING, DAMAGED, RIGHT };

static enum finding look(const struct crc32c *crc, uint32_t arming,
			 const struct persist_tables *t, size_t pos, struct persist_entry *e)
{
	uint32_t magic, want, got;
	struct cursor c;

	cursor_init(&c, t->bytes, t->size, false);
	cursor_seek(&c, pos);
	magic = cursor_u32(&c);
	want = cursor_u32(&c);
	got = cursor_u32(&c);
	e->type = cursor_u32(&c);
	e->number = cursor_u32(&c);
	e->size = cursor_u32(&c);
	/* an earlier arming's is nothing, though it is right */
	if (c.bad || magic != TRACE_PERSIST_ENTRY_MAGIC || got != arming)
		return NOTHING;
	if (e->size > TRACE_PERSIST_ENTRY_MAX)
		return DAMAGED;
	e->data = cursor_bytes(&c, e->size);
	if (!e->data || crc32c(crc, 0, t->bytes + pos + CRC_START,
			       HEAD_SIZE - CRC_START + e->size) != want)
		return DAMAGED;
	return RIGHT;
}

static int add_entry(struct persist_tables *t, const struct persist_entry *e)
{
	size_t room = t->room ? 2 * t->room : 256;
	struct persist_entry *grown;

	if (t->nr == t->room) {
		grown = reallocarray(t->entries, room, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		t->entries = grown;
		t->room = room;
	}
	t->entries[t->nr++] = *e;
	return 0;
}

/*
 * A gap, of what is no entry, is damage when an entry follows or something in it has the
 * magic; else the tables end there.
 */
static int walk(const struct crc32c *crc, const struct persist_header *h,
		struct persist_tables *t)
{
	bool in_gap = false, told = false;
	size_t pos = 0, gap = 0;
	unsigned int damaged = 0;

	while (pos < t->size && damaged < MAX_DAMAGED) {
		struct persist_entry e;
		enum finding found = look(crc, h->arming, t, pos, &e);

		if (found != RIGHT && !in_gap) {
			in_gap = true;
			told = false;
			gap = pos;
		}
		if (in_gap && found != NOTHING && !told) {
			told = true;
			if (!t->nr_bad++)
				t->bad = h->tables_offset + gap;
		}
		damaged += found == DAMAGED;
		in_gap = found != RIGHT;
		if (found == RIGHT && add_entry(t, &e))
			return -ENOMEM;
		pos += found == RIGHT ? (HEAD_SIZE + (size_t)e.size + 7) / 8 * 8 : 8;
	}
	return 0;
}

int persist_tables_load(const struct merge_region_io *io, const struct crc32c *crc,
			const struct persist_header *h, struct persist_tables *t)
{
	uint64_t at = h->start + h->tables_offset, left, size = h->tables_size;
	int ret;

	*t = (struct persist_tables){ 0 };
	if (!persist_header_has(h, h->tables_offset, size) || h->tables_offset % 8 ||
	    size > MAX_TABLES) {
		t->outside = true;
		return 0;
	}
	left = at < io->size ? io->size - at : 0;
	t->size = size < left ? size : left;
	t->cut = size - t->size;
	t->bytes = malloc(t->size + 1);
	if (!t->bytes)
		return -ENOMEM;
	ret = persist_read(io, at, t->bytes, t->size, &left);
	t->cut += left;
	return ret ? ret : walk(crc, h, t);
}

void persist_tables_deinit(struct persist_tables *t)
{
	free(t->bytes);
	free(t->entries);
	*t = (struct persist_tables){ 0 };
}

const char *persist_entry_text(const struct persist_entry *e, uint32_t *pos)
{
	const char *text = (const char *)e->data + *pos;
	const char *end = *pos < e->size ? memchr(text, '\0', e->size - *pos) : NULL;

	if (!end)
		return NULL;
	*pos += (uint32_t)(end - text) + 1;
	return text;
}
