// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mkkernel.h"
#include "tests.h"
#include "vmcore.h"

/* Nodes a to c on a list at head. Where a node is, its name stands at byte 16. */
static const char list[] =
	"alloc head 16\nalloc a 24\nalloc b 24\nalloc c 24\n"
	"set a+16 0x61\nset b+16 0x62\nset c+16 0x63\n"
	"set head a\nset a b\nset b c\nset c head\n"
	"set head+8 c\nset c+8 b\nset b+8 a\nset a+8 head\n";

struct walked {
	struct vmcore *vm;
	FILE *out;
	int stop;
};

static int take_node(void *arg, uint64_t node)
{
	struct walked *w = arg;
	uint64_t name = '?';

	mem_uint(w->vm->mem, node + 16, 8, &name);
	fputc((int)name, w->out);
	return w->stop == (int)name ? 42 : 0;
}

/* The names of the nodes in the order of a walk, and how it ended */
static char *walk(const char *more, bool back, size_t max, int stop, unsigned int interrupt_at)
{
	struct kernel *k = kernel_open(list, more);
	struct vmcore vm;
	struct walked w = { .vm = &vm, .stop = stop };
	char *text;
	size_t size;
	int ret;

	w.out = open_memstream(&text, &size);
	k->interrupt_at = interrupt_at;
	CU_ASSERT_EQUAL(vmcore_init(&vm, &k->mem), 0);
	ret = vmcore_list(&vm, kernel_place(k, "head"), back, max, take_node, &w);
	fprintf(w.out, " %s\n", ret > 0 ? "stopped" : ret ? strerrorname_np(-ret) : "closed");
	fclose(w.out);
	vmcore_deinit(&vm);
	kernel_close(k);
	return text;
}

static const struct list_row {
	const char *name;
	const char *more;
	bool back;
	size_t max;
	int stop;
	unsigned int interrupt_at;
	const char *want;
} list_rows[] = {
	{ "forward", "", false, 9, 0, 0, "abc closed\n" },
	{ "backward", "", true, 9, 0, 0, "cba closed\n" },
	{ "empty", "set head head", false, 9, 0, 0, " closed\n" },
	{ "just as many as allowed", "", false, 3, 0, 0, "abc closed\n" },
	{ "one too many", "", false, 2, 0, 0, "abc ELOOP\n" },
	{ "runs into itself", "set c b", false, 6, 0, 0, "abcbcbc ELOOP\n" },
	{ "a node is not mapped", "unmap b", false, 9, 0, 0, "a? EFAULT\n" },
	{ "the same from the end", "unmap b", true, 9, 0, 0, "c? EFAULT\n" },
	{ "a node is excluded", "exclude c", false, 9, 0, 0, "ab? ENODATA\n" },
	{ "the head is not mapped", "unmap head", false, 9, 0, 0, " EFAULT\n" },
	{ "points to nothing", "set a 0", false, 9, 0, 0, "a? EFAULT\n" },
	{ "the caller has enough", "", false, 9, 'b', 0, "ab stopped\n" },
	{ "the user has enough", "", false, 9, 0, 2, "ab EINTR\n" },
};

static void test_lists(void)
{
	for (size_t i = 0; i < sizeof(list_rows) / sizeof(*list_rows); i++) {
		const struct list_row *row = &list_rows[i];

		CHECK_ROW(test_text(walk(row->more, row->back, row->max, row->stop,
					 row->interrupt_at), row->want), row->name);
	}
}

/* Counts the questions for members */
struct asked {
	struct merge_mem mem;
	unsigned int members;
};

static int count_member(void *arg, const char *type, const char *member,
			size_t *offset, size_t *size)
{
	struct asked *asked = arg;

	asked->members++;
	return asked->mem.ops->member(asked->mem.arg, type, member, offset, size);
}

