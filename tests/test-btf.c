// SPDX-License-Identifier: GPL-2.0-or-later
/* Types of a kernel put together here; lines are what print_function_args() prints. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "btf.h"
#include "tests.h"

/* BTF kinds */
enum { INT = 1, PTR, STRUCT = 4, ENUM = 6, TYPEDEF = 8, CONST = 10, FUNC = 12, PROTO = 13 };

/* A blob of types in the making */
struct blob {
	uint32_t words[400];
	size_t nr;
	char strings[400];
	size_t nr_strings;
	bool big;
};

static uint32_t name(struct blob *b, const char *text)
{
	uint32_t at = (uint32_t)b->nr_strings;

	memcpy(b->strings + at, text, strlen(text) + 1);
	b->nr_strings += strlen(text) + 1;
	return at;
}

static void put(struct blob *b, uint32_t word)
{
	b->words[b->nr++] = word;
}

static void put_type(struct blob *b, const char *text, unsigned int kind, unsigned int count,
		     uint32_t value)
{
	put(b, name(b, text));
	put(b, kind << 24 | count);
	put(b, value);
}

static void put_param(struct blob *b, const char *text, uint32_t id)
{
	put(b, name(b, text));
	put(b, id);
}

/* Types by number: see the names */
static void make_types(struct blob *b)
{
	name(b, "");
	put_type(b, "int", INT, 0, 4);				/* 1 */
	put(b, 1 << 24 | 32);
	put_type(b, "unsigned int", INT, 0, 4);			/* 2 */
	put(b, 32);
	put_type(b, "", PTR, 0, 0);				/* 3 */
	put_type(b, "color", ENUM, 2, 4);			/* 4 */
	put(b, name(b, "RED"));
	put(b, 1);
	put(b, name(b, "NONE"));
	put(b, (uint32_t)-1);
	put_type(b, "pair", STRUCT, 1, 16);			/* 5 */
	put(b, name(b, "first"));
	put(b, 1);
	put(b, 0);
	put_type(b, "loff_t", TYPEDEF, 0, 7);			/* 6 */
	put_type(b, "", CONST, 0, 1);				/* 7 */
	put_type(b, "", PROTO, 4, 1);				/* 8 */
	put_param(b, "file", 3);
	put_param(b, "pos", 6);
	put_param(b, "len", 2);
	put_param(b, "color", 4);
	put_type(b, "read", FUNC, 1, 8);			/* 9 */
	put_type(b, "", PROTO, 4, 0);				/* 10 */
	put_param(b, "a", 5);
	put_param(b, "b", 5);
	put_param(b, "c", 1);
	put_param(b, "d", 5);
	put_type(b, "pairs", FUNC, 1, 10);			/* 11 */
	put_type(b, "", PROTO, 7, 0);				/* 12 */
	for (char c[2] = "a"; *c < 'h'; ++*c)
		put_param(b, c, 1);
	put_type(b, "many", FUNC, 1, 12);			/* 13 */
	put_type(b, "", PROTO, 0, 0);				/* 14 */
	put_type(b, "none", FUNC, 1, 14);			/* 15 */
	put_type(b, "", PROTO, 2, 0);				/* 16 */
	put_param(b, "loop", 17);
	put_param(b, "", 0);
	put_type(b, "loop", TYPEDEF, 0, 17);			/* 17 */
	put_type(b, "odd", FUNC, 1, 16);			/* 18 */
	put_type(b, "no_proto", FUNC, 1, 1);			/* 19 */
	put_type(b, "read", FUNC, 1, 14);			/* 20: not the first */
}

static void add_word(struct blob *b, uint8_t *at, uint32_t value)
{
	for (unsigned int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> 8 * (b->big ? 3 - i : i));
}

/* The whole of it, in memory of exactly its size */
static uint8_t *make_blob(struct blob *b, size_t *size)
{
	size_t types = b->nr * 4;
	uint8_t *data = malloc(24 + types + b->nr_strings);

	add_word(b, data, b->big ? 0xeb9f0100 : 0x0001eb9f);
	add_word(b, data + 4, 24);
	add_word(b, data + 8, 0);
	add_word(b, data + 12, (uint32_t)types);
	add_word(b, data + 16, (uint32_t)types);
	add_word(b, data + 20, (uint32_t)b->nr_strings);
	for (size_t i = 0; i < b->nr; i++)
		add_word(b, data + 24 + 4 * i, b->words[i]);
	memcpy(data + 24 + types, b->strings, b->nr_strings);
	*size = 24 + types + b->nr_strings;
	return data;
}

static struct btf *make(bool big)
{
	struct blob b = { .big = big };
	uint8_t *data;
	size_t size;

