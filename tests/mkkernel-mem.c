// SPDX-License-Identifier: GPL-2.0-or-later
/* The memory and the types of the crashed kernel that mkkernel.h describes. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mkkernel.h"

/* ---- types --------------------------------------------------------------- */

/*
 * Members that are no plain long: how many bytes, or longs, and in which
 * versions they are. A bit-field's companion and a union's other member stand
 * where the member before them does.
 */
static const struct member_kind {
	enum vmcore_member id;
	size_t bytes, longs;
	bool same_place;
	unsigned int since, until;
} kinds[] = {
	{ .id = TR_LIST, .longs = 2 }, { .id = TR_ARRAY_BUFFER, .longs = 9 },
	{ .id = TR_MAX_BUFFER, .longs = 9, .until = 699 },
	{ .id = TR_SNAPSHOT_BUFFER, .longs = 9, .since = 700 },
	{ .id = TR_ALLOCATED_SNAPSHOT, .bytes = 1 }, { .id = TR_CLOCK_ID, .bytes = 4 },
	{ .id = TR_RANGE_START, .longs = 1, .since = 610 }, { .id = TR_FLAGS, .bytes = 4 },
	{ .id = TR_TEXT_DELTA, .longs = 1, .since = 610 },
	{ .id = TR_DATA_DELTA, .longs = 1, .since = 610, .until = 699 },
	{ .id = TR_MODULE_DELTA, .longs = 1, .since = 700 },
	{ .id = TR_SCRATCH, .longs = 1, .since = 700 },
	{ .id = MODULE_DELTA_DELTA, .since = 700 }, { .id = SCRATCH_ENTRIES, .since = 700 },
	{ .id = MOD_ENTRY_NAME, .bytes = 20, .since = 700 },
	{ .id = RING_SUBBUF_ORDER, .bytes = 4, .since = 608 },
	{ .id = CPU_REMOTE, .longs = 1, .since = 700 },
	{ .id = BPAGE_LIST, .longs = 2 }, { .id = BPAGE_READ, .bytes = 4 },
	{ .id = CALL_LIST, .longs = 2 }, { .id = CALL_EVENT, .longs = 9 },
	{ .id = CALL_TP, .longs = 1, .same_place = true }, { .id = CALL_FLAGS, .bytes = 4 },
	{ .id = EVENT_TYPE, .bytes = 4 }, { .id = CLASS_FIELDS, .longs = 2 },
	{ .id = SYSCALL_ENTER_FIELDS, .longs = 2 }, { .id = USER_EVENT_FIELDS, .longs = 2 },
	{ .id = SYSCALL_USER_SIZE, .bytes = 1, .since = 619 }, { .id = FIELD_LINK, .longs = 2 },
	{ .id = FIELD_OFFSET, .bytes = 4 }, { .id = FIELD_SIZE, .bytes = 4 },
	{ .id = FIELD_SIGNED, .bytes = 4 },
	{ .id = FIELD_NEEDS_TEST, .bytes = 4, .same_place = true, .since = 608 },
	{ .id = FIELD_LEN, .bytes = 4, .since = 602 }, { .id = BPRINTK_LIST, .longs = 2 },
	{ .id = CMD_PID_MAP, .bytes = 4 * 17 }, { .id = CMD_NUM, .bytes = 4 },
	{ .id = CMD_COMMS, .longs = 1, .until = 607 }, { .id = CMD_COMMS, .since = 608 },
	{ .id = TASK_COMM, .bytes = 20 }, { .id = TASK_PID, .bytes = 4 },
	{ .id = TASK_TASKS, .longs = 2 }, { .id = TASK_THREAD_NODE, .longs = 2 },
	{ .id = TASK_FLAGS, .bytes = 4 }, { .id = TASK_START, .bytes = 8 },
	{ .id = TASK_START_BOOT, .bytes = 8 }, { .id = MM_TREE, .longs = 9 },
	{ .id = MAPLE_PIVOT, .longs = 3 }, { .id = MAPLE_SLOT, .longs = 4 },
	{ .id = MAPLE_ALLOC_PIVOT, .longs = 2 }, { .id = MAPLE_ALLOC_SLOT, .longs = 3 },
	{ .id = FILE_PATH, .longs = 9 }, { .id = FILE_MODE, .bytes = 4 },
	{ .id = BACKING_FILE, .longs = 20, .since = 605 },
	{ .id = BACKING_PATH, .longs = 9, .since = 605 },
	{ .id = DENTRY_NAME, .longs = 9 }, { .id = DENTRY_HASH, .longs = 9 },
	{ .id = QSTR_LEN, .bytes = 4 }, { .id = MOUNT_MNT, .longs = 9 },
	{ .id = SIGNAL_THREADS, .longs = 2 }, { .id = UTS_NAME, .bytes = 512 },
	{ .id = UTS_SYSNAME, .bytes = 65 }, { .id = UTS_NODENAME, .bytes = 65 },
	{ .id = UTS_RELEASE, .bytes = 65 }, { .id = UTS_VERSION, .bytes = 65 },
	{ .id = UTS_MACHINE, .bytes = 65 }, { .id = MODULE_LIST, .longs = 2 },
	{ .id = MODULE_MEM, .longs = 6 * 2, .since = 604 },
	{ .id = MODULE_CORE, .longs = 9, .until = 603 }, { .id = MODMEM_SIZE, .bytes = 4 },
	{ .id = LAYOUT_SIZE, .bytes = 4 }, { .id = LAYOUT_TEXT_SIZE, .bytes = 4 },
	{ .id = MODULE_NAME, .bytes = 40 }, { .id = MODSYMS_NUM, .bytes = 4 },
	{ .id = MODMAP_LIST, .longs = 2 }, { .id = MODMAP_FUNCS, .longs = 2 },
	{ .id = MODFUNC_LIST, .longs = 2 }, { .id = MODFUNC_SIZE, .bytes = 4 },
	{ .id = PERSIST_PHYS, .bytes = 8 },
};

