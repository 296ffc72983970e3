// SPDX-License-Identifier: LGPL-2.1-or-later
/* What is said beside events: see notes.h. */
#include <errno.h>

#include "notes.h"

void notes_apart(FILE *out, struct merge_source *src, const struct options *opt,
		 const char *mark)
{
	const struct merge_buffer *buf;

	for (unsigned int i = 0; !opt->sel.buffers && (buf = merge_source_buffer(src, i)); i++) {
		if (!merge_buffer_is_apart(buf))
			continue;
		fprintf(out, "%sbuffer %s %s: -%c or -b %s gives it\n", mark, buf->name,
			buf->kind == MERGE_UNCOMMITTED ?
			"was being written when the kernel stopped" : "is of a previous boot",
			buf->kind == MERGE_UNCOMMITTED ? 'u' : 'p', buf->name);
	}
}

void notes_missing(FILE *out, struct merge_source *src)
{
	const struct merge_notice *notice;

	for (unsigned int i = 0; (notice = merge_source_notice(src, i)); i++)
		fprintf(out, "# warning: %s\n", notice->text);
}

void notes_nothing(FILE *out, const struct options *opt)
{
	fprintf(out, "# there is no buffer %s%s%s\n",
		opt->uncommitted ? "with uncommitted events" : "",
		opt->uncommitted && opt->previous_boot ? ", and none " : "",
		opt->previous_boot ? "of a previous boot" : "");
}

void notes_outcome(FILE *out, int ret, const struct merge_stats *stats)
{
	if (ret == -EINTR)
		fprintf(out, "# interrupted after %llu events\n",
			(unsigned long long)stats->events);
	else if (ret > 0)
		notes_partial(out, "# ", stats);
}

void notes_partial(FILE *out, const char *before, const struct merge_stats *stats)
{
	fprintf(out, "%spartial: %llu sub-buffers damaged, %llu events known to be lost", before,
		(unsigned long long)stats->damaged, (unsigned long long)stats->lost);
	if (stats->backwards)
		fprintf(out, ", time goes backwards %llu times",
			(unsigned long long)stats->backwards);
	fputc('\n', out);
}
