// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How fast sub-buffers become events: decoding alone, and decoding with the
 * merge of 8 CPUs, for CPUs that are busy at once and for CPUs that are busy
 * an eighth of the time, in bursts that overlap at random.
 * The sub-buffers are made up, lie in memory and are handed out in place: what
 * is measured is libmerge and the memory, no source. One line per case:
 * median of 5 runs, and their spread.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "page_build.h"
#include "stream.h"

#define NR_CPUS		8
#define SUBBUF_SIZE	4096
#define RUNS		5

struct bench {
	uint8_t *data;
	size_t subbufs_per_cpu;
	uint64_t sum;		/* of time stamps, so that nothing is optimized out */
};

struct bench_case {
	const char *name;
	unsigned int burst;	/* events of a CPU before it pauses, on average */
	bool big_endian;
	uint64_t (*run)(struct merge_source *src);
};

static uint64_t random_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* ---- sub-buffers --------------------------------------------------------- */

static uint8_t *subbuf_at(const struct bench *b, size_t cpu, size_t i)
{
	return b->data + (cpu * b->subbufs_per_cpu + i) * SUBBUF_SIZE;
}

/* Records of 8 to 60 bytes, as trace events are; time as the burst wants it. */
static void fill_cpu(struct bench *b, size_t cpu, unsigned int burst, bool big_endian)
{
	uint64_t state = cpu + 1, ts = 1000000 + random_next(&state) % 1000;
	uint8_t record[60] = { 1 };
	uint64_t left = burst;

	for (size_t i = 0; i < b->subbufs_per_cpu; i++) {
		struct page_build page;
		uint64_t delta = 0;

		page_build_init(&page, subbuf_at(b, cpu, i), SUBBUF_SIZE, 8, big_endian, ts);
		while (!page_build_event(&page, delta, record,
					 8 + random_next(&state) % 14 * 4)) {
			ts += delta;
			delta = random_next(&state) % 200 + 1;
			if (!--left) {
				left = 1 + random_next(&state) % (2 * burst);
				delta += burst * 100 * (NR_CPUS - 1);
			}
		}
		ts += delta;
		page_build_finish(&page, 0);
	}
}

static int read_subbuf(struct merge_source *src, const struct merge_buffer *buf,
		       unsigned int cpu_index, size_t i, void *data,
		       struct merge_error *err, struct subbuf *sb)
{
	(void)data;
	(void)err;
	*sb = (struct subbuf){ .data = subbuf_at(src->priv, cpu_index, i),
			       .size = buf->subbuf_size };
	return 0;
}

static int read_time(struct merge_source *src, const struct merge_buffer *buf,
		     unsigned int cpu_index, size_t i, uint64_t *ts)
{
	(void)buf;
	*ts = page_time(subbuf_at(src->priv, cpu_index, i), src->big_endian);
	return 0;
}

static const struct source_ops bench_ops = {
	.name = "bench",
	.read = read_subbuf,
	.time = read_time,
};

static struct merge_source *open_source(struct bench *b, const struct bench_case *row)
{
	struct merge_source *src = source_create(&bench_ops, b, 8, row->big_endian);
	struct merge_cpu *cpus = calloc(NR_CPUS, sizeof(*cpus));
	struct merge_buffer buf = {
		.name = "bench", .instance = "", .clock = "local", .clock_in_ns = true,
		.subbuf_size = SUBBUF_SIZE, .nr_cpus = NR_CPUS, .cpus = cpus,
	};

	if (!src || !cpus)
		exit(1);
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		cpus[cpu] = (struct merge_cpu){ .cpu = cpu, .nr_subbufs = b->subbufs_per_cpu };
		fill_cpu(b, cpu, row->burst, row->big_endian);
	}
	if (source_add_buffer(src, &buf))
		exit(1);
	return src;
}

/* ---- what is measured ---------------------------------------------------- */

/* Every CPU by itself: no merge. Return: events. */
static uint64_t run_decode(struct merge_source *src)
{
	struct bench *b = src->priv;
	struct merge_stats stats = { 0 };
	struct merge_error err = { 0 };
	uint64_t events = 0;

	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		struct stream s;
		struct merge_event ev;

		if (stream_init(&s, src, src->buffers, cpu, &stats, NULL, NULL, &err))
			exit(1);
		while (stream_peek(&s) == 1) {
			stream_take(&s, &ev);
			b->sum += ev.ts;
			events++;
		}
		stream_deinit(&s);
	}
	return events;
}

static uint64_t run_merge(struct merge_source *src)
{
	struct bench *b = src->priv;
	struct merge_error err = { 0 };
	struct merge_iter *it;
	struct merge_event ev;
	uint64_t events, last = 0;

	if (merge_iter_create(src, NULL, NULL, NULL, &err, &it))
		exit(1);
	while (merge_iter_next(it, &ev) == 1) {
		b->sum += ev.ts;
		if (ev.ts < last)
			exit(1);
		last = ev.ts;
	}
	events = merge_iter_stats(it)->events;
	merge_iter_destroy(it);
	return events;
}

static const struct bench_case cases[] = {
	{ "decode", 1, false, run_decode },
	{ "decode, big endian", 1, true, run_decode },
	{ "decode + merge, all CPUs at once", 1, false, run_merge },
	{ "decode + merge, bursts of 10", 10, false, run_merge },
	{ "decode + merge, bursts of 100", 100, false, run_merge },
};

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void run_case(struct bench *b, const struct bench_case *row)
{
	struct merge_source *src = open_source(b, row);
	double rate[RUNS];
	uint64_t events = row->run(src);	/* once to warm up */

	for (int i = 0; i < RUNS; i++) {
		double start = now();

		if (row->run(src) != events)
			exit(1);
		rate[i] = events / (now() - start) / 1e6;
	}
	qsort(rate, RUNS, sizeof(*rate), compare);
	printf("%-34s %8.1f M events/s  (%.1f - %.1f)  %llu events\n", row->name,
	       rate[RUNS / 2], rate[0], rate[RUNS - 1], (unsigned long long)events);
	merge_source_close(src);
}

/* argv[1]: sub-buffers per CPU, 2000 when not given (8 CPUs: 64 MB) */
int main(int argc, char **argv)
{
	struct bench b = { .subbufs_per_cpu = argc > 1 ? strtoul(argv[1], NULL, 0) : 2000 };

	b.data = malloc(NR_CPUS * b.subbufs_per_cpu * SUBBUF_SIZE);
	if (!b.data)
		return 1;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		run_case(&b, &cases[i]);
	free(b.data);
	return b.sum == 0;
}
