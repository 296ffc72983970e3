// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>

#include "inputs.h"
#include "mkimage.h"
#include "tests.h"

static void test_names(void)
{
	static const struct { const char *operand, *path, *name; } rows[] = {
		{ "trace.dat", "trace.dat", "trace" },
		{ "/a/b/host.dat", "/a/b/host.dat", "host" },
		{ "guest=/a/b.dat", "/a/b.dat", "guest" },
		{ "./a=b", "./a=b", "a=b" },
		{ "a=b=c", "b=c", "a" },
		{ "=x", "=x", "=x" },
		{ ".dat", ".dat", ".dat" },
		{ "folder/", "folder/", "folder" },
		{ "a/folder//", "a/folder//", "folder" },
		{ "/", "/", "/" },
		{ "//", "//", "//" },
		{ "x=/a/", "/a/", "x" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char *operands[] = { (char *)rows[i].operand };
		struct options opt = { .operands = operands, .nr_operands = 1 };
		struct input *inputs = inputs_parse(&opt);

		CU_ASSERT_STRING_EQUAL(inputs[0].path, rows[i].path);
		CU_ASSERT_STRING_EQUAL(inputs[0].name, rows[i].name);
		inputs_free(inputs, 1);
	}
	inputs_free(NULL, 3);
}

#define IMAGE	"cpu 0\npage ts=2000000000\nevent +10\n"

/* Two equal inputs "a" and "b", with @offset; what comes of it */
static char *join(const char *offset)
{
	char *operands[] = { "a=x", "b=y" };
	struct options opt = { .operands = operands, .nr_operands = 2, .offsets = &offset,
			       .nr_offsets = 1 };
	struct merge_source *sources[2] = { image_open(IMAGE), image_open(IMAGE) }, *src;
	struct input *inputs = inputs_parse(&opt);
	struct merge_error err = { 0 };
	char *text;
	int ret = inputs_join(&opt, inputs, sources, &err, &src);

	inputs_free(inputs, 2);
	if (!ret)
		return image_render(src, NULL, NULL);
	merge_source_close(sources[0]);
	merge_source_close(sources[1]);
	if (asprintf(&text, "%d %s", ret, err.text) < 0)
		abort();
	return text;
}

static void test_offsets(void)
{
	CHECK_TEXT(join("b=1.5"), "a/0 2000000010 1\nb/0 3500000010 1\n");
	CHECK_TEXT(join("b=+1.5"), "a/0 2000000010 1\nb/0 3500000010 1\n");
	CHECK_TEXT(join("b=-1.5"), "b/0 500000010 1\na/0 2000000010 1\n");
	CHECK_TEXT(join("c=1"), "-22 --offset wants the name of an input, not \"c=1\"");
	CHECK_TEXT(join("ab=1"), "-22 --offset wants the name of an input, not \"ab=1\"");
	CHECK_TEXT(join("b"), "-22 --offset wants an input's name and a time, such as b=-1.5, not \"b\"");
	CHECK_TEXT(join("b=--1"),
		   "-22 --offset wants an input's name and a time, such as b=-1.5, not \"b=--1\"");
	CHECK_TEXT(join("b=x"),
		   "-22 --offset wants an input's name and a time, such as b=-1.5, not \"b=x\"");
}

static const struct test tests[] = {
	{ "an operand is a file, with a name before it or without", test_names },
	{ "an offset is of the input it names", test_offsets },
	{ NULL, NULL }
};

const struct test_suite suite_inputs = { "inputs", tests };
