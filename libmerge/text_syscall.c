// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * System calls as print_syscall_enter() and print_syscall_exit() of the kernel's
 * trace_syscalls.c print them. Since 6.19 their events hold what pointers to
 * user memory pointed to, and numbers from 10 on begin with 0x.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "record_value.h"
#include "text_print.h"

/* SYSCALL_DEFINE_MAXARGS; what is more is not looked for */
#define MAX_ARGS	6
#define MAX_FLAGS	24
#define NAME_SIZE	24

/* Where asm-generic/fcntl.h has __O_TMPFILE: no format and no type tells it */
#define O_TMPFILE_BIT	020000000u

struct open_flag {
	uint64_t mask;
	char name[NAME_SIZE];
};

/*
 * struct syscall - what is to know of one sys_enter event
 * @user: the kernel is one that can copy what is pointed to
 * @args, @nr_args: the arguments
 * @copies: the field with what args[i] points to, or NULL
 * @strings: these are strings, not bytes
 * @size_arg: which argument has the size of what is pointed to; -1: none
 * @flags, @nr_flags: openat(): what its flags are called; 0: another call
 */
struct syscall {
	bool user;
	bool strings;
	int size_arg;
	unsigned int nr_args;
	unsigned int nr_flags;
	const struct tep_format_field *args[MAX_ARGS];
	const struct tep_format_field *copies[MAX_ARGS];
	struct open_flag flags[MAX_FLAGS];
};

/* ---- Finding out ----------------------------------------------------------- */

/* "__NAME_val" */
static bool is_copy_of(const char *copy, const char *name)
{
	size_t len = strlen(name);

	return !strncmp(copy, "__", 2) && !strncmp(copy + 2, name, len) &&
	       !strcmp(copy + 2 + len, "_val");
}

static void find_args(struct syscall *s, const struct tep_format_field *f)
{
	for (; f; f = f->next) {
		if (!(f->flags & TEP_FIELD_IS_DYNAMIC)) {
			if (s->nr_args < MAX_ARGS)
				s->args[s->nr_args++] = f;
			continue;
		}
		for (unsigned int i = 0; i < s->nr_args; i++)
			if (is_copy_of(f->name, s->args[i]->name))
				s->copies[i] = f;
	}
}

static void add_flag(struct syscall *s, uint64_t mask, const char *name, size_t len)
{
	struct open_flag *flag = &s->flags[s->nr_flags];

	if (s->nr_flags == MAX_FLAGS || len >= NAME_SIZE)
		return;
	flag->mask = mask;
	memcpy(flag->name, name, len);
	s->nr_flags++;
}

static uint64_t mask_of(const struct syscall *s, const char *name)
{
	for (unsigned int i = 0; i < s->nr_flags; i++)
		if (!strcmp(s->flags[i].name, name))
			return s->flags[i].mask;
	return 0;
}

/*
 * The kernel prints openat() in a way of its own, with the flags that the print
 * format lists, and before them O_TMPFILE, which holds O_DIRECTORY.
 */
static void find_flags(struct syscall *s, const char *format)
{
	const char *p = strstr(format, "flags: %s%s, mode: 0%03o");
	unsigned long long mask;
	char name[NAME_SIZE];

	if (!p || s->nr_args != 4)
		return;
	add_flag(s, 0, "O_TMPFILE", strlen("O_TMPFILE"));
	while ((p = strchr(p, '{'))) {
		p++;
		if (sscanf(p, " 0x%llx, \"%23[A-Z_]\" }", &mask, name) == 2)
			add_flag(s, mask, name, strlen(name));
	}
	s->flags[0].mask = O_TMPFILE_BIT | mask_of(s, "O_DIRECTORY");
}

static int prepare(struct text_event *te, struct merge_desc *d, unsigned int id)
{
	struct syscall *s = calloc(1, sizeof(*s));
	const char *system, *format;

	if (!s)
		return -ENOMEM;
	te->own = s;
	find_args(s, te->fields[0]->next);
	s->size_arg = -1;
	s->user = !desc_syscall_size(d, id, &s->size_arg);
	if (s->size_arg >= (int)s->nr_args)
		s->size_arg = -1;
	if (s->user && !desc_format(d, id, &system, &format)) {
		s->strings = !strstr(format, " (%s)");
		find_flags(s, format);
	}
	return 0;
}

/* ---- Printing --------------------------------------------------------------- */

/* What argument @i points to; inside the record, as the check found */
static const uint8_t *find_copy(const struct print *p, const struct syscall *s,
				unsigned int i, size_t *len)
{
	struct record r = { .event = p->te->tep, .data = p->record, .size = p->ev->size };
	size_t start;

	if (!record_range(&r, s->copies[i], &start, len))
		*len = start = 0;
	return p->record + start;
}

