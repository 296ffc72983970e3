// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Mainline's ramoops as a source: docs/ramoops.md. ramoops_find.c finds its zones,
 * ramoops_zone.c reads one; texts stay texts, and records of functions are put into
 * sub-buffers when they are asked for, with the kernel's event for functions.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "describe_by.h"
#include "describe_ramoops.h"
#include "error.h"
#include "file_io.h"
#include "page_build.h"
#include "ramoops_text.h"
#include "shift.h"
#include "source_open.h"
#include "src_ramoops.h"

/* Each record of 36 bytes at most, with an absolute time stamp in front */
#define SUBBUF_SIZE	4096u
#define PER_SUBBUF	100u

/* How far behind its start a function is traced; where else its kernel may lie */
#define MAX_ENTRY	16u
#define STEP		((int64_t)2 << 20)
#define MAX_STEPS	511
#define SAMPLES		100u

#define PID_UNKNOWN	UINT32_MAX
/* TRACE_FLAG_IRQS_NOSUPPORT: whether interrupts were off is not known */
#define FLAGS_UNKNOWN	2u

/* ---- Sub-buffers ---------------------------------------------------------- */

static void put_number(uint8_t *bytes, size_t size, bool big, uint64_t value)
{
	for (size_t i = 0; i < size; i++)
		bytes[big ? size - 1 - i : i] = (uint8_t)(value >> 8 * i);
}

/* Records @i and on of @list */
static const struct ramoops_record *records_of(const struct merge_source *src,
					       const struct merge_buffer *buf,
					       unsigned int cpu_index, size_t i, size_t *nr)
{
	const struct ramoops_source *rs = src->priv;
	const struct ramoops_list *list = &rs->ftrace.lists[rs->first[buf->index] + cpu_index];
	size_t at = i * PER_SUBBUF, left = list->nr - at;

	*nr = left < PER_SUBBUF ? left : PER_SUBBUF;
	return &rs->ftrace.records[list->first + at];
}

static void put_record(const struct merge_source *src, struct page_build *b,
		       const struct ramoops_record *rec, uint64_t before)
{
	uint32_t size = src->long_size;
	bool big = src->big_endian;
	uint8_t bytes[RAMOOPS_COMMON + 16] = { 0 };

	put_number(bytes, 2, big, RAMOOPS_FUNCTION);
	bytes[2] = FLAGS_UNKNOWN;
	put_number(bytes + 4, 4, big, PID_UNKNOWN);
	put_number(bytes + RAMOOPS_COMMON, size, big, rec->ip);
	put_number(bytes + RAMOOPS_COMMON + size, size, big, rec->parent_ip);
	if (rec->ts < before)
		page_build_stamp(b, rec->ts);
	page_build_event(b, rec->ts < before ? 0 : rec->ts - before, bytes,
			 RAMOOPS_COMMON + 2 * size);
}

static int read_subbuf(struct merge_source *src, const struct merge_buffer *buf,
		       unsigned int cpu_index, size_t i, void *data,
		       struct merge_error *err, struct subbuf *sb)
{
	struct page_build b;
	size_t nr;
	const struct ramoops_record *rec = records_of(src, buf, cpu_index, i, &nr);
	uint64_t before = rec->ts;

	(void)err;
	page_build_init(&b, data, SUBBUF_SIZE, src->long_size, src->big_endian, before);
	for (size_t k = 0; k < nr; before = rec[k++].ts)
		put_record(src, &b, &rec[k], before);
	page_build_finish(&b, 0);
	sb->data = data;
	sb->size = SUBBUF_SIZE;
	return 0;
}

static int read_time(struct merge_source *src, const struct merge_buffer *buf,
		     unsigned int cpu_index, size_t i, uint64_t *ts)
{
	size_t nr;

	*ts = records_of(src, buf, cpu_index, i, &nr)->ts;
	return 0;
}

static void close_source(struct merge_source *src)
{
	struct ramoops_source *rs = src->priv;

	ramoops_ftrace_deinit(&rs->ftrace);
	ramoops_area_deinit(&rs->area);
	if (rs->fd >= 0)
		close(rs->fd);
	free(rs->owned);
	free(rs);
}

/* ---- Who knows its addresses ---------------------------------------------- */

