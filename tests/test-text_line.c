// SPDX-License-Identifier: GPL-2.0-or-later
/* The flag columns, held against the rules of each kernel told in another way. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boot.h"
#include "tests.h"
#include "text_line.h"

/*
 * trace_print_lat_fmt() as lists of what is asked first: bits that must be set
 * (of common_flags) and the letter then. @old: kernels before 6.13, in which bit
 * 0x02 is TRACE_FLAG_IRQS_NOSUPPORT; @lazy: the others, in which it is
 * TRACE_FLAG_NEED_RESCHED_LAZY.
 */
struct rule {
	unsigned int bits;
	char letter;
};

static const struct rule irqs_old[] = {
	{ 0x81, 'D' }, { 0x01, 'd' }, { 0x80, 'b' }, { 0x02, 'X' }, { 0, '.' },
}, irqs_lazy[] = {
	{ 0x81, 'D' }, { 0x01, 'd' }, { 0x80, 'b' }, { 0, '.' },
}, resched_old[] = {
	{ 0x24, 'N' }, { 0x04, 'n' }, { 0x20, 'p' }, { 0, '.' },
}, resched_lazy[] = {
	{ 0x26, 'B' }, { 0x24, 'N' }, { 0x22, 'L' }, { 0x06, 'b' }, { 0x04, 'n' }, { 0x20, 'p' },
	{ 0x02, 'l' }, { 0, '.' },
}, irq[] = {
	{ 0x48, 'Z' }, { 0x40, 'z' }, { 0x18, 'H' }, { 0x08, 'h' }, { 0x10, 's' }, { 0, '.' },
};

static char letter(const struct rule *rule, unsigned int flags)
{
	while ((flags & rule->bits) != rule->bits)
		rule++;
	return rule->letter;
}

/* Five letters as the kernel prints them */
static void kernel_columns(bool lazy, unsigned int flags, unsigned int count, char *out)
{
	char depth[2][2];

	for (unsigned int i = 0; i < 2; i++) {
		unsigned int value = i ? count / 16 : count % 16;

		snprintf(depth[i], sizeof(depth[i]), "%x", value);
		if (!value)
			depth[i][0] = '.';
	}
	sprintf(out, "%c%c%c%c%c", letter(lazy ? irqs_lazy : irqs_old, flags),
		letter(lazy ? resched_lazy : resched_old, flags), letter(irq, flags),
		depth[0][0], depth[1][0]);
}

static unsigned int count_differences(int lazy)
{
	struct merge_desc *d = boot_open();
	struct merge_source *src = boot_source();
	struct text_flags flags;
	unsigned int differ = 0;

	boot_of(d)->resched_lazy = lazy;
	desc_tep(d);
	text_flags_init(&flags, d);
	for (unsigned int i = 0; i < 65536; i++) {
		struct record_bytes r = record_begin(d, TICK, 7);
		struct merge_event ev = { .buffer = &src->buffers[0], .data = r.data,
					  .size = r.size };
		struct textbuf line = { 0 };
		char want[6];

		r.data[2] = (uint8_t)i;
		r.data[3] = (uint8_t)(i >> 8);
		text_context(&line, d, &flags, &ev, r.data);
		kernel_columns(lazy, i & 255, i >> 8, want);
		differ += !!memcmp(line.data + 31, want, 5);
		textbuf_deinit(&line);
	}
	merge_source_close(src);
	desc_close(d);
	return differ;
}

static void test_every_combination(void)
{
	CU_ASSERT_EQUAL(count_differences(0), 0);
	CU_ASSERT_EQUAL(count_differences(2), 0);
}

static const struct test tests[] = {
	{ "all 65536 flags and counts are the kernel's letters", test_every_combination },
	{ NULL, NULL }
};
const struct test_suite suite_text_line = { "text_line", tests };
