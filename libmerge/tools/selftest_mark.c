// SPDX-License-Identifier: LGPL-2.1-or-later
/* The marks of a trial: some on each CPU, so that each CPU's memory is shown to last. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "selftest.h"

void selftest_text(const struct selftest *t, unsigned int cpu, unsigned int nr,
		   char text[SELFTEST_TEXT])
{
	snprintf(text, SELFTEST_TEXT, "pstore-rb selftest %s cpu %u mark %u of %u", t->nonce, cpu, nr,
		 SELFTEST_RUN);
}

static int stay_on(unsigned int cpu)
{
	size_t size = CPU_ALLOC_SIZE(SELFTEST_CPUS);
	cpu_set_t *set = CPU_ALLOC(SELFTEST_CPUS);
	int ret;

	if (!set)
		return -ENOMEM;
	CPU_ZERO_S(size, set);
	CPU_SET_S(cpu, size, set);
	ret = sched_setaffinity(0, size, set) ? -errno : 0;
	CPU_FREE(set);
	return ret;
}

static int mark_cpu(const struct selftest *t, unsigned int cpu, int fd, struct merge_error *err)
{
	int ret = stay_on(cpu);

	if (ret)
		return error_set(err, ret, "cpu%u: %s", cpu, strerror(-ret));
	for (unsigned int nr = 1; nr <= SELFTEST_RUN; nr++) {
		char text[SELFTEST_TEXT];

		selftest_text(t, cpu, nr, text);
		/* one write is one event */
		strcat(text, "\n");
		if (write(fd, text, strlen(text)) == (ssize_t)strlen(text))
			continue;
		return error_set(err, errno ? -errno : -EIO,
				 "trace_marker of the tracer's instance takes no marks: %s: see its tracing_on and options/markers",
				 strerror(errno));
	}
	return 0;
}

int selftest_mark(const struct selftest *t, int fd, struct merge_error *err)
{
	int ret = 0;

	for (unsigned int cpu = 0; !ret && cpu < SELFTEST_CPUS; cpu++)
		if (t->marked[cpu])
			ret = mark_cpu(t, cpu, fd, err);
	return ret;
}
