// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How fast sub-buffers become events: decoding alone, and decoding with the merge of
 * 4, 8 or 256 CPUs, for CPUs that are busy at once and for CPUs that are busy an
 * eighth of the time, in bursts that overlap at random. And how fast the same
 * records are put in one order two CPUs at a time, with a copy of all so far each
 * time, as pstore_ftrace_combine_log() of the kernel's fs/pstore/inode.c does it;
 * they are given to it decoded.
 * The sub-buffers are made up, lie in memory and are handed out in place: what is
 * measured is libmerge and the memory, no source. All cases take turns, 3 times;
 * measured is CPU time. One line per case: its name, then millions of events per
 * second, each time.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "page_build.h"
#include "stream.h"

#define MAX_CPUS	256
#define SUBBUF_SIZE	4096
#define RUNS		3

/* What pairwise merging moves: struct pstore_ftrace_record has as many bytes */
struct pair_record {
	uint64_t ts, ip, parent_ip;
};

/*
 * @data: the sub-buffers, CPU after CPU
 * @decoded, @nr_decoded: by CPU, for pairwise merging
 */
struct bench {
	uint8_t *data;
	size_t subbufs;		/* in all */
	size_t nr_cpus;
	size_t subbufs_per_cpu;
	struct pair_record *decoded[MAX_CPUS];
	size_t nr_decoded[MAX_CPUS];
	uint64_t sum;		/* of time stamps, so that nothing is optimized out */
};

struct bench_case {
	const char *name;
	unsigned int nr_cpus;
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
	return b->data + (i * b->nr_cpus + cpu) * SUBBUF_SIZE;
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
				delta += burst * 100 * (b->nr_cpus - 1);
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
	struct merge_cpu *cpus = calloc(row->nr_cpus, sizeof(*cpus));
	struct merge_buffer buf = {
		.name = "bench", .instance = "", .clock = "local", .clock_in_ns = true,
		.subbuf_size = SUBBUF_SIZE, .nr_cpus = row->nr_cpus, .cpus = cpus,
	};

	if (!src || !cpus)
		exit(1);
	b->nr_cpus = row->nr_cpus;
	b->subbufs_per_cpu = b->subbufs / row->nr_cpus;
	for (unsigned int cpu = 0; cpu < row->nr_cpus; cpu++) {
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

	for (unsigned int cpu = 0; cpu < b->nr_cpus; cpu++) {
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

static void decode_cpu(struct bench *b, struct merge_source *src, unsigned int cpu)
{
	struct merge_stats stats = { 0 };
	struct merge_error err = { 0 };
	struct merge_event ev;
	struct stream s;
	size_t room = b->subbufs_per_cpu * (SUBBUF_SIZE / 12);

	b->nr_decoded[cpu] = 0;
	b->decoded[cpu] = malloc(room * sizeof(**b->decoded));
	if (!b->decoded[cpu] || stream_init(&s, src, src->buffers, cpu, &stats, NULL, NULL, &err))
		exit(1);
	while (stream_peek(&s) == 1) {
		stream_take(&s, &ev);
		b->decoded[cpu][b->nr_decoded[cpu]++] = (struct pair_record){ .ts = ev.ts };
	}
	stream_deinit(&s);
}

/* Both in one order, in new memory */
static struct pair_record *merge_two(const struct pair_record *a, size_t nr_a,
				     const struct pair_record *b, size_t nr_b)
{
	struct pair_record *both = malloc((nr_a + nr_b + 1) * sizeof(*both)), *to = both;
	const struct pair_record *end_a = a + nr_a, *end_b = b + nr_b;

	if (!both)
		exit(1);
	while (a < end_a || b < end_b) {
		if (b == end_b || (a < end_a && a->ts < b->ts))
			*to++ = *a++;
		else
			*to++ = *b++;
	}
	return both;
}

/* Decoding first, which is not measured: see run_case() */
static uint64_t run_pairwise(struct merge_source *src)
{
	struct bench *b = src->priv;
	struct pair_record *all = NULL;
	uint64_t events = 0;

	for (unsigned int cpu = 0; cpu < b->nr_cpus; cpu++) {
		struct pair_record *both = merge_two(all, events, b->decoded[cpu],
						     b->nr_decoded[cpu]);

		free(all);
		all = both;
		events += b->nr_decoded[cpu];
	}
	b->sum += all[events - 1].ts;
	free(all);
	return events;
}

static const struct bench_case cases[] = {
	{ "decode", 8, 1, false, run_decode },
	{ "decode_big_endian", 8, 1, true, run_decode },
	{ "merge_at_once", 8, 1, false, run_merge },
	{ "merge_bursts_10", 8, 10, false, run_merge },
	{ "merge_bursts_100", 8, 100, false, run_merge },
	{ "merge_4", 4, 1, false, run_merge },
	{ "merge_256", 256, 1, false, run_merge },
	{ "pairwise_8", 8, 1, false, run_pairwise },
	{ "pairwise_256", 256, 1, false, run_pairwise },
};

#define NR_CASES	(sizeof(cases) / sizeof(*cases))

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* Return: millions of events per second */
static double run_case(struct bench *b, const struct bench_case *row)
{
	struct merge_source *src = open_source(b, row);
	bool pairwise = row->run == run_pairwise;
	double start, rate;

	for (unsigned int cpu = 0; pairwise && cpu < row->nr_cpus; cpu++)
		decode_cpu(b, src, cpu);
	start = now();
	rate = row->run(src) / (now() - start) / 1e6;
	for (unsigned int cpu = 0; pairwise && cpu < row->nr_cpus; cpu++)
		free(b->decoded[cpu]);
	merge_source_close(src);
	return rate;
}

/* argv[1]: sub-buffers in all, 16384 when not given: 64 MiB */
int main(int argc, char **argv)
{
	struct bench b = { .subbufs = argc > 1 ? strtoul(argv[1], NULL, 0) : 16384 };
	double rate[NR_CASES][RUNS];

	b.data = malloc(b.subbufs * SUBBUF_SIZE);
	if (!b.data || b.subbufs < MAX_CPUS)
		return 1;
	for (unsigned int i = 0; i < RUNS; i++)
		for (size_t c = 0; c < NR_CASES; c++)
			rate[c][i] = run_case(&b, &cases[c]);
	for (size_t c = 0; c < NR_CASES; c++) {
		printf("%s", cases[c].name);
		for (unsigned int i = 0; i < RUNS; i++)
			printf(" %.2f", rate[c][i]);
		printf("\n");
	}
	free(b.data);
	return b.sum == 0;
}
