// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The description of a boot, as far as it does not depend on where it comes
 * from: event formats parsed once and kept by id, the libtraceevent handle,
 * the sorted symbol table.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "btf.h"
#include "describe.h"
#include "format.h"
#include "format_check.h"
#include "symbols.h"
#include "symbols_freed.h"

/* common_type is a u16 */
#define NR_IDS		65536u

/* No field width or precision of a printk format has more digits than that */
#define WIDTH_DIGITS	3

/*
 * struct desc_event - what is known of one event id
 * @system, @format: as ops->event gave them; NULL when it gave none
 * @prepared: @format as format_prepare() made it
 * @tep: the parsed format, owned by the libtraceevent handle
 * @err: what ops->event returned
 * @asked, @parsed: done once, also when it failed
 */
struct desc_event {
	char *system;
	char *format;
	char *prepared;
	struct tep_event *tep;
	int err;
	bool asked;
	bool parsed;
};

void desc_init(struct merge_desc *d, const struct desc_ops *ops, void *priv)
{
	d->ops = ops;
	d->priv = priv;
}

static void events_free(struct desc_event *events, unsigned int end)
{
	for (unsigned int id = 0; id < end; id++) {
		free(events[id].system);
		free(events[id].format);
		free(events[id].prepared);
	}
	free(events);
}

void desc_close(struct merge_desc *d)
{
	if (!d)
		return;
	tep_free(d->tep);
	events_free(d->events, d->events_end);
	printks_deinit(&d->printks);
	symbols_destroy(d->symbols);
	symbols_freed_destroy(d->freed);
	btf_destroy(d->btf);
	if (d->ops && d->ops->close)
		d->ops->close(d);
	free(d);
}

/* ---- Formats ------------------------------------------------------------ */

/* The entry of @id with the text asked for; NULL: out of memory */
static struct desc_event *event_get(struct merge_desc *d, unsigned int id)
{
	struct desc_event *e;

	if (!d->events)
		d->events = calloc(NR_IDS, sizeof(*d->events));
	if (!d->events) {
		d->no_memory = true;
		return NULL;
	}

	id %= NR_IDS;
	if (id >= d->events_end)
		d->events_end = id + 1;
	e = &d->events[id];
	if (!e->asked) {
		e->err = d->ops->event ? d->ops->event(d, id, &e->system, &e->format) : -ENOENT;
		/* an interrupted or starved question may be asked again */
		e->asked = e->err != -EINTR && e->err != -ENOMEM;
		d->no_memory |= e->err == -ENOMEM;
	}
	return e;
}

int desc_give(char *system, char *format, char **out_system, char **out_format)
{
	if (!system || !format) {
		free(system);
		free(format);
		return -ENOMEM;
	}
	*out_system = system;
	*out_format = format;
	return 0;
}

int desc_format(struct merge_desc *d, unsigned int id, const char **system,
		const char **format)
{
	struct desc_event *e = event_get(d, id);

	if (!e)
		return -ENOMEM;
	if (e->err)
		return e->err;
	*system = e->system;
	*format = e->format;
	return 0;
}

static int enumerator(void *arg, const char *name, int64_t *value)
{
	struct merge_desc *d = arg;

	return d->ops->enumerator ? d->ops->enumerator(d, name, value) : -ENOENT;
}

int desc_format_prepared(struct merge_desc *d, unsigned int id, const char **system,
			 const char **format)
{
	struct desc_event *e = event_get(d, id);
	struct format_context context = {
		.long_size = d->long_size, .enumerator = enumerator, .arg = d,
	};

	if (!e)
		return -ENOMEM;
	if (e->err)
		return e->err;
	context.system = e->system;
	if (!e->prepared)
		e->prepared = format_prepare(e->format, &context);
	if (!e->prepared) {
		d->no_memory = true;
		return -ENOMEM;
	}
	*system = e->system;
	*format = e->prepared;
	return 0;
}

static struct tep_event *format_parse(struct tep_handle *tep, unsigned int id,
				      const char *system, const char *format)
{
	struct tep_event *event = NULL;

	/* A format under another event's id would be used for its records */
	if (format_id(format) != (long)id || !format_check_fields(format))
		return NULL;
	tep_parse_format(tep, &event, format, strlen(format), system);
	if (!event || event->id != (int)id || !event->format.nr_common)
		return NULL;
	/* it stopped amid the fields: those behind would be missed */
	if (event->format.fields && !event->format.nr_fields)
		return NULL;
	return event;
}

