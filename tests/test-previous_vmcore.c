// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "mkimage.h"
#include "mkkernel.h"
#include "shift.h"
#include "tests.h"

/* What the second buffer is, where two addresses are now, and the notices */
static char *render(const char *kernel, const char *more)
{
	struct kernel *k = kernel_open(kernel, more);
	struct merge_error err = { 0 };
	const struct merge_notice *notice;
	const struct merge_buffer *buf;
	struct merge_source *src;
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	CU_ASSERT_EQUAL_FATAL(merge_source_open_vmcore(&k->mem, &err, &src), 0);
	buf = merge_source_buffer(src, 1);
	fprintf(out, "%s", buf->kind == MERGE_PERSISTENT ? "this boot" :
		buf->kind == MERGE_PREVIOUS_BOOT ? "previous boot" : "?");
	CU_ASSERT_EQUAL(buf->previous_boot, buf->kind == MERGE_PREVIOUS_BOOT);
	if (buf->shift)
		fprintf(out, " %" PRIx64 " %" PRIx64, shift_address(buf->shift, 0x1000),
			shift_address(buf->shift, 0x9000));
	fputc('\n', out);
	for (unsigned int i = 0; (notice = merge_source_notice(src, i)); i++)
		fprintf(out, "# %s\n", notice->text);
	merge_source_close(src);
	fclose(out);
	kernel_close(k);
	return text;
}

#define PAGE	"page ts=1\nevent +0\n"
#define TWO	"cpus 2\nclock local\ninstance top\ncpu 0\n" PAGE "instance old range=0x1000\n"	\
		"cpu 0 entries=2\n" PAGE PAGE "cpu 1 entries=1\n" PAGE
#define DELTA(what, n)	"set old:trace_array." #what "_delta " #n "\n"
#define WROTE	"set old/1:ring_buffer_per_cpu.write_stamp 5\n"
#define SAVED	"enumerator TRACE_ARRAY_FL_LAST_BOOT 4\nset old:trace_array.flags 6\n"	\
		"alloc scratch 1024\nset old:trace_array.scratch scratch\n"		\
		"set scratch:trace_scratch.text_addr 0x800\n"				\
		"symbol _text 0x1000\nsymbol _end 0x5000\n"
/* Two modules: at 0x8000 and 0x8800; a name has 20 bytes, so 32 in all with the hole */
#define MODULES	SAVED "alloc deltas 256\nset old:trace_array.module_delta deltas\n"	\
		"set scratch:trace_scratch.nr_entries 2\n"

static const struct {
	const char *name;
	const char *kernel;
	const char *more;
	const char *want;
} rows[] = {
	{ "moved", TWO, DELTA(text, 0x10) WROTE, "previous boot 1010 9010\n" },
	{ "moved down, short and big", "long 4\nbig\n" TWO, DELTA(text, 0xfffffff0) WROTE,
	  "previous boot ff0 8ff0\n" },
	{ "only data moved", TWO, DELTA(data, 8) WROTE, "previous boot 1000 9000\n" },
	{ "not moved, never written to", TWO, "", "previous boot 1000 9000\n" },
	{ "not moved, written to", TWO, WROTE, "this boot\n" },
	{ "no stamp to tell by", TWO, "without ring_buffer_per_cpu.write_stamp\n", "this boot\n" },
	{ "nothing in it", "cpus 2\nclock local\ninstance top\ncpu 0\n" PAGE "instance old range=1\n"
	  "cpu 0\n" PAGE, DELTA(text, 0x10), "this boot\n" },
	{ "not persistent", "cpus 2\nclock local\ninstance top\ncpu 0\n" PAGE "instance old\n"
	  "cpu 0 entries=1\n" PAGE, DELTA(text, 0x10), "?\n" },
	{ "flagged", "version 700\n" TWO, SAVED DELTA(text, 0x800) WROTE,
	  "previous boot 1800 9000\n" },
	{ "flagged, not moved", "version 700\n" TWO, SAVED WROTE, "previous boot 1000 9000\n" },
	{ "not flagged", "version 700\n" TWO, SAVED "set old:trace_array.flags 2\n",
	  "this boot\n" },
	{ "flagged, the memory was new", "version 700\n" TWO,
	  SAVED "set scratch:trace_scratch.text_addr 0\n", "this boot\n" },
	{ "flagged, scratch area unreadable", "version 700\n" TWO, SAVED "unmap scratch\n",
	  "previous boot 1000 9000\n# buffer old: where modules of the previous boot were is "
	  "unreadable: addresses in them may get wrong names\n" },
	{ "modules excluded", "version 700\n" TWO, MODULES "exclude deltas\n",
	  "previous boot 1000 9000\n# buffer old: where modules of the previous boot were is "
	  "unreadable: addresses in them may get wrong names\n" },
	{ "millions of modules", "version 700\n" TWO,
	  MODULES "set scratch:trace_scratch.nr_entries 0x1000000\n",
	  "previous boot 1000 9000\n# buffer old: where modules of the previous boot were is "
	  "unreadable: addresses in them may get wrong names\n" },
};

static void test_boots(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		CHECK_ROW(test_text(render(rows[i].kernel, rows[i].more), rows[i].want),
			  rows[i].name);
}

/* Entry @i of the scratch area at the place the kernel's types give it */
static void set_module(struct kernel *k, unsigned int i, uint64_t start, uint64_t delta)
{
	size_t name = kernel_offset(k, MOD_ENTRY_NAME), stride = (name + 20 + 7) / 8 * 8;
	uint64_t entry = kernel_place(k, "scratch") + kernel_offset(k, SCRATCH_ENTRIES) +
			 i * stride;

	kernel_set(k, entry, MOD_ENTRY_ADDR, start);
	kernel_put(k, kernel_place(k, "deltas") + kernel_offset(k, MODULE_DELTA_DELTA) + 8 * i,
		   8, delta);
}

static void test_modules(void)
{
	struct kernel *k = kernel_open("version 700\n" TWO, MODULES DELTA(text, 0x800));
	struct merge_error err = { 0 };
	const struct merge_buffer *buf;
	struct merge_source *src;

	set_module(k, 0, 0x8000, 0x100);
	set_module(k, 1, 0x8800, (uint64_t)-0x10);
	CU_ASSERT_EQUAL_FATAL(merge_source_open_vmcore(&k->mem, &err, &src), 0);
	buf = merge_source_buffer(src, 1);
	CU_ASSERT_EQUAL(buf->kind, MERGE_PREVIOUS_BOOT);
	CU_ASSERT_EQUAL(shift_address(buf->shift, 0x1000), 0x1800);
	CU_ASSERT_EQUAL(shift_address(buf->shift, 0x7000), 0x7000);
	CU_ASSERT_EQUAL(shift_address(buf->shift, 0x8010), 0x8110);
	CU_ASSERT_EQUAL(shift_address(buf->shift, 0x8810), 0x8800);
	CU_ASSERT_PTR_NULL(merge_source_notice(src, 0));
	merge_source_close(src);
	kernel_close(k);
}

static const struct test tests[] = {
	{ "events of an earlier boot are told from this one's", test_boots },
	{ "modules of the earlier boot have moved each by itself", test_modules },
	{ NULL, NULL }
};

const struct test_suite suite_previous_vmcore = { "previous_vmcore", tests };
