// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A crashed kernel's trace buffers as a source: reading their sub-buffers.
 * buffers_vmcore.c finds them.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "describe_vmcore.h"
#include "error.h"
#include "region_vmcore.h"
#include "src_vmcore.h"

/* Of a sub-buffer: time stamp and commit word */
#define HEAD_SIZE	16

static const struct ring_subbuf *subbuf_at(struct merge_source *src,
					   const struct merge_buffer *buf,
					   unsigned int cpu_index, size_t i)
{
	struct vm_source *v = src->priv;

	return &v->buffers[buf->index].rings[cpu_index].subbufs[i];
}

/*
 * Zeros where something was written stand for a page that the dump has not
 * (makedumpfile left it out, and crash was started with --zero_excluded).
 */
static bool is_blank(const struct ring_subbuf *at, const uint8_t *head)
{
	static const uint8_t zeros[HEAD_SIZE];

	return at->written && !memcmp(head, zeros, sizeof(zeros));
}

static bool is_zero(const uint8_t *page, uint32_t size)
{
	return !page[0] && !memcmp(page, page + 1, size - 1);
}

/* Bytes of an uncommitted sub-buffer stand for what is written as if committed. */
static void commit_written(struct vm_source *v, const struct merge_buffer *buf,
			   uint32_t write, uint8_t *data)
{
	const struct merge_mem *kernel = mem_kernel(v->vm.mem);
	uint32_t room = buf->subbuf_size - 8 - kernel->long_size;

	mem_encode(v->vm.mem, data + 8, kernel->long_size, write < room ? write : room);
}

static int read_subbuf(struct merge_source *src, const struct merge_buffer *buf,
		       unsigned int cpu_index, size_t i, void *data,
		       struct merge_error *err, struct subbuf *sb)
{
	const struct ring_subbuf *at = subbuf_at(src, buf, cpu_index, i);
	struct vm_source *v = src->priv;
	uint32_t page_size = mem_kernel(v->vm.mem)->page_size;
	uint32_t done = 0;
	int ret = 0;

	sb->address = at->data;
	if (!at->data)
		return error_set(err, -EFAULT, "its struct buffer_page is unreadable");
	while (done < buf->subbuf_size) {
		ret = mem_read_once(v->vm.mem, at->data + done,
				    (uint8_t *)data + done, page_size);
		/* a page of zeros inside a larger sub-buffer: left out, or behind the events */
		if (ret || (done && is_zero((uint8_t *)data + done, page_size)))
			break;
		done += page_size;
	}
	if (!done)
		return error_set(err, ret, ret == -ENODATA ?
				 "page excluded from the dump" :
				 "page not in the dump");
	if (is_blank(at, data))
		return error_set(err, -ENODATA, "zeros where the page should be");
	if (at->write)
		commit_written(v, buf, at->write, data);
	/* what was read stands; the decoder finds the rest missing */
	sb->data = data;
	sb->size = done;
	sb->start = at->read;
	sb->overrun = at->overrun;
	return 0;
}

static int read_time(struct merge_source *src, const struct merge_buffer *buf,
		     unsigned int cpu_index, size_t i, uint64_t *ts)
{
	const struct ring_subbuf *at = subbuf_at(src, buf, cpu_index, i);
	struct vm_source *v = src->priv;
	uint8_t head[HEAD_SIZE];
	int ret;

	if (!at->data)
		return -EFAULT;
	ret = mem_read(v->vm.mem, at->data, head, sizeof(head));
	if (ret)
		return ret;
	if (is_blank(at, head))
		return -ENODATA;
	*ts = mem_decode(v->vm.mem, head, 8);
	return 0;
}

static bool interrupted(struct merge_source *src)
{
	struct vm_source *v = src->priv;

	return mem_interrupted(v->vm.mem);
}

static void close_source(struct merge_source *src)
{
	struct vm_source *v = src->priv;

	for (unsigned int i = 0; i < src->nr_buffers; i++)
		vm_buffer_deinit(&v->buffers[i]);
	free(v->buffers);
	free(v->instances);
	vmcore_deinit(&v->vm);
	free(v);
}

static const struct source_ops vmcore_ops = {
	.name = "vmcore",
	.read = read_subbuf,
	.time = read_time,
	.interrupted = interrupted,
	.close = close_source,
};

/* Where what is opened by merge_source_open_vmcore_region() is */
static void remark_region(struct vm_source *v)
{
	struct region_place place;

	if (region_vmcore_find(&v->vm, NULL, &place))
		return;
	source_remark(v->src, "the tracer pstore has a region of %" PRIu64 " bytes at physical address 0x%" PRIx64 "%s",
		      place.size, place.phys,
		      place.copy ? ", and a copy of what an earlier boot left there" : "");
}

int merge_source_open_vmcore(const struct merge_mem *mem, struct merge_error *err,
			     struct merge_source **out)
{
	struct vm_source *v = calloc(1, sizeof(*v));
	struct merge_source *src;
	int ret;

	if (!v)
		return error_nomem(err);
	src = source_create(&vmcore_ops, v, mem->long_size, mem->big_endian);
	if (!src) {
		free(v);
		return error_nomem(err);
	}
	v->src = src;
	v->err = err;
	ret = vmcore_init(&v->vm, mem);
	if (!ret) {
		src->desc = desc_vmcore_create(&v->vm, src);
		ret = src->desc ? vm_source_find(v) : -ENOMEM;
	}
	if (ret) {
		merge_source_close(src);
		return ret == -ENOMEM ? error_nomem(err) : ret;
	}
	v->err = NULL;
	remark_region(v);
	*out = src;
	return 0;
}