static void put_string(struct textbuf *b, const uint8_t *text, size_t len)
{
	textbuf_put(b, " \"", 2);
	textbuf_put(b, text, strnlen((const char *)text, len));
	textbuf_putc(b, '"');
}

static bool is_printable(uint8_t c)
{
	return c >= ' ' && c <= '~';
}

/* " (68:69) "hi"", the text only when there is something to read in it */
static void put_bytes(struct textbuf *b, const uint8_t *data, size_t len, bool more)
{
	bool text = false;

	textbuf_put(b, " (", 2);
	for (size_t i = 0; i < len; i++) {
		if (i)
			textbuf_putc(b, ':');
		textbuf_hex(b, data[i], 2);
		text = text || is_printable(data[i]);
	}
	textbuf_puts(b, more ? ", ...)" : ")");
	if (!text)
		return;
	textbuf_put(b, " \"", 2);
	for (size_t i = 0; i < len; i++)
		textbuf_putc(b, is_printable(data[i]) ? (char)data[i] : '.');
	textbuf_puts(b, more ? "\"..." : "\"");
}

static void put_copy(const struct print *p, const struct syscall *s, unsigned int i)
{
	size_t len;
	const uint8_t *data = find_copy(p, s, i, &len);
	int wanted = s->size_arg < 0 ? 0 : (int)print_value(p, s->args[s->size_arg]);

	if (s->strings)
		put_string(p->out, data, len);
	else
		put_bytes(p->out, data, len, wanted > 0 && len < (size_t)wanted);
}

/* trace_print_flags_seq() */
static void put_flags(struct textbuf *b, const struct syscall *s, uint64_t value)
{
	size_t start = b->len;

	for (unsigned int i = 0; i < s->nr_flags && value; i++) {
		const struct open_flag *flag = &s->flags[i];

		if ((value & flag->mask) != flag->mask)
			continue;
		value &= ~flag->mask;
		if (b->len > start)
			textbuf_putc(b, '|');
		textbuf_puts(b, flag->name);
	}
	if (!value)
		return;
	textbuf_puts(b, b->len > start ? "|0x" : "0x");
	textbuf_hex(b, value, 1);
}

/* sys_enter_openat_print() */
static void print_openat(const struct print *p, const struct syscall *s)
{
	uint64_t flags = (uint64_t)(int)print_value(p, s->args[2]);
	uint64_t creating = mask_of(s, "O_CREAT") | s->flags[0].mask;
	uint64_t access = mask_of(s, "O_WRONLY") | mask_of(s, "O_RDWR");

	for (unsigned int i = 0; i < 2; i++) {
		textbuf_printf(p->out, "%s: %llu", s->args[i]->name,
			       (unsigned long long)print_value(p, s->args[i]));
		if (s->copies[i])
			put_copy(p, s, i);
		textbuf_put(p->out, ", ", 2);
	}
	textbuf_puts(p->out, "flags: ");
	if (!(flags & access))
		textbuf_puts(p->out, flags ? "O_RDONLY|" : "O_RDONLY");
	put_flags(p->out, s, flags);
	if (flags & creating)
		textbuf_printf(p->out, ", %s: 0%03o", s->args[3]->name,
			       (unsigned int)print_value(p, s->args[3]));
}

static void put_arg(const struct print *p, const struct syscall *s, unsigned int i)
{
	uint64_t value = print_value(p, s->args[i]);

	textbuf_puts(p->out, s->args[i]->name);
	textbuf_put(p->out, ": ", 2);
	if (s->user && value >= 10)
		textbuf_put(p->out, "0x", 2);
	textbuf_hex(p->out, value, 1);
	if (s->copies[i])
		put_copy(p, s, i);
}

static void print_sys_enter(const struct print *p)
{
	const struct syscall *s = p->te->own;

	textbuf_put(p->out, "sys_", 4);
	textbuf_puts(p->out, p->te->name + strlen("sys_enter_"));
	textbuf_putc(p->out, '(');
	if (s->nr_flags)
		print_openat(p, s);
	for (unsigned int i = 0; i < s->nr_args && !s->nr_flags; i++) {
		if (i)
			textbuf_put(p->out, ", ", 2);
		put_arg(p, s, i);
	}
	textbuf_putc(p->out, ')');
}

static void print_sys_exit(const struct print *p)
{
	textbuf_put(p->out, "sys_", 4);
	textbuf_puts(p->out, p->te->name + strlen("sys_exit_"));
	textbuf_put(p->out, " -> 0x", 6);
	textbuf_hex(p->out, print_number(p, 0), 1);
}

const struct text_printer text_syscall_printers[] = {
	{ "syscalls", "sys_enter_*", { "__syscall_nr" }, .all = true, .prepare = prepare,
	  .print = print_sys_enter },
	{ "syscalls", "sys_exit_*", { "ret" }, .print = print_sys_exit },
	{ NULL }
};
