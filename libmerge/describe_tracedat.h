/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The description of the boot that a trace.dat file is of. */
#ifndef MERGE_DESCRIBE_TRACEDAT_H
#define MERGE_DESCRIBE_TRACEDAT_H

#include "dat_layout.h"
#include "describe.h"

/*
 * @l must outlive it; l->src gets the notices. long_size is the kernel's, as the
 * file describes its sub-buffers; page_size is the caller's to set.
 * Return: 0; -ENOTSUP sub-buffers that page.c does not know, -ENOMEM, @err set
 */
int desc_tracedat_create(const struct dat_layout *l, struct merge_error *err,
			 struct merge_desc **out);

#endif
