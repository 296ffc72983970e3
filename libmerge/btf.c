// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * BTF is a header, types one behind the other, numbered from 1 on, and strings.
 * Nothing in it is trusted: offsets are looked at before use, chains end.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "btf.h"

#define MAGIC		0xeb9fu
#define TYPE_SIZE	12u	/* struct btf_type */
#define CHAIN_MAX	32	/* modifiers before a type */
#define SIGNED_INT	(1u << 24)

enum kind {
	UNKNOWN, INT, PTR, ARRAY, STRUCT, UNION, ENUM, FWD, TYPEDEF, VOLATILE, CONST, RESTRICT,
	FUNC, FUNC_PROTO, VAR, DATASEC, FLOAT, DECL_TAG, TYPE_TAG, ENUM64, NR_KINDS
};

/* btf_kind_str[], and what follows a type: bytes, and bytes for each of its members */
static const struct {
	const char *name;
	unsigned char more, each;
} kinds[NR_KINDS] = {
	[UNKNOWN] = { "UNKNOWN" }, [INT] = { "INT", 4 }, [PTR] = { "PTR" },
	[ARRAY] = { "ARRAY", 12 }, [STRUCT] = { "STRUCT", 0, 12 }, [UNION] = { "UNION", 0, 12 },
	[ENUM] = { "ENUM", 0, 8 }, [FWD] = { "FWD" }, [TYPEDEF] = { "TYPEDEF" },
	[VOLATILE] = { "VOLATILE" }, [CONST] = { "CONST" }, [RESTRICT] = { "RESTRICT" },
	[FUNC] = { "FUNC" }, [FUNC_PROTO] = { "FUNC_PROTO", 0, 8 }, [VAR] = { "VAR", 4 },
	[DATASEC] = { "DATASEC", 0, 12 }, [FLOAT] = { "FLOAT" }, [DECL_TAG] = { "DECL_TAG", 4 },
	[TYPE_TAG] = { "TYPE_TAG" }, [ENUM64] = { "ENUM64", 0, 12 },
};

/* One type: @at is where what is behind it stands */
struct type {
	uint32_t name;
	enum kind kind;
	uint32_t count;
	uint32_t value;		/* a size or another type */
	uint32_t at;
};

/*
 * struct btf - the types of a kernel
 * @types: where in @data type @i + 1 begins
 * @functions: ids of functions, by name
 * @strings, @strings_size: in @data; the last byte is 0
 */
struct btf {
	uint8_t *data;
	size_t size;
	bool big_endian;
	uint32_t *types;
	uint32_t nr_types;
	uint32_t *functions;
	size_t nr_functions;
	const char *strings;
	size_t strings_size;
};

/* 0 beyond the end */
static uint32_t word(const struct btf *b, size_t at)
{
	const uint8_t *p = b->data + at;

	if (at > b->size || b->size - at < 4)
		return 0;
	return b->big_endian ? (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3] :
	       (uint32_t)p[3] << 24 | p[2] << 16 | p[1] << 8 | p[0];
}

static const char *string(const struct btf *b, uint32_t offset)
{
	return offset < b->strings_size ? b->strings + offset : "";
}

/* Type @id; of what is not there: UNKNOWN, as void is */
static struct type type(const struct btf *b, uint32_t id)
{
	struct type t = { .kind = UNKNOWN };
	uint32_t info;

	if (!id || id > b->nr_types)
		return t;
	t.at = b->types[id - 1];
	info = word(b, t.at + 4);
	t.name = word(b, t.at);
	t.kind = info >> 24 & 0x1f;
	t.count = info & 0xffff;
	t.value = word(b, t.at + 8);
	t.at += TYPE_SIZE;
	return t;
}

/* ---- Reading it --------------------------------------------------------------- */

static int compare(const void *one, const void *other, void *btf)
{
	uint32_t a = *(const uint32_t *)one, b = *(const uint32_t *)other;
	int ret = strcmp(string(btf, type(btf, a).name), string(btf, type(btf, b).name));

	/* of several functions of a name the kernel takes the first */
	return ret ? ret : (a > b) - (a < b);
}

