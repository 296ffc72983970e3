// SPDX-License-Identifier: GPL-2.0-or-later
/* The JSON sink: whole lines. What is in them: test-json_about.c, test-json_fields.c */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "boot.h"
#include "sink.h"
#include "tests.h"

#define PLACE	"{\"type\":\"event\",\"buffer\":\"top\",\"cpu\":1,\"ts\":1234567891," \
		"\"time\":\"1.234567891\""
#define CONTEXT	",\"pid\":7,\"comm\":\"bash\",\"flags\":\".....\",\"common_flags\":0," \
		"\"common_preempt_count\":0"
#define TICKS	",\"id\":118,\"system\":\"test\",\"name\":\"tick\",\"fields\":{},\"text\":\"7\"}\n"

/* A JSON sink on a source of boot.h, and what it wrote */
struct json_test {
	struct merge_source *src;
	struct merge_sink *sink;
	struct merge_error err;
	FILE *file;
	char *text;
	size_t size;
};

static void open_test(struct json_test *t)
{
	const struct merge_buffer *bufs[1];

	memset(t, 0, sizeof(*t));
	t->src = boot_source();
	bufs[0] = &t->src->buffers[0];
	t->file = open_memstream(&t->text, &t->size);
	CU_ASSERT_EQUAL_FATAL(merge_sink_json_create(t->file, &t->err, &t->sink), 0);
	CU_ASSERT_EQUAL(t->sink->ops->begin(t->sink, bufs, 1, &t->err), 0);
}

static struct merge_event make_event(const struct json_test *t, const struct record_bytes *r)
{
	return (struct merge_event){
		.buffer = &t->src->buffers[0], .ts = 1234567891, .data = r->data,
		.size = r->size, .cpu = 1,
	};
}

static void put(struct json_test *t, const struct merge_event *ev)
{
	CU_ASSERT_EQUAL(t->sink->ops->event(t->sink, ev, &t->err), 0);
}

static void put_record(struct json_test *t, const struct record_bytes *r)
{
	struct merge_event ev = make_event(t, r);

	put(t, &ev);
}

static char *close_test(struct json_test *t)
{
	char *text;

	merge_sink_destroy(t->sink);
	merge_source_close(t->src);
	fclose(t->file);
	/* header and group are tested elsewhere */
	text = strchr(t->text, '\n');
	text = text ? strchr(text + 1, '\n') : NULL;
	text = text ? strdup(text + 1) : NULL;
	free(t->text);
	return text;
}

/* The lines without header, group and end. */
static char *end_test(struct json_test *t)
{
	struct merge_stats stats = { 0 };
	char *text, *end;

	CU_ASSERT_EQUAL(t->sink->ops->end(t->sink, t->src, &stats, NULL, &t->err), 0);
	text = close_test(t);
	end = text ? strstr(text, "{\"type\":\"end\"") : NULL;
	CU_ASSERT_PTR_NOT_NULL_FATAL(end);
	CU_ASSERT_EQUAL(end[strlen(end) - 1], '\n');
	*end = '\0';
	return text;
}

static void test_writes_events(void)
{
	struct record_bytes r;
	struct json_test t;

	open_test(&t);
	r = record_begin(t.src->desc, IRQ_HANDLER_ENTRY, 7);
	r.data[2] = 0x09;
	r.data[3] = 0x21;
	record_number(&r, 8, 11, 4);
	record_number(&r, 12, 4 << 16 | 16, 4);
	record_text(&r, 16, "a\"\t", 4);
	put_record(&t, &r);
	r = record_begin(t.src->desc, PRINT, 8);
	record_number(&r, 8, 0, 8);
	record_text(&r, 16, "hi\n", 4);
	put_record(&t, &r);
	CHECK_TEXT(end_test(&t), PLACE ",\"pid\":7,\"comm\":\"bash\",\"flags\":\"d.h12\","
		   "\"common_flags\":9,\"common_preempt_count\":33,\"id\":103,\"system\":\"irq\","
		   "\"name\":\"irq_handler_entry\",\"fields\":{\"irq\":11,\"name\":\"a\\\"\\t\"},"
		   "\"text\":\"irq=11 name=a\\\"\\t\"}\n"
		   PLACE ",\"pid\":8,\"comm\":\"two\\nlines\",\"flags\":\".....\",\"common_flags\":0,"
		   "\"common_preempt_count\":0,\"id\":5,\"system\":\"ftrace\",\"name\":\"print\","
		   "\"fields\":{\"ip\":0,\"buf\":\"hi\\n\"},\"text\":\"0: hi\"}\n");
}

