// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * pstore-rb selftest: a trial of the whole way: marks go into the trace, the machine is
 * reset, and in the next boot --verify says whether they came through.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"
#include "selftest.h"
#include "stop.h"
#include "tool.h"
#include "tracer.h"

#define DIR		"/var/lib/pstore-rb"
#define SYSRQ		"proc/sysrq-trigger"

/*
 * struct machine - what is to be reset
 * @root: its /
 * @tracefs, @instance: of the tracer
 * @marker: the instance's trace_marker; @sysrq: what resets it; -1: not open
 */
struct machine {
	int root;
	const char *tracefs;
	char *instance;
	int marker, sysrq;
};

/* How it is to end: the letter for sysrq, and what is said of it */
static const struct end {
	const char *name, *letter, *told;
} ends[] = {
	{ "reset", "b", "resets this machine, at once" },
	{ "panic", "c", "makes this machine's kernel panic, at once" },
};

static const struct end *find_end(const struct options *opt)
{
	size_t i = 0;

	while (opt->way && strcmp(ends[i].name, opt->way))
		i++;
	return &ends[i];
}

/* ---- The machine ---------------------------------------------------------- */

static int open_marker(struct machine *m, struct merge_error *err)
{
	char path[PATH_MAX], *on;
	bool off;

	m->tracefs = tracer_tracefs(m->root);
	if (!m->tracefs)
		return error_set(err, -ENODATA, "there is no tracefs to be read: mount -t tracefs tracefs /sys/kernel/tracing, and run this as root");
	m->instance = tracer_instance(m->root, m->tracefs);
	if (!m->instance)
		return error_set(err, -ENODATA, "no instance uses the tracer " TRACER ": echo " TRACER " >/%s/current_tracer; pstore-rb check tells more",
				 m->tracefs);
	on = tracer_read(m->root, m->tracefs, m->instance, "tracing_on");
	off = on && *on == '0';
	free(on);
	if (off)
		return error_set(err, -ENODATA, "%s is switched off: echo 1 >/%s%s/tracing_on",
				 tracer_instance_name(m->instance), m->tracefs, m->instance);
	snprintf(path, sizeof(path), "%s%s/trace_marker", m->tracefs, m->instance);
	m->marker = openat(m->root, path, O_WRONLY | O_CLOEXEC);
	return m->marker < 0 ? error_set(err, -errno, "/%s: %s", path, strerror(errno)) : 0;
}

