// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Tables of buffers and of CPUs.
 */
#include <inttypes.h>
#include <string.h>

#include "list.h"

static const char *const kind_names[] = {
	[MERGE_LIVE] = "live",
	[MERGE_SNAPSHOT] = "snapshot",
	[MERGE_PERSISTENT] = "persistent",
	[MERGE_UNCOMMITTED] = "uncommitted",
	[MERGE_PREVIOUS_BOOT] = "previous-boot",
	[MERGE_CONSUMED] = "consumed",
};

/* "0-2,5"; cut with "..." when it does not fit */
static void print_cpus(const struct merge_buffer *buf, char *text, size_t size)
{
	size_t len = 0;

	text[0] = 0;
	for (unsigned int i = 0, run; i < buf->nr_cpus; i = run) {
		unsigned int first = buf->cpus[i].cpu, last = first;
		int n;

		for (run = i + 1; run < buf->nr_cpus && buf->cpus[run].cpu == last + 1; run++)
			last++;
		n = snprintf(text + len, size - len, first == last ? "%s%u" : "%s%u-%u",
			     len ? "," : "", first, last);
		if (len + n >= size) {
			snprintf(text + size - 4, 4, "...");
			return;
		}
		len += n;
	}
}

/* Sums over the CPUs; false when some CPU's counts are unreadable */
static bool sum_counters(const struct merge_buffer *buf, struct merge_counters *sum)
{
	bool all = true;

	memset(sum, 0, sizeof(*sum));
	for (unsigned int i = 0; i < buf->nr_cpus; i++) {
		const struct merge_counters *c = &buf->cpus[i].counters;

		all = all && buf->cpus[i].has_counters;
		sum->entries += c->entries;
		sum->overrun += c->overrun;
		sum->dropped += c->dropped + c->commit_overrun;
	}
	return all;
}

/* The first event of @sel, or the last with sel->last 1, as text; "-" without events */
static int edge_time(struct merge_source *src, const struct merge_buffer *buf, uint64_t last,
		     struct merge_error *err, char *text, size_t size)
{
	struct merge_select sel = { .buffers = &buf->index, .nr_buffers = 1, .last = last };
	struct merge_iter *it;
	struct merge_event ev;
	int ret = merge_iter_create(src, &sel, NULL, NULL, err, &it);

	if (ret)
		return ret;
	snprintf(text, size, "-");
	ret = merge_iter_next(it, &ev);
	if (ret > 0)
		merge_time_print(buf, ev.ts, text, size);
	merge_iter_destroy(it);
	return ret < 0 ? ret : 0;
}

const char *list_kind(const struct merge_buffer *buf)
{
	return kind_names[buf->kind];
}

int list_edge_times(struct merge_source *src, const struct merge_buffer *buf,
		    struct merge_error *err, char first[24], char last[24])
{
	int ret = edge_time(src, buf, 0, err, first, 24);

	return ret ? ret : edge_time(src, buf, 1, err, last, 24);
}

/* Go through the events of @sel for what is counted on the way. */
static int decode(struct merge_source *src, const struct merge_select *sel,
		  const struct merge_watch *watch, struct merge_error *err,
		  struct merge_stats *stats)
{
	struct merge_iter *it;
	struct merge_event ev;
	int ret = merge_iter_create(src, sel, watch->damage, watch->arg, err, &it);

	if (ret)
		return ret;
	do
		ret = merge_iter_next(it, &ev);
	while (ret > 0);
	*stats = *merge_iter_stats(it);
	merge_iter_destroy(it);
	return ret;
}

static int count_events(struct merge_source *src, const struct merge_buffer *buf,
			struct merge_error *err, uint64_t *count)
{
	const struct merge_select sel = { .buffers = &buf->index, .nr_buffers = 1 };
	const struct merge_watch nobody = { 0 };
	struct merge_stats stats = { 0 };
	int ret = decode(src, &sel, &nobody, err, &stats);

	*count = stats.events;
	return ret;
}

/* The kernel has no count of what is not committed, nor a persistent region of anything */
static bool is_uncounted(const struct merge_buffer *buf)
{
	return buf->uncounted || buf->kind == MERGE_UNCOMMITTED;
}

static int list_buffer(struct merge_source *src, const struct merge_buffer *buf, bool count,
		       FILE *out, struct merge_error *err)
{
	bool decoded = count || is_uncounted(buf);
	struct merge_counters sum;
	const char *doubt = sum_counters(buf, &sum) || decoded ? "" : "?";
	char cpus[16], first[24], last[24];
	int ret = list_edge_times(src, buf, err, first, last);

	if (!ret && decoded)
		ret = count_events(src, buf, err, &sum.entries);
	if (ret)
		return ret;
	print_cpus(buf, cpus, sizeof(cpus));
	fprintf(out, "%-20s %-13s %-8s %6u %10" PRIu64 "%-1s %10" PRIu64 " %6" PRIu64
		" %16s %16s  %s\n", buf->name, kind_names[buf->kind], cpus,
		buf->subbuf_size / 1024, sum.entries, doubt, sum.overrun, sum.dropped,
		first, last, buf->clock);
	return 0;
}

