// SPDX-License-Identifier: LGPL-2.1-or-later
/* A ring mapped into the reader: see live_map.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "error.h"
#include "live_map.h"
#include "page.h"

/* Bounds of what a kernel may say; its own are 1 MiB and what memory there is */
#define MIN_SIZE	512u
#define MAX_SIZE	(64u << 20)
#define MAX_SUBBUFS	(1u << 28)

#define BIG_ENDIAN_HOST	(__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)

/* ---- What is where -------------------------------------------------------- */

/* The kernel writes to it meanwhile: each of its numbers is read once */
static void load_meta(const void *memory, struct live_meta *meta)
{
	const volatile struct live_meta *m = memory;

	meta->meta_page_size = m->meta_page_size;
	meta->meta_struct_len = m->meta_struct_len;
	meta->subbuf_size = m->subbuf_size;
	meta->nr_subbufs = m->nr_subbufs;
	meta->reader.lost_events = m->reader.lost_events;
	meta->reader.id = m->reader.id;
	meta->reader.read = m->reader.read;
	meta->flags = m->flags;
	meta->entries = m->entries;
	meta->overrun = m->overrun;
	meta->read = m->read;
}

static bool is_size(uint32_t size)
{
	return size >= MIN_SIZE && size <= MAX_SIZE && !(size & (size - 1));
}

int live_map_check(const void *memory, size_t size, struct live_meta *meta, uint64_t *map_size,
		   struct merge_error *err)
{
	struct live_meta m;

	if (size < sizeof(m))
		return error_set(err, -EBADMSG, "its first page has only %zu bytes", size);
	load_meta(memory, &m);
	if (m.meta_struct_len < sizeof(m))
		return error_set(err, -EBADMSG, "its head has %u bytes, %zu are known",
				 m.meta_struct_len, sizeof(m));
	if (!is_size(m.meta_page_size))
		return error_set(err, -EBADMSG, "its first page cannot have %u bytes",
				 m.meta_page_size);
	if (!is_size(m.subbuf_size))
		return error_set(err, -EBADMSG, "sub-buffers cannot have %u bytes", m.subbuf_size);
	if (m.nr_subbufs < 2 || m.nr_subbufs > MAX_SUBBUFS)
		return error_set(err, -EBADMSG, "there cannot be %u sub-buffers", m.nr_subbufs);
	*meta = m;
	*map_size = m.meta_page_size + (uint64_t)m.subbuf_size * m.nr_subbufs;
	return 0;
}

/* ---- The reader's sub-buffer ---------------------------------------------- */

static const uint8_t *subbuf(const struct live_map *map, uint32_t id)
{
	return map->memory + map->meta_size + (size_t)id * map->subbuf_size;
}

static bool reader_is_bad(const struct live_map *map, const struct live_meta *meta)
{
	return meta->reader.id >= map->nr_subbufs ||
	       meta->reader.read > map->subbuf_size - LIVE_HEADER(map->long_size);
}

/*
 * What was lost before the sub-buffer at @data. Since 6.12 flags in its commit word say
 * it, and how many behind its last event, if there is room: as read() does. Before, the
 * meta page does, and goes on doing so when the next one comes: its count is a new one
 * only if so many more were overwritten.
 */
static uint64_t find_lost(struct live_map *map, const uint8_t *data, const struct live_meta *meta)
{
	uint64_t count = live_lost(data, map->subbuf_size, map->long_size);

	if (count) {
		map->told = meta->overrun;
		return count;
	}
	count = meta->reader.lost_events;
	if (!count || meta->overrun < map->told || meta->overrun - map->told < count)
		return 0;
	map->told += count;
	return count;
}

/* A sub-buffer that was not given yet */
static void begin(struct live_map *map, const struct live_meta *meta, uint64_t ts)
{
	map->id = meta->reader.id;
	map->ts = ts;
	map->read = map->base = 0;
	map->given = false;
	map->lost = find_lost(map, subbuf(map, map->id), meta);
}

int live_map_init(struct live_map *map, struct merge_error *err)
{
	struct live_meta meta;
	uint64_t size;
	int ret = live_map_check(map->memory, map->size, &meta, &size, err);

	if (ret)
		return ret;
	if (size > map->size)
		return error_set(err, -EBADMSG, "it has %llu bytes, only %zu are mapped",
				 (unsigned long long)size, map->size);
	map->meta_size = meta.meta_page_size;
	map->subbuf_size = meta.subbuf_size;
	map->nr_subbufs = meta.nr_subbufs;
	if (reader_is_bad(map, &meta))
		return error_set(err, -EBADMSG, "the reader cannot be at byte %u of sub-buffer %u",
				 meta.reader.read, meta.reader.id);
	/* what others have read of it is theirs */
	map->told = 0;
	begin(map, &meta, page_time(subbuf(map, meta.reader.id), BIG_ENDIAN_HOST));
	map->read = map->base = meta.reader.read;
	if (map->base)
		map->lost = 0;
	return 0;
}

