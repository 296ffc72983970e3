// SPDX-License-Identifier: LGPL-2.1-or-later
/* The marks of a trial, looked for in what the machine left: see selftest.h. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "dir.h"
#include "error.h"
#include "json.h"
#include "place.h"
#include "selftest.h"
#include "stop.h"
#include "tool.h"

#define COMPLETE_RUN	((uint32_t)((1ull << SELFTEST_RUN) - 1))

/* ---- One image ------------------------------------------------------------ */

static void count_damage(void *arg, const struct merge_damage *damage)
{
	struct selftest_found *f = arg;

	(void)damage;
	f->damaged++;
}

/* The numbers behind the nonce in a record, whose bytes may be anything */
static bool parse_mark(const struct selftest *t, const struct merge_event *ev, unsigned int *cpu,
		       unsigned int *nr)
{
	char begin[SELFTEST_TEXT], text[SELFTEST_TEXT] = "", wanted[SELFTEST_TEXT];
	int len = snprintf(begin, sizeof(begin), "pstore-rb selftest %s cpu ", t->nonce);
	const char *at = memmem(ev->data, ev->size, begin, (size_t)len);
	size_t left = at ? (size_t)((const char *)ev->data + ev->size - at) : 0;

	memcpy(text, at ? at : "", left < sizeof(text) - 1 ? left : sizeof(text) - 1);
	if (!at || sscanf(text + len, "%u mark %u of", cpu, nr) != 2)
		return false;
	selftest_text(t, *cpu, *nr, wanted);
	return !strncmp(text, wanted, strlen(wanted)) && *nr && *nr <= SELFTEST_RUN;
}

/* Each once, on its CPU, and behind those with lower numbers */
static void take_mark(const struct selftest *t, const struct merge_event *ev,
		      struct selftest_found *f)
{
	unsigned int cpu, nr;
	uint32_t bit;

	if (!parse_mark(t, ev, &cpu, &nr))
		return;
	bit = 1u << (nr - 1);
	if (cpu != ev->cpu || cpu >= SELFTEST_CPUS || !t->marked[cpu] || f->runs[cpu] >= bit) {
		f->misplaced++;
		return;
	}
	f->runs[cpu] |= bit;
	f->marks++;
}

static int look_through(const struct selftest *t, struct merge_source *src,
			const struct merge_buffer *buf, struct selftest_found *f,
			struct merge_error *err)
{
	const struct merge_select sel = { .buffers = &buf->index, .nr_buffers = 1 };
	struct merge_iter *it;
	struct merge_event ev;
	int ret = merge_iter_create(src, &sel, count_damage, f, err, &it);

	while (!ret && (ret = merge_iter_next(it, &ev)) > 0) {
		take_mark(t, &ev, f);
		ret = 0;
	}
	if (ret < 0)
		error_code(err, ret);
	merge_iter_destroy(it);
	return ret;
}

/* What a reader had consumed comes before the rest */
static int look_in_buffers(const struct selftest *t, struct merge_source *src,
			   struct selftest_found *f, struct merge_error *err)
{
	const struct merge_buffer *buf;
	int ret = 0;

	for (int apart = 1; apart >= 0; apart--)
		for (unsigned int i = 0; !ret && (buf = merge_source_buffer(src, i)); i++)
			if (merge_buffer_is_apart(buf) == apart)
				ret = look_through(t, src, buf, f, err);
	while (!ret && merge_source_notice(src, f->notices))
		f->notices++;
	return ret;
}

/* Whether it has a mark; one that cannot be read has none */
static int look_at(const struct selftest *t, const char *path, struct selftest_found *f,
		   struct merge_error *err)
{
	const unsigned int images = f->images + 1;
	struct merge_source *src;
	struct merge_error why = { 0 };
	int ret = merge_source_open(path, "region", &why, &src);

	memset(f, 0, sizeof(*f));
	f->images = images;
	if (ret == -EINTR || ret == -ENOMEM)
		return error_code(err, ret);
	if (ret) {
		tool_complain("%s", why.text);
		return 0;
	}
	merge_source_on_interrupt(src, stop_asked, NULL);
	ret = look_in_buffers(t, src, f, err);
	merge_source_close(src);
	if (ret || (!f->marks && !f->misplaced))
		return ret;
	f->path = strdup(path);
	return f->path ? 0 : error_nomem(err);
}

/* ---- All there are -------------------------------------------------------- */

static int look_in(const struct selftest *t, const char *root, const char *path,
		   struct selftest_found *f, struct merge_error *err)
{
	struct merge_error why = { 0 };
	struct place p;
	int ret = place_open(&p, root, path, &why);
	char *image;

	/* what is not there has no marks; what may not be read might */
	if (ret && ret != -ENOENT && ret != -ENOMEM)
		tool_complain("%s", why.text);
	ret = ret == -ENOMEM ? error_nomem(err) : 0;
	for (size_t i = 0; !ret && !f->path && i < p.nr; i++) {
		if (!place_is_image(&p.files[i]))
			continue;
		if (asprintf(&image, "%s/%s", p.path, p.files[i].name) < 0) {
			ret = error_nomem(err);
			break;
		}
		ret = look_at(t, image, f, err);
		free(image);
	}
	place_close(&p);
	return ret;
}

