// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What somebody builds against libmerge-dev: prints a trace as text.
 * usage: program FILE
 */
#include <libmerge.h>

int main(int argc, char **argv)
{
	struct merge_error err = { 0 };
	struct merge_source *src;
	struct merge_sink *sink;
	int ret;

	if (argc != 2)
		return 2;
	ret = merge_source_open(argv[1], NULL, &err, &src);
	if (!ret) {
		ret = merge_sink_text_create(stdout, &err, &sink);
		if (!ret) {
			ret = merge_pump_events(src, NULL, sink, NULL, &err, NULL);
			merge_sink_destroy(sink);
		}
		merge_source_close(src);
	}
	if (ret < 0)
		fprintf(stderr, "%s\n", err.text);
	return ret != 0;
}
