// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An extension of crash for tests: the command "two_ways" prints every event of the
 * dump twice, by its compiled print format and by libtraceevent, and then made-up
 * records of every event the kernel knows, and says where the two differ.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../crash-ext/crash_api.h"
#include "../../crash-ext/crash_mem.h"
#include "source.h"
#include "text_cache.h"
#include "text_print.h"

#define RECORDS		40	/* made up of each event */
#define RECORD_SIZE	4096
#define SHOWN		20

/*
 * struct ways - the comparison
 * @compiled: records printed by a compiled format; @left: by libtraceevent anyway
 * @address: of a function, some of which made-up records hold
 */
struct ways {
	struct merge_source *src;
	struct text_cache cache;
	struct text_target to, tep;
	uint64_t compiled, left, different;
	uint64_t state;
	uint64_t address;
};

static uint64_t random_next(struct ways *w)
{
	w->state ^= w->state << 13;
	w->state ^= w->state >> 7;
	w->state ^= w->state << 17;
	return w->state;
}

static void tell(const struct ways *w, const struct text_event *te)
{
	fprintf(fp, "different %s:%s\n compiled: %.*s\n libtraceevent: %.*s\n", te->tep->system,
		te->name, (int)w->to.out.len, w->to.out.data, (int)w->tep.out.len,
		w->tep.out.data);
}

static void compare(struct ways *w, const struct merge_event *ev)
{
	const uint8_t *record = text_cache_record(&w->cache, ev);
	const struct text_event *te;
	struct record_fault fault;
	int ret, tep_ret;

	if (!record || ev->size < TEXT_ENTRY_SIZE)
		return;
	te = text_cache_event(&w->cache, desc_record_id(w->cache.desc, record));
	if (!te || !te->tep || (te->printer && te->printer->print))
		return;
	w->to.out.len = w->tep.out.len = 0;
	ret = text_event_print(te, &w->to, ev, record, &fault);
	tep_ret = text_event_print(te, &w->tep, ev, record, &fault);
	if (!te->program || ret || tep_ret) {
		w->left++;
		return;
	}
	w->compiled++;
	if (w->to.out.len == w->tep.out.len &&
	    !memcmp(w->to.out.data, w->tep.out.data, w->to.out.len))
		return;
	if (w->different++ < SHOWN)
		tell(w, te);
}

/* ---- What the dump holds -------------------------------------------------------- */

static int compare_buffer(struct ways *w, unsigned int buffer, struct merge_error *err)
{
	struct merge_select sel = { .buffers = &buffer, .nr_buffers = 1 };
	struct merge_iter *it;
	struct merge_event ev;
	int ret = merge_iter_create(w->src, &sel, NULL, NULL, err, &it);

	if (ret)
		return ret;
	while ((ret = merge_iter_next(it, &ev)) == 1)
		compare(w, &ev);
	merge_iter_destroy(it);
	return ret;
}

static int compare_events(struct ways *w, struct merge_error *err)
{
	int ret = 0;

	for (unsigned int i = 0; !ret && i < w->src->nr_buffers; i++)
		ret = compare_buffer(w, i, err);
	fprintf(fp, "events: compiled %llu, left to libtraceevent %llu, different %llu\n",
		(unsigned long long)w->compiled, (unsigned long long)w->left,
		(unsigned long long)w->different);
	return ret;
}

/* ---- Made-up records ------------------------------------------------------------- */

static void fill_text(struct ways *w, uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		data[i] = random_next(w) % 8 ? ' ' + random_next(w) % 95 : 0;
}

/* Numbers of all sizes and signs, single bits, addresses */
static uint64_t number(struct ways *w)
{
	uint64_t value = random_next(w);

	switch (random_next(w) % 8) {
	case 0:
		return 0;
	case 1:
		return value % 16;
	case 2:
		return value % 1000;
	case 3:
		return 0 - value % 1000;
	case 4:
		return 1ull << value % 64;
	case 5:
		return w->address + value % 64;
	case 6:
		return value & random_next(w) & random_next(w);
	default:
		return value >> random_next(w) % 64;
	}
}

