// SPDX-License-Identifier: LGPL-2.1-or-later
/* A running kernel's events, as they come: see follow.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "comms.h"
#include "dir.h"
#include "follow.h"
#include "stop.h"
#include "tool.h"

/* How long to wait when there is nothing, in ms */
#define MOMENT		50
/* How often names of tasks are looked at, in ns */
#define NAMES		1000000000u

static uint64_t clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* What makes no sense of a trace that goes on */
static const char *wrong_options(const struct options *opt)
{
	return opt->nr_operands ? "a file" : opt->nr_names > 1 ? "several buffers" :
	       opt->from || opt->sel.last ? "a position" :
	       opt->uncommitted || opt->previous_boot || opt->consumed ? "what is apart" :
	       opt->nr_offsets || opt->source || opt->described_by ? "what is told of files" :
	       opt->stat ? "a table of CPUs" : NULL;
}

/* A ring is there when its CPUs have files of sub-buffers: src_pages.c */
static int make_empty(struct capture *c, const char *ring)
{
	char folder[300], path[600], **names;
	size_t nr;
	int ret;

	snprintf(folder, sizeof(folder), "%s%.200s%sper_cpu", *ring ? "instances/" : "", ring,
		 *ring ? "/" : "");
	ret = dir_names(c->tracefs, folder, &names, &nr);
	if (ret) {
		snprintf(c->err.text, sizeof(c->err.text), "%s/%s: %s", c->path, folder,
			 dir_strerror(ret));
		return ret;
	}
	for (size_t i = 0; !ret && i < nr; i++) {
		snprintf(path, sizeof(path), "%s/%.200s/trace_pipe_raw", folder, names[i]);
		ret = outdir_write(&c->out, path, "", 0, &c->err);
	}
	dir_names_free(names, nr);
	return ret;
}

/* What describes the kernel into a directory of our own, removed at the end */
static int describe(struct follow *f, const struct options *opt, const char *ring)
{
	struct capture *c = &f->capture;
	const char *temp = getenv("TMPDIR");
	char path[300];
	int ret = capture_open(c, opt->tracefs);

	snprintf(path, sizeof(path), "%.200s/pstore-rb-follow-%d", temp && *temp ? temp : "/tmp",
		 (int)getpid());
	if (!ret)
		ret = outdir_open(&c->out, path, &c->err);
	if (!ret)
		ret = make_empty(c, ring);
	if (!ret)
		ret = capture_ring(c, ring);
	if (!ret)
		ret = capture_enabled(c, ring);
	return ret ? ret : capture_end(c, ring);
}

/* Without -b only the ring itself: nothing else goes on */
static int select_ring(struct follow *f, struct options *opt, struct merge_error *err)
{
	static char top[] = "top";

	if (!opt->nr_names) {
		opt->names = calloc(1, sizeof(*opt->names));
		if (!opt->names)
			return -ENOMEM;
		opt->names[opt->nr_names++] = top;
	}
	return options_select(opt, f->src, "pstore-rb info", err);
}

static int open_ring(struct follow *f, struct options *opt, struct merge_error *err)
{
	const char *name = opt->nr_names ? opt->names[0] : "top";
	struct merge_live live = {
		.ring = strcmp(name, "top") ? name : "", .stop = stop_asked,
	};
	int ret = describe(f, opt, live.ring);

	if (ret) {
		*err = f->capture.err;
		return ret;
	}
	live.dir = f->capture.out.temp;
	live.tracefs = f->capture.tracefs;
	ret = merge_source_open_live(&live, err, &f->src);
	return ret ? ret : select_ring(f, opt, err);
}

int follow_open(struct follow *f, struct options *opt)
{
	const char *wrong = wrong_options(opt);
	struct merge_error err = { 0 };
	int ret;

	if (wrong) {
		tool_complain("--follow is of a trace that goes on: it has no use for %s", wrong);
		return TOOL_USAGE;
	}
	stop_catch();
	ret = open_ring(f, opt, &err);
	if (!ret)
		return 0;
	follow_close(f);
	if (ret == -EINVAL) {
		tool_complain("%s", err.text);
		return TOOL_USAGE;
	}
	return tool_fail(ret, &err);
}

void follow_wait(void *follow)
{
	struct timespec moment = { .tv_nsec = MOMENT * 1000000 };
	struct follow *f = follow;
	uint64_t now = clock_ns();

	if (now - f->named > NAMES) {
		f->named = now;
		/* what cannot be had stays as it was */
		if (!capture_names(&f->capture))
			comms_reload(f->src);
	}
	nanosleep(&moment, NULL);
}

void follow_close(struct follow *f)
{
	merge_source_close(f->src);
	f->src = NULL;
	capture_close(&f->capture);
}
