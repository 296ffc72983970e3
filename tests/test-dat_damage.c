// SPDX-License-Identifier: GPL-2.0-or-later
/* One field of a trace.dat spoilt at a time: what is said of it, and what still comes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dat-in.h"
#include "tests.h"

#define IMAGE \
	"size 4096\nsymbol 0x1000 name=_stext\ncomm 7 name=bash\n" \
	"format id=118 system=test name=tick\n" \
	"buffer inst clock=mono\ncpu 0\npage ts=1000\nevent +10 id=118\n" \
	"cpu 1\npage ts=1000\nevent +20 id=118\n"

#define BOTH	"0 1010 1 0\n1 1020 2 0\n"
#define FIRST	"0 1010 1 0\n"
#define NONE	""
#define REFUSED	NULL

#define HEAD_OPTIONS	24	/* in version 7, u64: where the options are */
#define TAG_SIZE	10
#define SECTION_HEAD	16	/* u16 id, u16 flags, u32 string, u64 size */

/* What @at counts from */
enum place {
	FILE_START,
	SECTION,		/* of id @id: its head, or in version 6 its first byte */
	OPTION,			/* of id @id: its data; its size, u32, stands before it */
	OPTIONS_TAG,		/* of version 6; the number of CPUs stands before it */
	TOP_TAG,		/* of version 6: before the table of the top-level ring */
	TABLE,			/* the number of CPUs in BUFFER, or the entry of CPU 0 in version 6 */
};

/* @events: the first that still come, or REFUSED; @says: part of a notice, or the error */
struct spoil_row {
	const char *name;
	enum place place;
	unsigned int id;
	size_t at;
	const char *bytes;
	size_t nr;
	const char *events, *says;
};

#define BYTES(text)	text, sizeof(text) - 1

/* ---- Version 7 ------------------------------------------------------------ */

static const struct spoil_row rows_v7[] = {
	{ "nothing", FILE_START, 0, 0, BYTES(""), BOTH, "" },
	{ "magic", FILE_START, 0, 3, BYTES("x"), REFUSED, "this is no trace.dat" },
	{ "version", FILE_START, 0, 10, BYTES("5"), REFUSED, "a trace.dat of version 5" },
	{ "long size", FILE_START, 0, 13, BYTES("\5"), REFUSED, "long integers of 5 bytes" },
	{ "page size", FILE_START, 0, 14, BYTES("\0\0\0\0"), BOTH, "" },
	{ "compression", FILE_START, 0, 18, BYTES("lzma"), REFUSED, "compressed with lzma" },
	{ "place of options", FILE_START, 0, HEAD_OPTIONS, BYTES("\xff\xff\xff\xff\0\0\0\0"), REFUSED,
	  "it is cut off" },
	{ "place of options, elsewhere", FILE_START, 0, HEAD_OPTIONS, BYTES("\x0e\0\0\0\0\0\0\0"), REFUSED,
	  "they are not there, or damaged" },

	{ "section of options, id", SECTION, OPTIONS, 0, BYTES("\1"), REFUSED,
	  "they are not there, or damaged" },
	{ "section of options, size", SECTION, OPTIONS, 8, BYTES("\x20\0\0\0\0\0\0\0"), NONE,
	  "the file's options end early" },
	{ "option, size", OPTION, HEADER_INFO, -4, BYTES("\xff\xff\xff\x7f"), NONE,
	  "the file's options end early" },
	{ "next options", OPTION, OPTIONS, 0, BYTES("\xff\xff\xff\0\0\0\0\0"), BOTH,
	  "more options should be at 16777215" },
	{ "option of a section, its place", OPTION, KALLSYMS, 0, BYTES("\0\0\0\0"),
	  BOTH, "no section 19 at 0: it is left out" },
	{ "section, id", SECTION, CMDLINES, 0, BYTES("\1"), BOTH, "no section 21 at" },
	{ "section, size", SECTION, CMDLINES, 8, BYTES("\xff\xff\xff\xff\xff\0\0\0"), BOTH,
	  "the file ends within section 21 at" },
	{ "section, size of nothing", SECTION, KALLSYMS, 8, BYTES("\0\0\0\0\0\0\0\0"), BOTH,
	  "the file has no symbols with addresses" },

	{ "header_page", SECTION, HEADER_INFO, SECTION_HEAD + 30, BYTES("timestmp"), REFUSED,
	  "no timestamp, commit and data" },
	{ "formats, a size", SECTION, EVENT_FORMATS, SECTION_HEAD, BYTES("\xff\xff\xff\xff"),
	  BOTH, "formats of events: they are cut off or damaged" },
	{ "symbols, their size", SECTION, KALLSYMS, SECTION_HEAD, BYTES("\xff\xff\xff\xff"),
	  BOTH, "symbols: the last of them are cut off" },
	{ "command names, their size", SECTION, CMDLINES, SECTION_HEAD,
	  BYTES("\xff\xff\xff\xff"), BOTH, "command names: the last of them are cut off" },

	{ "BUFFER, size", OPTION, BUFFER, -4, BYTES("\4\0\0\0"), NONE,
	  "a buffer is left out: what the file says of it is cut off" },
	{ "BUFFER, place of its section", OPTION, BUFFER, 0, BYTES("\xff\xff\xff"),
	  BOTH, "its sub-buffers are taken for not compressed" },
	{ "BUFFER, size of sub-buffers", TABLE, 0, -4, BYTES("\0\x18\0\0"), NONE,
	  "the file says that its sub-buffers are of 6144 bytes" },
	{ "BUFFER, number of CPUs", TABLE, 0, 0, BYTES("\xff\0\0\0"), BOTH,
	  "the file tells of 255 CPUs and has places of" },
	{ "CPU, number", TABLE, 0, 4 + 20, BYTES("\xff\xff\xff\xff"), FIRST,
	  "the file has no such CPU" },
	{ "CPU, number, twice", TABLE, 0, 4 + 20, BYTES("\0\0\0\0"), FIRST,
	  "the file has that CPU twice" },
	{ "CPU, place", TABLE, 0, 4 + 20 + 4, BYTES("\xff\xff\xff\xff\0\0\0\0"), FIRST,
	  "the file ends before the sub-buffers do, at" },
	{ "CPU, size", TABLE, 0, 4 + 20 + 12, BYTES("\xff\xff\xff\xff\0\0\0\0"), BOTH,
	  "the file ends before the sub-buffers do, at" },
};

