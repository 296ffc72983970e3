// SPDX-License-Identifier: GPL-2.0-or-later
/* The tables of a persistent region: entries damaged, cut off, of an earlier recording. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "boot.h"
#include "describe.h"
#include "persist-in.h"
#include "tests.h"

/* Where the format of event @id is */
static uint64_t entry_of(const struct persist_made *m, unsigned int id)
{
	for (unsigned int n = 0;; n++) {
		uint64_t at = persist_entry_at(m, TRACE_PERSIST_EVENT, n);

		if (persist_get(m, at + ENTRY(number), 4) == id)
			return at;
	}
}

static void payload_is_damaged(struct persist_made *m, uint64_t at)
{
	m->data[at + 60] ^= 1;
}

static void crc_is_damaged(struct persist_made *m, uint64_t at)
{
	m->data[at + ENTRY(crc)] ^= 1;
}

static void magic_is_damaged(struct persist_made *m, uint64_t at)
{
	m->data[at] ^= 1;
}

static void size_is_damaged(struct persist_made *m, uint64_t at)
{
	m->data[at + ENTRY(size)] ^= 8;
}

static void size_is_huge(struct persist_made *m, uint64_t at)
{
	persist_put(m, at + ENTRY(size), 4, UINT32_MAX);
}

static void size_leads_behind_the_end(struct persist_made *m, uint64_t at)
{
	persist_put(m, at + ENTRY(size), 4, 1 << 19);
}

static void arming_is_another(struct persist_made *m, uint64_t at)
{
	persist_put(m, at + ENTRY(arming), 4, 77);
	persist_sign_entry(m, at);
}

static void text_does_not_end(struct persist_made *m, uint64_t at)
{
	uint32_t size = (uint32_t)persist_get(m, at + ENTRY(size), 4);

	m->data[at + 24 + size - 1] = 'x';
	persist_sign_entry(m, at);
}

static void type_is_unknown(struct persist_made *m, uint64_t at)
{
	persist_put(m, at + ENTRY(type), 4, 99);
	persist_sign_entry(m, at);
}

static void id_is_huge(struct persist_made *m, uint64_t at)
{
	persist_put(m, at + ENTRY(number), 4, 70000);
	persist_sign_entry(m, at);
}

#define DAMAGED	"# the tables are damaged in 1 places, the first at 0x%llx: what they told is shown as numbers\n"

static const struct {
	const char *name;
	void (*how)(struct persist_made *m, uint64_t at);
	bool said;
} rows[] = {
	{ "a damaged payload", payload_is_damaged, true },
	{ "a damaged crc", crc_is_damaged, true },
	{ "a damaged magic", magic_is_damaged, true },
	{ "a damaged size", size_is_damaged, true },
	{ "a size of all ones", size_is_huge, true },
	{ "a size behind the tables", size_leads_behind_the_end, true },
	{ "another arming", arming_is_another, true },
	{ "a text that does not end", text_does_not_end, false },
	{ "an unknown type", type_is_unknown, false },
	{ "an id that none has", id_is_huge, false },
};

/* Only that entry is lost: the one behind it is there */
static void test_one_entry_is_lost(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *system, *format;
		struct merge_source *src;
		struct persist_made m;
		char *want = NULL;
		uint64_t at;

		persist_in_small(&m);
		at = entry_of(&m, TICK);
		rows[i].how(&m, at);
		src = persist_in_source(&m);
		CHECK_ROW(desc_format(src->desc, TICK, &system, &format) == -ENOENT, rows[i].name);
		CHECK_ROW(!desc_format(src->desc, TICK - 1, &system, &format), rows[i].name);
		CHECK_ROW(!desc_format(src->desc, TICK + 1, &system, &format), rows[i].name);
		CU_ASSERT_FATAL(asprintf(&want, rows[i].said ? PERSIST_SMALL_EVENTS DAMAGED :
					 PERSIST_SMALL_EVENTS, (unsigned long long)at) > 0);
		CHECK_ROW(test_text(persist_in_all(src), want), rows[i].name);
		free(want);
	}
}

/* What was being appended has no magic yet, and is no damage; nor is an earlier arming's */
static void test_ends_quietly(void)
{
	static const size_t sizes[] = { 24, 60, 200 };

	for (size_t i = 0; i < 2 * sizeof(sizes) / sizeof(*sizes); i++) {
		struct persist_made m;
		uint64_t from;

		persist_in_small(&m);
		from = entry_of(&m, FUNCTION);
		memcpy(m.data + m.tables_end, m.data + from, sizes[i / 2]);
		if (i % 2)
			persist_put(&m, m.tables_end + ENTRY(arming), 4, 77);
		else
			persist_put(&m, m.tables_end, 4, 0);
		CHECK_TEXT(persist_in_all(persist_in_source(&m)), PERSIST_SMALL_EVENTS);
	}
}

