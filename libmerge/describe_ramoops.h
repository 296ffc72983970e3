/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The one event that ramoops has: the tracer's for functions. */
#ifndef MERGE_DESCRIBE_RAMOOPS_H
#define MERGE_DESCRIBE_RAMOOPS_H

#include "describe.h"

/* common_type of the event, as kernels have it (enum trace_type, TRACE_FN) */
#define RAMOOPS_FUNCTION	1u
/* Bytes in front of its fields: type, flags, preempt count, pid */
#define RAMOOPS_COMMON		8u

/* As desc_ops.event */
int ramoops_format(unsigned int id, uint32_t long_size, char **system, char **format);

#endif