/* ---- Version 6 ------------------------------------------------------------ */

/* Sections have no heads here: SECTION is where the block of @id begins */
static const struct spoil_row rows_v6[] = {
	{ "nothing", FILE_START, 0, 0, BYTES(""), BOTH, "" },
	{ "symbols, their size", SECTION, KALLSYMS, 0, BYTES("\xff\xff\xff\xff"), REFUSED,
	  "the file ends within its symbols, which begin at" },
	{ "printk formats, their size", SECTION, PRINTK, 0, BYTES("\xff\xff\xff\xff"), REFUSED,
	  "the file ends within its printk formats, which begin at" },
	{ "command names, their size", SECTION, CMDLINES, 0, BYTES("\xff\xff\xff\xff"),
	  REFUSED, "the file ends within its command names, which begin at" },
	{ "number of formats", SECTION, FTRACE_EVENTS, 0, BYTES("\xff\xff\xff\x7f"), REFUSED,
	  "the file ends within its formats of ftrace's events, which begin at" },
	{ "number of systems", SECTION, EVENT_FORMATS, 0, BYTES("\xff\xff\xff\x7f"), REFUSED,
	  "the file ends within its formats of events, which begin at" },
	{ "tag of the options", OPTIONS_TAG, 0, 0, BYTES("optixns"), REFUSED,
	  "there should be a table of CPUs at" },
	{ "tag of the top table", TOP_TAG, 0, 0, BYTES("flyrecxrd"), REFUSED,
	  "there should be a table of CPUs at" },
	{ "number of CPUs: CPUCOUNT has it, too", OPTIONS_TAG, 0, -4, BYTES("\xff\xff\0\0"), BOTH, "" },
	{ "option, size", OPTIONS_TAG, 0, 10 + 2, BYTES("\xff\xff\xff\x7f"), REFUSED,
	  "there should be a table of CPUs at" },
	{ "BUFFER, place of its table", OPTION, BUFFER, 0, BYTES("\1\0\0\0"), NONE,
	  "its table of CPUs is not at 1 of" },
	{ "CPU, place", TABLE, 0, 16, BYTES("\xff\xff\xff\xff\0\0\0\0"), FIRST,
	  "the file ends before the sub-buffers do, at" },
	{ "CPU, size", TABLE, 0, 24, BYTES("\xff\xff\xff\xff\0\0\0\0"), BOTH,
	  "the file ends before the sub-buffers do, at" },
};

