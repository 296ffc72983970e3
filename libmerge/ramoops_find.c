// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Finding zones: see ramoops_find.h. Where nothing is told the first header of an area
 * lies on a page, and each zone reaches to the next header.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cursor.h"
#include "error.h"
#include "persist_header.h"
#include "ramoops_ecc.h"
#include "ramoops_find.h"
#include "ramoops_record.h"

#define PAGE		4096u
#define WINDOW		(1u << 18)
/* Between what was written of a zone and the next header there is no more */
#define MAX_GAP		(16u << 20)
#define MAX_ZONES	65536u
/* A zone is at a multiple of this (ALIGN_DOWN() in ramoops_init_przs()) */
#define ZONE_ALIGN	2u
#define MIN_ECC		4u	/* fewer bytes are right by chance */

/* ---- Headers -------------------------------------------------------------- */

/* LINUX_VERSION_CODE of a kernel that has such zones */
static bool is_version(uint32_t code)
{
	return code >> 16 >= 3 && code >> 16 < 32;
}

/* Zones of one area are of one kernel; or of one layout, as each CPU's was last written to */
static bool goes_with(uint32_t version, uint32_t other)
{
	return version == other ||
	       (ramoops_tells_layout(version) && version >> 16 == other >> 16);
}

/* Whether @bytes may begin a zone, in this byte order; then what they say of it */
static bool read_header(const uint8_t *bytes, bool big, struct ramoops_zone *z)
{
	struct cursor c;
	uint32_t code;

	cursor_init(&c, bytes, RAMOOPS_HEADER, big);
	code = cursor_u32(&c) ^ RAMOOPS_SIGNATURE;
	if (code && !is_version(code))
		return false;
	*z = (struct ramoops_zone){
		.version = code, .kind = code ? RAMOOPS_FTRACE : RAMOOPS_EMPTY,
	};
	z->start = cursor_u32(&c);
	z->size = cursor_u32(&c);
	return z->start <= z->size && z->size <= RAMOOPS_MAX_ZONE - RAMOOPS_HEADER;
}

/* The same of what is at @pos. Return: 1; 0 no header; negative errno */
static int header_at(const struct merge_region_io *io, uint64_t pos, bool big,
		     struct ramoops_zone *z)
{
	uint8_t bytes[RAMOOPS_HEADER];
	uint64_t lost;
	int ret = persist_read(io, pos, bytes, sizeof(bytes), &lost);

	if (ret)
		return ret;
	if (lost || !read_header(bytes, big, z))
		return 0;
	z->pos = pos;
	return 1;
}

