// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Mainline's persistent ring buffer as a source: docs/bootring.md. bootring.c finds it and
 * the order of its sub-buffers; nothing in it describes events.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bootring.h"
#include "describe_by.h"
#include "error.h"
#include "file_io.h"
#include "source.h"
#include "source_open.h"

/* Nothing tells what the instance was called */
#define NAME	"bootring"

struct bootring_source {
	int fd;
	struct merge_region_io io;
	struct bootring ring;
};

/* ---- Sub-buffers ---------------------------------------------------------- */

static uint64_t place_of(const struct bootring_source *bs, unsigned int cpu_index, size_t i)
{
	const struct bootring_cpu *cpu = &bs->ring.cpus[cpu_index];

	return cpu->subbufs + (uint64_t)cpu->order[i] * bs->ring.subbuf_size;
}

static int read_subbuf(struct merge_source *src, const struct merge_buffer *buf,
		       unsigned int cpu_index, size_t i, void *data,
		       struct merge_error *err, struct subbuf *sb)
{
	struct bootring_source *bs = src->priv;
	int ret;

	sb->address = place_of(bs, cpu_index, i);
	ret = bs->io.read(bs->io.arg, sb->address, data, buf->subbuf_size);
	if (ret)
		return error_set(err, ret, "%s", ret == -ENODATA ? "it lies behind the end, or was left out" :
				 strerror(-ret));
	sb->data = data;
	sb->size = buf->subbuf_size;
	return 0;
}

static int read_time(struct merge_source *src, const struct merge_buffer *buf,
		     unsigned int cpu_index, size_t i, uint64_t *ts)
{
	struct bootring_source *bs = src->priv;
	uint8_t head[16];
	int ret = bs->io.read(bs->io.arg, place_of(bs, cpu_index, i), head, 8 + src->long_size);

	(void)buf;
	return ret ? ret : source_head_time(src, head, 8 + src->long_size, ts);
}

static void close_source(struct merge_source *src)
{
	struct bootring_source *bs = src->priv;

	bootring_deinit(&bs->ring);
	if (bs->fd >= 0)
		close(bs->fd);
	free(bs);
}

/* ---- Who describes it ----------------------------------------------------- */

/* The symbol whose address it tells, of 6.12 and of later kernels */
static const char *anchor_of(const struct bootring *ring)
{
	return ring->heads ? "_text" : "rb_meta_init_text_addr";
}

static int describe(struct merge_source *src, struct merge_source *by, struct merge_error *err)
{
	const struct bootring *ring = &((struct bootring_source *)src->priv)->ring;
	uint64_t mask = ring->long_size == 8 ? UINT64_MAX : UINT32_MAX, there, delta = 0;
	int ret = ring->text_addr ? desc_by_symbol(by, anchor_of(ring), &there) : -ENOENT;

	if (ret == -EINTR || ret == -ENOMEM)
		return error_code(err, ret);
	if (!ret)
		delta = (there - ring->text_addr) & mask;
	/* a kernel moves by whole pages */
	if (delta % 4096)
		return error_set(err, -ENOTSUP,
				 "it describes another kernel: %s lies at 0x%" PRIx64 " there and at 0x%" PRIx64 " here",
				 anchor_of(ring), there, ring->text_addr);
	if (ret)
		source_note(src, NULL, -1,
			    "whether what describes the events is of the same kernel cannot be told, for it has no %s: addresses are taken to be the same",
			    anchor_of(ring));
	else if (delta)
		source_remark(src, "the kernel that describes the events lies 0x%" PRIx64 " from where the one that wrote them lay: addresses in modules have no names",
			      delta);
	desc_by_take(src->desc, by, delta);
	return 0;
}

static const struct source_ops bootring_ops = {
	.name = "bootring",
	.read = read_subbuf,
	.time = read_time,
	.describe = describe,
	.close = close_source,
};

/* ---- Opening -------------------------------------------------------------- */

/*
 * trace_clocks[] of the kernel's kernel/trace/trace.c; architectures have more behind. The
 * first is that of an instance whose clock was not changed.
 */
static const char *clock_of(const struct bootring *ring)
{
	static const char *const names[] = {
		"local", "global", "counter", "uptime", "perf", "mono", "mono_raw", "boot", "tai",
	};

	if (ring->clock_id == BOOTRING_NO_CLOCK)
		return names[0];
	return ring->clock_id < sizeof(names) / sizeof(*names) ? names[ring->clock_id] : "unknown";
}

