// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a kernel says of itself. By the first byte: the format file of event 7, of
 * which two records are printed, the second with the bytes behind a NUL in it; a
 * printk format; or the kallsyms tables at the places that corpus.c gives them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "kallsyms.h"
#include "mkimage.h"

struct text {
	char *format;
	bool printk;
};

/* ---- formats -------------------------------------------------------------- */

static int give_event(struct merge_desc *d, unsigned int id, char **system, char **format)
{
	const struct text *text = d->priv;

	if (id != 7 || text->printk)
		return -ENOENT;
	*system = strdup("test");
	*format = strdup(text->format);
	return *system && *format ? 0 : -ENOMEM;
}

static int give_printk(struct merge_desc *d, desc_printk_fn *fn, void *arg)
{
	const struct text *text = d->priv;

	return text->printk ? fn(arg, 0x1000, text->format) : 0;
}

static const struct desc_ops ops = { .event = give_event, .each_printk = give_printk };

static void print_all(struct merge_source *src, int (*create)(FILE *, struct merge_error *,
							       struct merge_sink **))
{
	struct merge_error err = { 0 };
	struct merge_sink *sink;
	FILE *out = fopen("/dev/null", "w");

	if (!out || create(out, &err, &sink) ||
	    merge_pump_events(src, NULL, sink, NULL, &err, NULL) < 0)
		abort();
	merge_sink_destroy(sink);
	fclose(out);
}

static void read_format(const uint8_t *data, size_t size, bool printk)
{
	struct merge_source *src = image_open("size 4096\ncpu 0\npage ts=1\nevent +1 id=7 len=400\n"
					      "event +1 id=7 len=100\n");
	struct text text = { .format = strndup((const char *)data, size), .printk = printk };
	size_t len = strlen(text.format), left = size - len;
	uint8_t *record = image_page(src, 0, 0, 0)->data + 16 + 8 + 400;

	if (left > 1)
		memcpy(record + 12, data + len + 1, left - 1 < 80 ? left - 1 : 80);
	desc_close(src->desc);
	src->desc = calloc(1, sizeof(*src->desc));
	if (!src->desc)
		abort();
	desc_init(src->desc, &ops, &text);
	src->desc->long_size = 8;
	src->desc->page_size = 4096;
	print_all(src, merge_sink_text_create);
	print_all(src, merge_sink_json_create);
	merge_source_close(src);
	free(text.format);
}

/* ---- kallsyms ------------------------------------------------------------- */

#define BASE	0xffff888000000000u

struct blob {
	const uint8_t *data;
	size_t size;
};

/* Pages of zeros behind the end, as far as one page goes */
static int op_read(void *arg, uint64_t addr, void *buf, size_t len)
{
	const struct blob *b = arg;
	uint64_t at = addr - BASE, end = (b->size + 4095) & ~4095ull;

	if (at > end || len > end - at)
		return -EFAULT;
	memset(buf, 0, len);
	if (at < b->size)
		memcpy(buf, b->data + at, len < b->size - at ? len : b->size - at);
	return 0;
}

static int op_symbol(void *arg, const char *name, uint64_t *addr)
{
	static const struct {
		const char *name;
		uint64_t addr;
	} symbols[] = {
		{ "kallsyms_num_syms", BASE }, { "kallsyms_relative_base", BASE + 8 },
		{ "_stext", 0xffffffff81000000 }, { "kallsyms_token_index", BASE + 16 },
		{ "kallsyms_offsets", BASE + 528 }, { "kallsyms_token_table", BASE + 560 },
		{ "kallsyms_names", BASE + 1600 },
	};

	(void)arg;
	for (size_t i = 0; i < sizeof(symbols) / sizeof(*symbols); i++)
		if (!strcmp(symbols[i].name, name)) {
			*addr = symbols[i].addr;
			return 0;
		}
	return -ENOENT;
}

static int op_member(void *arg, const char *type, const char *member, size_t *offset, size_t *size)
{
	(void)arg, (void)type, (void)member, (void)offset, (void)size;
	return -ENOENT;
}

static int op_enumerator(void *arg, const char *name, int64_t *value)
{
	(void)arg, (void)name, (void)value;
	return -ENOENT;
}

static int take_symbol(void *arg, uint64_t addr, char type, const char *name, const char *module)
{
	size_t *sum = arg;

	(void)addr, (void)type, (void)module;
	*sum += name ? strlen(name) : 0;
	return 0;
}

static void read_kallsyms(const uint8_t *data, size_t size)
{
	static const struct merge_mem_ops mem_ops = {
		.read = op_read, .symbol = op_symbol, .member = op_member,
		.enumerator = op_enumerator,
	};
	struct blob blob = { data, size };
	const struct merge_mem mem = {
		.ops = &mem_ops, .arg = &blob, .page_size = 4096, .long_size = 8,
	};
	struct vmcore vm;
	size_t sum = 0;

	if (vmcore_init(&vm, &mem))
		abort();
	kallsyms_image(&vm, take_symbol, &sum);
	vmcore_deinit(&vm);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	if (data[0] == 'k')
		read_kallsyms(data + 1, size - 1);
	else
		read_format(data + 1, size - 1, data[0] == 'p');
	return 0;
}