static int open_machine(struct machine *m, const char *root, struct merge_error *err)
{
	int ret;

	*m = (struct machine){ .marker = -1, .sysrq = -1 };
	m->root = open(*root ? root : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (m->root < 0)
		return error_set(err, -errno, "%s: %s", root, strerror(errno));
	ret = open_marker(m, err);
	if (ret)
		return ret;
	m->sysrq = openat(m->root, SYSRQ, O_WRONLY | O_CLOEXEC);
	return m->sysrq < 0 ? error_set(err, -errno, "/" SYSRQ ": %s: without it nothing resets the machine",
					strerror(errno)) : 0;
}

static void close_machine(struct machine *m)
{
	free(m->instance);
	if (m->marker >= 0)
		close(m->marker);
	if (m->sysrq >= 0)
		close(m->sysrq);
	if (m->root >= 0)
		close(m->root);
}

/* ---- The trial ------------------------------------------------------------ */

/* Whether it may begin. Return: 0, or an exit status */
static int ask(const struct options *opt, const struct end *end)
{
	char answer[20];

	if (opt->yes)
		return 0;
	if (!isatty(STDIN_FILENO)) {
		tool_complain("nobody can be asked whether to reset the machine: --yes does it unasked");
		return TOOL_USAGE;
	}
	fprintf(stderr, "This %s: no service is stopped, and what is not saved is lost.\nType yes to go on: ",
		end->told);
	if (fgets(answer, sizeof(answer), stdin) && !strcmp(answer, "yes\n"))
		return 0;
	tool_complain("then nothing is done");
	return TOOL_PARTIAL;
}

/* It comes back only when the machine goes on, as a made one does */
static int reset(const struct machine *m, const struct end *end, struct merge_error *err)
{
	if (write(m->sysrq, end->letter, 1) != 1)
		return error_set(err, -errno, "/" SYSRQ ": %s", strerror(errno));
	return error_set(err, -EIO, "the machine goes on, with %s written to /" SYSRQ, end->letter);
}

/* The state is on the disk before the marks are there: those are to be the last there is */
static int try(const struct machine *m, const struct options *opt, const struct end *end,
	       const char *dir, struct merge_error *err)
{
	struct selftest *t = malloc(sizeof(*t));
	char boot_id[BOOT_ID_SIZE];
	int ret = t ? 0 : error_nomem(err);

	harvest_boot_id(opt->root, boot_id);
	if (!ret && !*boot_id)
		ret = error_set(err, -ENODATA, "/proc/sys/kernel/random/boot_id cannot be read: nothing would tell a restart");
	if (!ret)
		ret = selftest_new(t, boot_id, err);
	if (!ret && mkdir(dir, 0700) && errno != EEXIST)
		ret = error_set(err, -errno, "%s cannot be made: %s", dir, strerror(errno));
	if (!ret)
		ret = selftest_save(t, dir, err);
	if (!ret) {
		printf("%u marks on each of %u CPUs; after the restart: pstore-rb selftest --verify %s\n",
		       SELFTEST_RUN, t->nr_cpus, dir);
		fflush(stdout);
		sync();
		ret = selftest_mark(t, m->marker, err);
		ret = ret ? ret : reset(m, end, err);
		selftest_forget(dir);
	}
	free(t);
	return ret;
}

static int begin(const struct options *opt, const char *dir)
{
	const struct end *end = find_end(opt);
	struct merge_error err = { 0 };
	struct machine m;
	int ret = open_machine(&m, opt->root, &err), status;

	status = ret ? tool_fail(ret, &err) : ask(opt, end);
	if (!status) {
		ret = try(&m, opt, end, dir, &err);
		status = tool_fail(ret, &err);
	}
	close_machine(&m);
	return status;
}

/* ---- In the next boot ----------------------------------------------------- */

static int tell(const struct options *opt, const struct selftest *t,
		const struct selftest_found *f, const char *dir)
{
	struct textbuf b = { 0 };
	int status;

	selftest_tell(t, f, dir, opt->json, &b);
	status = tool_print(&b);
	textbuf_deinit(&b);
	return status ? status : selftest_result(t, f);
}

static int load(struct selftest *t, const struct options *opt, const char *dir,
		struct merge_error *err)
{
	char boot_id[BOOT_ID_SIZE];
	int ret = selftest_load(t, dir, err);

	if (ret == -ENOENT)
		return error_set(err, ret, "there was no trial: %s/" SELFTEST_STATE " is not there", dir);
	if (ret)
		return ret;
	harvest_boot_id(opt->root, boot_id);
	return strcmp(boot_id, t->boot_id) ? 0 :
		error_set(err, -ENODATA, "the machine has not started again since the trial of %s", t->time);
}

static int verify(const struct options *opt, const char *dir)
{
	struct selftest *t = malloc(sizeof(*t));
	struct selftest_found *f = calloc(1, sizeof(*f));
	struct merge_error err = { 0 };
	int ret = t && f ? load(t, opt, dir, &err) : error_nomem(&err), status;

	stop_catch();
	if (!ret)
		ret = selftest_find(t, opt->root, dir, f, &err);
	status = ret ? tool_fail(ret, &err) : tell(opt, t, f, dir);
	if (f)
		free(f->path);
	free(f);
	free(t);
	return status;
}

static int run(const struct command *cmd, struct options *opt)
{
	const char *dir = opt->nr_operands ? opt->operands[0] : NULL;
	char *path = NULL;
	int status;

	if (opt->verify ? opt->yes || opt->way : opt->json) {
		tool_complain("%s: see %s", opt->verify ? "--verify resets nothing: --yes and --end are not for it" :
			      "--json is for --verify", cmd->spec.help);
		return TOOL_USAGE;
	}
	if (!dir && asprintf(&path, "%s" DIR, opt->root) < 0)
		return TOOL_NOTHING;
	status = opt->verify ? verify(opt, dir ? dir : path) : begin(opt, dir ? dir : path);
	free(path);
	return status;
}

const struct command cmd_selftest = {
	.name = "selftest",
	.synopsis = "[-y] [-e HOW] [-r DIR] [HARVESTS] | -v [-j] [-r DIR] [HARVESTS]",
	.summary = "a trial: marks in the trace, a reset of the machine, and whether they came through",
	.examples =
		"  pstore-rb selftest\n"
		"  pstore-rb selftest --verify\n"
		"  pstore-rb selftest --yes --end panic /srv/crashes\n"
		"  pstore-rb selftest --verify --json /srv/crashes | jq -r .result\n",
	.spec = { .letters = "yevjrh", .rows = option_rows_selftest, .min = 0, .max = 1,
		  .long_names = true, .help = "pstore-rb selftest --help" },
	.run = run,
};
