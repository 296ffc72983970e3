// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Load a trace.dat as KernelShark does, all buffers, and print a line for each:
 * name, CPUs there may be, rows, events of each CPU that has any as CPU=COUNT,
 * pids. usage: kshark-load trace.dat
 */
#include <libkshark-tepdata.h>
#include <libkshark.h>
#include <stdio.h>
#include <stdlib.h>

#define MAX_CPUS	1024

static void print_stream(struct kshark_context *ctx, int sd, const char *name)
{
	struct kshark_data_stream *stream = kshark_get_data_stream(ctx, sd);
	struct kshark_entry **rows = NULL;
	static size_t counts[MAX_CPUS];
	ssize_t nr = kshark_load_entries(ctx, sd, &rows), tasks;
	int *pids = NULL;

	for (int cpu = 0; cpu < MAX_CPUS; cpu++)
		counts[cpu] = 0;
	for (ssize_t i = 0; i < nr; i++) {
		/* negative ids are KernelShark's own, such as missed events */
		if (rows[i]->event_id >= 0 && rows[i]->cpu >= 0 && rows[i]->cpu < MAX_CPUS)
			counts[rows[i]->cpu]++;
		free(rows[i]);
	}
	free(rows);
	printf("%s cpus %d rows %zd events", name, stream->n_cpus, nr);
	for (int cpu = 0; cpu < MAX_CPUS; cpu++)
		if (counts[cpu])
			printf(" %d=%zu", cpu, counts[cpu]);
	tasks = kshark_get_task_pids(ctx, sd, &pids);
	printf(" pids");
	for (ssize_t i = 0; i < tasks; i++)
		printf(" %d", pids[i]);
	printf("\n");
	free(pids);
}

int main(int argc, char **argv)
{
	struct kshark_context *ctx = NULL;
	int *ids, sd;

	if (argc != 2 || !kshark_instance(&ctx))
		return 2;
	sd = kshark_open(ctx, argv[1]);
	if (sd < 0) {
		fprintf(stderr, "kshark-load: %s: libkshark does not open it: %d\n", argv[1], sd);
		return 1;
	}
	if (kshark_tep_init_all_buffers(ctx, sd) < 0) {
		fprintf(stderr, "kshark-load: %s: its buffers cannot be opened\n", argv[1]);
		return 1;
	}
	ids = kshark_all_streams(ctx);
	/* libkshark 2.2.1 leaves bytes of something else as the name of the first stream */
	for (int i = 0; ids && i < ctx->n_streams; i++)
		print_stream(ctx, ids[i], ids[i] == sd ? "top" :
			     kshark_get_data_stream(ctx, ids[i])->name);
	free(ids);
	kshark_close_all(ctx);
	kshark_free(ctx);
	return 0;
}