static void test_writes_exact_times(void)
{
	struct record_bytes r;
	struct merge_event ev;
	struct json_test t;

	open_test(&t);
	r = record_begin(t.src->desc, TICK, 7);
	ev = make_event(&t, &r);
	ev.ts = UINT64_MAX;
	put(&t, &ev);
	ev.buffer = &t.src->buffers[2];
	put(&t, &ev);
	CHECK_TEXT(end_test(&t), "{\"type\":\"event\",\"buffer\":\"top\",\"cpu\":1,"
		   "\"ts\":18446744073709551615,\"time\":\"18446744073.709551615\"" CONTEXT TICKS
		   "{\"type\":\"event\",\"buffer\":\"count\",\"cpu\":1,"
		   "\"ts\":18446744073709551615,\"time\":\"18446744073709551615\"" CONTEXT TICKS);
}

static void test_shows_what_is_lost(void)
{
	struct record_bytes r;
	struct merge_event ev;
	struct json_test t;

	open_test(&t);
	r = record_begin(t.src->desc, TICK, 7);
	ev = make_event(&t, &r);
	ev.lost = 12;
	put(&t, &ev);
	ev.lost = MERGE_LOST_UNKNOWN;
	ev.flags = MERGE_EVENT_BACKWARDS;
	put(&t, &ev);
	t.sink->ops->damage(t.sink, &(struct merge_damage){
		.buffer = ev.buffer, .cpu = 1, .subbuf = 3, .text = "a reason" }, &t.err);
	source_note(t.src, NULL, -1, "something");
	CHECK_TEXT(end_test(&t), PLACE ",\"lost\":12" CONTEXT TICKS
		   PLACE ",\"lost\":\"unknown\",\"backwards\":true" CONTEXT TICKS
		   "{\"type\":\"damage\",\"buffer\":\"top\",\"cpu\":1,\"subbuf\":3,\"offset\":0,"
		   "\"address\":\"0x0\",\"text\":\"a reason\"}\n"
		   "{\"type\":\"notice\",\"text\":\"something\"}\n");
}

static void test_shows_faults(void)
{
	struct record_bytes r;
	struct json_test t;

	open_test(&t);
	r = record_begin(t.src->desc, IRQ_HANDLER_ENTRY, 7);
	record_number(&r, 12, 200 << 16 | 16, 4);
	put_record(&t, &r);
	r = record_begin(t.src->desc, DIVIDE, 7);	/* fields are there, their text is not */
	record_number(&r, 8, 6, 4);
	record_number(&r, 12, 0, 4);
	put_record(&t, &r);
	r = record_begin(t.src->desc, UNKNOWN, 7);
	put_record(&t, &r);
	r.size = 6;
	put_record(&t, &r);
	r.size = 0;
	put_record(&t, &r);
	CHECK_TEXT(end_test(&t), PLACE CONTEXT ",\"id\":103,\"system\":\"irq\","
		   "\"name\":\"irq_handler_entry\",\"fault\":\"beyond the record: field name\","
		   "\"raw\":\"6700000007000000000000001000c800\"}\n"
		   PLACE CONTEXT ",\"id\":115,\"system\":\"test\",\"name\":\"divide\","
		   "\"fields\":{\"a\":6,\"b\":0},\"fault\":\"division by zero\","
		   "\"raw\":\"73000000070000000600000000000000\"}\n"
		   PLACE CONTEXT ",\"id\":202,\"fault\":\"no format of this event\","
		   "\"raw\":\"ca00000007000000\"}\n"
		   PLACE ",\"fault\":\"a record too short for its type\",\"raw\":\"ca0000000700\"}\n"
		   PLACE ",\"fault\":\"a record too short for its type\",\"raw\":\"\"}\n");
}

