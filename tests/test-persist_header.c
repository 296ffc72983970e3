// SPDX-License-Identifier: GPL-2.0-or-later
/* The header of a persistent region, each field of it spoilt in one copy and in both. */
#include <stdlib.h>
#include <string.h>

#include "persist-in.h"
#include "tests.h"

/* A field, a number that it cannot be, and what is said; crc: it stays wrong */
static const struct row {
	const char *name;
	size_t offset, size;
	uint64_t value;
	const char *text;
	bool crc;
} rows[] = {
	{ "another crc", HEADER(crc), 4, 1, "header: the crc is wrong", true },
	{ "a bit of the boot id", HEADER(boot_id), 1, 0xcc, "header: the crc is wrong", true },
	{ "version 2", HEADER(version), 4, 2, "header: version 2 of the format: 1 is known", false },
	{ "a header of no size", HEADER(header_size), 4, 0, "header: no header is of this size", true },
	{ "a header too small", HEADER(header_size), 4, 600, "header: no header is of this size", false },
	{ "a header too large", HEADER(header_size), 4, 5 << 20, "header: no header is of this size", true },
	{ "a header behind the end", HEADER(header_size), 4, 1 << 20, "header: cut off", true },
	{ "a copy amid pages", HEADER(copy_offset), 4, 8, "header: no copy can be at this offset of its slot", false },
	{ "a copy before the file", HEADER(copy_offset), 4, 1 << 20, "header: no copy can be at this offset of its slot", false },
	{ "a slot too small", HEADER(slot_size), 8, 700, "header: the slot is smaller than its header", false },
	{ "no arming", HEADER(arming), 4, 0, "header: the arming has no number", false },
	{ "pages of 5000 bytes", HEADER(page_size), 4, 5000, "header: no pages are of this size", false },
	{ "pages of 2 KiB", HEADER(page_size), 4, 2048, "header: no pages are of this size", false },
	{ "pages of 128 KiB", HEADER(page_size), 4, 131072, "header: no pages are of this size", false },
	{ "sub-buffers of 5000 bytes", HEADER(subbuf_size), 4, 5000, "header: no sub-buffers are of this size", false },
	{ "sub-buffers of 32 bytes", HEADER(subbuf_size), 4, 32, "header: no sub-buffers are of this size", false },
	{ "sub-buffers of 32 MiB", HEADER(subbuf_size), 4, 32 << 20, "header: no sub-buffers are of this size", false },
	{ "a long of 16 bytes", HEADER(long_size), 4, 16, "header: no long is of this size", false },
	{ "seals of 56 bytes", HEADER(seal_size), 4, 56, "header: no seals are of this size", false },
	{ "seals of 68 bytes", HEADER(seal_size), 4, 68, "header: no seals are of this size", false },
	{ "seals of 8 KiB", HEADER(seal_size), 4, 8192, "header: no seals are of this size", false },
	{ "names of 16 bytes", HEADER(comm_entry_size), 4, 16, "header: no command names are of this size", false },
	{ "chunks of 40 bytes", HEADER(chunk_entry_size), 4, 40, "header: no chunk table has entries of this size", false },
	{ "chunks of no bytes", HEADER(chunk_entry_size), 4, 0, "header: no chunk table has entries of this size", false },
	{ "a chunk table in the header", HEADER(chunk_offset), 4, 600, "header: the chunk table does not lie inside of it", false },
	{ "a chunk table behind it", HEADER(chunk_offset), 4, 1 << 20, "header: the chunk table does not lie inside of it", false },
	{ "a chunk too many", HEADER(nr_chunks), 4, 3, "header: the chunk table does not lie inside of it", false },
};

static void spoil(struct persist_made *m, unsigned int copy, const struct row *row)
{
	persist_put(m, m->copies[copy] + row->offset, row->size, row->value);
	if (!row->crc)
		persist_sign(m, copy);
}

static void test_one_copy_is_enough(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		for (unsigned int copy = 0; copy < 2; copy++) {
			struct persist_made m;
			char *want;

			persist_in_small(&m);
			spoil(&m, copy, &rows[i]);
			CU_ASSERT_FATAL(asprintf(&want, "%s# of the header's two copies only that at 0x%x is right; at 0x%x: %s\n",
						 PERSIST_SMALL_EVENTS, copy ? 0 : 4096, copy ? 4096 : 0,
						 rows[i].text) > 0);
			CHECK_ROW(test_text(persist_in_all(persist_in_source(&m)), want),
				  rows[i].name);
			free(want);
		}
}