static int look_in_harvest(const struct selftest *t, const char *dir, const char *name,
			   struct selftest_found *f, struct merge_error *err)
{
	char path[NAME_MAX + 2];

	snprintf(path, sizeof(path), "/%s", name);
	return look_in(t, dir, path, f, err);
}

int selftest_find(const struct selftest *t, const char *root, const char *dir,
		  struct selftest_found *f, struct merge_error *err)
{
	struct merge_error why = { 0 };
	struct kept_list kept;
	int ret;

	memset(f, 0, sizeof(*f));
	ret = look_in(t, root, PLACE_PSTORE, f, err);
	if (!ret && !f->path)
		ret = look_in(t, root, PLACE_SYSTEMD, f, err);
	if (ret || f->path)
		return ret;
	if (!kept_open(&kept, dir, false, &why))
		for (size_t i = kept.nr; !ret && !f->path && i-- > 0; )
			ret = look_in_harvest(t, dir, kept.all[i].name, f, err);
	kept_close(&kept);
	return ret;
}

/* ---- What it comes to ----------------------------------------------------- */

int selftest_result(const struct selftest *t, const struct selftest_found *f)
{
	if (!f->marks)
		return TOOL_NOTHING;
	return f->marks == t->nr_cpus * SELFTEST_RUN && !f->misplaced && !f->damaged && !f->notices ?
		TOOL_COMPLETE : TOOL_PARTIAL;
}

static const char *const results[] = {
	[TOOL_COMPLETE] = "complete", [TOOL_PARTIAL] = "partial", [TOOL_NOTHING] = "nothing",
};

static void tell_json(const struct selftest *t, const struct selftest_found *f,
		      struct textbuf *b)
{
	const char *comma = "";

	textbuf_puts(b, "{\"type\":\"selftest\",\"schema\":\"pstore_rb.selftest\",\"version\":1");
	json_member_text(b, ",\"result\":", results[selftest_result(t, f)]);
	json_member_text(b, ",\"nonce\":", t->nonce);
	json_member_text(b, ",\"boot_id\":", t->boot_id);
	json_member_text(b, ",\"time\":", t->time);
	manifest_text(b, ",\"image\":", f->path ? f->path : "");
	json_member_number(b, ",\"images\":", f->images);
	json_member_number(b, ",\"marks\":", t->nr_cpus * SELFTEST_RUN);
	json_member_number(b, ",\"found\":", f->marks);
	json_member_number(b, ",\"misplaced\":", f->misplaced);
	json_member_number(b, ",\"damaged_subbufs\":", f->damaged);
	json_member_number(b, ",\"notices\":", f->notices);
	textbuf_puts(b, ",\"cpus\":[");
	for (unsigned int cpu = 0; cpu < SELFTEST_CPUS; cpu++) {
		if (!t->marked[cpu])
			continue;
		json_member_number(b, *comma ? ",{\"cpu\":" : "{\"cpu\":", cpu);
		json_member_number(b, ",\"found\":", (uint64_t)__builtin_popcount(f->runs[cpu]));
		textbuf_putc(b, '}');
		comma = ",";
	}
	textbuf_puts(b, "]}\n");
}

static void tell_missing(const struct selftest *t, const struct selftest_found *f,
			 struct textbuf *b)
{
	for (unsigned int cpu = 0; cpu < SELFTEST_CPUS; cpu++)
		if (t->marked[cpu] && f->runs[cpu] != COMPLETE_RUN)
			textbuf_printf(b, "cpu%u: %d of %u marks\n", cpu,
				       __builtin_popcount(f->runs[cpu]), SELFTEST_RUN);
	if (f->misplaced)
		textbuf_printf(b, "%u marks are not where they should be, or there twice\n", f->misplaced);
	if (f->damaged || f->notices)
		textbuf_printf(b, "%u sub-buffers are damaged, and %u things are missing: pstore-rb info %s\n",
			       f->damaged, f->notices, f->path);
}

static void tell_text(const struct selftest *t, const struct selftest_found *f,
		      const char *where, struct textbuf *b)
{
	if (!f->path) {
		textbuf_printf(b, "nothing: no mark of the trial of %s in %u images, of pstore and of %s: pstore-rb check may tell why\n",
			       t->time, f->images, where);
		return;
	}
	textbuf_printf(b, "%s: %u of %u marks of %u CPUs, of the trial of %s, in %s\n",
		       results[selftest_result(t, f)], f->marks, t->nr_cpus * SELFTEST_RUN, t->nr_cpus,
		       t->time, f->path);
	tell_missing(t, f, b);
}

void selftest_tell(const struct selftest *t, const struct selftest_found *f, const char *where,
		   bool json, struct textbuf *b)
{
	if (json)
		tell_json(t, f, b);
	else
		tell_text(t, f, where, b);
}