struct tep_event *desc_event(struct merge_desc *d, unsigned int id)
{
	const char *system, *format;
	struct tep_handle *tep = desc_tep(d);
	struct desc_event *e = event_get(d, id);

	if (!tep || !e)
		return NULL;
	if (!e->parsed && !desc_format_prepared(d, id, &system, &format)) {
		e->tep = format_parse(tep, id, system, format);
		e->parsed = true;
	}
	return e->tep;
}

int desc_syscall_size(struct merge_desc *d, unsigned int id, int *arg)
{
	return d->ops->syscall_size ? d->ops->syscall_size(d, id, arg) : -ENOENT;
}

unsigned int desc_record_id(const struct merge_desc *d, const void *record)
{
	const uint8_t *p = record;

	return d->big_endian ? p[0] << 8 | p[1] : p[1] << 8 | p[0];
}

/* ---- The libtraceevent handle ------------------------------------------- */

/* libtraceevent's buffer grows by pages: a width of billions takes ages */
static bool printk_width_sane(const char *p)
{
	size_t digits;

	for (; *p; p += digits ? digits : 1) {
		digits = strspn(p, "0123456789");
		if (digits > WIDTH_DIGITS)
			return false;
	}
	return true;
}

size_t desc_printk_escape(const char *format, char *out, size_t size)
{
	static const char plain[] = "\n\t\\\"", escaped[] = "nt\\\"";
	size_t len = 0;

	for (; *format && len + 3 < size; format++) {
		const char *p = strchr(plain, *format);

		if (p)
			out[len++] = '\\';
		out[len++] = p ? escaped[p - plain] : *format;
	}
	out[len] = '\0';
	return len;
}

/* Where printk_add() puts them */
struct printk_target {
	struct tep_handle *tep;
	struct printks *printks;
};

static int printk_add(void *arg, uint64_t addr, const char *format)
{
	struct printk_target *to = arg;
	size_t size = 2 * strlen(format) + 8;
	char *text;
	size_t len;
	int ret;

	if (!printk_width_sane(format))
		return 0;
	text = malloc(size);
	if (!text)
		return -ENOMEM;

	/*
	 * libtraceevent strips the quotes and one "\n"; given both it stays
	 * inside the text however short the format is.
	 */
	text[0] = '"';
	len = 1 + desc_printk_escape(format, text + 1, size - 1);
	if (len < 3 || strcmp(text + len - 2, "\\n"))
		len += (size_t)sprintf(text + len, "\\n");
	strcpy(text + len, "\"");
	ret = tep_register_print_string(to->tep, text, addr) ? -ENOMEM : 0;
	if (!ret)
		ret = printks_add(to->printks, addr, text + 1, len - 3);
	free(text);
	return ret;
}

/* The flag came in 6.13 and took the bit of one that x86 never sets. */
static void load_flags(struct merge_desc *d)
{
	int64_t lazy;

	if (d->ops->enumerator &&
	    !d->ops->enumerator(d, "TRACE_FLAG_NEED_RESCHED_LAZY", &lazy))
		d->flag_resched_lazy = lazy;
}

static struct tep_handle *tep_create(struct merge_desc *d)
{
	struct tep_handle *tep = tep_alloc();
	struct printk_target to = { .tep = tep, .printks = &d->printks };
	int ret = 0;

	if (!tep)
		return NULL;
	tep_set_long_size(tep, (int)d->long_size);
	tep_set_page_size(tep, (int)d->page_size);
	tep_set_file_bigendian(tep, d->big_endian ? TEP_BIG_ENDIAN : TEP_LITTLE_ENDIAN);
	if (tep_set_function_resolver(tep, desc_resolve, d))
		goto err;
	load_flags(d);

	/* What cannot be read leaves names out; only these two end it */
	if (d->ops->each_printk)
		ret = d->ops->each_printk(d, printk_add, &to);
	if (ret == -EINTR || ret == -ENOMEM)
		goto err;
	printks_sort(&d->printks);
	return tep;
err:
	printks_deinit(&d->printks);
	tep_free(tep);
	return NULL;
}

struct tep_handle *desc_tep(struct merge_desc *d)
{
	if (!d->tep)
		d->tep = tep_create(d);
	return d->tep;
}

const char *desc_printk(const struct merge_desc *d, uint64_t addr)
{
	return printks_find(&d->printks, addr);
}

