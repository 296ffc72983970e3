// SPDX-License-Identifier: LGPL-2.1-or-later
/* pstore-rb check: the memory that is to outlive the kernel. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "crc32c.h"
#include "dir.h"
#include "error.h"
#include "harvest.h"

#define PARAMETERS	"sys/module/ramoops/parameters/"

#define PASTE	"put the command line below into the boot loader and restart"
#define SERIES	"start a kernel with the series of kernel/"

static uint64_t parameter(const struct check *c, const char *name)
{
	char path[100];

	snprintf(path, sizeof(path), PARAMETERS "%s", name);
	return check_number(c, path, 0);
}

static void read_name(struct check *c)
{
	char *name = check_read(c, PARAMETERS "mem_name");

	/* what was never set */
	if (name && strcmp(name, "(null)"))
		snprintf(c->region.name, sizeof(c->region.name), "%s", name);
	free(name);
}

static bool is_yes(const struct check *c, const char *path, bool otherwise)
{
	char *text = check_read(c, path);
	bool yes = text ? *text == 'Y' || *text == '1' : otherwise;

	free(text);
	return yes;
}

/* The trace has whole pages at the end of the area: ramoops_trace_attach() */
static void take_region(struct check *c, uint64_t trace_size)
{
	struct check_region *r = &c->region;
	uint64_t end;

	r->area = parameter(c, "mem_address");
	r->area_size = parameter(c, "mem_size");
	r->slots = (unsigned int)parameter(c, "trace_generations");
	r->slots = r->slots ? r->slots : 1;
	r->symbols = is_yes(c, PARAMETERS "trace_symbols", true);
	read_name(c);
	trace_size = (trace_size + SIZING_PAGE - 1) / SIZING_PAGE * SIZING_PAGE;
	end = (r->area + r->area_size) / SIZING_PAGE * SIZING_PAGE;
	if (!trace_size || trace_size > end - r->area)
		return;
	r->size = trace_size;
	r->phys = end - trace_size;
}

void check_ramoops(struct check *c)
{
	uint64_t trace_size = parameter(c, "trace_size");

	if (!dir_has(c->root, "sys/module/ramoops")) {
		check_say(c, CHECK_MISSING, "ramoops", "start a kernel with CONFIG_PSTORE_RAM, or modprobe ramoops",
			  "it is not in the kernel");
		return;
	}
	if (!dir_has(c->root, PARAMETERS "trace_size")) {
		check_say(c, CHECK_MISSING, "ramoops", SERIES, "it has no trace_size");
		return;
	}
	take_region(c, trace_size);
	if (!c->region.area_size)
		check_say(c, CHECK_MISSING, "ramoops", PASTE, "it has no memory");
	else if (!trace_size)
		check_say(c, CHECK_MISSING, "ramoops", PASTE, "nothing of its memory is for the trace");
	else if (!c->region.size)
		check_say(c, CHECK_MISSING, "ramoops", PASTE,
			  "trace_size is %" PRIu64 ", and all of its memory %" PRIu64, trace_size,
			  c->region.area_size);
	else
		check_say(c, CHECK_OK, "ramoops", NULL, "%" PRIu64 " KiB of it are for the trace, %u recording%s",
			  c->region.size / 1024, c->region.slots, c->region.slots > 1 ? "s" : "");
}

/* ---- The command line ----------------------------------------------------- */

/* The value of the word that begins with @option, from *@pos on; *@pos is set behind it */
static const char *next_word(const char *option, const char **pos)
{
	size_t len = strlen(option);

	for (const char *p = *pos; *p; p += strcspn(p, " ")) {
		p += strspn(p, " ");
		if (strncmp(p, option, len))
			continue;
		*pos = p + strcspn(p, " ");
		return p + len;
	}
	return NULL;
}

/* "SIZE[@ADDRESS]:ALIGN:NAME" */
static bool reserves(const char *word, const char *name, bool *fixed)
{
	const char *p, *colon;
	size_t len = strlen(name);

	check_memparse(word, &p);
	*fixed = *p == '@';
	if (*fixed)
		check_memparse(p + 1, &p);
	colon = *p == ':' ? strchr(p + 1, ':') : NULL;
	return colon && len && !strncmp(colon + 1, name, len) &&
		(colon[1 + len] == ' ' || !colon[1 + len]);
}

static bool find_reservation(const struct check *c, bool *fixed)
{
	const char *pos = c->cmdline, *word;

	while ((word = next_word("reserve_mem=", &pos)))
		if (reserves(word, c->region.name, fixed))
			return true;
	return false;
}

/* "SIZE$ADDRESS" that has the trace in it: not System RAM any more */
static bool is_cut_out(const struct check *c)
{
	const char *pos = c->cmdline, *word, *p;

	while ((word = next_word("memmap=", &pos))) {
		uint64_t size = check_memparse(word, &p), start;

		if (*p != '$' && *p != '!')
			continue;
		start = check_memparse(p + 1, &p);
		if (start <= c->region.phys && c->region.phys - start < size)
			return true;
	}
	return false;
}