static void test_without_a_copy_it_is_refused(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct merge_error err = { 0 };
		struct persist_made m;

		persist_in_small(&m);
		spoil(&m, 0, &rows[i]);
		spoil(&m, 1, &rows[i]);
		CHECK_ROW(!persist_in_open(m.data, m.size, 0, NULL, &err), rows[i].name);
		CHECK_ROW(strstr(err.text, "2 headers of persistent trace regions, none of which can be used; at 0x0: ") &&
			  strstr(err.text, rows[i].text), err.text);
		persist_made_free(&m);
	}
}

/* 64 bytes before the end of the slot */
#define AT_THE_END	12345

/* Chunks that cannot be: only that CPU is left out */
static void test_leaves_out_chunks(void)
{
	static const struct {
		const char *name;
		size_t offset, size;
		uint64_t value;
		const char *text;
	} chunks[] = {
		{ "CPU 70000", CHUNK(cpu), 4, 70000, "cpu 70000: no CPU has this number" },
		{ "the other's CPU", CHUNK(cpu), 4, 0, "cpu 0: another chunk is of the same CPU" },
		{ "behind the slot", CHUNK(offset), 8, 1 << 30, "cpu 2: it does not lie inside of the slot" },
		{ "beyond the slot", CHUNK(size), 8, UINT64_MAX, "cpu 2: it does not lie inside of the slot" },
		{ "too many sub-buffers", CHUNK(nr_subbufs), 4, 4, "cpu 2: its sub-buffers do not lie inside of it" },
		{ "most sub-buffers", CHUNK(nr_subbufs), 4, UINT32_MAX, "cpu 2: its sub-buffers do not lie inside of it" },
		{ "sub-buffers before it", CHUNK(subbufs), 8, 0, "cpu 2: its sub-buffers do not lie inside of it" },
		{ "seals beyond the slot", CHUNK(seals), 8, AT_THE_END, "cpu 2: its seals do not lie inside of the slot" },
		{ "seals elsewhere", CHUNK(seals), 8, 1 << 30, "cpu 2: its seals do not lie inside of the slot" },
	};

	for (size_t i = 0; i < sizeof(chunks) / sizeof(*chunks); i++) {
		struct persist_made m;
		char *want;

		persist_in_small(&m);
		for (unsigned int copy = 0; copy < 2; copy++) {
			persist_put(&m, m.copies[copy] + 640 + 48 + chunks[i].offset,
				    chunks[i].size, chunks[i].value == AT_THE_END ?
				    m.size - 64 : chunks[i].value);
			persist_sign(&m, copy);
		}
		CU_ASSERT_FATAL(asprintf(&want, "top/0 1001 1\ntop/0 2001 2\ntop/0 3001 3\n"
					 "# 1 CPUs are left out, chunks that cannot be: %s\n",
					 chunks[i].text) > 0);
		CHECK_ROW(test_text(persist_in_all(persist_in_source(&m)), want), chunks[i].name);
		free(want);
	}
}

/* A header of a later minor version has more in it, and larger entries */
static void test_takes_larger_entries(void)
{
	struct persist_made m;

	persist_in_small(&m);
	for (unsigned int copy = 0; copy < 2; copy++) {
		uint64_t at = m.copies[copy];

		memmove(m.data + at + 800, m.data + at + 640 + 48, 48);
		memmove(m.data + at + 720, m.data + at + 640, 48);
		persist_put(&m, at + HEADER(chunk_offset), 4, 720);
		persist_put(&m, at + HEADER(chunk_entry_size), 4, 80);
		persist_put(&m, at + HEADER(header_size), 4, 880);
		persist_sign(&m, copy);
	}
	CHECK_TEXT(persist_in_all(persist_in_source(&m)), PERSIST_SMALL_EVENTS);
}

static const struct test tests[] = {
	{ "is read from the copy that is right", test_one_copy_is_enough },
	{ "is refused with what is wrong when no copy is right", test_without_a_copy_it_is_refused },
	{ "leaves out a chunk that cannot be", test_leaves_out_chunks },
	{ "may have more in it than is known", test_takes_larger_entries },
	{ 0 }
};

const struct test_suite suite_persist_header = { "persist_header", tests };
