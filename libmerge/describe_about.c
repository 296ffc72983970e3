// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a description holds, counted: for those who want to know before they read. */
#include <errno.h>
#include <string.h>

#include "describe.h"
#include "error.h"

static int count_symbol(void *arg, uint64_t addr, char type, const char *name,
			const char *module)
{
	struct merge_about *about = arg;

	(void)addr;
	(void)type;
	if (!name)
		return 0;
	if (module)
		about->module_symbols++;
	else
		about->symbols++;
	return 0;
}

static int count_comm(void *arg, int pid, const char *comm)
{
	(void)pid;
	(void)comm;
	((struct merge_about *)arg)->comms++;
	return 0;
}

static int count_printk(void *arg, uint64_t addr, const char *format)
{
	(void)addr;
	(void)format;
	((struct merge_about *)arg)->printks++;
	return 0;
}

/* Only these end a walk for good */
static int fatal(int ret)
{
	return ret == -EINTR || ret == -ENOMEM ? ret : 0;
}

int merge_desc_about(struct merge_desc *desc, struct merge_error *err,
		     struct merge_about *about)
{
	const struct desc_ops *ops = desc->ops;
	struct merge_about a = {
		.sysname = desc->sysname, .nodename = desc->nodename, .release = desc->release,
		.version = desc->version, .machine = desc->machine, .nr_cpus = desc->nr_cpu_ids,
		.page_size = desc->page_size, .long_size = desc->long_size,
		.big_endian = desc->big_endian,
	};
	int ret = 0;

	if (ops->each_symbol)
		ret = fatal(ops->each_symbol(desc, count_symbol, &a));
	if (!ret && ops->each_comm)
		ret = fatal(ops->each_comm(desc, count_comm, &a));
	if (!ret && ops->each_printk)
		ret = fatal(ops->each_printk(desc, count_printk, &a));
	if (ret)
		return error_set(err, ret, "counting what is known of the traced boot: %s",
				 strerror(-ret));
	*about = a;
	return 0;
}

int merge_desc_event_name(struct merge_desc *desc, const void *record, unsigned int *id,
			  const char **system, const char **name)
{
	const char *format;
	struct tep_event *event;
	int ret;

	*id = desc_record_id(desc, record);
	ret = desc_format(desc, *id, system, &format);
	if (ret)
		return ret;
	event = desc_event(desc, *id);
	*name = event ? event->name : NULL;
	return 0;
}
