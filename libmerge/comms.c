// SPDX-License-Identifier: LGPL-2.1-or-later
/* Names of tasks by pid: see comms.h. */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "comms.h"
#include "comms_trace.h"
#include "describe.h"
#include "source.h"

/* The kernel's own are of 16 bytes */
#define NAME_SIZE	32u

/* Slots of a table when it is made; a power of two */
#define FIRST_SLOTS	256u

/* What knows a name; one that comes later in this list does not replace it */
enum origin { SAVED, TRACED, ALIVE, NOBODY };

/*
 * struct comm - what is known of a pid
 * @origin: whose word @name is
 * @met: events with this pid were met
 * @clock, @ts: when the trace told it: buffer that stands for its clock, time
 */
struct comm {
	int pid;
	enum origin origin;
	bool met;
	unsigned int clock;
	uint64_t ts;
	char name[NAME_SIZE];
};

/*
 * struct table - the names of one boot
 * @only: the buffer that is all there is of that boot; NULL for this boot
 * @array: in the order the pids became known
 * @slots: @nr_slots, hashed by pid: index in @array and 1, or 0
 * @loaded: has what the kernel saved
 * @learnt: has what else there is
 * @last_met: the pid comms_meet() was last given
 */
struct table {
	const struct merge_buffer *only;
	struct comm *array;
	size_t nr, room;
	uint32_t *slots;
	size_t nr_slots;
	bool loaded;
	bool learnt;
	int last_met;
};

/* @tables: of this boot; then one per buffer, for those of an earlier boot */
struct comms {
	size_t nr_tables;
	struct table tables[];
};

/* ---- A table ------------------------------------------------------------ */

static uint32_t *slot_of(const struct table *t, int pid)
{
	size_t i = (uint32_t)pid * 0x9e3779b1u & (t->nr_slots - 1);

	while (t->slots[i] && t->array[t->slots[i] - 1].pid != pid)
		i = (i + 1) & (t->nr_slots - 1);
	return &t->slots[i];
}

static struct comm *table_find(const struct table *t, int pid)
{
	uint32_t index = t->nr_slots ? *slot_of(t, pid) : 0;

	return index ? &t->array[index - 1] : NULL;
}

static int grow_slots(struct table *t)
{
	size_t nr = t->nr_slots ? 2 * t->nr_slots : FIRST_SLOTS;
	uint32_t *slots = calloc(nr, sizeof(*slots));

	if (!slots)
		return -ENOMEM;
	free(t->slots);
	t->slots = slots;
	t->nr_slots = nr;
	for (size_t i = 0; i < t->nr; i++)
		*slot_of(t, t->array[i].pid) = (uint32_t)i + 1;
	return 0;
}

static int grow_array(struct table *t)
{
	size_t room = t->room ? 2 * t->room : FIRST_SLOTS;
	struct comm *array = reallocarray(t->array, room, sizeof(*array));

	if (!array)
		return -ENOMEM;
	t->array = array;
	t->room = room;
	return 0;
}

/* The entry of @pid, made when there is none; NULL: out of memory */
static struct comm *table_get(struct table *t, int pid)
{
	struct comm *comm = table_find(t, pid);

	if (comm)
		return comm;
	if (t->nr == t->room && grow_array(t))
		return NULL;
	if (2 * t->nr >= t->nr_slots && grow_slots(t))
		return NULL;
	comm = &t->array[t->nr];
	*comm = (struct comm){ .pid = pid, .origin = NOBODY };
	*slot_of(t, pid) = (uint32_t)++t->nr;
	return comm;
}

/* ---- Where names come from ---------------------------------------------- */

static int set_name(struct table *t, int pid, enum origin origin, const char *name)
{
	struct comm *comm = table_get(t, pid);

	if (!comm)
		return -ENOMEM;
	if (comm->origin < origin)
		return 0;
	comm->origin = origin;
	snprintf(comm->name, sizeof(comm->name), "%s", name);
	return 0;
}

/* desc_comm_fn: as the kernel's trace_find_cmdline() would find it */
static int add_saved(void *arg, int pid, const char *name)
{
	return set_name(arg, pid, SAVED, name);
}

/* desc_comm_fn */
static int add_alive(void *arg, int pid, const char *name)
{
	return set_name(arg, pid, ALIVE, name);
}

/* comms_trace_fn: of several names the last, of several clocks the first to tell one */
static int add_traced(void *arg, const struct comms_told *told)
{
	struct table *t = arg;
	struct comm *comm = table_get(t, told->pid);

	if (!comm)
		return -ENOMEM;
	if (comm->origin < TRACED)
		return 0;
	if (comm->origin == TRACED && (comm->clock != told->clock || comm->ts > told->ts))
		return 0;
	comm->clock = told->clock;
	comm->ts = told->ts;
	return set_name(t, told->pid, TRACED, told->name);
}

