// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <traceevent/trace-seq.h>

#include "boot.h"
#include "record.h"
#include "tests.h"

struct row {
	const char *name;
	unsigned int id;
	struct {
		uint32_t offset;
		uint64_t value;
		unsigned int size;	/* 0 ends the list */
	} numbers[6];
	uint32_t size;		/* of the record; 0: as long as its numbers make it */
	const char *fault;	/* NULL: good */
	const char *field;
};

/* __data_loc of @len bytes at @offset */
#define LOC(offset, len)	((uint64_t)(len) << 16 | (offset))

static const struct row rows[] = {
	{ "fixed fields", SCHED_SWITCH, { { 60, 1, 4 } }, 0, NULL, "" },
	{ "one byte short", SCHED_SWITCH, { { 60, 1, 4 } }, 63, "beyond the record: field",
	  "next_prio" },
	{ "padded", SCHED_SWITCH, { { 60, 1, 4 } }, 68, NULL, "" },
	{ "only the header", SCHED_SWITCH, { { 4, 1, 4 } }, 8, "beyond the record: field",
	  "next_prio" },

	{ "string", IRQ_HANDLER_ENTRY, { { 12, LOC(16, 4), 4 }, { 16, 0x616161, 4 } }, 0, NULL,
	  "" },
	{ "string up to the end", IRQ_HANDLER_ENTRY, { { 12, LOC(16, 8), 4 }, { 16, 1, 8 } }, 0,
	  NULL, "" },
	{ "string too long", IRQ_HANDLER_ENTRY, { { 12, LOC(16, 9), 4 }, { 16, 1, 8 } }, 0,
	  "beyond the record: field", "name" },
	{ "string starts at the end", IRQ_HANDLER_ENTRY, { { 12, LOC(16, 0), 4 } }, 0, NULL, "" },
	{ "string starts behind", IRQ_HANDLER_ENTRY, { { 12, LOC(17, 0), 4 } }, 0,
	  "beyond the record: field", "name" },
	{ "all ones", IRQ_HANDLER_ENTRY, { { 12, UINT32_MAX, 4 } }, 0, "beyond the record: field",
	  "name" },
	{ "relative string", REL_STRING, { { 8, LOC(0, 4), 4 }, { 12, 1, 4 } }, 0, NULL, "" },
	{ "relative string too long", REL_STRING, { { 8, LOC(0, 5), 4 }, { 12, 1, 4 } }, 0,
	  "beyond the record: field", "name" },
	{ "relative string behind", REL_STRING, { { 8, LOC(0xffff, 4), 4 }, { 12, 1, 4 } }, 0,
	  "beyond the record: field", "name" },

	{ "hex", HEX, { { 8, LOC(24, 8), 4 }, { 12, 8, 4 }, { 24, 1, 8 } }, 0, NULL, "" },
	{ "hex longer than its array", HEX, { { 8, LOC(24, 1), 4 }, { 12, 8, 4 }, { 24, 1, 8 } },
	  0, NULL, "" },
	{ "hex beyond", HEX, { { 8, LOC(24, 8), 4 }, { 12, 9, 4 }, { 24, 1, 8 } }, 0,
	  "elements beyond the record in", "buf" },
	{ "negative length", HEX, { { 8, LOC(24, 8), 4 }, { 12, UINT32_MAX, 4 }, { 24, 1, 8 } }, 0,
	  "elements beyond the record in", "buf" },
	{ "fixed array beyond", HEX, { { 8, LOC(8, 8), 4 }, { 12, 9, 4 }, { 16, 1, 8 } }, 0,
	  "elements beyond the record in", "raw" },
	{ "array by its length", ARRAY, { { 8, LOC(16, 12), 4 }, { 16, 1, 8 }, { 24, 1, 4 } }, 0,
	  NULL, "" },
	{ "empty array", ARRAY, { { 8, LOC(16, 0), 4 }, { 12, 1, 4 } }, 0, NULL, "" },

	{ "bit mask", BITMASK, { { 8, LOC(12, 8), 4 }, { 12, 5, 8 } }, 0, NULL, "" },
	{ "CPU mask", CPUMASK, { { 8, LOC(12, 8), 4 }, { 12, 5, 8 } }, 0, NULL, "" },
	/* libtraceevent asks for 3 GiB to print it as __get_cpumask(): see format.c */
	{ "empty CPU mask", CPUMASK, { { 8, LOC(12, 0), 4 }, { 12, 5, 8 } }, 0, NULL, "" },

	{ "width of a string", STRING_WIDTH, { { 8, 3, 4 }, { 12, LOC(16, 4), 4 }, { 16, 0x61,
	  4 } }, 0, NULL, "" },
	/* libtraceevent hands printf() one argument too few */
	{ "negative width of a string", STRING_WIDTH,
	  { { 8, UINT32_MAX, 4 }, { 12, LOC(16, 4), 4 }, { 16, 0x61, 4 } }, 0,
	  "a width out of range", "" },
	{ "width", NUMBER_WIDTH, { { 8, 10, 4 }, { 12, 7, 4 } }, 0, NULL, "" },
	/* libtraceevent's buffer grows to it page by page */
	{ "width of billions", NUMBER_WIDTH, { { 8, 0x7fffffff, 4 }, { 12, 7, 4 } }, 0,
	  "a width out of range", "" },

	{ "index", INDEX, { { 24, 3, 8 } }, 0, NULL, "" },
	{ "index beyond", INDEX, { { 24, 6, 8 } }, 0, "an index beyond the record in", "list" },
	{ "index that wraps", INDEX, { { 24, 0x4000000000000000, 8 } }, 0,
	  "an index beyond the record in", "list" },
	{ "negative index", INDEX, { { 24, UINT64_MAX, 8 } }, 0, "an index beyond the record in",
	  "list" },

	{ "division", DIVIDE, { { 8, 6, 4 }, { 12, 3, 4 } }, 0, NULL, "" },
	{ "division by zero", DIVIDE, { { 8, 6, 4 }, { 12, 0, 4 } }, 0, "division by zero", "" },
	{ "array that is no field", ODD_HEX, { { 8, 1, 8 } }, 0, "an array that is no field", "" },
};

