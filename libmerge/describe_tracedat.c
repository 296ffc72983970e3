// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The description in a trace.dat file: event formats, found once and kept as
 * they are in the file; symbols, printk formats and command names, read when
 * they are asked for.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "btf.h"
#include "dat_headers.h"
#include "desc_lines.h"
#include "describe_tracedat.h"
#include "error.h"
#include "syscall_size.h"

#define NR_IDS	65536u

/* BTF_MAGIC of the kernel's btf.h, in either byte order */
#define BTF_MAGIC	0xeb9fu
#define BTF_MAGIC_SWAPPED	0x9febu

/* An event's format: @len bytes at @text, not terminated */
struct dat_format {
	unsigned int id;
	const char *system;
	const char *text;
	size_t len;
};

/*
 * @ftrace, @events: the sections that @formats point into
 * @formats: by ascending id
 * @copies: system calls' events have what user pointers point to
 */
struct dat_desc {
	const struct dat_layout *l;
	void *ftrace;
	void *events;
	struct dat_format *formats;
	size_t nr_formats;
	bool copies;
};

/* ---- Formats -------------------------------------------------------------- */

/* A u64 length and the text of a format, of which the file knows no id but its own */
static int add_format(struct dat_desc *dd, struct cursor *c, const char *system)
{
	uint64_t len = cursor_u64(c);
	const char *text = cursor_bytes(c, len), *line;
	struct dat_format *grown;
	unsigned long id;

	line = text ? memmem(text, len, "\nID: ", 5) : NULL;
	id = line ? strtoul(line + 5, NULL, 10) : NR_IDS;
	if (id >= NR_IDS)
		return 0;
	/* by powers of two */
	if (!(dd->nr_formats & (dd->nr_formats - 1))) {
		grown = reallocarray(dd->formats, dd->nr_formats ? 2 * dd->nr_formats : 1,
				     sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		dd->formats = grown;
	}
	dd->formats[dd->nr_formats++] = (struct dat_format){
		.id = id, .system = system, .text = text, .len = len };
	dd->copies |= !strcmp(system, "syscalls") && syscall_has_copy(text, len);
	return 0;
}

static int add_formats(struct dat_desc *dd, struct cursor *c, const char *system)
{
	int ret = 0;

	for (uint32_t n = cursor_u32(c); n && !c->bad && !ret; n--)
		ret = add_format(dd, c, system);
	return ret;
}

static int add_systems(struct dat_desc *dd, struct cursor *c)
{
	int ret = 0;

	for (uint32_t n = cursor_u32(c); n && !c->bad && !ret; n--) {
		const char *name = (const char *)c->data + c->pos;

		if (cursor_bytes(c, strnlen(name, cursor_left(c)) + 1))
			ret = add_formats(dd, c, name);
	}
	return ret;
}

static int format_compare(const void *a, const void *b)
{
	const struct dat_format *x = a, *y = b;

	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return x->text < y->text ? -1 : x->text > y->text;
}

/* By id; of several of one id the first */
static void sort_formats(struct dat_desc *dd)
{
	size_t kept = 0;

	if (!dd->nr_formats)
		return;
	qsort(dd->formats, dd->nr_formats, sizeof(*dd->formats), format_compare);
	for (size_t i = 0; i < dd->nr_formats; i++)
		if (!kept || dd->formats[i].id != dd->formats[kept - 1].id)
			dd->formats[kept++] = dd->formats[i];
	dd->nr_formats = kept;
}

/* What a section cannot give is noted; only -ENOMEM ends it */
static int load(const struct dat_layout *l, enum tracedat_id id, const char *what,
		void **data, size_t *size)
{
	int ret = dat_layout_load(l, id, data, size);

	if (!ret || ret == -ENOMEM)
		return ret;
	source_note(l->src, NULL, -1, "%s: %s", what,
		    ret == -ENOENT ? "the file has none" :
		    ret == -ENODATA ? "the file ends within them" :
		    ret == -EBADMSG ? "they are damaged" : strerror(-ret));
	return ret;
}

static int load_formats(struct dat_desc *dd)
{
	const struct {
		enum tracedat_id id;
		const char *what;
		void **data;
	} rows[] = {
		{ DAT_FTRACE_EVENTS, "formats of ftrace's own events", &dd->ftrace },
		{ DAT_EVENT_FORMATS, "formats of events", &dd->events },
	};
	int ret = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows) && ret != -ENOMEM; i++) {
		struct cursor c;
		size_t size;

		ret = load(dd->l, rows[i].id, rows[i].what, rows[i].data, &size);
		if (ret)
			continue;
		cursor_init(&c, *rows[i].data, size, dd->l->r->big_endian);
		ret = rows[i].id == DAT_EVENT_FORMATS ? add_systems(dd, &c) :
			add_formats(dd, &c, "ftrace");
		if (c.bad)
			source_note(dd->l->src, NULL, -1, "%s: they are cut off or damaged",
				    rows[i].what);
	}
	sort_formats(dd);
	return ret == -ENOMEM ? ret : 0;
}