static int load(struct table *t, struct merge_source *src)
{
	struct merge_desc *d = t->only ? NULL : src->desc;
	int ret = 0;

	if (t->loaded)
		return 0;
	if (d && d->ops->each_comm)
		ret = d->ops->each_comm(d, add_saved, t);
	if (ret == -EINTR || ret == -ENOMEM)
		return ret;
	t->loaded = true;
	return 0;
}

static int learn(struct table *t, struct merge_source *src)
{
	struct merge_desc *d = t->only ? NULL : src->desc;
	int ret;

	if (t->learnt)
		return 0;
	ret = src->many_boots || src->live ? 0 : comms_trace(src, t->only, add_traced, t);
	if (!ret && d && d->ops->each_task)
		ret = d->ops->each_task(d, add_alive, t);
	if (ret == -EINTR)
		return ret;
	t->learnt = true;
	if (ret == -ENOMEM)
		source_note(src, NULL, -1,
			    "out of memory for command names: some tasks are shown as <...>");
	return ret == -ENOMEM ? ret : 0;
}

/* The names there are, none at first. NULL: out of memory */
static struct comms *comms_of(struct merge_source *src)
{
	size_t nr = src->nr_buffers + 1;

	if (src->comms)
		return src->comms;
	src->comms = calloc(1, sizeof(*src->comms) + nr * sizeof(struct table));
	if (!src->comms)
		return NULL;
	src->comms->nr_tables = nr;
	for (size_t i = 1; i < nr; i++)
		src->comms->tables[i].only = &src->buffers[i - 1];
	return src->comms;
}

/* The names for events of @buf; NULL: out of memory, or interrupted: ask again */
static struct table *table_of(const struct merge_buffer *buf)
{
	struct comms *comms = comms_of(buf->source);
	struct table *t;

	if (!comms)
		return NULL;
	t = &comms->tables[buf->previous_boot ? buf->index + 1 : 0];
	return load(t, buf->source) ? NULL : t;
}

/* ---- What is asked ------------------------------------------------------ */

const char *comms_find(const struct merge_buffer *buf, int pid)
{
	const struct comm *comm;
	struct table *t;

	/* as the kernel's trace_find_cmdline() */
	if (pid <= 0)
		return pid ? "<XXX>" : "<idle>";
	t = table_of(buf);
	if (!t)
		return "<...>";
	comm = table_find(t, pid);
	if ((!comm || comm->origin == NOBODY) && !t->learnt) {
		learn(t, buf->source);
		comm = table_find(t, pid);
	}
	return comm && comm->origin != NOBODY ? comm->name : "<...>";
}

void comms_meet(const struct merge_buffer *buf, const void *record, uint32_t size)
{
	uint32_t raw = comms_raw_pid(record, size);
	int pid = (int)(buf->source->big_endian ? be32toh(raw) : le32toh(raw));
	struct table *t = pid > 0 ? table_of(buf) : NULL;
	struct comm *comm;

	/* many events follow one of the same task */
	if (!t || t->last_met == pid)
		return;
	comm = table_get(t, pid);
	if (!comm)
		return;
	comm->met = true;
	t->last_met = pid;
}

/* Whether a pid was met that nobody named yet */
static bool has_nameless(const struct table *t)
{
	for (size_t i = 0; i < t->nr; i++)
		if (t->array[i].met && t->array[i].origin == NOBODY)
			return true;
	return false;
}

int comms_each(struct merge_source *src, int (*fn)(void *arg, int pid, const char *comm),
	       void *arg)
{
	struct comms *comms = comms_of(src);
	struct table *t;
	int ret;

	if (!comms)
		return -ENOMEM;
	t = &comms->tables[0];
	ret = load(t, src);
	if (!ret && has_nameless(t))
		ret = learn(t, src);
	for (size_t i = 0; !ret && i < t->nr; i++) {
		const struct comm *comm = &t->array[i];

		if (comm->origin == SAVED || (comm->met && comm->origin != NOBODY))
			ret = fn(arg, comm->pid, comm->name);
	}
	return ret;
}

void comms_reload(struct merge_source *src)
{
	if (src->comms)
		src->comms->tables[0].loaded = src->comms->tables[0].learnt = false;
}

void comms_destroy(struct comms *comms)
{
	if (!comms)
		return;
	for (size_t i = 0; i < comms->nr_tables; i++) {
		free(comms->tables[i].array);
		free(comms->tables[i].slots);
	}
	free(comms);
}