/* ---- both ----------------------------------------------------------------- */

#define LENGTH(rows)	(sizeof(rows) / sizeof(*(rows)))

static uint64_t find_section(const struct dat *dat, unsigned int id)
{
	uint64_t pos;

	for (size_t i = 0; i < dat->nr_sections; i++)
		if (dat->sections[i].id == id)
			return dat->sections[i].offset;
	memcpy(&pos, dat->bytes + HEAD_OPTIONS, sizeof(pos));
	return pos;
}

/* The only other option of id 0 is where the next ones are: what the file ends with */
static uint64_t find_option(const struct dat *dat, unsigned int id)
{
	return id == OPTIONS ? dat->size - 8 : (uint64_t)(dat_option(dat, id)->data - dat->bytes);
}

static uint64_t find_text(const struct dat *dat, uint64_t from, const char *text, size_t len)
{
	uint8_t *at = memmem(dat->bytes + from, dat->size - from, text, len);

	CU_ASSERT_PTR_NOT_NULL_FATAL(at);
	return at - dat->bytes;
}

static uint64_t find_table(const struct dat *dat)
{
	uint64_t top;

	if (dat->version == 7)
		return find_text(dat, 0, BYTES("mono\0\0\x10\0")) + sizeof("mono") + 4;
	top = find_text(dat, 0, BYTES("flyrecord"));
	return find_text(dat, top + TAG_SIZE, BYTES("flyrecord")) + TAG_SIZE;
}

static uint64_t find_place(const struct dat *dat, const struct spoil_row *row)
{
	switch (row->place) {
	case SECTION:
		return find_section(dat, row->id);
	case OPTION:
		return find_option(dat, row->id);
	case OPTIONS_TAG:
		return find_text(dat, 0, BYTES("options  "));
	case TOP_TAG:
		return find_text(dat, 0, BYTES("flyrecord"));
	case TABLE:
		return find_table(dat);
	default:
		return 0;
	}
}

static void check_row(const struct dat *dat, const struct spoil_row *row)
{
	struct merge_error err;
	struct dat_place place;
	struct merge_source *src;
	struct dat_hand hand = { .data = dat->bytes, .size = dat->size };
	struct desc_place symbol;
	char *events, *says;

	dat_place_make(&place);
	src = dat_hand_open(&hand, hand.size, &place, &err);
	CHECK_ROW(!src == (row->events == REFUSED), row->name);
	events = src ? dat_in_numbers(src) : strdup("");
	if (src) {	/* has symbols and names loaded */
		desc_symbol(src->desc, 0x1000, &symbol);
		free(dat_in_events(src));
	}
	says = src ? dat_in_notices(src) : strdup(err.text);
	CHECK_ROW(!row->events || (*row->events ? !strncmp(events, row->events, strlen(row->events)) :
				   !*events), row->name);
	CHECK_ROW(*row->says ? strstr(says, row->says) != NULL : !*says, row->name);
if (*row->says && !strstr(says, row->says)) printf("--- %s:%s<%s>\n", row->name, events, says);
	free(events);
	free(says);
	dat_in_close(src, &place);
}

static void check_rows(unsigned int version, const struct spoil_row *rows, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		struct dat *dat = dat_write(version, IMAGE);

		memcpy(dat->bytes + find_place(dat, &rows[i]) + rows[i].at, rows[i].bytes, rows[i].nr);
		check_row(dat, &rows[i]);
		dat_close(dat);
	}
}

static void test_v6(void)
{
	check_rows(6, rows_v6, LENGTH(rows_v6));
}

static void test_v7(void)
{
	check_rows(7, rows_v7, LENGTH(rows_v7));
}

static const struct test tests[] = {
	{ "each field of version 6", test_v6 },
	{ "each field of version 7", test_v7 },
	{ NULL, NULL }
};

const struct test_suite suite_dat_damage = { "dat_damage", tests };
