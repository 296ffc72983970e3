// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <traceevent/trace-seq.h>

#include "boot.h"
#include "tests.h"

static void test_asks_for_a_format_once(void)
{
	struct merge_desc *d = boot_open();
	const char *system = NULL, *format = NULL;
	struct tep_event *event = desc_event(d, SCHED_SWITCH);

	CU_ASSERT_PTR_NOT_NULL_FATAL(event);
	CU_ASSERT_STRING_EQUAL(event->name, "sched_switch");
	CU_ASSERT_STRING_EQUAL(event->system, "sched");
	CU_ASSERT_PTR_EQUAL(desc_event(d, SCHED_SWITCH), event);
	CU_ASSERT_EQUAL(desc_format(d, SCHED_SWITCH, &system, &format), 0);
	CU_ASSERT_STRING_EQUAL(system, "sched");
	CU_ASSERT_PTR_NOT_NULL(strstr(format, "0x00000008"));
	CU_ASSERT_EQUAL(desc_format_prepared(d, SCHED_SWITCH, &system, &format), 0);
	CU_ASSERT_PTR_NULL(strstr(format, "0x00000008"));
	CU_ASSERT_EQUAL(boot_of(d)->asked_events, 1);
	desc_close(d);
}

static void test_remembers_what_is_not_there(void)
{
	struct merge_desc *d = boot_open();
	const char *system, *format;

	for (int i = 0; i < 2; i++) {
		CU_ASSERT_PTR_NULL(desc_event(d, UNKNOWN));
		CU_ASSERT_EQUAL(desc_format(d, UNKNOWN, &system, &format), -ENOENT);
		CU_ASSERT_PTR_NULL(desc_event(d, UNREADABLE));
		CU_ASSERT_EQUAL(desc_format(d, UNREADABLE, &system, &format), -ENODATA);
	}
	CU_ASSERT_EQUAL(boot_of(d)->asked_events, 2);
	desc_close(d);
}

/* Its records would be printed by the other event's format */
static void test_refuses_a_format_of_another_id(void)
{
	struct merge_desc *d = boot_open();
	const char *system, *format;

	CU_ASSERT_PTR_NULL(desc_event(d, WRONG_ID));
	CU_ASSERT_PTR_NULL(tep_find_event(desc_tep(d), WRONG_ID));
	CU_ASSERT_PTR_NULL(tep_find_event(desc_tep(d), WRONG_ID + 1));
	CU_ASSERT_EQUAL(desc_format(d, WRONG_ID, &system, &format), 0);
	CU_ASSERT_PTR_NULL(desc_event(d, BAD_FIELDS));
	desc_close(d);
}

static void test_keeps_events_without_a_print_format(void)
{
	struct merge_desc *d = boot_open();
	struct tep_event *event = desc_event(d, DIVIDE_ZERO);

	CU_ASSERT_PTR_NOT_NULL_FATAL(event);
	CU_ASSERT_TRUE(event->flags & TEP_EVENT_FL_FAILED);
	CU_ASSERT_PTR_NOT_NULL(tep_find_field(event, "a"));
	event = desc_event(d, FAILING);
	CU_ASSERT_PTR_NOT_NULL_FATAL(event);
	CU_ASSERT_TRUE(event->flags & TEP_EVENT_FL_FAILED);
	desc_close(d);
}

static void test_parses_every_format(void)
{
	struct merge_desc *d = boot_open();

	for (unsigned int id = SCHED_SWITCH; id <= LAST_EVENT; id++) {
		struct tep_event *event = desc_event(d, id);

		if (id == BAD_FIELDS)
			continue;
		CU_ASSERT_PTR_NOT_NULL_FATAL(event);
		/* libtraceevent before 1.8 does not know __print_dynamic_array() */
		if (id != FAILING && id != DIVIDE_ZERO && id != NEW_WRITE)
			CHECK_ROW(!(event->flags & TEP_EVENT_FL_FAILED), event->name);
	}
	desc_close(d);
}

static void test_keeps_its_handle(void)
{
	struct merge_desc *d = boot_open();
	struct tep_handle *tep = desc_tep(d);

	CU_ASSERT_PTR_NOT_NULL_FATAL(tep);
	CU_ASSERT_PTR_EQUAL(desc_tep(d), tep);
	CU_ASSERT_EQUAL(tep_get_long_size(tep), 8);
	CU_ASSERT_EQUAL(tep_is_file_bigendian(tep), 0);
	desc_close(d);
}