int list_buffers(struct merge_source *src, bool count, FILE *out, struct merge_error *err)
{
	int ret = 0;

	fprintf(out, "%-20s %-13s %-8s %6s %10s  %10s %6s %16s %16s  %s\n", "BUFFER", "KIND",
		"CPUS", "SUBBUF", "EVENTS", "OVERRUN", "LOST", "FIRST", "LAST", "CLOCK");
	for (unsigned int i = 0; !ret && i < merge_source_nr_buffers(src); i++)
		ret = list_buffer(src, merge_source_buffer(src, i), count, out, err);
	return ret;
}

/* ---- stat ------------------------------------------------------------------ */

static int decode_cpu(struct merge_source *src, const struct merge_buffer *buf,
		      unsigned int cpu, const struct merge_watch *watch,
		      struct merge_error *err, struct merge_stats *stats)
{
	const struct merge_select sel = { .buffers = &buf->index, .nr_buffers = 1,
					  .cpus = &cpu, .nr_cpus = 1 };

	return decode(src, &sel, watch, err, stats);
}

void list_add_stats(struct merge_stats *sum, const struct merge_stats *stats)
{
	sum->events += stats->events;
	sum->lost += stats->lost;
	sum->lost_unknown += stats->lost_unknown;
	sum->backwards += stats->backwards;
	sum->subbufs += stats->subbufs;
	sum->damaged += stats->damaged;
	sum->bytes += stats->bytes;
}

/*
 * What the kernel's counts say of @events decoded. Who recorded them may have asked
 * for the counts behind its reads, or amid them: then the two bound what there was.
 */
static const char *verdict(const struct merge_buffer *buf, const struct merge_counters *c,
			   uint64_t events)
{
	uint64_t most = c->entries + (buf->counted_reading ? c->read : 0);

	if (events == c->entries || events == most)
		return "complete";
	return events > c->entries && events < most ? "unproven" : "DIFFERS";
}

static const char *state_of(const struct merge_buffer *buf, const struct merge_cpu *cpu,
			    const struct merge_stats *stats)
{
	if (buf->kind == MERGE_UNCOMMITTED)
		return "not committed";
	if (buf->kind == MERGE_CONSUMED)
		return "consumed";
	if (stats->damaged)
		return "damaged";
	if (buf->uncounted)
		return "not counted";
	if (!cpu->has_counters)
		return "the kernel's counts are unreadable";
	return verdict(buf, &cpu->counters, stats->events);
}

/* 0 when nothing is damaged, and the kernel counted what was decoded or nothing; 1 when not */
static int print_cpu(const struct merge_buffer *buf, const struct merge_cpu *cpu,
		     const struct merge_stats *stats, FILE *out)
{
	const struct merge_counters *c = &cpu->counters;
	bool differs = !is_uncounted(buf) &&
		(!cpu->has_counters || !strcmp(verdict(buf, c, stats->events), "DIFFERS"));

	fprintf(out, "%-20s %4u %10" PRIu64 " %10" PRIu64 " %10" PRIu64 " %8" PRIu64 " %7" PRIu64
		" %7" PRIu64 "  %s\n", buf->name, cpu->cpu, stats->events, c->entries,
		c->overrun, c->dropped + c->commit_overrun, stats->subbufs, stats->damaged,
		state_of(buf, cpu, stats));
	return differs || stats->damaged;
}

static bool is_listed(const unsigned int *list, size_t nr, unsigned int value)
{
	for (size_t i = 0; i < nr; i++)
		if (list[i] == value)
			return true;
	return false;
}

static bool buffer_selected(const struct merge_select *sel, const struct merge_buffer *buf)
{
	return sel->buffers ? is_listed(sel->buffers, sel->nr_buffers, buf->index) :
	       !merge_buffer_is_apart(buf);
}

static int stat_buffer(struct merge_source *src, const struct merge_buffer *buf,
		       const struct merge_select *sel, const struct merge_watch *watch,
		       FILE *out, struct merge_error *err, struct merge_stats *sum)
{
	int ret = 0, partial = 0;

	for (unsigned int i = 0; i < buf->nr_cpus; i++) {
		const struct merge_cpu *cpu = &buf->cpus[i];
		struct merge_stats stats = { 0 };

		if (sel->cpus && !is_listed(sel->cpus, sel->nr_cpus, cpu->cpu))
			continue;
		ret = decode_cpu(src, buf, cpu->cpu, watch, err, &stats);
		if (ret)
			return ret;
		partial |= print_cpu(buf, cpu, &stats, out);
		list_add_stats(sum, &stats);
	}
	return partial;
}

int list_stat(struct merge_source *src, const struct merge_select *sel,
	      const struct merge_watch *watch, FILE *out, struct merge_error *err,
	      struct merge_stats *sum)
{
	int ret = 0, partial = 0;

	fprintf(out, "%-20s %4s %10s %10s %10s %8s %7s %7s  %s\n", "BUFFER", "CPU", "DECODED",
		"ENTRIES", "OVERRUN", "LOST", "SUBBUFS", "DAMAGED", "STATE");
	for (unsigned int i = 0; ret >= 0 && i < merge_source_nr_buffers(src); i++) {
		const struct merge_buffer *buf = merge_source_buffer(src, i);

		if (!buffer_selected(sel, buf))
			continue;
		ret = stat_buffer(src, buf, sel, watch, out, err, sum);
		partial |= ret > 0;
	}
	return ret < 0 ? ret : partial;
}