/* An entry at the very end of the tables, and one that would go on behind */
static void test_ends_with_the_tables(void)
{
	for (int more = 0; more < 2; more++) {
		const char *system, *format;
		struct merge_source *src;
		struct persist_made m;
		uint64_t at, size;

		persist_in_small(&m);
		at = entry_of(&m, TICK);
		size = 24 + persist_get(&m, at + ENTRY(size), 4) - more;
		for (unsigned int copy = 0; copy < 2; copy++) {
			persist_put(&m, m.copies[copy] + HEADER(tables_size), 8,
				    at + size - m.tables);
			persist_sign(&m, copy);
		}
		src = persist_in_source(&m);
		CU_ASSERT_EQUAL(desc_format(src->desc, TICK, &system, &format), more ? -ENOENT : 0);
		CU_ASSERT_EQUAL(merge_source_notice(src, 0) != NULL, more);
		merge_source_close(src);
	}
}

static void test_outside_of_the_slot(void)
{
	static const struct {
		size_t offset;
		uint64_t value;
	} places[] = {
		{ HEADER(tables_offset), 1 << 30 }, { HEADER(tables_size), UINT64_MAX },
		{ HEADER(tables_offset), 8196 },
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		struct persist_made m;

		persist_in_small(&m);
		for (unsigned int copy = 0; copy < 2; copy++) {
			persist_put(&m, m.copies[copy] + places[i].offset, 8, places[i].value);
			persist_sign(&m, copy);
		}
		CHECK_TEXT(persist_in_all(persist_in_source(&m)), PERSIST_SMALL_EVENTS
			   "# the tables do not lie inside of the slot: events are shown as numbers\n");
	}
}

/* One that is larger than any is none, though its crc is right */
static void test_takes_none_too_large(void)
{
	for (uint32_t more = 0; more <= 8; more += 8) {
		const struct persist_how how = { 0 };
		const char *system, *format;
		struct merge_source *src;
		struct persist_made m;
		uint64_t at;

		persist_in_make(&m, "size 1048576\ncpu 0\npage ts=1\nevent +1 id=118\n"
				"page ts=1000\nevent +1 id=118\n", &how);
		at = m.tables_end;
		memcpy(m.data + at, m.data + entry_of(&m, TICK), 200);
		persist_put(&m, at + ENTRY(number), 4, 250);
		persist_put(&m, at + ENTRY(size), 4, (1 << 20) + more);
		persist_sign_entry(&m, at);
		for (unsigned int copy = 0; copy < 2; copy++) {
			persist_put(&m, m.copies[copy] + HEADER(tables_size), 8, m.size - m.tables);
			persist_sign(&m, copy);
		}
		src = persist_in_source(&m);
		CU_ASSERT_EQUAL(desc_format(src->desc, 250, &system, &format), more ? -ENOENT : 0);
		merge_source_close(src);
	}
}

/* Of two of one id the one that came last */
static void test_the_last_counts(void)
{
	const char *system, *format;
	struct merge_source *src;
	struct persist_made m;
	uint64_t at, size;

	persist_in_small(&m);
	at = entry_of(&m, FUNCTION);
	size = 24 + persist_get(&m, at + ENTRY(size), 4);
	memcpy(m.data + m.tables_end, m.data + at, size);
	persist_put(&m, m.tables_end + ENTRY(number), 4, TICK);
	persist_sign_entry(&m, m.tables_end);
	src = persist_in_source(&m);
	CU_ASSERT_EQUAL_FATAL(desc_format(src->desc, TICK, &system, &format), 0);
	CU_ASSERT_STRING_EQUAL(system, "ftrace");
	merge_source_close(src);
}

static void test_tells_of_full_tables(void)
{
	const struct persist_how how = { .flags = TRACE_PERSIST_TABLES_FULL };
	struct persist_made m;

	persist_in_make(&m, PERSIST_SMALL, &how);
	CHECK_TEXT(persist_in_all(persist_in_source(&m)), PERSIST_SMALL_EVENTS
		   "# the tables had no room for all formats, modules and strings: what found none is shown as numbers\n");
}

static const struct test tests[] = {
	{ "loses only the entry that is damaged", test_one_entry_is_lost },
	{ "ends where an entry was being appended", test_ends_quietly },
	{ "ends with the last byte", test_ends_with_the_tables },
	{ "is left out when it is not in the slot", test_outside_of_the_slot },
	{ "takes no entry that is too large", test_takes_none_too_large },
	{ "takes the last of one id", test_the_last_counts },
	{ "says when there was no room", test_tells_of_full_tables },
	{ 0 }
};

const struct test_suite suite_persist_tables = { "persist_tables", tests };