static int add_zone(struct ramoops_area *area, const struct ramoops_zone *z)
{
	struct ramoops_zone *grown;

	if (area->nr == MAX_ZONES)
		return 0;
	grown = reallocarray(area->zones, area->nr + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	area->zones = grown;
	grown[area->nr++] = *z;
	return 0;
}

void ramoops_area_deinit(struct ramoops_area *area)
{
	free(area->zones);
	*area = (struct ramoops_area){ 0 };
}

/* ---- By what was told ----------------------------------------------------- */

/* A header that its parity makes one; as header_at() */
static int corrected_at(const struct merge_region_io *io, const struct ramoops_area *area,
			uint64_t pos, uint64_t zone_size, struct ramoops_zone *z)
{
	uint8_t bytes[RAMOOPS_HEADER], parity[ECC_MAX];
	uint64_t lost, gone;
	struct ecc e;
	int ret = persist_read(io, pos, bytes, sizeof(bytes), &lost);

	if (!ret)
		ret = persist_read(io, pos + zone_size - area->ecc, parity, area->ecc, &gone);
	if (ret || lost || gone)
		return ret;
	ecc_init(&e);
	if (ecc_correct(&e, bytes, sizeof(bytes), parity, area->ecc) < 0 ||
	    !read_header(bytes, area->big_endian, z))
		return 0;
	z->pos = pos;
	return 1;
}

/* One that is not there as it should be is counted */
static int add_told(const struct merge_region_io *io, struct ramoops_area *area, uint64_t pos,
		    uint64_t zone_size, bool functions)
{
	struct ramoops_zone z;
	int ret = header_at(io, pos, area->big_endian, &z);

	if (!ret && area->ecc && zone_size > area->ecc)
		ret = corrected_at(io, area, pos, zone_size, &z);
	if (ret < 0)
		return ret;
	if (ret && functions == (z.kind == RAMOOPS_FTRACE)) {
		z.zone_size = zone_size;
		return add_zone(area, &z);
	}
	if (!area->nr_absent++)
		area->absent = pos;
	return 0;
}

static uint64_t ftrace_zone_size(const struct ramoops_how *how, uint64_t nr)
{
	return how->ftrace_size / nr & ~(uint64_t)(ZONE_ALIGN - 1);
}

/* Whether there are @nr zones for functions, of one kernel; 1, 0 or negative errno */
static int has_ftrace_zones(const struct merge_region_io *io, const struct ramoops_how *how,
			    bool big, uint64_t pos, uint64_t nr)
{
	uint32_t version = 0;

	for (uint64_t i = 0; i < nr; i++) {
		struct ramoops_zone z;
		int ret = header_at(io, pos + i * ftrace_zone_size(how, nr), big, &z);

		if (ret <= 0)
			return ret;
		if (!z.version || (version && !goes_with(z.version, version)))
			return 0;
		version = z.version;
	}
	return 1;
}

/* As many as the most that all begin as they should */
static int count_cpus(const struct merge_region_io *io, const struct ramoops_how *how, bool big,
		      uint64_t pos, uint64_t *nr)
{
	*nr = how->nr_cpus ? how->nr_cpus : 1;
	for (uint64_t n = 2; !how->nr_cpus && n <= 8192 &&
	     ftrace_zone_size(how, n) >= 4 * RAMOOPS_HEADER; n++) {
		int ret = has_ftrace_zones(io, how, big, pos, n);

		if (ret < 0)
			return ret;
		if (ret)
			*nr = n;
	}
	return 0;
}

static int add_ftrace(const struct merge_region_io *io, const struct ramoops_how *how,
		      struct ramoops_area *area, uint64_t pos)
{
	uint64_t nr;
	int ret = count_cpus(io, how, area->big_endian, pos, &nr);

	for (uint64_t i = 0; !ret && i < nr; i++)
		ret = add_told(io, area, pos + i * ftrace_zone_size(how, nr),
			       ftrace_zone_size(how, nr), true);
	return ret;
}

/* The next zone, of @size bytes unless there is none of this kind */
static int add_single(const struct merge_region_io *io, struct ramoops_area *area,
		      uint64_t *pos, uint64_t size, enum ramoops_kind kind)
{
	size_t before = area->nr;
	int ret = size ? add_told(io, area, *pos, size, false) : 0;

	if (area->nr > before)
		area->zones[before].kind = kind;
	*pos += size;
	return ret;
}

/* Up to 6.1 zones for functions are before that for user space's messages */
static int add_rest(const struct merge_region_io *io, const struct ramoops_how *how,
		    struct ramoops_area *area, uint64_t pos)
{
	struct ramoops_zone z;
	bool first = false;
	int ret = 0;

	if (how->ftrace_size && how->pmsg_size) {
		ret = header_at(io, pos, area->big_endian, &z);
		first = ret > 0 && z.version;
	}
	if (ret >= 0 && first) {
		ret = add_ftrace(io, how, area, pos);
		pos += how->ftrace_size;
	}
	if (ret >= 0)
		ret = add_single(io, area, &pos, how->pmsg_size, RAMOOPS_PMSG);
	if (!ret && how->ftrace_size && !first)
		ret = add_ftrace(io, how, area, pos);
	return ret;
}

/* As ramoops_probe() divides it */
static int divide(const struct merge_region_io *io, const struct ramoops_how *how,
		  struct ramoops_area *area, struct merge_error *err)
{
	uint64_t rest = how->console_size + how->ftrace_size + how->pmsg_size;
	uint64_t dumps, nr = 0, size = 0, pos = how->mem_address;
	int ret = 0;

	if (rest > how->mem_size)
		return error_set(err, -EINVAL, "ramoops: the zones are larger than mem_size");
	dumps = how->mem_size - rest;
	if (how->record_size && dumps >= how->record_size) {
		nr = dumps / how->record_size;
		size = dumps / nr & ~(uint64_t)(ZONE_ALIGN - 1);
	}
	if (nr > MAX_ZONES)
		return error_set(err, -EINVAL, "ramoops: more than %u zones", MAX_ZONES);
	for (uint64_t i = 0; !ret && i < nr; i++)
		ret = add_single(io, area, &pos, size, RAMOOPS_DMESG);
	if (!ret)
		ret = add_single(io, area, &pos, how->console_size, RAMOOPS_CONSOLE);
	if (!ret)
		ret = add_rest(io, how, area, pos);
	return ret;
}

/* ---- By headers ----------------------------------------------------------- */

/* Up to this many bytes of records are looked at */
#define GLANCE	480u

/*
 * Whether zone @z has records: "DBGC" is four bytes, but with any version of a kernel they are
 * many. Those before the place that is written at next are looked at, else the last ones.
 * Return: 1; 0; negative errno
 */
static int has_records(const struct merge_region_io *io, const struct ramoops_zone *z, bool big)
{
	uint32_t end = z->start >= RAMOOPS_MAX_RECORD ? z->start : z->size;
	uint32_t len = end < GLANCE ? end : GLANCE;
	uint8_t bytes[GLANCE];
	uint64_t lost;
	int ret = persist_read(io, z->pos + RAMOOPS_HEADER + end - len, bytes, len, &lost);

	return ret ? ret : !lost && ramoops_records_are_likely(bytes, len, big);
}

/*
 * The first header at or behind @from, up to @to; a zone for functions is of kernel
 * @version, unless that is 0: then of any that has records in it. Return: as header_at()
 */
static int next_header(const struct merge_region_io *io, uint64_t from, uint64_t to, bool big,
		       uint32_t version, uint8_t *window, struct ramoops_zone *z)
{
	const uint8_t mark = RAMOOPS_SIGNATURE >> 24 & 0xff;	/* a version changes it not */
	uint64_t lost;

	for (uint64_t pos = from; pos < to && to - pos >= RAMOOPS_HEADER;
	     pos += WINDOW - 4 * RAMOOPS_HEADER) {
		size_t len = to - pos < WINDOW ? (size_t)(to - pos) : WINDOW;
		int ret = persist_read(io, pos, window, len, &lost);

		if (ret)
			return ret;
		for (size_t at = 0; at + RAMOOPS_HEADER <= len; at += ZONE_ALIGN) {
			if (window[at + (big ? 0 : 3)] != mark ||
			    !read_header(window + at, big, z) ||
			    (z->version && version && !goes_with(z->version, version)))
				continue;
			z->pos = pos + at;
			ret = z->version && !version ? has_records(io, z, big) : 1;
			if (ret)
				return ret;
		}
	}
	return 0;
}

/* From the zone @first on, each that begins behind what was written of the one before */
static int chain(const struct merge_region_io *io, const struct ramoops_zone *first, bool big,
		 uint8_t *window, struct ramoops_area *area)
{
	struct ramoops_zone z = *first;
	uint32_t version = z.version;
	int ret = 1;

	*area = (struct ramoops_area){ .big_endian = big };
	while (ret > 0 && area->nr < MAX_ZONES) {
		uint64_t from = (z.pos + RAMOOPS_HEADER + z.size + ZONE_ALIGN - 1) &
			~(uint64_t)(ZONE_ALIGN - 1);
		uint64_t to = from < io->size && io->size - from > MAX_GAP ? from + MAX_GAP :
			io->size;

		ret = add_zone(area, &z);
		if (ret)
			return ret;
		ret = next_header(io, from, to, big, version, window, &z);
		if (ret > 0)
			area->zones[area->nr - 1].zone_size = z.pos - area->zones[area->nr - 1].pos;
		if (ret > 0 && z.version)
			version = z.version;
	}
	return ret < 0 ? ret : 0;
}

/*
 * The last zone has no neighbour behind it. Those for functions are all of a size; and
 * where the ring has gone round the room is what was written.
 */
static void size_last(struct ramoops_area *area)
{
	struct ramoops_zone *last = area->nr ? &area->zones[area->nr - 1] : NULL;

	if (last && area->nr > 1 && last->kind == RAMOOPS_FTRACE &&
	    last[-1].kind == RAMOOPS_FTRACE)
		last->zone_size = last[-1].zone_size;
	else if (last && last->start < last->size && !area->ecc)
		last->zone_size = RAMOOPS_HEADER + last->size;
}

static bool has_content(const struct ramoops_area *area)
{
	for (size_t i = 0; i < area->nr; i++)
		if (area->zones[i].size)
			return true;
	return false;
}

static uint64_t area_end(const struct ramoops_area *area)
{
	const struct ramoops_zone *last = &area->zones[area->nr - 1];

	return last->pos + RAMOOPS_HEADER + last->size;
}

/* Take @found for the area, or count it: the first that has something in it */
static void choose(struct ramoops_area *area, struct ramoops_area *found)
{
	struct ramoops_area *other = found;

	if (!area->nr || (!has_content(area) && has_content(found))) {
		struct ramoops_area was = *area;

		found->others = was.others;
		found->other = was.other;
		*area = *found;
		*found = was;
	}
	if (other->nr && !area->others++)
		area->other = other->zones[0].pos;
	ramoops_area_deinit(other);
}

/*
 * A header in either byte order; one for functions only at the start of a file.
 * Return: 1; 0; negative errno
 */
static int is_anchor(const struct merge_region_io *io, const uint8_t *bytes, uint64_t pos,
		     bool *big, struct ramoops_zone *z)
{
	int ret = 0;

	for (int i = 0; !ret && i < 2; i++) {
		*big = i;
		if (!read_header(bytes, i, z) || (z->version && pos))
			continue;
		z->pos = pos;
		ret = z->version ? has_records(io, z, i) : 1;
	}
	return ret;
}

struct search {
	const struct merge_region_io *io;
	bool (*stop)(void *arg);
	void *arg;
	uint8_t *window, *more;
	struct ramoops_area *area;	/* NULL: whether there is any */
};

/* Anchors of one window. Return: 1 found, and no more is wanted; 0; negative errno */
static int search_window(struct search *s, uint64_t pos, size_t len, uint64_t *next)
{
	for (size_t at = 0; at + RAMOOPS_HEADER <= len; at += PAGE) {
		struct ramoops_area found;
		struct ramoops_zone z;
		bool big;
		int ret;

		if (pos + at < *next)
			continue;
		ret = is_anchor(s->io, s->window + at, pos + at, &big, &z);
		if (ret < 0 || (ret && !s->area))
			return ret;
		if (!ret)
			continue;
		ret = chain(s->io, &z, big, s->more, &found);
		if (ret) {
			ramoops_area_deinit(&found);
			return ret;
		}
		*next = area_end(&found);
		choose(s->area, &found);
	}
	return 0;
}

static int search(struct search *s)
{
	uint64_t next = 0, lost;
	int ret = 0;

	s->window = malloc(2 * WINDOW);
	if (!s->window)
		return -ENOMEM;
	s->more = s->window + WINDOW;
	for (uint64_t pos = 0; !ret && pos < s->io->size; pos += WINDOW) {
		size_t len = s->io->size - pos < WINDOW ? (size_t)(s->io->size - pos) : WINDOW;

		if (s->stop && s->stop(s->arg))
			ret = -EINTR;
		if (!ret)
			ret = persist_read(s->io, pos, s->window, len, &lost);
		if (!ret)
			ret = search_window(s, pos, len, &next);
	}
	free(s->window);
	return ret;
}

bool ramoops_find_any(const struct merge_region_io *io)
{
	struct search s = { .io = io };

	return search(&s) == 1;
}

/* The area that begins at @pos, in either byte order */
static int find_at(const struct merge_region_io *io, uint64_t pos, struct ramoops_area *area)
{
	struct ramoops_zone z;
	uint8_t *window;
	bool big = false;
	int ret = header_at(io, pos, false, &z);

	if (!ret) {
		big = true;
		ret = header_at(io, pos, true, &z);
	}
	if (ret <= 0)
		return ret;
	window = malloc(WINDOW);
	if (!window)
		return -ENOMEM;
	ret = chain(io, &z, big, window, area);
	free(window);
	return ret;
}

/* ---- What zones are ------------------------------------------------------- */

/* "====1732795200.000000-D\n" before each dump of the kernel's log */
static bool is_dump(const uint8_t *text, size_t len)
{
	return len >= 4 && !memcmp(text, "====", 4);
}

/* The kernel's console has lines "[    1.234567] ..."; user space's messages seldom */
static bool is_console(const uint8_t *text, size_t len)
{
	for (size_t i = 0; i + 2 < len; i++) {
		size_t at = i + 1;

		if (text[i] != '[' || (i && text[i - 1] != '\n' && text[i - 1] != '>'))
			continue;
		while (at < len && text[at] == ' ')
			at++;
		while (at < len && text[at] >= '0' && text[at] <= '9')
			at++;
		if (at > i + 1 && at < len && text[at] == '.')
			return true;
	}
	return false;
}

/* Of one zone in which something is written */
static int name_zone(const struct merge_region_io *io, struct ramoops_zone *z)
{
	size_t len = z->size < PAGE ? z->size : PAGE;
	uint8_t text[PAGE];
	uint64_t lost;
	int ret = persist_read(io, z->pos + RAMOOPS_HEADER, text, len, &lost);

	if (ret)
		return ret;
	z->kind = is_dump(text, len) ? RAMOOPS_DMESG :
		is_console(text, len) ? RAMOOPS_CONSOLE : RAMOOPS_PMSG;
	return 0;
}

/* That the console comes before the messages says more than what is in them */
static void name_by_order(struct ramoops_area *area)
{
	struct ramoops_zone *pmsg = NULL, *console = NULL;

	for (size_t i = 0; i < area->nr; i++) {
		struct ramoops_zone *z = &area->zones[i];

		if (z->kind != RAMOOPS_CONSOLE && z->kind != RAMOOPS_PMSG)
			continue;
		/* more than two: damaged dumps are in front */
		if (console)
			console->kind = RAMOOPS_DMESG;
		console = pmsg;
		pmsg = z;
	}
	if (console) {
		console->kind = RAMOOPS_CONSOLE;
		pmsg->kind = RAMOOPS_PMSG;
	}
}

static int name_zones(const struct merge_region_io *io, struct ramoops_area *area)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < area->nr; i++)
		if (area->zones[i].kind == RAMOOPS_EMPTY && area->zones[i].size)
			ret = name_zone(io, &area->zones[i]);
	if (!ret)
		name_by_order(area);
	return ret;
}