static int add_buffer(struct merge_source *src)
{
	const struct bootring *ring = &((struct bootring_source *)src->priv)->ring;
	const char *clock = clock_of(ring);
	struct merge_buffer buf = {
		.name = NAME, .instance = NAME, .kind = MERGE_PERSISTENT, .clock = clock,
		.clock_in_ns = source_clock_in_ns(clock),
		.uncounted = true, .subbuf_size = ring->subbuf_size, .nr_cpus = ring->nr_cpus,
	};

	buf.cpus = calloc(ring->nr_cpus + 1, sizeof(*buf.cpus));
	if (!buf.cpus)
		return -ENOMEM;
	for (unsigned int i = 0; i < ring->nr_cpus; i++)
		buf.cpus[i] = (struct merge_cpu){
			.cpu = ring->cpus[i].cpu, .nr_subbufs = ring->cpus[i].nr,
		};
	return source_add_buffer(src, &buf);
}

static void tell_cpu(struct merge_source *src, const struct bootring_cpu *cpu)
{
	if (cpu->why)
		source_note(src, &src->buffers[0], (int)cpu->cpu,
			    "cpu %u at 0x%" PRIx64 ": %s: sub-buffers are ordered by their times, and what a reader had got may be among them",
			    cpu->cpu, cpu->meta, cpu->why);
	if (cpu->repaired)
		source_remark(src, "cpu %u: the kernel stopped while its reader got another sub-buffer",
			      cpu->cpu);
}

static void tell(struct merge_source *src)
{
	const struct bootring *ring = &((struct bootring_source *)src->priv)->ring;

	source_remark(src, "persistent ring buffer at 0x%" PRIx64 ", as kernels %s lay it out: %u CPUs with %" PRIu32 " sub-buffers of %" PRIu32 " bytes each; the kernel that wrote had text at 0x%" PRIx64,
		      ring->start, ring->heads ? "since 6.15" : "from 6.12 to 6.14", ring->nr_cpus,
		      ring->nr_subbufs, ring->subbuf_size, ring->text_addr);
	if (ring->clock_id == BOOTRING_NO_CLOCK)
		source_remark(src, "nothing tells the trace clock: it is taken to be local, as it is unless somebody changed it");
	if (ring->others)
		source_remark(src, "%zu more persistent ring buffers, the first at 0x%" PRIx64 ": --source bootring@OFFSET gives one",
			      ring->others, ring->other);
	for (unsigned int i = 0; i < ring->nr_cpus; i++)
		tell_cpu(src, &ring->cpus[i]);
}

static bool asked_to_stop(void *src)
{
	return source_interrupted(src);
}

static int load(struct merge_source *src, uint64_t start, struct merge_error *err)
{
	struct bootring_source *bs = src->priv;
	int ret = bootring_find(&bs->io, start, asked_to_stop, src, err, &bs->ring);

	if (ret)
		return ret;
	src->long_size = bs->ring.long_size;
	src->big_endian = bs->ring.big_endian;
	src->desc = desc_by_create(src, false);
	if (!src->desc || add_buffer(src))
		return error_nomem(err);
	tell(src);
	return 0;
}

int bootring_open_at(const char *path, uint64_t start, struct merge_error *err,
		     struct merge_source **out)
{
	struct bootring_source *bs = calloc(1, sizeof(*bs));
	struct merge_source *src = bs ? source_create(&bootring_ops, bs, 8, false) : NULL;
	int ret;

	if (!src) {
		free(bs);
		return error_nomem(err);
	}
	ret = file_io_open(path, &bs->fd, &bs->io);
	ret = ret ? error_code(err, ret) : load(src, start, err);
	if (ret) {
		error_prepend(err, "%s", path);
		merge_source_close(src);
		return ret;
	}
	*out = src;
	return 0;
}

int bootring_open(const char *path, struct merge_error *err, struct merge_source **out)
{
	return bootring_open_at(path, BOOTRING_FIRST, err, out);
}

bool bootring_probe(const struct source_look *look)
{
	struct merge_region_io io;
	bool found;
	int fd = -1;

	if (!S_ISREG(look->st.st_mode))
		return false;
	found = !file_io_open(look->path, &fd, &io) && bootring_find_any(&io);
	if (fd >= 0)
		close(fd);
	return found;
}
