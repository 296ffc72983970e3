// SPDX-License-Identifier: LGPL-2.1-or-later
/* Lines of kallsyms, saved_cmdlines, printk_formats, uname: see desc_lines.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desc_lines.h"

int desc_each_line(char *text, desc_line_fn *fn, void *arg)
{
	char *line;
	int ret = 0;

	while (!ret && (line = strsep(&text, "\n")))
		ret = fn(arg, line);
	return ret;
}

/* "ffffffff81000000 T _stext", and "\t[module]" behind it */
int desc_take_symbol(void *arg, char *line)
{
	struct desc_symbol_walk *w = arg;
	char *end, *name, *module;
	uint64_t addr = strtoull(line, &end, 16);

	if (end == line || *end != ' ' || !end[1] || end[2] != ' ')
		return 0;
	w->has_address |= addr != 0;
	name = end + 3;
	module = strchr(name, '\t');
	if (module) {
		*module = '\0';
		module += 1 + (module[1] == '[');
		module[strcspn(module, "]")] = '\0';
	}
	return *name ? w->fn(w->arg, addr, end[1], name, module) : 0;
}

/* "1234 bash" */
int desc_take_comm(void *arg, char *line)
{
	struct desc_comm_walk *w = arg;
	char *end;
	long pid = strtol(line, &end, 10);

	/* the kernel's word for a pid it has no name of */
	if (end == line || *end != ' ' || !end[1] || !strcmp(end + 1, "<...>"))
		return 0;
	return w->fn(w->arg, (int)pid, end + 1);
}

/* What desc_printk_escape() did, undone in place */
static void unescape(char *text)
{
	char *out = text;

	for (; *text; text++) {
		if (*text == '\\' && text[1]) {
			text++;
			*out++ = *text == 'n' ? '\n' : *text == 't' ? '\t' : *text;
		} else {
			*out++ = *text;
		}
	}
	*out = '\0';
}

/* 0xffffffff82000000 : "n=%d\n" */
int desc_take_printk(void *arg, char *line)
{
	struct desc_printk_walk *w = arg;
	char *text = strchr(line, '"'), *end = text ? strrchr(text + 1, '"') : NULL;
	uint64_t addr = strtoull(line, NULL, 16);

	if (!end)
		return 0;
	*end = '\0';
	unescape(++text);
	return w->fn(w->arg, addr, text);
}

void desc_take_uname(struct merge_desc *d, const char *line)
{
	const char *machine = strrchr(line, ' ');

	if (!machine || sscanf(line, "%64s %64s %64s", d->sysname, d->nodename, d->release) != 3)
		return;
	snprintf(d->machine, sizeof(d->machine), "%.*s", (int)strcspn(machine + 1, "\n"),
		 machine + 1);
}
