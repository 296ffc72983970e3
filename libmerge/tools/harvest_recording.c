// SPDX-License-Identifier: LGPL-2.1-or-later
/* What is known of a recording, as JSON for the manifest: see recording.h. */
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "json.h"
#include "list.h"
#include "harvest_recording.h"

/* The manifest tells of so many damaged places; the text of all */
#define MAX_DAMAGE	100

void recording_boot_id(const struct persist_header *h, char text[BOOT_ID_SIZE])
{
	*text = '\0';
	for (size_t i = 0; i < 16; i++)
		sprintf(text + strlen(text), "%s%02x",
			i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", h->boot_id[i]);
}

uint64_t recording_area(const struct persist_header *h)
{
	return h->phys - h->slot * h->slot_size;
}

void recording_damage(void *recording, const struct merge_damage *damage)
{
	struct recording *r = recording;
	struct textbuf *b = &r->damage;

	if (r->nr_damage++ >= MAX_DAMAGE)
		return;
	json_member_number(b, r->nr_damage > 1 ? ",{\"cpu\":" : "{\"cpu\":", damage->cpu);
	json_member_text(b, ",\"buffer\":", damage->buffer->name);
	json_member_number(b, ",\"subbuf\":", damage->subbuf);
	textbuf_puts(b, ",\"address\":");
	json_address(b, damage->address);
	json_member_number(b, ",\"offset\":", damage->offset);
	json_member_text(b, ",\"text\":", damage->text);
	textbuf_putc(b, '}');
}

/* Of what is not in the text, as a reader had consumed it */
int recording_damage_apart(struct recording *r, struct merge_error *err)
{
	const struct merge_buffer *buf;
	int ret = 0;

	for (unsigned int i = 1; !ret && (buf = merge_source_buffer(r->src, i)); i++) {
		struct merge_select sel = { .buffers = &buf->index, .nr_buffers = 1 };
		struct merge_iter *it;
		struct merge_event ev;

		ret = merge_iter_create(r->src, &sel, recording_damage, r, err, &it);
		if (ret)
			break;
		while ((ret = merge_iter_next(it, &ev)) > 0)
			;
		merge_iter_destroy(it);
	}
	return ret;
}

/* The wall's time when the clock was @ts, by the anchor that is nearer */
static void wall_time(const struct persist_header *h, const struct merge_buffer *buf,
		      const char *text, char wall[WALL_SIZE])
{
	const struct persist_anchor *a = &h->anchor[0], *b = &h->anchor[1];
	uint64_t ts;

	if (!buf->clock_in_ns || merge_time_parse(buf, text, &ts) || !a->wall)
		return;
	if (b->wall && llabs((int64_t)(ts - b->clock)) < llabs((int64_t)(ts - a->clock)))
		a = b;
	manifest_wall(a->wall + (ts - a->clock), wall);
}

int recording_span(struct recording *r, struct merge_error *err)
{
	const struct merge_buffer *buf = merge_source_buffer(r->src, 0);
	int ret = buf ? list_edge_times(r->src, buf, err, r->first, r->last) : 0;

	if (ret || !buf || !strcmp(r->first, "-"))
		return ret;
	wall_time(&r->slot->h, buf, r->first, r->from);
	wall_time(&r->slot->h, buf, r->last, r->to);
	return 0;
}

static const char *ending(uint32_t flags)
{
	return flags & TRACE_PERSIST_PANIC ? "panic" :
		flags & TRACE_PERSIST_STOPPED ? "stopped" : "not stopped";
}

static void put_address(struct textbuf *b, const char *key, uint64_t address)
{
	textbuf_puts(b, key);
	json_address(b, address);
}

static void put_kernel(struct textbuf *b, const struct persist_header *h)
{
	char boot[BOOT_ID_SIZE];

	recording_boot_id(h, boot);
	json_member_text(b, ",\"boot_id\":", boot);
	json_member_text(b, ",\"kernel\":{\"release\":", h->release);
	json_member_text(b, ",\"version\":", h->kernel_version);
	json_member_text(b, ",\"machine\":", h->machine);
	json_member_text(b, ",\"nodename\":", h->nodename);
	textbuf_puts(b, ",\"build_id\":");
	if (h->build_id_size)
		json_bytes(b, h->build_id, h->build_id_size);
	else
		textbuf_puts(b, "null");
	json_member_number(b, ",\"possible_cpus\":", h->nr_cpu_ids);
	put_address(b, ",\"text_base\":", h->text_base);
	textbuf_putc(b, '}');
}

static void put_region(struct textbuf *b, const struct persist_header *h)
{
	put_address(b, ",\"region\":{\"physical\":", h->phys);
	put_address(b, ",\"area\":", recording_area(h));
	put_address(b, ",\"offset\":", h->start);
	json_member_number(b, ",\"size\":", h->slot_size);
	json_member_number(b, ",\"slot\":", h->slot);
	json_member_number(b, ",\"slots\":", h->nr_slots);
	json_member_number(b, ",\"generation\":", h->generation);
	textbuf_puts(b, h->flags & TRACE_PERSIST_TABLES_FULL ? ",\"tables_full\":true}" :
		     ",\"tables_full\":false}");
}

static void put_span(struct textbuf *b, const struct recording *r)
{
	manifest_text(b, ",\"first\":", r->first);
	manifest_text(b, ",\"last\":", r->last);
	manifest_text(b, ",\"from\":", r->from);
	manifest_text(b, ",\"to\":", r->to);
}

/* Those in the files: what a reader had consumed is apart */
static uint64_t count_events(const struct recording *r)
{
	const struct merge_buffer *buf = merge_source_buffer(r->src, 0);
	uint64_t events = 0;

	for (unsigned int i = 0; buf && i < buf->nr_cpus; i++)
		events += r->info->cpus[i].events;
	return events;
}

static void put_loss(struct textbuf *b, const struct recording *r)
{
	const struct merge_stats *s = &r->info->stats;
	const struct merge_buffer *buf = merge_source_buffer(r->src, 0);
	uint64_t overwritten = 0, dropped = 0;

	for (unsigned int i = 0; buf && i < buf->nr_cpus; i++) {
		overwritten += buf->cpus[i].counters.overrun;
		dropped += buf->cpus[i].counters.dropped;
	}
	json_member_number(b, ",\"events\":", count_events(r));
	json_member_number(b, ",\"consumed\":", s->events - count_events(r));
	json_member_number(b, ",\"loss\":{\"overwritten\":", overwritten);
	json_member_number(b, ",\"dropped\":", dropped);
	json_member_number(b, ",\"lost\":", s->lost);
	json_member_number(b, ",\"lost_unknown\":", s->lost_unknown);
	json_member_number(b, ",\"damaged_subbufs\":", s->damaged);
	json_member_number(b, ",\"without_format\":", r->info->nr_kinds - r->info->nr_known);
	textbuf_puts(b, ",\"damage\":[");
	textbuf_put(b, r->damage.data, r->damage.len);
	textbuf_puts(b, "]}");
}

static void put_recording(struct textbuf *b, const struct recording *r)
{
	const struct persist_header *h = &r->slot->h;

	json_member_text(b, r->h->nr_recordings ? ",{\"image\":" : "{\"image\":", r->image);
	manifest_text(b, ",\"trace_dat\":", r->dat);
	manifest_text(b, ",\"text\":", r->text);
	put_kernel(b, h);
	put_region(b, h);
	json_member_text(b, ",\"ended\":", ending(h->flags));
	json_member_text(b, ",\"instance\":", h->instance);
	json_member_text(b, ",\"clock\":", h->clock);
	json_member_number(b, ",\"cpus\":", h->nr_chunks);
	put_span(b, r);
	put_loss(b, r);
	json_member_number(b, ",\"symbols\":", r->info->about.symbols);
	info_put_notices(b, r->src);
	textbuf_puts(b, r->ret ? ",\"complete\":false}" : ",\"complete\":true}");
}

void recording_tell(struct recording *r)
{
	struct harvest *h = r->h;
	const struct persist_header *head = &r->slot->h;
	char boot[BOOT_ID_SIZE];

	put_recording(&h->recordings, r);
	h->partial = h->partial || r->ret;
	if (h->nr_recordings++)
		return;
	recording_boot_id(head, boot);
	h->events = count_events(r);
	snprintf(h->about, sizeof(h->about), "boot %s of Linux %s, %s%s%s, %s", boot, head->release,
		 *r->from ? r->from : r->first, *r->last ? " to " : "",
		 *r->to ? r->to : r->last, ending(head->flags));
	error_one_line(h->about);
}