/* How many of about @samples functions of a boot begin where @by has one, @delta on */
static size_t count_hits(const struct ramoops_ftrace *f, uint32_t boot, struct merge_source *by,
			 uint64_t delta, size_t samples, size_t *asked)
{
	uint64_t mask = f->long_size == 8 ? UINT64_MAX : UINT32_MAX;
	size_t first = 0, end = 0, hits = 0;

	for (size_t i = 0; i < f->nr_lists && f->lists[i].boot <= boot; i++) {
		first = f->lists[i].boot < boot ? f->lists[i].first + f->lists[i].nr : first;
		end = f->lists[i].first + f->lists[i].nr;
	}
	*asked = 0;
	for (size_t i = first; i < end; i += (end - first) / samples + 1, (*asked)++) {
		uint64_t ip = (f->records[i].ip + delta) & mask;
		struct desc_place place;

		hits += !desc_symbol(by->desc, ip, &place) && ip - place.start <= MAX_ENTRY;
	}
	return hits;
}

/*
 * How far behind the addresses that a boot recorded those of @by lie: another boot has its
 * kernel elsewhere, by steps of 2 MiB on x86, and since 7.2 addresses are stored as if it had
 * not been moved (adjust_ip() of fs/pstore/ftrace.c). The beginnings of functions tell.
 * DESC_BY_NOTHING: no such distance fits; *@hits of *@asked functions do
 */
static uint64_t find_delta(const struct ramoops_ftrace *f, uint32_t boot,
			   struct merge_source *by, size_t *hits, size_t *asked)
{
	size_t best = count_hits(f, boot, by, 0, SAMPLES, asked);
	uint64_t delta = 0;

	for (int i = -MAX_STEPS; f->long_size == 8 && 2 * best < *asked && i <= MAX_STEPS; i++) {
		size_t here = count_hits(f, boot, by, (uint64_t)(i * STEP), SAMPLES, asked);

		if (here > best) {
			best = here;
			delta = (uint64_t)(i * STEP);
		}
	}
	*hits = count_hits(f, boot, by, delta, 10 * SAMPLES, asked);
	return 2 * *hits < *asked ? DESC_BY_NOTHING : delta;
}

/* An earlier boot's addresses as those of the last one, of which @delta is known */
static int shift_boot(struct merge_source *src, struct merge_buffer *buf, uint32_t boot,
		      struct merge_source *by, uint64_t delta)
{
	const struct ramoops_ftrace *f = &((struct ramoops_source *)src->priv)->ftrace;
	size_t hits, asked;
	uint64_t its = find_delta(f, boot, by, &hits, &asked);
	struct merge_shift *shift;

	if (its == delta || delta == DESC_BY_NOTHING)
		return 0;
	if (its == DESC_BY_NOTHING) {
		source_note(src, buf, -1, "buffer %s: only %zu of %zu functions begin where what describes them has one: they have wrong names",
			    buf->name, hits, asked);
		return 0;
	}
	shift = calloc(1, sizeof(*shift));
	if (!shift)
		return -ENOMEM;
	shift->mask = f->long_size == 8 ? UINT64_MAX : UINT32_MAX;
	shift->text = its - delta;
	buf->shift = shift;
	return 0;
}

static int describe(struct merge_source *src, struct merge_source *by, struct merge_error *err)
{
	const struct ramoops_source *rs = src->priv;
	size_t asked, hits;
	uint64_t delta = find_delta(&rs->ftrace, 0, by, &hits, &asked);

	for (unsigned int i = 1; i < src->nr_buffers; i++)
		if (shift_boot(src, &src->buffers[i], rs->ftrace.lists[rs->first[i]].boot, by, delta))
			return error_nomem(err);
	if (delta == DESC_BY_NOTHING)
		source_note(src, NULL, -1,
			    "only %zu of %zu functions begin where what describes them has one: it is of another kernel, and they stay numbers",
			    hits, asked);
	else if (delta)
		source_remark(src, "the kernel that describes the functions lies 0x%" PRIx64 " from where they were recorded: addresses in modules have no names",
			      delta);
	desc_by_take(src->desc, by, delta);
	return 0;
}