static void number_zones(struct ramoops_area *area)
{
	unsigned int next[RAMOOPS_EMPTY + 1] = { 0 };

	for (size_t i = 0; i < area->nr; i++)
		area->zones[i].index = next[area->zones[i].kind]++;
}

/* ---- Parity --------------------------------------------------------------- */

/*
 * Parity of the header at the end of a zone shows that there is some, and how much of it.
 * Where the length of a zone is not that of its kernel, as before a hole, none is seen.
 */
static int see_ecc(const struct merge_region_io *io, const struct ecc *e,
		   const struct ramoops_zone *z, uint32_t *found)
{
	uint8_t header[RAMOOPS_HEADER], tail[ECC_MAX];
	uint64_t lost, gone;
	int ret = persist_read(io, z->pos, header, sizeof(header), &lost);

	if (z->zone_size < RAMOOPS_HEADER + 2 * sizeof(tail))
		return 0;
	if (!ret)
		ret = persist_read(io, z->pos + z->zone_size - sizeof(tail), tail, sizeof(tail),
				   &gone);
	for (uint32_t nr = MIN_ECC; !ret && !lost && !gone && nr <= ECC_MAX; nr++)
		if (ecc_is_right(e, header, sizeof(header), tail + sizeof(tail) - nr, nr))
			*found = nr;
	return ret;
}

