// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The recordings in the image of a region, each of its slots by itself: as trace.dat, as
 * text, and what is known of it as JSON.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dir.h"
#include "error.h"
#include "notes.h"
#include "options.h"
#include "harvest_recording.h"
#include "stop.h"

/*
 * struct image - the file
 * @io: of all of it; @from, @to: what else is seen as zeros, in @slot_io
 */
struct image {
	int fd;
	struct merge_region_io io, slot_io;
	uint64_t from, to;
	struct persist_found found;
};

/* ---- The image ------------------------------------------------------------ */

static int read_image(void *arg, uint64_t pos, void *buf, size_t len)
{
	const struct image *image = arg;
	size_t done = 0;

	if (pos > INT64_MAX - len)
		return -ENODATA;
	while (done < len) {
		ssize_t n = pread(image->fd, (uint8_t *)buf + done, len - done, (off_t)(pos + done));

		if (n < 0 && errno != EINTR)
			return -errno;
		if (!n)
			return -ENODATA;
		done += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

/* One slot of it: what is in others is a recording of its own, and not left out */
static int read_slot(void *arg, uint64_t pos, void *buf, size_t len)
{
	const struct image *image = arg;
	uint64_t start = pos > image->from ? pos : image->from;
	uint64_t end = pos + len < image->to ? pos + len : image->to;

	memset(buf, 0, len);
	if (start >= end)
		return 0;
	return read_image(arg, start, (uint8_t *)buf + (start - pos), (size_t)(end - start));
}

static int image_open(struct image *image, int at, const char *name, const struct crc32c *crc)
{
	uint64_t size;
	int ret;

	*image = (struct image){ .fd = dir_open_file(at, name, &size) };
	if (image->fd < 0)
		return image->fd;
	image->io = (struct merge_region_io){ .read = read_image, .arg = image, .size = size };
	image->slot_io = image->io;
	image->slot_io.read = read_slot;
	ret = persist_find(&image->io, crc, 0, size, stop_asked, NULL, &image->found);
	return ret ? ret : image->found.nr ? 0 : -ENODATA;
}

static void image_close(struct image *image)
{
	persist_found_deinit(&image->found);
	if (image->fd >= 0)
		close(image->fd);
}

int recordings_look(int at, const char *name, const struct crc32c *crc,
		    struct recording_facts *facts)
{
	struct image image;
	int ret = image_open(&image, at, name, crc);

	if (!ret) {
		const struct persist_header *h = &persist_newest(&image.found)->h;

		recording_boot_id(h, facts->boot_id);
		facts->area = recording_area(h);
		facts->stopped = h->flags & TRACE_PERSIST_STOPPED;
		facts->tables_full = h->flags & TRACE_PERSIST_TABLES_FULL;
	}
	image_close(&image);
	return ret == -EINTR || ret == -ENOMEM ? ret : ret ? -ENODATA : 0;
}

int recordings_look_in(int at, const char *folder, const struct crc32c *crc,
		       struct recording_facts *facts)
{
	char **names, path[4096];
	size_t nr;
	int ret = dir_names(at, folder, &names, &nr);

	if (ret)
		return ret == -ENOMEM ? ret : -ENODATA;
	ret = -ENODATA;
	for (size_t i = 0; ret == -ENODATA && i < nr; i++)
		if (!strncmp(names[i], PLACE_IMAGE, strlen(PLACE_IMAGE)) &&
		    snprintf(path, sizeof(path), "%s/%s", folder, names[i]) < (int)sizeof(path))
			ret = recordings_look(at, path, crc, facts);
	dir_names_free(names, nr);
	return ret;
}

/* ---- Files ---------------------------------------------------------------- */

static void show_progress(void *arg, const struct merge_stats *stats, uint64_t total)
{
	progress_show(&((struct recording *)arg)->progress, stats, total);
}

/* Without a file the harvest goes on: the image is what it can be made of at any time */
static int without_file(struct recording *r, const char *name, int ret,
			const struct merge_error *err)
{
	progress_end(&r->progress);
	if (ret == -EINTR || ret == -ENOMEM)
		return ret;
	outdir_drop(&r->h->out, name);
	harvest_problem(r->h, "%s/%s is not there: %s. Make it with: pstore-rb %s", r->h->out.path,
			name, err->text, name == r->dat ? "convert" : "report");
	return 0;
}

static int make_dat(struct recording *r)
{
	const struct merge_select sel = { .overruns = true };
	const struct merge_watch watch = { .progress = show_progress, .arg = r };
	struct merge_error err = { 0 };
	struct merge_sink *sink;
	char *path;
	int ret;

	snprintf(r->dat, sizeof(r->dat), r->h->nr_recordings ? "trace-%u.dat" : "trace.dat",
		 r->h->nr_recordings + 1);
	if (asprintf(&path, "%s/%s", r->h->out.temp, r->dat) < 0)
		return -ENOMEM;
	ret = merge_sink_tracedat_create(path, 7, &err, &sink);
	if (!ret) {
		ret = merge_pump_pages(r->src, &sel, sink, &watch, &err, NULL);
		merge_sink_destroy(sink);
	}
	free(path);
	if (ret < 0) {
		ret = without_file(r, r->dat, ret, &err);
		*r->dat = '\0';
		return ret;
	}
	r->ret = r->ret || ret;
	return 0;
}

static int write_text(struct recording *r, FILE *out, struct merge_error *err)
{
	const struct options opt = { 0 };
	const struct merge_watch watch = {
		.damage = recording_damage, .progress = show_progress, .arg = r,
	};
	struct merge_stats stats = { 0 };
	struct merge_sink *sink;
	int ret = merge_sink_text_create(out, err, &sink);

	if (ret)
		return ret;
	ret = merge_pump_events(r->src, NULL, sink, &watch, err, &stats);
	merge_sink_destroy(sink);
	if (ret < 0)
		return ret;
	notes_apart(out, r->src, &opt, "# ");
	notes_missing(out, r->src);
	notes_outcome(out, ret, &stats);
	r->ret = r->ret || ret;
	errno = 0;
	return fflush(out) || ferror(out) ? error_code(err, errno ? -errno : -EIO) : 0;
}

static int make_text(struct recording *r)
{
	struct merge_error err = { 0 };
	FILE *out;
	int fd, ret;

	snprintf(r->text, sizeof(r->text), r->h->nr_recordings ? "trace-%u.txt" : "trace.txt",
		 r->h->nr_recordings + 1);
	fd = outdir_create(&r->h->out, r->text, &err);
	out = fd < 0 ? NULL : fdopen(fd, "w");
	ret = fd < 0 ? fd : !out ? -ENOMEM : write_text(r, out, &err);
	if (out && fclose(out) && !ret)
		ret = error_code(&err, -errno);
	progress_end(&r->progress);
	if (ret) {
		ret = without_file(r, r->text, ret, &err);
		*r->text = '\0';
	}
	return ret;
}

/* ---- All of an image ------------------------------------------------------ */

/* An empty slot is nothing to tell of when there is a recording besides */
static bool is_empty(const struct recording *r)
{
	return r->h->nr_recordings && !r->info->stats.events && !r->info->stats.damaged;
}

static int make_recording(struct recording *r, struct merge_error *err)
{
	int ret = info_collect(r->src, err, &r->info);

	if (ret < 0)
		return ret;
	if (is_empty(r)) {
		info_free(r->info);
		return 0;
	}
	r->ret = ret;
	progress_init(&r->progress, false);
	ret = make_dat(r);
	if (!ret)
		ret = make_text(r);
	if (!ret && r->info->stats.damaged)
		ret = recording_damage_apart(r, err);
	if (!ret)
		ret = recording_span(r, err);
	if (!ret)
		recording_tell(r);
	textbuf_deinit(&r->damage);
	info_free(r->info);
	return ret;
}

static int take_slot(struct harvest *h, struct image *image, const char *name,
		     const struct persist_slot *slot)
{
	struct recording r = { .h = h, .image = name, .slot = slot };
	struct merge_error err = { 0 };
	int ret;

	image->from = slot->h.start;
	image->to = slot->h.start + slot->h.slot_size;
	ret = merge_source_open_region(&image->slot_io, slot->h.start, &err, &r.src);
	if (!ret) {
		merge_source_on_interrupt(r.src, stop_asked, NULL);
		ret = make_recording(&r, &err);
		merge_source_close(r.src);
	}
	if (ret && ret != -EINTR && ret != -ENOMEM) {
		harvest_problem(h, "%s, recording at 0x%" PRIx64 ": %s", name, slot->h.start, err.text);
		ret = 0;
	}
	return ret;
}

/* What an earlier kernel that divided the memory otherwise left below a newer slot */
static bool is_below(const struct persist_slot *slot, const struct persist_slot *newer)
{
	return slot->h.generation < newer->h.generation &&
		slot->h.start < newer->h.start + newer->h.slot_size &&
		newer->h.start < slot->h.start + slot->h.slot_size;
}

static int take_others(struct harvest *h, struct image *image, const char *name,
		       const struct persist_slot *newest)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < image->found.nr; i++) {
		const struct persist_slot *slot = &image->found.slots[i];

		if (slot != newest && persist_is_beside(newest, slot) && !is_below(slot, newest))
			ret = take_slot(h, image, name, slot);
	}
	return ret;
}

int recordings_make(struct harvest *h, const char *name)
{
	struct image image;
	int ret = image_open(&image, h->out.fd, name, h->crc);

	if (!ret) {
		const struct persist_slot *newest = persist_newest(&image.found);

		ret = take_slot(h, &image, name, newest);
		if (!ret)
			ret = take_others(h, &image, name, newest);
	} else if (ret == -ENODATA && image.found.nr_bad) {
		harvest_problem(h, "%s: nothing can be read out of it: header at 0x%" PRIx64 ": %s",
				name, image.found.bad_pos, image.found.bad.text);
		ret = 0;
	} else if (ret != -EINTR && ret != -ENOMEM) {
		harvest_problem(h, "%s: nothing can be read out of it: %s", name,
				ret == -ENODATA ? "there is no header of a trace region in it" :
				dir_strerror(ret));
		ret = 0;
	}
	image_close(&image);
	return ret;
}