static const struct {
	const char *type;
	const char *both;
} members[VMCORE_NR_MEMBERS] = {
#define X(id, type, member) [id] = { #type, #type "." #member },
	VMCORE_MEMBERS(X)
#undef X
};

/* How @id is in this version, NULL when it is not there */
static const struct member_kind *kind_of(const struct kernel *k, enum vmcore_member id)
{
	static const struct member_kind plain = { .longs = 1 };
	bool known = false;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (kinds[i].id != id)
			continue;
		known = true;
		if (k->version >= kinds[i].since &&
		    (!kinds[i].until || k->version <= kinds[i].until))
			return &kinds[i];
	}
	return known ? NULL : &plain;
}

/* Members follow each other with gaps that differ from version to version. */
bool kernel_member(struct kernel *k, enum vmcore_member id, size_t *offset, size_t *size)
{
	size_t long_size = k->mem.long_size, at = (k->version % 5 + 1) * long_size, end = at;

	if (!kind_of(k, id) || kernel_find(k, "w", members[id].both))
		return false;
	for (unsigned int i = 0; i <= (unsigned int)id; i++) {
		const struct member_kind *kind = kind_of(k, i);

		if (strcmp(members[i].type, members[id].type) || !kind)
			continue;
		*size = kind->bytes + kind->longs * long_size;
		if (!kind->same_place)
			at = (end + (i % 3) * long_size + long_size - 1) & ~(long_size - 1);
		end = at + *size;
	}
	*offset = at;
	return true;
}

size_t kernel_offset(struct kernel *k, enum vmcore_member id)
{
	size_t offset, size;

	if (!kernel_member(k, id, &offset, &size))
		kernel_give_up(k);
	return offset;
}

enum vmcore_member kernel_member_id(const char *both)
{
	unsigned int i = 0;