static void fill_field(struct ways *w, uint8_t *data, const struct tep_format_field *f,
		       size_t *end)
{
	uint64_t value = number(w);
	size_t len = random_next(w) % 40, at = *end;

	if (f->flags & TEP_FIELD_IS_DYNAMIC) {
		fill_text(w, data + at, len);
		if (f->flags & TEP_FIELD_IS_RELATIVE)
			at -= (size_t)(f->offset + f->size);
		value = f->size == 2 ? at : at | len << 16;
		*end += len;
	} else if (f->flags & TEP_FIELD_IS_ARRAY && f->flags & TEP_FIELD_IS_STRING) {
		fill_text(w, data + f->offset, (size_t)f->size);
		return;
	}
	/* the kernel of the tests has our byte order */
	for (size_t i = 0; i < (size_t)f->size; i += 8) {
		size_t left = (size_t)f->size - i;

		memcpy(data + f->offset + i, &value, left < 8 ? left : 8);
		value = number(w);
	}
}

static void fill_record(struct ways *w, const struct tep_event *tep, uint8_t *data, size_t *size)
{
	size_t end = TEXT_ENTRY_SIZE;

	for (const struct tep_format_field *f = tep->format.fields; f; f = f->next)
		if (end < (size_t)(f->offset + f->size))
			end = (size_t)(f->offset + f->size);
	*size = end;
	memset(data, 0, RECORD_SIZE);
	memcpy(data, &(uint16_t){ (uint16_t)tep->id }, 2);
	data[4] = (uint8_t)random_next(w);
	for (const struct tep_format_field *f = tep->format.fields; f; f = f->next)
		if (*size < RECORD_SIZE / 2)
			fill_field(w, data, f, size);
	*size = (*size + 3) & ~(size_t)3;
}

static int compare_format(void *arg, const struct merge_format *format)
{
	struct ways *w = arg;
	const struct text_event *te = text_cache_event(&w->cache, format->id);
	struct merge_event ev = { .buffer = w->src->buffers };
	static uint8_t data[RECORD_SIZE];
	size_t size;

	if (!te || !te->tep || (te->printer && te->printer->print))
		return 0;
	if (!te->program)
		fprintf(fp, "left %s:%s\n", format->system, format->name);
	for (unsigned int i = 0; i < RECORDS; i++) {
		fill_record(w, te->tep, data, &size);
		ev.data = data;
		ev.size = (uint32_t)size;
		compare(w, &ev);
	}
	return 0;
}

static int compare_formats(struct ways *w, struct merge_error *err)
{
	int ret;

	w->compiled = w->left = w->different = 0;
	ret = merge_desc_formats(w->src->desc, NULL, 0, compare_format, w, err);
	fprintf(fp, "made up: compiled %llu, left to libtraceevent %llu, different %llu\n",
		(unsigned long long)w->compiled, (unsigned long long)w->left,
		(unsigned long long)w->different);
	return ret < 0 ? ret : 0;
}

/* ---- The command ----------------------------------------------------------------- */

static int ways_open(struct ways *w, const struct merge_mem *mem, struct merge_error *err)
{
	int ret = merge_source_open_vmcore(mem, err, &w->src);

	if (!ret)
		ret = text_cache_begin(&w->cache, w->src, err);
	if (ret)
		return ret;
	w->state = 1;
	mem->ops->symbol(mem->arg, "schedule", &w->address);
	w->to.desc = w->tep.desc = w->src->desc;
	w->tep.by_tep = true;
	trace_seq_init(&w->to.seq);
	trace_seq_init(&w->tep.seq);
	return 0;
}

static void ways_close(struct ways *w)
{
	text_cache_deinit(&w->cache);
	textbuf_deinit(&w->to.out);
	textbuf_deinit(&w->tep.out);
	merge_source_close(w->src);
}

static void cmd_two_ways(void)
{
	struct merge_error err = { 0 };
	struct ways w = { 0 };
	struct merge_mem mem;
	struct crash_mem cm;
	int ret;

	crash_mem_init(&cm, &mem);
	ret = ways_open(&w, &mem, &err);
	if (!ret)
		ret = compare_events(&w, &err);
	if (!ret)
		ret = compare_formats(&w, &err);
	if (ret)
		fprintf(fp, "two_ways: %s\n", err.text);
	ways_close(&w);
	crash_mem_deinit(&cm);
}

static char *help_two_ways[] = { "two_ways", "print events twice", "", "  For tests.", NULL };

static struct command_table_entry command_table[] = {
	{ "two_ways", cmd_two_ways, help_two_ways, 0 },
	{ NULL, NULL, NULL, 0 }
};

static void __attribute__((constructor)) two_ways_load(void)
{
	register_extension(command_table);
}
