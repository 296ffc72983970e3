// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bench-text text|json FILE: all events of a trace.dat to standard output, and to
 * standard error how many they were and the CPU seconds it took, opening included.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "libmerge.h"

int main(int argc, char **argv)
{
	struct merge_error err = { 0 };
	struct merge_stats stats;
	struct merge_source *src;
	struct merge_sink *sink;
	int ret;

	if (argc != 3)
		return 2;
	ret = merge_source_open(argv[2], NULL, &err, &src);
	if (!ret)
		ret = strcmp(argv[1], "json") ? merge_sink_text_create(stdout, &err, &sink) :
		      merge_sink_json_create(stdout, &err, &sink);
	if (!ret)
		ret = merge_pump_events(src, NULL, sink, NULL, &err, &stats);
	if (ret < 0) {
		fprintf(stderr, "bench-text: %s\n", err.text);
		return 1;
	}
	merge_sink_destroy(sink);
	merge_source_close(src);
	fprintf(stderr, "%llu %.6f\n", (unsigned long long)stats.events,
		(double)clock() / CLOCKS_PER_SEC);
	return 0;
}
