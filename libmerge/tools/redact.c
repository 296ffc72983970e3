// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Text without names and pointers: see redact.h. Names are known before, from the trace;
 * paths and pointers are known by their looks, and numbered as they come.
 */
#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>

#include "redact.h"

/* Of the kernel's task_struct, without its 0; hosts and paths may be longer */
#define TASK_MAX	15u
#define NAME_LIMIT	64u

/* Digits of a pointer: fewer are offsets and sizes */
#define HEX_MIN		6u
#define BARE_MIN	8u
#define BARE_MAX	16u

enum kind { TASK, HOST, FILE_PATH, POINTER, NR_KINDS };

static const char *const labels[NR_KINDS] = { "task-", "host-", "path-", "ptr-" };

struct word {
	char *text;
	size_t len;
	enum kind kind;
	unsigned int number;
};

/*
 * struct redact - words by their text, open addressing
 * @slots: a power of two
 * @count: by kind
 * @starts: by first character: is there such a name?
 * @longest: bytes of a name
 */
struct redact {
	struct word *words;
	size_t slots, nr;
	unsigned int count[NR_KINDS];
	bool starts[256];
	size_t longest;
};

/* FNV-1a: of what had @hash, and one byte more */
#define HASH_START	14695981039346656037u

static uint64_t hash_on(uint64_t hash, char c)
{
	return (hash ^ (uint8_t)c) * 1099511628211u;
}

static bool is_name(enum kind kind)
{
	return kind == TASK || kind == HOST;
}

/* Where it is, or is to be; names and what only looks like something do not meet */
static struct word *slot_at(const struct redact *r, uint64_t hash, const char *text, size_t len,
			    bool name)
{
	size_t i = (hash ^ hash >> 29) & (r->slots - 1);

	for (; r->words[i].text; i = (i + 1) & (r->slots - 1))
		if (r->words[i].len == len && is_name(r->words[i].kind) == name &&
		    !memcmp(r->words[i].text, text, len))
			break;
	return &r->words[i];
}

static struct word *slot_of(const struct redact *r, const char *text, size_t len, bool name)
{
	uint64_t hash = HASH_START;

	for (size_t i = 0; i < len; i++)
		hash = hash_on(hash, text[i]);
	return slot_at(r, hash, text, len, name);
}

static bool grow(struct redact *r)
{
	struct redact more = *r;

	more.slots = r->slots ? 2 * r->slots : 1024;
	more.words = calloc(more.slots, sizeof(*more.words));
	if (!more.words)
		return false;
	for (size_t i = 0; i < r->slots; i++)
		if (r->words[i].text)
			*slot_of(&more, r->words[i].text, r->words[i].len,
				 is_name(r->words[i].kind)) = r->words[i];
	free(r->words);
	*r = more;
	return true;
}

/* NULL: out of memory */
static const struct word *add(struct redact *r, enum kind kind, const char *text, size_t len)
{
	struct word *word;

	if (2 * r->nr >= r->slots && !grow(r))
		return NULL;
	word = slot_of(r, text, len, is_name(kind));
	if (word->text)
		return word;
	word->text = strndup(text, len);
	if (!word->text)
		return NULL;
	word->len = len;
	word->kind = kind;
	word->number = ++r->count[kind];
	r->nr++;
	return word;
}

struct redact *redact_create(void)
{
	struct redact *r = calloc(1, sizeof(*r));

	if (r && !grow(r)) {
		redact_destroy(r);
		return NULL;
	}
	return r;
}

void redact_destroy(struct redact *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->slots; i++)
		free(r->words[i].text);
	free(r->words);
	free(r);
}

/* ---- Learning ------------------------------------------------------------- */

static void add_name(struct redact *r, enum kind kind, const char *name, size_t len)
{
	if (!len || len > NAME_LIMIT || *name == '<')
		return;
	if (!add(r, kind, name, len))
		return;
	r->starts[(uint8_t)*name] = true;
	r->longest = len > r->longest ? len : r->longest;
}

void redact_add_task(struct redact *r, const char *name, size_t len)
{
	add_name(r, TASK, name, len < TASK_MAX ? len : TASK_MAX);
}

void redact_add_host(struct redact *r, const char *name)
{
	add_name(r, HOST, name, strlen(name));
}

/* "           bash-123   [001] ...": up to the last "-" before the CPU */
static void learn_first(struct redact *r, const char *line)
{
	const char *start = line + strspn(line, " "), *cpu = strstr(start, " ["), *end = cpu;

	while (end && end > start && *end == ' ')
		end--;
	while (end && end > start && isdigit((uint8_t)*end))
		end--;
	if (end && end > start && *end == '-')
		redact_add_task(r, start, (size_t)(end - start));
}

