// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The persistent trace region of a crashed kernel as a source. The tracer's own
 * variable tells where it is (persist_region of kernel/trace/trace_persist.c, as
 * kernel/ of this project adds it), the region itself all else (src_persist.c): the
 * kernel's ring buffers may be broken.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "error.h"
#include "mem_io.h"
#include "region_vmcore.h"
#include "src_persist.h"

static int get(struct vmcore *vm, uint64_t addr, enum vmcore_member id, struct merge_error *err,
	       uint64_t *value)
{
	int ret = vmcore_get(vm, addr, id, value);

	if (ret == -ENOENT)
		return error_set(err, -ENOTSUP, "where the region is is not known: %s is none of this kernel's members",
				 vmcore_member_name(id));
	if (ret)
		return error_set(err, -ENODATA, "where the region is is not known: %s, at 0x%" PRIx64 ", is unreadable",
				 vmcore_member_name(id), addr + vmcore_offset(vm, id));
	return 0;
}

int region_vmcore_find(struct vmcore *vm, struct merge_error *err, struct region_place *place)
{
	uint32_t page_size = mem_kernel(vm->mem)->page_size;
	uint64_t addr, start, phys, size, copy, end;
	int ret = vmcore_symbol(vm, "persist_region", &addr);

	if (ret)
		return error_set(err, -ENOTSUP, "this kernel has no tracer pstore: there is no symbol persist_region");
	ret = get(vm, addr, PERSIST_START, err, &start);
	if (!ret && !start)
		return error_set(err, -ENODATA, "the tracer pstore has no region: nobody gave it memory");
	if (!ret)
		ret = get(vm, addr, PERSIST_PHYS, err, &phys);
	if (!ret)
		ret = get(vm, addr, PERSIST_SIZE, err, &size);
	if (!ret)
		ret = get(vm, addr, PERSIST_OLD, err, &copy);
	if (ret)
		return ret;
	if (!size || phys % page_size || size % page_size || copy % page_size ||
	    __builtin_add_overflow(phys, size, &end) || __builtin_add_overflow(copy, size, &end))
		return error_set(err, -EBADMSG, "persist_region is damaged: no region has 0x%" PRIx64 " bytes at physical address 0x%" PRIx64,
				 size, phys);
	*place = (struct region_place){ .phys = phys, .size = size, .copy = copy };
	return 0;
}

/* ---- As a source ----------------------------------------------------------- */

static int find(const struct merge_mem *mem, struct merge_error *err, struct region_place *place)
{
	struct vmcore vm;
	int ret = vmcore_init(&vm, mem);

	ret = ret ? error_nomem(err) : region_vmcore_find(&vm, err, place);
	vmcore_deinit(&vm);
	return ret;
}

/* Which of the two, for messages */
static const struct which {
	const char *what, *where, *elsewhere;
} the_region = {
	"the persistent trace region", "physical",
	". In the machine's next boot /sys/fs/pstore may have it; an image of its RAM has it",
}, the_copy = { "the copy of what an earlier boot left", "the kernel's", "" };

/* What opening it failed with; more plainly, where the dump has not even its first page */
static int tell(const struct merge_region_io *io, const struct which *which, int ret,
		struct merge_error *err)
{
	uint8_t byte;

	if (ret == -EINTR || ret == -ENOMEM)
		return ret;
	if (ret != -ENOTSUP || !io->read(io->arg, io->from, &byte, 1))
		return error_prepend(err, "the memory at %s address 0x%" PRIx64 ", which the tracer pstore may record to",
				     which->where, io->from);
	return error_set(err, -ENODATA, "%s, 0x%" PRIx64 " bytes at %s address 0x%" PRIx64 ", is not in this dump: whoever made it left that out%s",
			 which->what, io->size - io->from, which->where, io->from,
			 which->elsewhere);
}

static int open_memory(const struct merge_mem *mem, const struct region_place *place,
		       bool earlier, struct merge_error *err, struct merge_source **out)
{
	struct merge_region_io io = { .from = earlier ? place->copy : place->phys };
	struct mem_io *m = mem_io_create(mem, !earlier, &io);
	int ret;

	if (!m)
		return error_nomem(err);
	io.size = io.from + place->size;
	ret = region_open_io(&io, err, out);
	if (ret) {
		ret = tell(&io, earlier ? &the_copy : &the_region, ret, err);
		free(m);
		return ret;
	}
	merge_source_on_interrupt(*out, mem->ops->interrupted, mem->arg);
	return 0;
}

int merge_source_open_vmcore_region(const struct merge_mem *mem, bool earlier,
				    struct merge_error *err, struct merge_source **out)
{
	struct region_place place;
	int ret = find(mem, err, &place);

	if (ret)
		return ret;
	if (earlier && !place.copy)
		return error_set(err, -ENODATA, "this kernel has no copy of what an earlier boot left in the region: it found nothing there when it started, or trace-ramoops-0 was removed from /sys/fs/pstore since");
	if (!earlier && !mem->ops->read_physical)
		return error_set(err, -ENOTSUP, "physical addresses cannot be read");
	return open_memory(mem, &place, earlier, err, out);
}
