/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* /proc/iomem: what is where in a machine's memory. */
#ifndef PSTORE_RB_IOMEM_H
#define PSTORE_RB_IOMEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* @first to @last, inclusive; @depth: 0 for what is in nothing else */
struct iomem_range {
	uint64_t first, last;
	unsigned int depth;
	const char *name;
};

/*
 * @text: the file; @ranges point into it
 * @hidden: all addresses are 0: so the kernel shows it to those who are not root
 */
struct iomem {
	char *text;
	struct iomem_range *ranges;
	size_t nr;
	bool hidden;
};

/* Takes @text, malloc'ed, over. Lines that are no ranges are left out. Return: 0 or -ENOMEM */
int iomem_parse(struct iomem *m, char *text);
void iomem_free(struct iomem *m);

/* The outermost range that has all of it, or NULL */
const struct iomem_range *iomem_at(const struct iomem *m, uint64_t address, uint64_t size);

#define IOMEM_RAM	"System RAM"

/* An address for @size bytes of System RAM that nothing in iomem uses; 0: there is none */
uint64_t iomem_find(const struct iomem *m, uint64_t size);

#endif
