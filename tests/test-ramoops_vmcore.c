// SPDX-License-Identifier: GPL-2.0-or-later
/* A crashed kernel's ramoops as a source: found by its parameters, read from physical memory. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "describe.h"
#include "mkkernel.h"
#include "ramoops-in.h"
#include "tests.h"

#define PHYS	0x10000000u
#define KERNEL	"cpus 2\nclock local\ninstance top\ncpu 0\npage ts=1\nevent +0\n"	\
		"kallsyms base\nksym T _stext 0xffffffff81000000\n"			\
		"ksym T second_function 0xffffffff81000010\n"				\
		"ksym T third_function 0xffffffff81000030\n"				\
		"ksym T last_function 0xffffffff81000050\nksym T _end 0xffffffff82000000\n"
#define MODULE	KERNEL "module other\nmodule ramoops\n"
#define TEXTS	"dmesg-0: Panic#1 Part1\n<4>[    1.000000] it ends\n"	\
		"console: [    0.500000] hello\npmsg: a message\n"
#define ALL	TEXTS RAMOOPS_SMALL_EVENTS

/* A parameter of ramoops, in @size bytes, 0: a long */
struct param {
	const char *name;
	size_t size;
	uint64_t value;
};

static const struct param small[] = {
	{ "ecc", 4, 0 }, { "dump_oops", 4, 7 }, { "mem_size", 0, RAMOOPS_SMALL },
	{ "mem_address", 8, PHYS }, { "pmsg_size", 0, 4096 }, { "ftrace_size", 0, 8192 },
	{ "console_size", 0, 4096 }, { "record_size", 0, 4096 }, { NULL, 0, 0 }
};

/* @params in a row, with the label "params", each value's is its name */
static uint64_t put_params(struct kernel *k, const char *prefix, const struct param *params,
			   uint64_t *end)
{
	size_t stride = kernel_offset(k, KPARAM_ARG) + k->mem.long_size;
	uint64_t start = kernel_alloc(k, 20 * stride, "params"), at = start;

	for (; params->name; params++, at += stride) {
		uint64_t value = kernel_alloc(k, 8, "%s", params->name);
		char name[64];

		snprintf(name, sizeof(name), "%s%s", prefix, params->name);
		kernel_put(k, value, params->size ? params->size : k->mem.long_size, params->value);
		kernel_set(k, at, KPARAM_NAME, kernel_string(k, name, NULL));
		kernel_set(k, at, KPARAM_ARG, value);
	}
	*end = at;
	return start;
}

static void put_memory(struct kernel *k, uint32_t ecc)
{
	struct ramoops_mem m = { .ecc = ecc };

	ramoops_small(&m, 0);
	k->next = KERNEL_DIRECT_MAP + PHYS;
	kernel_alloc(k, m.size, "zones");
	kernel_write(k, KERNEL_DIRECT_MAP + PHYS, m.data, m.size);
	ramoops_mem_free(&m);
}

/* The kernel @text with @params, the first of which is ecc, of a module where it has one, else built in; then @more */
static struct kernel *make(const char *text, const struct param *params, const char *more)
{
	struct kernel *k = kernel_open(text, NULL);
	bool module = strstr(text, "module ramoops\n");
	uint64_t end, start = put_params(k, module ? "" : "ramoops.", params, &end);
	size_t stride = kernel_offset(k, KPARAM_ARG) + k->mem.long_size;

	if (module) {
		kernel_set(k, kernel_place(k, "ramoops"), MODULE_KP, start);
		kernel_set(k, kernel_place(k, "ramoops"), MODULE_NUM_KP, (end - start) / stride);
	} else {
		kernel_name(k, 's', "__start___param", start);
		kernel_name(k, 's', "__stop___param", end);
	}
	put_memory(k, params->value ? 16 : 0);
	kernel_add(k, more);
	return k;
}