int live_map_next(struct live_map *map, bool resumed, struct live_page *page, bool *tail)
{
	int ret = map->get_reader(map->arg);
	struct live_meta meta;
	uint64_t ts;

	if (ret)
		return ret;
	load_meta(map->memory, &meta);
	if (reader_is_bad(map, &meta))
		return -EBADMSG;
	ts = page_time(subbuf(map, meta.reader.id), BIG_ENDIAN_HOST);
	/* another time stamp, or less in it: the ring was emptied meanwhile */
	if (meta.reader.id != map->id || ts != map->ts || meta.reader.read < map->read)
		begin(map, &meta, ts);
	if (meta.reader.read == map->read)
		return 0;
	*page = (struct live_page){
		.data = subbuf(map, map->id), .end = meta.reader.read, .lost = map->lost,
		.base = map->base, .again = map->given,
		.start = map->given ? map->read : 0,
	};
	/* nothing is behind it, or it grew under our eyes: the writer is on it */
	*tail = (map->given && !resumed) || meta.entries - meta.overrun - meta.read == 0;
	map->read = meta.reader.read;
	map->given = true;
	return 1;
}

/* ---- The kernel's ---------------------------------------------------------- */

static int get_reader(void *arg)
{
	const struct live_reader *r = arg;

	return ioctl(r->fd, LIVE_GET_READER) ? -errno : 0;
}

static int fail_to_map(struct merge_error *err)
{
	static const struct {
		int code;
		const char *why;
	} known[] = {
		{ ENODEV, "this kernel, or this ring of it, cannot be mapped" },
		{ EINVAL, "this CPU has no ring" },
		{ EBUSY, "snapshots of this ring are armed: it cannot be mapped meanwhile" },
	};
	int code = errno;

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (known[i].code == code)
			return error_set(err, -code, "%s", known[i].why);
	return error_set(err, -code, "%s", strerror(code));
}

static int map_fd(struct live_map *map, int fd, struct merge_error *err)
{
	long page_size = sysconf(_SC_PAGESIZE);
	struct live_meta meta;
	uint64_t size;
	void *memory;
	int ret;

	memory = mmap(NULL, (size_t)page_size, PROT_READ, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		return fail_to_map(err);
	ret = live_map_check(memory, (size_t)page_size, &meta, &size, err);
	munmap(memory, (size_t)page_size);
	if (ret)
		return ret;
	memory = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		return fail_to_map(err);
	map->memory = memory;
	map->size = size;
	return live_map_init(map, err);
}

int live_map_map(struct live_map *map, const struct live_reader *r, struct merge_error *err)
{
	int ret;

	map->long_size = r->long_size;
	ret = map_fd(map, r->fd, err);
	if (!ret && r->subbuf_size && r->subbuf_size != map->subbuf_size)
		ret = error_set(err, -EBADMSG, "sub-buffers have %u bytes, tracefs says %u",
				map->subbuf_size, r->subbuf_size);
	return ret;
}

void live_map_unmap(struct live_map *map)
{
	if (map->memory)
		munmap((void *)map->memory, map->size);
	map->memory = NULL;
}

static void map_close(struct live_reader *r)
{
	live_map_unmap(r->priv);
	free(r->priv);
	r->priv = NULL;
}

static int map_open(struct live_reader *r, struct merge_error *err)
{
	struct live_map *map = calloc(1, sizeof(*map));
	int ret;

	if (!map)
		return error_nomem(err);
	r->priv = map;
	*map = (struct live_map){ .get_reader = get_reader, .arg = r };
	ret = live_map_map(map, r, err);
	if (ret)
		map_close(r);
	else
		r->subbuf_size = map->subbuf_size;
	return ret;
}

static int map_next(struct live_reader *r, struct live_page *page)
{
	return live_map_next(r->priv, r->resumed, page, &r->tail);
}

const struct live_ops live_map_ops = {
	.name = "mmap",
	.open = map_open,
	.next = map_next,
	.close = map_close,
};