	while (i < VMCORE_NR_MEMBERS && strcmp(members[i].both, both))
		i++;
	return i;
}

/* ---- names --------------------------------------------------------------- */

void kernel_name(struct kernel *k, char kind, const char *name, uint64_t value)
{
	k->names = realloc(k->names, (k->nr_names + 1) * sizeof(*k->names));
	if (!k->names)
		abort();
	k->names[k->nr_names].kind = kind;
	snprintf(k->names[k->nr_names].name, sizeof(k->names->name), "%s", name);
	k->names[k->nr_names++].value = value;
}

/* What was named last comes first. */
struct kernel_name *kernel_find(struct kernel *k, const char *kinds_wanted, const char *name)
{
	for (size_t i = k->nr_names; i--;)
		if (strchr(kinds_wanted, k->names[i].kind) && !strcmp(k->names[i].name, name))
			return &k->names[i];
	return NULL;
}

uint64_t kernel_place(struct kernel *k, const char *place)
{
	char copy[200], *rest = copy, *part;
	struct kernel_name *name;
	uint64_t addr;

	snprintf(copy, sizeof(copy), "%.*s", (int)strcspn(place, "+"), place);
	name = kernel_find(k, "ls", strsep(&rest, ":"));
	if (!name)
		kernel_give_up(k);
	addr = name->value;
	while ((part = strsep(&rest, ":")))
		addr += kernel_offset(k, kernel_member_id(part));
	place = strchr(place, '+');
	return addr + (place ? strtoull(place + 1, NULL, 0) : 0);
}

/* ---- memory -------------------------------------------------------------- */

struct kernel_page *kernel_page(struct kernel *k, uint64_t addr)
{
	for (size_t i = k->nr_pages; i--;)
		if (addr - k->pages[i].addr < k->mem.page_size)
			return &k->pages[i];
	return NULL;
}

static void page_add(struct kernel *k, uint64_t addr)
{
	struct kernel_page *page;

	if (kernel_page(k, addr))
		return;
	k->pages = realloc(k->pages, (k->nr_pages + 1) * sizeof(*page));
	if (!k->pages)
		abort();
	page = &k->pages[k->nr_pages++];
	*page = (struct kernel_page){ .addr = addr, .bytes = calloc(1, k->mem.page_size) };
}

void kernel_write(struct kernel *k, uint64_t addr, const void *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		struct kernel_page *page = kernel_page(k, addr + i);

		if (!page)
			kernel_give_up(k);
		page->bytes[addr + i - page->addr] = ((const uint8_t *)bytes)[i];
	}
}

void kernel_put(struct kernel *k, uint64_t addr, size_t size, uint64_t value)
{
	uint8_t raw[8] = { 0 };

	for (size_t i = 0; i < size; i++)
		raw[k->mem.big_endian ? size - 1 - i : i] = value >> 8 * i;
	kernel_write(k, addr, raw, size);
}

static uint64_t load(struct kernel *k, uint64_t addr, size_t size)
{
	struct kernel_page *page = kernel_page(k, addr);
	uint64_t value = 0;

	for (size_t i = 0; i < size; i++)
		value |= (uint64_t)page->bytes[addr - page->addr +
					       (k->mem.big_endian ? size - 1 - i : i)] << 8 * i;
	return value;
}

void kernel_set(struct kernel *k, uint64_t addr, enum vmcore_member id, uint64_t value)
{
	size_t offset, size;

	if (!kernel_member(k, id, &offset, &size))
		kernel_give_up(k);
	kernel_put(k, addr + offset, size > 8 ? k->mem.long_size : size, value);
}

uint64_t kernel_alloc(struct kernel *k, size_t size, const char *fmt, ...)
{
	uint64_t mask = k->mem.page_size - 1, addr = k->next, end = addr + (size ? size : 1);
	char label[64];
	va_list args;

	for (uint64_t at = addr & ~mask; at < end; at += mask + 1)
		page_add(k, at);
	k->next = ((end + mask) & ~mask) + mask + 1;
	va_start(args, fmt);
	if (fmt) {
		vsnprintf(label, sizeof(label), fmt, args);
		kernel_name(k, 'l', label, addr);
	}
	va_end(args);
	return addr;
}

