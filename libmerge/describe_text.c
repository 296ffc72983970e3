// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Addresses in libtraceevent's text as the kernel prints them. libtraceevent
 * asks a resolver for a name, and for %pS puts "+0x10" behind it, where the
 * kernel has "+0x10/0x80 [module]". So the resolver answers with a mark that
 * holds the address, and what libtraceevent printed is gone through for marks.
 */
#include <ctype.h>

#include "describe.h"
#include "shift.h"

/* A mark: this, hexadecimal digits of the address, and the other one */
#define MARK		'\1'
#define MARK_END	'\2'

char *desc_resolve(void *priv, unsigned long long *addr, char **module)
{
	struct merge_desc *d = priv;
	struct desc_place place;

	(void)module;
	*addr = shift_address(d->shift, *addr);
	if (desc_symbol(d, *addr, &place))
		return NULL;
	snprintf(d->mark, sizeof(d->mark), "%c%llx%c", MARK, *addr, MARK_END);
	*addr = place.start;
	return d->mark;
}

/* The address of a mark at *@text, moving *@text behind it; false: no mark */
static bool mark_take(const char **text, const char *end, uint64_t *addr)
{
	const char *p = *text + 1;

	for (*addr = 0; p < end && isxdigit((unsigned char)*p); p++)
		*addr = *addr << 4 | (uint64_t)(*p <= '9' ? *p - '0' : (*p | 32) - 'a' + 10);
	if (p == end || *p != MARK_END)
		return false;
	*text = p + 1;
	return true;
}

/* The offset libtraceevent put behind a mark for %pS */
static bool offset_take(const char **text, const char *end)
{
	const char *p = *text;

	if (end - p < 3 || memcmp(p, "+0x", 3))
		return false;
	for (p += 3; p < end && isxdigit((unsigned char)*p);)
		p++;
	*text = p;
	return true;
}

bool desc_put_place(struct textbuf *b, const struct desc_place *place, uint64_t addr)
{
	textbuf_puts(b, place->name);
	if (*place->name != '[')
		return false;
	textbuf_put(b, "+0x", 3);
	textbuf_hex(b, addr - place->start, 1);
	return true;
}

/* __sprint_symbol() of the kernel's kallsyms.c */
bool desc_put_symbol(struct merge_desc *d, struct textbuf *b, uint64_t addr, bool offset,
		     bool plain)
{
	struct desc_place place;

	if (desc_symbol(d, addr, &place))
		return false;
	if (desc_put_place(b, &place, addr))
		return true;
	if (offset) {
		textbuf_put(b, "+0x", 3);
		textbuf_hex(b, addr - place.start, 1);
	}
	if (offset && place.size) {
		textbuf_put(b, "/0x", 3);
		textbuf_hex(b, place.size, 1);
	}
	if (place.module && !plain)
		textbuf_printf(b, " [%s]", place.module);
	return true;
}

void desc_put_text(struct merge_desc *d, struct textbuf *b, const char *text,
		   size_t len, bool plain)
{
	const char *end = text + len, *mark;
	uint64_t addr;

	while ((mark = memchr(text, MARK, (size_t)(end - text)))) {
		textbuf_put(b, text, (size_t)(mark - text));
		text = mark;
		if (mark_take(&text, end, &addr)) {
			desc_put_symbol(d, b, addr, offset_take(&text, end), plain);
			plain = false;
		} else {
			textbuf_putc(b, *text++);
		}
	}
	textbuf_put(b, text, (size_t)(end - text));
}
