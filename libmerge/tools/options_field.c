// SPDX-License-Identifier: LGPL-2.1-or-later
/* Values of the options of harvest, check and setup. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "options_field.h"

#define MAX_CPUS	65536
#define MAX_KEEP	1000000
#define MAX_RATE	1000000000
#define MAX_GENERATIONS	2	/* as the kernel takes */
#define MAX_HISTORY	(366.0 * 86400e9)

/* 1 to @max */
static int set_number(uint64_t *to, const char *value, uint64_t max, const char *wanted,
		      struct merge_error *err)
{
	char *end;
	unsigned long long number;

	errno = 0;
	number = strtoull(value, &end, 10);
	if (errno || *end || end == value || *value == '-' || !number || number > max)
		return error_set(err, -EINVAL, "%s, 1 to %llu, not \"%s\"", wanted, (unsigned long long)max, value);
	*to = number;
	return 0;
}

int options_set_keep(struct options *opt, char *value, struct merge_error *err)
{
	uint64_t keep = 0;
	int ret = set_number(&keep, value, MAX_KEEP, "--keep wants how many harvests", err);

	opt->keep = (unsigned int)keep;
	return ret;
}

int options_set_nr_cpus(struct options *opt, char *value, struct merge_error *err)
{
	uint64_t nr = 0;
	int ret = set_number(&nr, value, MAX_CPUS, "--cpus wants how many there may be", err);

	opt->nr_cpus = (unsigned int)nr;
	return ret;
}

int options_set_rate(struct options *opt, char *value, struct merge_error *err)
{
	return set_number(&opt->rate, value, MAX_RATE, "--rate wants events a second", err);
}

int options_set_generations(struct options *opt, char *value, struct merge_error *err)
{
	uint64_t nr = 0;
	int ret = set_number(&nr, value, MAX_GENERATIONS, "--generations wants how many traces", err);

	opt->generations = (unsigned int)nr;
	return ret;
}

/* "10s", "500ms", "2m", "1h"; seconds without a unit */
int options_set_history(struct options *opt, char *value, struct merge_error *err)
{
	static const struct {
		const char *name;
		double ns;
	} units[] = { { "", 1e9 }, { "ms", 1e6 }, { "s", 1e9 }, { "m", 60e9 }, { "h", 3600e9 } };
	size_t i = 0, nr = sizeof(units) / sizeof(*units);
	char *end;
	double time = strtod(value, &end);

	while (i < nr && strcmp(units[i].name, end))
		i++;
	if (end == value || i == nr || !(time * units[i].ns >= 1) || time * units[i].ns > MAX_HISTORY)
		return error_set(err, -EINVAL, "--history wants a time such as 10s, 500ms or 2m, not \"%s\"", value);
	opt->history = (uint64_t)(time * units[i].ns);
	return 0;
}

/* With K, M or G, as the kernel reads it */
int options_set_at(struct options *opt, char *value, struct merge_error *err)
{
	static const char letters[] = "KMG";
	const char *letter;
	char *end;
	int shift = 0;

	errno = 0;
	opt->at = strtoull(value, &end, 0);
	letter = *end ? strchr(letters, *end) : NULL;
	if (letter) {
		shift = 10 * (int)(letter - letters + 1);
		end++;
	}
	if (errno || *end || end == value || *value == '-' || !opt->at || opt->at > UINT64_MAX >> shift ||
	    (opt->at << shift) % 4096)
		return error_set(err, -EINVAL, "--at wants an address such as 0x20000000 or 512M, not \"%s\"", value);
	opt->at <<= shift;
	return 0;
}
