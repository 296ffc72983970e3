// SPDX-License-Identifier: LGPL-2.1-or-later
/* Where a machine's tracefs is, and who of it uses the tracer pstore: see tracer.h. */
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dir.h"
#include "tracer.h"

#define MAX_FILE	(16u << 20)

const char *tracer_tracefs(int root)
{
	static const char *const places[] = { "sys/kernel/tracing", "sys/kernel/debug/tracing" };
	char path[60];

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		snprintf(path, sizeof(path), "%s/available_tracers", places[i]);
		if (dir_has(root, path))
			return places[i];
	}
	return NULL;
}

char *tracer_read(int root, const char *tracefs, const char *instance, const char *name)
{
	char path[PATH_MAX], *text;
	size_t size;

	if (snprintf(path, sizeof(path), "%s%s/%s", tracefs, instance, name) >=
	    (int)sizeof(path) || dir_read(root, path, MAX_FILE, &text, &size))
		return NULL;
	while (size && text[size - 1] == '\n')
		text[--size] = '\0';
	return text;
}

static bool uses_it(int root, const char *tracefs, const char *instance)
{
	char *tracer = tracer_read(root, tracefs, instance, "current_tracer");
	bool uses = tracer && !strcmp(tracer, TRACER);

	free(tracer);
	return uses;
}

char *tracer_instance(int root, const char *tracefs)
{
	char path[PATH_MAX], **names, *found = NULL;
	size_t nr;

	if (uses_it(root, tracefs, ""))
		return strdup("");
	snprintf(path, sizeof(path), "%s/instances", tracefs);
	if (dir_names(root, path, &names, &nr))
		return NULL;
	for (size_t i = 0; !found && i < nr; i++) {
		if (snprintf(path, sizeof(path), "/instances/%s", names[i]) < (int)sizeof(path) &&
		    uses_it(root, tracefs, path))
			found = strdup(path);
	}
	dir_names_free(names, nr);
	return found;
}

const char *tracer_instance_name(const char *instance)
{
	return *instance ? instance + 1 : "the top-level instance";
}
