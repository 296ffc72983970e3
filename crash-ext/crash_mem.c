// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * crash's dump and symbols as the struct merge_mem that libmerge reads: a thin
 * adapter without a cache of its own.
 */
#include <errno.h>

#include "crash_api.h"
#include "crash_mem.h"

/* crash's prototypes lack const; it does not write to names */
#define NAME(s)	((char *)(s))

static int mem_read(void *arg, uint64_t addr, void *buf, size_t len)
{
	unsigned long long phys;

	(void)arg;
	if (readmem(addr, CRASH_KVADDR, buf, len, "pstore_rb",
		    CRASH_RETURN_ON_ERROR | CRASH_QUIET))
		return 0;
	/* a page that has an address but no content was left out of the dump */
	return kvtop(NULL, addr, &phys, 0) ? -ENODATA : -EFAULT;
}

static int mem_symbol(void *arg, const char *name, uint64_t *addr)
{
	(void)arg;
	if (!kernel_symbol_exists(NAME(name)))
		return -ENOENT;
	*addr = symbol_value(NAME(name));
	return 0;
}

static int mem_member(void *arg, const char *type, const char *member,
		      size_t *offset, size_t *size)
{
	long at = datatype_info(NAME(type), NAME(member), CRASH_MEMBER_OFFSET), bytes;

	(void)arg;
	if (at < 0)
		return -ENOENT;
	bytes = datatype_info(NAME(type), NAME(member), CRASH_MEMBER_SIZE);
	if (bytes < 0)
		return -ENOENT;
	*offset = at;
	*size = bytes;
	return 0;
}

static int mem_enumerator(void *arg, const char *name, int64_t *value)
{
	long number;

	(void)arg;
	if (!enumerator_value(NAME(name), &number))
		return -ENOENT;
	*value = number;
	return 0;
}

static bool mem_interrupted(void *arg)
{
	struct crash_mem *cm = arg;

	if (received_SIGINT())
		cm->interrupted = true;
	return cm->interrupted;
}

static const struct merge_mem_ops crash_ops = {
	.read = mem_read,
	.symbol = mem_symbol,
	.member = mem_member,
	.enumerator = mem_enumerator,
	.interrupted = mem_interrupted,
};

void crash_mem_init(struct crash_mem *cm, struct merge_mem *mem)
{
	cm->interrupted = false;
	*mem = (struct merge_mem){
		.ops = &crash_ops,
		.arg = cm,
		.page_size = memory_page_size(),
		/* a crash of this word size opens kernels of this word size only */
		.long_size = sizeof(long),
		.big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__,
	};
}