static int find_event(struct merge_desc *d, unsigned int id, char **system, char **format)
{
	struct dat_desc *dd = d->priv;
	size_t lo = 0, hi = dd->nr_formats;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (dd->formats[mid].id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == dd->nr_formats || dd->formats[lo].id != id)
		return -ENOENT;
	return desc_give(strdup(dd->formats[lo].system), strndup(dd->formats[lo].text, dd->formats[lo].len), system, format);
}

static int each_event(struct merge_desc *d, desc_event_fn *fn, void *arg)
{
	struct dat_desc *dd = d->priv;
	int ret = 0;

	for (size_t i = 0; !ret && i < dd->nr_formats; i++)
		ret = fn(arg, dd->formats[i].id);
	return ret;
}

/* A file may have formats of a few events: where none of them has a copy this is not known */
static int find_syscall_size(struct merge_desc *d, unsigned int id, int *arg)
{
	struct dat_desc *dd = d->priv;
	const char *system, *format;

	if (!dd->copies)
		return -ENOENT;
	*arg = desc_format(d, id, &system, &format) ? -1 : syscall_size_argument(format);
	return 0;
}

/* ---- Lists of lines ------------------------------------------------------- */

/* The lines of section @id, behind their size of @width bytes */
static int each_line(struct merge_desc *d, enum tracedat_id id, unsigned int width,
		     const char *what, desc_line_fn *fn, void *arg)
{
	struct dat_desc *dd = d->priv;
	struct cursor c;
	uint64_t len;
	size_t size;
	void *data;
	int ret = load(dd->l, id, what, &data, &size);

	if (ret)
		return ret == -ENOMEM ? ret : 0;
	cursor_init(&c, data, size, dd->l->r->big_endian);
	len = cursor_uint(&c, width);
	if (len > cursor_left(&c))
		source_note(dd->l->src, NULL, -1, "%s: the last of them are cut off", what);
	else
		((char *)data)[c.pos + len] = '\0';
	ret = desc_each_line((char *)data + c.pos, fn, arg);
	free(data);
	return ret;
}

static int each_symbol(struct merge_desc *d, desc_symbol_fn *fn, void *arg)
{
	struct dat_desc *dd = d->priv;
	struct desc_symbol_walk w = { fn, arg, false };
	int ret = each_line(d, DAT_KALLSYMS, 4, "symbols", desc_take_symbol, &w);

	if (!ret && !w.has_address)
		source_note(dd->l->src, NULL, -1,
			    "the file has no symbols with addresses: addresses stay numbers");
	return ret;
}

static int each_comm(struct merge_desc *d, desc_comm_fn *fn, void *arg)
{
	struct desc_comm_walk w = { fn, arg };

	return each_line(d, DAT_CMDLINES, 8, "command names", desc_take_comm, &w);
}