static struct record_bytes make_record(const struct merge_desc *d, const struct row *row)
{
	struct record_bytes r = record_begin(d, row->id, 7);

	for (size_t i = 0; i < 6 && row->numbers[i].size; i++)
		record_number(&r, row->numbers[i].offset, row->numbers[i].value,
			      row->numbers[i].size);
	if (row->size)
		r.size = row->size;
	return r;
}

/* A copy that ends where its block ends */
static uint8_t *exact_copy(const void *data, size_t size, size_t pad)
{
	uint8_t *copy = malloc(size + pad);

	if (!copy)
		abort();
	memcpy(copy, data, size);
	memset(copy + size, 0, pad);
	return copy;
}

static void check_rows(bool big_endian)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct row *row = &rows[i];
		struct merge_desc *d = boot_open();
		struct record_fault fault = { NULL, "" };
		struct record_check *check;
		struct record_bytes r;
		uint8_t *data;
		int ret;

		d->big_endian = big_endian;
		r = make_record(d, row);
		check = record_check_create(desc_event(d, row->id));
		data = exact_copy(r.data, r.size, 0);
		ret = record_check(check, data, r.size, &fault);
		CHECK_ROW(!ret == !row->fault, row->name);
		CHECK_ROW(!ret || (fault.text && row->fault && !strcmp(fault.text, row->fault)),
			  row->name);
		CHECK_ROW(!strcmp(fault.field, row->field), row->name);
		CHECK_ROW(!ret || ret == (row->id == ODD_HEX ? -ENOTSUP : -EBADMSG), row->name);
		free(data);
		record_check_destroy(check);
		desc_close(d);
	}
}

static void test_checks_every_field(void)
{
	check_rows(false);
}

static void test_checks_big_endian_records(void)
{
	check_rows(true);
}

/* libtraceevent alone makes 31, 10 and 6 of them */
static void test_computes_in_parentheses(void)
{
	static const struct row row = { "", PARENS, { { 8, 10, 4 }, { 12, 3, 4 } }, 0, NULL, "" };
	struct merge_desc *d = boot_open();
	struct record_bytes r = make_record(d, &row);

	CHECK_TEXT(record_print(d, &r), "parens: 40 0 2");
	desc_close(d);
}

/* One random change: a bit, a number, or another size */
static void damage(struct record_bytes *r, uint64_t *state)
{
	static const uint32_t numbers[] = { 0, 1, 0x7fffffff, 0x80000000, UINT32_MAX, 0xffff0000 };
	uint32_t at = (uint32_t)(test_random(state) % r->size);

	switch (test_random(state) % 4) {
	case 0:
		r->data[at] ^= (uint8_t)(1 << test_random(state) % 8);
		break;
	case 1:
		r->data[at] = (uint8_t)test_random(state);
		break;
	case 2:
		memcpy(r->data + (at & ~3u), &numbers[test_random(state) % 6], 4);
		break;
	default:
		r->size = at < 8 ? r->size : at & ~3u;
	}
}

/* What passes the check, libtraceevent must be able to print */
static void print(struct merge_desc *d, struct tep_event *event, const struct record_bytes *r,
		  struct trace_seq *seq)
{
	struct record_check *check = record_check_create(event);
	uint8_t *data = exact_copy(r->data, r->size, RECORD_PAD);
	struct tep_record record = { .data = data, .size = (int)r->size };
	struct record_fault fault;

	if (!record_check(check, data, r->size, &fault)) {
		trace_seq_reset(seq);
		tep_print_event(desc_tep(d), seq, &record, "%s", TEP_PRINT_INFO);
		CU_ASSERT(seq->len < 400000);
	}
	free(data);
	record_check_destroy(check);
}

static void test_survives_random_records(void)
{
	struct merge_desc *d = boot_open();
	struct trace_seq seq;
	uint64_t state = 1;

	trace_seq_init(&seq);
	for (unsigned int round = 0; round < 400; round++) {
		for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
			struct record_bytes r = make_record(d, &rows[i]);

			for (unsigned int n = round % 4 + 1; n; n--)
				damage(&r, &state);
			/* it stays a record of the same event */
			r.data[0] = (uint8_t)rows[i].id;
			r.data[1] = (uint8_t)(rows[i].id >> 8);
			print(d, desc_event(d, rows[i].id), &r, &seq);
		}
	}
	trace_seq_destroy(&seq);
	desc_close(d);
}

static const struct test tests[] = {
	{ "a record is held against every field of its format", test_checks_every_field },
	{ "records in the other byte order are checked the same", test_checks_big_endian_records },
	{ "what passes the check can be printed", test_survives_random_records },
	{ "parentheses count when a record is printed", test_computes_in_parentheses },
	{ NULL, NULL }
};
const struct test_suite suite_record = { "record", tests };
