// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a slot's tables tell of the traced boot: see describe_persist.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cursor.h"
#include "describe_persist.h"
#include "persist_symbols.h"
#include "syscall_size.h"

#define NR_IDS		65536u
#define COMM_SIZE	sizeof(((struct trace_persist_comm *)0)->comm)

/*
 * @events: by id, the entry that has its format; NULL where there is none
 * @copies: system calls' events have what user pointers point to
 */
struct persist_desc {
	const struct merge_region_io *io;
	const struct crc32c *crc;
	const struct persist_header *h;
	const struct persist_tables *t;
	struct merge_source *src;
	const struct persist_entry *events[NR_IDS];
	bool copies;
	bool noted_comms, noted_symbols;
};

/* ---- Formats -------------------------------------------------------------- */

static bool event_texts(const struct persist_entry *e, const char **system, const char **format)
{
	uint32_t pos = 0;

	*system = persist_entry_text(e, &pos);
	*format = *system ? persist_entry_text(e, &pos) : NULL;
	return *format;
}

static void index_events(struct persist_desc *pd)
{
	const char *system, *format;

	for (size_t i = 0; i < pd->t->nr; i++) {
		const struct persist_entry *e = &pd->t->entries[i];

		if (e->type != TRACE_PERSIST_EVENT || e->number >= NR_IDS ||
		    !event_texts(e, &system, &format))
			continue;
		pd->events[e->number] = e;
		if (!strcmp(system, "syscalls"))
			pd->copies |= syscall_has_copy(format, strlen(format));
	}
}

static int load_event(struct merge_desc *d, unsigned int id, char **system, char **format)
{
	struct persist_desc *pd = d->priv;
	const char *name, *text;

	if (id >= NR_IDS || !pd->events[id])
		return -ENOENT;
	event_texts(pd->events[id], &name, &text);
	return desc_give(strdup(name), strdup(text), system, format);
}

static int each_event(struct merge_desc *d, desc_event_fn *fn, void *arg)
{
	struct persist_desc *pd = d->priv;
	int ret = 0;

	for (unsigned int id = 0; !ret && id < NR_IDS; id++)
		if (pd->events[id])
			ret = fn(arg, id);
	return ret;
}

static int find_syscall_size(struct merge_desc *d, unsigned int id, int *arg)
{
	struct persist_desc *pd = d->priv;
	const char *system, *format;

	if (!pd->copies)
		return -ENOENT;
	*arg = desc_format(d, id, &system, &format) ? -1 : syscall_size_argument(format);
	return 0;
}

/* ---- Symbols, strings, names ---------------------------------------------- */

/* Once, though they may be asked for again */
static void note_symbols(struct persist_desc *pd, int image, unsigned int gone)
{
	if (pd->noted_symbols)
		return;
	pd->noted_symbols = true;
	if (image)
		source_note(pd->src, NULL, -1,
			    "the kernel's symbols are %s in the region: its addresses stay numbers",
			    image == -ENODATA ? "not" : image == -ENOTSUP ? "of an unknown form" :
			    "not whole");
	if (gone)
		source_note(pd->src, NULL, -1,
			    "others took the memory of %u modules that were gone: addresses there are shown as the later ones'",
			    gone);
}

static int each_symbol(struct merge_desc *d, desc_symbol_fn *fn, void *arg)
{
	struct persist_desc *pd = d->priv;
	unsigned int gone;
	int ret = persist_symbols_image(pd->h, pd->t, fn, arg), image = ret;

	if (ret == -EINTR || ret == -ENOMEM || ret > 0)
		return ret;
	ret = persist_symbols_modules(pd->t, fn, arg, &gone);
	if (!ret)
		note_symbols(pd, image, gone);
	return ret;
}

static int each_printk(struct merge_desc *d, desc_printk_fn *fn, void *arg)
{
	struct persist_desc *pd = d->priv;
	int ret = 0;

	for (size_t i = 0; !ret && i < pd->t->nr; i++) {
		const struct persist_entry *e = &pd->t->entries[i];
		uint32_t pos = 8;
		const char *text;
		struct cursor c;

		if (e->type != TRACE_PERSIST_PRINTK)
			continue;
		cursor_init(&c, e->data, e->size, false);
		text = persist_entry_text(e, &pos);
		if (text)
			ret = fn(arg, cursor_u64(&c), text);
	}
	return ret;
}