static int each_printk(struct merge_desc *d, desc_printk_fn *fn, void *arg)
{
	struct desc_printk_walk w = { fn, arg };

	return each_line(d, DAT_PRINTK, 4, "printk formats", desc_take_printk, &w);
}

/* The section is the data, or has their size before them */
static int read_btf(struct merge_desc *d, void **data, size_t *size)
{
	struct dat_desc *dd = d->priv;
	struct cursor c;
	uint16_t magic;

	if (dat_layout_load(dd->l, DAT_BTF, data, size))
		return -ENOENT;
	cursor_init(&c, *data, *size, false);
	magic = cursor_u16(&c);
	if (magic != BTF_MAGIC && magic != BTF_MAGIC_SWAPPED && *size > 8) {
		*size -= 8;
		memmove(*data, (uint8_t *)*data + 8, *size);
	}
	return 0;
}

/* A few are in the kernel's types; print formats have theirs as numbers */
static int find_enumerator(struct merge_desc *d, const char *name, int64_t *value)
{
	return btf_enumerator(desc_btf(d), name, value);
}

static void close_desc(struct merge_desc *d)
{
	struct dat_desc *dd = d->priv;

	free(dd->ftrace);
	free(dd->events);
	free(dd->formats);
	free(dd);
}

static const struct desc_ops tracedat_desc_ops = {
	.event = find_event,
	.each_event = each_event,
	.enumerator = find_enumerator,
	.syscall_size = find_syscall_size,
	.btf = read_btf,
	.each_symbol = each_symbol,
	.each_comm = each_comm,
	.each_printk = each_printk,
	.close = close_desc,
};

/* ---- Identity ------------------------------------------------------------- */

/* "header_page\0" u64 length and text; *@text is malloc'ed, NULL when it is cut off */
static int take_header(struct cursor *c, char **text)
{
	const char *name = (const char *)c->data + c->pos;
	const void *bytes;
	uint64_t len;

	cursor_bytes(c, strnlen(name, cursor_left(c)) + 1);
	len = cursor_u64(c);
	bytes = cursor_bytes(c, len);
	*text = bytes ? strndup(bytes, len) : NULL;
	return bytes && !*text ? -ENOMEM : 0;
}

static int check_headers(const struct dat_layout *l, struct dat_headers *h,
			 struct merge_error *err)
{
	char *page = NULL, *event = NULL;
	struct cursor c;
	void *data;
	size_t size;
	int ret = load(l, DAT_HEADER_INFO, "descriptions of the ring buffer", &data, &size);

	if (ret)
		return ret == -ENOMEM ? error_nomem(err) : 0;
	cursor_init(&c, data, size, l->r->big_endian);
	ret = take_header(&c, &page);
	if (!ret)
		ret = take_header(&c, &event);
	if (ret)
		error_nomem(err);
	if (!ret && page && *page)
		ret = dat_headers_page(page, h, err);
	if (!ret && event && *event)
		ret = dat_headers_event(event, err);
	free(page);
	free(event);
	free(data);
	return ret;
}

int desc_tracedat_create(const struct dat_layout *l, struct merge_error *err,
			 struct merge_desc **out)
{
	struct dat_headers h = { .long_size = l->r->long_size };
	struct merge_desc *d = calloc(1, sizeof(*d));
	struct dat_desc *dd = calloc(1, sizeof(*dd));
	int ret;

	if (!d || !dd) {
		free(d);
		free(dd);
		return error_nomem(err);
	}
	dd->l = l;
	desc_init(d, &tracedat_desc_ops, dd);
	ret = check_headers(l, &h, err);
	if (!ret && load_formats(dd))
		ret = error_nomem(err);
	if (ret) {
		desc_close(d);
		return ret;
	}
	d->long_size = h.long_size;
	d->overwrite_is_char = h.overwrite_is_char;
	d->big_endian = l->r->big_endian;
	d->nr_cpu_ids = l->cpu_count;
	if (l->uname)
		desc_take_uname(d, l->uname);
	*out = d;
	return 0;
}