uint64_t kernel_string(struct kernel *k, const char *text, const char *label)
{
	uint64_t addr = kernel_alloc(k, strlen(text) + 1, label ? "%s" : NULL, label);

	kernel_write(k, addr, text, strlen(text) + 1);
	return addr;
}

uint64_t kernel_object(struct kernel *k, const char *symbol, size_t size, bool *made)
{
	struct kernel_name *name = kernel_find(k, "s", symbol);

	if (made)
		*made = !name;
	if (!name) {
		kernel_name(k, 's', symbol, kernel_alloc(k, size, NULL));
		name = kernel_find(k, "s", symbol);
	}
	return name->value;
}

/* ---- lists --------------------------------------------------------------- */

void kernel_list_init(struct kernel *k, uint64_t head)
{
	kernel_put(k, head, k->mem.long_size, head);
	kernel_put(k, head + k->mem.long_size, k->mem.long_size, head);
}

void kernel_list_add(struct kernel *k, uint64_t head, uint64_t node)
{
	size_t size = k->mem.long_size;
	uint64_t next = load(k, head, size);

	kernel_put(k, node, size, next);
	kernel_put(k, node + size, size, head);
	kernel_put(k, next + size, size, node);
	kernel_put(k, head, size, node);
}

uint64_t kernel_list(struct kernel *k, const char *symbol)
{
	bool made;
	uint64_t head = kernel_object(k, symbol, 2 * k->mem.long_size, &made);

	if (made)
		kernel_list_init(k, head);
	return head;
}

/* ---- what the library gets ----------------------------------------------- */

/* All or nothing; pages before the bad one count as read. */
static int op_read(void *arg, uint64_t addr, void *buf, size_t len)
{
	struct kernel *k = arg;
	uint8_t *bytes = buf;
	int ret = 0;

	while (len && !ret) {
		struct kernel_page *page = kernel_page(k, addr);
		size_t n = k->mem.page_size - addr % k->mem.page_size;

		if (!page)
			return -EFAULT;
		if (n > len)
			n = len;
		page->reads++;
		ret = page->status;
		if (!ret)
			memcpy(bytes, page->bytes + (addr - page->addr), n);
		bytes += n;
		addr += n;
		len -= n;
	}
	return ret;
}

static int op_read_physical(void *arg, uint64_t addr, void *buf, size_t len)
{
	return op_read(arg, KERNEL_DIRECT_MAP + addr, buf, len);
}

static int op_named(struct kernel *k, const char *kinds_wanted, const char *name, uint64_t *value)
{
	struct kernel_name *found = kernel_find(k, kinds_wanted, name);

	if (!found || found->kind == 'w')
		return -ENOENT;
	*value = found->value;
	return 0;
}

static int op_symbol(void *arg, const char *name, uint64_t *addr)
{
	return op_named(arg, "sw", name, addr);
}

static int op_member(void *arg, const char *type, const char *member, size_t *offset, size_t *size)
{
	char both[64];

	snprintf(both, sizeof(both), "%s.%s", type, member);
	return kernel_member(arg, kernel_member_id(both), offset, size) ? 0 : -ENOENT;
}

static int op_enumerator(void *arg, const char *name, int64_t *value)
{
	return op_named(arg, "ew", name, (uint64_t *)value);
}

static bool op_interrupted(void *arg)
{
	struct kernel *k = arg;

	return ++k->polls >= k->interrupt_at && k->interrupt_at;
}

const struct merge_mem_ops kernel_ops = {
	.read = op_read, .symbol = op_symbol, .member = op_member,
	.enumerator = op_enumerator, .interrupted = op_interrupted,
	.read_physical = op_read_physical,
};