/* A name may have blanks: it ends where the next field begins, or the text does */
static size_t value_length(const char *value)
{
	size_t len = strcspn(value, "\n");

	for (const char *p = value; p < value + len; p++) {
		size_t word = p[0] == ' ' ? strspn(p + 1, "abcdefghijklmnopqrstuvwxyz_0123456789") : 0;

		if (word && p[1 + word] == '=')
			return (size_t)(p - value);
		if (!strncmp(p, " ==>", 4) || !strncmp(p, " [", 2))
			return (size_t)(p - value);
	}
	return len;
}

/* "Comm: NAME Not tainted" of an oops */
static size_t comm_length(const char *value)
{
	const char *end = strstr(value, " Not tainted");

	end = end ? end : strstr(value, " Tainted");
	return end ? (size_t)(end - value) : strcspn(value, " \n");
}

void redact_learn(struct redact *r, const char *line, bool trace)
{
	const char *p;

	if (trace && *line == '#')
		return;
	if (trace)
		learn_first(r, line);
	for (p = line; (p = strstr(p, "comm=")); ) {
		p += strlen("comm=");
		redact_add_task(r, p, value_length(p));
	}
	p = strstr(line, "Comm: ");
	if (p)
		redact_add_task(r, p + strlen("Comm: "), comm_length(p + strlen("Comm: ")));
}

/* ---- Redacting ------------------------------------------------------------ */

static bool is_word(char c)
{
	return isalnum((uint8_t)c) || c == '_';
}

static size_t pointer_length(const char *at, char before, bool json)
{
	size_t prefix = at[0] == '0' && (at[1] == 'x' || at[1] == 'X') ? 2 : 0;
	size_t digits = 0, letters = 0;

	for (const char *p = at + prefix; isxdigit((uint8_t)*p); p++) {
		digits++;
		letters += !isdigit((uint8_t)*p);
	}
	if (is_word(at[prefix + digits]))
		return 0;
	if (prefix)
		return digits >= HEX_MIN ? prefix + digits : 0;
	if (digits == BARE_MAX)
		return json ? 0 : digits;
	/* parts of a boot id have a "-" on a side */
	if (json || before == '-' || at[digits] == '-' || digits < BARE_MIN || digits > BARE_MAX)
		return 0;
	return letters ? digits : 0;
}

/* An absolute path */
static size_t path_length(const char *at)
{
	size_t len = *at == '/' ? strcspn(at, " \t\n\"',;()[]{}<>") : 0;

	while (len && (at[len - 1] == ':' || at[len - 1] == '.'))
		len--;
	return len > 1 && (is_word(at[1]) || at[1] == '.') ? len : 0;
}

/* The longest name that stands here by itself */
static const struct word *name_at(const struct redact *r, const char *at)
{
	const struct word *longest = NULL;
	uint64_t hash = HASH_START;

	if (!r->starts[(uint8_t)*at])
		return NULL;
	for (size_t len = 1; len <= r->longest && at[len - 1]; len++) {
		const struct word *word;

		hash = hash_on(hash, at[len - 1]);
		if (is_word(at[len - 1]) && is_word(at[len]))
			continue;
		word = slot_at(r, hash, at, len, true);
		longest = word->text ? word : longest;
	}
	return longest;
}

/* The name of a host that is all of a string */
static const struct word *value_at(const struct redact *r, const char *line, const char *at)
{
	const struct word *word = NULL;

	if (at - line >= 2 && at[-1] == '"' && at[-2] == ':')
		word = name_at(r, at);
	return word && word->kind == HOST && at[word->len] == '"' ? word : NULL;
}

/* What begins at @at, and is not to be seen; NULL with @len 0: nothing, else out of memory */
static const struct word *hidden_at(struct redact *r, const char *line, const char *at, bool json,
				    size_t *len)
{
	char before = at > line ? at[-1] : ' ';
	const struct word *word;

	*len = 0;
	if (is_word(*at) && is_word(before))
		return NULL;
	word = json ? value_at(r, line, at) : name_at(r, at);
	if (word) {
		*len = word->len;
		return word;
	}
	*len = pointer_length(at, before, json);
	if (*len)
		return add(r, POINTER, at, *len);
	*len = is_word(before) || before == '/' || before == '.' ? 0 : path_length(at);
	return *len ? add(r, FILE_PATH, at, *len) : NULL;
}

void redact_line(struct redact *r, const char *line, bool json, struct textbuf *out)
{
	const char *at = line;
	size_t len;

	for (; *at; at += len) {
		const struct word *word = hidden_at(r, line, at, json, &len);

		if (word) {
			textbuf_printf(out, "%s%u", labels[word->kind], word->number);
		} else if (len) {
			out->failed = true;
			return;
		} else {
			textbuf_putc(out, *at);
			len = 1;
		}
	}
}
