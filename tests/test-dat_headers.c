// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel says of its ring buffer, and what is not known of it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dat_headers.h"
#include "describe.h"
#include "tests.h"

static void test_takes_what_kernels_say(void)
{
	for (uint32_t long_size = 4; long_size <= 8; long_size += 4) {
		for (int is_char = 0; is_char < 2; is_char++) {
			const struct desc_ops ops = { 0 };
			struct merge_desc d = { .ops = &ops, .long_size = long_size,
						.overwrite_is_char = is_char };
			struct merge_error err = { 0 };
			struct dat_headers h;
			char text[512];

			desc_header_page(&d, 65536, text, sizeof(text));
			CU_ASSERT_EQUAL(dat_headers_page(text, &h, &err), 0);
			CU_ASSERT_EQUAL(h.long_size, long_size);
			CU_ASSERT_EQUAL(h.subbuf_size, 65536);
			CU_ASSERT_EQUAL(h.overwrite_is_char, is_char);
			free(d.events);
		}
	}
	CU_ASSERT_EQUAL(dat_headers_event(desc_header_event(), NULL), 0);
}

#define LINE(name, offset, size) \
	"\tfield: u64 " name ";\toffset:" offset ";\tsize:" size ";\tsigned:0;\n"

static void test_refuses_other_layouts(void)
{
	static const struct {
		const char *name, *text;
	} rows[] = {
		{ "nothing", "" },
		{ "no commit", LINE("timestamp", "0", "8") LINE("data", "16", "4080") },
		{ "small time", LINE("timestamp", "0", "4") LINE("commit", "8", "8") LINE("data", "16", "4080") },
		{ "time elsewhere", LINE("timestamp", "8", "8") LINE("commit", "8", "8") LINE("data", "16", "4080") },
		{ "short commit", LINE("timestamp", "0", "8") LINE("commit", "8", "2") LINE("data", "10", "4080") },
		{ "data elsewhere", LINE("timestamp", "0", "8") LINE("commit", "8", "8") LINE("data", "24", "4080") },
		{ "no offset", "\tfield: u64 timestamp;\n" LINE("commit", "8", "8") LINE("data", "16", "4080") },
	};
	struct merge_error err = { 0 };
	struct dat_headers h;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		CHECK_ROW(dat_headers_page(rows[i].text, &h, &err) == -ENOTSUP, rows[i].name);
	CU_ASSERT_EQUAL(dat_headers_event("type : 2 bits\ntime_delta : 27 bits\n", &err), -ENOTSUP);
	CU_ASSERT_EQUAL(dat_headers_event("type_len : 5 bits\ntime_delta : 26 bits\n", &err), -ENOTSUP);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "time_delta of 26"));
}

static const struct test tests[] = {
	{ "what kernels say is understood", test_takes_what_kernels_say },
	{ "other layouts are refused, with what they are", test_refuses_other_layouts },
	{ NULL, NULL }
};
const struct test_suite suite_dat_headers = { "dat_headers", tests };
