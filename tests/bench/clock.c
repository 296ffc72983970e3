// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An extension for the bench: the command "clock NAME" prints the time. What
 * runs between two of them took the difference: of the wall clock, and of the
 * CPU time of crash and of the programs it has waited for.
 */
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

#include "../../crash-ext/crash_api.h"

static double seconds(struct timeval tv)
{
	return tv.tv_sec + tv.tv_usec / 1e6;
}

static double cpu_time(int who)
{
	struct rusage usage;

	getrusage(who, &usage);
	return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

static void cmd_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	fprintf(fp, "clock %s %.6f %.6f\n", argcnt > 1 ? args[1] : "-",
		now.tv_sec + now.tv_nsec / 1e9,
		cpu_time(RUSAGE_SELF) + cpu_time(RUSAGE_CHILDREN));
}

static char *help_clock[] = { "clock", "print the time", "[name]", "  For benchmarks.", NULL };

static struct command_table_entry command_table[] = {
	{ "clock", cmd_clock, help_clock, 0 },
	{ NULL, NULL, NULL, 0 }
};

static void __attribute__((constructor)) clock_load(void)
{
	register_extension(command_table);
}