static void test_shows_the_rest(void)
{
	struct record_bytes r;
	struct json_test t;

	open_test(&t);
	r = record_begin(t.src->desc, TICK, 7);
	record_number(&r, 8, 1, 4);	/* padding of a C struct */
	put_record(&t, &r);
	record_number(&r, 12, 2, 4);
	put_record(&t, &r);
	record_number(&r, 8, 0, 8);
	put_record(&t, &r);
	CHECK_TEXT(end_test(&t), PLACE CONTEXT TICKS
		   PLACE CONTEXT ",\"id\":118,\"system\":\"test\",\"name\":\"tick\",\"fields\":{},"
		   "\"rest\":\"0100000002000000\",\"text\":\"7\"}\n"
		   PLACE CONTEXT TICKS);
}

static void test_ends_when_stopped(void)
{
	static const struct {
		int code;
		const char *text, *want;
	} rows[] = {
		{ -EINTR, "interrupted", "interrupted" },
		{ -ENOMEM, "out of memory", "out of memory" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct merge_stats stats = { .events = 1 };
		struct record_bytes r;
		struct json_test t;
		char want[600];

		open_test(&t);
		r = record_begin(t.src->desc, TICK, 7);
		put_record(&t, &r);
		strcpy(t.err.text, rows[i].text);
		t.sink->ops->stop(t.sink, t.src, &stats, rows[i].code, &t.err);
		snprintf(want, sizeof(want), PLACE CONTEXT TICKS
			 "{\"type\":\"end\",\"events\":1,\"lost\":0,\"lost_unknown\":0,\"damaged\":0,"
			 "\"backwards\":0,\"corrupt\":0,\"unknown\":0,\"stopped\":\"%s\"}\n",
			 rows[i].want);
		CHECK_TEXT(close_test(&t), want);
	}
}

/* Without any buffer there is a header all the same */
static void test_begins_with_a_header(void)
{
	struct merge_source *src = boot_source();
	struct merge_stats stats = { 0 };
	struct merge_error err = { 0 };
	struct merge_sink *sink;
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	CU_ASSERT_EQUAL_FATAL(merge_sink_json_create(file, &err, &sink), 0);
	CU_ASSERT_EQUAL(sink->ops->end(sink, src, &stats, NULL, &err), 0);
	merge_sink_destroy(sink);
	merge_source_close(src);
	fclose(file);
	CU_ASSERT_NSTRING_EQUAL(text, "{\"type\":\"header\",", 17);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "}\n{\"type\":\"end\","));
	free(text);
}

static void test_tells_what_is_left_out(void)
{
	const struct merge_buffer *bufs[1];
	struct json_test t;
	char *text;

	open_test(&t);
	t.src->buffers[1].kind = MERGE_UNCOMMITTED;
	t.src->buffers[2].kind = MERGE_PREVIOUS_BOOT;
	CHECK_TEXT(end_test(&t), "{\"type\":\"notice\",\"text\":\"left out: was being written "
		   "when the kernel stopped\",\"buffer\":\"inst\"}\n"
		   "{\"type\":\"notice\",\"text\":\"left out: is of a previous boot\","
		   "\"buffer\":\"count\"}\n");
	/* not when only some were asked for, nor when they were */
	open_test(&t);
	t.src->buffers[1].kind = MERGE_UNCOMMITTED;
	CHECK_TEXT(end_test(&t), "");
	open_test(&t);
	t.src->buffers[1].kind = t.src->buffers[2].kind = MERGE_UNCOMMITTED;
	bufs[0] = &t.src->buffers[1];
	t.sink->ops->begin(t.sink, bufs, 1, &t.err);
	text = end_test(&t);
	CU_ASSERT_PTR_NULL(strstr(text, "notice"));
	free(text);
}