static char *render(struct kernel *k)
{
	struct merge_error err = { 0 };
	struct merge_source *src;
	char *text;
	int ret = merge_source_open_vmcore_ramoops(&k->mem, &err, &src);

	if (!ret)
		text = ramoops_in_all(src);
	else if (asprintf(&text, "%s: %s", strerrorname_np(-ret), err.text) < 0)
		abort();
	CU_ASSERT(!ret || err.code == ret);
	kernel_close(k);
	return text;
}

static void test_reads_it(void)
{
	static const char *const rows[] = { MODULE, "version 700\n" MODULE, KERNEL, "version 601\n" KERNEL };

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		CHECK_TEXT(render(make(rows[i], small, "")), ALL);
}

static void test_names_functions(void)
{
	struct kernel *k = make(MODULE, small, "");
	struct merge_error err = { 0 };
	struct merge_source *src;
	struct desc_place place;

	CU_ASSERT_EQUAL_FATAL(merge_source_open_vmcore_ramoops(&k->mem, &err, &src), 0);
	CU_ASSERT_EQUAL_FATAL(desc_symbol(merge_source_desc(src), 0xffffffff81000010, &place), 0);
	CU_ASSERT_STRING_EQUAL(place.name, "second_function");
	merge_source_close(src);
	kernel_close(k);
}

/* The trace of the tracer pstore is behind the zones, and no part of them */
static void test_leaves_the_trace_out(void)
{
	struct param params[sizeof(small) / sizeof(*small) + 1];

	memcpy(params, small, sizeof(small));
	params[2].value += 0x3000;
	params[8] = (struct param){ "trace_size", 0, 0x2345 };
	params[9].name = NULL;
	CHECK_TEXT(render(make(MODULE, params, "")), ALL);
	/* one that is larger than all there is was refused */
	params[2].value = RAMOOPS_SMALL;
	params[8].value = 0x100000;
	CHECK_TEXT(render(make(MODULE, params, "")), ALL);
}

/* With the parity that 1 stands for: a header that is damaged is corrected */
static void test_knows_of_parity(void)
{
	struct param params[sizeof(small) / sizeof(*small)];

	memcpy(params, small, sizeof(small));
	params[0].value = 1;
	CHECK_TEXT(render(make(MODULE, params, "set zones+0x3000 0x1243474244\n")), ALL);
}