/* 1 a name, 0 none, -EBADMSG the crc is wrong */
static int take_comm(const struct persist_desc *pd, const uint8_t *bytes, int *pid, char *comm)
{
	uint32_t arming = pd->h->arming, value, want, crc;
	uint8_t tag[4] = { arming, arming >> 8, arming >> 16, arming >> 24 };
	struct cursor c;

	cursor_init(&c, bytes, sizeof(struct trace_persist_comm), false);
	value = cursor_u32(&c);
	want = cursor_u32(&c);
	memcpy(comm, cursor_bytes(&c, COMM_SIZE), COMM_SIZE);
	comm[COMM_SIZE] = '\0';
	if (value == TRACE_PERSIST_NO_PID || (!value && !want))
		return 0;
	crc = crc32c(pd->crc, 0, tag, sizeof(tag));
	crc = crc32c(pd->crc, crc, bytes, 4);
	if (crc32c(pd->crc, crc, comm, COMM_SIZE) != want)
		return -EBADMSG;
	*pid = (int)value;
	return 1;
}

static int each_comm(struct merge_desc *d, desc_comm_fn *fn, void *arg)
{
	struct persist_desc *pd = d->priv;
	const struct persist_header *h = pd->h;
	uint64_t size = (uint64_t)h->nr_comms * h->comm_entry_size, at = h->start + h->comms_offset;
	unsigned int bad = 0, cut = 0;
	char comm[COMM_SIZE + 1];
	uint8_t bytes[sizeof(struct trace_persist_comm)];
	int ret = 0, pid = 0;

	if (!persist_header_has(h, h->comms_offset, size))
		cut = h->nr_comms;
	for (uint32_t i = 0; !ret && !cut && i < h->nr_comms; i++, at += h->comm_entry_size) {
		ret = pd->io->read(pd->io->arg, at, bytes, sizeof(bytes));
		if (ret == -EINTR || ret == -ENOMEM)
			return ret;
		cut = ret ? h->nr_comms - i : 0;
		ret = ret ? 0 : take_comm(pd, bytes, &pid, comm);
		bad += ret < 0;
		ret = ret > 0 ? fn(arg, pid, comm) : 0;
	}
	if ((bad || cut) && !pd->noted_comms)
		source_note(pd->src, NULL, -1,
			    "%u command names are damaged and %u not there: such tasks have the names the trace tells",
			    bad, cut);
	pd->noted_comms = pd->noted_comms || bad || cut;
	return ret;
}

/* ---- The whole ------------------------------------------------------------ */

static void close_desc(struct merge_desc *d)
{
	free(d->priv);
}

static const struct desc_ops persist_desc_ops = {
	.event = load_event,
	.each_event = each_event,
	.syscall_size = find_syscall_size,
	.each_symbol = each_symbol,
	.each_comm = each_comm,
	.each_printk = each_printk,
	.close = close_desc,
};

struct merge_desc *desc_persist_create(const struct merge_region_io *io, const struct crc32c *crc,
				       const struct persist_header *h,
				       const struct persist_tables *t, struct merge_source *src)
{
	struct merge_desc *d = calloc(1, sizeof(*d));
	struct persist_desc *pd = calloc(1, sizeof(*pd));

	if (!d || !pd) {
		free(d);
		free(pd);
		return NULL;
	}
	pd->io = io;
	pd->crc = crc;
	pd->h = h;
	pd->t = t;
	pd->src = src;
	desc_init(d, &persist_desc_ops, pd);
	index_events(pd);
	d->long_size = h->long_size;
	d->page_size = h->page_size;
	d->big_endian = h->flags & TRACE_PERSIST_BIG_ENDIAN;
	d->nr_cpu_ids = h->nr_cpu_ids;
	snprintf(d->sysname, sizeof(d->sysname), "Linux");
	snprintf(d->nodename, sizeof(d->nodename), "%.64s", h->nodename);
	snprintf(d->release, sizeof(d->release), "%.64s", h->release);
	snprintf(d->version, sizeof(d->version), "%.64s", h->kernel_version);
	snprintf(d->machine, sizeof(d->machine), "%.64s", h->machine);
	return d;
}