static void test_loads_symbols_when_asked(void)
{
	struct merge_desc *d = boot_open();
	struct desc_place place;

	desc_tep(d);
	CU_ASSERT_EQUAL(boot_of(d)->walked_symbols, 0);
	for (int i = 0; i < 3; i++)
		CU_ASSERT_EQUAL(desc_symbol(d, VFS_READ + 1, &place), 0);
	CU_ASSERT_STRING_EQUAL(place.name, "vfs_read");
	CU_ASSERT_EQUAL(place.start, VFS_READ);
	CU_ASSERT_EQUAL(place.size, 0x400);
	CU_ASSERT_EQUAL(boot_of(d)->walked_symbols, 1);
	desc_close(d);
}

static void test_looks_at_freed_functions_last(void)
{
	struct merge_desc *d = boot_open();
	struct desc_place place;

	CU_ASSERT_EQUAL_FATAL(desc_symbol(d, EXT4_READ + 3, &place), 0);
	CU_ASSERT_STRING_EQUAL(place.name, "ext4_read");
	CU_ASSERT_EQUAL_FATAL(desc_symbol(d, EXT4_INIT + 15, &place), 0);
	CU_ASSERT_STRING_EQUAL(place.name, "ext4_init");
	CU_ASSERT_EQUAL(desc_symbol(d, EXT4_INIT + 16, &place), -ENOENT);
	desc_close(d);
}

static void test_goes_on_with_what_there_is(void)
{
	struct merge_desc *d = boot_open();
	struct desc_place place;

	boot_of(d)->fail_symbols = -ENODATA;
	boot_of(d)->fail_printks = -ENODATA;
	CU_ASSERT_PTR_NOT_NULL_FATAL(desc_tep(d));
	CU_ASSERT_EQUAL(desc_symbol(d, VFS_READ, &place), 0);
	CU_ASSERT_EQUAL(desc_symbol(d, EXT4_READ, &place), -ENOENT);
	desc_close(d);
}

static void test_asks_again_after_an_interrupt(void)
{
	struct merge_desc *d = boot_open();
	struct desc_place place;

	boot_of(d)->fail_symbols = -EINTR;
	boot_of(d)->fail_printks = -EINTR;
	CU_ASSERT_PTR_NULL(desc_tep(d));
	CU_ASSERT_PTR_NULL(desc_event(d, TICK));
	CU_ASSERT_EQUAL(desc_symbol(d, VFS_READ, &place), -ENOENT);

	boot_of(d)->fail_symbols = 0;
	boot_of(d)->fail_printks = 0;
	CU_ASSERT_PTR_NOT_NULL(desc_tep(d));
	CU_ASSERT_PTR_NOT_NULL(desc_event(d, TICK));
	CU_ASSERT_EQUAL(desc_symbol(d, EXT4_READ, &place), 0);
	CU_ASSERT_STRING_EQUAL(place.module, "ext4");
	desc_close(d);
	desc_close(NULL);
}

/* Print @event with one pointer @value by libtraceevent, as the kernel would */
static char *print_pointer(struct merge_desc *d, unsigned int id, uint64_t value, bool plain)
{
	struct record_bytes r = record_begin(d, id, 1);
	struct tep_record record = { .data = r.data };
	struct textbuf b = { 0 };
	struct trace_seq seq;

	record_number(&r, 8, value, 8);
	record.size = (int)r.size;
	trace_seq_init(&seq);
	CU_ASSERT_PTR_NOT_NULL(desc_event(d, id));
	tep_print_event(desc_tep(d), &seq, &record, "%s", TEP_PRINT_INFO);
	desc_put_text(d, &b, seq.buffer, seq.len, plain);
	textbuf_putc(&b, '\0');
	trace_seq_destroy(&seq);
	return b.data;
}

static void test_prints_addresses_as_the_kernel(void)
{
	struct merge_desc *d = boot_open();

	CHECK_TEXT(print_pointer(d, POINTERS, VFS_READ + 0x1f, false),
		   "vfs_read vfs_read+0x1f/0x400");
	CHECK_TEXT(print_pointer(d, POINTERS, EXT4_READ, false),
		   "ext4_read [ext4] ext4_read+0x0/0x1800 [ext4]");
	CHECK_TEXT(print_pointer(d, POINTERS, EXT4_READ, true),
		   "ext4_read ext4_read+0x0/0x1800 [ext4]");
	CHECK_TEXT(print_pointer(d, POINTERS, EXT4_LAST + 1, false),
		   "ext4_last [ext4] ext4_last+0x1 [ext4]");
	CHECK_TEXT(print_pointer(d, POINTERS, 0x1234, false), "0x1234 0x1234");
	desc_close(d);
}

