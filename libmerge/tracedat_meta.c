// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Event formats, symbols, printk formats and command names in the form
 * trace.dat has them (trace-cmd's Documentation/trace-cmd/trace-cmd.dat.v7.5.txt).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "comms.h"
#include "error.h"
#include "textbuf.h"
#include "tracedat_meta.h"

/* Only these end a walk of the description early for good */
static int fatal(int ret)
{
	return ret == -EINTR || ret == -ENOMEM ? ret : 0;
}

/* ---- Headers and formats ------------------------------------------------ */

static void put_sized(struct datfile *f, const char *text)
{
	datfile_number(f, strlen(text), 8);
	datfile_put(f, text, strlen(text));
}

static int write_header_info(const struct dat_meta *m)
{
	char text[512];

	desc_header_page(m->desc, m->subbuf_size, text, sizeof(text));
	datfile_text(m->file, "header_page");
	put_sized(m->file, text);
	datfile_text(m->file, "header_event");
	put_sized(m->file, desc_header_event());
	return 0;
}

struct format {
	const char *system;
	const char *text;
	unsigned int id;
};

/* Formats of one kind: those of the ftrace system, or all others */
struct formats {
	struct format *array;
	size_t count;
};

static int format_compare(const void *a, const void *b)
{
	const struct format *x = a, *y = b;
	int order = strcmp(x->system, y->system);

	return order ? order : (int)x->id - (int)y->id;
}

static int formats_add(struct formats *fs, const struct format *format)
{
	struct format *array = reallocarray(fs->array, fs->count + 1, sizeof(*array));

	if (!array)
		return -ENOMEM;
	fs->array = array;
	fs->array[fs->count++] = *format;
	return 0;
}

static int formats_collect(const struct dat_meta *m, bool ftrace, struct formats *fs)
{
	int ret = 0;

	for (unsigned int id = 0; id < DAT_NR_IDS && !ret; id++) {
		struct format format = { .id = id };

		if (!(m->ids[id / 8] & 1 << id % 8))
			continue;
		ret = desc_format_prepared(m->desc, id, &format.system, &format.text);
		if (!ret && !strcmp(format.system, "ftrace") == ftrace)
			ret = formats_add(fs, &format);
		ret = fatal(ret);
	}
	if (fs->count)
		qsort(fs->array, fs->count, sizeof(*fs->array), format_compare);
	return ret;
}

static int write_ftrace_events(const struct dat_meta *m)
{
	struct formats fs = { 0 };
	int ret = formats_collect(m, true, &fs);

	datfile_number(m->file, fs.count, 4);
	for (size_t i = 0; i < fs.count; i++)
		put_sized(m->file, fs.array[i].text);
	free(fs.array);
	return ret;
}

/* Number of formats of the system that @i is of, from @i on */
static size_t system_size(const struct formats *fs, size_t i)
{
	size_t n = 1;

	while (i + n < fs->count && !strcmp(fs->array[i].system, fs->array[i + n].system))
		n++;
	return n;
}

static int write_event_formats(const struct dat_meta *m)
{
	struct formats fs = { 0 };
	int ret = formats_collect(m, false, &fs);
	size_t systems = 0, i, n;

	for (i = 0; i < fs.count; i += system_size(&fs, i))
		systems++;
	datfile_number(m->file, systems, 4);
	for (i = 0; i < fs.count; i += n) {
		n = system_size(&fs, i);
		datfile_text(m->file, fs.array[i].system);
		datfile_number(m->file, n, 4);
		for (size_t k = i; k < i + n; k++)
			put_sized(m->file, fs.array[k].text);
	}
	free(fs.array);
	return ret;
}

/* ---- Lists of lines ----------------------------------------------------- */

/* Lines of text behind their size */
struct lines {
	struct datfile *file;
	struct textbuf line;
	uint64_t start;
	unsigned int long_size;
};

static void lines_begin(struct lines *l, const struct dat_meta *m, unsigned int size)
{
	*l = (struct lines){ .file = m->file, .long_size = m->desc->long_size };
	datfile_number(l->file, 0, size);
	l->start = l->file->pos;
}

static int lines_end(struct lines *l, unsigned int size, int ret)
{
	textbuf_deinit(&l->line);
	datfile_patch(l->file, l->start - size, l->file->pos - l->start, size);
	return fatal(ret);
}

static int line_put(struct lines *l)
{
	if (l->line.failed)
		return -ENOMEM;
	datfile_put(l->file, l->line.data, l->line.len);
	l->line.len = 0;
	return l->file->err;
}

/* A line of /proc/kallsyms */
static int put_symbol(void *arg, uint64_t addr, char type, const char *name,
		      const char *module)
{
	struct lines *l = arg;

	if (!name)
		return 0;
	textbuf_hex(&l->line, addr, 2 * (int)l->long_size);
	textbuf_putc(&l->line, ' ');
	textbuf_putc(&l->line, type);
	textbuf_putc(&l->line, ' ');
	textbuf_puts(&l->line, name);
	if (module) {
		textbuf_put(&l->line, "\t[", 2);
		textbuf_puts(&l->line, module);
		textbuf_putc(&l->line, ']');
	}
	textbuf_putc(&l->line, '\n');
	return line_put(l);
}

static int write_kallsyms(const struct dat_meta *m)
{
	struct lines l;
	int ret = 0;

	lines_begin(&l, m, 4);
	if (m->desc->ops->each_symbol)
		ret = m->desc->ops->each_symbol(m->desc, put_symbol, &l);
	if (!ret && m->desc->ops->each_freed)
		ret = m->desc->ops->each_freed(m->desc, put_symbol, &l);
	return lines_end(&l, 4, ret);
}

/* A line of printk_formats */
static int put_printk(void *arg, uint64_t addr, const char *format)
{
	struct lines *l = arg;
	size_t size = 2 * strlen(format) + 3;
	char *text = malloc(size);

	if (!text)
		return -ENOMEM;
	textbuf_put(&l->line, "0x", 2);
	textbuf_hex(&l->line, addr, 1);
	textbuf_put(&l->line, " : \"", 4);
	textbuf_put(&l->line, text, desc_printk_escape(format, text, size));
	textbuf_put(&l->line, "\"\n", 2);
	free(text);
	return line_put(l);
}

static int write_printk(const struct dat_meta *m)
{
	struct lines l;
	int ret = 0;

	lines_begin(&l, m, 4);
	if (m->desc->ops->each_printk)
		ret = m->desc->ops->each_printk(m->desc, put_printk, &l);
	return lines_end(&l, 4, ret);
}

/*
 * A line of saved_cmdlines. Readers stop at the first one they cannot parse: no
 * control characters, no empty names.
 */
static int put_comm(void *arg, int pid, const char *comm)
{
	struct lines *l = arg;

	if (!comm[strspn(comm, " ")])
		return 0;
	textbuf_printf(&l->line, "%d ", pid);
	for (; *comm; comm++)
		textbuf_putc(&l->line, (unsigned char)*comm < ' ' ? '?' : *comm);
	textbuf_putc(&l->line, '\n');
	return line_put(l);
}

static int write_cmdlines(const struct dat_meta *m)
{
	struct lines l;
	int ret;

	lines_begin(&l, m, 8);
	ret = comms_each(m->src, put_comm, &l);
	return lines_end(&l, 8, ret);
}

const struct dat_meta_section dat_meta_sections[] = {
	{ DAT_HEADER_INFO, write_header_info },
	{ DAT_FTRACE_EVENTS, write_ftrace_events },
	{ DAT_EVENT_FORMATS, write_event_formats },
	{ DAT_KALLSYMS, write_kallsyms },
	{ DAT_PRINTK, write_printk },
	{ DAT_CMDLINES, write_cmdlines },
	{ 0, NULL },
};

int dat_meta_put(const struct dat_meta *m, const struct dat_meta_section *s,
		 struct merge_error *err)
{
	int ret = s->write(m);

	if (m->file->err)
		return datfile_error(m->file, err);
	return ret ? error_set(err, ret, "describing the traced boot: %s", strerror(-ret)) : 0;
}
