// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * pstore-rb harvest: at boot, what a crash left goes from pstore to the disk, with what can
 * be read out of it. Whatever fails, nothing is erased that is not there a second time.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle.h"
#include "crc32c.h"
#include "error.h"
#include "harvest.h"
#include "stop.h"
#include "tool.h"

/*
 * struct run - one run
 * @made, @present: harvests made; places that there are
 * @partial: something was told of
 */
struct run {
	const struct options *opt;
	struct kept_list kept;
	struct crc32c crc;
	unsigned int made, present;
	bool partial;
	struct merge_error err;
};

/* ---- One place ------------------------------------------------------------ */

static int copy_all(struct harvest *h, struct place *p)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < p->nr; i++)
		if (p->files[i].harvest < 0)
			ret = harvest_copy(h, &p->files[i]);
	for (size_t i = 0; !ret && i < p->nr; i++)
		if (p->files[i].harvest < 0 && p->files[i].verified && place_is_image(&p->files[i]))
			ret = recordings_make(h, p->files[i].name);
	return ret;
}

static int fill(struct run *run, struct harvest *h, struct place *p)
{
	const struct timespec now = kept_time(&run->kept);
	size_t new = run->kept.nr;
	int ret = copy_all(h, p);

	if (!ret && !h->nr_files)
		ret = error_set(&run->err, -EIO,
				"%s: nothing could be copied: look for room, and whether it can be written to",
				h->out.path);
	if (!ret)
		ret = manifest_write(h, &now, &run->err);
	if (!ret)
		ret = stop_asked(NULL) ? -EINTR : outdir_finish(&h->out, &run->err);
	/* its name in the directory must be on the disk before anything is erased */
	if (!ret && fsync(run->kept.fd))
		ret = error_set(&run->err, -errno, "%s: %s", run->kept.path, strerror(errno));
	if (!ret && kept_add(&run->kept, strrchr(h->out.path, '/') + 1, &now))
		ret = error_nomem(&run->err);
	for (size_t i = 0; !ret && i < p->nr; i++)
		if (p->files[i].harvest < 0 && p->files[i].verified)
			p->files[i].harvest = (long)new;
	return ret;
}

/* Without a trace it is only known that it was before this boot. NULL: out of memory */
static char *name_it(struct run *run, struct harvest *h, const struct place *p)
{
	struct recording_facts facts = { .boot_id = "" };
	char before[BOOT_ID_SIZE + 10];
	int ret = -ENODATA;

	for (size_t i = 0; ret == -ENODATA && i < p->nr; i++)
		if (place_is_image(&p->files[i]) && p->files[i].harvest < 0)
			ret = recordings_look(p->fd, p->files[i].name, &run->crc, &facts);
	memcpy(h->boot_id, facts.boot_id, sizeof(h->boot_id));
	snprintf(before, sizeof(before), KEPT_BEFORE "%s", *h->now_boot_id ? h->now_boot_id : "unknown");
	return kept_new_name(&run->kept, *h->boot_id ? h->boot_id : before);
}

static int open_out(struct run *run, struct harvest *h, const struct place *p)
{
	char *name = name_it(run, h, p), *path = NULL;
	int ret = -ENOMEM;

	if (name && asprintf(&path, "%s/%s", run->kept.path, name) >= 0)
		ret = outdir_open(&h->out, path, &run->err);
	else
		error_nomem(&run->err);
	free(name);
	free(path);
	return ret;
}

static void report(struct run *run, const struct harvest *h, const char *name)
{
	printf("%s: %u files of %s", name, h->nr_files, h->place->path);
	if (h->nr_recordings)
		printf(", %llu events of %s", (unsigned long long)h->events, h->about);
	if (h->nr_recordings > 1)
		printf(", and %u earlier recordings", h->nr_recordings - 1);
	printf("%s\n", h->partial ? ": a part is missing or damaged, see " KEPT_MANIFEST : "");
	fflush(stdout);
	run->partial = run->partial || h->partial;
	run->made++;
}

/* A harvest of what is new in @p */
static int make(struct run *run, struct place *p)
{
	struct harvest h = { .place = p, .crc = &run->crc, .out.fd = -1 };
	int ret;

	harvest_boot_id(run->opt->root, h.now_boot_id);
	ret = open_out(run, &h, p);
	if (!ret)
		ret = fill(run, &h, p);
	if (!ret)
		report(run, &h, h.out.path);
	outdir_close(&h.out);
	textbuf_deinit(&h.recordings);
	textbuf_deinit(&h.problems);
	return ret;
}

/* What an earlier harvest has already is compared with it, and not copied again */
static int look_for_known(struct run *run, struct place *p, size_t *known)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < p->nr; i++) {
		struct place_file *f = &p->files[i];

		ret = kept_find(&run->kept, p, f);
		if (ret || f->harvest < 0)
			continue;
		++*known;
		f->verified = true;
	}
	return ret ? error_code(&run->err, ret) : 0;
}

static void erase(struct run *run, struct place *p)
{
	struct merge_error err = { 0 };
	size_t erased = place_erase(p, &err);

	if (erased)
		printf("%s: %zu files erased\n", p->path, erased);
	if (!err.code)
		return;
	tool_complain("%s: it will be there again at the next boot", err.text);
	run->partial = true;
}

