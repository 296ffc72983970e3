// SPDX-License-Identifier: GPL-2.0-or-later
/* One record printed in two ways: see twice.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <traceevent/trace-seq.h>

#include "boot.h"
#include "program.h"
#include "record.h"
#include "tests.h"
#include "twice.h"

#define ID	900

static const struct {
	const char *type;
	unsigned int offset, size, is_signed;
} fields[] = {
	{ "u64 big", 8, 8, 0 }, { "u64 small", 16, 8, 0 }, { "s32 minus", 24, 4, 1 },
	{ "u32 bits", 28, 4, 0 }, { "u8 byte", 32, 1, 0 }, { "s16 half", 34, 2, 1 },
	{ "char comm[8]", 36, 8, 1 }, { "char full[4]", 44, 4, 1 },
	{ "__data_loc char[] name", 48, 4, 1 }, { "__data_loc char[] none", 52, 4, 1 },
	{ "__rel_loc char[] rel", 56, 4, 1 }, { "u8 raw[4]", 60, 4, 0 },
	{ "u64 list[3]", 64, 24, 0 }, { "u64 ip", 88, 8, 0 }, { "u64 mod", 96, 8, 0 },
	{ "u64 nowhere", 104, 8, 0 }, { "const char * str", 112, 8, 0 },
	{ "const char * odd", 120, 8, 0 },
};

static struct record_bytes make_record(const struct merge_desc *d)
{
	struct record_bytes r = record_begin(d, ID, 1);

	record_number(&r, 8, 0xfedcba9876543210, 8);
	record_number(&r, 16, 42, 8);
	record_number(&r, 24, (uint32_t)-5, 4);
	record_number(&r, 28, 5, 4);
	record_number(&r, 32, 200, 1);
	record_number(&r, 34, (uint16_t)-300, 2);
	record_text(&r, 36, "bash", 8);
	record_text(&r, 44, "abcd", 4);
	record_text(&r, 60, "\x01\xab\xcd\xff", 4);
	for (unsigned int i = 0; i < 3; i++)
		record_number(&r, 64 + 8 * i, 7 + i, 8);
	record_number(&r, 88, VFS_READ + 16, 8);
	record_number(&r, 96, EXT4_READ + 1, 8);
	record_number(&r, 104, 0x1234, 8);
	record_number(&r, 112, PRINTK_STRING, 8);
	record_number(&r, 120, 0x99, 8);
	record_string(&r, 48, "dynamic");
	record_number(&r, 52, r.size, 4);
	record_number(&r, 56, (9u << 16) | (r.size - 60), 4);
	record_text(&r, r.size, "relative", 9);
	return r;
}

static struct tep_event *parse(struct merge_desc *d, const char *print)
{
	struct tep_event *event = NULL;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fprintf(out, "name: twice\nID: %u\nformat:\n", ID);
	fprintf(out, "\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
		"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"
		"\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n"
		"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n");
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		fprintf(out, "\tfield:%s;\toffset:%u;\tsize:%u;\tsigned:%u;\n", fields[i].type,
			fields[i].offset, fields[i].size, fields[i].is_signed);
	fprintf(out, "\nprint fmt: %s\n", print);
	fclose(out);
	tep_parse_format(desc_tep(d), &event, text, size, "test");
	free(text);
	return event;
}

static char *compare(const struct textbuf *b, const struct trace_seq *seq)
{
	char *text = NULL;

	if (b->len == seq->len && !memcmp(b->data, seq->buffer, b->len))
		return strndup(b->data, b->len);
	if (asprintf(&text, "[different] %.*s|%.*s", (int)b->len, b->data, (int)seq->len,
		     seq->buffer) < 0)
		return NULL;
	return text;
}

/* Names of addresses in libtraceevent's text are marks */
static void unmark(struct merge_desc *d, struct trace_seq *seq)
{
	struct textbuf b = { 0 };

	desc_put_text(d, &b, seq->buffer, seq->len, false);
	trace_seq_reset(seq);
	trace_seq_printf(seq, "%.*s", (int)b.len, b.data);
	textbuf_deinit(&b);
}

char *print_twice(const char *format)
{
	struct merge_desc *d = boot_open();
	struct tep_event *event = parse(d, format);
	struct program *p = event ? program_create(d, event) : NULL;
	struct record_bytes r = make_record(d);
	struct tep_record rec = { .size = (int)r.size, .data = r.data };
	struct textbuf b = { 0 };
	struct trace_seq seq;
	char *text;

	trace_seq_init(&seq);
	textbuf_grow(&b, 1);
	if (p) {
		tep_print_event(event->tep, &seq, &rec, "%s", TEP_PRINT_INFO);
		unmark(d, &seq);
		program_run(p, &b, r.data, r.size, false);
		text = compare(&b, &seq);
	} else {
		text = strdup(event ? "[libtraceevent]" : "[no format]");
	}
	program_destroy(p);
	textbuf_deinit(&b);
	trace_seq_destroy(&seq);
	desc_close(d);
	return text;
}

void check_twice(const struct twice *rows, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++) {
		char *text = print_twice(rows[i].format);

		if (!text || strcmp(text, rows[i].text))
			fprintf(stderr, "\n%s: %s\n", rows[i].format, text ? text : "");
		CHECK_ROW(text && !strcmp(text, rows[i].text), rows[i].format);
		free(text);
	}
}
