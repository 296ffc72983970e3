// SPDX-License-Identifier: LGPL-2.1-or-later
/* Several files as one source: see inputs.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "inputs.h"

#define SUFFIX	".dat"

/* The "=" that ends a name: a path may have one too, behind its first slash */
static const char *end_of_name(const char *operand)
{
	size_t len = strcspn(operand, "=/");

	return len && operand[len] == '=' ? operand + len : NULL;
}

static char *name_of_path(const char *path)
{
	size_t len = strlen(path), start;
	char *name;

	/* a directory's may end in slashes */
	while (len > 1 && path[len - 1] == '/')
		len--;
	for (start = len; start && path[start - 1] != '/';)
		start--;
	name = start < len ? strndup(path + start, len - start) : strdup(path);
	len = name ? strlen(name) : 0;
	if (len > strlen(SUFFIX) && !strcmp(name + len - strlen(SUFFIX), SUFFIX))
		name[len - strlen(SUFFIX)] = '\0';
	return name;
}

struct input *inputs_parse(const struct options *opt)
{
	struct input *inputs = calloc(opt->nr_operands, sizeof(*inputs));

	for (int i = 0; inputs && i < opt->nr_operands; i++) {
		const char *operand = opt->operands[i], *end = end_of_name(operand);

		inputs[i].path = end ? end + 1 : operand;
		inputs[i].name = end ? strndup(operand, end - operand) : name_of_path(operand);
		if (inputs[i].name)
			continue;
		inputs_free(inputs, i);
		return NULL;
	}
	return inputs;
}

void inputs_free(struct input *inputs, int nr)
{
	for (int i = 0; inputs && i < nr; i++)
		free(inputs[i].name);
	free(inputs);
}

static int complain(struct merge_error *err, const char *what, const char *text)
{
	snprintf(err->text, sizeof(err->text), "%s, not \"%.200s\"", what, text);
	return err->code = -EINVAL;
}

/* @text is "NAME=TIME", with a sign or without, in the unit of @clock */
static int add_offset(struct merge_input *joined, int nr, const char *text,
		      const struct merge_buffer *clock, struct merge_error *err)
{
	const char *equals = strrchr(text, '='), *time = equals ? equals + 1 : "";
	uint64_t value;
	bool minus = *time == '-';

	if (!equals || !clock || merge_time_parse(clock, time + (minus || *time == '+'), &value) ||
	    value > INT64_MAX)
		return complain(err, "--offset wants an input's name and a time, such as b=-1.5",
				text);
	for (int i = 0; i < nr; i++) {
		size_t len = equals - text;

		if (strlen(joined[i].name) != len || memcmp(joined[i].name, text, len))
			continue;
		joined[i].has_offset = true;
		joined[i].offset = minus ? -(int64_t)value : (int64_t)value;
		return 0;
	}
	return complain(err, "--offset wants the name of an input", text);
}

int inputs_join(const struct options *opt, const struct input *inputs,
		struct merge_source *const *sources, struct merge_error *err,
		struct merge_source **out)
{
	const struct merge_buffer *clock = merge_source_buffer(sources[0], 0);
	struct merge_input *joined = calloc(opt->nr_operands, sizeof(*joined));
	int ret = 0;

	if (!joined) {
		snprintf(err->text, sizeof(err->text), "out of memory");
		return err->code = -ENOMEM;
	}
	for (int i = 0; i < opt->nr_operands; i++) {
		joined[i].source = sources[i];
		joined[i].name = inputs[i].name;
	}
	for (size_t i = 0; !ret && i < opt->nr_offsets; i++)
		ret = add_offset(joined, opt->nr_operands, opt->offsets[i], clock, err);
	if (!ret)
		ret = merge_source_join(joined, opt->nr_operands, opt->no_symbols, err, out);
	free(joined);
	return ret;
}
