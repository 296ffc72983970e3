// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What is said of a persistent region: what is missing, with CPU, sub-buffer and place,
 * and whose recording it is.
 */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "src_persist.h"

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
			    "the %s ends %" PRIu64 " bytes before the region's slot does",
			    ps->fd < 0 ? "memory" : "file", h->start + h->slot_size - ps->io.size);
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

/* Of a file a user can open another slot by where it begins */
static void note_other_slot(struct merge_source *src, const struct persist_header *h)
{
	const struct persist_source *ps = src->priv;

	source_note(src, NULL, -1,
		    ps->fd < 0 ?
		    "another recording, generation %" PRIu64 " by Linux %s, is left out: it begins at 0x%" PRIx64 :
		    "another recording, generation %" PRIu64 " by Linux %s, is left out: region@0x%" PRIx64 " as its kind opens it",
		    h->generation, h->release, h->start);
}

static void note_other_slots(struct merge_source *src)
{
	struct persist_source *ps = src->priv;

	for (size_t i = 0; i < ps->found.nr; i++) {
		const struct persist_slot *other = &ps->found.slots[i];

		if (other != ps->slot && persist_is_beside(ps->slot, other) &&
		    has_events(ps, &other->h))
			note_other_slot(src, &other->h);
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
	const struct persist_source *ps = src->priv;
	const struct persist_header *h = &ps->slot->h;
	time_t armed = (time_t)(h->anchor[0].wall / 1000000000);
	char build[41], boot[33], when[40] = "an unknown time";
	struct tm tm;

	hex(h->build_id, h->build_id_size, build);
	hex(h->boot_id, sizeof(h->boot_id), boot);
	source_remark(src, "region at 0x%" PRIx64 "%s, physical 0x%" PRIx64 ", slot %" PRIu32 " of %" PRIu32 ", %" PRIu64 " bytes, generation %" PRIu64,
		      h->start, ps->fd < 0 ? "" : " of the file", h->phys, h->slot + 1, h->nr_slots, h->slot_size, h->generation);
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

void persist_tell(struct merge_source *src)
{
	note_header(src);
	note_tables(src);
	note_rings(src);
	note_other_slots(src);
	remark_identity(src);
	remark_rings(src);
}
