// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * crash's dump and symbols as the struct merge_mem that libmerge reads: a thin
 * adapter without a cache of its own.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "crash_api.h"
#include "crash_mem.h"

/* crash's prototypes lack const; it does not write to names */
#define NAME(s)	((char *)(s))

static volatile sig_atomic_t interrupted;

static void note_interrupt(int sig)
{
	(void)sig;
	interrupted = 1;
}

/*
 * crash's own handler leaves a command at the first Ctrl-C by longjmp(), out of
 * malloc() too: the command could neither clean up nor mark its output.
 */
static void catch_interrupt(struct sigaction *old)
{
	const struct sigaction own = { .sa_handler = note_interrupt, .sa_flags = SA_RESTART };

	sigaction(SIGINT, &own, old);
}

/* While crash asks its gdb it ignores Ctrl-C, and then sets its own handler again. */
static void gdb_begin(sigset_t *old)
{
	sigset_t interrupt;

	sigemptyset(&interrupt);
	sigaddset(&interrupt, SIGINT);
	sigprocmask(SIG_BLOCK, &interrupt, old);
}

static void gdb_end(const sigset_t *old)
{
	catch_interrupt(NULL);
	sigprocmask(SIG_SETMASK, old, NULL);
}

static int mem_read(void *arg, uint64_t addr, void *buf, size_t len)
{
	unsigned long long phys;

	(void)arg;
	if (readmem(addr, CRASH_KVADDR, buf, len, "pstore_rb",
		    CRASH_RETURN_ON_ERROR | CRASH_QUIET))
		return 0;
	/* a page that has an address but no content was left out of the dump */
	return kvtop(NULL, addr, &phys, 0) ? -ENODATA : -EFAULT;
}

static int mem_read_physical(void *arg, uint64_t addr, void *buf, size_t len)
{
	(void)arg;
	return readmem(addr, CRASH_PHYSADDR, buf, len, "pstore_rb",
		       CRASH_RETURN_ON_ERROR | CRASH_QUIET) ? 0 : -ENODATA;
}

static int mem_symbol(void *arg, const char *name, uint64_t *addr)
{
	(void)arg;
	if (!kernel_symbol_exists(NAME(name)))
		return -ENOENT;
	*addr = symbol_value(NAME(name));
	return 0;
}

static int mem_member(void *arg, const char *type, const char *member,
		      size_t *offset, size_t *size)
{
	long at, bytes = -1;
	sigset_t signals;

	(void)arg;
	gdb_begin(&signals);
	at = datatype_info(NAME(type), NAME(member), CRASH_MEMBER_OFFSET);
	if (at >= 0)
		bytes = datatype_info(NAME(type), NAME(member), CRASH_MEMBER_SIZE);
	gdb_end(&signals);
	if (at < 0 || bytes < 0)
		return -ENOENT;
	*offset = at;
	*size = bytes;
	return 0;
}

/*
 * crash keeps types it has looked up, but not enumerators: each takes 20 to 40 ms
 * of its gdb, whether there is one or not. So the answers are kept here, until
 * the extension is unloaded.
 */
static struct enumerator {
	struct enumerator *next;
	bool found;
	long value;
	char name[];
} *enumerators;

static struct enumerator *ask_enumerator(const char *name)
{
	struct enumerator *e = malloc(sizeof(*e) + strlen(name) + 1);
	sigset_t signals;

	if (!e)
		return NULL;
	strcpy(e->name, name);
	gdb_begin(&signals);
	e->found = enumerator_value(e->name, &e->value);
	gdb_end(&signals);
	e->next = enumerators;
	return enumerators = e;
}

static int mem_enumerator(void *arg, const char *name, int64_t *value)
{
	struct enumerator *e = enumerators;

	(void)arg;
	while (e && strcmp(e->name, name))
		e = e->next;
	if (!e)
		e = ask_enumerator(name);
	if (!e || !e->found)
		return -ENOENT;
	*value = e->value;
	return 0;
}

void crash_mem_forget(void)
{
	while (enumerators) {
		struct enumerator *next = enumerators->next;

		free(enumerators);
		enumerators = next;
	}
}

static bool mem_interrupted(void *arg)
{
	(void)arg;
	return interrupted;
}

static const struct merge_mem_ops crash_ops = {
	.read = mem_read,
	.symbol = mem_symbol,
	.member = mem_member,
	.enumerator = mem_enumerator,
	.interrupted = mem_interrupted,
	.read_physical = mem_read_physical,
};

void crash_mem_init(struct crash_mem *cm, struct merge_mem *mem)
{
	interrupted = 0;
	catch_interrupt(&cm->old);
	cm->caught = true;
	*mem = (struct merge_mem){
		.ops = &crash_ops,
		.page_size = memory_page_size(),
		/* a crash of this word size opens kernels of this word size only */
		.long_size = sizeof(long),
		.big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__,
	};
}

void crash_mem_deinit(struct crash_mem *cm)
{
	if (cm->caught)
		sigaction(SIGINT, &cm->old, NULL);
	cm->caught = false;
}