	make_types(&b);
	data = make_blob(&b, &size);
	return btf_create(data, size, big);
}

static char *render(const struct btf *b, const char *function, const uint64_t *args)
{
	struct textbuf out = { 0 };

	btf_put_args(b, &out, function, args, 8);
	textbuf_putc(&out, '\0');
	return out.data;
}

static const uint64_t numbers[BTF_MAX_ARGS] = { 0xffff888000001000, (uint64_t)-5, 16, 1, 8, 0 };

static void check(bool big)
{
	struct btf *b = make(big);

	CU_ASSERT_PTR_NOT_NULL_FATAL(b);
	CHECK_TEXT(render(b, "read", numbers),
		   "(file=0xffff888000001000, pos=-5, len=0x10, color=1 [RED])");
	CHECK_TEXT(render(b, "read", (uint64_t[BTF_MAX_ARGS]){ 0, 0, 0, (uint64_t)-1 }),
		   "(file=0x0, pos=0, len=0x0, color=-1 [NONE])");
	CHECK_TEXT(render(b, "read", (uint64_t[BTF_MAX_ARGS]){ 0, 0, 0, 7 }),
		   "(file=0x0, pos=0, len=0x0, color=7)");
	CHECK_TEXT(render(b, "pairs", numbers), "(a=(STRUCT)[0xffff888000001000:0xfffffffffffffffb], "
		   "b=(STRUCT)[0x10:0x1], c=8, d=(STRUCT)[0x0:...])");
	CHECK_TEXT(render(b, "many", (uint64_t[BTF_MAX_ARGS]){ 1, 2, 3, 4, 5, 6 }),
		   "(a=1, b=2, c=3, d=4, e=5, f=6, ...)");
	CHECK_TEXT(render(b, "none", numbers), "()");
	CHECK_TEXT(render(b, "odd", numbers), "(loop=?0xffff888000001000, =?0xfffffffffffffffb)");
	btf_destroy(b);
}

static void test_prints(void)
{
	check(false);
	check(true);
}

static void test_unknown(void)
{
	static const char want[] = "(0xffff888000001000, 0xfffffffffffffffb, 0x10, 0x1, 0x8, 0x0)";
	struct btf *b = make(false);

	CHECK_TEXT(render(NULL, "read", numbers), want);
	CHECK_TEXT(render(b, "rea", numbers), want);
	CHECK_TEXT(render(b, "zzz", numbers), want);
	CHECK_TEXT(render(b, "", numbers), want);
	CHECK_TEXT(render(b, "no_proto", numbers), want);
	btf_destroy(b);
}

static void test_enumerators(void)
{
	for (int big = 0; big < 2; big++) {
		struct btf *b = make(big);
		int64_t value = 9;

		CU_ASSERT_EQUAL(btf_enumerator(b, "RED", &value), 0);
		CU_ASSERT_EQUAL(value, 1);
		/* the enumeration is not one whose values have a sign */
		CU_ASSERT_EQUAL(btf_enumerator(b, "NONE", &value), 0);
		CU_ASSERT_EQUAL(value, UINT32_MAX);
		CU_ASSERT_EQUAL(btf_enumerator(b, "color", &value), -ENOENT);
		CU_ASSERT_EQUAL(btf_enumerator(NULL, "RED", &value), -ENOENT);
		btf_destroy(b);
	}
}

/* Cut anywhere, with any byte of it changed: no harm, seen under ASan */
static void test_corrupt(void)
{
	static const char *const functions[] = { "read", "pairs", "many", "none", "odd" };
	struct blob blob = { 0 };
	uint64_t state = 1;
	uint8_t *data;
	size_t size;

	make_types(&blob);
	data = make_blob(&blob, &size);
	for (size_t i = 0; i < 20000; i++) {
		size_t len = i < size ? i : size;
		uint8_t *copy = malloc(len + !len);
		struct btf *b;

		memcpy(copy, data, len);
		for (int k = 0; i >= size && k < 3; k++)
			copy[test_random(&state) % len] = (uint8_t)test_random(&state);
		b = btf_create(copy, len, false);
		for (size_t f = 0; b && f < 5; f++)
			free(render(b, functions[f], numbers));
		btf_destroy(b);
	}
	free(data);
	CU_ASSERT_PTR_NULL(btf_create(calloc(1, 100), 100, false));
}

static const struct test tests[] = {
	{ "arguments print by their types, as in the kernel", test_prints },
	{ "arguments of unknown functions are numbers", test_unknown },
	{ "enumerators have their values", test_enumerators },
	{ "corrupt types do no harm", test_corrupt },
	{ NULL, NULL }
};
const struct test_suite suite_btf = { "btf", tests };