/* Quotes are closed, no control character is left, brackets are balanced */
static bool is_sane(const char *line, size_t len)
{
	bool quoted = false;
	int depth = 0;

	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)line[i] < 0x20)
			return false;
		if (quoted && line[i] == '\\')
			i++;
		else if (line[i] == '"')
			quoted = !quoted;
		else if (!quoted)
			depth += (line[i] == '{' || line[i] == '[') -
				 (line[i] == '}' || line[i] == ']');
	}
	return !quoted && !depth;
}

static void test_survives_random_records(void)
{
	struct json_test t;
	uint64_t state = 1;
	char *text, *line, *end;
	unsigned int lines = 0;

	open_test(&t);
	for (unsigned int i = 0; i < 20000; i++) {
		unsigned int id = (unsigned int)(test_random(&state) % (LAST_EVENT + 2));
		uint32_t size = (uint32_t)(test_random(&state) % 100);
		uint8_t *data = malloc(size + !size);
		struct merge_event ev = {
			.buffer = &t.src->buffers[0], .ts = test_random(&state), .data = data,
			.size = size, .cpu = 1,
		};

		for (uint32_t k = 0; k < size; k++)
			data[k] = (uint8_t)(test_random(&state) >> (k % 3 ? 0 : 60));
		if (size > 2) {
			data[0] = (uint8_t)id;
			data[1] = 0;
		}
		put(&t, &ev);
		free(data);
	}
	text = end_test(&t);
	for (line = text; (end = strchr(line, '\n')); line = end + 1, lines++)
		if (!is_sane(line, (size_t)(end - line))) {
			CU_FAIL("a line is no JSON");
			break;
		}
	CU_ASSERT_EQUAL(lines, 20000);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"fault\":"));
	free(text);
}

static void test_reports_a_full_disk(void)
{
	struct merge_source *src = boot_source();
	struct record_bytes r = record_begin(src->desc, TICK, 7);
	const struct merge_buffer *bufs[] = { &src->buffers[0] };
	struct merge_event ev = { .buffer = bufs[0], .data = r.data, .size = r.size };
	struct merge_stats stats = { 0 };
	struct merge_error err = { 0 };
	FILE *file = fopen("/dev/full", "w");
	struct merge_sink *sink;
	int ret = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	CU_ASSERT_EQUAL_FATAL(merge_sink_json_create(file, &err, &sink), 0);
	CU_ASSERT_EQUAL(sink->ops->begin(sink, bufs, 1, &err), 0);
	for (unsigned int i = 0; i < 10000 && !ret; i++)
		ret = sink->ops->event(sink, &ev, &err);
	CU_ASSERT_EQUAL(ret, -ENOSPC);
	CU_ASSERT_STRING_EQUAL(err.text, "writing JSON: No space left on device");
	/* a line may be there in part: nothing may follow it */
	sink->ops->stop(sink, src, &stats, ret, &err);
	merge_sink_destroy(sink);

	memset(&err, 0, sizeof(err));
	CU_ASSERT_EQUAL_FATAL(merge_sink_json_create(file, &err, &sink), 0);
	CU_ASSERT_EQUAL(sink->ops->end(sink, src, &stats, NULL, &err), -ENOSPC);
	merge_sink_destroy(sink);
	fclose(file);
	merge_source_close(src);
}

static const struct test tests[] = {
	{ "an event has place, context, fields and text", test_writes_events },
	{ "times are exact", test_writes_exact_times },
	{ "losses, damage, notices and time going back are shown", test_shows_what_is_lost },
	{ "what cannot be decoded is there as bytes, with the reason", test_shows_faults },
	{ "bytes that no field covers are shown", test_shows_the_rest },
	{ "a run that stops has an end that says so", test_ends_when_stopped },
	{ "buffers that wait to be asked for are named", test_tells_what_is_left_out },
	{ "the first line is a header", test_begins_with_a_header },
	{ "random records do no harm", test_survives_random_records },
	{ "a full disk is an error", test_reports_a_full_disk },
	{ NULL, NULL }
};
const struct test_suite suite_sink_json = { "sink_json", tests };
