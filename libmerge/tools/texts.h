/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a source holds that is text, for the tool and the extension. */
#ifndef PSTORE_RB_TEXTS_H
#define PSTORE_RB_TEXTS_H

#include "options.h"

/* The first name in @opt that is of no text of @src; NULL: none */
const char *texts_unknown(struct merge_source *src, const struct options *opt);

/*
 * Those @opt names, or all. One alone is given as it is; several have a line with their
 * name before each
 */
void texts_print(struct merge_source *src, const struct options *opt, FILE *out);

#endif
