// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Lines of text, coloured: see colour.h. Nothing but escape sequences is added:
 * without them the lines are those that came.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "colour.h"

#define DIM	"\033[2m"
#define RED	"\033[31m"
#define PLAIN	"\033[0m"

/* @line: the line that is not complete yet */
struct colour {
	FILE *to;
	char *line;
	size_t len, room;
};

/* Lines that tell of something missing */
static bool is_bad(const char *line, size_t len)
{
	static const char *const starts[] = { "# damaged:", "# warning:", "# partial:" };
	static const char *const marks[] = { "[LOST ", "[CORRUPT: " };

	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++)
		if (len > strlen(starts[i]) && !memcmp(line, starts[i], strlen(starts[i])))
			return true;
	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++)
		if (memmem(line, len, marks[i], strlen(marks[i])))
			return true;
	return false;
}

/* From the flags behind "[003] " up to the time's colon; false: not such a line */
static bool find_dim(const char *line, size_t len, size_t *start, size_t *end)
{
	const char *cpu = memmem(line, len, " [", 2), *behind, *time;

	if (!cpu)
		return false;
	behind = memmem(cpu, len - (size_t)(cpu - line), "] ", 2);
	if (!behind)
		return false;
	behind += 2;
	time = memmem(behind, len - (size_t)(behind - line), ": ", 2);
	if (!time)
		return false;
	*start = (size_t)(behind - line);
	*end = (size_t)(time - line);
	return true;
}

static void put(FILE *to, const char *line, size_t len, const char *how)
{
	if (*how)
		fputs(how, to);
	fwrite(line, 1, len, to);
	if (*how)
		fputs(PLAIN, to);
}

/* @len without the newline */
static void put_line(FILE *to, const char *line, size_t len)
{
	size_t start, end;

	if (is_bad(line, len)) {
		put(to, line, len, RED);
	} else if (len && *line == '#') {
		put(to, line, len, DIM);
	} else if (find_dim(line, len, &start, &end)) {
		put(to, line, start, "");
		put(to, line + start, end - start, DIM);
		put(to, line + end, len - end, "");
	} else {
		put(to, line, len, "");
	}
	putc('\n', to);
}

static int keep(struct colour *c, const char *data, size_t len)
{
	if (c->room - c->len < len) {
		size_t room = 2 * (c->len + len);
		char *grown = realloc(c->line, room);

		if (!grown)
			return -1;
		c->line = grown;
		c->room = room;
	}
	memcpy(c->line + c->len, data, len);
	c->len += len;
	return 0;
}

static ssize_t colour_write(void *cookie, const char *data, size_t size)
{
	struct colour *c = cookie;
	const char *newline, *end = data + size;

	for (const char *p = data; p < end; p = newline + 1) {
		newline = memchr(p, '\n', (size_t)(end - p));
		if (keep(c, p, (size_t)((newline ? newline : end) - p)))
			return 0;
		if (!newline)
			break;
		put_line(c->to, c->line, c->len);
		c->len = 0;
	}
	/* a reader that has gone, a disk that is full: at once, with its errno */
	return fflush(c->to) ? 0 : (ssize_t)size;
}

static int colour_close(void *cookie)
{
	struct colour *c = cookie;

	if (c->len)
		put(c->to, c->line, c->len, "");
	free(c->line);
	free(c);
	return 0;
}

FILE *colour_open(FILE *to)
{
	static const cookie_io_functions_t functions = {
		.write = colour_write, .close = colour_close,
	};
	struct colour *c = calloc(1, sizeof(*c));
	FILE *file = c ? fopencookie(c, "w", functions) : NULL;

	if (!file) {
		free(c);
		return NULL;
	}
	c->to = to;
	/* in large pieces: each is flushed */
	setvbuf(file, NULL, _IOFBF, 64 * 1024);
	return file;
}
