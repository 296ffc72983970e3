/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The description of what ramoops has: one event, the tracer's for functions. */
#ifndef MERGE_DESCRIBE_RAMOOPS_H
#define MERGE_DESCRIBE_RAMOOPS_H

#include "describe.h"

/* common_type of the event, as kernels have it (enum trace_type, TRACE_FN) */
#define RAMOOPS_FUNCTION	1u
/* Bytes in front of its fields: type, flags, preempt count, pid */
#define RAMOOPS_COMMON		8u

/* NULL: out of memory */
struct merge_desc *desc_ramoops_create(uint32_t long_size, bool big_endian);

#endif