/* ---- Symbols ------------------------------------------------------------ */

static int symbol_add(void *arg, uint64_t addr, char type, const char *name,
		      const char *module)
{
	(void)type;
	return symbols_add(arg, addr, name, module);
}

static int freed_add(void *arg, uint64_t addr, char type, const char *name,
		     const char *module)
{
	(void)type;
	return symbols_freed_add(arg, addr, name, module);
}

/* Both with what could be read. Return: whether to ask again: no memory, or interrupted */
static bool is_cut_off(struct merge_desc *d, int ret)
{
	d->no_memory |= ret == -ENOMEM;
	return ret == -EINTR || ret == -ENOMEM;
}

static void load_symbols(struct merge_desc *d)
{
	struct desc_symbols *s = symbols_create(d->page_size);
	int ret = !s ? -ENOMEM : d->ops->each_symbol ? d->ops->each_symbol(d, symbol_add, s) : 0;

	if (is_cut_off(d, ret)) {
		symbols_destroy(s);
		return;
	}
	symbols_sort(s);
	d->symbols = s;
}

static void load_freed(struct merge_desc *d)
{
	struct symbols_freed *s = symbols_freed_create(d->page_size);
	int ret = !s ? -ENOMEM : d->ops->each_freed ? d->ops->each_freed(d, freed_add, s) : 0;

	if (is_cut_off(d, ret)) {
		symbols_freed_destroy(s);
		return;
	}
	d->freed = s;
}

int desc_symbol(struct merge_desc *d, uint64_t addr, struct desc_place *place)
{
	if (!d->symbols)
		load_symbols(d);
	if (d->symbols && !symbols_find(d->symbols, addr, place))
		return 0;
	/* a loaded module may lie where these were: they come last, as in the kernel */
	if (d->symbols && !d->freed)
		load_freed(d);
	return d->freed ? symbols_freed_find(d->freed, addr, place) : -ENOENT;
}

const struct btf *desc_btf(struct merge_desc *d)
{
	void *data;
	size_t size;

	if (d->asked_btf || !d->ops->btf)
		return d->btf;
	d->asked_btf = true;
	if (!d->ops->btf(d, &data, &size))
		d->btf = btf_create(data, size, d->big_endian);
	return d->btf;
}

int merge_desc_user_symbols(struct merge_desc *desc, bool on)
{
	if (on && !desc->ops->user_object)
		return -ENOTSUP;
	desc->user_symbols = on;
	return 0;
}

/* ---- Ring buffer headers ------------------------------------------------ */

/* TRACE_PRINT of the kernel's trace.h */
#define PRINT_ID	5u

/* Whether the kernel's char has a sign: an event that all kernels have tells it */
static bool char_is_signed(struct merge_desc *d)
{
	const char *system, *format, *field;

	if (desc_format(d, PRINT_ID, &system, &format))
		return false;
	field = strstr(format, "\tfield:char buf");
	field = field ? strstr(field, "\tsigned:") : NULL;
	return field && !strncmp(field, "\tsigned:1", strlen("\tsigned:1"));
}

/* As ring_buffer_print_page_header() of the kernel's ring_buffer.c writes it */
int desc_header_page(struct merge_desc *d, uint32_t subbuf_size, char *buf, size_t size)
{
	unsigned int header = 8 + d->long_size, sign = char_is_signed(d);

	return snprintf(buf, size,
			"\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n"
			"\tfield: local_t commit;\toffset:8;\tsize:%u;\tsigned:1;\n"
			"\tfield: %s overwrite;\toffset:8;\tsize:1;\tsigned:%u;\n"
			"\tfield: char data;\toffset:%u;\tsize:%u;\tsigned:%u;\n",
			d->long_size, d->overwrite_is_char ? "char" : "int",
			d->overwrite_is_char ? sign : 1, header, subbuf_size - header, sign);
}

/* As ring_buffer_print_entry_header() writes it */
const char *desc_header_event(void)
{
	return "# compressed entry header\n"
	       "\ttype_len    :    5 bits\n"
	       "\ttime_delta  :   27 bits\n"
	       "\tarray       :   32 bits\n"
	       "\n"
	       "\tpadding     : type == 29\n"
	       "\ttime_extend : type == 30\n"
	       "\ttime_stamp : type == 31\n"
	       "\tdata max type_len  == 28\n";
}