static const struct source_ops ramoops_ops = {
	.name = "ramoops",
	.read = read_subbuf,
	.time = read_time,
	.describe = describe,
	.close = close_source,
};

/* ---- Buffers -------------------------------------------------------------- */

/* That of boot @boot, whose CPUs' lists are @first to @end - 1 */
static int add_buffer(struct merge_source *src, uint32_t boot, size_t first, size_t end)
{
	struct ramoops_source *rs = src->priv;
	char name[32] = "ftrace";
	struct merge_buffer buf = {
		.name = name, .instance = "", .kind = boot ? MERGE_PREVIOUS_BOOT : MERGE_PERSISTENT,
		.previous_boot = boot, .clock = "counter", .uncounted = true,
		.subbuf_size = SUBBUF_SIZE, .nr_cpus = (unsigned int)(end - first),
	};

	if (boot)
		snprintf(name, sizeof(name), "ftrace/boot-%u", boot);
	buf.cpus = calloc(end - first, sizeof(*buf.cpus));
	if (!buf.cpus)
		return -ENOMEM;
	for (size_t i = first; i < end; i++)
		buf.cpus[i - first] = (struct merge_cpu){
			.cpu = rs->ftrace.lists[i].cpu,
			.nr_subbufs = (rs->ftrace.lists[i].nr + PER_SUBBUF - 1) / PER_SUBBUF,
		};
	rs->first[src->nr_buffers] = first;
	return source_add_buffer(src, &buf);
}

int ramoops_add_buffers(struct merge_source *src, uint32_t long_size, bool big_endian)
{
	const struct ramoops_ftrace *f = &((struct ramoops_source *)src->priv)->ftrace;
	int ret = 0;

	src->long_size = long_size;
	src->big_endian = big_endian;
	src->desc = desc_by_create(src, true);
	if (!src->desc)
		return -ENOMEM;

	for (size_t i = 0, end; !ret && i < f->nr_lists; i = end) {
		for (end = i + 1; end < f->nr_lists && f->lists[end].boot == f->lists[i].boot;)
			end++;
		ret = add_buffer(src, f->lists[i].boot, i, end);
	}
	return ret;
}

/* ---- Zones ---------------------------------------------------------------- */

/* Only one is taken at a time; those of functions must all be there to know what they are */
static int take_records(struct merge_source *src, struct ramoops_log *logs)
{
	struct ramoops_source *rs = src->priv;
	struct ramoops_ftrace *f = &rs->ftrace;
	int ret = 0;

	ramoops_ftrace_init(f, &rs->how, logs, rs->nr_logs, rs->area.big_endian);
	for (uint32_t i = 0; f->long_size && !ret && i < rs->nr_logs; i++)
		if (logs[i].data)
			ret = ramoops_ftrace_add(f, &logs[i], i);
	return ret ? ret : ramoops_ftrace_finish(f);
}

static int read_functions(struct merge_source *src)
{
	struct ramoops_source *rs = src->priv;
	struct ramoops_log *logs = calloc(rs->area.nr + 1, sizeof(*logs));
	int ret = logs ? 0 : -ENOMEM;

	for (size_t i = 0; !ret && i < rs->area.nr; i++) {
		const struct ramoops_zone *z = &rs->area.zones[i];
		struct ramoops_log *log = &logs[rs->nr_logs];

		if (z->kind != RAMOOPS_FTRACE)
			continue;
		ret = source_interrupted(src) ? -EINTR : ramoops_zone_read(&rs->io, &rs->area, z, log);
		if (ret)
			break;
		ramoops_tell_zone(src, z, log);
		rs->functions += log->size;
		rs->nr_logs++;
	}
	if (!ret && rs->nr_logs)
		ret = take_records(src, logs);
	for (size_t i = 0; logs && i < rs->nr_logs; i++)
		ramoops_log_deinit(&logs[i]);
	free(logs);
	return ret;
}

static int add_text(struct merge_source *src, const struct ramoops_zone *z,
		    const struct ramoops_log *log)
{
	struct ramoops_text text;
	char name[32];
	int ret = ramoops_text_take(log, z->kind, &text);

	ramoops_zone_name(z, name);
	if (ret == -ENODATA) {
		source_note(src, NULL, -1, "zone %s has no heading of a dump: it is left out", name);
		return 0;
	}
	if (ret)
		return ret;
	if (text.why)
		source_note(src, NULL, -1, "zone %s: %s", name, text.why);
	return source_add_text(src, &(struct merge_text){
		.name = name, .data = text.data, .size = text.size, .address = z->pos,
		.stored = log->size,
	});
}