/* Find where the types begin, from @at to @end, in two passes: count, then note */
static void find_types(struct btf *b, size_t at, size_t end)
{
	uint32_t id = 0;
	size_t functions = 0;

	while (end - at >= TYPE_SIZE) {
		uint32_t info = word(b, at + 4), kind = info >> 24 & 0x1f;
		size_t size;

		if (kind >= NR_KINDS)
			break;
		size = TYPE_SIZE + kinds[kind].more + kinds[kind].each * (info & 0xffff);
		if (size > end - at)
			break;
		if (b->types)
			b->types[id] = (uint32_t)at;
		id++;
		if (kind == FUNC && b->functions)
			b->functions[functions] = id;
		functions += kind == FUNC;
		at += size;
	}
	b->nr_types = id;
	b->nr_functions = functions;
}

/* The sections, from where they say they are; false: that is not in @b */
static bool find_sections(struct btf *b, size_t *types, size_t *types_end)
{
	size_t header = word(b, 4), strings;
	uint32_t magic = b->big_endian ? word(b, 0) >> 16 : word(b, 0) & 0xffff;

	if (b->size < 24 || magic != MAGIC || header > b->size)
		return false;
	*types = header + word(b, 8);
	*types_end = *types + word(b, 12);
	strings = header + word(b, 16);
	b->strings_size = word(b, 20);
	if (*types_end > b->size || strings > b->size || b->size - strings < b->strings_size)
		return false;
	b->strings = (const char *)b->data + strings;
	/* names end inside */
	while (b->strings_size && b->strings[b->strings_size - 1])
		b->strings_size--;
	return true;
}

static bool parse(struct btf *b)
{
	size_t types, end;

	if (!find_sections(b, &types, &end))
		return false;
	find_types(b, types, end);
	b->types = malloc((b->nr_types + 1) * sizeof(*b->types));
	b->functions = malloc((b->nr_functions + 1) * sizeof(*b->functions));
	if (!b->types || !b->functions)
		return false;
	find_types(b, types, end);
	qsort_r(b->functions, b->nr_functions, sizeof(*b->functions), compare, b);
	return true;
}

struct btf *btf_create(void *data, size_t size, bool big_endian)
{
	struct btf *b = calloc(1, sizeof(*b));

	if (!b) {
		free(data);
		return NULL;
	}
	b->data = data;
	b->size = size;
	b->big_endian = big_endian;
	if (!parse(b)) {
		btf_destroy(b);
		return NULL;
	}
	return b;
}

void btf_destroy(struct btf *b)
{
	if (!b)
		return;
	free(b->types);
	free(b->functions);
	free(b->data);
	free(b);
}

/* ---- Enumerators --------------------------------------------------------------- */

/* info of an enumeration whose values have a sign */
#define SIGNED_ENUM	(1u << 31)

int btf_enumerator(const struct btf *b, const char *name, int64_t *value)
{
	for (uint32_t id = 1; b && id <= b->nr_types; id++) {
		struct type t = type(b, id);

		for (uint32_t i = 0; t.kind == ENUM && i < t.count; i++) {
			uint32_t bits = word(b, t.at + 8 * i + 4);

			if (strcmp(string(b, word(b, t.at + 8 * i)), name))
				continue;
			*value = word(b, t.at - TYPE_SIZE + 4) & SIGNED_ENUM ?
				(int64_t)(int32_t)bits : (int64_t)bits;
			return 0;
		}
	}
	return -ENOENT;
}

/* ---- Arguments ---------------------------------------------------------------- */

/* btf_find_func_proto(): false when there is none */
static bool find_prototype(const struct btf *b, const char *name, struct type *proto)
{
	size_t low = 0, high = b->nr_functions;
	struct type func;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(string(b, type(b, b->functions[mid]).name), name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == b->nr_functions)
		return false;
	func = type(b, b->functions[low]);
	*proto = type(b, func.value);
	return !strcmp(string(b, func.name), name) && proto->kind == FUNC_PROTO;
}

