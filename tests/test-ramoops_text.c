// SPDX-License-Identifier: GPL-2.0-or-later
/* Text out of ramoops' zones. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mkramoops.h"
#include "ramoops_text.h"
#include "tests.h"

#define PLACE	0x10000u

/* The log of a zone into which @how was dumped; free its data */
static struct ramoops_log dump(bool compressed, const char *text)
{
	struct ramoops_mem m = { 0 };
	struct ramoops_made z;
	struct ramoops_log log = { 0 };

	ramoops_mem_init(&m, PLACE);
	ramoops_zone_make(&z, &m, 0, PLACE, 0);
	ramoops_dump(&z, 1732795200, compressed, text);
	log.size = (uint32_t)ramoops_get(&m, 8, 4);
	log.data = malloc(log.size + 1);
	memcpy(log.data, m.data + 12, log.size);
	ramoops_mem_free(&m);
	return log;
}

static char *long_text(void)
{
	char *text = malloc(1 << 20);

	for (size_t i = 0; i < 1 << 20; i++)
		text[i] = i % 64 ? (char)('a' + i / 64 % 26) : '\n';
	text[(1 << 20) - 1] = '\0';
	return text;
}

static void test_dumps(void)
{
	char *texts[] = { strdup("it ends\n"), strdup(""), long_text() };

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		for (int compressed = i == 2; compressed < 2; compressed++) {
			struct ramoops_log log = dump(compressed, texts[i]);
			struct ramoops_text text;

			CU_ASSERT_EQUAL_FATAL(ramoops_text_take(&log, RAMOOPS_DMESG, &text), 0);
			CU_ASSERT_STRING_EQUAL(text.data, texts[i]);
			CU_ASSERT(text.size == strlen(texts[i]) && text.time == 1732795200 &&
				  text.compressed == compressed && !text.why);
			free(text.data);
			free(log.data);
		}
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		free(texts[i]);
}

static void test_damaged(void)
{
	static const char words[] = "some words, then other words, and some of those words once more\n";
	static const struct {
		const char *name;
		size_t cut, at;
		const char *why;
	} rows[] = {
		{ "cut off", 10, 0, "the compressed text is cut off" },
		{ "another kind of block", 0, 24, "the compressed text is damaged" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ramoops_log log = dump(true, words);
		struct ramoops_text text;

		log.size -= (uint32_t)rows[i].cut;
		if (rows[i].at)
			log.data[rows[i].at] = 0x07;
		CU_ASSERT_EQUAL_FATAL(ramoops_text_take(&log, RAMOOPS_DMESG, &text), 0);
		CHECK_ROW(text.why && !strcmp(text.why, rows[i].why), rows[i].name);
		CHECK_ROW(text.size < strlen(words) && !strncmp(text.data, words, text.size),
			  rows[i].name);
		free(text.data);
		free(log.data);
	}
}

/* 40 MB out of 40 KB */
static void test_too_long(void)
{
	size_t size = 40u << 20;
	char *zeros = malloc(size + 1);
	struct ramoops_log log;
	struct ramoops_text text;

	memset(zeros, ' ', size);
	zeros[size] = '\0';
	log = dump(true, zeros);
	CU_ASSERT_EQUAL_FATAL(ramoops_text_take(&log, RAMOOPS_DMESG, &text), 0);
	CU_ASSERT(text.why && !strcmp(text.why, "it becomes too long") && text.size <= 17u << 20);
	free(text.data);
	free(log.data);
	free(zeros);
}

static void test_headings(void)
{
	static const struct {
		const char *text, *rest;
		int64_t time;
	} rows[] = {
		{ "====12.000034-D\nx", "x", 12 }, { "====12.34\nx", "x", 12 },
		{ "====12.34-D", NULL, 0 }, { "====12-D\nx", NULL, 0 }, { "===12.34-D\nx", NULL, 0 },
		{ "====.34-D\nx", NULL, 0 }, { "====12.-D\nx", NULL, 0 }, { "====12.34-DD\nx", NULL, 0 },
		{ "====12345678901234567890.34-D\nx", NULL, 0 }, { "====", NULL, 0 }, { "", NULL, 0 },
		{ "====-1.34-D\nx", NULL, 0 }, { "====12.34-C\n", "", 12 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ramoops_log log = { .size = (uint32_t)strlen(rows[i].text) };
		struct ramoops_text text = { 0 };
		int ret;

		/* of just this size, for sanitizers */
		log.data = malloc(log.size + !log.size);
		memcpy(log.data, rows[i].text, log.size);
		ret = ramoops_text_take(&log, RAMOOPS_DMESG, &text);
		CHECK_ROW(ret == (rows[i].rest ? 0 : -ENODATA), rows[i].text);
		CHECK_ROW(ret || (!strcmp(text.data, rows[i].rest) && text.time == rows[i].time),
			  rows[i].text);
		free(text.data);
		free(log.data);
	}
}

static void test_others(void)
{
	struct ramoops_log log = { .data = (uint8_t *)"====1.2-D\nwords", .size = 15, .torn = 1 };
	struct ramoops_text text;

	CU_ASSERT_EQUAL_FATAL(ramoops_text_take(&log, RAMOOPS_CONSOLE, &text), 0);
	CU_ASSERT_STRING_EQUAL(text.data, "====1.2-D\nword");
	free(text.data);
}

static const struct test tests[] = {
	{ "gives dumps, compressed or not", test_dumps },
	{ "gives what there is of a damaged one", test_damaged },
	{ "ends before it fills the memory", test_too_long },
	{ "wants a heading of a dump", test_headings },
	{ "gives other zones as they are", test_others },
	{ 0 }
};

const struct test_suite suite_ramoops_text = { "ramoops_text", tests };