static void test_says_why_not(void)
{
	static const struct param none[] = { { "other", 0, 0 }, { NULL, 0, 0 } };
	static const struct {
		const char *kernel;
		const struct param *params;
		const char *more, *want;
	} rows[] = {
		{ KERNEL, none, "", "EOPNOTSUPP: this kernel has no ramoops: no module of that name was loaded, and it is not built in" },
		{ KERNEL "module ramoops2\n", none, "", "EOPNOTSUPP: this kernel has no ramoops: " },
		{ KERNEL "without kernel_param.arg\n", NULL, "",
		  "EOPNOTSUPP: where ramoops has its memory is not known: kernel_param.arg is none of this kernel's members" },
		{ MODULE, small, "unmap mem_address\n",
		  "ENODATA: where ramoops has its memory is not known: its parameters are unreadable" },
		{ MODULE, small, "unmap params\n", "ENODATA: where ramoops has its memory is not known: " },
		{ MODULE, small + 3, "", "ENODATA: where ramoops has its memory is not known: " },
		{ MODULE, small, "unmap ramoops\n", "ENODATA: where ramoops has its memory is not known: " },
		{ MODULE, none, "", "ENODATA: where ramoops has its memory is not known: " },
		{ MODULE, small, "zero mem_size\n", "ENODATA: ramoops has no memory: its mem_size is 0" },
		{ MODULE, small, "set mem_size 0xffffffffffffffff\n",
		  "EBADMSG: the parameters of ramoops are damaged: 0xffffffffffffffff bytes at 0x10000000" },
		{ MODULE, small, "set mem_address 0xfffffffffffffff0\n", "EBADMSG: the parameters of ramoops are damaged: " },
		{ MODULE, small, "set record_size 0x100000000\n", "EBADMSG: the parameters of ramoops are damaged: " },
		{ MODULE, small, "set console_size 0x100000000\n", "EBADMSG: the parameters of ramoops are damaged: " },
		{ MODULE, small, "set ftrace_size 0x100000000\n", "EBADMSG: the parameters of ramoops are damaged: " },
		{ MODULE, small, "set pmsg_size 0x100000000\n", "EBADMSG: the parameters of ramoops are damaged: " },
		{ MODULE, small, "set ecc 65\n", "EBADMSG: the parameters of ramoops are damaged: " },
		{ MODULE, small, "set console_size 0x10000\n", "EINVAL: ramoops: the zones are larger than mem_size" },
		{ MODULE, small, "set mem_address 0x7000000\n",
		  "ENODATA: the memory of ramoops, 0x6000 bytes at physical address 0x7000000, is not in this dump. " },
		{ MODULE, small, "zero zones\nzero zones+0x1000\nzero zones+0x2000\nzero zones+0x3000\n"
		  "zero zones+0x4000\nzero zones+0x5000\n", "EOPNOTSUPP: no zone of ramoops is at 0x10000000" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char *got = rows[i].params ? render(make(rows[i].kernel, rows[i].params, rows[i].more)) :
			render(kernel_open(rows[i].kernel, rows[i].more));

		CHECK_ROW(!strncmp(got, rows[i].want, strlen(rows[i].want)), got);
		free(got);
	}
}

/* A page of the zones is not in the dump: only what was in it is missing */
static void test_lacks_pages(void)
{
	char *got = render(make(MODULE, small, "exclude zones+0x2000\n"));

	CU_ASSERT_PTR_NULL(strstr(got, "console: "));
	CU_ASSERT_PTR_NOT_NULL(strstr(got, "dmesg-0: Panic#1"));
	CU_ASSERT_PTR_NOT_NULL(strstr(got, "pmsg: a message\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(got, RAMOOPS_SMALL_EVENTS));
	CU_ASSERT_PTR_NOT_NULL(strstr(got, "\n# "));
	free(got);
}

static void test_without_names(void)
{
	char *got = render(make(MODULE "without trace_array.list\n", small, ""));

	CU_ASSERT_PTR_EQUAL(strstr(got, ALL), got);
	CU_ASSERT_PTR_NOT_NULL(strstr(got, "# functions have no names: "));
	free(got);
}

static void test_stops(void)
{
	struct merge_error err = { 0 };
	struct merge_source *src;
	struct kernel *k = make(MODULE, small, "");
	unsigned int polls;

	CU_ASSERT_EQUAL_FATAL(merge_source_open_vmcore_ramoops(&k->mem, &err, &src), 0);
	polls = k->polls;
	merge_source_close(src);
	CU_ASSERT(polls > 5);
	for (unsigned int i = 1; i <= polls; i++) {
		k->polls = 0;
		k->interrupt_at = i;
		CU_ASSERT_EQUAL(merge_source_open_vmcore_ramoops(&k->mem, &err, &src), -EINTR);
	}
	kernel_close(k);
}

static void test_wants_physical_memory(void)
{
	struct merge_mem_ops ops = kernel_ops;
	struct kernel *k = make(MODULE, small, "");

	ops.read_physical = NULL;
	k->mem.ops = &ops;
	CHECK_TEXT(render(k), "EOPNOTSUPP: physical addresses cannot be read");
}

static const struct test tests[] = {
	{ "a crashed kernel's zones are read, of a module or built in", test_reads_it },
	{ "functions have the names that the crashed kernel has for them", test_names_functions },
	{ "the trace behind the zones is no part of them", test_leaves_the_trace_out },
	{ "parity that the parameters tell of corrects a header", test_knows_of_parity },
	{ "zones that are not there are told with the reason", test_says_why_not },
	{ "a page of zones that is not in the dump costs only what was in it", test_lacks_pages },
	{ "without the kernel's symbols functions are numbers, and that is told", test_without_names },
	{ "reading zones from a dump can be stopped", test_stops },
	{ "zones take physical memory", test_wants_physical_memory },
	{ NULL, NULL }
};

const struct test_suite suite_ramoops_vmcore = { "ramoops_vmcore", tests };
