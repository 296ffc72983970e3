// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What the kernel's tracer pstore left as a source (docs/format.md): the file in
 * pstore, or the image of a memory that has a region somewhere. persist_find.c finds
 * its slots, persist_tables.c and persist_ring.c what is in one; here it becomes
 * buffers, with what consumers had got in one of its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cursor.h"
#include "describe_persist.h"
#include "error.h"
#include "persist_find.h"
#include "persist_ring.h"
#include "source_open.h"

#define ANY_SLOT	MERGE_REGION_NEWEST

/* Sub-buffers of one CPU of one buffer, in order */
struct list {
	struct persist_subbuf *subbufs;
	size_t nr;
};

/*
 * @h: of the slot that is read
 * @rings: by chunk; @lists: of the buffers' CPUs, one buffer after the other, the live
 *	one first
 */
struct persist_source {
	int fd;
	struct merge_region_io io;
	struct crc32c crc;
	struct persist_found found;
	const struct persist_slot *slot;
	struct persist_tables tables;
	struct persist_ring *rings;
	struct list *lists;
};

/* ---- The file ------------------------------------------------------------- */

static int read_file(void *arg, uint64_t pos, void *buf, size_t len)
{
	struct persist_source *ps = arg;
	size_t done = 0;

	if (pos > INT64_MAX - len)
		return -ENODATA;
	while (done < len) {
		ssize_t n = pread(ps->fd, (uint8_t *)buf + done, len - done, (off_t)(pos + done));

		if (n < 0 && errno != EINTR)
			return -errno;
		if (!n)
			return -ENODATA;
		done += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

static int open_file(struct persist_source *ps, const char *path)
{
	struct stat st;

	ps->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (ps->fd < 0 || fstat(ps->fd, &st))
		return -errno;
	ps->io = (struct merge_region_io){
		.read = read_file, .arg = ps, .size = (uint64_t)st.st_size,
	};
	return S_ISREG(st.st_mode) ? 0 : -EINVAL;
}

/* ---- Sub-buffers ---------------------------------------------------------- */

static const struct list *list_of(const struct persist_source *ps, const struct merge_buffer *buf,
				  unsigned int cpu_index)
{
	return &ps->lists[buf->index * ps->slot->h.nr_chunks + cpu_index];
}

/* @value into @size bytes in the traced kernel's byte order */
static void put_number(uint8_t *bytes, size_t size, bool big, uint64_t value)
{
	for (size_t i = 0; i < size; i++)
		bytes[big ? size - 1 - i : i] = (uint8_t)(value >> 8 * i);
}

static void restore(const struct persist_header *h, const struct persist_subbuf *at, uint8_t *data)
{
	bool big = h->flags & TRACE_PERSIST_BIG_ENDIAN;

	put_number(data, 8, big, at->time_stamp);
	put_number(data + 8, h->long_size, big, at->commit);
}

static int read_subbuf(struct merge_source *src, const struct merge_buffer *buf,
		       unsigned int cpu_index, size_t i, void *data,
		       struct merge_error *err, struct subbuf *sb)
{
	struct persist_source *ps = src->priv;
	const struct persist_subbuf *at = &list_of(ps, buf, cpu_index)->subbufs[i];
	int ret;

	sb->address = at->pos;
	if (at->state == PERSIST_MISSING)
		return error_set(err, -ENODATA,
				 "sub-buffers %" PRIu64 " to %" PRIu64 " were sealed, and %" PRIu64 " are nowhere",
				 at->sequence, at->sequence + at->nr_missing - 1, at->nr_missing);
	if (at->state == PERSIST_CORRUPT)
		return error_set(err, -EBADMSG, "sub-buffer %" PRIu32 " of the chunk: the crc is not its seal's",
				 at->index);
	ret = ps->io.read(ps->io.arg, at->pos, data, buf->subbuf_size);
	if (ret)
		return error_set(err, ret, "%s", ret == -ENODATA ? "it cannot be read any more" :
				 strerror(-ret));
	if (at->state == PERSIST_RESTORED)
		restore(&ps->slot->h, at, data);
	sb->data = data;
	sb->size = buf->subbuf_size;
	/* what was overwritten since a consumer came by is not known */
	if (!i && buf->kind == MERGE_PERSISTENT && !ps->rings[cpu_index].nr_consumed)
		sb->overrun = ps->rings[cpu_index].overrun;
	return 0;
}

static int read_time(struct merge_source *src, const struct merge_buffer *buf,
		     unsigned int cpu_index, size_t i, uint64_t *ts)
{
	const struct persist_subbuf *at = &list_of(src->priv, buf, cpu_index)->subbufs[i];

	if (at->state == PERSIST_MISSING || at->state == PERSIST_CORRUPT)
		return -ENODATA;
	*ts = at->time_stamp;
	return 0;
}

static void close_source(struct merge_source *src)
{
	struct persist_source *ps = src->priv;
	uint32_t nr = ps->slot ? ps->slot->h.nr_chunks : 0;

	for (uint32_t i = 0; ps->rings && i < nr; i++)
		persist_ring_deinit(&ps->rings[i]);
	for (uint32_t i = 0; ps->lists && i < 2 * nr; i++)
		free(ps->lists[i].subbufs);
	free(ps->rings);
	free(ps->lists);
	persist_tables_deinit(&ps->tables);
	persist_found_deinit(&ps->found);
	if (ps->fd >= 0)
		close(ps->fd);
	free(ps);
}

static const struct source_ops persist_ops = {
	.name = "region",
	.read = read_subbuf,
	.time = read_time,
	.close = close_source,
};

/* ---- Buffers -------------------------------------------------------------- */

/* Those of @ring that are @consumed, or those that are not; moves nothing */
static int pick(const struct persist_ring *ring, bool consumed, struct list *list)
{
	list->subbufs = calloc(ring->nr + 1, sizeof(*list->subbufs));
	if (!list->subbufs)
		return -ENOMEM;
	for (size_t i = 0; i < ring->nr; i++)
		if (ring->subbufs[i].consumed == consumed)
			list->subbufs[list->nr++] = ring->subbufs[i];
	return 0;
}

/* The live ring, or what consumers had got, whose CPUs are all there as well */
static int add_buffer(struct merge_source *src, bool consumed)
{
	struct persist_source *ps = src->priv;
	const struct persist_header *h = &ps->slot->h;
	const char *name = source_instance_name(h->instance);
	char full[80];
	struct merge_buffer buf = {
		.name = full, .instance = h->instance, .subbuf_size = h->subbuf_size,
		.kind = consumed ? MERGE_CONSUMED : MERGE_PERSISTENT,
		.clock = *h->clock ? h->clock : "unknown",
		.clock_in_ns = source_clock_in_ns(h->clock),
		.nr_cpus = h->nr_chunks,
	};

	snprintf(full, sizeof(full), "%s%s", name, consumed ? "/consumed" : "");
	buf.cpus = calloc(h->nr_chunks + 1, sizeof(*buf.cpus));
	if (!buf.cpus)
		return -ENOMEM;
	for (uint32_t i = 0; i < h->nr_chunks; i++) {
		struct list *list = &ps->lists[consumed * h->nr_chunks + i];

		if (pick(&ps->rings[i], consumed, list)) {
			free(buf.cpus);
			return -ENOMEM;
		}
		buf.cpus[i] = (struct merge_cpu){ .cpu = h->chunks[i].cpu,
						  .nr_subbufs = list->nr };
		/* not all counts are there, but these */
		if (consumed)
			continue;
		buf.cpus[i].counters.overrun = ps->rings[i].overrun;
		buf.cpus[i].counters.dropped = ps->rings[i].dropped;
	}
	return source_add_buffer(src, &buf);
}

static int load_rings(struct persist_source *ps)
{
	const struct persist_header *h = &ps->slot->h;
	int ret = 0;

	ps->rings = calloc(h->nr_chunks + 1, sizeof(*ps->rings));
	ps->lists = calloc(2 * h->nr_chunks + 1, sizeof(*ps->lists));
	if (!ps->rings || !ps->lists)
		return -ENOMEM;
	for (uint32_t i = 0; !ret && i < h->nr_chunks; i++)
		ret = persist_ring_load(&ps->io, &ps->crc, h, &h->chunks[i], &ps->rings[i]);
	return ret;
}

static int add_buffers(struct merge_source *src)
{
	struct persist_source *ps = src->priv;
	uint64_t consumed = 0;
	int ret = load_rings(ps);

	for (uint32_t i = 0; !ret && i < ps->slot->h.nr_chunks; i++)
		consumed += ps->rings[i].nr_consumed;
	if (!ret)
		ret = add_buffer(src, false);
	return !ret && consumed ? add_buffer(src, true) : ret;
}

/* ---- What is said --------------------------------------------------------- */

static void note_header(struct merge_source *src)
{
	struct persist_source *ps = src->priv;
	const struct persist_header *h = &ps->slot->h;
	const struct persist_found *found = &ps->found;

	if (ps->slot->copies < 2 && found->nr_bad)
		source_note(src, NULL, -1,
			    "of the header's two copies only that at 0x%" PRIx64 " is right; at 0x%" PRIx64 ": %s",
			    h->pos, found->bad_pos, found->bad.text);
	else if (ps->slot->copies < 2)
		source_note(src, NULL, -1,
			    "of the header's two copies only that at 0x%" PRIx64 " is there", h->pos);
	if (h->start + h->slot_size > ps->io.size)
		source_note(src, NULL, -1,
			    "the file ends %" PRIu64 " bytes before the region's slot does",
			    h->start + h->slot_size - ps->io.size);
	if (h->nr_bad_chunks)
		source_note(src, NULL, -1, "%" PRIu32 " CPUs are left out, chunks that cannot be: %s",
			    h->nr_bad_chunks, h->bad_chunk);
}

static void note_tables(struct merge_source *src)
{
	struct persist_source *ps = src->priv;
	const struct persist_tables *t = &ps->tables;

	if (t->outside)
		source_note(src, NULL, -1,
			    "the tables do not lie inside of the slot: events are shown as numbers");
	if (t->nr_bad)
		source_note(src, NULL, -1,
			    "the tables are damaged in %zu places, the first at 0x%" PRIx64 ": what they told is shown as numbers",
			    t->nr_bad, ps->slot->h.start + t->bad);
	if (t->cut)
		source_note(src, NULL, -1, "%" PRIu64 " bytes of the tables cannot be read: behind the end, or left out",
			    t->cut);
	if (ps->slot->h.flags & TRACE_PERSIST_TABLES_FULL)
		source_note(src, NULL, -1,
			    "the tables had no room for all formats, modules and strings: what found none is shown as numbers");
}

/* Each CPU has one that was being written, the last; of others no seal tells that they are whole */
static void note_unsealed(struct merge_source *src, uint32_t i)
{
	struct persist_source *ps = src->priv;
	const struct persist_ring *ring = &ps->rings[i];
	const struct persist_subbuf *first = NULL;
	uint64_t nr = 0;

	for (size_t n = 0; n + 1 < ring->nr; n++) {
		if (ring->subbufs[n].state != PERSIST_UNSEALED)
			continue;
		first = first ? first : &ring->subbufs[n];
		nr++;
	}
	if (nr)
		source_note(src, &src->buffers[0], (int)ps->slot->h.chunks[i].cpu,
			    "cpu %" PRIu32 ": %" PRIu64 " sub-buffers amid others are unsealed, the first is %" PRIu32 " at 0x%" PRIx64 ": their events are shown unchecked",
			    ps->slot->h.chunks[i].cpu, nr, first->index, first->pos);
}

static void note_rings(struct merge_source *src)
{
	struct persist_source *ps = src->priv;

	for (uint32_t i = 0; i < ps->slot->h.nr_chunks; i++) {
		uint32_t cpu = ps->slot->h.chunks[i].cpu;

		if (ps->rings[i].nr_cut)
			source_note(src, &src->buffers[0], (int)cpu,
				    "cpu %" PRIu32 ": %" PRIu64 " sub-buffers cannot be read: behind the end, or left out",
				    cpu, ps->rings[i].nr_cut);
		note_unsealed(src, i);
	}
}

/* Whether anything was recorded there */
static bool has_events(const struct persist_source *ps, const struct persist_header *h)
{
	bool found = false;

	for (uint32_t i = 0; !found && i < h->nr_chunks; i++) {
		struct persist_ring ring;

		found = !persist_ring_load(&ps->io, &ps->crc, h, &h->chunks[i], &ring) && ring.nr;
		persist_ring_deinit(&ring);
	}
	return found;
}

static void note_other_slots(struct merge_source *src)
{
	struct persist_source *ps = src->priv;

	for (size_t i = 0; i < ps->found.nr; i++) {
		const struct persist_slot *other = &ps->found.slots[i];

		if (other != ps->slot && persist_is_beside(ps->slot, other) &&
		    has_events(ps, &other->h))
			source_note(src, NULL, -1,
				    "another recording, generation %" PRIu64 " by Linux %s, is left out: region@0x%" PRIx64 " as its kind opens it",
				    other->h.generation, other->h.release, other->h.start);
	}
}

static void hex(const uint8_t *bytes, size_t nr, char *text)
{
	*text = '\0';
	for (size_t i = 0; i < nr; i++)
		sprintf(text + 2 * i, "%02x", bytes[i]);
}

static const char *ending(uint32_t flags)
{
	return flags & TRACE_PERSIST_PANIC ? "ended by a panic" :
		flags & TRACE_PERSIST_STOPPED ? "stopped in order" : "not stopped in order";
}

static void remark_identity(struct merge_source *src)
{
	const struct persist_header *h = &((struct persist_source *)src->priv)->slot->h;
	time_t armed = (time_t)(h->anchor[0].wall / 1000000000);
	char build[41], boot[33], when[40] = "an unknown time";
	struct tm tm;

	hex(h->build_id, h->build_id_size, build);
	hex(h->boot_id, sizeof(h->boot_id), boot);
	source_remark(src, "region at 0x%" PRIx64 " of the file, physical 0x%" PRIx64 ", slot %" PRIu32 " of %" PRIu32 ", %" PRIu64 " bytes, generation %" PRIu64,
		      h->start, h->phys, h->slot + 1, h->nr_slots, h->slot_size, h->generation);
	source_remark(src, "boot %s, vmlinux %s, _stext at 0x%" PRIx64, boot,
		      *build ? build : "without a build-id", h->text_base);
	if (h->anchor[0].wall && gmtime_r(&armed, &tm))
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S UTC", &tm);
	source_remark(src, "recording since %s, %s", when, ending(h->flags));
}

static void remark_rings(struct merge_source *src)
{
	struct persist_source *ps = src->priv;

	for (uint32_t i = 0; i < ps->slot->h.nr_chunks; i++) {
		const struct persist_ring *r = &ps->rings[i];

		source_remark(src, "cpu %" PRIu32 ": sub-buffers %" PRIu64 " sealed, %" PRIu64 " of them restored, %" PRIu64 " unsealed, %" PRIu64 " corrupt, %" PRIu64 " missing, %" PRIu64 " consumed, %" PRIu64 " empty, %" PRIu64 " of an earlier recording; events %" PRIu64 " overwritten, %" PRIu64 " dropped",
			      ps->slot->h.chunks[i].cpu,
			      r->counts[PERSIST_SEALED] + r->counts[PERSIST_RESTORED],
			      r->counts[PERSIST_RESTORED], r->counts[PERSIST_UNSEALED],
			      r->counts[PERSIST_CORRUPT], r->counts[PERSIST_MISSING],
			      r->nr_consumed, r->nr_empty, r->nr_old, r->overrun, r->dropped);
	}
}

/* ---- Opening -------------------------------------------------------------- */

static const struct persist_slot *slot_at(const struct persist_found *found, uint64_t start)
{
	for (size_t i = 0; i < found->nr; i++)
		if (found->slots[i].h.start == start)
			return &found->slots[i];
	return NULL;
}

/* Both copies of a header are within so many bytes; of a dump no more need be read */
#define NEIGHBOURHOOD	(16u << 20)

static int find_slot(struct persist_source *ps, uint64_t start, struct merge_error *err)
{
	bool near = ps->fd < 0 && start != ANY_SLOT;
	uint64_t end = near && ps->io.size > NEIGHBOURHOOD &&
		start < ps->io.size - NEIGHBOURHOOD ? start + NEIGHBOURHOOD : ps->io.size;
	int ret = persist_find(&ps->io, &ps->crc, near ? start : 0, end, NULL, NULL, &ps->found);

	if (ret)
		return error_code(err, ret);
	ps->slot = start == ANY_SLOT ? persist_newest(&ps->found) : slot_at(&ps->found, start);
	if (ps->slot)
		return 0;
	if (ps->found.nr)
		return error_set(err, -ENODATA, "no region's slot begins at 0x%" PRIx64, start);
	if (!ps->found.nr_bad)
		return error_set(err, -ENOTSUP, "there is no persistent trace region in it");
	return error_set(err, ps->found.bad.code,
			 "%zu headers of persistent trace regions, none of which can be used; at 0x%" PRIx64 ": %s",
			 ps->found.nr_bad, ps->found.bad_pos, ps->found.bad.text);
}

static int load(struct persist_source *ps, struct merge_source *src, uint64_t start,
		struct merge_error *err)
{
	const struct persist_header *h;
	int ret = find_slot(ps, start, err);

	if (ret)
		return ret;
	h = &ps->slot->h;
	src->long_size = h->long_size;
	src->big_endian = h->flags & TRACE_PERSIST_BIG_ENDIAN;
	ret = persist_tables_load(&ps->io, &ps->crc, h, &ps->tables);
	if (ret)
		return error_code(err, ret);
	src->desc = desc_persist_create(&ps->io, &ps->crc, h, &ps->tables, src);
	if (!src->desc)
		return error_nomem(err);
	ret = add_buffers(src);
	if (ret)
		return error_code(err, ret);
	note_header(src);
	note_tables(src);
	note_rings(src);
	note_other_slots(src);
	remark_identity(src);
	remark_rings(src);
	return 0;
}

bool region_probe(const struct source_look *look)
{
	struct persist_source ps = { .fd = -1 };
	bool found = false;

	if (S_ISREG(look->st.st_mode) && !open_file(&ps, look->path))
		found = persist_find_any(&ps.io);
	if (ps.fd >= 0)
		close(ps.fd);
	return found;
}

static struct merge_source *create(void)
{
	struct persist_source *ps = calloc(1, sizeof(*ps));
	struct merge_source *src = ps ? source_create(&persist_ops, ps, 8, false) : NULL;

	if (!src) {
		free(ps);
		return NULL;
	}
	ps->fd = -1;
	crc32c_init(&ps->crc);
	return src;
}

int merge_source_open_region(const struct merge_region_io *io, uint64_t start,
			     struct merge_error *err, struct merge_source **out)
{
	struct merge_source *src = create();
	struct persist_source *ps;
	int ret;

	if (!src)
		return error_nomem(err);
	ps = src->priv;
	ps->io = *io;
	ret = load(ps, src, start, err);
	if (ret)
		merge_source_close(src);
	else
		*out = src;
	return ret;
}

int region_open_at(const char *path, uint64_t start, struct merge_error *err,
		   struct merge_source **out)
{
	struct merge_source *src = create();
	struct persist_source *ps;
	int ret;

	if (!src)
		return error_nomem(err);
	ps = src->priv;
	ret = open_file(ps, path);
	ret = ret ? error_code(err, ret) : load(ps, src, start, err);
	if (ret) {
		error_prepend(err, "%s", path);
		merge_source_close(src);
		return ret;
	}
	*out = src;
	return 0;
}

int region_open(const char *path, struct merge_error *err, struct merge_source **out)
{
	return region_open_at(path, ANY_SLOT, err, out);
}
