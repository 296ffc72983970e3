// SPDX-License-Identifier: LGPL-2.1-or-later
/* What is said of ramoops' zones: what is missing in them, and what they are. */
#include <inttypes.h>
#include <stdio.h>

#include "src_ramoops.h"

static const char *const kind_names[] = {
	[RAMOOPS_DMESG] = "dmesg", [RAMOOPS_CONSOLE] = "console", [RAMOOPS_PMSG] = "pmsg",
	[RAMOOPS_FTRACE] = "ftrace", [RAMOOPS_EMPTY] = "empty",
};

/* Of console and messages there is one; where it is guessed there may seem to be more */
void ramoops_zone_name(const struct ramoops_zone *z, char name[32])
{
	if ((z->kind == RAMOOPS_CONSOLE || z->kind == RAMOOPS_PMSG) && !z->index)
		snprintf(name, 32, "%s", kind_names[z->kind]);
	else
		snprintf(name, 32, "%s-%u", kind_names[z->kind], z->index);
}

void ramoops_tell_zone(struct merge_source *src, const struct ramoops_zone *z,
		       const struct ramoops_log *log)
{
	char name[32];

	ramoops_zone_name(z, name);
	if (log->why)
		source_note(src, NULL, -1, "zone %s at 0x%" PRIx64 " is left out: %s (%" PRIu32 " bytes)",
			    name, z->pos, log->why, z->size);
	if (log->lost)
		source_note(src, NULL, -1, "zone %s at 0x%" PRIx64 ": %" PRIu64 " bytes cannot be read: behind the end, or left out",
			    name, z->pos, log->lost);
	if (log->bad_blocks)
		source_note(src, NULL, -1, "zone %s: %" PRIu32 " blocks of %u bytes are damaged beyond what their parity can correct",
			    name, log->bad_blocks, RAMOOPS_BLOCK);
	if (log->corrected)
		source_remark(src, "zone %s: %" PRIu32 " bytes corrected by parity", name,
			      log->corrected);
	if (log->no_parity && z->size)
		source_remark(src, "zone %s: where its parity is is not known: nothing was corrected; the size of the zones tells it",
			      name);
}

static void tell_area(struct merge_source *src)
{
	const struct ramoops_source *rs = src->priv;
	const struct ramoops_area *area = &rs->area;
	unsigned int count[RAMOOPS_EMPTY + 1] = { 0 };

	for (size_t i = 0; i < area->nr; i++)
		count[area->zones[i].kind]++;
	source_remark(src, "ramoops at 0x%" PRIx64 ", %s: zones %u dmesg, %u console, %u pmsg, %u ftrace, %u empty of a kind not known",
		      area->zones[0].pos, rs->how.mem_size ? "divided as was told" :
		      "divided by the headers of its zones", count[RAMOOPS_DMESG],
		      count[RAMOOPS_CONSOLE], count[RAMOOPS_PMSG], count[RAMOOPS_FTRACE],
		      count[RAMOOPS_EMPTY]);
	if (area->ecc)
		source_remark(src, "%" PRIu32 " bytes of parity for each %u bytes%s", area->ecc,
			      RAMOOPS_BLOCK, area->found_ecc ? ", as they tell themselves" : "");
	if (area->others)
		source_remark(src, "%zu more areas of ramoops, the first at 0x%" PRIx64 ": --source ramoops@OFFSET gives one",
			      area->others, area->other);
	if (area->nr_absent)
		source_note(src, NULL, -1, "%zu zones are not where they should be as ramoops was told to be divided, the first at 0x%" PRIx64,
			    area->nr_absent, area->absent);
}

static void tell_texts(struct merge_source *src)
{
	for (unsigned int i = 0; i < src->nr_texts; i++) {
		const struct merge_text *text = &src->texts[i];

		source_remark(src, "text %s: %zu bytes, stored at 0x%" PRIx64 " in %" PRIu64,
			      text->name, text->size, text->address, text->stored);
	}
}

static uint32_t version_of(const struct ramoops_area *area)
{
	for (size_t i = 0; i < area->nr; i++)
		if (area->zones[i].version)
			return area->zones[i].version;
	return 0;
}

/* "of kernel 6.12.117", or what else tells kernels apart */
static void name_kernel(uint32_t v, char text[40])
{
	if (ramoops_tells_layout(v))
		snprintf(text, 40, "signed by kernel 0x%04x", v & 0xffff);
	else
		snprintf(text, 40, "of kernel %u.%u.%u%s", v >> 16, v >> 8 & 0xff, v & 0xff,
			 (v & 0xff) == 255 ? " or later" : "");
}

/* Zones that another kernel wrote to last than the first one */
static size_t count_others(const struct ramoops_area *area)
{
	size_t nr = 0;

	for (size_t i = 0; i < area->nr; i++)
		nr += area->zones[i].version && area->zones[i].version != version_of(area);
	return nr;
}

void ramoops_tell_boots(struct merge_source *src)
{
	const struct ramoops_ftrace *f = &((const struct ramoops_source *)src->priv)->ftrace;

	source_remark(src, "ftrace: the counter began anew: records of %u boots%s; those before the last are ftrace/boot-N, which -p gives",
		      f->nr_boots, f->nr_boots == RAMOOPS_MAX_BOOTS ? " or more" : "");
}

static void tell_functions(struct merge_source *src)
{
	const struct ramoops_source *rs = src->priv;
	const struct ramoops_ftrace *f = &rs->ftrace;
	size_t nr_others = count_others(&rs->area);
	char kernel[40];

	name_kernel(version_of(&rs->area), kernel);
	source_remark(src, "ftrace: %zu zones %s, %" PRIu64 " bytes written, records of %u bytes%s",
		      rs->nr_logs, kernel, rs->functions, 2 * f->long_size + 8,
		      f->cpu_in_ip ? " with the CPU in the address" : "");
	if (nr_others)
		source_remark(src, "ftrace: %zu of these zones are another kernel's, or of one that lay elsewhere",
			      nr_others);
	if (f->nr_boots > 1)
		ramoops_tell_boots(src);
	if (f->nr_torn)
		source_remark(src, "ftrace: %" PRIu64 " records were being written when the kernel stopped, and are left out",
			      f->nr_torn);
	if (f->nr_empty)
		source_note(src, NULL, -1, "ftrace: %" PRIu64 " records are zeros, and left out",
			    f->nr_empty);
}

void ramoops_tell(struct merge_source *src)
{
	const struct ramoops_source *rs = src->priv;

	tell_area(src);
	tell_texts(src);
	if (rs->functions && !rs->ftrace.long_size)
		source_note(src, NULL, -1,
			    "ftrace: %zu zones with %" PRIu64 " bytes of records of no known layout: they are left out; --source ramoops:long_size=4 or 8 forces one",
			    rs->nr_logs, rs->functions);
	else if (rs->functions)
		tell_functions(src);
}
