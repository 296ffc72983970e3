// SPDX-License-Identifier: LGPL-2.1-or-later
/* Texts of a source: see texts.h. */
#include <string.h>

#include "texts.h"

static bool is_wanted(const struct options *opt, const char *name)
{
	for (size_t i = 0; i < opt->nr_names; i++)
		if (!strcmp(opt->names[i], name))
			return true;
	return !opt->nr_names;
}

static unsigned int count_wanted(struct merge_source *src, const struct options *opt)
{
	const struct merge_text *text;
	unsigned int nr = 0;

	for (unsigned int i = 0; (text = merge_source_text(src, i)); i++)
		nr += is_wanted(opt, text->name);
	return nr;
}

static bool has_text(struct merge_source *src, const char *name)
{
	const struct merge_text *text;

	for (unsigned int i = 0; (text = merge_source_text(src, i)); i++)
		if (!strcmp(text->name, name))
			return true;
	return false;
}

const char *texts_unknown(struct merge_source *src, const struct options *opt)
{
	for (size_t i = 0; i < opt->nr_names; i++)
		if (!has_text(src, opt->names[i]))
			return opt->names[i];
	return NULL;
}

void texts_print(struct merge_source *src, const struct options *opt, FILE *out)
{
	bool headings = count_wanted(src, opt) > 1;
	const struct merge_text *text;

	for (unsigned int i = 0; (text = merge_source_text(src, i)); i++) {
		if (!is_wanted(opt, text->name))
			continue;
		if (headings)
			fprintf(out, "==> %s <==\n", text->name);
		fwrite(text->data, 1, text->size, out);
		if (headings && text->size && text->data[text->size - 1] != '\n')
			putc('\n', out);
	}
}
