// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Time stamps as text. Clocks that count nanoseconds are shown in seconds,
 * the others in their own unit, as trace_print_time() of the kernel's
 * kernel/trace/trace_output.c does.
 */
#include <errno.h>

#include "libmerge.h"

#define NSEC_PER_SEC	1000000000u

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Decimal digits at *@text, at least one; moves *@text behind them. */
static int parse_digits(const char **text, uint64_t *value)
{
	uint64_t sum = 0;

	if (!is_digit(**text))
		return -EINVAL;
	for (; is_digit(**text); (*text)++)
		if (__builtin_mul_overflow(sum, 10, &sum) ||
		    __builtin_add_overflow(sum, (uint64_t)(**text - '0'), &sum))
			return -EINVAL;
	*value = sum;
	return 0;
}

/* One to nine digits behind the point, as nanoseconds */
static int parse_fraction(const char **text, uint64_t *nsec)
{
	const char *start = *text;

	if (parse_digits(text, nsec) || *text - start > 9)
		return -EINVAL;
	for (int digits = *text - start; digits < 9; digits++)
		*nsec *= 10;
	return 0;
}

int merge_time_parse(const struct merge_buffer *buffer, const char *text,
		     uint64_t *ts)
{
	uint64_t value, nsec = 0;

	if (parse_digits(&text, &value))
		return -EINVAL;
	if (buffer->clock_in_ns) {
		if (*text == '.' && (text++, parse_fraction(&text, &nsec)))
			return -EINVAL;
		if (__builtin_mul_overflow(value, NSEC_PER_SEC, &value) ||
		    __builtin_add_overflow(value, nsec, &value))
			return -EINVAL;
	}
	if (*text)
		return -EINVAL;
	*ts = value;
	return 0;
}

void merge_time_print(const struct merge_buffer *buffer, uint64_t ts,
		      char *buf, size_t size)
{
	uint64_t usec = ts / 1000 + (ts % 1000 >= 500);

	if (buffer->clock_in_ns)
		snprintf(buf, size, "%llu.%06u", (unsigned long long)usec / 1000000,
			 (unsigned int)(usec % 1000000));
	else
		snprintf(buf, size, "%llu", (unsigned long long)ts);
}
