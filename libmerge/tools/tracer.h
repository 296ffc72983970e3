/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where a machine's tracefs is, and who of it uses the tracer pstore. */
#ifndef PSTORE_RB_TRACER_H
#define PSTORE_RB_TRACER_H

#define TRACER	"pstore"

/* The tracefs below directory @root: "sys/kernel/tracing"; NULL: there is none */
const char *tracer_tracefs(int root);

/*
 * A file of an instance, "" or "/instances/NAME", of the @tracefs below @root, without the
 * newline at its end; malloc'ed; NULL: it cannot be read
 */
char *tracer_read(int root, const char *tracefs, const char *instance, const char *name);

/* The instance that uses the tracer, malloc'ed; NULL: none */
char *tracer_instance(int root, const char *tracefs);

/* What people call it */
const char *tracer_instance_name(const char *instance);

#endif