static void test_members(void)
{
	struct kernel *k = kernel_open("version 601\n", NULL);
	struct asked asked = { .mem = k->mem };
	const struct merge_mem_ops ops = { .read = k->mem.ops->read, .member = count_member };
	const struct merge_mem counting = { &ops, &asked, 4096, 8, false };
	size_t offset, size;
	struct vmcore vm;

	CU_ASSERT_EQUAL(vmcore_init(&vm, &counting), 0);
	CU_ASSERT_EQUAL(asked.members, 0);
	kernel_member(k, BPAGE_READ, &offset, &size);
	for (int i = 0; i < 3; i++) {
		CU_ASSERT_TRUE(vmcore_has(&vm, BPAGE_READ));
		CU_ASSERT_EQUAL(vmcore_offset(&vm, BPAGE_READ), offset);
		CU_ASSERT_EQUAL(vmcore_size(&vm, BPAGE_READ), 4);
		CU_ASSERT_FALSE(vmcore_has(&vm, RING_SUBBUF_ORDER));
		CU_ASSERT_EQUAL(vmcore_offset(&vm, RING_SUBBUF_ORDER), 0);
		CU_ASSERT_EQUAL(vmcore_size(&vm, RING_SUBBUF_ORDER), 0);
	}
	CU_ASSERT_EQUAL(asked.members, 2);
	CU_ASSERT_STRING_EQUAL(vmcore_member_name(RING_SUBBUF_ORDER), "trace_buffer.subbuf_order");
	vmcore_deinit(&vm);
	kernel_close(k);
}

/* A trace_array whose clock_id is 3 and whose name is as given */
static struct kernel *one_array(const char *more)
{
	return kernel_open("alloc tr 1024\nset tr:trace_array.clock_id 3\nstring n its name\n"
			   "set tr:trace_array.name n\nsymbol here tr+5\n", more);
}

static void test_get(void)
{
	struct kernel *k = one_array("set tr:trace_array.allocated_snapshot 0xff\n");
	uint64_t tr = kernel_place(k, "tr"), value = 0;
	struct vmcore vm;
	char buf[9];

	vmcore_init(&vm, &k->mem);
	CU_ASSERT_EQUAL(vmcore_get(&vm, tr, TR_CLOCK_ID, &value), 0);
	CU_ASSERT_EQUAL(value, 3);
	CU_ASSERT_EQUAL(vmcore_get(&vm, tr, TR_ALLOCATED_SNAPSHOT, &value), 0);
	CU_ASSERT_EQUAL(value, 0xff);
	CU_ASSERT_EQUAL(vmcore_get_string(&vm, tr, TR_NAME, buf, sizeof(buf)), 0);
	CU_ASSERT_STRING_EQUAL(buf, "its name");
	CU_ASSERT_EQUAL(vmcore_get_string(&vm, tr, TR_NAME, buf, 8), -EBADMSG);
	CU_ASSERT_EQUAL(vmcore_symbol(&vm, "here", &value), 0);
	CU_ASSERT_EQUAL(value, tr + 5);
	CU_ASSERT_EQUAL(vmcore_symbol(&vm, "there", &value), -ENOENT);
	vmcore_deinit(&vm);
	kernel_close(k);
}

static void test_get_nothing(void)
{
	struct kernel *k = one_array("set tr:trace_array.name 0\nalloc gone 1024\nunmap gone\n");
	uint64_t tr = kernel_place(k, "tr"), value = 99;
	struct vmcore vm;
	char buf[9];

	vmcore_init(&vm, &k->mem);
	CU_ASSERT_EQUAL(vmcore_get(&vm, tr, TR_SNAPSHOT_BUFFER, &value), -ENOENT);
	/* an embedded struct is no number */
	CU_ASSERT_EQUAL(vmcore_get(&vm, tr, TR_ARRAY_BUFFER, &value), -EINVAL);
	CU_ASSERT_EQUAL(vmcore_get(&vm, kernel_place(k, "gone"), TR_CLOCK_ID, &value), -EFAULT);
	CU_ASSERT_EQUAL(vmcore_get_string(&vm, tr, TR_NAME, buf, sizeof(buf)), -ENODATA);
	CU_ASSERT_EQUAL(value, 99);
	vmcore_deinit(&vm);
	vmcore_deinit(&vm);
	kernel_close(k);
}

static const struct test tests[] = {
	{ "a list is walked until it closes, breaks or is enough", test_lists },
	{ "a member is looked up once, when it is needed", test_members },
	{ "members are read at their place, with their size", test_get },
	{ "what is not there is told from what cannot be read", test_get_nothing },
	{ NULL, NULL }
};

const struct test_suite suite_vmcore = { "vmcore", tests };
