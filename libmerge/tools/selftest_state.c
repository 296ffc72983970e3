// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a trial's boot tells the next one, in a file: see selftest.h. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "dir.h"
#include "error.h"
#include "selftest.h"

#define HEADING		"# pstore-rb selftest: what pstore-rb selftest --verify is to find\n"
#define MAX_STATE	(1u << 20)

/* ---- A new one ------------------------------------------------------------ */

/* All that the scheduler lets us have, also when we were started on some of them only */
static int take_cpus(struct selftest *t)
{
	size_t size = CPU_ALLOC_SIZE(SELFTEST_CPUS);
	cpu_set_t *set = CPU_ALLOC(SELFTEST_CPUS);
	int ret = 0;

	if (!set)
		return -ENOMEM;
	memset(set, 0xff, size);
	sched_setaffinity(0, size, set);
	if (sched_getaffinity(0, size, set))
		ret = -errno;
	for (unsigned int cpu = 0; !ret && cpu < SELFTEST_CPUS; cpu++) {
		t->marked[cpu] = CPU_ISSET_S(cpu, size, set);
		t->nr_cpus += t->marked[cpu];
	}
	CPU_FREE(set);
	return ret;
}

int selftest_new(struct selftest *t, const char *boot_id, struct merge_error *err)
{
	struct timespec now;
	uint64_t nonce;
	int ret;

	memset(t, 0, sizeof(*t));
	if (getrandom(&nonce, sizeof(nonce), 0) != sizeof(nonce))
		return error_set(err, -errno, "no random number can be had: %s", strerror(errno));
	clock_gettime(CLOCK_REALTIME, &now);
	snprintf(t->nonce, sizeof(t->nonce), "%016llx", (unsigned long long)nonce);
	snprintf(t->boot_id, sizeof(t->boot_id), "%s", boot_id);
	manifest_wall((uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec, t->time);
	ret = take_cpus(t);
	return ret ? error_set(err, ret, "the CPUs: %s", strerror(-ret)) : 0;
}

/* ---- The file ------------------------------------------------------------- */

static void put(const struct selftest *t, struct textbuf *b)
{
	textbuf_printf(b, HEADING "nonce %s\nboot_id %s\ntime %s\nmarks %u\n", t->nonce, t->boot_id,
		       t->time, SELFTEST_RUN);
	for (unsigned int cpu = 0; cpu < SELFTEST_CPUS; cpu++)
		if (t->marked[cpu])
			textbuf_printf(b, "cpu %u\n", cpu);
}

int selftest_save(const struct selftest *t, const char *dir, struct merge_error *err)
{
	struct outdir out = { .path = (char *)dir };
	struct textbuf b = { 0 };
	int ret;

	put(t, &b);
	out.fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (out.fd < 0)
		ret = error_set(err, -errno, "%s: %s", dir, strerror(errno));
	else if (b.failed)
		ret = error_nomem(err);
	else
		ret = outdir_replace(&out, SELFTEST_STATE, b.data, b.len, err);
	if (!ret && syncfs(out.fd))
		ret = error_set(err, -errno, "%s: %s", dir, strerror(errno));
	if (out.fd >= 0)
		close(out.fd);
	textbuf_deinit(&b);
	return ret;
}

/* "cpu N", of a number that is possible */
static int take_cpu(struct selftest *t, const char *value)
{
	char *end;
	unsigned long cpu = strtoul(value, &end, 10);

	if (*end || end == value || *value == '-' || cpu >= SELFTEST_CPUS || t->marked[cpu])
		return -EBADMSG;
	t->marked[cpu] = true;
	t->nr_cpus++;
	return 0;
}

static int take_text(char *to, size_t size, const char *value)
{
	return *to || !*value || snprintf(to, size, "%s", value) >= (int)size ? -EBADMSG : 0;
}

static int take_line(struct selftest *t, const char *line)
{
	const char *value = strchr(line, ' ');
	int len = value ? (int)(value - line) : 0;

	if (*line == '#' || !*line)
		return 0;
	if (!value++)
		return -EBADMSG;
	if (!strncmp(line, "nonce", len) && len == 5)
		return strspn(value, "0123456789abcdef") == SELFTEST_NONCE - 1 ?
			take_text(t->nonce, sizeof(t->nonce), value) : -EBADMSG;
	if (!strncmp(line, "boot_id", len) && len == 7)
		return take_text(t->boot_id, sizeof(t->boot_id), value);
	if (!strncmp(line, "time", len) && len == 4)
		return take_text(t->time, sizeof(t->time), value);
	if (!strncmp(line, "marks", len) && len == 5)
		return strtoul(value, NULL, 10) == SELFTEST_RUN ? 0 : -EBADMSG;
	return len == 3 && !strncmp(line, "cpu", 3) ? take_cpu(t, value) : -EBADMSG;
}

int selftest_load(struct selftest *t, const char *dir, struct merge_error *err)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char *text = NULL, *rest, *line;
	size_t size;
	int ret = fd < 0 ? -errno : dir_read(fd, SELFTEST_STATE, MAX_STATE, &text, &size);

	memset(t, 0, sizeof(*t));
	if (fd >= 0)
		close(fd);
	if (ret)
		return error_set(err, ret, "%s/" SELFTEST_STATE ": %s", dir, dir_strerror(ret));
	for (rest = text; !ret && (line = strsep(&rest, "\n")); )
		ret = take_line(t, line);
	free(text);
	if (ret || !*t->nonce || !*t->boot_id || !t->nr_cpus)
		return error_set(err, -EBADMSG, "%s/" SELFTEST_STATE ": this is not what a trial left",
				 dir);
	return 0;
}

void selftest_forget(const char *dir)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/" SELFTEST_STATE, dir) < (int)sizeof(path))
		unlink(path);
}
