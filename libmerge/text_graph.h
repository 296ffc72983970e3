/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the function_graph tracer's entries and exits need to be printed as calls,
 * as print_graph_function() of the kernel's trace_functions_graph.c does: a call
 * that calls nothing else is one line, for which its entry looks ahead to the
 * next event of its CPU; a closing bracket names the function when what it closes
 * was not seen.
 */
#ifndef MERGE_TEXT_GRAPH_H
#define MERGE_TEXT_GRAPH_H

#include "libmerge.h"

/*
 * struct text_graph - the calls that are open, CPU by CPU; all zero is empty
 * @last: the one asked for last
 */
struct text_graph {
	struct graph_cpu *cpus;
	size_t nr;
	size_t last;
};

void text_graph_deinit(struct text_graph *g);

/* Other events follow */
void text_graph_reset(struct text_graph *g);

/* Whether @ev is an exit that was printed on the line of its entry */
bool text_graph_took(struct text_graph *g, const struct merge_event *ev);

#endif