static int harvest_files(struct run *run, struct place *p)
{
	size_t known = 0;
	int ret = look_for_known(run, p, &known);

	if (known && !ret)
		printf("%s: %zu files were harvested already\n", p->path, known);
	if (!ret && known < p->nr)
		ret = make(run, p);
	if (!ret && run->opt->erase)
		erase(run, p);
	for (size_t i = 0; !ret && i < p->nr; i++)
		if (!p->files[i].erased && p->files[i].harvest >= 0)
			run->kept.all[p->files[i].harvest].needed = true;
	return ret;
}

/* ---- The command ---------------------------------------------------------- */

static void check_mounted(struct run *run, const struct place *p)
{
	if (*run->opt->root || place_is_pstore(p))
		return;
	tool_complain("%s is not mounted: mount -t pstore pstore %s", p->path, p->path);
	run->partial = true;
}

static int harvest_place(struct run *run, const char *path)
{
	struct merge_error err = { 0 };
	struct place p;
	int ret = place_open(&p, run->opt->root, path, &err);

	if (!ret) {
		run->present++;
		if (!strcmp(path, PLACE_PSTORE))
			check_mounted(run, &p);
		if (p.nr)
			ret = harvest_files(run, &p);
	} else if (ret == -ENOMEM) {
		run->err = err;
	} else {
		/* the other place may be there */
		if (ret != -ENOENT) {
			tool_complain("%s", err.text);
			run->partial = true;
		}
		ret = 0;
	}
	place_close(&p);
	return ret;
}

static int open_dir(struct run *run)
{
	const char *path = run->opt->operands[0];

	if (mkdir(path, 0700) && errno != EEXIST)
		return error_set(&run->err, -errno, "%s cannot be made: %s", path, strerror(errno));
	return kept_open(&run->kept, path, true, &run->err);
}

/* Of what no image tells how it ended, it was a crash */
static void tell_endings(struct run *run)
{
	struct kept_list *k = &run->kept;
	struct recording_facts facts;

	for (size_t i = 0; i < k->nr; i++)
		k->all[i].stopped = !recordings_look_in(k->fd, k->all[i].name, &run->crc, &facts) &&
			facts.stopped;
}

static void remove_old(struct run *run)
{
	struct merge_error err = { 0 };
	size_t removed;

	tell_endings(run);
	removed = kept_remove(&run->kept, run->opt->keep, &err);
	if (removed)
		printf("%s: %zu older harvests removed\n", run->kept.path, removed);
	if (!err.code)
		return;
	tool_complain("%s", err.text);
	run->partial = true;
}

/* Of the newest there is, made now or before */
static int make_bundle(struct run *run)
{
	const struct options *opt = run->opt;
	const struct kept_list *k = &run->kept;
	unsigned int files, left_out;
	int ret;

	if (!k->nr)
		return error_set(&run->err, -ENODATA, "%s: there is no harvest to make a bundle of",
				 k->path);
	ret = bundle_make(k->path, k->all[k->nr - 1].name, opt->bundle, opt->redact, &files,
			  &left_out, &run->err);
	if (ret)
		return ret;
	printf("%s: %u files of %s/%s", opt->bundle, files, k->path, k->all[k->nr - 1].name);
	if (opt->redact)
		printf(", redacted; %u that are no text are left out", left_out);
	putchar('\n');
	return 0;
}

static int harvest(struct run *run)
{
	int ret = open_dir(run);

	if (!ret)
		ret = harvest_place(run, PLACE_PSTORE);
	if (!ret)
		ret = harvest_place(run, PLACE_SYSTEMD);
	if (!ret && run->present && !run->made)
		printf("nothing new in %s" PLACE_PSTORE " and %s" PLACE_SYSTEMD "\n",
		       run->opt->root, run->opt->root);
	if (!ret && run->opt->keep)
		remove_old(run);
	if (!ret && run->opt->bundle)
		ret = make_bundle(run);
	return ret;
}

static int outcome(const struct run *run)
{
	const char *root = run->opt->root;

	if (!run->present) {
		tool_complain("there is neither %s" PLACE_PSTORE " nor %s" PLACE_SYSTEMD
			      ": mount -t pstore pstore %s" PLACE_PSTORE, root, root, root);
		return TOOL_NOTHING;
	}
	return run->partial ? TOOL_PARTIAL : TOOL_COMPLETE;
}

static int run(const struct command *cmd, struct options *opt)
{
	struct run run = { .opt = opt, .kept.fd = -1 };
	int ret;

	if ((opt->redact && !opt->bundle) || (opt->bundle && !strcmp(opt->bundle, "-"))) {
		tool_complain("%s: see %s", opt->bundle ? "a bundle needs a file, not standard output" :
			      "--redact is for a --bundle", cmd->spec.help);
		return TOOL_USAGE;
	}
	stop_catch();
	crc32c_init(&run.crc);
	ret = harvest(&run);
	kept_close(&run.kept);
	return ret ? tool_fail(ret, &run.err) : outcome(&run);
}

const struct command cmd_harvest = {
	.name = "harvest",
	.synopsis = "[-E] [-k N] [-a FILE [-x]] [-r DIR] DIR",
	.summary = "at boot: what a crash left in pstore, to DIR/BOOT-ID, with the trace read out of it",
	.examples =
		"  pstore-rb harvest /var/lib/pstore-rb\n"
		"  pstore-rb harvest --erase --keep 10 /var/lib/pstore-rb\n"
		"  pstore-rb harvest --bundle crash.tar.zst /var/lib/pstore-rb\n"
		"  jq '.recordings[0].loss' /var/lib/pstore-rb/*/manifest.json\n",
	.spec = { .letters = "Ekaxrh", .min = 1, .max = 1, .long_names = true,
		  .help = "pstore-rb harvest --help" },
	.run = run,
};
