// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "sizing.h"
#include "tests.h"

#define MIB	(1u << 20)

/*
 * What the kernel's persist_layout() and alloc_buffer() gave, with pages of 4096 bytes:
 * their code, run in user space
 */
static const struct row {
	const char *name;
	uint64_t size;
	unsigned int cpus;
	uint64_t symbols;
	int ret;
	uint64_t tables, seals, chunks, subbufs;
	bool has_symbols;
} rows[] = {
	{ "24576 KiB, 1 CPUs, 1048576 of symbols", 25165824u, 1, 1048576, 0, 8192, 2826240, 3170304, 5364, true },
	{ "24576 KiB, 2 CPUs, 614400 of symbols", 25165824u, 2, 614400, 0, 8192, 2392064, 2744320, 2734, true },
	{ "8192 KiB, 1 CPUs, 0 of symbols", 8388608u, 1, 0, 0, 8192, 630784, 753664, 1862, false },
	{ "8192 KiB, 7 CPUs, 1048576 of symbols", 8388608u, 7, 1048576, 0, 8192, 1679360, 1785856, 229, true },
	{ "65536 KiB, 64 CPUs, 1048576 of symbols", 67108864u, 64, 1048576, 0, 8192, 5447680, 6397952, 230, true },
	{ "1048576 KiB, 256 CPUs, 1048576 of symbols", 1073741824u, 256, 1048576, 0, 32768, 5472256, 21921792, 1002, true },
	{ "64 KiB, 1 CPUs, 0 of symbols", 65536u, 1, 0, -ENOSPC, 0, 0, 0, 0, false },
	{ "1024 KiB, 64 CPUs, 0 of symbols", 1048576u, 64, 0, -ENOSPC, 0, 0, 0, 0, false },
	{ "1024 KiB, 1 CPUs, 524296 of symbols", 1048576u, 1, 524296, 0, 8192, 86016, 102400, 230, false },
	{ "2048 KiB, 4 CPUs, 1048576 of symbols", 2097152u, 4, 1048576, 0, 8192, 1212416, 1228800, 52, true },
	{ "4194304 KiB, 13 CPUs, 0 of symbols", 4294967296u, 13, 0, 0, 8192, 4399104, 70410240, 79259, false },
	{ "49380 KiB, 3 CPUs, 999999 of symbols", 50565120u, 3, 999999, 0, 8192, 4365120, 5079040, 3697, true },
	{ "1024 KiB, 10 CPUs, 0 of symbols", 1048576u, 10, 0, 0, 8192, 86016, 102400, 22, false },
	{ "1024 KiB, 9 CPUs, 1000 of symbols", 1048576u, 9, 1000, 0, 8192, 87040, 102400, 24, true },
	{ "512 KiB, 8 CPUs, 0 of symbols", 524288u, 8, 0, 0, 8192, 86016, 94208, 12, false },
	{ "512 KiB, 12 CPUs, 0 of symbols", 524288u, 12, 0, 0, 8192, 86016, 94208, 7, false },
	{ "192 KiB, 1 CPUs, 0 of symbols", 196608u, 1, 0, 0, 8192, 86016, 90112, 25, false },
};

static void divides_as_the_kernel(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct row *r = &rows[i];
		struct sizing s = { 0 };
		int ret = sizing_divide(r->size, r->cpus, r->symbols, &s);

		CHECK_ROW(ret == r->ret, r->name);
		if (ret || r->ret)
			continue;
		CHECK_ROW(s.tables == r->tables, r->name);
		CHECK_ROW(s.seals == r->seals, r->name);
		CHECK_ROW(s.chunks == r->chunks, r->name);
		CHECK_ROW(s.subbufs == r->subbufs, r->name);
		CHECK_ROW(s.symbols == r->has_symbols, r->name);
		CHECK_ROW(s.data == (r->subbufs - 2) * 4080, r->name);
	}
}

static void least(void)
{
	static const unsigned int cpus[] = { 1, 4, 17, 256 };

	for (size_t i = 0; i < sizeof(cpus) / sizeof(*cpus); i++) {
		for (uint64_t data = 1000; data < 400u * MIB; data *= 7) {
			uint64_t slot = sizing_slot(data, cpus[i], MIB);
			struct sizing s;

			CU_ASSERT_EQUAL(slot % MIB, 0);
			CU_ASSERT_EQUAL(sizing_divide(slot, cpus[i], MIB, &s), 0);
			CU_ASSERT_TRUE(s.data >= data && s.symbols);
			CU_ASSERT_TRUE(sizing_divide(slot - MIB, cpus[i], MIB, &s) ||
				       s.data < data || !s.symbols);
		}
	}
}

static char *line_of(const struct sizing_plan *plan)
{
	struct textbuf b = { 0 };

	sizing_command_line(plan, &b);
	textbuf_putc(&b, '\0');
	return b.data;
}

static void lines(void)
{
	const struct sizing_plan one = { .name = "oops", .trace = 24 * MIB, .slots = 1 };
	const struct sizing_plan two = { .name = "box", .trace = 3 * MIB + 4096, .slots = 2,
					 .address = 0x140000000 };

	CHECK_TEXT(line_of(&one),
		   "reserve_mem=25M@0x20000000:4096:oops ramoops.mem_name=oops ramoops.trace_size=24M ramoops.record_size=65536 ramoops.console_size=262144");
	CHECK_TEXT(line_of(&two),
		   "reserve_mem=5M@0x140000000:4096:box ramoops.mem_name=box ramoops.trace_size=3076K ramoops.trace_generations=2 ramoops.record_size=65536 ramoops.console_size=262144");
}

static const struct test tests[] = {
	{ "a slot is divided as the kernel divides it", divides_as_the_kernel },
	{ "the slot for so many bytes is the least", least },
	{ "the command line has what the kernel reads", lines },
	{ 0 },
};

const struct test_suite suite_sizing = { "sizing", tests };
