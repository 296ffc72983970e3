// SPDX-License-Identifier: LGPL-2.1-or-later
/* The parameters of the kernel's module, as people write them: see ramoops_find.h. */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "ramoops_ecc.h"
#include "ramoops_find.h"

#define PREFIX	"ramoops."

struct row {
	const char *name;
	size_t offset;
	uint64_t most;
};

#define ROW(name, most)	{ #name, offsetof(struct ramoops_how, name), most }

static const struct row rows[] = {
	ROW(mem_address, INT64_MAX), ROW(mem_size, INT64_MAX),
	ROW(record_size, RAMOOPS_MAX_ZONE), ROW(console_size, RAMOOPS_MAX_ZONE),
	ROW(ftrace_size, RAMOOPS_MAX_ZONE), ROW(pmsg_size, RAMOOPS_MAX_ZONE),
	ROW(ecc, ECC_MAX), ROW(nr_cpus, 8192), ROW(long_size, 8), ROW(cpu_in_ip, 3),
};

static const struct row *find_row(const char *name, size_t len)
{
	if (len > strlen(PREFIX) && !strncmp(name, PREFIX, strlen(PREFIX))) {
		name += strlen(PREFIX);
		len -= strlen(PREFIX);
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (strlen(rows[i].name) == len && !memcmp(rows[i].name, name, len))
			return &rows[i];
	return NULL;
}

/* "0x100000", "64K"; up to @end */
static int parse_number(const char *text, const char *end, uint64_t *value)
{
	static const char units[] = "KMG";
	const char *unit;
	char *rest;

	if (text == end || *text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	*value = strtoull(text, &rest, 0);
	if (errno)
		return -EINVAL;
	unit = rest < end ? strchr(units, *rest & ~0x20) : NULL;
	if (unit && *unit) {
		if (__builtin_mul_overflow(*value, 1ull << 10 * (unit - units + 1), value))
			return -EINVAL;
		rest++;
	}
	return rest == end ? 0 : -EINVAL;
}

static int parse_word(const char *word, size_t len, struct ramoops_how *how,
		      struct merge_error *err)
{
	const char *equals = memchr(word, '=', len);
	const struct row *row = equals ? find_row(word, (size_t)(equals - word)) : NULL;
	uint64_t value;

	if (!row)
		return error_set(err, -EINVAL,
				 "ramoops has no parameter \"%.*s\": mem_address, mem_size, record_size, console_size, ftrace_size, pmsg_size, ecc, nr_cpus, long_size and cpu_in_ip are known, each with =NUMBER",
				 (int)(len < 60 ? len : 60), word);
	if (parse_number(equals + 1, word + len, &value) || value > row->most)
		return error_set(err, -EINVAL, "ramoops: %s cannot be \"%.*s\"", row->name,
				 (int)(word + len - equals - 1 < 60 ? word + len - equals - 1 : 60),
				 equals + 1);
	*(uint64_t *)((char *)how + row->offset) = value;
	how->has_address |= row == &rows[0];
	return 0;
}

/* As ramoops_probe(): powers of two; an ecc of 1 stands for 16 */
static void round_down(uint64_t *size)
{
	while (*size & (*size - 1))
		*size &= *size - 1;
}

static int check(struct ramoops_how *how, struct merge_error *err)
{
	round_down(&how->record_size);
	round_down(&how->console_size);
	round_down(&how->ftrace_size);
	round_down(&how->pmsg_size);
	if (how->ecc == 1)
		how->ecc = 16;
	if (how->long_size && how->long_size != 4 && how->long_size != 8)
		return error_set(err, -EINVAL, "ramoops: long_size is 4 or 8");
	if (how->cpu_in_ip == 2)
		return error_set(err, -EINVAL, "ramoops: cpu_in_ip is 1 or 3");
	if (how->mem_size && !how->record_size && !how->console_size && !how->ftrace_size &&
	    !how->pmsg_size)
		return error_set(err, -EINVAL, "ramoops: mem_size without the size of any zone");
	if ((how->record_size || how->console_size || how->ftrace_size || how->pmsg_size) &&
	    !how->mem_size)
		return error_set(err, -EINVAL, "ramoops: the sizes of zones want mem_size, too");
	return 0;
}

int ramoops_how_parse(const char *text, struct ramoops_how *how, struct merge_error *err)
{
	static const char separators[] = ", ";
	int ret = 0;

	*how = (struct ramoops_how){ 0 };
	for (text += strspn(text, separators); !ret && *text;) {
		size_t len = strcspn(text, separators);

		ret = parse_word(text, len, how, err);
		text += len;
		text += strspn(text, separators);
	}
	return ret ? ret : check(how, err);
}
