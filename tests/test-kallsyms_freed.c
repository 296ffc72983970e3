// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "kallsyms.h"
#include "mkkernel.h"
#include "tests.h"

struct listing {
	FILE *out;
	unsigned int room;
};

static int take_symbol(void *arg, uint64_t addr, char type, const char *name, const char *module)
{
	struct listing *l = arg;

	if (name)
		fprintf(l->out, "%" PRIx64 " %c %s %s\n", addr, type, name, module);
	else
		fprintf(l->out, "%" PRIx64 " end %s\n", addr, module);
	return --l->room ? 0 : 42;
}

static char *render(const char *text, const char *more, unsigned int room,
		    unsigned int interrupt_at)
{
	struct kernel *k = kernel_open(text, more);
	struct listing l = { .room = room };
	struct vmcore vm;
	char *got;
	size_t size;
	int ret;

	l.out = open_memstream(&got, &size);
	k->interrupt_at = interrupt_at;
	vmcore_init(&vm, &k->mem);
	ret = kallsyms_freed(&vm, take_symbol, &l);
	fprintf(l.out, "%s\n", ret < 0 ? strerrorname_np(-ret) : ret ? "stopped" : "end");
	fclose(l.out);
	vmcore_deinit(&vm);
	kernel_close(k);
	return got;
}

/* The newest map stands first. */
#define MODULES	"module one\nfreed one_init 0xffffffffc0201000\n"	\
		"module two\nfreed two_init 0xffffffffc0301000\n"
#define ONE_NAME	"ffffffffc0201000 T one_init one\n"
#define TWO_NAME	"ffffffffc0301000 T two_init two\n"
#define ONE	ONE_NAME "ffffffffc0201010 end one\n"
#define TWO	TWO_NAME "ffffffffc0301010 end two\n"

static void test_listed(void)
{
	CHECK_TEXT(render(MODULES, "", 99, 0), TWO ONE "end\n");
	CHECK_TEXT(render("long 4\nbig\nmodule one\nfreed f 0xc0201000\n", "", 99, 0),
		   "c0201000 T f one\nc0201010 end one\nend\n");
}

static void test_absent(void)
{
	CHECK_TEXT(render(MODULES, "without ftrace_mod_maps\n", 99, 0), "end\n");
	CHECK_TEXT(render(MODULES, "without ftrace_mod_map.funcs\n", 99, 0), "end\n");
	CHECK_TEXT(render(MODULES, "without ftrace_mod_func.ip\n", 99, 0), "end\n");
	CHECK_TEXT(render(MODULES, "without ftrace_mod_func.size\n", 99, 0),
		   TWO_NAME ONE_NAME "end\n");
}

static void test_damaged(void)
{
	CHECK_TEXT(render(MODULES, "unmap one_init\n", 99, 0), TWO "end\n");
	CHECK_TEXT(render(MODULES, "unmap one\n", 99, 0), TWO "end\n");
	CHECK_TEXT(render(MODULES, "unmap two\n", 99, 0), ONE "end\n");
	CHECK_TEXT(render(MODULES, "unmap ftrace_mod_maps\n", 99, 0), "end\n");
}

static void test_stop(void)
{
	CHECK_TEXT(render(MODULES, "", 1, 0), TWO_NAME "stopped\n");
	CHECK_TEXT(render(MODULES, "", 99, 1), TWO "EINTR\n");
}

static const struct test tests[] = {
	{ "functions of freed init sections are listed with their module", test_listed },
	{ "a kernel that keeps none has none", test_absent },
	{ "what is unreadable is left out", test_damaged },
	{ "a walk ends when the caller or the user has enough", test_stop },
	{ NULL, NULL }
};

const struct test_suite suite_kallsyms_freed = { "kallsyms_freed", tests };
