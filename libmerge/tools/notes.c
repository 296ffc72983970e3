// SPDX-License-Identifier: LGPL-2.1-or-later
/* What is said beside events: see notes.h. */
#include <errno.h>

#include "notes.h"

/* Buffers that are apart, by kind */
static const struct apart {
	char option;
	const char *is;		/* of a buffer */
	const char *none;	/* of there being none */
} apart[] = {
	[MERGE_UNCOMMITTED] = { 'u', "was being written when the kernel stopped",
				"with uncommitted events" },
	[MERGE_PREVIOUS_BOOT] = { 'p', "is of a previous boot", "of a previous boot" },
	[MERGE_CONSUMED] = { 'C', "had been consumed by a reader", "that a reader had consumed" },
};

void notes_apart(FILE *out, struct merge_source *src, const struct options *opt,
		 const char *mark)
{
	const struct merge_buffer *buf;

	for (unsigned int i = 0; !opt->sel.buffers && (buf = merge_source_buffer(src, i)); i++)
		if (merge_buffer_is_apart(buf))
			fprintf(out, "%sbuffer %s %s: -%c or -b %s gives it\n", mark, buf->name,
				apart[buf->kind].is, apart[buf->kind].option, buf->name);
}

void notes_missing(FILE *out, struct merge_source *src)
{
	const struct merge_notice *notice;

	for (unsigned int i = 0; (notice = merge_source_notice(src, i)); i++)
		fprintf(out, "# warning: %s\n", notice->text);
}

void notes_nothing(FILE *out, const struct options *opt)
{
	const struct {
		bool asked;
		enum merge_kind kind;
	} rows[] = {
		{ opt->uncommitted, MERGE_UNCOMMITTED },
		{ opt->previous_boot, MERGE_PREVIOUS_BOOT },
		{ opt->consumed, MERGE_CONSUMED },
	};
	const char *before = "# there is no buffer ";

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (!rows[i].asked)
			continue;
		fprintf(out, "%s%s", before, apart[rows[i].kind].none);
		before = ", and none ";
	}
	fputc('\n', out);
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
