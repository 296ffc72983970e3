// SPDX-License-Identifier: LGPL-2.1-or-later
/* The lines among JSON Lines that are no events: see json_about.h. */
#include "json.h"
#include "json_about.h"

/* One more whenever a reader of the one before could be wrong about a line */
#define SCHEMA		"pstore_rb.events"
#define SCHEMA_VERSION	1

static const char *const kinds[] = {
	[MERGE_LIVE] = "live",
	[MERGE_SNAPSHOT] = "snapshot",
	[MERGE_PERSISTENT] = "persistent",
	[MERGE_UNCOMMITTED] = "uncommitted",
	[MERGE_PREVIOUS_BOOT] = "previous-boot",
	[MERGE_CONSUMED] = "consumed",
};

void json_about_header(struct textbuf *b, const struct merge_desc *d)
{
	json_member_text(b, "{\"type\":\"header\",\"schema\":", SCHEMA);
	json_member_number(b, ",\"version\":", SCHEMA_VERSION);
	json_member_text(b, ",\"libmerge\":", MERGE_VERSION);
	json_member_text(b, ",\"kernel\":{\"sysname\":", d->sysname);
	json_member_text(b, ",\"nodename\":", d->nodename);
	json_member_text(b, ",\"release\":", d->release);
	json_member_text(b, ",\"version\":", d->version);
	json_member_text(b, ",\"machine\":", d->machine);
	json_member_number(b, ",\"long_size\":", d->long_size);
	json_member_text(b, ",\"byte_order\":", d->big_endian ? "big" : "little");
	textbuf_puts(b, "}}");
}

void json_about_counters(struct textbuf *b, const struct merge_cpu *cpu)
{
	if (!cpu->has_counters)
		return;
	json_member_number(b, ",\"entries\":", cpu->counters.entries);
	json_member_number(b, ",\"overrun\":", cpu->counters.overrun);
	json_member_number(b, ",\"commit_overrun\":", cpu->counters.commit_overrun);
	json_member_number(b, ",\"dropped\":", cpu->counters.dropped);
	json_member_number(b, ",\"read\":", cpu->counters.read);
}

static void put_cpu(struct textbuf *b, const struct merge_cpu *cpu)
{
	json_member_number(b, "{\"cpu\":", cpu->cpu);
	json_about_counters(b, cpu);
	textbuf_putc(b, '}');
}

static void put_buffer(struct textbuf *b, const struct merge_buffer *buf)
{
	json_member_text(b, "{\"name\":", buf->name);
	json_member_text(b, ",\"kind\":", kinds[buf->kind]);
	json_member_number(b, ",\"subbuf_size\":", buf->subbuf_size);
	textbuf_puts(b, ",\"cpus\":[");
	for (unsigned int i = 0; i < buf->nr_cpus; i++) {
		if (i)
			textbuf_putc(b, ',');
		put_cpu(b, &buf->cpus[i]);
	}
	textbuf_puts(b, "]}");
}

void json_about_group(struct textbuf *b, const struct merge_buffer *const *bufs, size_t nr)
{
	json_member_text(b, "{\"type\":\"group\",\"clock\":", bufs[0]->clock);
	json_member_text(b, ",\"unit\":", bufs[0]->clock_in_ns ? "ns" : "ticks");
	textbuf_puts(b, ",\"buffers\":[");
	for (size_t i = 0; i < nr; i++) {
		if (i)
			textbuf_putc(b, ',');
		put_buffer(b, bufs[i]);
	}
	textbuf_puts(b, "]}");
}

void json_about_damage(struct textbuf *b, const struct merge_damage *damage)
{
	json_member_text(b, "{\"type\":\"damage\",\"buffer\":", damage->buffer->name);
	json_member_number(b, ",\"cpu\":", damage->cpu);
	json_member_number(b, ",\"subbuf\":", damage->subbuf);
	json_member_number(b, ",\"offset\":", damage->offset);
	textbuf_puts(b, ",\"address\":");
	json_address(b, damage->address);
	json_member_text(b, ",\"text\":", damage->text);
	textbuf_putc(b, '}');
}

void json_about_notice(struct textbuf *b, const struct merge_notice *notice)
{
	json_member_text(b, "{\"type\":\"notice\",\"text\":", notice->text);
	if (notice->buffer)
		json_member_text(b, ",\"buffer\":", notice->buffer->name);
	if (notice->cpu >= 0)
		json_member_number(b, ",\"cpu\":", (unsigned int)notice->cpu);
	textbuf_putc(b, '}');
}

void json_about_end(struct textbuf *b, const struct merge_stats *stats, uint64_t corrupt,
		    uint64_t unknown, const char *stopped)
{
	json_member_number(b, "{\"type\":\"end\",\"events\":", stats->events);
	json_member_number(b, ",\"lost\":", stats->lost);
	json_member_number(b, ",\"lost_unknown\":", stats->lost_unknown);
	json_member_number(b, ",\"damaged\":", stats->damaged);
	json_member_number(b, ",\"backwards\":", stats->backwards);
	json_member_number(b, ",\"corrupt\":", corrupt);
	json_member_number(b, ",\"unknown\":", unknown);
	if (stopped)
		json_member_text(b, ",\"stopped\":", stopped);
	textbuf_putc(b, '}');
}