static int find_ecc(const struct merge_region_io *io, struct ramoops_area *area)
{
	struct ecc e;
	int ret = 0;

	ecc_init(&e);
	for (size_t i = 0; !ret && !area->ecc && i < area->nr && i < 64; i++)
		ret = see_ecc(io, &e, &area->zones[i], &area->ecc);
	area->found_ecc = area->ecc;
	return ret;
}

/* ---- All of it ------------------------------------------------------------ */

static int find_told(const struct merge_region_io *io, const struct ramoops_how *how,
		     struct merge_error *err, struct ramoops_area *area)
{
	int ret;

	area->ecc = (uint32_t)how->ecc;
	ret = divide(io, how, area, err);
	if (ret || area->nr)
		return ret;
	*area = (struct ramoops_area){ .big_endian = true, .ecc = (uint32_t)how->ecc };
	return divide(io, how, area, err);
}

int ramoops_find(const struct merge_region_io *io, const struct ramoops_how *how,
		 bool (*stop)(void *arg), void *arg, struct merge_error *err,
		 struct ramoops_area *area)
{
	struct search s = { .io = io, .stop = stop, .arg = arg, .area = area };
	int ret;

	*area = (struct ramoops_area){ 0 };
	ret = how->mem_size ? find_told(io, how, err, area) :
		how->has_address ? find_at(io, how->mem_address, area) : search(&s);
	if (!ret && !area->nr)
		return how->has_address || how->mem_size ?
			error_set(err, -ENOTSUP, "no zone of ramoops is at 0x%" PRIx64, how->mem_address) :
			error_set(err, -ENOTSUP, "there is no zone of ramoops in it");
	area->ecc = (uint32_t)how->ecc;
	if (!ret && !area->ecc)
		ret = find_ecc(io, area);
	if (!ret && !how->mem_size) {
		size_last(area);
		ret = name_zones(io, area);
	}
	if (ret) {
		ramoops_area_deinit(area);
		return err->code == ret ? ret : error_code(err, ret);
	}
	number_zones(area);
	return 0;
}
