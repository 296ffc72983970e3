/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The private part of a vmcore source: what finding and reading buffers share. */
#ifndef MERGE_SRC_VMCORE_H
#define MERGE_SRC_VMCORE_H

#include "ring.h"
#include "source.h"

/* The rings of one buffer, by the index of merge_buffer.cpus */
struct vm_buffer {
	struct ring *rings;
	unsigned int nr;
};

struct vm_source {
	struct vmcore vm;
	struct merge_source *src;
	struct merge_error *err;
	unsigned int nr_cpu_ids;
	struct vm_buffer *buffers;	/* beside src->buffers */
	uint64_t *instances;		/* struct trace_arrays already taken in */
	size_t nr_instances;
};

/*
 * All buffers of the crashed kernel into v->src and v->buffers; what cannot be
 * read is noted. Return: 0; -ENODATA, -ENOMEM, -EINTR with v->err set.
 */
int vm_source_find(struct vm_source *v);
void vm_buffer_deinit(struct vm_buffer *vb);

#endif
