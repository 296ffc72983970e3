/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* option_row.set of the options of harvest, check and setup. */
#ifndef PSTORE_RB_OPTIONS_FIELD_H
#define PSTORE_RB_OPTIONS_FIELD_H

#include "options.h"

/* --keep, --cpus, --rate and --generations: numbers from 1 */
int options_set_keep(struct options *opt, char *value, struct merge_error *err);
int options_set_nr_cpus(struct options *opt, char *value, struct merge_error *err);
int options_set_rate(struct options *opt, char *value, struct merge_error *err);
int options_set_generations(struct options *opt, char *value, struct merge_error *err);

/* --history: a time, in ns in @opt */
int options_set_history(struct options *opt, char *value, struct merge_error *err);

/* --at: an address of a page */
int options_set_at(struct options *opt, char *value, struct merge_error *err);

#endif