static int read_texts(struct merge_source *src)
{
	struct ramoops_source *rs = src->priv;
	int ret = 0;

	for (size_t i = 0; !ret && i < rs->area.nr; i++) {
		const struct ramoops_zone *z = &rs->area.zones[i];
		struct ramoops_log log;

		if (z->kind == RAMOOPS_FTRACE || !z->size)
			continue;
		ret = source_interrupted(src) ? -EINTR : ramoops_zone_read(&rs->io, &rs->area, z, &log);
		if (ret)
			break;
		ramoops_tell_zone(src, z, &log);
		if (log.data)
			ret = add_text(src, z, &log);
		ramoops_log_deinit(&log);
	}
	return ret;
}

/* ---- Opening -------------------------------------------------------------- */

static bool asked_to_stop(void *src)
{
	return source_interrupted(src);
}

static int load(struct merge_source *src, struct merge_error *err)
{
	struct ramoops_source *rs = src->priv;
	int ret = ramoops_find(&rs->io, &rs->how, asked_to_stop, src, err, &rs->area);

	if (ret)
		return ret;
	ret = read_functions(src);
	if (ret)
		return error_code(err, ret);
	ret = ramoops_add_buffers(src, rs->ftrace.long_size ? rs->ftrace.long_size : 8,
				  rs->area.big_endian);
	if (!ret)
		ret = read_texts(src);
	if (ret)
		return error_code(err, ret);
	ramoops_tell(src);
	return 0;
}

struct merge_source *ramoops_create(const struct ramoops_how *how)
{
	struct ramoops_source *rs = calloc(1, sizeof(*rs));
	struct merge_source *src = rs ? source_create(&ramoops_ops, rs, 8, false) : NULL;

	if (!src) {
		free(rs);
		return NULL;
	}
	rs->fd = -1;
	rs->how = *how;
	return src;
}

int ramoops_open_io(const struct merge_region_io *io, const struct ramoops_how *how,
		    struct merge_error *err, struct merge_source **out)
{
	struct merge_source *src = ramoops_create(how);
	struct ramoops_source *rs;
	int ret;

	if (!src)
		return error_nomem(err);
	rs = src->priv;
	rs->io = *io;
	ret = load(src, err);
	if (ret) {
		merge_source_close(src);
		return ret;
	}
	rs->owned = io->arg;
	*out = src;
	return 0;
}

static int open_with(const char *path, const struct ramoops_how *how, struct merge_error *err,
		     struct merge_source **out)
{
	struct merge_source *src = ramoops_create(how);
	struct ramoops_source *rs;
	int ret;

	if (!src)
		return error_nomem(err);
	rs = src->priv;
	ret = file_io_open(path, &rs->fd, &rs->io);
	ret = ret ? error_code(err, ret) : load(src, err);
	if (ret) {
		error_prepend(err, "%s", path);
		merge_source_close(src);
		return ret;
	}
	*out = src;
	return 0;
}

bool ramoops_probe(const struct source_look *look)
{
	struct merge_region_io io;
	bool found;
	int fd = -1;

	if (!S_ISREG(look->st.st_mode))
		return false;
	found = !file_io_open(look->path, &fd, &io) && ramoops_find_any(&io);
	if (fd >= 0)
		close(fd);
	return found;
}

int ramoops_open(const char *path, struct merge_error *err, struct merge_source **out)
{
	const struct ramoops_how how = { 0 };

	return open_with(path, &how, err, out);
}

int ramoops_open_at(const char *path, uint64_t start, struct merge_error *err,
		    struct merge_source **out)
{
	const struct ramoops_how how = { .has_address = true, .mem_address = start };

	return open_with(path, &how, err, out);
}

int ramoops_open_how(const char *path, const char *text, struct merge_error *err,
		     struct merge_source **out)
{
	struct ramoops_how how;
	int ret = ramoops_how_parse(text, &how, err);

	return ret ? ret : open_with(path, &how, err, out);
}