/* btf_type_skip_modifiers() */
static struct type resolve(const struct btf *b, uint32_t id)
{
	struct type t = type(b, id);

	for (int i = 0; i < CHAIN_MAX; i++) {
		switch (t.kind) {
		case TYPEDEF:
		case VOLATILE:
		case CONST:
		case RESTRICT:
		case TYPE_TAG:
			t = type(b, t.value);
			break;
		default:
			return t;
		}
	}
	return (struct type){ .kind = UNKNOWN };
}

static void put_hex(struct textbuf *out, uint64_t value)
{
	textbuf_put(out, "0x", 2);
	textbuf_hex(out, value, 1);
}

static void put_enum(const struct btf *b, struct textbuf *out, const struct type *t,
		     uint64_t value)
{
	textbuf_printf(out, "%lld", (long long)value);
	for (uint32_t i = 0; i < t->count; i++) {
		if ((uint64_t)(int32_t)word(b, t->at + 8 * i + 4) != value)
			continue;
		textbuf_printf(out, " [%s]", string(b, word(b, t->at + 8 * i)));
		break;
	}
}

/* Something that takes several registers; moves *@a to the last. False: they end */
static bool put_object(struct textbuf *out, const struct type *t, const uint64_t *args,
		       unsigned int *a, size_t long_size)
{
	textbuf_printf(out, "(%s)[", kinds[t->kind].name);
	put_hex(out, args[*a]);
	for (size_t x = long_size; x < t->value; x += long_size) {
		textbuf_putc(out, ':');
		if (++*a == BTF_MAX_ARGS) {
			textbuf_puts(out, "...]");
			return false;
		}
		put_hex(out, args[*a]);
	}
	textbuf_putc(out, ']');
	return true;
}

/* One argument from args[*@a] on. False: nothing is behind it */
static bool put_arg(const struct btf *b, struct textbuf *out, uint32_t id,
		    const uint64_t *args, unsigned int *a, size_t long_size)
{
	struct type t = resolve(b, id);
	uint64_t value = args[*a];

	switch (t.kind) {
	case INT:
		if (word(b, t.at) & SIGNED_INT)
			textbuf_printf(out, "%lld", (long long)value);
		else
			put_hex(out, value);
		return true;
	case ENUM:
		put_enum(b, out, &t, value);
		return true;
	case UNKNOWN:
		textbuf_putc(out, '?');
		/* fall through */
	case PTR:
		put_hex(out, value);
		return true;
	default:
		return put_object(out, &t, args, a, long_size);
	}
}

static void put_numbers(struct textbuf *out, const uint64_t *args)
{
	for (unsigned int i = 0; i < BTF_MAX_ARGS; i++) {
		if (i)
			textbuf_put(out, ", ", 2);
		put_hex(out, args[i]);
	}
}

static void put_known(const struct btf *b, struct textbuf *out, const struct type *proto,
		      const uint64_t *args, size_t long_size)
{
	for (unsigned int a = 0, p = 0; p < proto->count; a++, p++) {
		size_t param = proto->at + 8 * p;

		if (p)
			textbuf_put(out, ", ", 2);
		if (a == BTF_MAX_ARGS) {
			textbuf_puts(out, "...");
			break;
		}
		textbuf_puts(out, string(b, word(b, param)));
		textbuf_putc(out, '=');
		if (!put_arg(b, out, word(b, param + 4), args, &a, long_size))
			break;
	}
}

void btf_put_args(const struct btf *b, struct textbuf *out, const char *function,
		  const uint64_t *args, size_t long_size)
{
	struct type proto;

	textbuf_putc(out, '(');
	if (b && find_prototype(b, function, &proto))
		put_known(b, out, &proto, args, long_size);
	else
		put_numbers(out, args);
	textbuf_putc(out, ')');
}
