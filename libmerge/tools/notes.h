/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is said beside events, in lines that begin with "#". */
#ifndef PSTORE_RB_NOTES_H
#define PSTORE_RB_NOTES_H

#include "options.h"

/* What is apart and was not asked for. @mark: before each line */
void notes_apart(FILE *out, struct merge_source *src, const struct options *opt,
		 const char *mark);

/* What the source could not give */
void notes_missing(FILE *out, struct merge_source *src);

/* -u or -p, and there is no such buffer */
void notes_nothing(FILE *out, const struct options *opt);

/* Whether a pump that returned @ret was interrupted or saw only a part */
void notes_outcome(FILE *out, int ret, const struct merge_stats *stats);

/* What is not there, behind @before */
void notes_partial(FILE *out, const char *before, const struct merge_stats *stats);

#endif
