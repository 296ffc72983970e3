// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Preloaded into trace-cmd: it reads rings by libtracefs' own mapped reader (1.8), which no
 * trace-cmd asks for.
 */
#include <dlfcn.h>
#include <stdbool.h>

struct tracefs_instance;

typedef struct tracefs_cpu *open_fn(struct tracefs_instance *instance, int cpu, bool nonblock);

__attribute__((visibility("default"))) open_fn tracefs_cpu_open;

/* libtracefs calls itself for this, too */
struct tracefs_cpu *tracefs_cpu_open(struct tracefs_instance *instance, int cpu, bool nonblock)
{
	static bool inside;
	const char *name = inside ? "tracefs_cpu_open" : "tracefs_cpu_open_mapped";
	struct tracefs_cpu *opened;

	inside = true;
	opened = ((open_fn *)dlsym(RTLD_NEXT, name))(instance, cpu, nonblock);
	inside = false;
	return opened;
}
