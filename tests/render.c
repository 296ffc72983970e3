// SPDX-License-Identifier: GPL-2.0-or-later
/* What comes out of an image as text, and random images: see mkimage.h. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "mkimage.h"
#include "page_build.h"
#include "tests.h"

static void print_lost(FILE *out, uint64_t lost)
{
	if (lost == MERGE_LOST_UNKNOWN)
		fprintf(out, " lost=?");
	else if (lost)
		fprintf(out, " lost=%" PRIu64, lost);
}

void image_print_event(FILE *out, const struct merge_event *ev)
{
	uint32_t number = 0;

	if (ev->size >= 8)
		memcpy(&number, (const uint8_t *)ev->data + 4, sizeof(number));
	fprintf(out, "%s/%u %" PRIu64 " %u", ev->buffer->name, ev->cpu, ev->ts, number);
	print_lost(out, ev->lost);
	fprintf(out, "%s\n", ev->flags & MERGE_EVENT_BACKWARDS ? " back" : "");
}

void image_print_damage(FILE *out, const struct merge_damage *damage)
{
	fprintf(out, "! %s/%u %zu@%u %s %s\n", damage->buffer->name, damage->cpu,
		damage->subbuf, damage->offset, strerrorname_np(-damage->code),
		damage->text);
}

static void print_damage(void *out, const struct merge_damage *damage)
{
	image_print_damage(out, damage);
}

char *image_render(struct merge_source *src, const struct merge_select *sel,
		   struct merge_stats *stats)
{
	struct merge_error err = { 0 };
	struct merge_iter *it;
	struct merge_event ev;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int ret = merge_iter_create(src, sel, print_damage, out, &err, &it);

	if (!ret) {
		while ((ret = merge_iter_next(it, &ev)) == 1)
			image_print_event(out, &ev);
		if (stats)
			*stats = *merge_iter_stats(it);
		merge_iter_destroy(it);
	}
	if (ret)
		fprintf(out, "= %d %s\n", ret, err.text);
	fclose(out);
	merge_source_close(src);
	return text;
}

/* ---- the sink ------------------------------------------------------------ */

static int begin(struct merge_sink *sink, const struct merge_buffer *const *bufs,
		 size_t nr, struct merge_error *err)
{
	(void)err;
	fprintf(sink->priv, "begin");
	for (size_t i = 0; i < nr; i++)
		fprintf(sink->priv, " %s", bufs[i]->name);
	fprintf(sink->priv, "\n");
	return 0;
}

static int take_event(struct merge_sink *sink, const struct merge_event *ev,
		      struct merge_error *err)
{
	(void)err;
	image_print_event(sink->priv, ev);
	return 0;
}

static int take_cpu(struct merge_sink *sink, const struct merge_buffer *buf,
		    const struct merge_cpu *cpu, struct merge_error *err)
{
	(void)err;
	fprintf(sink->priv, "cpu %s/%u\n", buf->name, cpu->cpu);
	return 0;
}

static int take_damage(struct merge_sink *sink, const struct merge_damage *damage,
		       struct merge_error *err)
{
	(void)err;
	image_print_damage(sink->priv, damage);
	return 0;
}

/* The bytes up to the last that is not 0 */
static int take_page(struct merge_sink *sink, const void *data, uint32_t size,
		     uint64_t lost, struct merge_error *err)
{
	const uint8_t *bytes = data;

	(void)err;
	fprintf(sink->priv, "page %u", size);
	print_lost(sink->priv, lost);
	while (size && !bytes[size - 1])
		size--;
	for (uint32_t i = 0; i < size; i++)
		fprintf(sink->priv, "%s%02x", i % 8 ? "" : " ", bytes[i]);
	fprintf(sink->priv, "\n");
	return 0;
}

static int end(struct merge_sink *sink, struct merge_source *src,
	       const struct merge_stats *stats, const uint8_t *ids, struct merge_error *err)
{
	(void)src;
	(void)err;
	fprintf(sink->priv, "end %" PRIu64 " events", stats->events);
	for (unsigned int id = 0; ids && id < 65536; id++)
		if (ids[id / 8] >> id % 8 & 1)
			fprintf(sink->priv, " %u", id);
	fprintf(sink->priv, "\n");
	return 0;
}

static void stop(struct merge_sink *sink, struct merge_source *src,
		 const struct merge_stats *stats, int code, const struct merge_error *err)
{
	(void)src;
	fprintf(sink->priv, "stop %" PRIu64 " events %d %s\n", stats->events, code, err->text);
}

static const struct sink_ops event_ops = {
	.name = "the test", .begin = begin, .event = take_event,
	.damage = take_damage, .end = end, .stop = stop,
};

static const struct sink_ops page_ops = {
	.name = "the test", .begin = begin, .cpu = take_cpu, .page = take_page,
	.damage = take_damage, .end = end, .stop = stop,
};

struct merge_sink image_sink(FILE *out, bool pages)
{
	return (struct merge_sink){ .ops = pages ? &page_ops : &event_ops, .priv = out };
}

/* ---- random images ------------------------------------------------------- */

/* What stands behind "page ts=N" to ruin the sub-buffer */
static const char *const ruins[] = {
	"error=61", "error=14", "cut=12", "\ncommit 4096",
};

/* A sub-buffer from *@ts on, sometimes with a loss before it or damage in it */
static void random_page(FILE *out, uint64_t *state, uint64_t *ts, unsigned int flags)
{
	unsigned int events = test_random(state) % 7;

	fprintf(out, "page ts=%" PRIu64 "%s\n", *ts,
		test_random(state) % 5 ? "" : " missed=3");
	for (unsigned int i = 0; i < events; i++) {
		/* often no time passes, so that time stamps are equal */
		uint64_t delta = test_random(state) % 3 ? test_random(state) % 8 : 0;

		fprintf(out, "event +%" PRIu64 " id=%u\n", delta,
			(unsigned int)(test_random(state) % 4));
		*ts += delta;
	}
	if (flags & IMAGE_BACKWARDS && *ts > 30 && test_random(state) % 4 == 0) {
		*ts -= test_random(state) % 30;
		fprintf(out, "stamp %" PRIu64 "\nevent +0\n", *ts);
	}
	if (flags & IMAGE_DAMAGE && test_random(state) % 4 == 0)
		fprintf(out, "raw 1d\n");
	*ts += test_random(state) % 3 ? test_random(state) % 20 : 0;
}

char *image_random(uint64_t seed, unsigned int nr_cpus, unsigned int flags)
{
	size_t size, nr_ruins = sizeof(ruins) / sizeof(*ruins);
	char *text = NULL;
	FILE *out = open_memstream(&text, &size);

	for (unsigned int cpu = 0; cpu < nr_cpus; cpu++) {
		unsigned int pages = test_random(&seed) % 9;
		uint64_t ts = 1 + test_random(&seed) % 20;

		if (cpu == nr_cpus / 2)
			fprintf(out, "buffer second\n");
		fprintf(out, "cpu %u\n", 3 * cpu);
		for (unsigned int i = 0; i < pages; i++)
			if (flags & IMAGE_DAMAGE && test_random(&seed) % 5 == 0)
				fprintf(out, "page ts=%" PRIu64 " %s\n", ts,
					ruins[test_random(&seed) % nr_ruins]);
			else
				random_page(out, &seed, &ts, flags);
	}
	fclose(out);
	return text;
}