void check_placement(struct check *c)
{
	bool fixed = false;

	if (!c->region.size)
		return;
	if (find_reservation(c, &fixed)) {
		c->region.fixed = fixed;
		if (fixed)
			check_say(c, CHECK_OK, "placement", NULL, "reserve_mem= tells the address, 0x%" PRIx64,
				  c->region.area);
		else
			check_say(c, CHECK_WARNING, "placement", PASTE,
				  "reserve_mem= tells no address: another kernel or initrd moves the memory");
	} else if (is_cut_out(c)) {
		check_say(c, CHECK_MISSING, "placement", PASTE,
			  "memmap= takes it out of System RAM: the tracer refuses that, and no dump has it");
	} else if (dir_has(c->root, "proc/device-tree/reserved-memory")) {
		c->region.fixed = true;
		check_say(c, CHECK_OK, "placement", NULL, "the device tree has it");
	} else {
		check_say(c, CHECK_WARNING, "placement", PASTE,
			  "nothing on the command line reserves the memory at 0x%" PRIx64, c->region.area);
	}
}

/* ---- The memory itself ---------------------------------------------------- */

void check_memory(struct check *c)
{
	const struct iomem_range *at;

	if (!c->region.size)
		return;
	if (!c->has_iomem || c->iomem.hidden || !c->region.phys) {
		check_say(c, CHECK_WARNING, "memory", "run it as root", "/proc/iomem does not tell where it is");
		return;
	}
	at = iomem_at(&c->iomem, c->region.phys, c->region.size);
	if (at && !strcmp(at->name, IOMEM_RAM))
		check_say(c, CHECK_OK, "memory", NULL,
			  "0x%" PRIx64 " is System RAM: the tracer takes it, and crash dumps have it",
			  c->region.phys);
	else
		check_say(c, CHECK_MISSING, "memory", PASTE,
			  "0x%" PRIx64 " is %s, not System RAM: the tracer refuses it", c->region.phys,
			  at ? at->name : "no memory, or not all of it is");
}

void check_size(struct check *c)
{
	uint64_t slot = c->region.size / (c->region.slots ? c->region.slots : 1);

	if (!c->region.size)
		return;
	if (!c->nr_cpus) {
		check_say(c, CHECK_WARNING, "size", NULL,
			  "/sys/devices/system/cpu/possible does not tell how many CPUs there may be");
		return;
	}
	c->divided = !sizing_divide(slot, c->nr_cpus, c->region.symbols ? SIZING_SYMBOLS : 0, &c->sizes);
	if (c->divided)
		check_say(c, CHECK_OK, "size", NULL,
			  "%" PRIu64 " sub-buffers for each of %u possible CPUs, %" PRIu64 " KiB of events",
			  c->sizes.subbufs, c->nr_cpus, c->sizes.data / 1024);
	else
		check_say(c, CHECK_MISSING, "size", PASTE,
			  "%" PRIu64 " KiB for a recording are too little for %u possible CPUs", slot / 1024,
			  c->nr_cpus);
}

/* ---- Of earlier boots ----------------------------------------------------- */

/* In pstore still, or in the newest harvest that has one */
static int find_last(struct check *c, struct recording_facts *facts)
{
	const char *harvests = c->opt->nr_operands ? c->opt->operands[0] : NULL;
	struct kept_list kept;
	struct merge_error err = { 0 };
	struct crc32c crc;
	char *path = NULL;
	int ret;

	crc32c_init(&crc);
	ret = recordings_look_in(c->root, &PLACE_PSTORE[1], &crc, facts);
	if (!ret || (!harvests && asprintf(&path, "%s/var/lib/pstore-rb", c->opt->root) < 0))
		return ret;
	if (!kept_open(&kept, harvests ? harvests : path, false, &err))
		for (size_t i = kept.nr; ret && i-- > 0; )
			ret = recordings_look_in(kept.fd, kept.all[i].name, &crc, facts);
	kept_close(&kept);
	free(path);
	return ret;
}

void check_address(struct check *c)
{
	struct recording_facts facts;

	if (!c->region.size || !c->region.phys)
		return;
	if (find_last(c, &facts)) {
		check_say(c, CHECK_WARNING, "address", "try it: pstore-rb selftest resets it once, on purpose",
			  "there is no recording of an earlier boot to compare with");
		return;
	}
	if (facts.area == c->region.phys)
		check_say(c, CHECK_OK, "address", NULL, "0x%" PRIx64 ", as in boot %s", facts.area,
			  facts.boot_id);
	else
		check_say(c, CHECK_WARNING, "address", c->region.fixed ? NULL : PASTE,
			  "0x%" PRIx64 ", and 0x%" PRIx64 " in boot %s: what is left there is lost when it moves",
			  c->region.phys, facts.area, facts.boot_id);
	if (facts.tables_full)
		check_say(c, CHECK_WARNING, "tables", "give the trace more memory: see pstore-rb setup",
			  "in boot %s there was no room for all formats and names", facts.boot_id);
}
