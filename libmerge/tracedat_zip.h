/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Compressing what goes into a trace.dat of version 7: blocks of a size before and
 * a size after. A section of description is one block; the sub-buffers of a CPU are
 * a number of blocks ("chunks") behind their count, each of whole sub-buffers.
 *
 * The sink knows this only through struct tracedat_zip: what does not ask for
 * compression, as crash's extension, is not linked to what does it.
 */
#ifndef MERGE_TRACEDAT_ZIP_H
#define MERGE_TRACEDAT_ZIP_H

#include "tracedat.h"

/*
 * struct tracedat_zip_ops - what the sink calls
 * @head: names what the file is compressed with
 * @section: bytes @start up to its end of @from, as a section's data
 * @cpu_begin: sub-buffers of @size bytes follow
 * @page: one of them
 * @cpu_end: no more; nothing when none began
 * @largest: sub-buffers of the source
 * @free: all of it
 * They return 0 or a negative errno; failures of the file wait in the file.
 */
struct tracedat_zip_ops {
	void (*head)(struct dat *dat);
	int (*section)(struct dat *dat, struct datfile *from, uint64_t start);
	int (*cpu_begin)(struct dat *dat, const struct dat_buffer *b, struct dat_cpu *cpu,
			 uint32_t size);
	int (*page)(struct dat *dat, const void *data, uint32_t size);
	int (*cpu_end)(struct dat *dat);
	uint32_t (*largest)(const struct dat *dat);
	void (*free)(struct dat *dat);
};

#endif