/* A record's own bytes may look like a mark */
static void test_leaves_false_marks(void)
{
	static const char text[] = "a\1b\1\1 zz\2 \1ff\2 \1ffffffff81200000\2+0x";
	struct merge_desc *d = boot_open();
	struct textbuf b = { 0 };

	desc_put_text(d, &b, text, strlen(text), false);
	textbuf_putc(&b, '\0');
	CU_ASSERT_STRING_EQUAL(b.data, "a\1b\1\1 zz\2  vfs_read+0x0/0x400");
	textbuf_deinit(&b);
	desc_put_text(d, &b, "x\1", 2, false);
	CU_ASSERT_EQUAL(b.len, 2);
	textbuf_deinit(&b);
	desc_close(d);
}

static void test_escapes_printk_formats(void)
{
	char text[64];

	CU_ASSERT_EQUAL(desc_printk_escape("a\n\t\"\\%d", text, sizeof(text)), 11);
	CU_ASSERT_STRING_EQUAL(text, "a\\n\\t\\\"\\\\%d");
	CU_ASSERT_EQUAL(desc_printk_escape("", text, sizeof(text)), 0);
}

static void test_describes_headers_as_the_kernel(void)
{
	struct merge_desc *d = boot_open();
	char text[400];

	desc_header_page(d, 65536, text, sizeof(text));
	CU_ASSERT_STRING_EQUAL(text,
		"\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n"
		"\tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;\n"
		"\tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;\n"
		"\tfield: char data;\toffset:16;\tsize:65520;\tsigned:0;\n");
	d->overwrite_is_char = true;
	desc_header_page(d, 4096, text, sizeof(text));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "char overwrite;\toffset:8;\tsize:1;\tsigned:0;"));
	d->long_size = 4;
	desc_header_page(d, 4096, text, sizeof(text));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "commit;\toffset:8;\tsize:4;"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "data;\toffset:12;\tsize:4084;"));
	CU_ASSERT_PTR_NOT_NULL(strstr(desc_header_event(), "type_len    :    5 bits\n"));
	desc_close(d);
}

static void test_tells_chars_sign(void)
{
	struct merge_desc *d = boot_open();
	char text[400];

	boot_of(d)->signed_char = true;
	desc_header_page(d, 4096, text, sizeof(text));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "int overwrite;\toffset:8;\tsize:1;\tsigned:1;"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "char data;\toffset:16;\tsize:4080;\tsigned:1;"));
	d->overwrite_is_char = true;
	desc_header_page(d, 4096, text, sizeof(text));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "char overwrite;\toffset:8;\tsize:1;\tsigned:1;"));
	desc_close(d);
}

static void test_reads_ids_in_both_byte_orders(void)
{
	static const uint8_t record[] = { 0x12, 0x34 };
	struct merge_desc *d = boot_open();

	CU_ASSERT_EQUAL(desc_record_id(d, record), 0x3412);
	d->big_endian = true;
	CU_ASSERT_EQUAL(desc_record_id(d, record), 0x1234);
	desc_close(d);
}

static const struct test tests[] = {
	{ "a format is asked for once", test_asks_for_a_format_once },
	{ "what is not there is remembered", test_remembers_what_is_not_there },
	{ "a format of another id is refused", test_refuses_a_format_of_another_id },
	{ "events without a usable print format are kept",
	  test_keeps_events_without_a_print_format },
	{ "every format of the boot parses", test_parses_every_format },
	{ "there is one handle, of the kernel's sizes", test_keeps_its_handle },
	{ "symbols are loaded once, when first asked for", test_loads_symbols_when_asked },
	{ "a loaded module goes before freed functions", test_looks_at_freed_functions_last },
	{ "what cannot be read leaves the rest usable", test_goes_on_with_what_there_is },
	{ "an interrupted load is done again", test_asks_again_after_an_interrupt },
	{ "addresses print as the kernel prints them", test_prints_addresses_as_the_kernel },
	{ "text that looks like a mark does no harm", test_leaves_false_marks },
	{ "printk formats are escaped as in printk_formats", test_escapes_printk_formats },
	{ "header_page and header_event are the kernel's", test_describes_headers_as_the_kernel },
	{ "header_page tells whether char has a sign", test_tells_chars_sign },
	{ "common_type is read in both byte orders", test_reads_ids_in_both_byte_orders },
	{ NULL, NULL }
};
const struct test_suite suite_describe = { "describe", tests };
