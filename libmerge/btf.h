/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The arguments of functions by the types the kernel carries with it (BTF, the
 * kernel's Documentation/bpf/btf.rst): only what print_function_args() of its
 * trace_output.c needs.
 */
#ifndef MERGE_BTF_H
#define MERGE_BTF_H

#include "textbuf.h"

/* Arguments a function event has: FTRACE_REGS_MAX_ARGS of x86-64 */
#define BTF_MAX_ARGS	6u

struct btf;

/*
 * Take over @data, malloc'ed, of a little- or big-endian kernel. What it is cut
 * off or unknown from on is not known. NULL: out of memory, or no BTF: then @data
 * is freed.
 */
struct btf *btf_create(void *data, size_t size, bool big_endian);
void btf_destroy(struct btf *b);

/* The value of enumerator @name of 32 bits. Return: 0 or -ENOENT; also with @b NULL */
int btf_enumerator(const struct btf *b, const char *name, int64_t *value);

/*
 * "(fd=3, buf=0x7f00)": @args, BTF_MAX_ARGS of them, as arguments of @function.
 * Of a function that is not known, or with @b NULL, all, as numbers.
 */
void btf_put_args(const struct btf *b, struct textbuf *out, const char *function,
		  const uint64_t *args, size_t long_size);

#endif
